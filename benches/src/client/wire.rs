//! A connection that sends requests and receives events.

use super::{DIALECT, FrameBuffer};
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

/// The time limit of an answer. It is reached only if something is broken.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// A client's connection to one of the servers.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    context: DecodeContext,
    /// Input that was not processed yet: the frames behind the one that was waited for, and a part
    /// of one.
    received: Vec<u8>,
    /// Whether the profile has arrived.
    has_profile: bool,
}

impl Wire {
    /// Connects, without Nagle's algorithm.
    pub(crate) async fn open(address: SocketAddr, server: Server) -> Result<Wire, BenchError> {
        Wire::open_from(Ipv4Addr::LOCALHOST, address, server).await
    }

    /// Connects from this address of the loopback network.
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
        let stream = timeout(ANSWER_TIMEOUT, connect).await.unwrap_or_else(|late| Err(late.into()));
        let stream = stream.map_err(BenchError::system::<io::Error>(format!(
            "cannot connect to {address} from {source}"
        )))?;
        let context = DecodeContext { server, dialect: DIALECT };
        Ok(Wire { stream, context, received: Vec::new(), has_profile: false })
    }

    /// Creates it from a connection to a switchboard without unread input.
    pub(super) fn of(stream: TcpStream) -> Wire {
        let context = DecodeContext { server: Server::Switchboard, dialect: DIALECT };
        Wire { stream, context, received: Vec::new(), has_profile: false }
    }

    /// Sends a request.
    pub(crate) async fn send<'a>(
        &mut self,
        request: impl Into<Request<'a>>,
    ) -> Result<(), BenchError> {
        let mut frame = FrameBuffer::default();
        // It fits.
        let _ = request.into().encode(DIALECT, &mut frame);
        self.write(&frame).await
    }

    /// Receives events until one matches. `what` describes it in the error.
    pub(crate) async fn receive<T>(
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

    /// Waits for the profile, if it has not arrived. The server sends it when the connection is quiet.
    pub(super) async fn receive_profile(&mut self) -> Result<(), BenchError> {
        if self.has_profile {
            return Ok(());
        }
        self.receive("the profile", |event| match event {
            Event::Msg(message) => matches!(message.sender, Sender::Server).then_some(()),
            _ => None,
        })
        .await
    }

    /// Searches the input for the expected event.
    fn scan<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<Option<T>, BenchError> {
        let mut done = 0;
        let mut found = None;
        while found.is_none() {
            let rest = self.received.get(done..).unwrap_or_default();
            let scan = frame::next(rest, Origin::Server, self.context.server)
                .map_err(|error| BenchError::wrong(format!("waiting for {what}: {error}")))?;
            done += scan.consumed;
            let Some(frame) = scan.frame else { break };
            let event = Event::decode(&frame, self.context).map_err(|fault| {
                let name = frame.name.escape_ascii();
                BenchError::wrong(format!("waiting for {what}: {name} with a bad {}", fault.what))
            })?;
            if let Event::Error(error) = &event {
                let words = format!("waiting for {what}: error {:?}", error.code);
                return Err(BenchError::wrong(words));
            }
            if let Event::Msg(message) = &event {
                self.has_profile |= matches!(message.sender, Sender::Server);
            }
            found = wanted(event);
        }
        self.received.drain(..done);
        Ok(found)
    }

    /// Waits until it can write or read, and does what is possible. Returns the number of bytes
    /// written, and the expected event if it has arrived.
    pub(crate) async fn write_or_read<T>(
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

    /// Writes any bytes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), BenchError> {
        self.stream.write_all(bytes).await.map_err(BenchError::system("cannot write"))
    }

    async fn fill(&mut self, what: &str) -> Result<(), BenchError> {
        let read = timeout(ANSWER_TIMEOUT, self.stream.read_buf(&mut self.received)).await;
        let read = read.unwrap_or_else(|late| Err(late.into()));
        match read.map_err(BenchError::system(format!("waiting for {what}")))? {
            0 => Err(BenchError::wrong(format!("waiting for {what}: closed"))),
            _ => Ok(()),
        }
    }

    /// Sends `OUT` and waits until the server has closed the connection. Then it has signed the user off.
    pub(crate) async fn end(mut self) -> Result<(), BenchError> {
        self.send(msnp::command::Out).await?;
        loop {
            self.received.clear();
            let read = timeout(ANSWER_TIMEOUT, self.stream.read_buf(&mut self.received)).await;
            match read.unwrap_or_else(|late| Err(late.into())) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(BenchError::system("waiting for the end")(error)),
            }
        }
    }

    /// Frees the memory of the buffer: there are thousands of connections.
    pub(crate) fn shrink_buffer(&mut self) {
        self.received.shrink_to_fit();
    }

    /// Returns the stream, and the input that was not processed.
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
