//! The owners of the files in a data folder. A server often runs as its own user. When root
//! maintains it, root creates files in its folder that the server must be able to open later.

use std::fs::File;
use std::io;
use std::path::Path;

/// If this process runs as root, gives a new file the owner and group of its folder. Other users
/// cannot give files away, so their files keep their owner.
///
/// It takes the open file, not its path: the owner of the folder may replace the file under that
/// name at any time.
///
/// # Errors
/// The error of the system call.
#[cfg(unix)]
pub fn match_folder(file: &File, folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    if current_user() != 0 {
        return Ok(());
    }
    let (file_metadata, folder_metadata) = (file.metadata()?, folder.metadata()?);
    let (user, group) = (folder_metadata.uid(), folder_metadata.gid());
    if (file_metadata.uid(), file_metadata.gid()) == (user, group) {
        return Ok(());
    }
    fchown(file, Some(user), Some(group))
}

/// Does nothing: files have no such owner on this system.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn match_folder(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}

/// The id of the user that this process runs as.
#[cfg(unix)]
#[must_use]
pub fn current_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The id of the user that owns a file, if it can be read.
#[cfg(unix)]
#[must_use]
pub fn owner_of(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|metadata| metadata.uid())
}

/// The name of a user in `/etc/passwd`, or else the id.
#[must_use]
pub fn name(user: u32) -> String {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    find(&passwd, user).unwrap_or_else(|| user.to_string())
}

/// Returns the name of a user in the contents of `/etc/passwd`.
fn find(passwd: &str, user: u32) -> Option<String> {
    let number = user.to_string();
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number && !name.is_empty()).then(|| name.to_owned())
    })
}

/// Checks that this process may read and change an existing file.
#[cfg(unix)]
pub(crate) fn may_change(path: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};
    Ok(access(path, Access::READ_OK | Access::WRITE_OK)?)
}

#[cfg(not(unix))]
pub(crate) fn may_change(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Describes an error. If permission was denied, adds the owner of the file and the user of this
/// process.
pub(crate) fn describe(path: &Path, why: &io::Error) -> String {
    #[cfg(unix)]
    if why.kind() == io::ErrorKind::PermissionDenied {
        let me = name(current_user());
        return match owner_of(path) {
            Some(owner) => format!("{why}: it belongs to {}, and msnpd runs as {me}", name(owner)),
            None => format!("{why}: msnpd runs as {me}"),
        };
    }
    let _ = path;
    why.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_come_from_the_passwd_file() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n\nbroken\nmsnpd:x:990:990::/:/bin/false\n";
        assert_eq!(find(passwd, 0).as_deref(), Some("root"));
        assert_eq!(find(passwd, 990).as_deref(), Some("msnpd"));
        assert_eq!(find(passwd, 99), None);
    }

    #[cfg(unix)]
    #[test]
    fn files_that_root_creates_belong_to_the_owner_of_the_folder() {
        use std::os::unix::fs::{MetadataExt, chown};
        let folder = tempfile::TempDir::new().unwrap();
        let file = tempfile::NamedTempFile::new_in(&folder).unwrap();
        let owners = || {
            let metadata = file.as_file().metadata().unwrap();
            (metadata.uid(), metadata.gid())
        };
        let before = owners();
        match_folder(file.as_file(), folder.path()).unwrap();
        assert_eq!(owners(), before, "the file has the right owner already");
        // Only root can change the owner of a folder. Other users have nothing to test here.
        if chown(folder.path(), Some(65534), Some(65533)).is_ok() {
            match_folder(file.as_file(), folder.path()).unwrap();
            assert_eq!(owners(), (65534, 65533));
            assert_eq!(owner_of(file.path()), Some(65534));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_denied_permission_is_described_with_owner_and_user() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (mine, denied) =
            (name(current_user()), io::Error::from(io::ErrorKind::PermissionDenied));
        assert_eq!(
            describe(file.path(), &denied),
            format!("permission denied: it belongs to {mine}, and msnpd runs as {mine}")
        );
        let nowhere = Path::new("/nowhere/at/all");
        assert_eq!(describe(nowhere, &denied), format!("permission denied: msnpd runs as {mine}"));
        let other = io::Error::from(io::ErrorKind::NotFound);
        assert_eq!(describe(file.path(), &other), other.to_string());
    }
}
