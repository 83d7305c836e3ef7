//! Denied networks and disabled accounts, in memory.
//!
//! New connections are compared with the denied networks without access to the store. The disabled
//! accounts are here for display only: a sign-in asks the store.

use crate::port::store::AccountId;
use crate::port::{Disabled, ExclusionLists, Store, StoreError};
use crate::rules;
use ipnet::IpNet;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

#[derive(Default)]
struct Inner {
    disabled: BTreeMap<AccountId, Disabled>,
    /// Sorted by address.
    denied: Vec<IpNet>,
}

/// The exclusions of a node. The `Accounts` actor keeps them consistent with the store.
#[derive(Default)]
pub struct Exclusions {
    inner: RefCell<Inner>,
}

impl Exclusions {
    /// Reads the exclusions from a store.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub fn of(store: &dyn Store) -> Result<Exclusions, StoreError> {
        let exclusions = Exclusions::default();
        exclusions.replace(store.exclusions()?);
        Ok(exclusions)
    }

    /// Returns the mark of a disabled account, or `None` if the account is enabled.
    pub fn disabled(&self, account: AccountId) -> Option<Disabled> {
        self.inner.borrow().disabled.get(&account).cloned()
    }

    /// Returns all disabled accounts, sorted by id.
    pub fn all_disabled(&self) -> Vec<(AccountId, Disabled)> {
        let inner = self.inner.borrow();
        inner.disabled.iter().map(|(account, disabled)| (*account, disabled.clone())).collect()
    }

    /// Returns the denied network that contains an address.
    pub fn find_denied(&self, address: IpAddr) -> Option<IpNet> {
        rules::find_denied(&self.inner.borrow().denied, address)
    }

    /// Returns all denied networks, IPv4 first.
    pub fn denied(&self) -> Vec<IpNet> {
        self.inner.borrow().denied.clone()
    }

    pub(crate) fn replace(&self, exclusions: ExclusionLists) {
        let ExclusionLists { disabled, denied } = exclusions;
        self.inner.replace(Inner { disabled: disabled.into_iter().collect(), denied });
    }

    pub(crate) fn set_disabled(&self, account: AccountId, disabled: Option<Disabled>) {
        let mut inner = self.inner.borrow_mut();
        match disabled {
            Some(disabled) => inner.disabled.insert(account, disabled),
            None => inner.disabled.remove(&account),
        };
    }

    pub(crate) fn deny(&self, network: IpNet) {
        let denied = &mut self.inner.borrow_mut().denied;
        if let Err(index) = denied.binary_search(&network) {
            denied.insert(index, network);
        }
    }

    pub(crate) fn undeny(&self, network: IpNet) {
        self.inner.borrow_mut().denied.retain(|denied| *denied != network);
    }
}
