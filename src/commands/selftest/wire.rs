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

/// The maximum number of buffered bytes without a complete frame. A frame has less than half of that.
const MAX_BUFFERED: usize = 8 * 1024;

/// A connection that sends requests and receives events.
pub(super) struct Wire {
    stream: TcpStream,
    pub(super) server: Server,
    pub(super) address: SocketAddrV4,
    /// The received bytes that are not parsed yet.
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
        // It has room for the longest request.
        let _ = request.into().encode(DIALECT, &mut bytes);
        let written = timeout(TIMEOUT, self.stream.write_all(&bytes)).await;
        let written = written.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        written.map_err(|error| self.io_error(error))
    }

    /// Receives events until `wanted` accepts one; `what` names it in errors. An error event ends the wait.
    pub(super) async fn receive<T>(
        &mut self,
        what: &'static str,
        mut wanted: impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<T, SelftestError> {
        let (server, address) = (self.server, self.address);
        let receiving = async {
            loop {
                match self.scan(what, &mut wanted)? {
                    Some(found) => return Ok(found),
                    None => self.fill(what).await?,
                }
            }
        };
        let late = |_| Err(SelftestError::TimedOut { server, address, what });
        timeout(TIMEOUT, receiving).await.unwrap_or_else(late)
    }

    /// Searches the received bytes for the wanted event.
    fn scan<T>(
        &mut self,
        what: &'static str,
        wanted: &mut impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<Option<T>, SelftestError> {
        let context = DecodeContext { server: self.server, dialect: DIALECT };
        let (mut done, mut found) = (0, None);
        let mut error = None;
        while found.is_none() && error.is_none() {
            let rest = self.received.get(done..).unwrap_or_default();
            let scan = frame::next(rest, Origin::Server, self.server)
                .map_err(|error| self.unexpected(error.to_string()))?;
            done += scan.consumed;
            let Some(frame) = scan.frame else { break };
            match Event::decode(&frame, context) {
                Ok(Event::Error(reply)) => {
                    error = Some(SelftestError::Refused {
                        what,
                        who: self.who.clone(),
                        code: reply.code,
                    });
                }
                Ok(event) => found = wanted(event),
                Err(wrong) => {
                    let name = frame.name.escape_ascii();
                    error = Some(self.unexpected(format!("{name} with an invalid {}", wrong.what)));
                }
            }
        }
        self.received.drain(..done);
        error.map_or(Ok(found), Err)
    }

    async fn fill(&mut self, what: &'static str) -> Result<(), SelftestError> {
        if self.received.len() > MAX_BUFFERED {
            return Err(self.unexpected("a line does not end".to_owned()));
        }
        match self.stream.read_buf(&mut self.received).await {
            Ok(0) => {
                Err(SelftestError::Closed { server: self.server, address: self.address, what })
            }
            // A connection that is closed with unread input is reset.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                Err(SelftestError::Closed { server: self.server, address: self.address, what })
            }
            Ok(_) => Ok(()),
            Err(error) => Err(self.io_error(error)),
        }
    }

    /// Sends `OUT` and waits until the server has closed the connection: then it has processed the sign-off.
    pub(super) async fn end(mut self) -> Result<(), SelftestError> {
        self.send(msnp::command::Out).await?;
        let what = "the end of the connection";
        match self.receive(what, |_| None::<()>).await {
            Err(SelftestError::Closed { .. }) => Ok(()),
            other => other,
        }
    }

    fn io_error(&self, error: io::Error) -> SelftestError {
        SelftestError::Io { server: self.server, address: self.address, error }
    }

    fn unexpected(&self, why: String) -> SelftestError {
        SelftestError::Unexpected { server: self.server, address: self.address, why }
    }
}
