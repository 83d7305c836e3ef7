//! What an operator changes while principals are signed in, with what follows from it for them.

use crate::edit::edit;
use crate::end::EndReason;
use crate::greeter;
use crate::message::{
    Broadcast, Create, EditError, Import, Listed, Load, Remove, Renamed, Restore,
};
use crate::node::Node;
use crate::port::store::{AccountId, Change, CreateError, Detail, NewAccount, Password, Principal};
use crate::port::{ArchiveError, Imported, Portrait, Restored, StoreError};
use actix::MailboxError;
use msnp::{BadHandle, FriendlyName, Handle, List};
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
/// [`BadHandle`] if it is none.
pub fn full_handle(text: &str, domains: &[String]) -> Result<Handle, BadHandle> {
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
/// is looked at before, by [`is_ours`] and [`is_kept`].
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
    let known = node.directory.known(account);
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
        let known = node.directory.known(account);
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
            let listed = Listed { owner: account, contact, version, added: false };
            let _ = node.registry.send(listed).await;
        }
    }
    Ok(())
}

/// Makes the accounts of an export that are missing. Whoever is signed in and gets onto a forward
/// list hears of it.
///
/// # Errors
/// [`StoreError`] if none was made.
pub async fn import(node: Rc<Node>, accounts: Vec<Portrait>) -> Result<Imported, StoreError> {
    let imported = node.accounts.send(Import(accounts)).await.unwrap_or_else(|_| Err(gone()))?;
    for (owner, contact, version) in imported.listed.iter().copied() {
        let listed = Listed { owner, contact, version, added: true };
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
    let before = node.directory.known(AccountId(0));
    let restored = node.accounts.send(Restore { from }).await;
    if !node.directory.is_current(before) {
        node.connections.end_all(EndReason::Restored);
        node.review_greeter();
    }
    restored.unwrap_or_else(|_| Err(ArchiveError::Store(gone())))
}
