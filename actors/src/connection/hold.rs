//! What arrives for a connection while it waits for an answer.

use std::collections::VecDeque;

/// How many items wait at most: presence of every contact of the longest forward list, and as many
/// other news. The news of one principal take one place of each kind, however often they change.
const HELD: usize = 1024;

/// A queue of news that may not overtake a reply; it takes memory only while it holds something.
pub struct Hold<T> {
    queue: VecDeque<T>,
}

impl<T> Default for Hold<T> {
    fn default() -> Hold<T> {
        Hold { queue: VecDeque::new() }
    }
}

impl<T> Hold<T> {
    /// Keeps an item for later, in order. An earlier one that it makes stale is dropped first.
    /// `false`: there is no room.
    #[must_use = "news must not be lost silently"]
    pub fn push(&mut self, item: T, stale: impl Fn(&T) -> bool) -> bool {
        self.queue.retain(|held| !stale(held));
        let room = self.queue.len() < HELD;
        if room {
            self.queue.push_back(item);
        }
        room
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Takes what has been held longest.
    pub fn pop(&mut self) -> Option<T> {
        let item = self.queue.pop_front();
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
        item
    }

    /// Takes all that is held, in order.
    pub fn take(&mut self) -> impl Iterator<Item = T> + use<T> {
        std::mem::take(&mut self.queue).into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_back_in_order_and_stale_ones_do_not() {
        let mut hold = Hold::default();
        for item in [(1, 'a'), (2, 'b'), (1, 'c')] {
            assert!(hold.push(item, |held: &(i32, char)| held.0 == item.0));
        }
        assert!(!hold.is_empty());
        assert_eq!(hold.pop(), Some((2, 'b')));
        assert_eq!(hold.take().collect::<Vec<_>>(), [(1, 'c')]);
        assert_eq!(hold.take().count(), 0);
        assert!(hold.is_empty() && hold.pop().is_none());
    }

    #[test]
    fn a_full_queue_says_so() {
        let mut hold = Hold::default();
        for item in 0..HELD {
            assert!(hold.push(item, |_| false));
        }
        assert!(!hold.push(HELD, |_| false));
    }
}
