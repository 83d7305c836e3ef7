//! Transactions on tables of bytes, and on the records in them.

use crate::kv_store::{WITH_PERMISSIONS, WITH_PROFILES};
use crate::record::{self, Account, Entry, Record, RecordError};
use actors::port::StoreError;
use actors::port::store::{AccountId, StoreState};
use actors::rules::Membership;
use msnp::{Handle, List, MemberProfile};

/// The tables. Numbers in keys are big-endian, so that keys are sorted by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Properties of the whole store, by [`Meta`].
    Meta,
    /// [`Account`] by account id.
    Accounts,
    /// Account ids by handle.
    Handles,
    /// [`Entry`] by the account ids of the owner and the contact.
    Entries,
    /// [`MemberProfile`] by account id, for users in the member directory.
    Profiles,
    /// [`Disabled`](actors::port::Disabled) by account id, for disabled accounts.
    Disabled,
    /// [`Denied`](crate::exclusions::Denied) by network.
    Denied,
    /// An index: the account ids of a contact and of an owner who has the contact on the allow or
    /// block list only. The values are empty. Other owners need no index: the contact has an entry
    /// for each of them. Complete since [`WITH_PERMISSIONS`].
    Permissions,
}

impl Table {
    /// All tables.
    pub const ALL: [Table; 8] = [
        Table::Meta,
        Table::Accounts,
        Table::Handles,
        Table::Entries,
        Table::Profiles,
        Table::Disabled,
        Table::Denied,
        Table::Permissions,
    ];

    /// Whether this is an index, which can be made again from the other tables.
    pub(crate) const fn is_index(self) -> bool {
        matches!(self, Table::Permissions)
    }

    /// Whether stores of older program versions lack this table. The first change creates it.
    pub(crate) const fn may_be_missing(self) -> bool {
        matches!(self, Table::Profiles | Table::Disabled | Table::Denied | Table::Permissions)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meta {
    /// The format version of the whole store: one byte. This row must never change its place or
    /// form.
    Format,
    /// The id of the next new account.
    NextAccount,
    /// A value that only the right key unseals.
    KeyCheck,
}

impl Meta {
    pub(crate) const ALL: [Meta; 3] = [Meta::Format, Meta::NextAccount, Meta::KeyCheck];

    pub(crate) const fn key(self) -> &'static [u8] {
        match self {
            Meta::Format => b"format",
            Meta::NextAccount => b"next account",
            Meta::KeyCheck => b"key check",
        }
    }
}

/// The callback of a scan: it gets the key and the value of each row.
pub(crate) type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError> + 'a;

/// Writes many rows: calls its argument with the key and the value of each, sorted by key.
pub(crate) type Source<'a> = dyn FnMut(&mut Visit<'_>) -> Result<(), StoreError> + 'a;

/// A row of a table, by its key.
pub(crate) type RowKey = (Table, Vec<u8>);

/// How often a transaction is tried, if each attempt conflicts with another transaction.
const MAX_ATTEMPTS: usize = 10;

/// The tables of a store. Transactions are atomic. When a write returns, it is durable.
///
/// An engine may let transactions run at the same time, and refuse one that conflicts with another:
/// an attempt then returns [`StoreError::Conflict`], and has changed nothing. So `work` may run
/// several times. It must have no other effect than its result and the changes of its rows.
pub trait Backend: Send + Sync {
    /// Gives the space that no row uses back to the disk, unless the store is in use at this moment. If
    /// that fails, all rows are as before.
    fn compact(&self) {}

    /// Whether the store can be written. If it could not be written before, this tries again.
    fn state(&self) -> StoreState {
        StoreState::default()
    }

    /// Runs `work` once, on one consistent state. This is for work that hands out rows while it reads
    /// them, and so cannot be repeated: an engine reads a snapshot, which conflicts with nothing.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] if the store cannot be read.
    fn read_once<T>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T, StoreError>,
    ) -> Result<T, StoreError>;

    /// Runs `work` once and commits its changes, unless it returns an error.
    ///
    /// # Errors
    /// Those of `work`, [`StoreError::Conflict`], and [`StoreError`] if the store cannot be written.
    fn try_write<T>(
        &self,
        work: impl FnOnce(&mut dyn RowsMut) -> Result<T, StoreError>,
    ) -> Result<T, StoreError>;

    /// Runs `work` on one consistent state.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] if the store cannot be read.
    fn read<T>(&self, work: impl Fn(&dyn Rows) -> Result<T, StoreError>) -> Result<T, StoreError> {
        retry(|| self.read_once(&work))
    }

    /// Runs `work` and commits its changes, unless it returns an error.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] if the store cannot be written.
    fn write<T>(
        &self,
        work: impl Fn(&mut dyn RowsMut) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        retry(|| self.try_write(&work))
    }
}

/// Tries until there is no conflict, at most [`MAX_ATTEMPTS`] times.
fn retry<T>(attempt: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
    for _ in 1..MAX_ATTEMPTS {
        match attempt() {
            Err(StoreError::Conflict(_)) => {}
            done => return done,
        }
    }
    attempt()
}

/// A transaction that reads.
pub trait Rows {
    /// What messages call the store.
    fn name(&self) -> &str;

    /// Reads a row.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Reads many rows, in the order of `keys`. An engine that is reached over a network sends one
    /// request for all of them.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn get_many(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// Returns the number of rows of a table.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn count(&self, table: Table) -> Result<u64, StoreError>;

    /// Returns whether a table has no rows.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn is_empty(&self, table: Table) -> Result<bool, StoreError>;

    /// Visits all rows whose key starts with `prefix`, sorted by key.
    ///
    /// # Errors
    /// Those of `visit`, and [`StoreError`] if the store cannot be read.
    fn scan(&self, table: Table, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError>;
}

/// A transaction that writes.
pub trait RowsMut: Rows {
    /// Writes a row.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be written.
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError>;

    /// Removes a row, if it exists.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be written.
    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError>;

    /// Replaces all rows of a table by those of `source`.
    ///
    /// # Errors
    /// Those of `source`, and [`StoreError`] if the store cannot be written, or if the rows are not
    /// sorted by key.
    fn replace(&mut self, table: Table, source: &mut Source<'_>) -> Result<(), StoreError>;
}

/// Reading of records.
pub(crate) trait Records: Rows {
    fn decode<T: Record>(&self, bytes: &[u8]) -> Result<T, StoreError> {
        record::decode(bytes).map_err(|why| match why {
            RecordError::Newer => StoreError::Newer(self.name().to_owned()),
            RecordError::Damaged => self.damaged("a record cannot be read"),
        })
    }

    fn encode(&self, record: &impl Record) -> Result<Vec<u8>, StoreError> {
        record::encode(record)
            .ok_or_else(|| StoreError::Io(self.name().to_owned(), "a record is too long".into()))
    }

    fn damaged(&self, why: &str) -> StoreError {
        StoreError::Damaged(self.name().to_owned(), why.to_owned())
    }

    fn record<T: Record>(&self, table: Table, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.get(table, key)?.map(|bytes| self.decode(&bytes)).transpose()
    }

    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.record(Table::Accounts, &account_key(id))
    }

    fn records<T: Record>(&self, keys: &[RowKey]) -> Result<Vec<Option<T>>, StoreError> {
        let found = self.get_many(keys)?;
        let decode = |bytes: Option<Vec<u8>>| bytes.map(|bytes| self.decode(&bytes)).transpose();
        found.into_iter().map(decode).collect()
    }

    /// The accounts with these ids, in this order.
    fn accounts(&self, ids: &[AccountId]) -> Result<Vec<Option<Account>>, StoreError> {
        let keys = ids.iter().map(|id| (Table::Accounts, account_key(*id).to_vec()));
        self.records(&keys.collect::<Vec<_>>())
    }

    /// The entries of these owners for one contact, in this order.
    fn entries_for(
        &self,
        owners: &[AccountId],
        contact: AccountId,
    ) -> Result<Vec<Option<Entry>>, StoreError> {
        let key = |owner: &AccountId| (Table::Entries, entry_key(*owner, contact).to_vec());
        self.records(&owners.iter().map(key).collect::<Vec<_>>())
    }

    fn account_of_key(&self, key: &[u8]) -> Result<AccountId, StoreError> {
        parse_account_key(key).ok_or_else(|| self.damaged("a row key cannot be read"))
    }

    fn profile(&self, id: AccountId) -> Result<Option<MemberProfile>, StoreError> {
        self.record(Table::Profiles, &account_key(id))
    }

    fn entry(&self, owner: AccountId, contact: AccountId) -> Result<Option<Entry>, StoreError> {
        self.record(Table::Entries, &entry_key(owner, contact))
    }

    /// Visits every entry of one account, sorted by the contacts' account ids.
    fn entries(
        &self,
        owner: AccountId,
        show: &mut dyn FnMut(AccountId, Entry),
    ) -> Result<(), StoreError> {
        let prefix = account_key(owner);
        self.scan(Table::Entries, &prefix, &mut |key, value| {
            let contact = self.account_of_key(key.strip_prefix(&prefix).unwrap_or_default())?;
            show(contact, self.decode(value)?);
            Ok(())
        })
    }
}

impl<R: Rows + ?Sized> Records for R {}

/// Writing of records.
pub(crate) trait RecordsMut: RowsMut {
    fn put_record(
        &mut self,
        table: Table,
        key: &[u8],
        record: &impl Record,
    ) -> Result<(), StoreError> {
        let bytes = self.encode(record)?;
        self.put(table, key, &bytes)
    }

    fn put_account(&mut self, id: AccountId, account: &Account) -> Result<(), StoreError> {
        self.put_record(Table::Accounts, &account_key(id), account)
    }

    /// Writes the profile of a user in the member directory; `None` removes the user from it.
    fn put_profile(
        &mut self,
        id: AccountId,
        profile: Option<&MemberProfile>,
    ) -> Result<(), StoreError> {
        let Some(profile) = profile else {
            return self.delete(Table::Profiles, &account_key(id));
        };
        // A program without profiles must not open the store any more.
        self.raise_format(WITH_PROFILES)?;
        self.put_record(Table::Profiles, &account_key(id), profile)
    }

    /// Raises the format version, so that a program that does not know this version does not open the
    /// store any more.
    fn raise_format(&mut self, to: u8) -> Result<(), StoreError> {
        let format = self.get(Table::Meta, Meta::Format.key())?;
        match format.as_deref() {
            Some([format, ..]) if *format >= to => Ok(()),
            _ => self.put(Table::Meta, Meta::Format.key(), &[to]),
        }
    }

    /// Writes an entry. Its membership was `before` until now. An entry on no list is deleted.
    fn put_entry(
        &mut self,
        owner: AccountId,
        contact: AccountId,
        before: Membership,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        let after = entry.membership();
        if is_only_permission(after) != is_only_permission(before) {
            let key = entry_key(contact, owner);
            if is_only_permission(after) {
                self.put(Table::Permissions, &key, &[])?;
            } else {
                self.delete(Table::Permissions, &key)?;
            }
        }
        if entry.is_empty() {
            self.delete(Table::Entries, &entry_key(owner, contact))
        } else {
            self.put_record(Table::Entries, &entry_key(owner, contact), entry)
        }
    }

    /// Writes [`Table::Permissions`] anew, unless it is complete already. Stores of older program
    /// versions lack it.
    fn complete_permissions(&mut self) -> Result<(), StoreError> {
        let format = self.get(Table::Meta, Meta::Format.key())?;
        if matches!(format.as_deref(), Some([format, ..]) if *format >= WITH_PERMISSIONS) {
            return Ok(());
        }
        let mut found = Vec::new();
        self.scan(Table::Entries, &[], &mut |key, value| {
            let (owner, contact) =
                parse_entry_key(key).ok_or_else(|| self.damaged("a row key cannot be read"))?;
            if is_only_permission(self.decode::<Entry>(value)?.membership()) {
                found.push(entry_key(contact, owner));
            }
            Ok(())
        })?;
        found.sort_unstable();
        self.replace(Table::Permissions, &mut |put| {
            found.iter().try_for_each(|key| put(key, &[]))
        })?;
        self.raise_format(WITH_PERMISSIONS)
    }
}

/// Whether an entry with this membership has a row in [`Table::Permissions`]. The contact of any other
/// entry has an entry for the owner: forward and reverse lists mirror each other.
pub(crate) fn is_only_permission(lists: Membership) -> bool {
    !lists.contains(List::Forward)
        && !lists.contains(List::Reverse)
        && (lists.contains(List::Allow) || lists.contains(List::Block))
}

impl<R: RowsMut + ?Sized> RecordsMut for R {}

pub(crate) fn account_key(id: AccountId) -> [u8; 4] {
    id.0.to_be_bytes()
}

pub(crate) fn handle_key(handle: &Handle) -> &[u8] {
    handle.as_str().as_bytes()
}

pub(crate) fn entry_key(owner: AccountId, contact: AccountId) -> [u8; 8] {
    (u64::from(owner.0) << 32 | u64::from(contact.0)).to_be_bytes()
}

/// The inverse of [`account_key`].
pub(crate) fn parse_account_key(key: &[u8]) -> Option<AccountId> {
    key.try_into().ok().map(|bytes| AccountId(u32::from_be_bytes(bytes)))
}

/// The inverse of [`entry_key`].
pub(crate) fn parse_entry_key(key: &[u8]) -> Option<(AccountId, AccountId)> {
    let (owner, contact) = key.split_at_checked(size_of::<u32>())?;
    parse_account_key(owner).zip(parse_account_key(contact))
}

#[cfg(test)]
mod tests;
