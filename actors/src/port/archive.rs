//! What the store says and takes as a whole: its examination, accounts as a file of the operator's
//! has them, backups.

use super::store::{AccountId, Password, Principal};
use super::{Disabled, Numbers, StoreError};
use crate::rules::Group;
use msnp::{AddNotice, FriendlyName, GroupIds, Handle, List, ListVersion, MemberProfile, Privacy};
use serde::Serialize;

/// What an examination of the store found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntegrityReport {
    /// How many accounts there are.
    pub accounts: usize,
    /// How many entries: pairs of an owner and one who is on any of his lists.
    pub entries: usize,
    /// What is wrong, in words: at most [`Examination::MOST_FAULTS`], of which the last says how
    /// many more there are. Empty if nothing is.
    pub faults: Vec<String>,
    /// What is no fault, and should be known: names that no user could choose now. As many at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl IntegrityReport {
    /// How many faults, and how many notes, are listed at most.
    pub const MOST_FAULTS: usize = 100;
}

/// One account with its settings and lists, in handles instead of account numbers, so that it
/// means the same in another store. The reverse list is not in it: it follows from the others'
/// forward lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountExport {
    /// Who.
    pub principal: Principal,
    /// `GTC`
    pub prompting: AddNotice,
    /// `BLP`
    pub privacy: Privacy,
    /// The password in clear, if it was asked for or is given.
    pub password: Option<Password>,
    /// The groups of the forward list; none if it never had others than group 0 and that has no
    /// name of its own. An import leaves out those whose number or name is there already.
    pub groups: Vec<Group>,
    /// The telephone numbers.
    pub numbers: Numbers,
    /// What the member directory has of him, if he is in it.
    pub profile: Option<MemberProfile>,
    /// The mark of a disabled account.
    pub disabled: Option<Disabled>,
    /// The forward, the allow and the block list, in this order, each in the order in which the
    /// entries came; with the name that the owner gave somebody, if it is neither his handle nor
    /// his own friendly name. Each has [`MAX_LIST_ENTRIES`](crate::settings::MAX_LIST_ENTRIES) at
    /// most: an import leaves out what is behind them.
    pub lists: [Vec<Contact>; 3],
}

impl AccountExport {
    /// What [`Portrait::lists`] are.
    pub const LISTS: [List; 3] = [List::Forward, List::Allow, List::Block];
}

/// Somebody on a list of a [`Portrait`]. Of these there are very many at once, so the texts take as
/// much room as they have bytes: the types that they came from always have room for the longest,
/// half a KiB together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    handle: Box<str>,
    name: Option<Box<str>>,
    groups: GroupIds,
}

impl Contact {
    /// Somebody, with the name that the owner gave him.
    #[must_use]
    pub fn new(handle: &Handle, name: Option<&FriendlyName>) -> Contact {
        let (handle, name) = (handle.as_str().into(), name.map(|name| name.as_str().into()));
        Contact { handle, name, groups: GroupIds::NONE }
    }

    /// The same, in these groups.
    #[must_use]
    pub fn in_groups(self, groups: GroupIds) -> Contact {
        Contact { groups, ..self }
    }

    /// His user handle, in lower case like every [`Handle`].
    #[must_use]
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// The name that the owner gave him: a legal [`FriendlyName`].
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// In which groups he is, on the forward list. An import leaves out those that are not there.
    #[must_use]
    pub fn groups(&self) -> GroupIds {
        self.groups
    }
}

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// The accounts that were made.
    pub created: Vec<(AccountId, Principal)>,
    /// Who had an account already, perhaps by an earlier portrait of the same import: it is left
    /// as it is.
    pub skipped: Vec<Handle>,
    /// Whose portrait has no password: nobody knows the one that was made up.
    pub made_up: Vec<Handle>,
    /// Entries that were not made, owner and contact's handle: there is no such contact, or a rule
    /// forbids it.
    pub left_out: Vec<(Handle, Box<str>)>,
    /// Accounts that were there already and got onto a new account's forward list: owner, contact
    /// and the contact's new list version.
    pub listed: Vec<(AccountId, AccountId, ListVersion)>,
}

/// What a restore came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// How many accounts there are now.
    pub accounts: usize,
}

/// Why a backup was not written or not restored. Nothing was changed, unless it is
/// [`ArchiveError::Store`] for a failure of the disk: then all of it may be there.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ArchiveError {
    /// It could not be written or read.
    #[error("the backup: {0}")]
    Io(String),
    /// It is not a backup, or it is damaged.
    #[error("this is not a whole backup of msnpd: {0}")]
    NotABackup(String),
    /// It was written by a later version of the program.
    #[error("the backup was written by a later version of msnpd")]
    Newer,
    /// The key is not in it, and its passwords were sealed with another one than this store's.
    #[error(
        "the backup has no key in it and does not fit the key file here: restore it with the key \
         file of its own store"
    )]
    OtherKey,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_takes_little_room_and_keeps_his_texts() {
        assert_eq!(size_of::<Contact>(), 5 * size_of::<usize>());
        let handle = Handle::new("Alice@example.com").unwrap();
        let plain = Contact::new(&handle, None);
        assert_eq!((plain.handle(), plain.name()), ("alice@example.com", None));
        let named = Contact::new(&handle, Some(&FriendlyName::new("Zoë").unwrap()));
        assert_eq!((named.handle(), named.name()), ("alice@example.com", Some("Zoë")));
    }
}
