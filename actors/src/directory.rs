//! The handles and friendly names of all accounts, in memory.
//!
//! Sessions hold account ids, and look up text here when they encode a line. An account takes about
//! 150 bytes. Telephone numbers are not here: only some users may see them, so the store returns
//! them together with that decision.

use crate::port::store::{AccountId, NamedAccount, Principal, Store, StoreError};
use msnp::{FriendlyName, Handle};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use tokio::sync::Notify;

struct DirectoryEntry {
    handle: Box<str>,
    name: Box<str>,
    /// Whether the account was removed. The entry stays, since events about the removal still name
    /// the account. Account ids are never reused.
    is_removed: bool,
    /// The value of [`Entries::credentials_changes`] after the last change of the password or of
    /// the disabled mark, or when the entry was made.
    credentials_generation: u64,
}

/// An account id with the generation of the directory that it is from. A restore replaces all
/// accounts, and the id may then belong to another user: the `Accounts` actor refuses an older
/// generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountRef {
    pub account: AccountId,
    generation: u32,
}

#[derive(Default)]
struct Entries {
    /// Counts replacements of all accounts.
    generation: u32,
    /// Counts the changes of passwords and disabled marks of all accounts.
    credentials_changes: u64,
    by_account: HashMap<AccountId, DirectoryEntry>,
    by_handle: HashMap<Box<str>, AccountId>,
    /// The principal who was looked up last. Notices about a principal are sent to all watchers one
    /// after the other, so the handle and the name are parsed only for the first of them.
    last_lookup: Option<(AccountId, Principal)>,
}

/// The directory of a node. The `Accounts` actor keeps it consistent with the store.
#[derive(Default)]
pub struct Directory {
    entries: RefCell<Entries>,
    /// Whether another program has changed the store.
    stale: Cell<bool>,
    /// Notified by [`Directory::replace_stale`].
    replaced: Notify,
}

impl Directory {
    /// Reads the directory from a store.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub fn of(store: &dyn Store) -> Result<Directory, StoreError> {
        let directory = Directory::default();
        store.principals(&mut |account, principal| directory.put(account, &principal))?;
        Ok(directory)
    }

    /// Returns the number of accounts.
    pub fn len(&self) -> usize {
        self.entries.borrow().by_handle.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the account with a handle.
    pub fn find(&self, handle: &Handle) -> Option<AccountId> {
        self.entries.borrow().by_handle.get(handle.as_str()).copied()
    }

    /// Returns the account with a handle, for code that keeps it across an await.
    pub fn find_ref(&self, handle: &Handle) -> Option<AccountRef> {
        self.find(handle).map(|account| self.account_ref(account))
    }

    /// Adds the current generation to an account id that was looked up just now.
    pub fn account_ref(&self, account: AccountId) -> AccountRef {
        AccountRef { account, generation: self.entries.borrow().generation }
    }

    /// Adds an account that the store returned, unless the directory has it already: an entry of
    /// the directory is never older than the store's.
    pub(crate) fn bring_in(&self, found: &NamedAccount) -> AccountRef {
        let account = found.account;
        if !self.entries.borrow().by_account.contains_key(&account)
            && let Some(principal) = found.principal()
        {
            self.put(account, &principal);
        }
        self.account_ref(account)
    }

    /// Returns whether `account_ref` is from the current generation.
    pub fn is_current(&self, account_ref: AccountRef) -> bool {
        account_ref.generation == self.entries.borrow().generation
    }

    /// Returns the owner of an account, even if the account was removed.
    pub fn principal(&self, account: AccountId) -> Option<Principal> {
        let mut entries = self.entries.borrow_mut();
        if let Some((last, principal)) = &entries.last_lookup
            && *last == account
        {
            return Some(principal.clone());
        }
        let entry = entries.by_account.get(&account)?;
        let handle = Handle::new(&entry.handle).ok()?;
        let name = FriendlyName::new(&entry.name).ok()?;
        let principal = Principal { handle, name };
        entries.last_lookup = Some((account, principal.clone()));
        Some(principal)
    }

    /// Returns whether the account exists.
    pub fn contains(&self, account: AccountId) -> bool {
        self.entries.borrow().by_account.get(&account).is_some_and(|entry| !entry.is_removed)
    }

    /// Returns a counter that changes with the account's password and disabled mark, or `None` if
    /// the account is unknown. A proof that was checked before such a change is no longer valid
    /// after it.
    pub fn credentials_generation(&self, account: AccountId) -> Option<u64> {
        self.entries.borrow().by_account.get(&account).map(|entry| entry.credentials_generation)
    }

    /// Records a change of the account's password or disabled mark.
    pub(crate) fn renew_credentials(&self, account: AccountId) {
        let mut entries = self.entries.borrow_mut();
        let changes = entries.credentials_changes.saturating_add(1);
        entries.credentials_changes = changes;
        if let Some(entry) = entries.by_account.get_mut(&account) {
            entry.credentials_generation = changes;
        }
    }

    /// Returns the number of changes of passwords and disabled marks of all accounts.
    pub(crate) fn credentials_changes(&self) -> u64 {
        self.entries.borrow().credentials_changes
    }

    pub(crate) fn put(&self, account: AccountId, principal: &Principal) {
        let mut entries = self.entries.borrow_mut();
        entries.last_lookup = None;
        let handle: Box<str> = principal.handle.as_str().into();
        entries.by_handle.insert(handle.clone(), account);
        let name = principal.name.as_str().into();
        let credentials_generation = entries.credentials_changes;
        let entry = DirectoryEntry { handle, name, is_removed: false, credentials_generation };
        entries.by_account.insert(account, entry);
    }

    /// Returns the owners of all accounts, in no particular order.
    pub fn principals(&self) -> Vec<Principal> {
        let accounts: Vec<AccountId> = self.entries.borrow().by_handle.values().copied().collect();
        accounts.into_iter().filter_map(|account| self.principal(account)).collect()
    }

    pub(crate) fn remove(&self, account: AccountId) {
        let mut entries = self.entries.borrow_mut();
        let Some(entry) = entries.by_account.get_mut(&account) else { return };
        entry.is_removed = true;
        let handle = entry.handle.clone();
        entries.by_handle.remove(&handle);
    }

    /// Replaces all accounts.
    pub(crate) fn replace(&self, principals: Vec<(AccountId, Principal)>) {
        self.entries.replace_with(|old| Entries {
            generation: old.generation.wrapping_add(1),
            credentials_changes: old.credentials_changes,
            ..Entries::default()
        });
        for (account, principal) in principals {
            self.put(account, &principal);
        }
    }

    /// Records that another program has changed the store.
    pub(crate) fn mark_stale(&self) {
        self.stale.set(true);
    }

    /// Returns whether another program has changed the store since the accounts were read.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale.get()
    }

    /// Replaces all accounts after another program has changed the store.
    pub(crate) fn replace_stale(&self, principals: Vec<(AccountId, Principal)>) {
        self.stale.set(false);
        self.replace(principals);
        self.replaced.notify_one();
    }

    /// Waits for the next [`Directory::replace_stale`].
    pub(crate) async fn wait_for_stale_replacement(&self) {
        self.replaced.notified().await;
    }

    pub(crate) fn rename(&self, account: AccountId, name: &FriendlyName) {
        let mut entries = self.entries.borrow_mut();
        entries.last_lookup = None;
        if let Some(entry) = entries.by_account.get_mut(&account) {
            entry.name = name.as_str().into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_who_was_looked_up_before_has_the_current_name() {
        let (directory, account) = (Directory::default(), AccountId(1));
        let name = |text| FriendlyName::new(text).unwrap();
        let handle = Handle::new("alice@example.com").unwrap();
        let looked_up = || directory.principal(account).unwrap().name;
        directory.put(account, &Principal { handle: handle.clone(), name: name("Alice") });
        assert_eq!((looked_up(), looked_up()), (name("Alice"), name("Alice")));
        directory.rename(account, &name("Queen"));
        assert_eq!((looked_up(), looked_up()), (name("Queen"), name("Queen")));
        directory.replace(vec![(account, Principal { handle, name: name("Ann") })]);
        assert_eq!(looked_up(), name("Ann"));
        directory.replace(Vec::new());
        assert_eq!(directory.principal(account), None);
    }
}
