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

/// How long a connection, a write or an answer may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How many bytes are kept that are no whole frame yet. A frame has less than half of it.
const LONGEST: usize = 8 * 1024;

/// A connection on which requests are said and events are heard.
pub(super) struct Wire {
    stream: TcpStream,
    pub(super) server: Server,
    pub(super) address: SocketAddrV4,
    /// What was read and is not used up.
    received: Vec<u8>,
    /// Who is on it, for what is refused.
    who: String,
}

impl Wire {
    /// Connects, for somebody.
    pub(super) async fn open(
        server: Server,
        address: SocketAddrV4,
        told: AddressSource,
        who: &str,
    ) -> Result<Wire, SelftestError> {
        let connected = timeout(PATIENCE, TcpStream::connect(address)).await;
        let connected = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let stream = connected.and_then(|stream| {
            stream.set_nodelay(true)?;
            Ok(stream)
        });
        let stream =
            stream.map_err(|error| SelftestError::Unreachable { server, address, told, error })?;
        Ok(Wire { stream, server, address, received: Vec::new(), who: who.to_owned() })
    }

    /// Says something.
    pub(super) async fn say<'a>(
        &mut self,
        request: impl Into<Request<'a>>,
    ) -> Result<(), SelftestError> {
        let mut sheet = heapless::Vec::<u8, MAX_FRAME>::new();
        // There is room for the longest.
        let _ = request.into().encode(DIALECT, &mut sheet);
        let written = timeout(PATIENCE, self.stream.write_all(&sheet)).await;
        let written = written.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        written.map_err(|error| self.broken(error))
    }

    /// Hears events until one is what was waited for: `what`, in words. All are shown to `wanted`, but
    /// errors, which end the waiting.
    pub(super) async fn hear<T>(
        &mut self,
        what: &'static str,
        mut wanted: impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<T, SelftestError> {
        let (server, address) = (self.server, self.address);
        let hearing = async {
            loop {
                match self.scan(what, &mut wanted)? {
                    Some(found) => return Ok(found),
                    None => self.fill(what).await?,
                }
            }
        };
        let late = |_| Err(SelftestError::Late { server, address, what });
        timeout(PATIENCE, hearing).await.unwrap_or_else(late)
    }

    /// Looks through what was read for the event that is waited for.
    fn scan<T>(
        &mut self,
        what: &'static str,
        wanted: &mut impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<Option<T>, SelftestError> {
        let at = DecodeContext { server: self.server, dialect: DIALECT };
        let (mut done, mut found) = (0, None);
        let mut fault = None;
        while found.is_none() && fault.is_none() {
            let rest = self.received.get(done..).unwrap_or_default();
            let scan = frame::next(rest, Origin::Server, self.server)
                .map_err(|error| self.strange(error.to_string()))?;
            done += scan.consumed;
            let Some(frame) = scan.frame else { break };
            match Event::decode(&frame, at) {
                Ok(Event::Error(error)) => {
                    fault = Some(SelftestError::Refused {
                        what,
                        who: self.who.clone(),
                        code: error.code,
                    });
                }
                Ok(event) => found = wanted(event),
                Err(wrong) => {
                    let name = frame.name.escape_ascii();
                    fault = Some(self.strange(format!("{name} with a bad {}", wrong.what)));
                }
            }
        }
        self.received.drain(..done);
        fault.map_or(Ok(found), Err)
    }

    async fn fill(&mut self, what: &'static str) -> Result<(), SelftestError> {
        if self.received.len() > LONGEST {
            return Err(self.strange("a line does not end".to_owned()));
        }
        match self.stream.read_buf(&mut self.received).await {
            Ok(0) => {
                Err(SelftestError::Closed { server: self.server, address: self.address, what })
            }
            // What was closed with something unread is reset.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                Err(SelftestError::Closed { server: self.server, address: self.address, what })
            }
            Ok(_) => Ok(()),
            Err(error) => Err(self.broken(error)),
        }
    }

    /// Takes leave, and waits until the server has closed the connection: it has done then what
    /// follows from it.
    pub(super) async fn end(mut self) -> Result<(), SelftestError> {
        self.say(msnp::command::Out).await?;
        let what = "that the connection is over";
        match self.hear(what, |_| None::<()>).await {
            Err(SelftestError::Closed { .. }) => Ok(()),
            other => other,
        }
    }

    fn broken(&self, error: io::Error) -> SelftestError {
        SelftestError::Broken { server: self.server, address: self.address, error }
    }

    fn strange(&self, why: String) -> SelftestError {
        SelftestError::Strange { server: self.server, address: self.address, why }
    }
}
