//! Standard output: the results of commands. `println!` would panic if the disk is full.

use crate::error::CommandError;
use serde::Serialize;
use std::io::{ErrorKind, Write};

/// Writes to standard output. A reader that has closed it is not an error.
pub(crate) fn print(text: &str) -> Result<(), CommandError> {
    print_if_open(text).map(drop)
}

/// Writes to standard output; returns whether the reader still has it open.
pub(crate) fn print_if_open(text: &str) -> Result<bool, CommandError> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(CommandError::Other(format!("cannot write to standard output: {error}"))),
    }
}

/// Writes JSON for scripts to standard output.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(value);
    print(&format!("{}\n", text.map_err(|error| CommandError::Other(error.to_string()))?))
}
