//! Who has which account: handles and friendly names of all accounts, in memory.
//!
//! Sessions hold account numbers; they look up text here when a line is encoded. An account takes
//! about 150 bytes.

use crate::port::store::{AccountId, Principal, Store, StoreError};
use msnp::{FriendlyName, Handle};
use std::cell::RefCell;
use std::collections::HashMap;

struct Card {
    handle: Box<str>,
    name: Box<str>,
}

#[derive(Default)]
struct Cards {
    by_account: HashMap<AccountId, Card>,
    by_handle: HashMap<Box<str>, AccountId>,
}

/// The directory of an arbiter. The `Accounts` actor keeps it in step with the store.
#[derive(Default)]
pub struct Directory {
    cards: RefCell<Cards>,
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
        self.cards.borrow().by_account.len()
    }

    /// Whether there is no account.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The account of a handle.
    pub fn find(&self, handle: &Handle) -> Option<AccountId> {
        self.cards.borrow().by_handle.get(handle.as_str()).copied()
    }

    /// Who has an account.
    pub fn principal(&self, account: AccountId) -> Option<Principal> {
        let cards = self.cards.borrow();
        let card = cards.by_account.get(&account)?;
        let handle = Handle::new(&card.handle).ok()?;
        let name = FriendlyName::new(&card.name).ok()?;
        Some(Principal { handle, name })
    }

    /// Whether there is such an account.
    pub fn contains(&self, account: AccountId) -> bool {
        self.cards.borrow().by_account.contains_key(&account)
    }

    pub(crate) fn put(&self, account: AccountId, principal: &Principal) {
        let mut cards = self.cards.borrow_mut();
        let handle: Box<str> = principal.handle.as_str().into();
        cards.by_handle.insert(handle.clone(), account);
        cards.by_account.insert(account, Card { handle, name: principal.name.as_str().into() });
    }

    pub(crate) fn rename(&self, account: AccountId, name: &FriendlyName) {
        if let Some(card) = self.cards.borrow_mut().by_account.get_mut(&account) {
            card.name = name.as_str().into();
        }
    }
}
