//! The ends of connections.

use std::net::Shutdown;

use crate::support::connection::{Connection, Unread};

impl Connection {
    /// Waits for the server to close the connection. An error if any byte comes before.
    pub(crate) fn read_end(&mut self) -> Result<(), String> {
        loop {
            match self.fill() {
                Ok(()) => {}
                Err(Unread::Closed(rest)) if rest.is_empty() => return Ok(()),
                Err(other) => return Err(other.to_string()),
            }
        }
    }

    /// Closes the client's direction only. The client can still read.
    pub(crate) fn finish_writing(&mut self) {
        // This fails only if the server has closed the connection, which `read_end` accepts.
        self.stream.shutdown(Shutdown::Write).ok();
    }
}
