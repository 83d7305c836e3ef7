//! A member's connection in a conversation: sends numbered texts, and checks and counts those that
//! it receives.

use super::Wire;
use super::text::{Incoming, Outgoing};
use crate::error::BenchError;
use crate::rig::Principal;
use msnp::command::Ans;
use msnp::{Cookie, Event, Server, SessionId};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

/// The most bytes of one read.
pub(crate) const READ_SIZE: usize = 64 * 1024;

/// A member of a conversation, who receives the texts of one other member.
#[derive(Debug)]
pub(crate) struct Participant {
    stream: TcpStream,
    /// The beginning of a text whose end has not arrived.
    received: Vec<u8>,
    outgoing: Outgoing,
    incoming: Incoming,
    /// Texts that [`Participant::flush`] will write.
    unwritten: Vec<u8>,
}

impl Participant {
    /// Leaves, and waits until the server has closed the connection.
    pub(super) async fn end(self) -> Result<(), BenchError> {
        Wire::from_stream(self.stream).end().await
    }

    /// Creates a member from a connection that has joined. It checks the texts of `sender`.
    pub(super) fn new(
        wire: Wire,
        sender: &Principal,
        text_length: usize,
    ) -> Result<Participant, BenchError> {
        let (stream, received) = wire.into_parts();
        let (outgoing, incoming) =
            (Outgoing::new(text_length)?, Incoming::new(sender, text_length)?);
        Ok(Participant { stream, received, outgoing, incoming, unwritten: Vec::new() })
    }

    /// Joins a room of the bare relay as the account `number`. The number of a room is that of its first
    /// member. All others check the texts of that member, who checks those of the second.
    pub(crate) async fn in_bare_room(
        relay: SocketAddr,
        room: usize,
        number: usize,
        text_length: usize,
    ) -> Result<Participant, BenchError> {
        let mut wire = Wire::open(relay, Server::Switchboard).await?;
        let id = u32::try_from(room).ok().and_then(|room| SessionId::MIN.checked_add(room));
        let session = id.and_then(SessionId::new);
        let session =
            session.ok_or_else(|| BenchError::wrong("the number of a room is too large"))?;
        let handle = Principal::numbered(number)?.handle;
        let cookie = Cookie::from_entropy(0);
        wire.send(Ans { trid: msnp::TrId::new(1), handle, cookie, session }).await?;
        wire.receive("ANS", |event| matches!(event, Event::Ans(_)).then_some(())).await?;
        let sender = if number == room { room + 1 } else { room };
        Participant::new(wire, &Principal::numbered(sender)?, text_length)
    }

    /// Prepares `count` texts, which [`Participant::flush`] writes.
    pub(crate) fn compose(&mut self, count: usize) {
        for _ in 0..count {
            self.outgoing.write(&mut self.unwritten);
        }
    }

    /// Writes all prepared texts, in one piece if the socket accepts it.
    pub(crate) async fn flush(&mut self) -> Result<(), BenchError> {
        if !self.unwritten.is_empty() {
            let written = self.stream.write_all(&self.unwritten).await;
            written.map_err(BenchError::system("a member cannot write"))?;
            self.unwritten.clear();
        }
        Ok(())
    }

    /// Reads once, and returns the number of texts that are complete now. Members can share the buffer.
    pub(crate) fn poll_texts(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8; READ_SIZE],
    ) -> Poll<Result<usize, BenchError>> {
        let mut read = ReadBuf::new(buffer);
        let polled = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read));
        polled.map_err(BenchError::system("a member cannot read"))?;
        if read.filled().is_empty() {
            return Poll::Ready(Err(BenchError::wrong(
                "the server closed the connection of a member",
            )));
        }
        self.received.extend_from_slice(read.filled());
        let complete = self.incoming.check(&self.received)?;
        self.received.drain(..complete.bytes);
        Poll::Ready(Ok(complete.texts))
    }
}
