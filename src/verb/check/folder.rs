use super::{Finding, Subject, is_open_to_others, note, ok, wrong};
use crate::failure::STORE;
use rustix::fs::{Access, access, statvfs};
use std::path::Path;

/// Below so many bytes the store may soon not grow any more.
const ROOM: u64 = 32 * 1024 * 1024;

/// Whether the data folder is there or can be made, and is what it should be.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Finding> {
    let data = subject.data.as_path();
    let shown = data.display();
    if !data.exists() {
        return vec![missing(data)];
    }
    if !data.is_dir() {
        return vec![wrong(
            STORE,
            format!("{shown} is a file, not a folder"),
            "Name another folder with --data, or move that file away",
        )];
    }
    if let Err(why) = access(data, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK) {
        return vec![wrong(
            STORE,
            format!("{shown} cannot be written in: {}", std::io::Error::from(why)),
            "Run this as the user that runs the server, or `chown` the folder to him",
        )];
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
    (bytes < ROOM).then(|| {
        note(
            format!("its disk has room for {} KiB only", bytes / 1024),
            "Make room: a store that cannot grow takes no changes",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_nearly_full_is_noted() {
        assert!(room(ROOM).is_none());
        let found = room(ROOM - 1024).unwrap();
        assert_eq!(found.words, "its disk has room for 32767 KiB only");
    }
}
