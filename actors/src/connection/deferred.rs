//! A queue for what arrives while a connection waits for an answer.

use std::collections::VecDeque;

/// A queue of at most `MAX` items that must not be sent before a reply. An empty queue takes a single
/// pointer.
pub struct Deferred<T, const MAX: usize> {
    /// Never empty.
    queue: Option<Box<Queue<T>>>,
}

struct Queue<T>(VecDeque<T>);

impl<T, const MAX: usize> Default for Deferred<T, MAX> {
    fn default() -> Deferred<T, MAX> {
        Deferred { queue: None }
    }
}

impl<T, const MAX: usize> Deferred<T, MAX> {
    /// Appends an item, and drops earlier ones that it makes stale. Returns `false` if there is no room.
    #[must_use = "an item must not be lost silently"]
    pub fn push(&mut self, item: T, stale: impl Fn(&T) -> bool) -> bool {
        let Queue(queue) =
            &mut **self.queue.get_or_insert_with(|| Box::new(Queue(VecDeque::new())));
        queue.retain(|held| !stale(held));
        let room = queue.len() < MAX;
        if room {
            queue.push_back(item);
        }
        room
    }

    pub fn is_empty(&self) -> bool {
        self.queue.is_none()
    }

    pub fn len(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.0.len())
    }

    /// Removes and returns the oldest item.
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
    fn items_are_in_order_and_stale_ones_are_dropped() {
        let mut deferred = Deferred::<(i32, char), 4>::default();
        for item in [(1, 'a'), (2, 'b'), (1, 'c')] {
            assert!(deferred.push(item, |held: &(i32, char)| held.0 == item.0));
        }
        assert!(!deferred.is_empty());
        assert_eq!(deferred.pop(), Some((2, 'b')));
        assert_eq!(deferred.pop(), Some((1, 'c')));
        assert!(deferred.is_empty() && deferred.pop().is_none());
    }

    #[test]
    fn a_full_queue_refuses_an_item() {
        let mut deferred = Deferred::<usize, 3>::default();
        for item in 0..3 {
            assert!(deferred.push(item, |_| false));
        }
        assert!(!deferred.push(3, |_| false));
    }
}
