//! The `Accounts` actor: access to the store through messages.
//!
//! Calls of the store block, so they run on blocking threads. Changes that arrive during a
//! transaction are batched into the next one: on an SD card a transaction takes tens of
//! milliseconds, whatever its size.

use crate::directory::{AccountRef, Directory};
use crate::exclusions::Exclusions;
use crate::health::{Health, change_and_check};
use crate::message::{
    AccountsState, Backup, CheckProof, Count, Create, Deny, Edit, EditError, Export, Find, Import,
    Load, LookUp, Observe, ProofResult, Remove, Restore, Select, SetDisabled, SetPassword, Undeny,
    VerifyIntegrity,
};
use crate::port::store::{
    AccountId, Change, Changed, CheckedProof, CreateError, Found, NamedAccount, Principal, Roster,
};
use crate::port::{
    AccountExport, ArchiveError, DenyError, Disabled, ExclusionLists, ImportStep, Imported,
    IntegrityReport, Restored, Store, StoreError,
};
use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, ResponseActFuture,
    ResponseFuture, WrapFuture,
};
use msnp::{ErrorCode, Handle, ListVersion};
use std::collections::HashMap;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::spawn_blocking;

/// Capacity of the mailbox. The actor takes messages at once and replies later. Each connection
/// waits for at most one reply, which bounds the pending work.
const MAILBOX: usize = 256;

/// The maximum number of checks of one proof. A check is repeated if the password changes
/// meanwhile.
const MAX_CHECKS: u32 = 3;

/// How often an unwritable store is checked.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

type ReplySender = oneshot::Sender<Result<Changed, EditError>>;
type CommitResult = Result<Vec<Result<Changed, ErrorCode>>, StoreError>;

/// The accounts of a node.
pub struct Accounts {
    store: Arc<dyn Store>,
    directory: Rc<Directory>,
    exclusions: Rc<Exclusions>,
    pending_changes: Vec<((AccountId, Change), ReplySender)>,
    /// Reads that arrived after a change that is not committed yet. Dropping the sender resumes the
    /// read.
    waiting_reads: Vec<oneshot::Sender<()>>,
    committing: bool,
    /// Whether all accounts are being replaced. Changes and reads are refused meanwhile.
    restoring: bool,
    /// Allows one search at a time, so that searches never occupy all blocking threads.
    searches: Arc<Semaphore>,
    health: Rc<Health>,
    /// The number of changes since the start.
    changes: u64,
    /// The number of transactions with these changes.
    commits: u64,
}

impl Accounts {
    /// Creates the actor. It keeps `directory` and `exclusions` consistent with the store.
    pub fn new(
        store: Arc<dyn Store>,
        directory: Rc<Directory>,
        exclusions: Rc<Exclusions>,
    ) -> Accounts {
        Accounts {
            store,
            directory,
            exclusions,
            pending_changes: Vec::new(),
            waiting_reads: Vec::new(),
            committing: false,
            restoring: false,
            searches: Arc::new(Semaphore::new(1)),
            health: Rc::default(),
            changes: 0,
            commits: 0,
        }
    }

    /// Runs `work` on a blocking thread.
    fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Store) -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + 'static {
        let store = self.store.clone();
        let work = spawn_blocking(move || work(store.as_ref()));
        async move { work.await.map_err(|_| thread_failed()) }
    }

    fn reader(&self) -> Reader {
        let (store, directory) = (self.store.clone(), self.directory.clone());
        let generation = directory.account_ref(AccountId(0));
        Reader { store, directory, generation, restoring: self.restoring }
    }

    /// Runs a change on a blocking thread, then updates the health of the store.
    fn apply<T: Send + 'static, E: From<StoreError> + Send + 'static>(
        &self,
        change: impl FnOnce(&dyn Store) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + 'static {
        let (health, directory) = (self.health.clone(), self.directory.clone());
        let is_suspect = health.is_suspect();
        let work = self.run_blocking(move |store| change_and_check(store, is_suspect, change));
        async move {
            let (outcome, state) = work.await?;
            let is_stale = health.note(state);
            if is_stale {
                directory.mark_stale();
            }
            outcome
        }
    }

    /// Checks an unwritable store, and reads it again if another program has changed it.
    fn check_store(&mut self, ctx: &mut Context<Accounts>) {
        if self.directory.is_stale() && !self.restoring {
            self.restoring = true;
            return self.reread(ctx);
        }
        if self.health.is_suspect() {
            let check = self.run_blocking(|store| store.state());
            ctx.spawn(check.into_actor(self).map(|state, accounts, ctx| {
                let is_stale = accounts.health.note(state.ok());
                if is_stale {
                    accounts.directory.mark_stale();
                    accounts.check_store(ctx);
                }
            }));
        }
    }

    /// Reads all accounts again after another program has changed them. All sessions end.
    fn reread(&mut self, ctx: &mut Context<Accounts>) {
        let changes_committed = self.wait_for_changes();
        let store = self.store.clone();
        let work = async move {
            changes_committed.await;
            spawn_blocking(move || read_all(store.as_ref())).await
        };
        ctx.spawn(work.into_actor(self).map(|read, accounts, ctx| match read {
            Ok(Ok((principals, exclusions))) => {
                log::warn!("another program has changed the store: all users are signed off");
                accounts.exclusions.replace(exclusions);
                accounts.directory.replace_stale(principals);
                accounts.restoring = false;
            }
            Ok(Err(_)) | Err(_) => {
                log::error!("the store cannot be read after another program has changed it");
                ctx.stop();
            }
        }));
    }

    /// Returns whether requests with `account_ref` are served. They are not during a restore, nor
    /// if the reference is from before a restore.
    fn accepts(&self, account_ref: AccountRef) -> bool {
        !self.restoring && self.directory.is_current(account_ref)
    }

    /// Returns a future that waits until all earlier changes are committed.
    fn wait_for_changes(&mut self) -> impl Future<Output = ()> + 'static {
        let resumption = self.committing.then(|| {
            let (waiting_read, resumption) = oneshot::channel();
            self.waiting_reads.push(waiting_read);
            resumption
        });
        async move {
            if let Some(resumption) = resumption {
                // Nothing is sent: this ends when the sender is dropped.
                let _ = resumption.await;
            }
        }
    }

    /// Commits the pending changes, unless a commit is running: then its end calls this again.
    fn commit(&mut self, ctx: &mut Context<Accounts>) {
        if self.committing {
            return;
        }
        // These reads wait for the pending changes. They resume when the senders are dropped: now
        // if no change is pending, or else after the commit.
        let waiting_reads = std::mem::take(&mut self.waiting_reads);
        if self.pending_changes.is_empty() {
            return;
        }
        self.committing = true;
        let (changes, replies): (Vec<_>, Vec<_>) = self.pending_changes.drain(..).unzip();
        let (store, is_suspect) = (self.store.clone(), self.health.is_suspect());
        let work = spawn_blocking(move || {
            let change = |store: &dyn Store| store.change(&changes);
            let (outcome, state) = change_and_check(store.as_ref(), is_suspect, change);
            (changes, outcome, state)
        });
        ctx.spawn(work.into_actor(self).map(|done, accounts, ctx| {
            accounts.committing = false;
            drop(waiting_reads);
            match done {
                Ok((changes, outcome, state)) => {
                    let is_stale = accounts.health.note(state);
                    if is_stale {
                        accounts.directory.mark_stale();
                        accounts.check_store(ctx);
                    }
                    accounts.send_replies(&changes, replies, outcome);
                }
                // Each dropped sender reports the failure to its requester.
                Err(error) => log::error!("the store failed: {error}"),
            }
            accounts.commit(ctx);
        }));
    }

    fn send_replies(
        &mut self,
        changes: &[(AccountId, Change)],
        replies: Vec<ReplySender>,
        outcome: CommitResult,
    ) {
        let outcomes = match outcome {
            Ok(outcomes) => outcomes,
            Err(error) => {
                let count = changes.len();
                let changes_are = if count == 1 { "change is" } else { "changes are" };
                log::error!("the store failed, {count} {changes_are} refused: {error}");
                for reply in replies {
                    // The requester may be gone.
                    let _ = reply.send(Err(EditError::Store(error.clone())));
                }
                return;
            }
        };
        self.commits += 1;
        for (((owner, change), reply), outcome) in changes.iter().zip(replies).zip(outcomes) {
            if let (Ok(_), Change::RenameSelf(name)) = (&outcome, change) {
                self.directory.rename(*owner, name);
            }
            self.changes += u64::from(outcome.is_ok());
            let _ = reply.send(outcome.map_err(EditError::Refused));
        }
    }
}

/// Reads account ids from the store.
struct Reader {
    store: Arc<dyn Store>,
    directory: Rc<Directory>,
    /// The generation of the directory in which the request arrived. The account id in it is
    /// unused.
    generation: AccountRef,
    restoring: bool,
}

impl Reader {
    /// Reads on a blocking thread. Fails during a restore. Fails also if all accounts were replaced
    /// during the read, since the account ids in the result would be invalid.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if self.restoring {
            return Err(restore_error());
        }
        let store = self.store.clone();
        let outcome = spawn_blocking(move || read(store.as_ref())).await;
        if !self.directory.is_current(self.generation) {
            return Err(restore_error());
        }
        outcome.unwrap_or_else(|_| Err(thread_failed()))
    }
}

/// The error of a request whose thread failed.
fn thread_failed() -> StoreError {
    StoreError::Io("the store".into(), "its thread failed".into())
}

/// The error of a request during a restore, or with an account from before it.
fn restore_error() -> StoreError {
    StoreError::Io("the store".into(), "it is being restored from a backup".into())
}

impl Actor for Accounts {
    type Context = Context<Accounts>;

    fn started(&mut self, ctx: &mut Context<Accounts>) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(CHECK_INTERVAL, Accounts::check_store);
    }
}

impl Handler<CheckProof> for Accounts {
    type Result = ResponseFuture<Result<ProofResult, StoreError>>;

    fn handle(&mut self, check: CheckProof, _: &mut Context<Accounts>) -> Self::Result {
        let CheckProof { handle, proof } = check;
        let (reader, directory) = (self.reader(), self.directory.clone());
        Box::pin(async move {
            for _ in 0..MAX_CHECKS {
                // The newest generation of credentials.
                let before = directory.credentials_changes();
                let (handle, proof) = (handle.clone(), proof.clone());
                let checked = reader.read(move |store| store.check_proof(&handle, &proof)).await?;
                let CheckedProof { account, is_right } = checked;
                let account_ref = account.map(|account| directory.bring_in(&account));
                let account = account_ref.map(|account_ref| account_ref.account);
                let credentials =
                    account.and_then(|account| directory.credentials_generation(account));
                let are_unchanged = |generation: u64| generation <= before;
                // If they have changed, the password that was checked may be an old one.
                if credentials.is_none_or(are_unchanged) {
                    return Ok(ProofResult { account_ref, is_right, credentials });
                }
            }
            Err(StoreError::Conflict("the account".to_owned()))
        })
    }
}

impl Handler<LookUp> for Accounts {
    type Result = ResponseFuture<Result<Vec<Option<AccountRef>>, StoreError>>;

    fn handle(&mut self, LookUp(handles): LookUp, _: &mut Context<Accounts>) -> Self::Result {
        let (reader, directory) = (self.reader(), self.directory.clone());
        Box::pin(async move {
            let found = reader.read(move |store| store.find(&handles)).await?;
            let bring_in =
                |found: Option<NamedAccount>| found.map(|account| directory.bring_in(&account));
            Ok(found.into_iter().map(bring_in).collect())
        })
    }
}

impl Handler<Count> for Accounts {
    type Result = ResponseFuture<Result<usize, StoreError>>;

    fn handle(&mut self, _: Count, _: &mut Context<Accounts>) -> Self::Result {
        let work = self.run_blocking(|store| store.count());
        Box::pin(async move { work.await? })
    }
}

impl<T: Send + 'static> Handler<Select<T>> for Accounts {
    type Result = ResponseFuture<Result<Vec<T>, StoreError>>;

    fn handle(
        &mut self,
        Select { mut select }: Select<T>,
        _: &mut Context<Accounts>,
    ) -> Self::Result {
        let work = self.run_blocking(move |store| {
            let mut selected = Vec::new();
            store.principals(&mut |account, principal| {
                selected.extend(select(account, principal));
            })?;
            Ok(selected)
        });
        Box::pin(async move { work.await? })
    }
}

impl Handler<Load> for Accounts {
    type Result = ResponseFuture<Result<Roster, StoreError>>;

    fn handle(
        &mut self,
        Load { account_ref, detail }: Load,
        _: &mut Context<Accounts>,
    ) -> Self::Result {
        if !self.accepts(account_ref) {
            return Box::pin(async { Err(restore_error()) });
        }
        let store = self.store.clone();
        // The read includes all earlier changes: a new session must not miss the last change of the
        // session that it replaces.
        let changes_committed = self.wait_for_changes();
        Box::pin(async move {
            changes_committed.await;
            let work = spawn_blocking(move || store.roster(account_ref.account, detail));
            work.await.unwrap_or_else(|_| Err(thread_failed()))
        })
    }
}

impl Handler<Find> for Accounts {
    type Result = ResponseFuture<Result<Option<Vec<Found>>, StoreError>>;

    fn handle(&mut self, find: Find, _: &mut Context<Accounts>) -> Self::Result {
        let Find { account_ref, search, max } = find;
        if !self.accepts(account_ref) {
            return Box::pin(async { Err(restore_error()) });
        }
        let (store, directory) = (self.store.clone(), self.directory.clone());
        let searches = self.searches.clone();
        Box::pin(async move {
            // Each connection waits for at most one search, which bounds the number of searches
            // that wait here.
            let permit = searches.acquire_owned().await.map_err(|_| thread_failed())?;
            let work = spawn_blocking(move || {
                let found = store.search(&search, max);
                drop(permit);
                found
            });
            let found = work.await.unwrap_or_else(|_| Err(thread_failed()))?;
            if directory.is_current(account_ref) { Ok(found) } else { Err(restore_error()) }
        })
    }
}

impl Handler<Edit> for Accounts {
    type Result = ResponseFuture<Result<Changed, EditError>>;

    fn handle(&mut self, edit: Edit, ctx: &mut Context<Accounts>) -> Self::Result {
        if !self.accepts(edit.owner) {
            return Box::pin(async { Err(restore_error().into()) });
        }
        let (reply, replied) = oneshot::channel();
        self.pending_changes.push(((edit.owner.account, edit.change), reply));
        self.commit(ctx);
        Box::pin(async move { replied.await.unwrap_or_else(|_| Err(thread_failed().into())) })
    }
}

impl Handler<Create> for Accounts {
    type Result = ResponseFuture<Result<AccountId, CreateError>>;

    fn handle(&mut self, Create(new): Create, _: &mut Context<Accounts>) -> Self::Result {
        let (directory, principal) = (self.directory.clone(), new.principal.clone());
        let work = self.apply(move |store| store.create(&new));
        Box::pin(async move {
            let account = work.await?;
            directory.put(account, &principal);
            Ok(account)
        })
    }
}

impl Handler<Remove> for Accounts {
    type Result = ResponseFuture<Result<Vec<(AccountId, ListVersion)>, StoreError>>;

    fn handle(&mut self, Remove(account): Remove, _: &mut Context<Accounts>) -> Self::Result {
        let (directory, exclusions) = (self.directory.clone(), self.exclusions.clone());
        let work = self.apply(move |store| store.remove(account));
        Box::pin(async move {
            let contacts = work.await?;
            directory.remove(account);
            exclusions.set_disabled(account, None);
            Ok(contacts)
        })
    }
}

impl Handler<SetPassword> for Accounts {
    type Result = ResponseFuture<Result<(), StoreError>>;

    fn handle(&mut self, set: SetPassword, _: &mut Context<Accounts>) -> Self::Result {
        let (directory, account) = (self.directory.clone(), set.account);
        let work = self.apply(move |store| store.set_password(set.account, &set.password));
        Box::pin(async move {
            work.await?;
            directory.renew_credentials(account);
            Ok(())
        })
    }
}

impl Handler<SetDisabled> for Accounts {
    type Result = ResponseFuture<Result<(), StoreError>>;

    fn handle(&mut self, set: SetDisabled, _: &mut Context<Accounts>) -> Self::Result {
        let (directory, exclusions) = (self.directory.clone(), self.exclusions.clone());
        let SetDisabled { account, disabled } = set;
        let mark = disabled.clone();
        let work = self.apply(move |store| store.set_disabled(account, mark.as_ref()));
        Box::pin(async move {
            work.await?;
            exclusions.set_disabled(account, disabled);
            directory.renew_credentials(account);
            Ok(())
        })
    }
}

impl Handler<Deny> for Accounts {
    type Result = ResponseFuture<Result<bool, DenyError>>;

    fn handle(&mut self, Deny(network): Deny, _: &mut Context<Accounts>) -> Self::Result {
        let exclusions = self.exclusions.clone();
        let work = self.apply(move |store| store.deny(network));
        Box::pin(async move {
            let is_new = work.await?;
            exclusions.deny(network);
            Ok(is_new)
        })
    }
}

impl Handler<Undeny> for Accounts {
    type Result = ResponseFuture<Result<bool, StoreError>>;

    fn handle(&mut self, Undeny(network): Undeny, _: &mut Context<Accounts>) -> Self::Result {
        let exclusions = self.exclusions.clone();
        let work = self.apply(move |store| store.undeny(network));
        Box::pin(async move {
            let was_denied = work.await?;
            exclusions.undeny(network);
            Ok(was_denied)
        })
    }
}

impl Handler<VerifyIntegrity> for Accounts {
    type Result = ResponseFuture<Result<IntegrityReport, StoreError>>;

    fn handle(&mut self, _: VerifyIntegrity, _: &mut Context<Accounts>) -> Self::Result {
        let work = self.run_blocking(|store| store.verify_integrity());
        Box::pin(async move { work.await? })
    }
}

impl Handler<Export> for Accounts {
    type Result = ResponseFuture<Result<(), StoreError>>;

    fn handle(&mut self, export: Export, _: &mut Context<Accounts>) -> Self::Result {
        let Export { passwords, mut visit } = export;
        let work = self.run_blocking(move |store| store.export_each(passwords, &mut visit));
        Box::pin(async move { work.await? })
    }
}

impl Handler<Import> for Accounts {
    type Result = ResponseFuture<Result<Imported, StoreError>>;

    fn handle(&mut self, import: Import, _: &mut Context<Accounts>) -> Self::Result {
        let Import { accounts, step } = import;
        let (directory, exclusions) = (self.directory.clone(), self.exclusions.clone());
        let handle_and_mark = |export: &AccountExport| {
            let disabled = export.disabled.clone()?;
            Some((export.principal.handle.clone(), disabled))
        };
        let mut marks: HashMap<Handle, Disabled> = match step {
            ImportStep::Create => HashMap::new(),
            ImportStep::Whole | ImportStep::Fill => {
                accounts.iter().filter_map(handle_and_mark).collect()
            }
        };
        let work = self.apply(move |store| store.import_step(&accounts, step));
        Box::pin(async move {
            let imported = work.await?;
            for (account, principal) in &imported.created {
                let disabled = match step {
                    ImportStep::Create => Some(Disabled::unfilled()),
                    ImportStep::Whole | ImportStep::Fill => marks.remove(&principal.handle),
                };
                if step != ImportStep::Fill {
                    directory.put(*account, principal);
                }
                exclusions.set_disabled(*account, disabled);
            }
            Ok(imported)
        })
    }
}

impl Handler<Backup> for Accounts {
    type Result = ResponseFuture<Result<(), ArchiveError>>;

    fn handle(&mut self, backup: Backup, _: &mut Context<Accounts>) -> Self::Result {
        let Backup { with_key, mut to } = backup;
        let work = self.run_blocking(move |store| {
            store.backup(with_key, &mut to)?;
            to.flush().map_err(|why| ArchiveError::Io(why.to_string()))
        });
        Box::pin(async move { work.await? })
    }
}

impl Handler<Restore> for Accounts {
    type Result = ResponseActFuture<Accounts, Result<Restored, ArchiveError>>;

    fn handle(&mut self, restore: Restore, _: &mut Context<Accounts>) -> Self::Result {
        if self.restoring {
            return Box::pin(actix::fut::err(ArchiveError::Store(restore_error())));
        }
        self.restoring = true;
        let (mut from, store) = (restore.from, self.store.clone());
        let changes_committed = self.wait_for_changes();
        let is_suspect = self.health.is_suspect();
        let work = async move {
            // An earlier change must not reach the restored store.
            changes_committed.await;
            spawn_blocking(move || {
                let restore = |store: &dyn Store| store.restore(&mut from);
                let (restored, state) = change_and_check(store.as_ref(), is_suspect, restore);
                // After a disk failure the restore may be complete nevertheless.
                let may_be_restored = matches!(restored, Ok(_) | Err(ArchiveError::Store(_)));
                let contents = may_be_restored.then(|| read_all(store.as_ref()));
                (restored, contents, state)
            })
            .await
        };
        Box::pin(work.into_actor(self).map(|done, accounts, ctx| {
            let (restored, contents) = match done {
                Ok((restored, contents, state)) => {
                    // After a restore it does not matter whether another program has changed the
                    // store: all accounts are replaced below.
                    accounts.health.note(state);
                    (restored, contents.transpose())
                }
                Err(_) => (Err(ArchiveError::Store(thread_failed())), Err(thread_failed())),
            };
            match contents {
                Ok(contents) => {
                    if let Some((principals, exclusions)) = contents {
                        accounts.directory.replace(principals);
                        accounts.exclusions.replace(exclusions);
                    }
                    accounts.restoring = false;
                }
                Err(error) => {
                    log::error!("the store cannot be read after a restore: {error}");
                    // The account ids are unknown now: without this actor the node stops.
                    ctx.stop();
                }
            }
            restored
        }))
    }
}

type StoreContents = (Vec<(AccountId, Principal)>, ExclusionLists);

/// Reads all accounts of a store, and its exclusions.
fn read_all(store: &dyn Store) -> Result<StoreContents, StoreError> {
    let mut all = Vec::new();
    store.principals(&mut |account, principal| all.push((account, principal)))?;
    Ok((all, store.exclusions()?))
}

impl Handler<Observe<AccountsState>> for Accounts {
    type Result = ResponseFuture<AccountsState>;

    fn handle(&mut self, _: Observe<AccountsState>, _: &mut Context<Accounts>) -> Self::Result {
        let count = self.run_blocking(|store| store.count());
        let (queued, changes, commits) = (self.pending_changes.len(), self.changes, self.commits);
        let unwritable = self.health.unwritable();
        Box::pin(async move {
            let accounts = count.await.and_then(|count| count).unwrap_or_default();
            AccountsState { accounts, queued, changes, commits, unwritable }
        })
    }
}
