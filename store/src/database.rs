//! The redb database: opening it, and opening it again after a failure.

use crate::kv_store::StoreClock;
use crate::medium::{LastSync, Medium, Tracked, View};
use crate::rows::{Backend, Rows, RowsMut};
use crate::tables::{ReadTables, WriteTables, meta_table_name};
use actors::port::StoreError;
use actors::port::store::{IoReason, StoreState, Unwritable};
use redb::{
    Builder, Database, DatabaseError, Durability, ReadableDatabase, TableHandle, WriteTransaction,
};
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The size of the cache in bytes. It holds all data of a household. redb's default is 1 GiB, which
/// would slowly fill the memory of a small board with pages that the system caches anyway.
const CACHE: usize = 512 * 1024;

/// The tables of a [`File`](crate::File).
pub struct Redb {
    database: RwLock<State>,
    name: String,
    medium: Box<dyn Opener>,
    /// Whether the disk failed, or redb found damage after the database was opened. redb then
    /// refuses all work until the database is opened again.
    failed: AtomicBool,
    /// How often another program had changed the database when it was opened again.
    foreign_changes: AtomicU32,
    clock: StoreClock,
}

/// Why the store refuses changes.
#[derive(Clone)]
struct Refusal {
    /// In seconds since 1970.
    since: u64,
    why: IoReason,
}

/// The state of the database.
enum State {
    Writable(Database),
    /// Read-only: the state of the last sync.
    View(Database, Refusal),
    /// It can be neither read nor written.
    Closed,
}

impl Redb {
    /// Opens the database called `name`. Creates it if it is missing.
    pub(crate) fn open(
        name: String,
        medium: impl Medium + 'static,
        clock: StoreClock,
    ) -> Result<Redb, StoreError> {
        let medium = TrackedMedium::new(medium);
        let database = open(&name, |builder| medium.open(builder, true))?;
        let rows = Redb::new(name, medium, State::Writable(database), clock);
        rows.with_database(|database| rows.make_tables(database))?;
        Ok(rows)
    }

    /// Opens an existing database read-only. Nothing on the medium is changed.
    pub(crate) fn open_read_only(
        name: String,
        medium: impl Medium + 'static,
        clock: StoreClock,
    ) -> Result<Redb, StoreError> {
        let medium = TrackedMedium::new(medium);
        let database = open(&name, |builder| medium.view(builder))?;
        let why = match medium.may_be_written() {
            Ok(()) => "it was opened read-only".into(),
            Err(why) => IoReason::from(&why),
        };
        let refusal = Refusal { since: clock.now(), why };
        Ok(Redb::new(name, medium, State::View(database, refusal), clock))
    }

    fn new(name: String, medium: impl Opener + 'static, state: State, clock: StoreClock) -> Redb {
        Redb {
            database: RwLock::new(state),
            name,
            medium: Box::new(medium),
            failed: AtomicBool::new(false),
            foreign_changes: AtomicU32::new(0),
            clock,
        }
    }

    /// Runs `work` on the database. Opens it again first, if the disk had failed.
    fn with_database<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.failed.load(Ordering::Acquire) {
            let mut state = self.database.write().unwrap_or_else(PoisonError::into_inner);
            // Another thread may have opened it in the meantime.
            if self.failed.load(Ordering::Acquire) {
                self.reopen(&mut state)?;
            }
        }
        let state = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = match &*state {
            State::Writable(database) | State::View(database, _) => database,
            State::Closed => {
                return Err(StoreError::Io(self.name.clone(), "it is closed".into()));
            }
        };
        // redb panics when it reads a malformed page. Such a page was damaged after the database
        // was opened.
        catch_unwind(AssertUnwindSafe(|| work(database))).unwrap_or_else(|_| {
            self.failed.store(true, Ordering::Release);
            let why = "reading or writing it caused a panic".to_owned();
            Err(StoreError::Damaged(self.name.clone(), why))
        })
    }

    /// Opens the database again for writing, or else for reading. The remains of a failed
    /// transaction are undone first.
    fn reopen(&self, state: &mut State) -> Result<(), StoreError> {
        let (database, old_refusal) = match std::mem::replace(state, State::Closed) {
            State::View(database, refusal) => (Some(database), Some(refusal)),
            State::Writable(database) => (Some(database), None),
            State::Closed => (None, None),
        };
        // Until one of the two attempts below succeeds, each use tries again.
        self.failed.store(true, Ordering::Release);
        let open_again = |builder: &Builder| {
            // Dropping the old database may panic, too, if it is damaged.
            drop(database);
            self.medium.open(builder, false)
        };
        let why = match open(&self.name, open_again) {
            Ok(database) => {
                *state = State::Writable(database);
                self.failed.store(false, Ordering::Release);
                if self.medium.take_foreign_change() {
                    self.foreign_changes.fetch_add(1, Ordering::AcqRel);
                    let why = "another program has changed it: try again".into();
                    return Err(StoreError::Io(self.name.clone(), why));
                }
                return Ok(());
            }
            Err(why) => why,
        };
        let StoreError::Io(_, words) = &why else { return Err(why) };
        let Ok(database) = open(&self.name, |builder| self.medium.view(builder)) else {
            return Err(why);
        };
        let since = old_refusal.map_or_else(|| self.clock.now(), |refusal| refusal.since);
        let refusal = Refusal { since, why: words.clone() };
        *state = State::View(database, refusal);
        self.failed.store(false, Ordering::Release);
        Ok(())
    }

    /// Makes the database writable, if the medium can be written by now.
    fn make_writable(&self) -> Result<(), StoreError> {
        self.with_database(|_| Ok(()))?;
        let check_writable = |state: &State| match state {
            State::View(_, refusal) => {
                Err(StoreError::Unwritable(self.name.clone(), refusal.why.clone()))
            }
            State::Writable(_) | State::Closed => Ok(()),
        };
        if check_writable(&self.database.read().unwrap_or_else(PoisonError::into_inner)).is_ok() {
            return Ok(());
        }
        let mut state = self.database.write().unwrap_or_else(PoisonError::into_inner);
        match (&mut *state, self.medium.may_be_written()) {
            (State::View(_, refusal), Err(why)) => refusal.why = IoReason::from(&why),
            (State::View(..), Ok(())) => self.reopen(&mut state)?,
            (State::Writable(_) | State::Closed, _) => {}
        }
        check_writable(&state)
    }

    fn make_tables(&self, database: &Database) -> Result<(), StoreError> {
        let reading = database.begin_read().map_err(|why| self.store_error(why))?;
        let tables = reading.list_tables().map_err(|why| self.store_error(why))?;
        let names: Vec<String> = tables.map(|table| table.name().to_owned()).collect();
        if names.is_empty() {
            let create = |transaction: &_| WriteTables::open(transaction, self).map(|_| ((), true));
            return self.transaction(database, create);
        }
        if !names.iter().any(|name| name == meta_table_name()) {
            let why = "it was made by another program".to_owned();
            return Err(StoreError::Damaged(self.name.clone(), why));
        }
        Ok(())
    }

    /// Runs `work`, which returns a result and whether it changed anything. If so, commits durably.
    fn transaction<T>(
        &self,
        database: &Database,
        work: impl FnOnce(&WriteTransaction) -> Result<(T, bool), StoreError>,
    ) -> Result<T, StoreError> {
        let mut transaction = database.begin_write().map_err(|why| self.store_error(why))?;
        transaction.set_durability(Durability::Immediate).map_err(|why| self.store_error(why))?;
        let (result, has_changed) = work(&transaction)?;
        if has_changed {
            let commits_before = self.medium.commits();
            if let Err(why) = transaction.commit() {
                let why = self.store_error(why);
                // The error may have come after the commit itself.
                if self.medium.commits() == commits_before {
                    return Err(why);
                }
            }
        } else {
            transaction.abort().map_err(|why| self.store_error(why))?;
        }
        Ok(result)
    }

    /// What messages call the database.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn store_error(&self, why: impl Into<redb::Error>) -> StoreError {
        let why = convert_error(&self.name, why);
        if matches!(why, StoreError::Io(..)) {
            self.failed.store(true, Ordering::Release);
        }
        why
    }
}

/// A medium and its [`LastSync`].
struct TrackedMedium<M> {
    medium: M,
    last_sync: Arc<LastSync>,
}

/// The ways to open a database on its medium.
trait Opener: Send + Sync {
    fn open(&self, builder: &Builder, new: bool) -> Result<Database, DatabaseError>;
    fn view(&self, builder: &Builder) -> Result<Database, DatabaseError>;
    fn may_be_written(&self) -> std::io::Result<()>;
    fn take_foreign_change(&self) -> bool;
    fn commits(&self) -> Option<Vec<u8>>;
}

impl<M: Medium> TrackedMedium<M> {
    fn new(medium: M) -> TrackedMedium<M> {
        TrackedMedium { medium, last_sync: Arc::default() }
    }
}

impl<M: Medium> Opener for TrackedMedium<M> {
    fn open(&self, builder: &Builder, new: bool) -> Result<Database, DatabaseError> {
        let storage = self.medium.open(new)?;
        builder.create_with_backend(Tracked::new(storage, self.last_sync.clone()))
    }

    fn view(&self, builder: &Builder) -> Result<Database, DatabaseError> {
        let storage = self.medium.open_read_only()?;
        builder.create_with_backend(View::new(storage, self.last_sync.clone()))
    }

    fn may_be_written(&self) -> std::io::Result<()> {
        self.medium.may_be_written()
    }

    fn take_foreign_change(&self) -> bool {
        self.last_sync.take_foreign_change()
    }

    fn commits(&self) -> Option<Vec<u8>> {
        self.last_sync.commits()
    }
}

/// Opens the database and checks all of it, because damage that is found later causes a panic.
fn open(
    name: &str,
    open_with: impl FnOnce(&Builder) -> Result<Database, DatabaseError>,
) -> Result<Database, StoreError> {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    match catch_unwind(AssertUnwindSafe(|| open_with(&builder))) {
        Ok(opened) => opened.map_err(|why| convert_error(name, why)),
        Err(_) => Err(StoreError::Damaged(name.to_owned(), "it cannot be opened".to_owned())),
    }
}

/// Converts an error of redb.
fn convert_error(name: &str, why: impl Into<redb::Error>) -> StoreError {
    use redb::Error;
    let why = why.into();
    let damaged = match &why {
        Error::DatabaseAlreadyOpen | Error::LockProtocolMismatch => {
            return StoreError::Locked(name.to_owned());
        }
        // redb returns these for a file that is not its own, and for one that ends too early.
        Error::Io(why) => {
            matches!(why.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
        }
        Error::Corrupted(_)
        | Error::UpgradeRequired(_)
        | Error::TableTypeMismatch { .. }
        | Error::TableIsMultimap(_)
        | Error::TypeDefinitionChanged { .. }
        | Error::TableDoesNotExist(_) => true,
        _ => false,
    };
    if damaged {
        StoreError::Damaged(name.to_owned(), why.to_string())
    } else {
        let kind = match &why {
            Error::Io(why) => Some(why.kind()),
            _ => None,
        };
        StoreError::Io(name.to_owned(), IoReason { kind, message: why.to_string() })
    }
}

impl Backend for Redb {
    fn compact(&self) {
        // A transaction, such as that of an export, may take minutes. Waiting for it would delay all
        // others.
        let Ok(mut state) = self.database.try_write() else { return };
        let State::Writable(database) = &mut *state else { return };
        match catch_unwind(AssertUnwindSafe(|| database.compact())) {
            Ok(Ok(_)) => {}
            Ok(Err(why)) => log::warn!("cannot compact the store: {}", self.store_error(why)),
            Err(_) => self.failed.store(true, Ordering::Release),
        }
    }

    fn state(&self) -> StoreState {
        // A failure shows in the state below.
        let _ = self.make_writable();
        let unwritable = match &*self.database.read().unwrap_or_else(PoisonError::into_inner) {
            State::View(_, Refusal { since, why }) => {
                Some(Unwritable { since: *since, why: why.to_string() })
            }
            State::Writable(_) => None,
            State::Closed => {
                Some(Unwritable { since: self.clock.now(), why: "it cannot be opened".to_owned() })
            }
        };
        let foreign_changes = self.foreign_changes.load(Ordering::Acquire);
        StoreState { unwritable, foreign_changes }
    }

    fn read_once<T>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with_database(|database| {
            let transaction = database.begin_read().map_err(|why| self.store_error(why))?;
            work(&ReadTables::new(transaction, self))
        })
    }

    fn try_write<T>(
        &self,
        work: impl FnOnce(&mut dyn RowsMut) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.make_writable()?;
        self.with_database(|database| {
            self.transaction(database, |transaction| {
                let mut tables = WriteTables::open(transaction, self)?;
                let result = work(&mut tables)?;
                Ok((result, tables.changed()))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Table;
    use redb::StorageBackend;
    use redb::backends::InMemoryBackend;
    use std::sync::Arc;

    fn in_memory() -> Redb {
        Redb::open("store".to_owned(), Disk::default(), Arc::new(|| 0)).unwrap()
    }

    /// A disk in memory.
    #[derive(Clone, Default)]
    struct Disk {
        bytes: Arc<InMemoryBackend>,
        /// Whether opening it for writing fails.
        fails_to_open: Arc<AtomicBool>,
    }

    impl Medium for Disk {
        type Storage = Shared;

        fn open(&self, _: bool) -> std::io::Result<Shared> {
            match self.fails_to_open.load(Ordering::Acquire) {
                true => Err(ErrorKind::InvalidData.into()),
                false => Ok(Shared(self.bytes.clone())),
            }
        }

        fn open_read_only(&self) -> std::io::Result<Shared> {
            Ok(Shared(self.bytes.clone()))
        }

        fn may_be_written(&self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[derive(Debug)]
    struct Shared(Arc<InMemoryBackend>);

    impl StorageBackend for Shared {
        fn len(&self) -> std::io::Result<u64> {
            self.0.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
            self.0.read(offset, out)
        }

        fn set_len(&self, length: u64) -> std::io::Result<()> {
            self.0.set_len(length)
        }

        fn sync_data(&self) -> std::io::Result<()> {
            self.0.sync_data()
        }

        fn write(&self, offset: u64, bytes: &[u8]) -> std::io::Result<()> {
            self.0.write(offset, bytes)
        }
    }

    #[test]
    fn the_database_is_opened_again_after_the_disk_failed() {
        let rows = in_memory();
        rows.write(|rows| rows.put(Table::Handles, b"a", b"1")).unwrap();
        let full = redb::Error::Io(std::io::Error::from(ErrorKind::StorageFull));
        assert!(matches!(rows.store_error(full), StoreError::Io(..)));
        let found = rows.read(|rows| rows.get(Table::Handles, b"a"));
        assert_eq!(found.unwrap().as_deref(), Some(b"1".as_slice()));
        rows.write(|rows| rows.put(Table::Handles, b"b", b"1")).unwrap();
    }

    #[test]
    fn a_store_that_could_not_be_opened_for_writing_once_is_opened_later() {
        let disk = Disk::default();
        let rows = Redb::open("store".to_owned(), disk.clone(), Arc::new(|| 0)).unwrap();
        rows.write(|rows| rows.put(Table::Handles, b"a", b"1")).unwrap();
        drop(rows);
        let rows = Redb::open_read_only("store".to_owned(), disk.clone(), Arc::new(|| 0)).unwrap();
        disk.fails_to_open.store(true, Ordering::Release);
        // It tries because the disk can be written, and loses the view that it could read.
        for _ in 0..2 {
            let written = rows.write(|rows| rows.put(Table::Handles, b"b", b"1"));
            assert!(matches!(written, Err(StoreError::Damaged(..))), "{written:?}");
        }
        disk.fails_to_open.store(false, Ordering::Release);
        let found = rows.read(|rows| rows.get(Table::Handles, b"a"));
        assert_eq!(found.unwrap().as_deref(), Some(b"1".as_slice()));
        rows.write(|rows| rows.put(Table::Handles, b"b", b"1")).unwrap();
    }

    #[test]
    fn a_panic_is_an_error_and_changes_nothing() {
        let rows = in_memory();
        rows.write(|rows| rows.put(Table::Handles, b"a", b"1")).unwrap();
        let written: Result<(), StoreError> = rows.write(|rows| {
            rows.put(Table::Handles, b"a", b"2")?;
            panic!("on purpose");
        });
        assert!(matches!(written, Err(StoreError::Damaged(..))));
        let read: Result<(), StoreError> = rows.read(|_| panic!("on purpose"));
        assert!(matches!(read, Err(StoreError::Damaged(..))));
        let found = rows.read(|rows| rows.get(Table::Handles, b"a"));
        assert_eq!(found.unwrap().as_deref(), Some(b"1".as_slice()));
        rows.write(|rows| rows.put(Table::Handles, b"b", b"1")).unwrap();
    }

    #[test]
    fn errors_of_redb_become_store_errors() {
        use redb::Error;
        let converted = |why| convert_error("store", why);
        let io = |kind| Error::Io(std::io::Error::from(kind));
        assert!(matches!(converted(Error::DatabaseAlreadyOpen), StoreError::Locked(_)));
        assert!(matches!(converted(Error::LockProtocolMismatch), StoreError::Locked(_)));
        assert!(matches!(converted(Error::Corrupted("x".to_owned())), StoreError::Damaged(..)));
        assert!(matches!(converted(io(ErrorKind::InvalidData)), StoreError::Damaged(..)));
        assert!(matches!(converted(io(ErrorKind::UnexpectedEof)), StoreError::Damaged(..)));
        assert!(matches!(converted(io(ErrorKind::PermissionDenied)), StoreError::Io(..)));
        assert!(matches!(converted(Error::PreviousIo), StoreError::Io(..)));
    }
}
