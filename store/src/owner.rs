//! Who the files of a data folder belong to. A server often runs as a user of its own, and root, who
//! looks after it, makes files in its folder that it must be able to open later.

use std::fs::File;
use std::io;
use std::path::Path;

/// Gives a file that was just made the owner and the group of the folder that it is in, if this
/// process is root's. Everybody else's files are his own, and stay so.
///
/// It takes the open file, not its path: whoever owns the folder may put something else under that
/// name at any time.
///
/// # Errors
/// What the system says against it.
#[cfg(unix)]
pub fn give(file: &File, folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    if me() != 0 {
        return Ok(());
    }
    let (file_is, folder_is) = (file.metadata()?, folder.metadata()?);
    let (user, group) = (folder_is.uid(), folder_is.gid());
    if (file_is.uid(), file_is.gid()) == (user, group) {
        return Ok(());
    }
    fchown(file, Some(user), Some(group))
}

/// Gives nothing: files have no such owner here.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn give(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}

/// The number of the user that this process runs as.
#[cfg(unix)]
#[must_use]
pub fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The number of the user that something belongs to, if it can be seen.
#[cfg(unix)]
#[must_use]
pub fn of(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|metadata| metadata.uid())
}

/// What a user is called, as far as `/etc/passwd` knows; else his number.
#[must_use]
pub fn name(user: u32) -> String {
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    find(&known, user).unwrap_or_else(|| user.to_string())
}

fn find(known: &str, user: u32) -> Option<String> {
    let number = user.to_string();
    known.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number && !name.is_empty()).then(|| name.to_owned())
    })
}

/// Whether this process may read and change a file that is there.
#[cfg(unix)]
pub(crate) fn may_change(path: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};
    Ok(access(path, Access::READ_OK | Access::WRITE_OK)?)
}

#[cfg(not(unix))]
pub(crate) fn may_change(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Why something failed; if it was not permitted, whose it is and who tried.
pub(crate) fn describe(path: &Path, why: &io::Error) -> String {
    #[cfg(unix)]
    if why.kind() == io::ErrorKind::PermissionDenied {
        let me = name(me());
        return match of(path) {
            Some(owner) => format!("{why}: it belongs to {}, and this runs as {me}", name(owner)),
            None => format!("{why}: this runs as {me}"),
        };
    }
    let _ = path;
    why.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_the_names_that_the_system_knows() {
        let known = "root:x:0:0:root:/root:/bin/sh\n\nbroken\nmsnpd:x:990:990::/:/bin/false\n";
        assert_eq!(find(known, 0).as_deref(), Some("root"));
        assert_eq!(find(known, 990).as_deref(), Some("msnpd"));
        assert_eq!(find(known, 99), None);
    }

    #[cfg(unix)]
    #[test]
    fn what_root_makes_belongs_to_the_owner_of_the_folder() {
        use std::os::unix::fs::{MetadataExt, chown};
        let folder = tempfile::TempDir::new().unwrap();
        let file = tempfile::NamedTempFile::new_in(&folder).unwrap();
        let owners = || {
            let metadata = file.as_file().metadata().unwrap();
            (metadata.uid(), metadata.gid())
        };
        let before = owners();
        give(file.as_file(), folder.path()).unwrap();
        assert_eq!(owners(), before, "it is his already");
        // Only root can give a folder away, and only then there is something to do.
        if chown(folder.path(), Some(65534), Some(65533)).is_ok() {
            give(file.as_file(), folder.path()).unwrap();
            assert_eq!(owners(), (65534, 65533));
            assert_eq!(of(file.path()), Some(65534));
        }
    }

    #[cfg(unix)]
    #[test]
    fn who_was_not_permitted_hears_whose_it_is() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (mine, denied) = (name(me()), io::Error::from(io::ErrorKind::PermissionDenied));
        assert_eq!(
            describe(file.path(), &denied),
            format!("permission denied: it belongs to {mine}, and this runs as {mine}")
        );
        let nowhere = Path::new("/nowhere/at/all");
        assert_eq!(describe(nowhere, &denied), format!("permission denied: this runs as {mine}"));
        let other = io::Error::from(io::ErrorKind::NotFound);
        assert_eq!(describe(file.path(), &other), other.to_string());
    }
}
