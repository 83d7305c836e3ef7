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

/// Bytes of one read.
pub(crate) const READ_SIZE: usize = 64 * 1024;

/// A member of a conversation, who receives the texts of one other member.
#[derive(Debug)]
pub(crate) struct Participant {
    stream: TcpStream,
    /// The beginning of an incomplete text.
    received: Vec<u8>,
    outgoing: Outgoing,
    incoming: Incoming,
    /// Texts to be written.
    unwritten: Vec<u8>,
}

impl Participant {
    /// Leaves, and waits until the server has closed the connection.
    pub(super) async fn end(self) -> Result<(), BenchError> {
        Wire::of(self.stream).end().await
    }

    /// Creates a member who has joined and checks the texts of `other`.
    pub(super) fn new(
        wire: Wire,
        other: &Principal,
        text_length: usize,
    ) -> Result<Participant, BenchError> {
        let (stream, received) = wire.into_parts();
        let (outgoing, incoming) =
            (Outgoing::new(text_length)?, Incoming::from(other, text_length)?);
        Ok(Participant { stream, received, outgoing, incoming, unwritten: Vec::new() })
    }

    /// Joins a room of the bare relay as the account `number`. A room has the number of its first
    /// member, whose texts all others check.
    pub(crate) async fn in_bare_room(
        relay: SocketAddr,
        room: usize,
        number: usize,
        text_length: usize,
    ) -> Result<Participant, BenchError> {
        let mut wire = Wire::open(relay, Server::Switchboard).await?;
        let session = u32::try_from(room).ok().and_then(|room| SessionId::MIN.checked_add(room));
        let session = session.and_then(SessionId::new);
        let session = session.ok_or_else(|| BenchError::wrong("there is no such room"))?;
        let handle = Principal::numbered(number)?.handle;
        let cookie = Cookie::from_entropy(0);
        wire.send(Ans { trid: msnp::TrId::new(1), handle, cookie, session }).await?;
        wire.receive("ANS", |event| matches!(event, Event::Ans(_)).then_some(())).await?;
        let other = if number == room { room + 1 } else { room };
        Participant::new(wire, &Principal::numbered(other)?, text_length)
    }

    /// Appends `count` texts for [`Participant::flush`].
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

    /// Reads once and returns the number of complete texts. All members share the buffer.
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
        let (texts, used) = self.incoming.take(&self.received)?;
        self.received.drain(..used);
        Poll::Ready(Ok(texts))
    }
}
