//! A connection on which requests are said and events are heard.

use super::{DIALECT, Sheet};
use crate::error::BenchError;
use msnp::command::{DecodeContext, Sender};
use msnp::frame::{self, Origin};
use msnp::{Event, Request, Server};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// How long an answer may take. Only ever reached when something is broken.
const GUARD: Duration = Duration::from_secs(60);

/// A client's connection to one of the servers.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    at: DecodeContext,
    /// What was read and is not used up: less than a frame, and what else came with it.
    received: Vec<u8>,
    /// Whether the server has sent a message of its own: the profile.
    profiled: bool,
}

impl Wire {
    /// Connects. Each write goes out at once.
    pub(crate) async fn open(address: SocketAddr, server: Server) -> Result<Wire, BenchError> {
        Wire::open_from(Ipv4Addr::LOCALHOST, address, server).await
    }

    /// The same from another address of the loopback network.
    pub(crate) async fn open_from(
        source: Ipv4Addr,
        address: SocketAddr,
        server: Server,
    ) -> Result<Wire, BenchError> {
        let connect = async {
            let socket = TcpSocket::new_v4()?;
            if source != Ipv4Addr::LOCALHOST {
                socket.bind((source, 0).into())?;
            }
            let stream = socket.connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        let stream = timeout(GUARD, connect).await.unwrap_or_else(|late| Err(late.into()));
        let stream = stream.map_err(BenchError::system::<io::Error>(format!(
            "cannot connect to {address} from {source}"
        )))?;
        let at = DecodeContext { server, dialect: DIALECT };
        Ok(Wire { stream, at, received: Vec::new(), profiled: false })
    }

    /// A connection to a switchboard again, of which nothing is unread.
    pub(super) fn of(stream: TcpStream) -> Wire {
        let at = DecodeContext { server: Server::Switchboard, dialect: DIALECT };
        Wire { stream, at, received: Vec::new(), profiled: false }
    }

    /// Says something.
    pub(crate) async fn say<'a>(
        &mut self,
        request: impl Into<Request<'a>>,
    ) -> Result<(), BenchError> {
        let mut sheet = Sheet::default();
        // It fits.
        let _ = request.into().encode(DIALECT, &mut sheet);
        self.write(&sheet).await
    }

    /// Hears events until one is what was waited for; `what` it is, in words, if it does not come.
    pub(crate) async fn hear<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<T, BenchError> {
        loop {
            match self.scan(what, &mut wanted)? {
                Some(found) => return Ok(found),
                None => self.fill(what).await?,
            }
        }
    }

    /// Waits for the profile, if it has not come: the server sends it when the connection is quiet.
    pub(super) async fn hear_profile(&mut self) -> Result<(), BenchError> {
        if self.profiled {
            return Ok(());
        }
        self.hear("the profile", |event| match event {
            Event::Msg(message) => matches!(message.sender, Sender::Server).then_some(()),
            _ => None,
        })
        .await
    }

    /// Looks through what was read for the event that is waited for.
    fn scan<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<Option<T>, BenchError> {
        let mut done = 0;
        let mut found = None;
        while found.is_none() {
            let rest = self.received.get(done..).unwrap_or_default();
            let scan = frame::next(rest, Origin::Server, self.at.server)
                .map_err(|error| BenchError::wrong(format!("waiting for {what}: {error}")))?;
            done += scan.consumed;
            let Some(frame) = scan.frame else { break };
            let event = Event::decode(&frame, self.at).map_err(|fault| {
                let name = frame.name.escape_ascii();
                BenchError::wrong(format!("waiting for {what}: {name} with a bad {}", fault.what))
            })?;
            if let Event::Error(error) = &event {
                let words = format!("waiting for {what}: error {:?}", error.code);
                return Err(BenchError::wrong(words));
            }
            if let Event::Msg(message) = &event {
                self.profiled |= matches!(message.sender, Sender::Server);
            }
            found = wanted(event);
        }
        self.received.drain(..done);
        Ok(found)
    }

    /// Writes as much as goes, and hears what has come, whichever can be done first: how many bytes
    /// were written, and the event that is waited for, if it was there.
    pub(crate) async fn press<T>(
        &mut self,
        bytes: &[u8],
        what: &str,
        wanted: impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<(usize, Option<T>), BenchError> {
        let failed = || BenchError::system(format!("waiting for {what}"));
        let ready = self.stream.ready(Interest::READABLE | Interest::WRITABLE).await;
        let ready = ready.map_err(failed())?;
        let mut found = None;
        if ready.is_readable() {
            match unless_blocked(self.stream.try_read_buf(&mut self.received)).map_err(failed())? {
                Some(0) => return Err(BenchError::wrong(format!("waiting for {what}: closed"))),
                _ => found = self.scan(what, wanted)?,
            }
        }
        let mut written = None;
        if ready.is_writable() {
            written = unless_blocked(self.stream.try_write(bytes)).map_err(failed())?;
        }
        Ok((written.unwrap_or(0), found))
    }

    /// Writes bytes that need not be a command.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), BenchError> {
        self.stream.write_all(bytes).await.map_err(BenchError::system("cannot write"))
    }

    async fn fill(&mut self, what: &str) -> Result<(), BenchError> {
        let read = timeout(GUARD, self.stream.read_buf(&mut self.received)).await;
        let read = read.unwrap_or_else(|late| Err(late.into()));
        match read.map_err(BenchError::system(format!("waiting for {what}")))? {
            0 => Err(BenchError::wrong(format!("waiting for {what}: closed"))),
            _ => Ok(()),
        }
    }

    /// Takes leave, and waits until the server has closed the connection: it has done then what
    /// follows from it.
    pub(crate) async fn end(mut self) -> Result<(), BenchError> {
        self.say(msnp::command::Out).await?;
        loop {
            self.received.clear();
            let read = timeout(GUARD, self.stream.read_buf(&mut self.received)).await;
            match read.unwrap_or_else(|late| Err(late.into())) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(BenchError::system("waiting for the end")(error)),
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

fn unless_blocked(done: io::Result<usize>) -> io::Result<Option<usize>> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        done => done.map(Some),
    }
}
