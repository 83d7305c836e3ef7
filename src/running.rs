//! Finds out whether a server is running, and which accounts it has. Needs no async runtime.

use crate::control::SOCKET;
use crate::control::wire::{Answer, MAX_REPLY, Reply, Request, decode, encode};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// The time limit for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Whether a server is running on this data folder. The socket that a killed server left refuses connections.
pub(crate) fn is_running(data: &Path) -> bool {
    UnixStream::connect(data.join(SOCKET)).is_ok()
}

/// Returns the handles of all accounts of the running server; `None` if no server answers.
pub(crate) fn handles(data: &Path) -> Option<Vec<String>> {
    let mut stream = UnixStream::connect(data.join(SOCKET)).ok()?;
    stream.set_read_timeout(Some(TIMEOUT)).ok()?;
    stream.set_write_timeout(Some(TIMEOUT)).ok()?;
    stream.write_all(&encode(&Request::UserList).ok()?).ok()?;
    let (mut line, max_length) = (Vec::new(), u64::try_from(MAX_REPLY).ok()?);
    BufReader::new(stream.take(max_length)).read_until(b'\n', &mut line).ok()?;
    let Ok(Reply::Done(Answer::Accounts(rows))) = decode(&line) else { return None };
    Some(rows.into_iter().map(|row| row.handle).collect())
}
