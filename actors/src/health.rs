//! Whether the store takes changes, as the `Accounts` actor knows it.

use crate::port::store::{Store, StoreState, Unwritable};
use std::cell::RefCell;

/// What is known of the store. It is looked at after each change that failed, after each change that
/// succeeded although none could be made before, and again and again while none can be made.
#[derive(Debug, Default)]
pub(crate) struct Health {
    state: RefCell<StoreState>,
}

/// Makes a change of the store. If it fails, or if the store is suspect, it is looked at afterwards.
pub(crate) fn look_after<T, E>(
    store: &dyn Store,
    is_suspect: bool,
    change: impl FnOnce(&dyn Store) -> Result<T, E>,
) -> (Result<T, E>, Option<StoreState>) {
    let done = change(store);
    let state = (done.is_err() || is_suspect).then(|| store.state());
    (done, state)
}

impl Health {
    /// Why the store takes no changes.
    pub(crate) fn unwritable(&self) -> Option<Unwritable> {
        self.state.borrow().unwritable.clone()
    }

    /// Whether it is looked at after the next change, whatever comes of that.
    pub(crate) fn is_suspect(&self) -> bool {
        self.state.borrow().unwritable.is_some()
    }

    /// Notes how the store is. The answer is whether another program has changed it.
    pub(crate) fn note(&self, state: Option<StoreState>) -> bool {
        let Some(state) = state else { return false };
        let before = self.state.replace(state.clone());
        match (&before.unwritable, &state.unwritable) {
            (None, Some(Unwritable { why, .. })) => log::error!(
                "the store cannot be written: {why}; changes are refused, everything else goes on"
            ),
            (Some(_), None) => log::info!("the store can be written again"),
            (None, None) | (Some(_), Some(_)) => {}
        }
        state.replaced != before.replaced
    }
}
