//! What arrives for a connection while it waits for an answer.

use heapless::Deque;

/// How many items wait at most. Presence of one contact takes one place, however often it changes.
const HELD: usize = 256;

/// A queue of news that may not overtake a reply; it takes memory only while it holds something.
pub struct Hold<T> {
    queue: Option<Box<Deque<T, HELD>>>,
}

impl<T> Default for Hold<T> {
    fn default() -> Hold<T> {
        Hold { queue: None }
    }
}

impl<T> Hold<T> {
    /// Keeps an item for later, in order. An earlier one that it makes stale is dropped first.
    /// `false`: there is no room.
    #[must_use = "news must not be lost silently"]
    pub fn push(&mut self, item: T, stale: impl Fn(&T) -> bool) -> bool {
        let queue = self.queue.get_or_insert_default();
        queue.retain(|held| !stale(held));
        queue.push_back(item).is_ok()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.queue.is_none()
    }

    /// Takes what has been held longest.
    pub fn pop(&mut self) -> Option<T> {
        let queue = self.queue.as_mut()?;
        let item = queue.pop_front();
        if queue.is_empty() {
            self.queue = None;
        }
        item
    }

    /// Takes all that is held, in order.
    pub fn take(&mut self) -> impl Iterator<Item = T> + use<T> {
        self.queue.take().into_iter().flat_map(|queue| *queue)
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
