//! The tables in a redb database.

use crate::kv_store::now;
use crate::medium::{Medium, Tracked, Trail, View};
use crate::rows::{Backend, Rows, RowsMut, Table, Visit};
use actors::port::StoreError;
use actors::port::store::{IoReason, StoreState, Unwritable};
use redb::{
    Builder, Database, DatabaseError, Durability, ReadTransaction, ReadableDatabase, ReadableTable,
    TableDefinition, TableError, TableHandle, WriteTransaction,
};
use std::cell::OnceCell;
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
}

/// Why the store refuses changes.
#[derive(Clone)]
struct Refusal {
    /// In seconds since 1970.
    since: u64,
    why: IoReason,
}

impl Refusal {
    fn now(why: IoReason) -> Refusal {
        Refusal { since: now(), why }
    }
}

/// The state of the database.
enum State {
    Writable(Database),
    /// Read-only: the state of the last sync.
    View(Database, Refusal),
    /// It can be neither read nor written.
    Closed,
}

type Bytes = &'static [u8];
type Definition = TableDefinition<'static, Bytes, Bytes>;

const META: Definition = TableDefinition::new("meta");
const ACCOUNTS: Definition = TableDefinition::new("accounts");
const HANDLES: Definition = TableDefinition::new("handles");
const ENTRIES: Definition = TableDefinition::new("entries");
const PROFILES: Definition = TableDefinition::new("profiles");
const DISABLED: Definition = TableDefinition::new("disabled");
const DENIED: Definition = TableDefinition::new("denied");

const fn definition(table: Table) -> Definition {
    match table {
        Table::Meta => META,
        Table::Accounts => ACCOUNTS,
        Table::Handles => HANDLES,
        Table::Entries => ENTRIES,
        Table::Profiles => PROFILES,
        Table::Disabled => DISABLED,
        Table::Denied => DENIED,
    }
}

impl Redb {
    /// Opens the database called `name`. Creates it if it is missing.
    pub(crate) fn open(name: String, medium: impl Medium + 'static) -> Result<Redb, StoreError> {
        let medium = TrackedMedium::new(medium);
        let database = open(&name, |builder| medium.open(builder, true))?;
        let rows = Redb::new(name, medium, State::Writable(database));
        rows.with_database(|database| rows.make_tables(database))?;
        Ok(rows)
    }

    /// Opens an existing database read-only. Nothing on the medium is changed.
    pub(crate) fn open_to_read(
        name: String,
        medium: impl Medium + 'static,
    ) -> Result<Redb, StoreError> {
        let medium = TrackedMedium::new(medium);
        let database = open(&name, |builder| medium.view(builder))?;
        let why = match medium.may_be_written() {
            Ok(()) => "it was opened read-only".into(),
            Err(why) => IoReason::from(&why),
        };
        Ok(Redb::new(name, medium, State::View(database, Refusal::now(why))))
    }

    fn new(name: String, medium: impl Opener + 'static, opened: State) -> Redb {
        Redb {
            database: RwLock::new(opened),
            name,
            medium: Box::new(medium),
            failed: AtomicBool::new(false),
            foreign_changes: AtomicU32::new(0),
        }
    }

    /// Runs `work` on the database. Opens it again first, if the disk had failed.
    fn with_database<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.failed.load(Ordering::Acquire) {
            let mut opened = self.database.write().unwrap_or_else(PoisonError::into_inner);
            // Another thread may have opened it in the meantime.
            if self.failed.load(Ordering::Acquire) {
                self.reopen(&mut opened)?;
            }
        }
        let opened = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = match &*opened {
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
    fn reopen(&self, opened: &mut State) -> Result<(), StoreError> {
        let (database, before) = match std::mem::replace(opened, State::Closed) {
            State::View(database, since) => (Some(database), Some(since)),
            State::Writable(database) => (Some(database), None),
            State::Closed => (None, None),
        };
        // Until one of the two attempts below succeeds, each use tries again.
        self.failed.store(true, Ordering::Release);
        let again = |builder: &Builder| {
            // Dropping it may panic, too, if it met damage.
            drop(database);
            self.medium.open(builder, false)
        };
        let why = match open(&self.name, again) {
            Ok(database) => {
                *opened = State::Writable(database);
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
        let since = before.map_or_else(now, |before| before.since);
        let refusal = Refusal { since, why: words.clone() };
        *opened = State::View(database, refusal);
        self.failed.store(false, Ordering::Release);
        Ok(())
    }

    /// Makes the database writable, if the medium can be written by now.
    fn make_writable(&self) -> Result<(), StoreError> {
        self.with_database(|_| Ok(()))?;
        let refused = |opened: &State| match opened {
            State::View(_, refusal) => {
                Err(StoreError::Unwritable(self.name.clone(), refusal.why.clone()))
            }
            State::Writable(_) | State::Closed => Ok(()),
        };
        if refused(&self.database.read().unwrap_or_else(PoisonError::into_inner)).is_ok() {
            return Ok(());
        }
        let mut opened = self.database.write().unwrap_or_else(PoisonError::into_inner);
        match (&mut *opened, self.medium.may_be_written()) {
            (State::View(_, refusal), Err(why)) => refusal.why = IoReason::from(&why),
            (State::View(..), Ok(())) => self.reopen(&mut opened)?,
            (State::Writable(_) | State::Closed, _) => {}
        }
        refused(&opened)
    }

    fn make_tables(&self, database: &Database) -> Result<(), StoreError> {
        let reading = database.begin_read().map_err(|why| self.store_error(why))?;
        let tables = reading.list_tables().map_err(|why| self.store_error(why))?;
        let names: Vec<String> = tables.map(|table| table.name().to_owned()).collect();
        if names.is_empty() {
            let create = |transaction: &_| Writing::new(transaction, self).map(|_| ((), true));
            return self.transaction(database, create);
        }
        if !names.iter().any(|name| name == META.name()) {
            let why = "it was made by another program".to_owned();
            return Err(StoreError::Damaged(self.name.clone(), why));
        }
        Ok(())
    }

    /// Runs `work`. Commits durably if it returns `true`.
    fn transaction<T>(
        &self,
        database: &Database,
        work: impl FnOnce(&WriteTransaction) -> Result<(T, bool), StoreError>,
    ) -> Result<T, StoreError> {
        let mut transaction = database.begin_write().map_err(|why| self.store_error(why))?;
        transaction.set_durability(Durability::Immediate).map_err(|why| self.store_error(why))?;
        let (result, changed) = work(&transaction)?;
        if changed {
            let before = self.medium.commits();
            if let Err(why) = transaction.commit() {
                let why = self.store_error(why);
                // The error may have come after the commit itself.
                if self.medium.commits() == before {
                    return Err(why);
                }
            }
        } else {
            transaction.abort().map_err(|why| self.store_error(why))?;
        }
        Ok(result)
    }

    fn store_error(&self, why: impl Into<redb::Error>) -> StoreError {
        let why = convert_error(&self.name, why);
        if matches!(why, StoreError::Io(..)) {
            self.failed.store(true, Ordering::Release);
        }
        why
    }
}

/// A medium and its [`Trail`].
struct TrackedMedium<M> {
    medium: M,
    trail: Arc<Trail>,
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
        TrackedMedium { medium, trail: Arc::default() }
    }
}

impl<M: Medium> Opener for TrackedMedium<M> {
    fn open(&self, builder: &Builder, new: bool) -> Result<Database, DatabaseError> {
        let storage = self.medium.open(new)?;
        builder.create_with_backend(Tracked::new(storage, self.trail.clone()))
    }

    fn view(&self, builder: &Builder) -> Result<Database, DatabaseError> {
        let storage = self.medium.open_to_read()?;
        builder.create_with_backend(View::new(storage, self.trail.clone()))
    }

    fn may_be_written(&self) -> std::io::Result<()> {
        self.medium.may_be_written()
    }

    fn take_foreign_change(&self) -> bool {
        self.trail.take_foreign_change()
    }

    fn commits(&self) -> Option<Vec<u8>> {
        self.trail.commits()
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
        StoreError::Io(name.to_owned(), IoReason { kind, words: why.to_string() })
    }
}

impl Backend for Redb {
    fn state(&self) -> StoreState {
        // A failure shows in the state below.
        let _ = self.make_writable();
        let unwritable = match &*self.database.read().unwrap_or_else(PoisonError::into_inner) {
            State::View(_, Refusal { since, why }) => {
                Some(Unwritable { since: *since, why: why.to_string() })
            }
            State::Writable(_) => None,
            State::Closed => {
                Some(Unwritable { since: now(), why: "it cannot be opened".to_owned() })
            }
        };
        StoreState { unwritable, replaced: self.foreign_changes.load(Ordering::Acquire) }
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with_database(|database| {
            let transaction = database.begin_read().map_err(|why| self.store_error(why))?;
            work(&Reading::new(transaction, self))
        })
    }

    fn write<T>(
        &self,
        work: impl FnOnce(&mut dyn RowsMut) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.make_writable()?;
        self.with_database(|database| {
            self.transaction(database, |transaction| {
                let mut writing = Writing::new(transaction, self)?;
                let result = work(&mut writing)?;
                Ok((result, writing.changed))
            })
        })
    }
}

type ReadOnlyTable = redb::ReadOnlyTable<Bytes, Bytes>;
type OpenOnce = OnceCell<ReadOnlyTable>;

struct Reading<'a> {
    transaction: ReadTransaction,
    /// Tables are opened when they are first read: opening one takes longer than reading a row.
    meta: OpenOnce,
    accounts: OpenOnce,
    handles: OpenOnce,
    entries: OpenOnce,
    profiles: OpenOnce,
    disabled: OpenOnce,
    denied: OpenOnce,
    redb: &'a Redb,
}

impl<'a> Reading<'a> {
    fn new(transaction: ReadTransaction, redb: &'a Redb) -> Reading<'a> {
        let (meta, accounts, handles, entries) = Default::default();
        let (profiles, disabled, denied) = Default::default();
        Reading { transaction, meta, accounts, handles, entries, profiles, disabled, denied, redb }
    }

    /// Returns `None` if the table does not exist: older program versions created fewer tables.
    fn table(&self, table: Table) -> Result<Option<&ReadOnlyTable>, StoreError> {
        let once = match table {
            Table::Meta => &self.meta,
            Table::Accounts => &self.accounts,
            Table::Handles => &self.handles,
            Table::Entries => &self.entries,
            Table::Profiles => &self.profiles,
            Table::Disabled => &self.disabled,
            Table::Denied => &self.denied,
        };
        if let Some(open) = once.get() {
            return Ok(Some(open));
        }
        match self.transaction.open_table(definition(table)) {
            Err(TableError::TableDoesNotExist(_)) if table.may_be_missing() => Ok(None),
            open => {
                let open = open.map_err(|why| self.redb.store_error(why))?;
                Ok(Some(once.get_or_init(|| open)))
            }
        }
    }
}

impl Rows for Reading<'_> {
    fn name(&self) -> &str {
        &self.redb.name
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.table(table)?.map_or(Ok(None), |table| self.redb.get(table, key))
    }

    fn scan(&self, table: Table, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.table(table)?.map_or(Ok(()), |table| self.redb.scan(table, prefix, visit))
    }
}

type Open<'a> = redb::Table<'a, Bytes, Bytes>;

struct Writing<'a> {
    meta: Open<'a>,
    accounts: Open<'a>,
    handles: Open<'a>,
    entries: Open<'a>,
    profiles: Open<'a>,
    disabled: Open<'a>,
    denied: Open<'a>,
    redb: &'a Redb,
    changed: bool,
}

impl<'a> Writing<'a> {
    fn new(transaction: &'a WriteTransaction, redb: &'a Redb) -> Result<Writing<'a>, StoreError> {
        let open =
            |table| transaction.open_table(definition(table)).map_err(|why| redb.store_error(why));
        Ok(Writing {
            meta: open(Table::Meta)?,
            accounts: open(Table::Accounts)?,
            handles: open(Table::Handles)?,
            entries: open(Table::Entries)?,
            profiles: open(Table::Profiles)?,
            disabled: open(Table::Disabled)?,
            denied: open(Table::Denied)?,
            redb,
            changed: false,
        })
    }

    const fn table(&self, table: Table) -> &Open<'a> {
        match table {
            Table::Meta => &self.meta,
            Table::Accounts => &self.accounts,
            Table::Handles => &self.handles,
            Table::Entries => &self.entries,
            Table::Profiles => &self.profiles,
            Table::Disabled => &self.disabled,
            Table::Denied => &self.denied,
        }
    }

    const fn table_mut(&mut self, table: Table) -> &mut Open<'a> {
        self.changed = true;
        match table {
            Table::Meta => &mut self.meta,
            Table::Accounts => &mut self.accounts,
            Table::Handles => &mut self.handles,
            Table::Entries => &mut self.entries,
            Table::Profiles => &mut self.profiles,
            Table::Disabled => &mut self.disabled,
            Table::Denied => &mut self.denied,
        }
    }
}

impl Rows for Writing<'_> {
    fn name(&self) -> &str {
        &self.redb.name
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.redb.get(self.table(table), key)
    }

    fn scan(&self, table: Table, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.redb.scan(self.table(table), prefix, visit)
    }
}

impl RowsMut for Writing<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let redb = self.redb;
        self.table_mut(table).insert(key, value).map(drop).map_err(|why| redb.store_error(why))
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        let redb = self.redb;
        self.table_mut(table).remove(key).map(drop).map_err(|why| redb.store_error(why))
    }

    fn clear(&mut self, table: Table) -> Result<(), StoreError> {
        let redb = self.redb;
        self.table_mut(table).retain(|_, _| false).map_err(|why| redb.store_error(why))
    }
}

impl Redb {
    fn get(
        &self,
        table: &impl ReadableTable<Bytes, Bytes>,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let found = table.get(key).map_err(|why| self.store_error(why))?;
        Ok(found.map(|value| value.value().to_vec()))
    }

    fn scan(
        &self,
        table: &impl ReadableTable<Bytes, Bytes>,
        prefix: &[u8],
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        for row in table.range(prefix..).map_err(|why| self.store_error(why))? {
            let (key, value) = row.map_err(|why| self.store_error(why))?;
            if !key.value().starts_with(prefix) {
                break;
            }
            visit(key.value(), value.value())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redb::StorageBackend;
    use redb::backends::InMemoryBackend;
    use std::sync::Arc;

    fn in_memory() -> Redb {
        Redb::open("store".to_owned(), Disk::default()).unwrap()
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

        fn open_to_read(&self) -> std::io::Result<Shared> {
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
        let rows = Redb::open("store".to_owned(), disk.clone()).unwrap();
        rows.write(|rows| rows.put(Table::Handles, b"a", b"1")).unwrap();
        drop(rows);
        let rows = Redb::open_to_read("store".to_owned(), disk.clone()).unwrap();
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
