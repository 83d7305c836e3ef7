//! How connections end.

use std::net::Shutdown;

use crate::support::connection::{Connection, Unread};

impl Connection {
    /// Waits for the server to close the connection, without a byte more.
    pub(crate) fn read_end(&mut self) -> Result<(), String> {
        loop {
            match self.fill() {
                Ok(()) => {}
                Err(Unread::Closed(rest)) if rest.is_empty() => return Ok(()),
                Err(other) => return Err(other.to_string()),
            }
        }
    }

    /// Ends our direction only: the server reads the end of the stream, and what it had sent
    /// before it closes can still be read.
    pub(crate) fn finish_writing(&mut self) {
        // It fails only where the server has closed already, and then `read_end` is content.
        self.stream.shutdown(Shutdown::Write).ok();
    }
}
