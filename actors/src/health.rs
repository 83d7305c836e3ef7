//! Tracks whether the store accepts changes.

use crate::port::store::{Store, StoreState, Unwritable};
use std::cell::RefCell;

/// The last known state of the store. The `Accounts` actor updates it after each failed change, after
/// each change of an unwritable store, and periodically while the store is unwritable.
#[derive(Debug, Default)]
pub(crate) struct Health {
    state: RefCell<StoreState>,
}

/// Makes a change of the store. If it fails or the store is suspect, returns the new state too.
pub(crate) fn change_and_check<T, E>(
    store: &dyn Store,
    is_suspect: bool,
    change: impl FnOnce(&dyn Store) -> Result<T, E>,
) -> (Result<T, E>, Option<StoreState>) {
    let done = change(store);
    let state = (done.is_err() || is_suspect).then(|| store.state());
    (done, state)
}

impl Health {
    /// Returns the reason why the store accepts no changes.
    pub(crate) fn unwritable(&self) -> Option<Unwritable> {
        self.state.borrow().unwritable.clone()
    }

    /// Returns whether the state must be checked after the next change, even if that succeeds.
    pub(crate) fn is_suspect(&self) -> bool {
        self.state.borrow().unwritable.is_some()
    }

    /// Records and logs a new state. Returns whether another program has changed the store.
    pub(crate) fn note(&self, state: Option<StoreState>) -> bool {
        let Some(state) = state else { return false };
        let before = self.state.replace(state.clone());
        match (&before.unwritable, &state.unwritable) {
            (None, Some(Unwritable { why, .. })) => log::error!(
                "the store cannot be written: {why}; changes are refused, everything else works"
            ),
            (Some(_), None) => log::info!("the store can be written again"),
            (None, None) | (Some(_), Some(_)) => {}
        }
        state.foreign_changes != before.foreign_changes
    }
}
