//! Types for operations on the whole store: integrity check, export, import and backup.

use super::store::{AccountId, Password, Principal};
use super::{Disabled, PhoneNumbers, StoreError};
use crate::rules::Group;
use msnp::{AddNotice, FriendlyName, GroupIds, Handle, List, ListVersion, MemberProfile, Privacy};
use serde::Serialize;
use std::io::{Read, Seek};

/// The result of an integrity check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntegrityReport {
    pub accounts: usize,
    /// The number of list entries: pairs of an owner and an account on any of the owner's lists.
    pub entries: usize,
    /// Descriptions of the faults, at most [`IntegrityReport::MAX_FAULTS`]. If there are more, the
    /// last one gives the number of the rest.
    pub faults: Vec<String>,
    /// Observations that are not faults: handles and friendly names that users could not choose
    /// today. Limited like `faults`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl IntegrityReport {
    /// The maximum number of faults, and also of notes.
    pub const MAX_FAULTS: usize = 100;
}

/// An account with its settings and lists. It names contacts by handle instead of account id, so it
/// is valid in another store too. It has no reverse list, which follows from the forward lists of the
/// other accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountExport {
    pub principal: Principal,
    /// `GTC`
    pub add_notice: AddNotice,
    /// `BLP`
    pub privacy: Privacy,
    /// The password in clear. An export has it only on request.
    pub password: Option<Password>,
    /// The groups of the forward list. Empty if there is only group 0, without a name, and there never
    /// was another. An import leaves out groups whose number or name is taken already.
    pub groups: Vec<Group>,
    pub numbers: PhoneNumbers,
    /// The entry in the member directory, if there is one.
    pub profile: Option<MemberProfile>,
    pub disabled: Option<Disabled>,
    /// The lists in the order of [`AccountExport::LISTS`], each in the order of addition. A contact has a
    /// name if the owner chose one that is neither the contact's handle nor its friendly name. Each
    /// list has at most [`MAX_LIST_ENTRIES`](crate::settings::MAX_LIST_ENTRIES); an import leaves out
    /// further entries.
    pub lists: [Vec<Contact>; 3],
}

impl AccountExport {
    /// The order of [`AccountExport::lists`].
    pub const LISTS: [List; 3] = [List::Forward, List::Allow, List::Block];
}

/// A part of an export. The summary is the first one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportPart {
    Summary {
        /// The number of accounts.
        accounts: usize,
        /// Whether any account is disabled.
        has_disabled: bool,
    },
    Account(Box<AccountExport>),
}

/// A contact on a list of an [`AccountExport`]. Very many of them are in memory at once, so the texts
/// take only the bytes that they need. `Handle` and `FriendlyName` always reserve the space for the
/// longest, half a KiB together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    handle: Box<str>,
    name: Option<Box<str>>,
    groups: GroupIds,
}

impl Contact {
    /// Creates a contact with the name that the owner chose, in no group.
    #[must_use]
    pub fn new(handle: &Handle, name: Option<&FriendlyName>) -> Contact {
        let (handle, name) = (handle.as_str().into(), name.map(|name| name.as_str().into()));
        Contact { handle, name, groups: GroupIds::NONE }
    }

    /// Sets the groups.
    #[must_use]
    pub fn in_groups(self, groups: GroupIds) -> Contact {
        Contact { groups, ..self }
    }

    /// Returns the handle, in lower case like every [`Handle`].
    #[must_use]
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// Returns the name that the owner chose, a valid [`FriendlyName`], if the owner chose one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the groups of a contact on the forward list. An import leaves out unknown groups.
    #[must_use]
    pub fn groups(&self) -> GroupIds {
        self.groups
    }
}

/// A step of an import. An import of many accounts is made in batches. Accounts of different
/// batches may be on each other's lists, so all batches are created first ([`ImportStep::Create`])
/// and filled afterwards ([`ImportStep::Fill`]). If the import is interrupted, the accounts that
/// are not filled stay disabled, and a second import of the same accounts fills them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportStep {
    /// Creates the missing accounts with their settings and lists.
    Whole,
    /// Creates the missing accounts, disabled with [`Disabled::unfilled`].
    Create,
    /// Adds the settings and lists of the accounts that are disabled with [`Disabled::unfilled`], and
    /// enables them.
    Fill,
}

/// The result of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// The new accounts; after [`ImportStep::Fill`], the filled ones.
    pub created: Vec<(AccountId, Principal)>,
    /// Handles whose account existed already, perhaps from earlier in the same import. Those
    /// accounts were not changed. Always empty after [`ImportStep::Fill`].
    pub skipped: Vec<Handle>,
    /// The accounts of `created` that had no password in the import and got a random, unknown one.
    pub without_password: Vec<Handle>,
    /// Entries that were left out, with the handles of owner and contact: the contact does not exist, or
    /// a rule forbids the entry.
    pub omitted_entries: Vec<(Handle, Box<str>)>,
    pub listed: Vec<ListedContact>,
}

/// An existing account that an import added to a new account's forward list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedContact {
    /// The new account.
    pub owner: AccountId,
    /// The existing account.
    pub contact: AccountId,
    /// The contact's new list version.
    pub version: ListVersion,
}

/// A file that is read more than once.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek + ?Sized> ReadSeek for T {}

/// The result of a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The number of accounts after the restore.
    pub accounts: usize,
}

/// Why a backup was not written or restored. Nothing was changed, with one exception: after
/// [`ArchiveError::Store`] from a disk failure, the restore may be complete nevertheless.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ArchiveError {
    /// The backup could not be written or read.
    #[error("the backup: {0}")]
    Io(String),
    /// The file is not a backup, or it is damaged.
    #[error(
        "the file is not a usable msnpd backup: {0}. Nothing was changed. Give a file written by \
         `msnpd backup`"
    )]
    NotABackup(String),
    /// The backup was written by a later version of the program.
    #[error("the backup was written by a later version of msnpd")]
    Newer,
    /// The backup has no key, and its passwords were sealed with another key than this store's.
    #[error(
        "the backup was made with another msnpd.key, which it does not contain. Nothing was \
         changed. Put the msnpd.key of the server that made it into the data folder, or make a new \
         backup on that server with `msnpd backup --with-key`, and restore that one"
    )]
    OtherKey,
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_small_and_keeps_its_texts() {
        assert_eq!(size_of::<Contact>(), 5 * size_of::<usize>());
        let handle = Handle::new("Alice@example.com").unwrap();
        let plain = Contact::new(&handle, None);
        assert_eq!((plain.handle(), plain.name()), ("alice@example.com", None));
        let named = Contact::new(&handle, Some(&FriendlyName::new("Zoë").unwrap()));
        assert_eq!((named.handle(), named.name()), ("alice@example.com", Some("Zoë")));
    }
}
