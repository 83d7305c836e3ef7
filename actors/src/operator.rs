//! What an operator changes while principals are signed in, with what follows from it for them.

use crate::edit::edit;
use crate::end::EndReason;
use crate::greeter;
use crate::message::{
    Broadcast, Create, Deny, EditError, Import, Listed, Load, Remove, Renamed, Restore,
    SetDisabled, SetPassword, Undeny,
};
use crate::node::Node;
use crate::port::store::{AccountId, Change, CreateError, Detail, NewAccount, Password, Principal};
use crate::port::{
    AccountExport, ArchiveError, DenyError, Disabled, Imported, Restored, StoreError,
};
use crate::rules;
use actix::MailboxError;
use ipnet::IpNet;
use msnp::{FriendlyName, Handle, HandleError, List};
use std::io::Read;
use std::rc::Rc;

/// What the handles of a self-test's accounts begin with.
pub const SELF_TEST: &str = "msnpd-selftest-";

/// What is said if a service is gone; the program ends then.
fn gone() -> StoreError {
    StoreError::Io("the server".to_owned(), "a part of it failed".into())
}

/// The handle that is meant: without a domain the first of these is taken, in which accounts are made.
///
/// # Errors
/// [`HandleError`] if it is none.
pub fn full_handle(text: &str, domains: &[String]) -> Result<Handle, HandleError> {
    match domains.first() {
        Some(domain) if !text.contains('@') => Handle::new(&format!("{text}@{domain}")),
        _ => Handle::new(text),
    }
}

/// Whether accounts are made in a handle's domain.
pub fn is_ours(handle: &Handle, domains: &[String]) -> bool {
    domains.iter().any(|ours| ours.eq_ignore_ascii_case(handle.domain()))
}

/// Whether a handle is kept for the accounts of a self-test, which removes what it finds of them:
/// nobody else makes accounts of such names.
pub fn is_kept(handle: &Handle) -> bool {
    handle.local().starts_with(SELF_TEST)
}

/// Makes an account: whoever makes one, by a verb or on a page, does it here. Whether it may be made
/// is looked at before, by [`is_ours`], [`is_kept`] and [`rules::check_new_handle`].
/// Its first contact is the greeter, if there is one.
///
/// # Errors
/// [`CreateError`] if it was not made.
pub async fn create(
    node: Rc<Node>,
    principal: Principal,
    password: Password,
) -> Result<AccountId, CreateError> {
    let version = node.entropy.list_version();
    let account = Create(NewAccount { principal, password, version });
    let created = node.accounts.send(account).await.unwrap_or_else(|_| Err(gone().into()))?;
    greeter::introduce(node, created).await;
    Ok(created)
}

/// Tells everybody who is signed in, but the greeter, that the server goes down in so many minutes. The
/// answer is how many were told.
///
/// # Errors
/// [`MailboxError`] if the registry is gone; the program ends then.
pub async fn broadcast(node: &Node, minutes: u32) -> Result<usize, MailboxError> {
    node.registry.send(Broadcast { minutes, but: greeter::account(node) }).await
}

/// Changes a principal's friendly name. Whoever sees him hears of it; his own client shows it when
/// it signs in the next time.
///
/// # Errors
/// [`EditError`] if it was not changed.
pub async fn rename(
    node: Rc<Node>,
    account: AccountId,
    name: FriendlyName,
) -> Result<(), EditError> {
    let known = node.directory.account_ref(account);
    edit(node.clone(), known, Change::RenameSelf(name)).await?;
    // The registry lives as long as the node.
    let _ = node.registry.send(Renamed(account)).await;
    Ok(())
}

/// Removes an account. Its connections end, and whoever was on its forward list and is signed in
/// hears that his reverse list is shorter.
///
/// # Errors
/// [`StoreError`] if it was not removed.
pub async fn remove(node: Rc<Node>, account: AccountId) -> Result<(), StoreError> {
    let load = |account| {
        let known = node.directory.account_ref(account);
        node.accounts.send(Load { known, detail: Detail::Lists })
    };
    let roster = load(account).await.unwrap_or_else(|_| Err(gone()))?;
    node.accounts.send(Remove(account)).await.unwrap_or_else(|_| Err(gone()))?;
    node.connections.end(account, EndReason::Removed);
    for contact in roster.list(List::Forward).iter().map(|entry| entry.contact) {
        if contact == account {
            continue;
        }
        if let Ok(Ok(theirs)) = load(contact).await {
            let version = theirs.version;
            let listed =
                Listed { owner: account, contact, version, added: false, may_return: false };
            let _ = node.registry.send(listed).await;
        }
    }
    Ok(())
}

/// Sets a password. The account's connections end, unless they are to be kept: they came with the old
/// one. Returns how many.
///
/// # Errors
/// [`StoreError`] if it was not set.
pub async fn set_password(
    node: Rc<Node>,
    account: AccountId,
    password: Password,
    keep_sessions: bool,
) -> Result<usize, StoreError> {
    let set = SetPassword { account, password };
    node.accounts.send(set).await.unwrap_or_else(|_| Err(gone()))?;
    let end = || node.connections.end(account, EndReason::PasswordChanged);
    Ok(if keep_sessions { 0 } else { end() })
}

/// Disables an account: from now on no password is right for it, and its connections end. Returns how
/// many. One that is disabled already has this reason from now on.
///
/// # Errors
/// [`StoreError`] if it is not disabled.
pub async fn disable(
    node: Rc<Node>,
    account: AccountId,
    disabled: Disabled,
) -> Result<usize, StoreError> {
    let set = SetDisabled { account, disabled: Some(disabled) };
    node.accounts.send(set).await.unwrap_or_else(|_| Err(gone()))?;
    Ok(node.connections.end(account, EndReason::Disabled))
}

/// Enables an account. `false`: it was not disabled.
///
/// # Errors
/// [`StoreError`] if it is as it was.
pub async fn enable(node: Rc<Node>, account: AccountId) -> Result<bool, StoreError> {
    if node.exclusions.disabled(account).is_none() {
        return Ok(false);
    }
    let set = SetDisabled { account, disabled: None };
    node.accounts.send(set).await.unwrap_or_else(|_| Err(gone()))?;
    Ok(true)
}

/// What became of a network that was to be denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denial {
    /// Whether it was not denied before.
    pub is_new: bool,
    /// How many connections from it end.
    pub ended: usize,
}

/// Denies a network: its connections end, and no others are let in. Loopback never is, also if it is
/// part of the network.
///
/// # Errors
/// [`DenyError`] says why it is not denied.
pub async fn deny(node: Rc<Node>, network: IpNet) -> Result<Denial, DenyError> {
    let network = rules::deniable(network)?;
    let denied = node.accounts.send(Deny(network)).await;
    let is_new = denied.unwrap_or_else(|_| Err(gone().into()))?;
    Ok(Denial { is_new, ended: node.connections.end_denied() })
}

/// Denies a network no longer. `false`: it was not denied.
///
/// # Errors
/// [`StoreError`] if it is as it was.
pub async fn undeny(node: Rc<Node>, network: IpNet) -> Result<bool, StoreError> {
    node.accounts.send(Undeny(network)).await.unwrap_or_else(|_| Err(gone()))
}

/// Makes the accounts of an export that are missing. Whoever is signed in and gets onto a forward
/// list hears of it.
///
/// # Errors
/// [`StoreError`] if none was made.
pub async fn import(node: Rc<Node>, accounts: Vec<AccountExport>) -> Result<Imported, StoreError> {
    let imported = node.accounts.send(Import(accounts)).await.unwrap_or_else(|_| Err(gone()))?;
    for (owner, contact, version) in imported.listed.iter().copied() {
        let listed = Listed { owner, contact, version, added: true, may_return: false };
        let _ = node.registry.send(listed).await;
    }
    Ok(imported)
}

/// Puts a backup in the place of all accounts and lists. Everybody is signed off then: what the
/// sessions know may be wrong.
///
/// # Errors
/// [`ArchiveError`] if everything is as it was; after [`ArchiveError::Store`] it may be restored all
/// the same, and everybody is signed off as well.
pub async fn restore(node: Rc<Node>, from: Box<dyn Read + Send>) -> Result<Restored, ArchiveError> {
    // Whatever it is, it shows whether there are others.
    let before = node.directory.account_ref(AccountId(0));
    let restored = node.accounts.send(Restore { from }).await;
    if !node.directory.is_current(before) {
        node.connections.end_all(EndReason::Restored);
        node.review_greeter();
    }
    restored.unwrap_or_else(|_| Err(ArchiveError::Store(gone())))
}
