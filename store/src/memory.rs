//! The store in memory.

use crate::kv_store::KvStore;
use crate::rows::{Backend, RowKey, Rows, RowsMut, Source, Table, Visit};
use crate::seal::{self, Key};
use actors::port::{Clock, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store that keeps nothing after it is dropped.
pub type Memory = KvStore<Maps>;

impl Memory {
    /// Creates an empty store.
    ///
    /// # Errors
    /// [`StoreError`] if the system has no random numbers for the key.
    pub fn new(clock: impl Clock + Send + Sync + 'static) -> Result<Memory, StoreError> {
        KvStore::with_backend(Maps::default(), NAME, Arc::new(clock), |_| {
            seal::random_key().map(|key| Key::new(&key))
        })
    }
}

/// What messages call the store.
const NAME: &str = "memory";

/// The tables of a [`Memory`].
#[derive(Default)]
pub struct Maps(Mutex<BTreeMap<RowKey, Vec<u8>>>);

impl Backend for Maps {
    fn read_once<T>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        work(&Transaction::new(&self.0))
    }

    fn try_write<T>(
        &self,
        work: impl FnOnce(&mut dyn RowsMut) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut transaction = Transaction::new(&self.0);
        let result = work(&mut transaction)?;
        transaction.before.clear();
        Ok(result)
    }
}

/// A transaction. When it is dropped, it undoes its changes, unless `before` was cleared.
struct Transaction<'a> {
    rows: MutexGuard<'a, BTreeMap<RowKey, Vec<u8>>>,
    /// The value of each changed row before the change, or `None` if there was no row. In the order
    /// of the changes.
    before: Vec<(RowKey, Option<Vec<u8>>)>,
}

impl Transaction<'_> {
    fn new(rows: &Mutex<BTreeMap<RowKey, Vec<u8>>>) -> Transaction<'_> {
        // A transaction that panicked has undone its changes: see `drop`.
        let rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        Transaction { rows, before: Vec::new() }
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        while let Some((row, value)) = self.before.pop() {
            match value {
                Some(value) => self.rows.insert(row, value),
                None => self.rows.remove(&row),
            };
        }
    }
}

impl Rows for Transaction<'_> {
    fn name(&self) -> &str {
        NAME
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.rows.get(&(table, key.to_vec())).cloned())
    }

    fn get_many(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        Ok(keys.iter().map(|row| self.rows.get(row).cloned()).collect())
    }

    fn count(&self, table: Table) -> Result<u64, StoreError> {
        let rows = self.rows.range((table, Vec::new())..);
        let count = rows.take_while(|((other, _), _)| *other == table).count();
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    fn is_empty(&self, table: Table) -> Result<bool, StoreError> {
        let first = self.rows.range((table, Vec::new())..).next();
        Ok(first.is_none_or(|((first, _), _)| *first != table))
    }

    fn scan(&self, table: Table, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        for ((row_table, key), value) in self.rows.range((table, prefix.to_vec())..) {
            if *row_table != table || !key.starts_with(prefix) {
                break;
            }
            visit(key, value)?;
        }
        Ok(())
    }
}

impl RowsMut for Transaction<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let row = (table, key.to_vec());
        let before = self.rows.insert(row.clone(), value.to_vec());
        self.before.push((row, before));
        Ok(())
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        let row = (table, key.to_vec());
        let before = self.rows.remove(&row);
        self.before.push((row, before));
        Ok(())
    }

    fn replace(&mut self, table: Table, source: &mut Source<'_>) -> Result<(), StoreError> {
        let keys = self.rows.keys().filter(|(row_table, _)| *row_table == table);
        for (_, key) in keys.cloned().collect::<Vec<_>>() {
            self.delete(table, &key)?;
        }
        source(&mut |key, value| self.put(table, key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(maps: &Maps) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut found = Vec::new();
        let scanned = maps.read_once(|rows| {
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
    fn a_transaction_applies_all_changes() {
        let maps = maps();
        maps.write(change).unwrap();
        assert_eq!(all(&maps), [row(b"a", b"3"), row(b"b", b"1")]);
    }

    #[test]
    fn a_transaction_that_fails_or_panics_changes_nothing() {
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
