//! Who hears whom.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::ErrorKind;
use std::rc::Rc;
use std::task::Waker;
use tokio::net::tcp::OwnedWriteHalf;

/// How many bytes may wait for a member that does not read; then he is turned out.
const UNWRITTEN: usize = 1024 * 1024;

/// All rooms.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    members: RefCell<HashMap<u32, Room>>,
}

/// The members of one room.
pub(super) type Room = Rc<RefCell<Vec<Rc<Ear>>>>;

/// A member, as others see him.
#[derive(Debug)]
pub(super) struct Ear {
    pub(super) stream: OwnedWriteHalf,
    /// What the socket did not take.
    pub(super) unwritten: RefCell<Vec<u8>>,
    /// Whether he is to go.
    pub(super) late: Cell<bool>,
    /// His own task, which writes what is left.
    pub(super) waker: RefCell<Option<Waker>>,
}

impl Rooms {
    /// Enters a room, which is made if there is none.
    pub(super) fn enter(&self, number: u32, ear: &Rc<Ear>) -> Room {
        let room = self.members.borrow_mut().entry(number).or_default().clone();
        room.borrow_mut().push(ear.clone());
        room
    }

    /// Leaves it. A room that is empty is forgotten.
    pub(super) fn leave(&self, number: u32, ear: &Rc<Ear>) {
        let mut all = self.members.borrow_mut();
        if let Some(room) = all.get(&number) {
            room.borrow_mut().retain(|one| !Rc::ptr_eq(one, ear));
            if room.borrow().is_empty() {
                all.remove(&number);
            }
        }
    }
}

impl Ear {
    /// Writes bytes, or keeps what the socket does not take.
    pub(super) fn hear(&self, bytes: &[u8]) {
        let mut unwritten = self.unwritten.borrow_mut();
        let written = match unwritten.is_empty() {
            true => self.stream.try_write(bytes),
            false => Ok(0),
        };
        let written = match written {
            Ok(written) => written,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            // His own task sees the same and ends.
            Err(_) => return,
        };
        let rest = bytes.get(written..).unwrap_or_default();
        if rest.is_empty() {
            return;
        }
        if unwritten.len() + rest.len() > UNWRITTEN {
            self.late.set(true);
        } else {
            unwritten.extend_from_slice(rest);
        }
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }
}
