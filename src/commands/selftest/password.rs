//! The passwords of accounts of a remote server: from a prompt, or from standard input.

use crate::error::CommandError;
use crate::password::check;
use crate::text::Lines;
use actors::port::store::Password;
use msnp::Handle;
use std::io::{IsTerminal, StdinLock};

/// Asks for the password of an account, once: the sign-in verifies it. Without a terminal it is the next
/// line of standard input.
pub(super) fn ask(
    handle: &Handle,
    lines: &mut Lines<StdinLock<'_>>,
) -> Result<Password, CommandError> {
    let unreadable = |error| CommandError::Other(format!("cannot read the password: {error}"));
    if std::io::stdin().is_terminal() {
        let prompt = format!("Password of {handle}: ");
        return check(&rpassword::prompt_password(prompt).map_err(unreadable)?);
    }
    let line = lines.next().map_err(unreadable)?;
    check(&line.ok_or_else(|| {
        CommandError::Other(format!("standard input has no line with the password of {handle}"))
    })?)
}
