use super::{Finding, Subject, capital, is_open_to_others, note, ok, wrong};
use crate::control::SOCKET;
use crate::error::{STORE, hint, owner_or_root};
use ::store::owner;
use rustix::fs::{Access, access, statvfs};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Below so many bytes the store may soon not grow any more.
const ROOM: u64 = 32 * 1024 * 1024;

/// Below so many bytes nothing can be relied on to be written: the store grows by more at a time.
const FULL: u64 = 1024 * 1024;

/// How many bytes the path of a socket has at most on Linux (`sockaddr_un`, without its zero).
const LONGEST: usize = 107;

/// Whether the data folder is there or can be made, and is what it should be.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = too_long(&subject.data).into_iter().collect();
    found.extend(condition(&subject.data));
    found
}

/// Whether there is a folder in which this process can find what there is.
pub(super) fn can_be_looked_into(data: &Path) -> bool {
    data.is_dir() && access(data, Access::EXEC_OK).is_ok()
}

/// A folder whose name leaves no room for the control socket's.
fn too_long(data: &Path) -> Option<Finding> {
    let length = data.join(SOCKET).as_os_str().as_bytes().len();
    (length > LONGEST).then(|| {
        wrong(
            STORE,
            format!(
                "the name of the control socket in it would have {length} bytes, and a socket's has \
                 {LONGEST} at most: no verb would reach the running server"
            ),
            "Take a folder with a shorter path",
        )
    })
}

fn condition(data: &Path) -> Vec<Finding> {
    let shown = data.display();
    match data.metadata() {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return vec![wrong(
                STORE,
                format!("{shown} cannot be seen: {error}"),
                format!("Run this as {}", owner_or_root(data)),
            )];
        }
        Err(_) => return vec![missing(data)],
    }
    if !data.is_dir() {
        return vec![wrong(
            STORE,
            format!("{shown} is a file, not a folder"),
            "Name another folder with --data, or move that file away",
        )];
    }
    if let Err(why) = access(data, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK) {
        return vec![unwritable(data, &why.into())];
    }
    // A file system that has turned read-only after an error may not say so before it is written to.
    if let Err(why) = tempfile::tempfile_in(data)
        && why.kind() == ErrorKind::ReadOnlyFilesystem
    {
        return vec![unwritable(data, &why)];
    }
    let mut found = Vec::new();
    if is_open_to_others(data, 0o022) {
        found.push(wrong(
            STORE,
            format!("others can put files into {shown}"),
            format!("Run `chmod 700 {shown}`"),
        ));
    } else if is_open_to_others(data, 0o055) {
        found.push(note(
            format!("others can look into {shown}"),
            format!("Run `chmod 700 {shown}`: nobody else needs to"),
        ));
    } else {
        found.push(ok(format!("{shown} is there, for its owner only")));
    }
    if let Ok(disk) = statvfs(data) {
        found.extend(room(disk.f_bavail.saturating_mul(disk.f_frsize)));
    }
    found
}

/// A folder in which nothing can be written.
fn unwritable(data: &Path, why: &std::io::Error) -> Finding {
    let shown = data.display();
    let mend = match why.kind() {
        ErrorKind::ReadOnlyFilesystem => capital(hint(Some(why.kind()))),
        _ if owner::of(data) == Some(owner::me()) => format!("Run `chmod 700 {shown}`"),
        _ => format!("Run this as {}", owner_or_root(data)),
    };
    wrong(STORE, format!("{shown} cannot be written in: {}", plain(why)), mend)
}

/// An error in the system's words.
fn plain(why: &std::io::Error) -> std::io::Error {
    why.raw_os_error().map_or_else(|| why.kind().into(), std::io::Error::from_raw_os_error)
}

/// The next folder above that is there must be one that can be written in.
fn missing(data: &Path) -> Finding {
    let shown = data.display();
    let above = data.ancestors().skip(1).map(|above| match above.as_os_str().is_empty() {
        true => Path::new("."),
        false => above,
    });
    let above = above.into_iter().find(|above| above.exists()).unwrap_or(Path::new("/"));
    let writable = access(above, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    if above.is_dir() && writable {
        return ok(format!("{shown} is not there yet; it is made at the first start"));
    }
    let why = if above.is_dir() { "cannot be written in" } else { "is a file" };
    wrong(
        STORE,
        format!("{shown} cannot be made: {} {why}", above.display()),
        "Name another folder with --data, or make it and `chown` it to the user of the server",
    )
}

fn room(bytes: u64) -> Option<Finding> {
    if bytes < FULL {
        return Some(wrong(
            STORE,
            format!("its disk is full: it has room for {} KiB", bytes / 1024),
            "Make room: a store that cannot grow takes no changes",
        ));
    }
    (bytes < ROOM).then(|| {
        note(
            format!("its disk has room for {} KiB only", bytes / 1024),
            "Make room: a store that cannot grow takes no changes",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_disk_that_is_nearly_full_is_noted_and_a_full_one_is_wrong() {
        assert!(room(ROOM).is_none());
        for (bytes, verdict, words) in [
            (ROOM - 1024, Verdict::Note, "its disk has room for 32767 KiB only"),
            (FULL, Verdict::Note, "its disk has room for 1024 KiB only"),
            (FULL - 1, Verdict::Wrong(5), "its disk is full: it has room for 1023 KiB"),
            (0, Verdict::Wrong(5), "its disk is full: it has room for 0 KiB"),
        ] {
            let found = room(bytes).unwrap();
            assert_eq!((found.verdict, found.words.as_str()), (verdict, words));
        }
    }

    #[test]
    fn a_path_has_room_for_the_socket_or_is_wrong() {
        let longest = "d".repeat(LONGEST - "/msnpd.sock".len());
        assert!(too_long(Path::new(&longest)).is_none());
        let found = too_long(Path::new(&format!("{longest}d"))).unwrap();
        assert_eq!(found.verdict, Verdict::Wrong(5));
        assert!(found.words.contains("would have 108 bytes"), "{}", found.words);
    }
}
