//! Transactions on tables of bytes, and on the records in them.

use crate::kv_store::{FORMAT, WITH_PROFILES};
use crate::record::{self, Account, Entry, Record, RecordError};
use actors::port::StoreError;
use actors::port::store::{AccountId, StoreState};
use msnp::{Handle, MemberProfile};

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
}

impl Table {
    /// All tables.
    pub const ALL: [Table; 7] = [
        Table::Meta,
        Table::Accounts,
        Table::Handles,
        Table::Entries,
        Table::Profiles,
        Table::Disabled,
        Table::Denied,
    ];

    /// Whether stores of older program versions lack this table. The first change creates it.
    pub(crate) const fn may_be_missing(self) -> bool {
        matches!(self, Table::Profiles | Table::Disabled | Table::Denied)
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

/// The tables of a store. Transactions are atomic. When a write returns, it is durable.
pub trait Backend: Send + Sync {
    /// Gives the space that no row uses back to the disk, unless the store is in use at this moment. If
    /// that fails, all rows are as before.
    fn compact(&self) {}

    /// Whether the store can be written. If it could not be written before, this tries again.
    fn state(&self) -> StoreState {
        StoreState::default()
    }

    /// Runs `work` on one consistent state.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] if the store cannot be read.
    fn read<T>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T, StoreError>,
    ) -> Result<T, StoreError>;

    /// Runs `work` and commits its changes, unless it returns an error.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] if the store cannot be written.
    fn write<T>(
        &self,
        work: impl FnOnce(&mut dyn RowsMut) -> Result<T, StoreError>,
    ) -> Result<T, StoreError>;
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

    /// The ids of all accounts, sorted.
    fn account_ids(&self) -> Result<Vec<AccountId>, StoreError> {
        let mut ids = Vec::new();
        self.scan(Table::Accounts, &[], &mut |key, _| {
            ids.push(self.account_of_key(key)?);
            Ok(())
        })?;
        Ok(ids)
    }

    fn account_of_key(&self, key: &[u8]) -> Result<AccountId, StoreError> {
        account_of(key).ok_or_else(|| self.damaged("a row key cannot be read"))
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
        let format = self.get(Table::Meta, Meta::Format.key())?;
        if matches!(format.as_deref(), None | Some([FORMAT])) {
            self.put(Table::Meta, Meta::Format.key(), &[WITH_PROFILES])?;
        }
        self.put_record(Table::Profiles, &account_key(id), profile)
    }

    /// Writes an entry. An entry on no list is deleted.
    fn put_entry(
        &mut self,
        owner: AccountId,
        contact: AccountId,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        if entry.is_empty() {
            self.delete_entry(owner, contact)
        } else {
            self.put_record(Table::Entries, &entry_key(owner, contact), entry)
        }
    }

    fn delete_entry(&mut self, owner: AccountId, contact: AccountId) -> Result<(), StoreError> {
        self.delete(Table::Entries, &entry_key(owner, contact))
    }
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
pub(crate) fn account_of(key: &[u8]) -> Option<AccountId> {
    key.try_into().ok().map(|bytes| AccountId(u32::from_be_bytes(bytes)))
}

/// The inverse of [`entry_key`].
pub(crate) fn entry_of(key: &[u8]) -> Option<(AccountId, AccountId)> {
    let (owner, contact) = key.split_at_checked(size_of::<u32>())?;
    account_of(owner).zip(account_of(contact))
}
