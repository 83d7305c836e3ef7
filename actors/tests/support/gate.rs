//! The store in memory, behind a gate that a test can close or make fail.

use super::STARTED;
use actors::port::store::{
    AccountId, Change, Changed, CheckedProof, CreateError, Detail, Found, NamedAccount, NewAccount,
    Password, Principal, Proof, Roster, StoreState, Unwritable,
};
use actors::port::{
    AccountExport, ArchiveError, DenyError, Disabled, ExclusionLists, ExportPart, ImportStep,
    Imported, IntegrityReport, ReadSeek, Restored, Store, StoreError,
};
use ipnet::IpNet;
use msnp::command::Search;
use msnp::{ErrorCode, Handle, ListVersion};
use std::io::Write;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicUsize};
use std::sync::{Condvar, Mutex};
use store::Memory;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Closed,
    Failing,
    FailingChanges,
    Panicking,
    FailingProofs,
    HoldingSearches,
}

/// The store. Rosters, searches, restores and changes of lists and names go through the gate.
/// Everything else bypasses it, except that every change fails after [`Gate::fail_to_change`].
pub(crate) struct Gate {
    store: Memory,
    state: Mutex<State>,
    opened: Condvar,
    searches: AtomicUsize,
    most_searches: AtomicUsize,
    foreign_changes: AtomicU32,
}

/// Keeps the gate from being open. Dropping it opens the gate, so that a failing test does not
/// hang.
pub(crate) struct Shut<'a>(&'a Gate);

impl Drop for Shut<'_> {
    fn drop(&mut self) {
        self.0.set(State::Open);
    }
}

impl Gate {
    pub(crate) fn new() -> Gate {
        let store = Memory::new(|| STARTED).unwrap();
        Gate {
            store,
            state: Mutex::new(State::Open),
            opened: Condvar::new(),
            searches: AtomicUsize::new(0),
            most_searches: AtomicUsize::new(0),
            foreign_changes: AtomicU32::new(0),
        }
    }

    /// Changes the store as another program does while it cannot be written.
    pub(crate) fn change_externally(&self, work: impl FnOnce(&Memory)) {
        work(&self.store);
        self.foreign_changes.fetch_add(1, Relaxed);
    }

    /// Makes calls wait at the gate. Virtual time stands still while one waits.
    pub(crate) fn close(&self) -> Shut<'_> {
        self.set(State::Closed);
        Shut(self)
    }

    /// Makes calls fail at the gate.
    pub(crate) fn fail(&self) -> Shut<'_> {
        self.set(State::Failing);
        Shut(self)
    }

    /// Makes every change fail. Reads succeed.
    pub(crate) fn fail_to_change(&self) -> Shut<'_> {
        self.set(State::FailingChanges);
        Shut(self)
    }

    /// Makes the check of passwords fail.
    pub(crate) fn fail_to_check_proofs(&self) -> Shut<'_> {
        self.set(State::FailingProofs);
        Shut(self)
    }

    /// Makes searches wait, and nothing else.
    pub(crate) fn hold_searches(&self) -> Shut<'_> {
        self.set(State::HoldingSearches);
        Shut(self)
    }

    /// Returns the highest number of searches that ran at the same time.
    pub(crate) fn most_searches(&self) -> usize {
        self.most_searches.load(Relaxed)
    }

    /// Makes each thread that reaches the gate panic.
    pub(crate) fn panic(&self) -> Shut<'_> {
        self.set(State::Panicking);
        Shut(self)
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap() = state;
        self.opened.notify_all();
    }

    fn pass(&self) -> Result<(), StoreError> {
        let state = self.state.lock().unwrap();
        let state = self.opened.wait_while(state, |state| *state == State::Closed).unwrap();
        let found = *state;
        // A thread that panics must not poison the lock.
        drop(state);
        match found {
            State::Failing => Err(StoreError::Io("the gate".into(), "it fails".into())),
            State::Panicking => panic!("on purpose"),
            State::Open
            | State::Closed
            | State::FailingChanges
            | State::FailingProofs
            | State::HoldingSearches => Ok(()),
        }
    }

    fn may_change(&self) -> Result<(), StoreError> {
        let refuses = *self.state.lock().unwrap() == State::FailingChanges;
        if refuses { Err(StoreError::Io("the gate".into(), "it fails".into())) } else { Ok(()) }
    }
}

impl Store for Gate {
    fn state(&self) -> StoreState {
        let failing = matches!(*self.state.lock().unwrap(), State::Failing | State::FailingChanges);
        let unwritable = failing.then(|| Unwritable { since: STARTED, why: "it fails".into() });
        StoreState { unwritable, foreign_changes: self.foreign_changes.load(Relaxed) }
    }

    fn principals(&self, show: &mut dyn FnMut(AccountId, Principal)) -> Result<(), StoreError> {
        self.store.principals(show)
    }

    fn find(&self, handles: &[Handle]) -> Result<Vec<Option<NamedAccount>>, StoreError> {
        self.store.find(handles)
    }

    fn names(&self, accounts: &[AccountId]) -> Result<Vec<NamedAccount>, StoreError> {
        self.store.names(accounts)
    }

    fn count(&self) -> Result<usize, StoreError> {
        self.store.count()
    }

    fn check_proof(&self, handle: &Handle, proof: &Proof) -> Result<CheckedProof, StoreError> {
        if *self.state.lock().unwrap() == State::FailingProofs {
            return Err(StoreError::Io("the gate".into(), "it fails".into()));
        }
        self.store.check_proof(handle, proof)
    }

    fn roster(&self, account: AccountId, detail: Detail) -> Result<Roster, StoreError> {
        self.pass()?;
        self.store.roster(account, detail)
    }

    fn search(&self, search: &Search, max: usize) -> Result<Option<Vec<Found>>, StoreError> {
        self.most_searches.fetch_max(self.searches.fetch_add(1, Relaxed) + 1, Relaxed);
        let state = self.state.lock().unwrap();
        drop(self.opened.wait_while(state, |state| *state == State::HoldingSearches).unwrap());
        self.searches.fetch_sub(1, Relaxed);
        self.pass()?;
        self.store.search(search, max)
    }

    fn change(
        &self,
        changes: &[(AccountId, Change)],
    ) -> Result<Vec<Result<Changed, ErrorCode>>, StoreError> {
        self.pass()?;
        self.may_change()?;
        self.store.change(changes)
    }

    fn create(&self, account: &NewAccount) -> Result<AccountId, CreateError> {
        self.may_change()?;
        self.store.create(account)
    }

    fn remove(&self, account: AccountId) -> Result<Vec<(AccountId, ListVersion)>, StoreError> {
        self.may_change()?;
        self.store.remove(account)
    }

    fn set_password(&self, account: AccountId, password: &Password) -> Result<(), StoreError> {
        self.may_change()?;
        self.store.set_password(account, password)
    }

    fn set_disabled(
        &self,
        account: AccountId,
        disabled: Option<&Disabled>,
    ) -> Result<(), StoreError> {
        self.may_change()?;
        self.store.set_disabled(account, disabled)
    }

    fn deny(&self, network: IpNet) -> Result<bool, DenyError> {
        self.may_change()?;
        self.store.deny(network)
    }

    fn undeny(&self, network: IpNet) -> Result<bool, StoreError> {
        self.may_change()?;
        self.store.undeny(network)
    }

    fn exclusions(&self) -> Result<ExclusionLists, StoreError> {
        self.store.exclusions()
    }

    fn verify_integrity(&self) -> Result<IntegrityReport, StoreError> {
        self.store.verify_integrity()
    }

    fn export_each(
        &self,
        passwords: bool,
        visit: &mut dyn FnMut(ExportPart) -> bool,
    ) -> Result<(), StoreError> {
        self.store.export_each(passwords, visit)
    }

    fn import_step(
        &self,
        accounts: &[AccountExport],
        step: ImportStep,
    ) -> Result<Imported, StoreError> {
        self.may_change()?;
        self.store.import_step(accounts, step)
    }

    fn backup(&self, with_key: bool, to: &mut dyn Write) -> Result<(), ArchiveError> {
        self.store.backup(with_key, to)
    }

    fn restore(&self, from: &mut dyn ReadSeek) -> Result<Restored, ArchiveError> {
        let restored = self.store.restore(from);
        // The restore is done even if the gate then reports a failure.
        self.pass()?;
        restored
    }
}
