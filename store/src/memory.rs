//! The store in memory.

use crate::kv_store::KvStore;
use crate::rows::{Backend, Rows, RowsMut, Table, Visit};
use crate::seal::{self, Key};
use actors::port::StoreError;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A store that forgets everything when it is dropped.
pub type Memory = KvStore<Maps>;

impl Memory {
    /// An empty store.
    ///
    /// # Errors
    /// [`StoreError`] if the system has no random numbers to make a key of.
    pub fn new() -> Result<Memory, StoreError> {
        KvStore::over(Maps::default(), PLACE, |_| seal::random_key().map(|key| Key::new(&key)))
    }
}

/// What the store is called in messages.
const PLACE: &str = "memory";

/// The tables of a [`Memory`].
#[derive(Default)]
pub struct Maps(Mutex<BTreeMap<Place, Vec<u8>>>);

/// Where a row stands.
type Place = (Table, Vec<u8>);

impl Backend for Maps {
    fn read<T>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        work(&Transaction::new(&self.0))
    }

    fn write<T>(
        &self,
        work: impl FnOnce(&mut dyn RowsMut) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut transaction = Transaction::new(&self.0);
        let answer = work(&mut transaction)?;
        transaction.before.clear();
        Ok(answer)
    }
}

/// A transaction; what it changed is as before when it is dropped, unless `before` was cleared.
struct Transaction<'a> {
    rows: MutexGuard<'a, BTreeMap<Place, Vec<u8>>>,
    before: Vec<(Place, Option<Vec<u8>>)>,
}

impl Transaction<'_> {
    fn new(rows: &Mutex<BTreeMap<Place, Vec<u8>>>) -> Transaction<'_> {
        // A transaction that panicked has put everything back: see `drop`.
        let rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        Transaction { rows, before: Vec::new() }
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        while let Some((place, value)) = self.before.pop() {
            match value {
                Some(value) => self.rows.insert(place, value),
                None => self.rows.remove(&place),
            };
        }
    }
}

impl Rows for Transaction<'_> {
    fn place(&self) -> &str {
        PLACE
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.rows.get(&(table, key.to_vec())).cloned())
    }

    fn scan(&self, table: Table, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        for ((of, key), value) in self.rows.range((table, prefix.to_vec())..) {
            if *of != table || !key.starts_with(prefix) {
                break;
            }
            visit(key, value)?;
        }
        Ok(())
    }
}

impl RowsMut for Transaction<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let place = (table, key.to_vec());
        let before = self.rows.insert(place.clone(), value.to_vec());
        self.before.push((place, before));
        Ok(())
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        let place = (table, key.to_vec());
        let before = self.rows.remove(&place);
        self.before.push((place, before));
        Ok(())
    }

    fn clear(&mut self, table: Table) -> Result<(), StoreError> {
        let keys = self.rows.keys().filter(|(of, _)| *of == table);
        for (_, key) in keys.cloned().collect::<Vec<_>>() {
            self.delete(table, &key)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(maps: &Maps) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut found = Vec::new();
        let scanned = maps.read(|rows| {
            rows.scan(Table::Handles, b"", &mut |key, value| {
                found.push((key.to_vec(), value.to_vec()));
                Ok(())
            })
        });
        scanned.unwrap();
        found
    }

    fn change(rows: &mut dyn RowsMut) -> Result<(), StoreError> {
        rows.put(Table::Handles, b"a", b"2")?;
        rows.put(Table::Handles, b"a", b"3")?;
        rows.put(Table::Handles, b"b", b"1")?;
        rows.delete(Table::Handles, b"c")
    }

    fn maps() -> Maps {
        let maps = Maps::default();
        let written = maps.write(|rows| {
            rows.put(Table::Handles, b"a", b"1")?;
            rows.put(Table::Handles, b"c", b"1")
        });
        written.unwrap();
        maps
    }

    fn row(key: &[u8], value: &[u8]) -> (Vec<u8>, Vec<u8>) {
        (key.to_vec(), value.to_vec())
    }

    #[test]
    fn a_transaction_is_carried_out_whole() {
        let maps = maps();
        maps.write(change).unwrap();
        assert_eq!(all(&maps), [row(b"a", b"3"), row(b"b", b"1")]);
    }

    #[test]
    fn one_that_fails_or_panics_did_not_happen() {
        let maps = maps();
        let failed: Result<(), StoreError> = maps.write(|rows| {
            change(rows)?;
            Err(StoreError::NoSuchAccount)
        });
        assert!(failed.is_err());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            maps.write(|rows| {
                change(rows)?;
                panic!("on purpose");
                #[expect(unreachable_code, reason = "it gives the closure its type")]
                Ok(())
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(all(&maps), [row(b"a", b"1"), row(b"c", b"1")]);
    }
}
