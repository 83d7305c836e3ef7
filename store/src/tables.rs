//! The tables in one redb database.

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

/// How much of the database is kept in memory, in bytes: all of a household's. With redb's own figure
/// of 1 GiB a small board's memory would slowly fill with pages that the system has cached anyway.
const CACHE: usize = 512 * 1024;

/// The tables of a [`File`](crate::File).
pub struct Redb {
    database: RwLock<Opened>,
    place: String,
    medium: Box<dyn Openings>,
    /// Whether the disk failed, perhaps because it was full: from then on redb refuses everything
    /// until it is opened again. Or it met damage that was not there when it was opened.
    failed: AtomicBool,
    /// How often it was found changed by another program when it was opened again.
    replaced: AtomicU32,
}

/// Why nothing is changed.
#[derive(Clone)]
struct Refusing {
    /// Since when, in seconds since 1970.
    since: u64,
    why: IoReason,
}

impl Refusing {
    fn now(why: IoReason) -> Refusing {
        Refusing { since: now(), why }
    }
}

/// How the database is opened now.
enum Opened {
    /// As it should be.
    Writable(Database),
    /// To be read only: the state of the last sync.
    View(Database, Refusing),
    /// It cannot even be read.
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
    /// Opens the database called `place`, which is made if it is missing.
    pub(crate) fn open(place: String, medium: impl Medium + 'static) -> Result<Redb, StoreError> {
        let medium = Of::new(medium);
        let database = open(&place, |builder| medium.open(builder, true))?;
        let rows = Redb::of(place, medium, Opened::Writable(database));
        rows.with(|database| rows.make_tables(database))?;
        Ok(rows)
    }

    /// Opens a database that is there to read it only: nothing on the medium is changed.
    pub(crate) fn open_to_read(
        place: String,
        medium: impl Medium + 'static,
    ) -> Result<Redb, StoreError> {
        let medium = Of::new(medium);
        let database = open(&place, |builder| medium.view(builder))?;
        let why = match medium.may_be_written() {
            Ok(()) => "it was opened to be read only".into(),
            Err(why) => IoReason::from(&why),
        };
        Ok(Redb::of(place, medium, Opened::View(database, Refusing::now(why))))
    }

    fn of(place: String, medium: impl Openings + 'static, opened: Opened) -> Redb {
        Redb {
            database: RwLock::new(opened),
            place,
            medium: Box::new(medium),
            failed: AtomicBool::new(false),
            replaced: AtomicU32::new(0),
        }
    }

    /// Does something with the database; opens it again before, if the disk had failed.
    fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.failed.load(Ordering::Acquire) {
            let mut opened = self.database.write().unwrap_or_else(PoisonError::into_inner);
            // Another thread may have done it in the meantime.
            if self.failed.load(Ordering::Acquire) {
                self.open_again(&mut opened)?;
            }
        }
        let opened = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = match &*opened {
            Opened::Writable(database) | Opened::View(database, _) => database,
            Opened::Closed => {
                return Err(StoreError::Io(self.place.clone(), "it is closed".into()));
            }
        };
        // redb panics when it meets a page that makes no sense, which can only be one that was
        // damaged after it was opened.
        catch_unwind(AssertUnwindSafe(|| work(database))).unwrap_or_else(|_| {
            self.failed.store(true, Ordering::Release);
            let why = "working on it ended in a panic".to_owned();
            Err(StoreError::Damaged(self.place.clone(), why))
        })
    }

    /// Opens it for writing, or else to be read. What a failed transaction left is put back before.
    fn open_again(&self, opened: &mut Opened) -> Result<(), StoreError> {
        let (database, before) = match std::mem::replace(opened, Opened::Closed) {
            Opened::View(database, since) => (Some(database), Some(since)),
            Opened::Writable(database) => (Some(database), None),
            Opened::Closed => (None, None),
        };
        // Until one of the two below is open, each use tries again.
        self.failed.store(true, Ordering::Release);
        let again = |builder: &Builder| {
            // It may panic as well, if it met damage.
            drop(database);
            self.medium.open(builder, false)
        };
        let why = match open(&self.place, again) {
            Ok(database) => {
                *opened = Opened::Writable(database);
                self.failed.store(false, Ordering::Release);
                if self.medium.take_foreign() {
                    self.replaced.fetch_add(1, Ordering::AcqRel);
                    let why = "another program has changed it: try again".into();
                    return Err(StoreError::Io(self.place.clone(), why));
                }
                return Ok(());
            }
            Err(why) => why,
        };
        let StoreError::Io(_, words) = &why else { return Err(why) };
        let Ok(database) = open(&self.place, |builder| self.medium.view(builder)) else {
            return Err(why);
        };
        let since = before.map_or_else(now, |before| before.since);
        let refusing = Refusing { since, why: words.clone() };
        *opened = Opened::View(database, refusing);
        self.failed.store(false, Ordering::Release);
        Ok(())
    }

    /// Sees to it that the database can be written, if that is possible by now.
    fn make_writable(&self) -> Result<(), StoreError> {
        self.with(|_| Ok(()))?;
        let refused = |opened: &Opened| match opened {
            Opened::View(_, refusing) => {
                Err(StoreError::Unwritable(self.place.clone(), refusing.why.clone()))
            }
            Opened::Writable(_) | Opened::Closed => Ok(()),
        };
        if refused(&self.database.read().unwrap_or_else(PoisonError::into_inner)).is_ok() {
            return Ok(());
        }
        let mut opened = self.database.write().unwrap_or_else(PoisonError::into_inner);
        match (&mut *opened, self.medium.may_be_written()) {
            (Opened::View(_, refusing), Err(why)) => refusing.why = IoReason::from(&why),
            (Opened::View(..), Ok(())) => self.open_again(&mut opened)?,
            (Opened::Writable(_) | Opened::Closed, _) => {}
        }
        refused(&opened)
    }

    fn make_tables(&self, database: &Database) -> Result<(), StoreError> {
        let reading = database.begin_read().map_err(|why| self.store_error(why))?;
        let tables = reading.list_tables().map_err(|why| self.store_error(why))?;
        let names: Vec<String> = tables.map(|table| table.name().to_owned()).collect();
        if names.is_empty() {
            let made = |transaction: &_| Writing::new(transaction, self).map(|_| ((), true));
            return self.transaction(database, made);
        }
        if !names.iter().any(|name| name == META.name()) {
            let why = "it was made by another program".to_owned();
            return Err(StoreError::Damaged(self.place.clone(), why));
        }
        Ok(())
    }

    /// Commits, durably, if `work` says that it changed something.
    fn transaction<T>(
        &self,
        database: &Database,
        work: impl FnOnce(&WriteTransaction) -> Result<(T, bool), StoreError>,
    ) -> Result<T, StoreError> {
        let mut transaction = database.begin_write().map_err(|why| self.store_error(why))?;
        transaction.set_durability(Durability::Immediate).map_err(|why| self.store_error(why))?;
        let (answer, changed) = work(&transaction)?;
        if changed {
            let before = self.medium.commits();
            if let Err(why) = transaction.commit() {
                let why = self.store_error(why);
                // What failed may have come after the commit itself.
                if self.medium.commits() == before {
                    return Err(why);
                }
            }
        } else {
            transaction.abort().map_err(|why| self.store_error(why))?;
        }
        Ok(answer)
    }

    fn store_error(&self, why: impl Into<redb::Error>) -> StoreError {
        let why = told(&self.place, why);
        if matches!(why, StoreError::Io(..)) {
            self.failed.store(true, Ordering::Release);
        }
        why
    }
}

/// A medium, and what is certain of it.
struct Of<M> {
    medium: M,
    trail: Arc<Trail>,
}

/// The ways in which a database is opened on its medium.
trait Openings: Send + Sync {
    fn open(&self, builder: &Builder, new: bool) -> Result<Database, DatabaseError>;
    fn view(&self, builder: &Builder) -> Result<Database, DatabaseError>;
    fn may_be_written(&self) -> std::io::Result<()>;
    fn take_foreign(&self) -> bool;
    fn commits(&self) -> Option<Vec<u8>>;
}

impl<M: Medium> Of<M> {
    fn new(medium: M) -> Of<M> {
        Of { medium, trail: Arc::default() }
    }
}

impl<M: Medium> Openings for Of<M> {
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

    fn take_foreign(&self) -> bool {
        self.trail.take_foreign()
    }

    fn commits(&self) -> Option<Vec<u8>> {
        self.trail.commits()
    }
}

/// Opens the database and checks all of it: damage that was found later would be a panic.
fn open(
    place: &str,
    how: impl FnOnce(&Builder) -> Result<Database, DatabaseError>,
) -> Result<Database, StoreError> {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    match catch_unwind(AssertUnwindSafe(|| how(&builder))) {
        Ok(opened) => opened.map_err(|why| told(place, why)),
        Err(_) => Err(StoreError::Damaged(place.to_owned(), "it cannot be opened".to_owned())),
    }
}

/// What a failure of redb's means here.
fn told(place: &str, why: impl Into<redb::Error>) -> StoreError {
    use redb::Error;
    let why = why.into();
    let damaged = match &why {
        Error::DatabaseAlreadyOpen | Error::LockProtocolMismatch => {
            return StoreError::Locked(place.to_owned());
        }
        // redb's word for a file that is none of its own, or ends too early.
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
        StoreError::Damaged(place.to_owned(), why.to_string())
    } else {
        let kind = match &why {
            Error::Io(why) => Some(why.kind()),
            _ => None,
        };
        StoreError::Io(place.to_owned(), IoReason { kind, words: why.to_string() })
    }
}

impl Backend for Redb {
    fn state(&self) -> StoreState {
        // What it says is looked at: nothing else is done with it.
        let _ = self.make_writable();
        let unwritable = match &*self.database.read().unwrap_or_else(PoisonError::into_inner) {
            Opened::View(_, Refusing { since, why }) => {
                Some(Unwritable { since: *since, why: why.to_string() })
            }
            Opened::Writable(_) => None,
            Opened::Closed => {
                Some(Unwritable { since: now(), why: "it cannot be opened".to_owned() })
            }
        };
        StoreState { unwritable, replaced: self.replaced.load(Ordering::Acquire) }
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with(|database| {
            let transaction = database.begin_read().map_err(|why| self.store_error(why))?;
            work(&Reading::new(transaction, self))
        })
    }

    fn write<T>(
        &self,
        work: impl FnOnce(&mut dyn RowsMut) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.make_writable()?;
        self.with(|database| {
            self.transaction(database, |transaction| {
                let mut writing = Writing::new(transaction, self)?;
                let answer = work(&mut writing)?;
                Ok((answer, writing.changed))
            })
        })
    }
}

type ReadOnlyTable = redb::ReadOnlyTable<Bytes, Bytes>;
type OpenOnce = OnceCell<ReadOnlyTable>;

struct Reading<'a> {
    transaction: ReadTransaction,
    /// Opened when they are read first: that takes longer than to read a row.
    meta: OpenOnce,
    accounts: OpenOnce,
    handles: OpenOnce,
    entries: OpenOnce,
    profiles: OpenOnce,
    disabled: OpenOnce,
    denied: OpenOnce,
    of: &'a Redb,
}

impl<'a> Reading<'a> {
    fn new(transaction: ReadTransaction, of: &'a Redb) -> Reading<'a> {
        let (meta, accounts, handles, entries) = Default::default();
        let (profiles, disabled, denied) = Default::default();
        Reading { transaction, meta, accounts, handles, entries, profiles, disabled, denied, of }
    }

    /// `None`, if it is not there: earlier versions of the program made fewer tables.
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
                let open = open.map_err(|why| self.of.store_error(why))?;
                Ok(Some(once.get_or_init(|| open)))
            }
        }
    }
}

impl Rows for Reading<'_> {
    fn place(&self) -> &str {
        &self.of.place
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.table(table)?.map_or(Ok(None), |table| self.of.get(table, key))
    }

    fn scan(&self, table: Table, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.table(table)?.map_or(Ok(()), |table| self.of.scan(table, prefix, visit))
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
    of: &'a Redb,
    changed: bool,
}

impl<'a> Writing<'a> {
    fn new(transaction: &'a WriteTransaction, of: &'a Redb) -> Result<Writing<'a>, StoreError> {
        let open =
            |table| transaction.open_table(definition(table)).map_err(|why| of.store_error(why));
        Ok(Writing {
            meta: open(Table::Meta)?,
            accounts: open(Table::Accounts)?,
            handles: open(Table::Handles)?,
            entries: open(Table::Entries)?,
            profiles: open(Table::Profiles)?,
            disabled: open(Table::Disabled)?,
            denied: open(Table::Denied)?,
            of,
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
    fn place(&self) -> &str {
        &self.of.place
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.of.get(self.table(table), key)
    }

    fn scan(&self, table: Table, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.of.scan(self.table(table), prefix, visit)
    }
}

impl RowsMut for Writing<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let of = self.of;
        self.table_mut(table).insert(key, value).map(drop).map_err(|why| of.store_error(why))
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        let of = self.of;
        self.table_mut(table).remove(key).map(drop).map_err(|why| of.store_error(why))
    }

    fn clear(&mut self, table: Table) -> Result<(), StoreError> {
        let of = self.of;
        self.table_mut(table).retain(|_, _| false).map_err(|why| of.store_error(why))
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
        /// Whether it cannot be opened for writing now.
        is_torn: Arc<AtomicBool>,
    }

    impl Medium for Disk {
        type Storage = Shared;

        fn open(&self, _: bool) -> std::io::Result<Shared> {
            match self.is_torn.load(Ordering::Acquire) {
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
    fn it_is_opened_again_after_the_disk_failed() {
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
        disk.is_torn.store(true, Ordering::Release);
        // It tries, since the disk can be written, and loses what it could read.
        for _ in 0..2 {
            let written = rows.write(|rows| rows.put(Table::Handles, b"b", b"1"));
            assert!(matches!(written, Err(StoreError::Damaged(..))), "{written:?}");
        }
        disk.is_torn.store(false, Ordering::Release);
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
    fn what_redb_says_is_told_in_the_stores_words() {
        use redb::Error;
        let word = |why| told("store", why);
        let io = |kind| Error::Io(std::io::Error::from(kind));
        assert!(matches!(word(Error::DatabaseAlreadyOpen), StoreError::Locked(_)));
        assert!(matches!(word(Error::LockProtocolMismatch), StoreError::Locked(_)));
        assert!(matches!(word(Error::Corrupted("x".to_owned())), StoreError::Damaged(..)));
        assert!(matches!(word(io(ErrorKind::InvalidData)), StoreError::Damaged(..)));
        assert!(matches!(word(io(ErrorKind::UnexpectedEof)), StoreError::Damaged(..)));
        assert!(matches!(word(io(ErrorKind::PermissionDenied)), StoreError::Io(..)));
        assert!(matches!(word(Error::PreviousIo), StoreError::Io(..)));
    }
}
