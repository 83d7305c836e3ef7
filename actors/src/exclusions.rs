//! Who is shut out, in memory: a new connection is compared with the denied networks without a look
//! into the store. Disabled accounts are here for those who show them; a sign-in asks the store.

use crate::port::store::AccountId;
use crate::port::{Disabled, ShutOut, Store, StoreError};
use crate::rules;
use ipnet::IpNet;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

#[derive(Default)]
struct Inner {
    disabled: BTreeMap<AccountId, Disabled>,
    /// In the order of the addresses.
    denied: Vec<IpNet>,
}

/// Disabled accounts and denied networks of an arbiter. The `Accounts` actor keeps them in step with
/// the store.
#[derive(Default)]
pub struct Exclusions {
    inner: RefCell<Inner>,
}

impl Exclusions {
    /// Those of a store.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub fn of(store: &dyn Store) -> Result<Exclusions, StoreError> {
        let exclusions = Exclusions::default();
        exclusions.replace(store.shut_out()?);
        Ok(exclusions)
    }

    /// The mark of an account, if it is disabled.
    pub fn disabled(&self, account: AccountId) -> Option<Disabled> {
        self.inner.borrow().disabled.get(&account).cloned()
    }

    /// All disabled accounts, in the order of their numbers.
    pub fn all_disabled(&self) -> Vec<(AccountId, Disabled)> {
        let inner = self.inner.borrow();
        inner.disabled.iter().map(|(account, disabled)| (*account, disabled.clone())).collect()
    }

    /// The denied network that an address is in.
    pub fn denying(&self, address: IpAddr) -> Option<IpNet> {
        rules::denying(&self.inner.borrow().denied, address)
    }

    /// All denied networks, IPv4 first.
    pub fn denied(&self) -> Vec<IpNet> {
        self.inner.borrow().denied.clone()
    }

    pub(crate) fn replace(&self, shut_out: ShutOut) {
        let ShutOut { disabled, denied } = shut_out;
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
        if let Err(place) = denied.binary_search(&network) {
            denied.insert(place, network);
        }
    }

    pub(crate) fn undeny(&self, network: IpNet) {
        self.inner.borrow_mut().denied.retain(|denied| *denied != network);
    }
}
