//! A client's TCP connection, read as lines and payloads of bytes.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a read or write may block. Only a failing test blocks this long.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to one of the servers.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    received: Vec<u8>,
}

/// Why a read returned too few bytes, with the unread bytes.
#[derive(Debug)]
pub(crate) enum Unread {
    /// The server closed the connection.
    Closed(Vec<u8>),
    /// No byte came for [`TIMEOUT`].
    TimedOut(Vec<u8>),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, rest) = match self {
            Self::Closed(rest) => ("the end of the connection", rest),
            Self::TimedOut(rest) => ("silence", rest),
        };
        f.write_str(what)?;
        if rest.is_empty() { Ok(()) } else { write!(f, " after `{}`", rest.escape_ascii()) }
    }
}

impl Connection {
    /// Connects. Writes are sent without delay, and reads and writes time out after [`TIMEOUT`].
    pub(crate) fn open(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).expect("connecting to msnpd"))
    }

    /// Like [`Connection::open`], over an existing socket.
    pub(crate) fn over(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("TCP_NODELAY");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a read timeout");
        stream.set_write_timeout(Some(TIMEOUT)).expect("a write timeout");
        Self { stream, received: Vec::new() }
    }

    /// Writes all the bytes, in one write if the socket takes them.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Reads up to the next LF, and returns the line with its line end.
    pub(crate) fn read_line(&mut self) -> Result<Vec<u8>, Unread> {
        let mut searched = 0;
        loop {
            let found = self.received[searched..].iter().position(|byte| *byte == b'\n');
            if let Some(at) = found {
                return Ok(self.received.drain(..=searched + at).collect());
            }
            searched = self.received.len();
            self.fill()?;
        }
    }

    /// Reads exactly `length` bytes.
    pub(crate) fn read_payload(&mut self, length: usize) -> Result<Vec<u8>, Unread> {
        while self.received.len() < length {
            self.fill()?;
        }
        Ok(self.received.drain(..length).collect())
    }

    /// Waits for more bytes and buffers them.
    pub(crate) fn fill(&mut self) -> Result<(), Unread> {
        let mut piece = [0; 16 * 1024];
        loop {
            let read = self.stream.read(&mut piece);
            return match read {
                Ok(0) => Err(Unread::Closed(std::mem::take(&mut self.received))),
                Ok(length) => {
                    self.received.extend_from_slice(&piece[..length]);
                    Ok(())
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => continue,
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                        Err(Unread::TimedOut(std::mem::take(&mut self.received)))
                    }
                    // A reset ends a connection too: the server did not read everything that was sent.
                    _ => Err(Unread::Closed(std::mem::take(&mut self.received))),
                },
            };
        }
    }
}
