use super::{Context, Finding, is_open_to_others, note, ok, wrong};
use crate::error::{STORE, owner_or_root};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The number of hexadecimal digits of a key.
const DIGITS: usize = 64;

/// What to do if the key file is lost.
const RESTORE: &str =
    "restore a backup that includes the key (`msnpd backup --with-key`) with `msnpd restore FILE`";

/// How many bytes of a key file are read. A valid one is shorter.
const MAX_FILE_SIZE: u64 = 256;

/// Reports whether the key exists, is well-formed, and is readable by its owner only. Whether it is the key
/// of the store is reported by the check of the store.
pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let key = context.data.join("msnpd.key");
    let shown = key.display();
    let has_store = context.data.join("msnpd.redb").exists();
    if !key.exists() {
        return vec![if has_store {
            wrong(
                STORE,
                format!("{shown} is missing: without it, no one can sign in"),
                format!(
                    "Put your copy of it back, or {RESTORE}; for a store without accounts, the \
                     next start creates a new key"
                ),
            )
        } else {
            ok(format!("{shown} does not exist yet; it is created with the store"))
        }];
    }
    let mut found = Vec::new();
    match is_key(&key) {
        Err(error) => found.push(wrong(
            STORE,
            format!("cannot read {shown}: {error}"),
            format!("Run `msnpd check` as {} (`sudo msnpd check`)", owner_or_root(&key)),
        )),
        Ok(false) => found.push(wrong(
            STORE,
            format!("{shown} is not a key: a key has {DIGITS} hexadecimal digits"),
            format!("Put your copy of it back, or {RESTORE}"),
        )),
        Ok(true) => {}
    }
    if is_open_to_others(&key, 0o077) {
        found.push(wrong(
            STORE,
            format!(
                "other users can read or change {shown}, and decrypt every password in the store"
            ),
            format!("Run `chmod 600 {shown}`"),
        ));
    }
    if !has_store {
        found.push(note(
            format!(
                "{shown} exists, but its store does not: the next start creates an empty store"
            ),
            "If there were accounts, restore a backup with `msnpd restore FILE`",
        ));
    }
    if found.is_empty() {
        found.push(ok(format!("{shown} exists, accessible to its owner only")));
    }
    found
}

fn is_key(path: &Path) -> std::io::Result<bool> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_SIZE).read_to_end(&mut bytes)?;
    let digits = bytes.trim_ascii();
    Ok(digits.len() == DIGITS && digits.iter().all(u8::is_ascii_hexdigit))
}
