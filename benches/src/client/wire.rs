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
    /// Received bytes that were not parsed yet: frames after the last expected one, and a part of a frame.
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
        let stream = timeout(ANSWER_TIMEOUT, connect)
            .await
            .unwrap_or_else(|timed_out| Err(timed_out.into()));
        let stream = stream.map_err(BenchError::system::<io::Error>(format!(
            "cannot connect to {address} from {source}"
        )))?;
        let context = DecodeContext { server, dialect: DIALECT };
        Ok(Wire { stream, context, received: Vec::new(), has_profile: false })
    }

    /// Wraps a connection to a switchboard from which all input was read.
    pub(super) fn from_stream(stream: TcpStream) -> Wire {
        let context = DecodeContext { server: Server::Switchboard, dialect: DIALECT };
        Wire { stream, context, received: Vec::new(), has_profile: false }
    }

    /// Sends a request.
    pub(crate) async fn send<'a>(
        &mut self,
        request: impl Into<Request<'a>>,
    ) -> Result<(), BenchError> {
        let mut frame = FrameBuffer::default();
        // The buffer has room for every request.
        let _ = request.into().encode(DIALECT, &mut frame);
        self.write(&frame).await
    }

    /// Receives events until `accept` returns a value for one, and returns that value. `expected` describes
    /// the event in errors.
    pub(crate) async fn receive<T>(
        &mut self,
        expected: &str,
        mut accept: impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<T, BenchError> {
        loop {
            match self.parse_received(expected, &mut accept)? {
                Some(value) => return Ok(value),
                None => self.read(expected).await?,
            }
        }
    }

    /// Waits for the profile of the user, unless it has arrived already. The server sends it when the
    /// connection is quiet.
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

    /// Parses the received events up to the first that `accept` returns a value for. `None` if there is no
    /// such event yet.
    fn parse_received<T>(
        &mut self,
        expected: &str,
        mut accept: impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<Option<T>, BenchError> {
        let mut parsed = 0;
        let mut accepted = None;
        while accepted.is_none() {
            let rest = self.received.get(parsed..).unwrap_or_default();
            let scan = frame::next(rest, Origin::Server, self.context.server)
                .map_err(|error| BenchError::wrong(format!("waiting for {expected}: {error}")))?;
            parsed += scan.consumed;
            let Some(frame) = scan.frame else { break };
            let event = Event::decode(&frame, self.context).map_err(|fault| {
                let (name, field) = (frame.name.escape_ascii(), fault.what);
                BenchError::wrong(format!("waiting for {expected}: {name} with a bad {field}"))
            })?;
            if let Event::Error(error) = &event {
                let message = format!("waiting for {expected}: error {:?}", error.code);
                return Err(BenchError::wrong(message));
            }
            if let Event::Msg(message) = &event {
                self.has_profile |= matches!(message.sender, Sender::Server);
            }
            accepted = accept(event);
        }
        self.received.drain(..parsed);
        Ok(accepted)
    }

    /// Waits until the connection is ready to read or write, then does both as far as possible. Returns how
    /// many of the bytes were written, and the value of the event that `accept` accepted, if one has arrived.
    pub(crate) async fn write_or_read<T>(
        &mut self,
        bytes: &[u8],
        expected: &str,
        accept: impl FnMut(Event<'_>) -> Option<T>,
    ) -> Result<(usize, Option<T>), BenchError> {
        let failed = || BenchError::system(format!("waiting for {expected}"));
        let ready = self.stream.ready(Interest::READABLE | Interest::WRITABLE).await;
        let ready = ready.map_err(failed())?;
        let mut accepted = None;
        if ready.is_readable() {
            match unless_blocked(self.stream.try_read_buf(&mut self.received)).map_err(failed())? {
                Some(0) => {
                    return Err(BenchError::wrong(format!("waiting for {expected}: closed")));
                }
                _ => accepted = self.parse_received(expected, accept)?,
            }
        }
        let mut written = None;
        if ready.is_writable() {
            written = unless_blocked(self.stream.try_write(bytes)).map_err(failed())?;
        }
        Ok((written.unwrap_or(0), accepted))
    }

    /// Writes bytes that need not be a whole request.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), BenchError> {
        self.stream.write_all(bytes).await.map_err(BenchError::system("cannot write"))
    }

    /// Waits for bytes, and reads them.
    async fn read(&mut self, expected: &str) -> Result<(), BenchError> {
        let count = timeout(ANSWER_TIMEOUT, self.stream.read_buf(&mut self.received)).await;
        let count = count.unwrap_or_else(|timed_out| Err(timed_out.into()));
        match count.map_err(BenchError::system(format!("waiting for {expected}")))? {
            0 => Err(BenchError::wrong(format!("waiting for {expected}: closed"))),
            _ => Ok(()),
        }
    }

    /// Sends `OUT`, and waits until the server has closed the connection: then the user is signed off.
    pub(crate) async fn end(mut self) -> Result<(), BenchError> {
        self.send(msnp::command::Out).await?;
        loop {
            self.received.clear();
            let count = timeout(ANSWER_TIMEOUT, self.stream.read_buf(&mut self.received)).await;
            match count.unwrap_or_else(|timed_out| Err(timed_out.into())) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(BenchError::system("waiting for the end")(error)),
            }
        }
    }

    /// Frees unused memory of the buffer, for loads with thousands of connections.
    pub(crate) fn shrink_buffer(&mut self) {
        self.received.shrink_to_fit();
    }

    /// Returns the stream, and the received bytes that were not parsed.
    pub(super) fn into_parts(self) -> (TcpStream, Vec<u8>) {
        (self.stream, self.received)
    }
}

/// Returns `None` for an operation that was not possible without waiting.
fn unless_blocked(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}
