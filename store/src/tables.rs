//! Transactions on the tables of a redb database.

use crate::database::Redb;
use crate::rows::{RowKey, Rows, RowsMut, Source, Table, Visit};
use actors::port::StoreError;
use redb::{
    CursorError, ReadTransaction, ReadableTable, ReadableTableMetadata, TableDefinition,
    TableError, TableHandle, WriteTransaction,
};
use std::cell::OnceCell;
use std::ops::Bound;

type Bytes = &'static [u8];
type Definition = TableDefinition<'static, Bytes, Bytes>;

const META: Definition = TableDefinition::new("meta");
const ACCOUNTS: Definition = TableDefinition::new("accounts");
const HANDLES: Definition = TableDefinition::new("handles");
const ENTRIES: Definition = TableDefinition::new("entries");
const PROFILES: Definition = TableDefinition::new("profiles");
const DISABLED: Definition = TableDefinition::new("disabled");
const DENIED: Definition = TableDefinition::new("denied");
const PERMISSIONS: Definition = TableDefinition::new("permissions");

/// The name of the table that every store has.
pub(crate) fn meta_table_name() -> &'static str {
    META.name()
}

const fn definition(table: Table) -> Definition {
    match table {
        Table::Meta => META,
        Table::Accounts => ACCOUNTS,
        Table::Handles => HANDLES,
        Table::Entries => ENTRIES,
        Table::Profiles => PROFILES,
        Table::Disabled => DISABLED,
        Table::Denied => DENIED,
        Table::Permissions => PERMISSIONS,
    }
}

type ReadOnlyTable = redb::ReadOnlyTable<Bytes, Bytes>;
type LazyTable = OnceCell<ReadOnlyTable>;

pub(crate) struct ReadTables<'a> {
    transaction: ReadTransaction,
    /// Tables are opened when they are first read: opening one takes longer than reading a row.
    meta: LazyTable,
    accounts: LazyTable,
    handles: LazyTable,
    entries: LazyTable,
    profiles: LazyTable,
    disabled: LazyTable,
    denied: LazyTable,
    permissions: LazyTable,
    redb: &'a Redb,
}

impl<'a> ReadTables<'a> {
    pub(crate) fn new(transaction: ReadTransaction, redb: &'a Redb) -> ReadTables<'a> {
        let (meta, accounts, handles, entries) = Default::default();
        let (profiles, disabled, denied, permissions) = Default::default();
        ReadTables {
            transaction,
            meta,
            accounts,
            handles,
            entries,
            profiles,
            disabled,
            denied,
            permissions,
            redb,
        }
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
            Table::Permissions => &self.permissions,
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

impl Rows for ReadTables<'_> {
    fn name(&self) -> &str {
        self.redb.name()
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.table(table)?.map_or(Ok(None), |table| self.redb.get(table, key))
    }

    fn get_many(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        keys.iter().map(|(table, key)| self.get(*table, key)).collect()
    }

    fn count(&self, table: Table) -> Result<u64, StoreError> {
        self.table(table)?.map_or(Ok(0), |table| self.redb.count(table))
    }

    fn is_empty(&self, table: Table) -> Result<bool, StoreError> {
        self.table(table)?.map_or(Ok(true), |table| self.redb.is_empty(table))
    }

    fn scan(&self, table: Table, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.table(table)?.map_or(Ok(()), |table| self.redb.scan(table, prefix, visit))
    }
}

type OpenTable<'a> = redb::Table<'a, Bytes, Bytes>;

pub(crate) struct WriteTables<'a> {
    meta: OpenTable<'a>,
    accounts: OpenTable<'a>,
    handles: OpenTable<'a>,
    entries: OpenTable<'a>,
    profiles: OpenTable<'a>,
    disabled: OpenTable<'a>,
    denied: OpenTable<'a>,
    permissions: OpenTable<'a>,
    redb: &'a Redb,
    changed: bool,
}

impl<'a> WriteTables<'a> {
    pub(crate) fn open(
        transaction: &'a WriteTransaction,
        redb: &'a Redb,
    ) -> Result<WriteTables<'a>, StoreError> {
        let open =
            |table| transaction.open_table(definition(table)).map_err(|why| redb.store_error(why));
        Ok(WriteTables {
            meta: open(Table::Meta)?,
            accounts: open(Table::Accounts)?,
            handles: open(Table::Handles)?,
            entries: open(Table::Entries)?,
            profiles: open(Table::Profiles)?,
            disabled: open(Table::Disabled)?,
            denied: open(Table::Denied)?,
            permissions: open(Table::Permissions)?,
            redb,
            changed: false,
        })
    }

    /// Whether anything was written.
    pub(crate) const fn changed(&self) -> bool {
        self.changed
    }

    const fn table(&self, table: Table) -> &OpenTable<'a> {
        match table {
            Table::Meta => &self.meta,
            Table::Accounts => &self.accounts,
            Table::Handles => &self.handles,
            Table::Entries => &self.entries,
            Table::Profiles => &self.profiles,
            Table::Disabled => &self.disabled,
            Table::Denied => &self.denied,
            Table::Permissions => &self.permissions,
        }
    }

    const fn table_mut(&mut self, table: Table) -> &mut OpenTable<'a> {
        self.changed = true;
        match table {
            Table::Meta => &mut self.meta,
            Table::Accounts => &mut self.accounts,
            Table::Handles => &mut self.handles,
            Table::Entries => &mut self.entries,
            Table::Profiles => &mut self.profiles,
            Table::Disabled => &mut self.disabled,
            Table::Denied => &mut self.denied,
            Table::Permissions => &mut self.permissions,
        }
    }
}

impl Rows for WriteTables<'_> {
    fn name(&self) -> &str {
        self.redb.name()
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.redb.get(self.table(table), key)
    }

    fn get_many(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        keys.iter().map(|(table, key)| self.get(*table, key)).collect()
    }

    fn count(&self, table: Table) -> Result<u64, StoreError> {
        self.redb.count(self.table(table))
    }

    fn is_empty(&self, table: Table) -> Result<bool, StoreError> {
        self.redb.is_empty(self.table(table))
    }

    fn scan(&self, table: Table, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.redb.scan(self.table(table), prefix, visit)
    }
}

impl RowsMut for WriteTables<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let redb = self.redb;
        self.table_mut(table).insert(key, value).map(drop).map_err(|why| redb.store_error(why))
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        let redb = self.redb;
        self.table_mut(table).remove(key).map(drop).map_err(|why| redb.store_error(why))
    }

    fn replace(&mut self, table: Table, source: &mut Source<'_>) -> Result<(), StoreError> {
        let redb = self.redb;
        let table = self.table_mut(table);
        table.retain(|_, _| false).map_err(|why| redb.store_error(why))?;
        // Rows that a cursor appends fill their pages. Rows that are inserted one by one, in order,
        // would leave each page half empty.
        let end = table.upper_bound_mut(Bound::<&[u8]>::Unbounded);
        let mut cursor = end.map_err(|why| redb.store_error(why))?;
        source(&mut |key, value| {
            cursor.insert_before(key, value).map_err(|why| match why {
                CursorError::Storage(why) => redb.store_error(why),
                why => StoreError::Io(redb.name().to_owned(), why.to_string().into()),
            })
        })?;
        cursor.close().map_err(|why| redb.store_error(why))
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

    fn count(&self, table: &impl ReadableTableMetadata) -> Result<u64, StoreError> {
        table.len().map_err(|why| self.store_error(why))
    }

    fn is_empty(&self, table: &impl ReadableTable<Bytes, Bytes>) -> Result<bool, StoreError> {
        Ok(table.first().map_err(|why| self.store_error(why))?.is_none())
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
