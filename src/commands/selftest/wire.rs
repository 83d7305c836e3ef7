//! A client's connection to one of the servers.

use super::DIALECT;
use super::error::{AddressSource, SelftestError};
use msnp::command::DecodeContext;
use msnp::frame::{self, MAX_FRAME, Origin};
use msnp::{Event, Request, Server};
use std::io;
use std::net::SocketAddrV4;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The time limit of a connection, a write or an answer.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum number of received bytes that contain no complete frame. The longest frame is less
/// than half as long.
const MAX_BUFFERED: usize = 8 * 1024;

/// A connection that sends requests and receives events.
pub(super) struct Wire {
    stream: TcpStream,
    pub(super) server: Server,
    pub(super) address: SocketAddrV4,
    /// The received bytes that were not parsed yet.
    received: Vec<u8>,
    /// The user, for error messages.
    who: String,
}

impl Wire {
    /// Connects for a user.
    pub(super) async fn open(
        server: Server,
        address: SocketAddrV4,
        source: AddressSource,
        who: &str,
    ) -> Result<Wire, SelftestError> {
        let connected = timeout(TIMEOUT, TcpStream::connect(address)).await;
        let connected = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let stream = connected.and_then(|stream| {
            stream.set_nodelay(true)?;
            Ok(stream)
        });
        let stream = stream.map_err(|error| SelftestError::Unreachable {
            server,
            address,
            source,
            error,
        })?;
        Ok(Wire { stream, server, address, received: Vec::new(), who: who.to_owned() })
    }

    /// Sends a request.
    pub(super) async fn send<'a>(
        &mut self,
        request: impl Into<Request<'a>>,
    ) -> Result<(), SelftestError> {
        let mut bytes = heapless::Vec::<u8, MAX_FRAME>::new();
        // The buffer has room for the longest request.
        let _ = request.into().encode(DIALECT, &mut bytes);
        let written = timeout(TIMEOUT, self.stream.write_all(&bytes)).await;
        let written = written.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        written.map_err(|error| self.io_error(error))
    }

    /// Receives events until `accept` returns a value for one, and returns that value. Fails if the server
    /// reports an error instead. `expected` names the event in errors.
    pub(super) async fn receive<T>(
        &mut self,
        expected: &'static str,
        mut accept: impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<T, SelftestError> {
        let (server, address) = (self.server, self.address);
        let receiving = async {
            loop {
                match self.parse_received(expected, &mut accept)? {
                    Some(value) => return Ok(value),
                    None => self.read(expected).await?,
                }
            }
        };
        let timed_out = |_| Err(SelftestError::TimedOut { server, address, expected });
        timeout(TIMEOUT, receiving).await.unwrap_or_else(timed_out)
    }

    /// Parses the received events up to the first that `accept` returns a value for. `None` if there is no
    /// such event yet.
    fn parse_received<T>(
        &mut self,
        expected: &'static str,
        accept: &mut impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<Option<T>, SelftestError> {
        let context = DecodeContext { server: self.server, dialect: DIALECT };
        let (mut parsed, mut accepted) = (0, None);
        let mut error = None;
        while accepted.is_none() && error.is_none() {
            let rest = self.received.get(parsed..).unwrap_or_default();
            let scan = frame::next(rest, Origin::Server, self.server)
                .map_err(|error| self.unexpected(error.to_string()))?;
            parsed += scan.consumed;
            let Some(frame) = scan.frame else { break };
            match Event::decode(&frame, context) {
                Ok(Event::Error(reply)) => {
                    error = Some(SelftestError::Refused {
                        expected,
                        who: self.who.clone(),
                        code: reply.code,
                    });
                }
                Ok(event) => accepted = accept(event),
                Err(invalid) => {
                    let name = frame.name.escape_ascii();
                    let why = format!("{name} with an invalid {}", invalid.what);
                    error = Some(self.unexpected(why));
                }
            }
        }
        self.received.drain(..parsed);
        error.map_or(Ok(accepted), Err)
    }

    /// Waits for bytes, and reads them.
    async fn read(&mut self, expected: &'static str) -> Result<(), SelftestError> {
        if self.received.len() > MAX_BUFFERED {
            return Err(self.unexpected("a line does not end".to_owned()));
        }
        match self.stream.read_buf(&mut self.received).await {
            Ok(0) => {
                Err(SelftestError::Closed { server: self.server, address: self.address, expected })
            }
            // A server that closes a connection with unread input resets it.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                Err(SelftestError::Closed { server: self.server, address: self.address, expected })
            }
            Ok(_) => Ok(()),
            Err(error) => Err(self.io_error(error)),
        }
    }

    /// Sends `OUT`, and waits until the server has closed the connection: then the user is signed off.
    pub(super) async fn end(mut self) -> Result<(), SelftestError> {
        self.send(msnp::command::Out).await?;
        match self.receive("the end of the connection", |_| None::<()>).await {
            Err(SelftestError::Closed { .. }) => Ok(()),
            result => result,
        }
    }

    fn io_error(&self, error: io::Error) -> SelftestError {
        SelftestError::Io { server: self.server, address: self.address, error }
    }

    fn unexpected(&self, why: String) -> SelftestError {
        SelftestError::Unexpected { server: self.server, address: self.address, why }
    }
}
