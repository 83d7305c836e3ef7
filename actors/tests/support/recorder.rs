//! A recipient without a connection, which records what sessions and participants receive.

use super::settle;
use actors::inbox::{Inbox, InboxHandle, InboxItem};
use std::cell::RefCell;

/// The capacity of an inbox that no test fills.
const WIDE: usize = 1024;

/// A recipient of one type of message.
pub(crate) struct Recorder<T: InboxItem> {
    inbox: RefCell<Option<Inbox<T>>>,
    handle: InboxHandle<T>,
}

impl<T: InboxItem> Recorder<T> {
    /// Returns a recorder with room for all messages of a test.
    pub(crate) fn new() -> Recorder<T> {
        Recorder::with_capacity(WIDE)
    }

    /// Returns a recorder with room for this many messages between two calls of
    /// [`Recorder::received`].
    pub(crate) fn with_capacity(capacity: usize) -> Recorder<T> {
        let inbox = Inbox::new(capacity);
        let handle = inbox.handle();
        Recorder { inbox: RefCell::new(Some(inbox)), handle }
    }

    pub(crate) fn handle(&self) -> InboxHandle<T> {
        self.handle.clone()
    }

    /// Returns the messages received since the last call.
    pub(crate) async fn received(&self) -> Vec<T> {
        settle().await;
        let inbox = self.inbox.borrow();
        inbox.iter().flat_map(|inbox| std::iter::from_fn(|| inbox.pop())).collect()
    }

    /// Drops the inbox, as a connection that ends does.
    pub(crate) async fn stop(&self) {
        self.inbox.take();
        settle().await;
    }
}
