//! A bounded queue of typed messages for one recipient: the actor of a connection, or another front
//! door of a principal.
//!
//! A mailbox of actix allocates twice for each message and accepts more than its capacity. An inbox
//! does neither, and the sender learns at once whether the item was accepted. The recipient's task
//! takes the items out when it runs.

use futures::Stream;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// What an inbox holds.
pub trait InboxItem: Sized {
    /// The number of items for which an empty inbox keeps memory.
    const KEPT_ROOM: usize = 0;

    /// Returns whether the item makes an earlier one superfluous. Used while the inbox is held:
    /// while its recipient leaves the items in it.
    fn replaces(&self, _earlier: &Self) -> bool {
        false
    }

    /// Returns whether the item is handled even while the inbox is held.
    fn is_urgent(&self) -> bool {
        false
    }
}

/// Why an item was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The inbox is full. It is closed now, and its recipient is informed.
    #[error("the inbox is full")]
    Full,
    /// The recipient is gone, or its inbox was full before.
    #[error("the inbox is closed")]
    Closed,
}

/// The inbox was full: the recipient is too slow, and gets nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the inbox was full")]
pub struct OverrunError;

struct Shared<T> {
    /// Whether the recipient leaves items in the inbox for now.
    is_held: AtomicBool,
    state: Mutex<State<T>>,
}

struct State<T> {
    /// Keeps memory for [`InboxItem::KEPT_ROOM`] items at most while it is empty.
    items: VecDeque<T>,
    capacity: u32,
    waker: Option<Waker>,
    is_closed: bool,
}

impl<T> Shared<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        // No state is left half changed by a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_held(&self) -> bool {
        self.is_held.load(Ordering::Relaxed)
    }
}

impl<T> State<T> {
    fn len(&self) -> u32 {
        u32::try_from(self.items.len()).unwrap_or(u32::MAX)
    }

    fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }

    fn register(&mut self, waker: &Waker) {
        match &mut self.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }
}

impl<T: InboxItem> State<T> {
    fn free_if_empty(&mut self) {
        if self.items.is_empty() && self.items.capacity() > T::KEPT_ROOM {
            self.items = VecDeque::new();
        }
    }

    fn pop(&mut self) -> Option<T> {
        let item = self.items.pop_front();
        self.free_if_empty();
        item
    }

    fn close(&mut self) {
        self.is_closed = true;
        self.items = VecDeque::new();
    }
}

/// The recipient's end. Dropping it closes the inbox.
pub struct Inbox<T: InboxItem> {
    shared: Arc<Shared<T>>,
}

/// A sender's end.
pub struct InboxHandle<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Clone for InboxHandle<T> {
    fn clone(&self) -> InboxHandle<T> {
        InboxHandle { shared: self.shared.clone() }
    }
}

impl<T> std::fmt::Debug for InboxHandle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InboxHandle")
    }
}

impl<T: InboxItem> InboxHandle<T> {
    /// Appends an item and wakes the recipient.
    ///
    /// # Errors
    /// [`PushError`] if the item was not accepted.
    pub fn push(&self, item: T) -> Result<(), PushError> {
        let mut state = self.shared.state();
        if state.is_closed {
            return Err(PushError::Closed);
        }
        if self.shared.is_held() {
            state.items.retain(|earlier| !item.replaces(earlier));
        }
        let is_full = state.len() >= state.capacity;
        if is_full {
            state.close();
        } else {
            state.items.push_back(item);
        }
        state.wake();
        if is_full { Err(PushError::Full) } else { Ok(()) }
    }

    /// Returns whether the inbox accepts nothing more.
    pub fn is_closed(&self) -> bool {
        self.shared.state().is_closed
    }
}

impl<T: InboxItem> Inbox<T> {
    /// Creates an empty inbox for at most `capacity` items.
    pub fn new(capacity: usize) -> Inbox<T> {
        let capacity = u32::try_from(capacity).unwrap_or(u32::MAX);
        let state = State { items: VecDeque::new(), capacity, waker: None, is_closed: false };
        let (is_held, state) = (AtomicBool::new(false), Mutex::new(state));
        Inbox { shared: Arc::new(Shared { is_held, state }) }
    }

    /// Returns a sender's end.
    pub fn handle(&self) -> InboxHandle<T> {
        InboxHandle { shared: self.shared.clone() }
    }

    /// Sets the task that is woken by each new item, and returns the number of items.
    ///
    /// # Errors
    /// [`OverrunError`] if the inbox was full.
    pub fn register(&self, waker: &Waker) -> Result<usize, OverrunError> {
        let mut state = self.shared.state();
        state.register(waker);
        if state.is_closed { Err(OverrunError) } else { Ok(state.items.len()) }
    }

    /// Closes the inbox, since the recipient handles nothing more.
    pub fn close(&self) {
        self.shared.state().close();
    }

    /// Removes and returns the oldest item.
    pub fn pop(&self) -> Option<T> {
        self.shared.state().pop()
    }

    /// Removes and returns the oldest urgent item.
    pub fn pop_urgent(&self) -> Option<T> {
        let mut state = self.shared.state();
        let index = state.items.iter().position(T::is_urgent)?;
        let item = state.items.remove(index);
        state.free_if_empty();
        item
    }

    pub fn len(&self) -> usize {
        self.shared.state().items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets whether the recipient leaves items in the inbox for now. Items that are made superfluous
    /// by a later one are dropped meanwhile.
    pub fn set_held(&self, is_held: bool) {
        self.shared.is_held.store(is_held, Ordering::Relaxed);
    }

    /// Returns whether the recipient leaves items in the inbox for now.
    pub fn is_held(&self) -> bool {
        self.shared.is_held()
    }

    /// Returns whether the inbox is held and has items.
    pub fn has_held_items(&self) -> bool {
        self.is_held() && !self.is_empty()
    }
}

/// Returns the items as they arrive. Ends if the inbox was full.
impl<T: InboxItem> Stream for Inbox<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = self.shared.state();
        state.register(cx.waker());
        match state.pop() {
            None if !state.is_closed => Poll::Pending,
            item => Poll::Ready(item),
        }
    }
}

impl<T: InboxItem> Drop for Inbox<T> {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.close();
        state.waker = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    /// A key and a value; a later value replaces an earlier one of its key.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Item(u32, char);

    impl InboxItem for Item {
        const KEPT_ROOM: usize = 4;

        fn replaces(&self, earlier: &Item) -> bool {
            self.0 == earlier.0
        }

        fn is_urgent(&self) -> bool {
            self.1 == '!'
        }
    }

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Wakes>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn items_are_in_order_and_a_held_inbox_drops_superfluous_ones() {
        let inbox = Inbox::new(4);
        let push = |inbox: &Inbox<Item>| {
            for item in [Item(1, 'a'), Item(2, 'b'), Item(1, 'c')] {
                inbox.handle().push(item).unwrap();
            }
        };
        push(&inbox);
        assert_eq!(inbox.len(), 3);
        assert_eq!(std::iter::from_fn(|| inbox.pop()).count(), 3);
        inbox.set_held(true);
        push(&inbox);
        assert!(inbox.has_held_items());
        assert_eq!((inbox.pop(), inbox.pop()), (Some(Item(2, 'b')), Some(Item(1, 'c'))));
        assert!(inbox.is_empty() && !inbox.has_held_items() && inbox.pop().is_none());
    }

    #[test]
    fn a_full_inbox_refuses_an_item_and_is_closed() {
        let inbox = Inbox::new(3);
        let (wakes, handle) = (Arc::<Wakes>::default(), inbox.handle());
        assert_eq!(inbox.register(&wakes.clone().into()), Ok(0));
        for key in 0..3 {
            handle.push(Item(key, 'a')).unwrap();
        }
        assert_eq!(inbox.register(&wakes.clone().into()), Ok(3));
        assert_eq!(handle.push(Item(3, 'a')), Err(PushError::Full));
        assert_eq!(handle.push(Item(4, 'a')), Err(PushError::Closed));
        assert_eq!(inbox.register(&wakes.clone().into()), Err(OverrunError));
        assert_eq!(wakes.0.load(Ordering::Relaxed), 4, "it learns of each item and of the end");
    }

    #[test]
    fn an_urgent_item_is_taken_first() {
        let inbox = Inbox::new(4);
        for item in [Item(1, 'a'), Item(2, '!'), Item(3, 'b')] {
            inbox.handle().push(item).unwrap();
        }
        assert_eq!((inbox.pop_urgent(), inbox.pop_urgent()), (Some(Item(2, '!')), None));
        assert_eq!((inbox.pop(), inbox.pop()), (Some(Item(1, 'a')), Some(Item(3, 'b'))));
    }

    #[test]
    fn an_empty_inbox_keeps_memory_for_few_items() {
        let inbox = Inbox::new(64);
        let memory_after = |count| {
            for key in 0..count {
                inbox.handle().push(Item(key, 'a')).unwrap();
            }
            while inbox.pop().is_some() {}
            inbox.shared.state().items.capacity()
        };
        assert!((1..=Item::KEPT_ROOM).contains(&memory_after(1)));
        assert_eq!(memory_after(20), 0);
    }

    #[test]
    fn a_closed_or_dropped_inbox_accepts_nothing() {
        let inbox = Inbox::new(4);
        let handle = inbox.handle();
        handle.push(Item(1, 'a')).unwrap();
        inbox.close();
        assert!(handle.is_closed() && inbox.is_empty());
        assert_eq!(handle.push(Item(1, 'a')), Err(PushError::Closed));

        let inbox = Inbox::new(4);
        let handle = inbox.handle();
        assert!(!handle.is_closed());
        drop(inbox);
        assert_eq!(handle.push(Item(1, 'a')), Err(PushError::Closed));
    }

    #[tokio::test]
    async fn the_stream_ends_if_the_inbox_was_full() {
        let mut inbox = Inbox::new(1);
        inbox.handle().push(Item(1, 'a')).unwrap();
        assert_eq!(inbox.next().await, Some(Item(1, 'a')));
        inbox.handle().push(Item(1, 'a')).unwrap();
        inbox.handle().push(Item(2, 'a')).unwrap_err();
        assert_eq!(inbox.next().await, None);
    }
}
