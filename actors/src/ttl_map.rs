//! What is remembered for a time, of so many things at most.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::time::Duration;
use tokio::time::Instant;

/// Values by the hash of what they belong to, with a key of this process. The newest `MOST` are kept,
/// about 100 bytes each; to remember or look up one takes no longer if there are many.
pub(crate) struct TtlMap<V, const MOST: usize> {
    hasher: RandomState,
    known: HashMap<u64, Entry<V>>,
    /// The hashes, the oldest first.
    order: BTreeMap<u64, u64>,
    last: u64,
}

struct Entry<V> {
    value: V,
    at: Instant,
    number: u64,
}

impl<V, const MOST: usize> Default for TtlMap<V, MOST> {
    fn default() -> TtlMap<V, MOST> {
        let (hasher, known, order) = Default::default();
        TtlMap { hasher, known, order, last: 0 }
    }
}

impl<V, const MOST: usize> TtlMap<V, MOST> {
    /// Remembers a value from now on, instead of an earlier one of the same. If there are too many, the
    /// oldest goes.
    pub(crate) fn put(&mut self, of: &impl Hash, value: V) {
        let hash = self.hasher.hash_one(of);
        self.last += 1;
        let remembered = Entry { value, at: Instant::now(), number: self.last };
        if let Some(before) = self.known.insert(hash, remembered) {
            self.order.remove(&before.number);
        }
        self.order.insert(self.last, hash);
        if self.known.len() > MOST {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, hash)) = self.order.pop_first() {
            self.known.remove(&hash);
        }
    }

    /// What was remembered of it within this time.
    pub(crate) fn get(&self, of: &impl Hash, within: Duration) -> Option<&V> {
        let known = self.known.get(&self.hasher.hash_one(of))?;
        (known.at.elapsed() < within).then_some(&known.value)
    }

    /// Forgets what is older.
    pub(crate) fn forget(&mut self, within: Duration) {
        let is_old = |known: &Entry<V>| known.at.elapsed() >= within;
        while let Some((_, hash)) = self.order.first_key_value()
            && self.known.get(hash).is_none_or(is_old)
        {
            self.drop_oldest();
        }
        if self.known.is_empty() {
            self.known = HashMap::new();
        }
    }

    /// How much is remembered.
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn the_newest_are_kept_for_the_time() {
        let mut recent = TtlMap::<&str, 2>::default();
        for (name, value) in [("a", "old"), ("b", "old"), ("a", "new"), ("c", "new")] {
            recent.put(&name, value);
        }
        let seen =
            |recent: &TtlMap<_, 2>| ["a", "b", "c"].map(|of| recent.get(&of, MINUTE).copied());
        assert_eq!(seen(&recent), [Some("new"), None, Some("new")]);
        assert_eq!((recent.len(), recent.order.len()), (2, 2));
        tokio::time::advance(MINUTE / 2).await;
        recent.put(&"c", "newer");
        recent.forget(MINUTE);
        assert_eq!(recent.len(), 2);
        tokio::time::advance(MINUTE / 2).await;
        assert_eq!(seen(&recent), [None, None, Some("newer")]);
        recent.forget(MINUTE);
        assert_eq!((recent.len(), recent.order.len()), (1, 1));
    }
}
