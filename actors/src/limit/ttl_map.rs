//! A bounded map whose entries expire. It holds all counts over a time, and all that is remembered
//! for a while.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::time::Duration;
use tokio::time::Instant;

/// Values by the hash of their key. The hash is keyed with a random secret of this process. The newest
/// `MAX` entries are kept, about 100 bytes each. Inserting and looking up do not slow down with size.
pub struct TtlMap<V, const MAX: usize> {
    hasher: RandomState,
    entries: HashMap<u64, Entry<V>>,
    /// The hash of each entry by its number, so the oldest is first.
    order: BTreeMap<u64, u64>,
    /// The number of the newest entry.
    last: u64,
}

struct Entry<V> {
    value: V,
    inserted_at: Instant,
    number: u64,
}

impl<V, const MAX: usize> Default for TtlMap<V, MAX> {
    fn default() -> TtlMap<V, MAX> {
        let (hasher, entries, order) = Default::default();
        TtlMap { hasher, entries, order, last: 0 }
    }
}

impl<V, const MAX: usize> TtlMap<V, MAX> {
    /// Inserts a value, replaces an earlier one of the same key, and drops the oldest entry if there
    /// are too many.
    pub fn put(&mut self, key: &impl Hash, value: V) {
        self.put_hash(self.hasher.hash_one(key), value);
    }

    fn put_hash(&mut self, hash: u64, value: V) {
        self.last += 1;
        let entry = Entry { value, inserted_at: Instant::now(), number: self.last };
        if let Some(old) = self.entries.insert(hash, entry) {
            self.order.remove(&old.number);
        }
        self.order.insert(self.last, hash);
        if self.entries.len() > MAX {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, hash)) = self.order.pop_first() {
            self.entries.remove(&hash);
        }
    }

    /// Returns the value of a key if it was inserted within this time.
    pub fn get(&self, key: &impl Hash, within: Duration) -> Option<&V> {
        let entry = self.entries.get(&self.hasher.hash_one(key))?;
        (entry.inserted_at.elapsed() < within).then_some(&entry.value)
    }

    /// Drops the entries that were inserted `age` ago or earlier.
    pub fn drop_older(&mut self, age: Duration) {
        let is_old = |entry: &Entry<V>| entry.inserted_at.elapsed() >= age;
        while let Some((_, hash)) = self.order.first_key_value()
            && self.entries.get(hash).is_none_or(is_old)
        {
            self.drop_oldest();
        }
        if self.entries.is_empty() {
            self.entries = HashMap::new();
        }
    }

    /// Returns the value of a key. If it has none that was inserted within this time, a default one is
    /// inserted, and the oldest entry is dropped if there are too many.
    pub fn get_or_default(&mut self, key: &impl Hash, within: Duration) -> &mut V
    where
        V: Default,
    {
        let hash = self.hasher.hash_one(key);
        let is_live = |entry: &Entry<V>| entry.inserted_at.elapsed() < within;
        if !self.entries.get(&hash).is_some_and(is_live) {
            self.put_hash(hash, V::default());
        }
        // It is there: it is live or was just inserted.
        let new = || Entry { value: V::default(), inserted_at: Instant::now(), number: self.last };
        &mut self.entries.entry(hash).or_insert_with(new).value
    }

    pub fn remove(&mut self, key: &impl Hash) {
        if let Some(old) = self.entries.remove(&self.hasher.hash_one(key)) {
            self.order.remove(&old.number);
        }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn the_newest_entries_are_kept_for_the_time() {
        let mut map = TtlMap::<&str, 2>::default();
        for (name, value) in [("a", "old"), ("b", "old"), ("a", "new"), ("c", "new")] {
            map.put(&name, value);
        }
        let seen = |map: &TtlMap<_, 2>| ["a", "b", "c"].map(|key| map.get(&key, MINUTE).copied());
        assert_eq!(seen(&map), [Some("new"), None, Some("new")]);
        assert_eq!((map.len(), map.order.len()), (2, 2));
        tokio::time::advance(MINUTE / 2).await;
        map.put(&"c", "newer");
        map.drop_older(MINUTE);
        assert_eq!(map.len(), 2);
        tokio::time::advance(MINUTE / 2).await;
        assert_eq!(seen(&map), [None, None, Some("newer")]);
        map.drop_older(MINUTE);
        assert_eq!((map.len(), map.order.len()), (1, 1));
        map.remove(&"c");
        map.remove(&"c");
        assert!(map.is_empty() && map.order.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_count_starts_with_the_first_event_and_restarts_when_its_time_is_over() {
        let mut counts = TtlMap::<u32, 2>::default();
        let mut count = |key: &str| {
            let count = counts.get_or_default(&key, MINUTE);
            *count += 1;
            (*count, counts.len(), counts.order.len())
        };
        assert_eq!((count("a"), count("a")), ((1, 1, 1), (2, 1, 1)));
        tokio::time::advance(MINUTE - Duration::from_secs(1)).await;
        assert_eq!(count("a"), (3, 1, 1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!((count("a"), count("b")), ((1, 1, 1), (1, 2, 2)));
        // A third one makes the oldest go.
        assert_eq!((count("c"), count("a")), ((1, 2, 2), (1, 2, 2)));
    }
}
