use super::{Context, Finding, ok, wrong};
use crate::control::SOCKET;
use crate::error::STORE;
use crate::hints::shell_word;
use ::store::owner;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Permission bits of one class of users.
const READ: u32 = 0o4;
const READ_AND_WRITE: u32 = 0o6;

/// The files that the server uses, and the access to each that it needs.
const NEEDED_ACCESS: [(&str, u32); 5] = [
    ("config.ron", READ),
    ("msnpd.admin", READ),
    ("msnpd.key", READ),
    ("msnpd.redb", READ_AND_WRITE),
    (SOCKET, READ_AND_WRITE),
];

/// Reports whether the owner of the folder, as whom the server runs, can use the files in it. The other
/// checks do not find such a problem if root starts them.
pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let data = context.data.as_path();
    let Ok(folder) = data.metadata() else { return Vec::new() };
    let owner = owner::name(folder.uid());
    let mut found = Vec::new();
    for (name, access) in NEEDED_ACCESS {
        let path = data.join(name);
        // A file that does not exist is no problem of access.
        let Ok(file) = path.metadata() else { continue };
        if !has_access(&folder, &file, access) {
            found.push(unusable_file(&owner, &folder, &path, &file, access));
        }
    }
    if found.is_empty() {
        found.push(ok(format!("{owner}, the owner of the folder, can use its files")));
    }
    found
}

/// Whether the owner of the folder has this access to a file. The owner counts as a member of the folder's
/// group; their other groups are not known.
fn has_access(folder: &Metadata, file: &Metadata, access: u32) -> bool {
    // The bits of the file's owner, of its group, or of all others.
    let shift = if file.uid() == folder.uid() {
        6
    } else if file.gid() == folder.gid() {
        3
    } else {
        0
    };
    folder.uid() == 0 || (file.mode() >> shift) & access == access
}

/// Reports a file to which the owner of the folder does not have this access.
fn unusable_file(
    owner: &str,
    folder: &Metadata,
    path: &Path,
    file: &Metadata,
    access: u32,
) -> Finding {
    let action = if access == READ { "read" } else { "read and change" };
    let shown = path.display();
    let fix = if file.uid() == folder.uid() {
        format!("Run `chmod 600 {}`", shell_word(path))
    } else {
        format!("Run `chown {owner} {}` as root", shell_word(path))
    };
    wrong(
        STORE,
        format!(
            "{owner}, the owner of the folder, cannot {action} {shown}, which belongs to {}",
            owner::name(file.uid())
        ),
        fix,
    )
}
