//! A connection to the bare relay.

use super::room::{Member, Room, Rooms};
use crate::client::FrameBuffer;
use msnp::command::{Ans, AnsReply, DecodeContext};
use msnp::frame::{self, Frame, Origin};
use msnp::{Dialect, Event, Phase, Request, Server};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;

/// Bytes of one read. It is enough for everything that a sender writes at once, so that each member gets it
/// in one write.
const READ_SIZE: usize = 64 * 1024;

thread_local! {
    /// The buffers that all connections use to read and write.
    static BUFFERS: RefCell<Buffers> =
        const { RefCell::new(Buffers { read: [0; READ_SIZE], out: Vec::new() }) };
}

struct Buffers {
    read: [u8; READ_SIZE],
    out: Vec<u8>,
}

/// The connection is to be closed.
struct Closed;

pub(super) struct Connection {
    stream: OwnedReadHalf,
    member: Rc<Member>,
    rooms: Rc<Rooms>,
    /// An incomplete frame: less than [`frame::MAX_FRAME`].
    partial: Vec<u8>,
    joined: Option<Joined>,
}

/// The room of a member, and the beginning of each message from that member.
struct Joined {
    number: u32,
    room: Room,
    prefix: Vec<u8>,
}

impl Connection {
    /// A connection that has not joined a room.
    pub(super) fn new(stream: TcpStream, rooms: Rc<Rooms>) -> Connection {
        let (stream, write) = stream.into_split();
        let member = Rc::new(Member {
            stream: write,
            unwritten: RefCell::default(),
            is_too_slow: Cell::new(false),
            waker: RefCell::default(),
        });
        Connection { stream, member, rooms, partial: Vec::new(), joined: None }
    }

    /// Serves the connection until it ends.
    pub(super) async fn serve(mut self) {
        poll_fn(|cx| {
            if self.member.waker.borrow().is_none() {
                *self.member.waker.borrow_mut() = Some(cx.waker().clone());
            }
            BUFFERS.with_borrow_mut(|buffers| self.poll(cx, buffers))
        })
        .await;
        if let Some(joined) = &self.joined {
            self.rooms.leave(joined.number, &self.member);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>, buffers: &mut Buffers) -> Poll<()> {
        if self.member.is_too_slow.get() || self.poll_unwritten(cx).is_err() {
            return Poll::Ready(());
        }
        loop {
            let mut read = ReadBuf::new(&mut buffers.read);
            match Pin::new(&mut self.stream).poll_read(cx, &mut read) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(())) if read.filled().is_empty() => return Poll::Ready(()),
                Poll::Ready(Ok(())) => {}
            }
            let read = read.filled();
            let done = match self.partial.is_empty() {
                true => self.relay(read, &mut buffers.out),
                false => {
                    let mut whole = std::mem::take(&mut self.partial);
                    whole.extend_from_slice(read);
                    self.relay(&whole, &mut buffers.out)
                }
            };
            if done.is_err() {
                return Poll::Ready(());
            }
        }
    }

    /// Writes what the socket did not accept before.
    fn poll_unwritten(&self, cx: &mut Context<'_>) -> Result<(), Closed> {
        let mut unwritten = self.member.unwritten.borrow_mut();
        while !unwritten.is_empty() {
            match self.member.stream.as_ref().poll_write_ready(cx) {
                Poll::Pending => return Ok(()),
                Poll::Ready(ready) => ready.map_err(|_| Closed)?,
            }
            match self.member.stream.try_write(&unwritten) {
                Ok(written) => drop(unwritten.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return Err(Closed),
            }
        }
        Ok(())
    }

    /// Relays the complete frames of the input, in one write for each member, and keeps the rest.
    fn relay(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), Closed> {
        out.clear();
        let mut used = 0;
        loop {
            let rest = input.get(used..).unwrap_or_default();
            let scan =
                frame::next(rest, Origin::Client, Server::Switchboard).map_err(|_| Closed)?;
            used += scan.consumed;
            match (scan.frame, &self.joined) {
                (None, _) => break,
                (Some(frame), Some(joined)) if frame.name == b"MSG" => {
                    let length = frame.words.last().unwrap_or_default();
                    out.extend_from_slice(&joined.prefix);
                    out.extend_from_slice(length);
                    out.extend_from_slice(b"\r\n");
                    out.extend_from_slice(frame.payload);
                }
                (Some(frame), None) => self.joined = Some(self.join(&frame)?),
                (Some(_), Some(_)) => return Err(Closed),
            }
        }
        self.partial.extend_from_slice(input.get(used..).unwrap_or_default());
        if let Some(joined) = self.joined.as_ref().filter(|_| !out.is_empty()) {
            for member in
                joined.room.borrow().iter().filter(|member| !Rc::ptr_eq(member, &self.member))
            {
                member.receive(out);
            }
        }
        Ok(())
    }

    fn join(&self, frame: &Frame<'_>) -> Result<Joined, Closed> {
        let context = DecodeContext { server: Server::Switchboard, dialect: Dialect::Msnp2 };
        let Ok(Request::Ans(Ans { trid, handle, session, .. })) =
            Request::decode(frame, Phase::Fresh, context)
        else {
            return Err(Closed);
        };
        let mut line = FrameBuffer::default();
        Event::from(AnsReply { trid }).encode(context.dialect, &mut line).map_err(|_| Closed)?;
        self.member.receive(&line);
        let prefix = format!("MSG {handle} {} ", handle.local()).into_bytes();
        let number = session.value();
        Ok(Joined { number, room: self.rooms.join(number, &self.member), prefix })
    }
}
