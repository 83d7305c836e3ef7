//! A connection to the bare relay.

use super::room::{Ear, Room, Rooms};
use crate::client::Sheet;
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

/// Bytes of one read, as in the server.
const READ: usize = 8 * 1024;

thread_local! {
    /// The buffers that all connections use to read and write.
    static DESK: RefCell<Desk> =
        const { RefCell::new(Desk { read: [0; READ], out: Vec::new() }) };
}

struct Desk {
    read: [u8; READ],
    out: Vec<u8>,
}

/// The connection is to be closed.
struct Over;

pub(super) struct Guest {
    stream: OwnedReadHalf,
    ear: Rc<Ear>,
    rooms: Rc<Rooms>,
    /// An incomplete frame: less than [`frame::MAX_FRAME`].
    partial: Vec<u8>,
    place: Option<Place>,
}

/// The room of a member, and the prefix of their messages.
struct Place {
    number: u32,
    room: Room,
    head: Vec<u8>,
}

impl Guest {
    /// A connection that has not joined a room.
    pub(super) fn new(stream: TcpStream, rooms: Rc<Rooms>) -> Guest {
        let (stream, write) = stream.into_split();
        let ear = Rc::new(Ear {
            stream: write,
            unwritten: RefCell::default(),
            late: Cell::new(false),
            waker: RefCell::default(),
        });
        Guest { stream, ear, rooms, partial: Vec::new(), place: None }
    }

    /// Serves the connection until it ends.
    pub(super) async fn serve(mut self) {
        poll_fn(|cx| {
            if self.ear.waker.borrow().is_none() {
                *self.ear.waker.borrow_mut() = Some(cx.waker().clone());
            }
            DESK.with_borrow_mut(|desk| self.poll(cx, desk))
        })
        .await;
        if let Some(place) = &self.place {
            self.rooms.leave(place.number, &self.ear);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>, desk: &mut Desk) -> Poll<()> {
        if self.ear.late.get() || self.poll_rest(cx).is_err() {
            return Poll::Ready(());
        }
        loop {
            let mut read = ReadBuf::new(&mut desk.read);
            match Pin::new(&mut self.stream).poll_read(cx, &mut read) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(())) if read.filled().is_empty() => return Poll::Ready(()),
                Poll::Ready(Ok(())) => {}
            }
            let read = read.filled();
            let done = match self.partial.is_empty() {
                true => self.take(read, &mut desk.out),
                false => {
                    let mut whole = std::mem::take(&mut self.partial);
                    whole.extend_from_slice(read);
                    self.take(&whole, &mut desk.out)
                }
            };
            if done.is_err() {
                return Poll::Ready(());
            }
        }
    }

    /// Writes what the socket did not accept before.
    fn poll_rest(&self, cx: &mut Context<'_>) -> Result<(), Over> {
        let mut unwritten = self.ear.unwritten.borrow_mut();
        while !unwritten.is_empty() {
            match self.ear.stream.as_ref().poll_write_ready(cx) {
                Poll::Pending => return Ok(()),
                Poll::Ready(ready) => ready.map_err(|_| Over)?,
            }
            match self.ear.stream.try_write(&unwritten) {
                Ok(written) => drop(unwritten.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return Err(Over),
            }
        }
        Ok(())
    }

    /// Relays the complete frames of the input, in one write for each member, and keeps the rest.
    fn take(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), Over> {
        out.clear();
        let mut used = 0;
        loop {
            let rest = input.get(used..).unwrap_or_default();
            let scan = frame::next(rest, Origin::Client, Server::Switchboard).map_err(|_| Over)?;
            used += scan.consumed;
            match (scan.frame, &self.place) {
                (None, _) => break,
                (Some(frame), Some(place)) if frame.name == b"MSG" => {
                    let length = frame.words.last().unwrap_or_default();
                    out.extend_from_slice(&place.head);
                    out.extend_from_slice(length);
                    out.extend_from_slice(b"\r\n");
                    out.extend_from_slice(frame.payload);
                }
                (Some(frame), None) => self.place = Some(self.enter(&frame)?),
                (Some(_), Some(_)) => return Err(Over),
            }
        }
        self.partial.extend_from_slice(input.get(used..).unwrap_or_default());
        if let Some(place) = self.place.as_ref().filter(|_| !out.is_empty()) {
            for ear in place.room.borrow().iter().filter(|ear| !Rc::ptr_eq(ear, &self.ear)) {
                ear.receive(out);
            }
        }
        Ok(())
    }

    fn enter(&self, frame: &Frame<'_>) -> Result<Place, Over> {
        let at = DecodeContext { server: Server::Switchboard, dialect: Dialect::Msnp2 };
        let Ok(Request::Ans(Ans { trid, handle, session, .. })) =
            Request::decode(frame, Phase::Fresh, at)
        else {
            return Err(Over);
        };
        let mut line = Sheet::default();
        Event::from(AnsReply { trid }).encode(at.dialect, &mut line).map_err(|_| Over)?;
        self.ear.receive(&line);
        let head = format!("MSG {handle} {} ", handle.local()).into_bytes();
        let number = session.value();
        Ok(Place { number, room: self.rooms.enter(number, &self.ear), head })
    }
}
