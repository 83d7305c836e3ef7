//! Lines on standard error. A line that cannot be written is dropped: a full disk behind a redirection
//! must not change what the program does, nor its exit code. `eprintln!` would panic.

use std::fmt::Display;
use std::io::Write;

/// Writes a line in one piece. Errors are ignored.
pub(crate) fn line(text: impl Display) {
    let _ = std::io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}
