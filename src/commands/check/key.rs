use super::{Finding, Subject, is_open_to_others, note, ok, wrong};
use crate::error::{STORE, owner_or_root};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// How many hexadecimal digits a key has.
const DIGITS: usize = 64;

/// The way out without the key file.
const RESTORE: &str =
    "`msnpd restore FILE` with a backup that has a key of its own (`msnpd backup --with-key`)";

/// More than a key file has.
const TOO_MUCH: u64 = 256;

/// Whether the key is there, is one, and is for nobody's eyes. The store says whether it fits.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Finding> {
    let key = subject.data.join("msnpd.key");
    let shown = key.display();
    let has_store = subject.data.join("msnpd.redb").exists();
    if !key.exists() {
        return vec![if has_store {
            wrong(
                STORE,
                format!("{shown} is missing: nobody can sign in without it"),
                format!(
                    "Put your copy of it back, or {RESTORE}; a store without accounts gets a new key \
                     at the next start"
                ),
            )
        } else {
            ok(format!("{shown} is not there yet; it is made with the store"))
        }];
    }
    let mut found = Vec::new();
    match is_key(&key) {
        Err(error) => found.push(wrong(
            STORE,
            format!("{shown} cannot be read: {error}"),
            format!("Run this as {}", owner_or_root(&key)),
        )),
        Ok(false) => found.push(wrong(
            STORE,
            format!("{shown} is no key: a key has {DIGITS} hexadecimal digits"),
            format!("Put your copy of it back, or {RESTORE}"),
        )),
        Ok(true) => {}
    }
    if is_open_to_others(&key, 0o077) {
        found.push(wrong(
            STORE,
            format!("others can read or change {shown}, and so learn every password of the store"),
            format!("Run `chmod 600 {shown}`"),
        ));
    }
    if !has_store {
        found.push(note(
            format!("{shown} is there, but its store is not: the next start makes an empty one"),
            "If there were accounts, `msnpd restore FILE` brings them back from a backup",
        ));
    }
    if found.is_empty() {
        found.push(ok(format!("{shown} is there, for its owner only")));
    }
    found
}

fn is_key(path: &Path) -> std::io::Result<bool> {
    let mut bytes = Vec::new();
    File::open(path)?.take(TOO_MUCH).read_to_end(&mut bytes)?;
    let digits = bytes.trim_ascii();
    Ok(digits.len() == DIGITS && digits.iter().all(u8::is_ascii_hexdigit))
}
