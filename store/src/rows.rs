//! A transaction: tables of bytes, and the records in them.

use crate::kv_store::{FORMAT, WITH_PROFILES};
use crate::record::{self, Account, Entry, Record, Unreadable};
use actors::port::StoreError;
use actors::port::store::{AccountId, StoreState};
use msnp::{Handle, MemberProfile};

/// The tables. Numbers in keys are big-endian, so that they are found in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// What is true of the whole store, by [`Meta`].
    Meta,
    /// [`Account`] by account id.
    Accounts,
    /// Account ids by user handle.
    Handles,
    /// [`Entry`] by the owner's account id and the contact's.
    Entries,
    /// [`MemberProfile`] by account id: of those only who are in the member directory.
    Profiles,
    /// [`Disabled`](actors::port::Disabled) by account id: of those only that are disabled.
    Disabled,
    /// [`Denied`](crate::shut_out::Denied) by network.
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

    /// Whether earlier versions of the program made no such table: the first change makes it.
    pub(crate) const fn may_be_missing(self) -> bool {
        matches!(self, Table::Profiles | Table::Disabled | Table::Denied)
    }
}

/// A row of [`Table::Meta`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meta {
    /// The version of the whole format: one byte, in this place for ever.
    Format,
    /// The account id that the next new account gets.
    NextAccount,
    /// What only the right key unseals.
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

/// What is done with each row that a scan finds: its key and its value.
pub(crate) type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), StoreError> + 'a;

/// Where transactions are made. Each is whole or did not happen, and a write is durable when
/// it is answered.
pub trait Backend: Send + Sync {
    /// Whether it can be written, which is tried first if it could not be.
    fn state(&self) -> StoreState {
        StoreState::default()
    }

    /// Reads one moment's state.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] if it cannot be read.
    fn read<T>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T, StoreError>,
    ) -> Result<T, StoreError>;

    /// Changes it, unless `work` fails.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] if it cannot be written.
    fn write<T>(
        &self,
        work: impl FnOnce(&mut dyn RowsMut) -> Result<T, StoreError>,
    ) -> Result<T, StoreError>;
}

/// The state as a transaction sees it.
pub trait Rows {
    /// What the store is called in messages.
    fn place(&self) -> &str;

    /// One row.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// All rows whose key begins with `prefix`, in the order of their keys.
    ///
    /// # Errors
    /// Those of `visit`, and [`StoreError`] if it cannot be read.
    fn scan(&self, table: Table, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError>;
}

/// The state as a transaction changes it.
pub trait RowsMut: Rows {
    /// Writes a row.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be written.
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError>;

    /// Removes a row, if it is there.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be written.
    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError>;

    /// Removes all rows of a table.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be written.
    fn clear(&mut self, table: Table) -> Result<(), StoreError>;
}

/// The records that are read.
pub(crate) trait Records: Rows {
    /// Decodes a record of this store.
    fn decode<T: Record>(&self, bytes: &[u8]) -> Result<T, StoreError> {
        record::decode(bytes).map_err(|why| match why {
            Unreadable::Newer => StoreError::Newer(self.place().to_owned()),
            Unreadable::Damaged => self.damaged("a record cannot be read"),
        })
    }

    fn damaged(&self, why: &str) -> StoreError {
        StoreError::Damaged(self.place().to_owned(), why.to_owned())
    }

    fn record<T: Record>(&self, table: Table, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.get(table, key)?.map(|bytes| self.decode(&bytes)).transpose()
    }

    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.record(Table::Accounts, &account_key(id))
    }

    /// The ids of all accounts, in their order.
    fn account_ids(&self) -> Result<Vec<AccountId>, StoreError> {
        let mut ids = Vec::new();
        self.scan(Table::Accounts, &[], &mut |key, _| {
            ids.push(self.account_of_key(key)?);
            Ok(())
        })?;
        Ok(ids)
    }

    fn account_of_key(&self, key: &[u8]) -> Result<AccountId, StoreError> {
        account_of(key).ok_or_else(|| self.damaged("a key cannot be read"))
    }

    fn profile(&self, id: AccountId) -> Result<Option<MemberProfile>, StoreError> {
        self.record(Table::Profiles, &account_key(id))
    }

    fn entry(&self, owner: AccountId, contact: AccountId) -> Result<Option<Entry>, StoreError> {
        self.record(Table::Entries, &entry_key(owner, contact))
    }

    /// Shows every entry of one account, in the order of the contacts' account ids.
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

/// The records that are written.
pub(crate) trait RecordsMut: RowsMut {
    fn put_record(
        &mut self,
        table: Table,
        key: &[u8],
        record: &impl Record,
    ) -> Result<(), StoreError> {
        let bytes = record::encode(record).ok_or_else(|| {
            StoreError::Io(self.place().to_owned(), "a record is too long".into())
        })?;
        self.put(table, key, &bytes)
    }

    fn put_account(&mut self, id: AccountId, account: &Account) -> Result<(), StoreError> {
        self.put_record(Table::Accounts, &account_key(id), account)
    }

    /// Writes what the member directory has of somebody; nothing takes him out of it.
    fn put_profile(
        &mut self,
        id: AccountId,
        profile: Option<&MemberProfile>,
    ) -> Result<(), StoreError> {
        let Some(profile) = profile else {
            return self.delete(Table::Profiles, &account_key(id));
        };
        // A program that does not know of profiles must not take the store for one of its own.
        let format = self.get(Table::Meta, Meta::Format.key())?;
        if matches!(format.as_deref(), None | Some([FORMAT])) {
            self.put(Table::Meta, Meta::Format.key(), &[WITH_PROFILES])?;
        }
        self.put_record(Table::Profiles, &account_key(id), profile)
    }

    /// Writes an entry; one that is on no list goes.
    fn put_entry(
        &mut self,
        owner: AccountId,
        contact: AccountId,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        if entry.is_on_no_list() {
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

/// The account whose [`account_key`] this is.
pub(crate) fn account_of(key: &[u8]) -> Option<AccountId> {
    key.try_into().ok().map(|bytes| AccountId(u32::from_be_bytes(bytes)))
}

/// The owner and the contact whose [`entry_key`] this is.
pub(crate) fn entry_of(key: &[u8]) -> Option<(AccountId, AccountId)> {
    let (owner, contact) = key.split_at_checked(size_of::<u32>())?;
    account_of(owner).zip(account_of(contact))
}
