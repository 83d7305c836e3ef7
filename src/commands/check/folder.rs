use super::{Context, Finding, capitalize, is_open_to_others, note, ok, wrong};
use crate::control::SOCKET;
use crate::error::{STORE, disk_fix, owner_or_root};
use ::store::owner;
use rustix::fs::{Access, access, statvfs};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// With less free space than this many bytes, the store may soon be unable to grow.
const LOW_SPACE: u64 = 32 * 1024 * 1024;

/// With less free space than this many bytes, any write may fail: the store grows in larger steps.
const NO_SPACE: u64 = 1024 * 1024;

/// The longest path of a socket on Linux, in bytes (`sockaddr_un`, without the zero at its end).
const MAX_SOCKET_PATH: usize = 107;

/// Reports whether the data folder exists or can be created, its permissions and its free space.
pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = check_path_length(&context.data).into_iter().collect();
    found.extend(check_folder(&context.data));
    found
}

/// Whether the folder exists and this process may search it.
pub(super) fn is_searchable(data: &Path) -> bool {
    data.is_dir() && access(data, Access::EXEC_OK).is_ok()
}

/// Reports a path that leaves no room for the name of the control socket.
fn check_path_length(data: &Path) -> Option<Finding> {
    let length = data.join(SOCKET).as_os_str().as_bytes().len();
    (length > MAX_SOCKET_PATH).then(|| {
        wrong(
            STORE,
            format!(
                "its path is too long: the path of the control socket would have {length} bytes, \
                 and the limit is {MAX_SOCKET_PATH}; commands could not reach the running server"
            ),
            "Use a folder with a shorter path",
        )
    })
}

fn check_folder(data: &Path) -> Vec<Finding> {
    let shown = data.display();
    match data.metadata() {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return vec![wrong(
                STORE,
                format!("cannot access {shown}: {error}"),
                format!("Run `msnpd check` as {} (`sudo msnpd check`)", owner_or_root(data)),
            )];
        }
        Err(_) => return vec![check_missing(data)],
    }
    if !data.is_dir() {
        return vec![wrong(
            STORE,
            format!("{shown} is a file, not a folder"),
            "Name another folder with --data, or move that file away",
        )];
    }
    if let Err(why) = access(data, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK) {
        return vec![unwritable_folder(data, &why.into())];
    }
    // After an error, a file system may have become read-only: some report that only at a write.
    if let Err(why) = tempfile::tempfile_in(data)
        && why.kind() == ErrorKind::ReadOnlyFilesystem
    {
        return vec![unwritable_folder(data, &why)];
    }
    let mut found = Vec::new();
    if is_open_to_others(data, 0o022) {
        found.push(wrong(
            STORE,
            format!("other users can create files in {shown}"),
            format!("Run `chmod 700 {shown}`"),
        ));
    } else if is_open_to_others(data, 0o055) {
        found.push(note(
            format!("other users can read {shown}"),
            format!("Run `chmod 700 {shown}`: only the owner needs access"),
        ));
    } else {
        found.push(ok(format!("{shown} exists, accessible to its owner only")));
    }
    if let Ok(disk) = statvfs(data) {
        found.extend(check_free_space(disk.f_bavail.saturating_mul(disk.f_frsize)));
    }
    found
}

/// Reports a folder that cannot be written.
fn unwritable_folder(data: &Path, why: &std::io::Error) -> Finding {
    let shown = data.display();
    let fix = match why.kind() {
        ErrorKind::ReadOnlyFilesystem => capitalize(disk_fix(Some(why.kind()))),
        _ if owner::owner_of(data) == Some(owner::current_user()) => {
            format!("Run `chmod 700 {shown}`")
        }
        _ => format!("Run `msnpd check` as {} (`sudo msnpd check`)", owner_or_root(data)),
    };
    wrong(STORE, format!("cannot write in {shown}: {}", without_path(why)), fix)
}

/// Returns the error with the message of the system, without the path of a temporary file.
fn without_path(why: &std::io::Error) -> std::io::Error {
    why.raw_os_error().map_or_else(|| why.kind().into(), std::io::Error::from_raw_os_error)
}

/// Reports whether a missing folder can be created: the nearest existing folder above it must be writable.
fn check_missing(data: &Path) -> Finding {
    let shown = data.display();
    let mut folders_above =
        data.ancestors().skip(1).map(|above| match above.as_os_str().is_empty() {
            true => Path::new("."),
            false => above,
        });
    let nearest = folders_above.find(|above| above.exists()).unwrap_or(Path::new("/"));
    let is_writable = access(nearest, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    if nearest.is_dir() && is_writable {
        return ok(format!("{shown} does not exist yet; the first start creates it"));
    }
    let why = if nearest.is_dir() { "is not writable" } else { "is a file" };
    wrong(
        STORE,
        format!("cannot create {shown}: {} {why}", nearest.display()),
        "Name another folder with --data, or create it and `chown` it to the user of the server",
    )
}

fn check_free_space(bytes: u64) -> Option<Finding> {
    if bytes < NO_SPACE {
        return Some(wrong(
            STORE,
            format!("the disk is full: {} KiB free", bytes / 1024),
            "Free some space: a store that cannot grow accepts no changes",
        ));
    }
    (bytes < LOW_SPACE).then(|| {
        note(
            format!("the disk is nearly full: {} KiB free", bytes / 1024),
            "Free some space: a store that cannot grow accepts no changes",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_disk_that_is_nearly_full_is_noted_and_a_full_one_is_wrong() {
        assert!(check_free_space(LOW_SPACE).is_none());
        for (bytes, verdict, words) in [
            (LOW_SPACE - 1024, Verdict::Note, "the disk is nearly full: 32767 KiB free"),
            (NO_SPACE, Verdict::Note, "the disk is nearly full: 1024 KiB free"),
            (NO_SPACE - 1, Verdict::Wrong(5), "the disk is full: 1023 KiB free"),
            (0, Verdict::Wrong(5), "the disk is full: 0 KiB free"),
        ] {
            let found = check_free_space(bytes).unwrap();
            assert_eq!((found.verdict, found.message.as_str()), (verdict, words));
        }
    }

    #[test]
    fn a_path_without_room_for_the_socket_is_wrong() {
        let longest = "d".repeat(MAX_SOCKET_PATH - "/msnpd.sock".len());
        assert!(check_path_length(Path::new(&longest)).is_none());
        let found = check_path_length(Path::new(&format!("{longest}d"))).unwrap();
        assert_eq!(found.verdict, Verdict::Wrong(5));
        assert!(found.message.contains("would have 108 bytes"), "{}", found.message);
    }
}
