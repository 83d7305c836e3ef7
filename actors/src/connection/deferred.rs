//! What arrives for a connection while it waits for an answer.

use std::collections::VecDeque;

/// A queue of at most `MOST` news that may not overtake a reply; it takes memory only while it holds
/// something, but for one pointer.
pub struct Deferred<T, const MOST: usize> {
    /// Never empty.
    queue: Option<Box<Queue<T>>>,
}

struct Queue<T>(VecDeque<T>);

impl<T, const MOST: usize> Default for Deferred<T, MOST> {
    fn default() -> Deferred<T, MOST> {
        Deferred { queue: None }
    }
}

impl<T, const MOST: usize> Deferred<T, MOST> {
    /// Keeps an item for later, in order. An earlier one that it makes stale is dropped first.
    /// `false`: there is no room.
    #[must_use = "news must not be lost silently"]
    pub fn push(&mut self, item: T, stale: impl Fn(&T) -> bool) -> bool {
        let Queue(queue) =
            &mut **self.queue.get_or_insert_with(|| Box::new(Queue(VecDeque::new())));
        queue.retain(|held| !stale(held));
        let room = queue.len() < MOST;
        if room {
            queue.push_back(item);
        }
        room
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.queue.is_none()
    }

    /// How many items are held.
    pub fn len(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.0.len())
    }

    /// Takes what has been held longest.
    pub fn pop(&mut self) -> Option<T> {
        let Queue(queue) = &mut **self.queue.as_mut()?;
        let item = queue.pop_front();
        if queue.is_empty() {
            self.queue = None;
        }
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_back_in_order_and_stale_ones_do_not() {
        let mut hold = Deferred::<(i32, char), 4>::default();
        for item in [(1, 'a'), (2, 'b'), (1, 'c')] {
            assert!(hold.push(item, |held: &(i32, char)| held.0 == item.0));
        }
        assert!(!hold.is_empty());
        assert_eq!(hold.pop(), Some((2, 'b')));
        assert_eq!(hold.pop(), Some((1, 'c')));
        assert!(hold.is_empty() && hold.pop().is_none());
    }

    #[test]
    fn a_full_queue_says_so() {
        let mut hold = Deferred::<usize, 3>::default();
        for item in 0..3 {
            assert!(hold.push(item, |_| false));
        }
        assert!(!hold.push(3, |_| false));
    }
}
