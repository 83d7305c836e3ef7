//! Changes by the operator while users are signed in, with their effects on those users.

use crate::directory::AccountRef;
use crate::edit::edit;
use crate::end::EndReason;
use crate::greeter;
use crate::message::{
    Broadcast, Count, Create, Deny, EditError, Import, Listed, LookUp, Remove, Restore, Select,
    SetDisabled, SetPassword, Undeny, service_gone,
};
use crate::node::Node;
use crate::port::store::{AccountId, Change, CreateError, NewAccount, Password, Principal};
use crate::port::{
    AccountExport, ArchiveError, DenyError, Disabled, ImportStep, Imported, ListedContact,
    ReadSeek, Restored, StoreError,
};
use crate::rules::{self, Creator, NewAccountError};
use actix::MailboxError;
use ipnet::IpNet;
use msnp::{FriendlyName, Handle, HandleError};
use std::rc::Rc;

/// Parses a handle. If `text` has no domain, the first of `domains` is appended.
///
/// # Errors
/// [`HandleError`] if the text is not a handle.
pub fn full_handle(text: &str, domains: &[String]) -> Result<Handle, HandleError> {
    match domains.first() {
        Some(domain) if !text.contains('@') => Handle::new(&format!("{text}@{domain}")),
        _ => Handle::new(text),
    }
}

/// Looks up the account with a handle.
///
/// # Errors
/// [`StoreError`] if the store cannot be read.
pub async fn find(node: &Node, handle: &Handle) -> Result<Option<AccountRef>, StoreError> {
    match node.directory.find_ref(handle) {
        None => Ok(find_all(node, vec![handle.clone()]).await?.pop().flatten()),
        found => Ok(found),
    }
}

/// Looks up the accounts with these handles. Returns them in this order.
///
/// # Errors
/// [`StoreError`] if the store cannot be read.
pub async fn find_all(
    node: &Node,
    handles: Vec<Handle>,
) -> Result<Vec<Option<AccountRef>>, StoreError> {
    node.accounts.send(LookUp(handles)).await.unwrap_or_else(|_| Err(service_gone()))
}

/// Counts all accounts, including the greeter's.
///
/// # Errors
/// [`StoreError`] if the store cannot be read.
pub async fn count(node: &Node) -> Result<usize, StoreError> {
    node.accounts.send(Count).await.unwrap_or_else(|_| Err(service_gone()))
}

/// Calls `select` for each account, on a thread that may block. Returns the results that are not
/// `None`, in no particular order.
///
/// # Errors
/// [`StoreError`] if the store cannot be read.
pub async fn select<T: Send + 'static>(
    node: &Node,
    select: impl FnMut(AccountId, Principal) -> Option<T> + Send + 'static,
) -> Result<Vec<T>, StoreError> {
    let select = Select { select: Box::new(select) };
    node.accounts.send(select).await.unwrap_or_else(|_| Err(service_gone()))
}

/// Why an account was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// The account may not be created.
    #[error(transparent)]
    Refused(#[from] NewAccountError),
    /// The account exists already, or the store failed.
    #[error(transparent)]
    Store(#[from] CreateError),
}

/// Creates an account, for a command or a web page, if the settings and the rules for new accounts
/// allow it. Its first contact is the greeter, if there is one.
///
/// # Errors
/// [`CreateAccountError`] if the account was not created.
pub async fn create(
    node: Rc<Node>,
    principal: Principal,
    password: Password,
    creator: Creator,
) -> Result<AccountId, CreateAccountError> {
    let settings = node.settings();
    let greeter = settings.greeter.as_ref().map(|greeter| &greeter.handle);
    rules::check_new_account(&principal.handle, &settings.domains, greeter, creator)?;
    let version = node.entropy.list_version();
    let create = Create(NewAccount { principal, password, version });
    let account =
        node.accounts.send(create).await.unwrap_or_else(|_| Err(service_gone().into()))?;
    greeter::add_to_account(node, account).await;
    Ok(account)
}

/// Notifies all signed-in users that the server goes down in some minutes. Returns the number of
/// notified users. The greeter is not among them.
///
/// # Errors
/// [`MailboxError`] if the registry is gone; the program ends then.
pub async fn broadcast(node: &Node, minutes: u32) -> Result<usize, MailboxError> {
    node.registry.send(Broadcast { minutes, except: greeter::account(node) }).await
}

/// Changes a principal's friendly name. All who see the principal are notified. The principal's own
/// client shows the name after the next sign-in.
///
/// # Errors
/// [`EditError`] if the name was not changed.
pub async fn rename(
    node: Rc<Node>,
    account: AccountId,
    name: FriendlyName,
) -> Result<(), EditError> {
    let account_ref = node.directory.account_ref(account);
    edit(node, account_ref, Change::RenameSelf(name)).await?;
    Ok(())
}

/// Removes an account. Its connections end. Signed-in contacts of its forward list are notified that
/// their reverse list has changed.
///
/// # Errors
/// [`StoreError`] if the account was not removed.
pub async fn remove(node: Rc<Node>, account: AccountId) -> Result<(), StoreError> {
    let removed = node.accounts.send(Remove(account)).await;
    let contacts = removed.unwrap_or_else(|_| Err(service_gone()))?;
    node.connections.end(account, EndReason::Removed);
    for (contact, version) in contacts {
        let listed = Listed { owner: account, contact, version, added: false, may_be_move: false };
        let _ = node.registry.send(listed).await;
    }
    Ok(())
}

/// Sets a password. Unless `keep_sessions`, the account's connections end, since they signed in with
/// the old password. Returns the number of ended connections.
///
/// # Errors
/// [`StoreError`] if the password was not set.
pub async fn set_password(
    node: Rc<Node>,
    account: AccountId,
    password: Password,
    keep_sessions: bool,
) -> Result<usize, StoreError> {
    let set = SetPassword { account, password };
    node.accounts.send(set).await.unwrap_or_else(|_| Err(service_gone()))?;
    if keep_sessions {
        return Ok(0);
    }
    Ok(node.connections.end(account, EndReason::PasswordChanged))
}

/// Disables an account: no password is accepted for it, and its connections end. Returns the number
/// of ended connections. If the account is disabled already, only the reason changes.
///
/// # Errors
/// [`StoreError`] if the account was not disabled.
pub async fn disable(
    node: Rc<Node>,
    account: AccountId,
    disabled: Disabled,
) -> Result<usize, StoreError> {
    let set = SetDisabled { account, disabled: Some(disabled) };
    node.accounts.send(set).await.unwrap_or_else(|_| Err(service_gone()))?;
    Ok(node.connections.end(account, EndReason::Disabled))
}

/// Enables an account. Returns `false` if it was not disabled.
///
/// # Errors
/// [`StoreError`] if nothing was changed.
pub async fn enable(node: Rc<Node>, account: AccountId) -> Result<bool, StoreError> {
    if node.exclusions.disabled(account).is_none() {
        return Ok(false);
    }
    let set = SetDisabled { account, disabled: None };
    node.accounts.send(set).await.unwrap_or_else(|_| Err(service_gone()))?;
    Ok(true)
}

/// The result of [`deny`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DenyOutcome {
    /// Whether the network was not denied before.
    pub is_new: bool,
    /// The number of connections that end.
    pub ended: usize,
}

/// Denies a network: its connections end, and new ones are turned away. Loopback addresses are never
/// denied, even if the network contains them.
///
/// # Errors
/// [`DenyError`] if the network was not denied.
pub async fn deny(node: Rc<Node>, network: IpNet) -> Result<DenyOutcome, DenyError> {
    let network = rules::check_deniable(network)?;
    let denied = node.accounts.send(Deny(network)).await;
    let is_new = denied.unwrap_or_else(|_| Err(service_gone().into()))?;
    Ok(DenyOutcome { is_new, ended: node.connections.end_denied() })
}

/// Stops denying a network. Returns `false` if it was not denied.
///
/// # Errors
/// [`StoreError`] if nothing was changed.
pub async fn undeny(node: Rc<Node>, network: IpNet) -> Result<bool, StoreError> {
    node.accounts.send(Undeny(network)).await.unwrap_or_else(|_| Err(service_gone()))
}

/// Makes one step of an import: all of it with [`ImportStep::Whole`]. Accounts that exist already
/// are not changed. Signed-in users who are added to a forward list are notified.
///
/// # Errors
/// [`StoreError`] if nothing was changed.
pub async fn import(
    node: Rc<Node>,
    accounts: Vec<AccountExport>,
    step: ImportStep,
) -> Result<Imported, StoreError> {
    let import = Import { accounts, step };
    let imported = node.accounts.send(import).await.unwrap_or_else(|_| Err(service_gone()))?;
    for ListedContact { owner, contact, version } in imported.listed.iter().copied() {
        let listed = Listed { owner, contact, version, added: true, may_be_move: false };
        let _ = node.registry.send(listed).await;
    }
    Ok(imported)
}

/// Replaces all accounts and lists by those of a backup. All users are signed off, since what their
/// sessions know may be wrong.
///
/// # Errors
/// [`ArchiveError`] if nothing was changed. After [`ArchiveError::Store`] the restore may be
/// complete nevertheless. In that case all users are signed off too.
pub async fn restore(
    node: Rc<Node>,
    from: Box<dyn ReadSeek + Send>,
) -> Result<Restored, ArchiveError> {
    // The id does not matter: only the generation is compared.
    let before = node.directory.account_ref(AccountId(0));
    let restored = node.accounts.send(Restore { from }).await;
    if !node.directory.is_current(before) {
        node.connections.end_all(EndReason::Restored);
        node.review_greeter();
    }
    restored.unwrap_or_else(|_| Err(ArchiveError::Store(service_gone())))
}
