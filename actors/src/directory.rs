//! Who has which account: handles and friendly names of all accounts, in memory.
//!
//! Sessions hold account numbers; they look up text here when a line is encoded. An account takes
//! about 150 bytes. Telephone numbers are not here: not everybody may see them, so they come from the
//! store together with the decision who may.

use crate::port::store::{AccountId, Principal, Store, StoreError};
use msnp::{FriendlyName, Handle};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use tokio::sync::Notify;

struct DirectoryEntry {
    handle: Box<str>,
    name: Box<str>,
    /// Whether the account was removed. Its card stays, so that news of its end can be told; account
    /// numbers are not given again.
    is_gone: bool,
    /// How often its password or its disabled mark has changed.
    credentials: u32,
}

/// An account as it was found in the directory. When all accounts are replaced by those of a backup,
/// its number may be somebody else's: the `Accounts` actor takes it no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountRef {
    /// Its number.
    pub account: AccountId,
    generation: u32,
}

#[derive(Default)]
struct Entries {
    /// How often all accounts were replaced.
    generation: u32,
    by_account: HashMap<AccountId, DirectoryEntry>,
    by_handle: HashMap<Box<str>, AccountId>,
}

/// The directory of an arbiter. The `Accounts` actor keeps it in step with the store.
#[derive(Default)]
pub struct Directory {
    entries: RefCell<Entries>,
    /// Whether another program has changed the store.
    stale: Cell<bool>,
    /// All accounts were replaced, and nobody had asked for it.
    replaced: Notify,
}

impl Directory {
    /// The directory of a store.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub fn of(store: &dyn Store) -> Result<Directory, StoreError> {
        let directory = Directory::default();
        store.principals(&mut |account, principal| directory.put(account, &principal))?;
        Ok(directory)
    }

    /// How many accounts there are.
    pub fn len(&self) -> usize {
        self.entries.borrow().by_handle.len()
    }

    /// Whether there is no account.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The account of a handle.
    pub fn find(&self, handle: &Handle) -> Option<AccountId> {
        self.entries.borrow().by_handle.get(handle.as_str()).copied()
    }

    /// The account of a handle, as whoever keeps it for longer takes it.
    pub fn find_ref(&self, handle: &Handle) -> Option<AccountRef> {
        self.find(handle).map(|account| self.account_ref(account))
    }

    /// An account that was found just now.
    pub fn account_ref(&self, account: AccountId) -> AccountRef {
        AccountRef { account, generation: self.entries.borrow().generation }
    }

    /// Whether it means what it meant when it was found.
    pub fn is_current(&self, known: AccountRef) -> bool {
        known.generation == self.entries.borrow().generation
    }

    /// Who has an account, or had it until it was removed.
    pub fn principal(&self, account: AccountId) -> Option<Principal> {
        let cards = self.entries.borrow();
        let card = cards.by_account.get(&account)?;
        let handle = Handle::new(&card.handle).ok()?;
        let name = FriendlyName::new(&card.name).ok()?;
        Some(Principal { handle, name })
    }

    /// Whether there is such an account.
    pub fn contains(&self, account: AccountId) -> bool {
        self.entries.borrow().by_account.get(&account).is_some_and(|card| !card.is_gone)
    }

    /// How often an account's password or disabled mark has changed: a proof that was looked at before
    /// a change counts no longer after it.
    pub fn credentials(&self, account: AccountId) -> Option<u32> {
        self.entries.borrow().by_account.get(&account).map(|card| card.credentials)
    }

    pub(crate) fn renew_credentials(&self, account: AccountId) {
        if let Some(card) = self.entries.borrow_mut().by_account.get_mut(&account) {
            card.credentials = card.credentials.wrapping_add(1);
        }
    }

    pub(crate) fn put(&self, account: AccountId, principal: &Principal) {
        let mut cards = self.entries.borrow_mut();
        let handle: Box<str> = principal.handle.as_str().into();
        cards.by_handle.insert(handle.clone(), account);
        let name = principal.name.as_str().into();
        let card = DirectoryEntry { handle, name, is_gone: false, credentials: 0 };
        cards.by_account.insert(account, card);
    }

    /// All who have an account, in no order.
    pub fn principals(&self) -> Vec<Principal> {
        let accounts: Vec<AccountId> = self.entries.borrow().by_handle.values().copied().collect();
        accounts.into_iter().filter_map(|account| self.principal(account)).collect()
    }

    pub(crate) fn remove(&self, account: AccountId) {
        let mut cards = self.entries.borrow_mut();
        let Some(card) = cards.by_account.get_mut(&account) else { return };
        card.is_gone = true;
        let handle = card.handle.clone();
        cards.by_handle.remove(&handle);
    }

    /// Other accounts take the place of all.
    pub(crate) fn replace(&self, principals: Vec<(AccountId, Principal)>) {
        self.entries.replace_with(|old| Entries {
            generation: old.generation.wrapping_add(1),
            ..Entries::default()
        });
        for (account, principal) in principals {
            self.put(account, &principal);
        }
    }

    /// Another program has changed the store.
    pub(crate) fn mark_stale(&self) {
        self.stale.set(true);
    }

    /// Whether it has, and the accounts were not read again since.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale.get()
    }

    /// The accounts were read again, since another program has changed them.
    pub(crate) fn replace_unasked(&self, principals: Vec<(AccountId, Principal)>) {
        self.stale.set(false);
        self.replace(principals);
        self.replaced.notify_one();
    }

    /// Waits until the accounts were read again.
    pub(crate) async fn replaced(&self) {
        self.replaced.notified().await;
    }

    pub(crate) fn rename(&self, account: AccountId, name: &FriendlyName) {
        if let Some(card) = self.entries.borrow_mut().by_account.get_mut(&account) {
            card.name = name.as_str().into();
        }
    }
}
