use super::{Context, Finding, ok, wrong};
use crate::control::SOCKET;
use crate::error::STORE;
use crate::hints::shell_word;
use ::store::owner;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const READ: u32 = 0o4;
const CHANGE: u32 = 0o6;

/// The files that the server needs, and the access that it needs.
const NEEDED: [(&str, u32); 5] = [
    ("config.ron", READ),
    ("msnpd.admin", READ),
    ("msnpd.key", READ),
    ("msnpd.redb", CHANGE),
    (SOCKET, CHANGE),
];

/// Reports whether the folder's owner, as whom the server runs, can use its files. If root starts this
/// check, the other checks cannot see such a problem.
pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let data = context.data.as_path();
    let Ok(folder) = data.metadata() else { return Vec::new() };
    let owner = owner::name(folder.uid());
    let mut found: Vec<Finding> = NEEDED
        .iter()
        .map(|(name, need)| (data.join(name), need))
        .filter_map(|(file, need)| Some((file.metadata().ok()?, file, need)))
        .filter(|(metadata, _, need)| !has_access(&folder, metadata, **need))
        .map(|(metadata, file, need)| unusable(&owner, &folder, &metadata, &file, *need))
        .collect();
    if found.is_empty() {
        found.push(ok(format!("{owner}, the owner of the folder, can use its files")));
    }
    found
}

/// Whether the owner of the folder has this access to a file. Of the owner's groups only the folder's is known.
fn has_access(folder: &Metadata, file: &Metadata, need: u32) -> bool {
    let shift = if file.uid() == folder.uid() {
        6
    } else if file.gid() == folder.gid() {
        3
    } else {
        0
    };
    folder.uid() == 0 || (file.mode() >> shift) & need == need
}

fn unusable(
    owner: &str,
    folder: &Metadata,
    metadata: &Metadata,
    file: &Path,
    need: u32,
) -> Finding {
    let what = if need == READ { "read" } else { "read and change" };
    let shown = file.display();
    let fix = if metadata.uid() == folder.uid() {
        format!("Run `chmod 600 {}`", shell_word(file))
    } else {
        format!("Run `chown {owner} {}` as root", shell_word(file))
    };
    wrong(
        STORE,
        format!(
            "{owner}, the owner of the folder, cannot {what} {shown}, which belongs to {}",
            owner::name(metadata.uid())
        ),
        fix,
    )
}
