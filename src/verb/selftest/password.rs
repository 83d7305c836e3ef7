//! The passwords of accounts of another server: from a prompt, or from standard input.

use crate::failure::Failure;
use crate::password::check;
use actors::port::store::Password;
use msnp::Handle;
use std::io::{BufRead, IsTerminal};

/// Asks for the password of somebody, once: it is proved at once. Without a terminal it is the next
/// line of standard input.
pub(super) fn ask(handle: &Handle) -> Result<Password, Failure> {
    let unreadable = |error| Failure::Other(format!("cannot read the password: {error}"));
    if std::io::stdin().is_terminal() {
        let prompt = format!("Password of {handle}: ");
        return check(&rpassword::prompt_password(prompt).map_err(unreadable)?);
    }
    let mut line = Vec::new();
    let count = std::io::stdin().lock().read_until(b'\n', &mut line).map_err(unreadable)?;
    if count == 0 {
        return Err(Failure::Other(format!(
            "standard input has no line with the password of {handle}"
        )));
    }
    // What is not UTF-8 is no password either.
    check(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']))
}
