use super::{Finding, Subject, is_open_to_others, ok, wrong};
use crate::failure::{STORE, mend};
use ::store::File;
use actors::port::{Store, StoreError};

/// Whether the store opens with its key. It is not made if it is not there.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Finding> {
    let file = subject.data.join("msnpd.redb");
    let shown = file.display();
    if !file.exists() {
        return vec![ok(format!("{shown} is not there yet; it is made at the first start"))];
    }
    if !subject.data.join("msnpd.key").exists() {
        // Opening a store makes its key, if it can do without the old one.
        return Vec::new();
    }
    let mut found = Vec::new();
    if is_open_to_others(&file, 0o077) {
        found.push(wrong(
            STORE,
            format!("others can read or change {shown}"),
            format!("Run `chmod 600 {shown}`"),
        ));
    }
    if subject.is_running {
        found.push(ok(format!("{shown} is in use by the running server")));
        return found;
    }
    found.push(match accounts(subject) {
        Ok(1) => ok(format!("{shown} is sound, with 1 account")),
        Ok(accounts) => ok(format!("{shown} is sound, with {accounts} accounts")),
        Err(StoreError::Locked(_)) => wrong(
            STORE,
            format!("{shown} is in use by a process that does not answer as a server"),
            format!("Wait for it, or stop it: `fuser {shown}` names it"),
        ),
        Err(error) => wrong(STORE, error.to_string(), capital(mend(&error))),
    });
    found
}

fn accounts(subject: &Subject<'_>) -> Result<usize, StoreError> {
    let mut accounts = 0;
    File::open(&subject.data)?.principals(&mut |_, _| accounts += 1)?;
    Ok(accounts)
}

/// Words as a sentence of their own.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
