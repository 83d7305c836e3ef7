//! Tracks whether the store accepts changes.

use crate::port::store::{Store, StoreState, Unwritable};
use std::cell::RefCell;

/// The last known state of the store. The `Accounts` actor updates it after each failed change, after
/// each change of an unwritable store, and periodically while the store is unwritable.
#[derive(Debug, Default)]
pub(crate) struct Health {
    state: RefCell<StoreState>,
}

/// Makes a change of the store. Returns the new state of the store too, if the change fails or the
/// store is suspect ([`Health::is_suspect`]).
pub(crate) fn change_and_check<T, E>(
    store: &dyn Store,
    is_suspect: bool,
    change: impl FnOnce(&dyn Store) -> Result<T, E>,
) -> (Result<T, E>, Option<StoreState>) {
    let outcome = change(store);
    let state = (outcome.is_err() || is_suspect).then(|| store.state());
    (outcome, state)
}

impl Health {
    /// Returns since when and why the store accepts no changes, or `None` if it accepts them.
    pub(crate) fn unwritable(&self) -> Option<Unwritable> {
        self.state.borrow().unwritable.clone()
    }

    /// Returns whether the state must be checked after the next change, even if the change
    /// succeeds.
    pub(crate) fn is_suspect(&self) -> bool {
        self.state.borrow().unwritable.is_some()
    }

    /// Records and logs a new state, or does nothing with `None`. Returns whether another program
    /// has changed the store since the state before.
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
