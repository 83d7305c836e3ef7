//! Rooms: each member receives what the others send.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::ErrorKind;
use std::rc::Rc;
use std::task::Waker;
use tokio::net::tcp::OwnedWriteHalf;

/// How many bytes can wait for a member that does not read. A member with more is removed.
const MAX_UNWRITTEN: usize = 1024 * 1024;

#[derive(Debug, Default)]
pub(super) struct Rooms {
    by_number: RefCell<HashMap<u32, Room>>,
}

pub(super) type Room = Rc<RefCell<Vec<Rc<Member>>>>;

/// The part of a connection that the other members of its room use.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) stream: OwnedWriteHalf,
    /// Bytes that the socket has not accepted yet.
    pub(super) unwritten: RefCell<Vec<u8>>,
    /// Whether too many bytes wait for the member, which is then removed.
    pub(super) is_too_slow: Cell<bool>,
    /// Wakes the task of the member, which writes the waiting bytes.
    pub(super) waker: RefCell<Option<Waker>>,
}

impl Rooms {
    /// Enters a room, and creates it if necessary.
    pub(super) fn join(&self, number: u32, member: &Rc<Member>) -> Room {
        let room = self.by_number.borrow_mut().entry(number).or_default().clone();
        room.borrow_mut().push(member.clone());
        room
    }

    /// Leaves the room. An empty room is removed.
    pub(super) fn leave(&self, number: u32, member: &Rc<Member>) {
        let mut rooms = self.by_number.borrow_mut();
        if let Some(room) = rooms.get(&number) {
            room.borrow_mut().retain(|present| !Rc::ptr_eq(present, member));
            if room.borrow().is_empty() {
                rooms.remove(&number);
            }
        }
    }
}

impl Member {
    /// Writes bytes, and keeps what the socket does not accept.
    pub(super) fn receive(&self, bytes: &[u8]) {
        let mut unwritten = self.unwritten.borrow_mut();
        let written = match unwritten.is_empty() {
            true => self.stream.try_write(bytes),
            false => Ok(0),
        };
        let written = match written {
            Ok(written) => written,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            // The member's task gets the same error and ends.
            Err(_) => return,
        };
        let rest = bytes.get(written..).unwrap_or_default();
        if rest.is_empty() {
            return;
        }
        if unwritten.len() + rest.len() > MAX_UNWRITTEN {
            self.is_too_slow.set(true);
        } else {
            unwritten.extend_from_slice(rest);
        }
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }
}
