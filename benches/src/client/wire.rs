//! A connection on which requests are said and events are heard.

use super::DIALECT;
use super::sheet::Sheet;
use crate::failure::Failure;
use msnp::command::At;
use msnp::frame::{self, Origin};
use msnp::{Event, Request, Server};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take. Only ever reached when something is broken.
const GUARD: Duration = Duration::from_secs(60);

/// A client's connection to one of the servers.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    at: At,
    /// What was read and is not used up: less than a frame, and what else came with it.
    received: Vec<u8>,
}

impl Wire {
    /// Connects. Each write goes out at once.
    pub(crate) async fn open(address: SocketAddr, server: Server) -> Result<Wire, Failure> {
        let stream = timeout(GUARD, TcpStream::connect(address)).await;
        let stream = stream.unwrap_or_else(|late| Err(late.into()));
        let stream = stream.and_then(|stream| stream.set_nodelay(true).map(|()| stream));
        let stream = stream.map_err(Failure::system(format!("cannot connect to {address}")))?;
        Ok(Wire { stream, at: At { server, dialect: DIALECT }, received: Vec::new() })
    }

    /// A connection to a switchboard again, of which nothing is unread.
    pub(super) fn of(stream: TcpStream) -> Wire {
        let at = At { server: Server::Switchboard, dialect: DIALECT };
        Wire { stream, at, received: Vec::new() }
    }

    /// Says something.
    pub(crate) async fn say<'a>(&mut self, request: impl Into<Request<'a>>) -> Result<(), Failure> {
        let mut sheet = Sheet::default();
        // A sheet is never full.
        let _ = request.into().encode(DIALECT, &mut sheet);
        self.stream.write_all(&sheet.0).await.map_err(Failure::system("cannot write"))
    }

    /// Hears events until one is what was waited for; `what` it is, in words, if it does not come.
    pub(crate) async fn hear<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<T, Failure> {
        loop {
            let mut done = 0;
            let mut found = None;
            while found.is_none() {
                let rest = self.received.get(done..).unwrap_or_default();
                let scan = frame::next(rest, Origin::Server, self.at.server)
                    .map_err(|error| Failure::wrong(format!("waiting for {what}: {error}")))?;
                done += scan.used;
                let Some(frame) = scan.frame else { break };
                let event = Event::decode(&frame, self.at).map_err(|fault| {
                    let name = frame.name.escape_ascii();
                    Failure::wrong(format!("waiting for {what}: {name} with a bad {}", fault.what))
                })?;
                if let Event::Error(error) = &event {
                    let words = format!("waiting for {what}: error {:?}", error.code);
                    return Err(Failure::wrong(words));
                }
                found = wanted(event);
            }
            self.received.drain(..done);
            match found {
                Some(found) => return Ok(found),
                None => self.fill(what).await?,
            }
        }
    }

    async fn fill(&mut self, what: &str) -> Result<(), Failure> {
        let read = timeout(GUARD, self.stream.read_buf(&mut self.received)).await;
        let read = read.unwrap_or_else(|late| Err(late.into()));
        match read.map_err(Failure::system(format!("waiting for {what}")))? {
            0 => Err(Failure::wrong(format!("waiting for {what}: closed"))),
            _ => Ok(()),
        }
    }

    /// Takes leave, and waits until the server has closed the connection: it has done then what
    /// follows from it.
    pub(crate) async fn end(mut self) -> Result<(), Failure> {
        self.say(msnp::command::Out).await?;
        loop {
            self.received.clear();
            let read = timeout(GUARD, self.stream.read_buf(&mut self.received)).await;
            match read.unwrap_or_else(|late| Err(late.into())) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(Failure::system("waiting for the end")(error)),
            }
        }
    }

    /// Gives back the memory of its buffer: there are thousands of them.
    pub(crate) fn rest(&mut self) {
        self.received.shrink_to_fit();
    }

    /// The stream, and what was read of it and not looked at.
    pub(super) fn into_parts(self) -> (TcpStream, Vec<u8>) {
        (self.stream, self.received)
    }
}
