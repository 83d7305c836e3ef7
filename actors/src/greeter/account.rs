//! The greeter's account, and how new accounts get it as a contact.

use crate::directory::AccountRef;
use crate::edit::edit;
use crate::message::{EditError, Import, Load, service_gone};
use crate::node::Node;
use crate::operator;
use crate::port::store::{AccountId, Change, Detail, Roster};
use crate::port::{AccountExport, ImportStep, PhoneNumbers, StoreError};
use crate::principal::RegisterError;
use crate::settings::MAX_LIST_ENTRIES;
use msnp::{AddNotice, ErrorCode, GroupId, GroupName, Handle, List, Privacy};
use std::rc::Rc;

/// The name of group 0 of the greeter's account. It distinguishes the account from a user's, also
/// in a backup and after an import.
const MARK: &str = "msnpd greeter";

/// The greeter's account cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GreeterError {
    /// The configuration has no greeter.
    #[error("`greeter` is not configured")]
    Off,
    /// A user has the account.
    #[error("{0} is a user's account: choose another handle for `greeter` in the configuration")]
    Taken(Handle),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sign-in failed.
    #[error(transparent)]
    SignIn(#[from] RegisterError),
}

/// Returns the greeter's account, or `None` if it does not exist yet.
///
/// # Errors
/// If no greeter is configured, a user has its handle, or the store fails.
pub async fn find(node: &Node) -> Result<Option<AccountRef>, GreeterError> {
    let Some(principal) = node.settings().greeter.clone() else { return Err(GreeterError::Off) };
    let Some(account_ref) = operator::find(node, &principal.handle).await? else { return Ok(None) };
    if node.greeter_account.get() == Some(account_ref) {
        return Ok(Some(account_ref));
    }
    let roster = node.accounts.send(Load { account_ref, detail: Detail::Lists }).await;
    let roster = roster.unwrap_or_else(|_| Err(service_gone()))?;
    if !is_marked(&roster) {
        return Err(GreeterError::Taken(principal.handle));
    }
    node.greeter_account.set(Some(account_ref));
    Ok(Some(account_ref))
}

/// Returns the greeter's account if [`find`] has found it before. Callers use this to leave the
/// greeter out of user counts.
pub(crate) fn account(node: &Node) -> Option<AccountId> {
    // After a restore, the account id may belong to another user.
    let AccountRef { account, .. } =
        node.greeter_account.get().filter(|found| node.directory.is_current(*found))?;
    node.directory.contains(account).then_some(account)
}

/// Returns whether this is the roster of the greeter's account: one of its groups has the mark.
pub fn is_marked(roster: &Roster) -> bool {
    roster.groups.iter().any(|(_, name)| name.as_str() == MARK)
}

/// Returns the greeter's account, and creates it if it is missing. The account and its mark are
/// stored in a single write. The store generates its password, which no one knows.
pub(super) async fn find_or_create(node: &Node) -> Result<AccountRef, GreeterError> {
    if let Some(account_ref) = find(node).await? {
        return Ok(account_ref);
    }
    let Some(principal) = node.settings().greeter.clone() else { return Err(GreeterError::Off) };
    let group = GroupName::new(MARK).unwrap_or_else(|_| GroupName::unnamed());
    let export = AccountExport {
        principal,
        add_notice: AddNotice::default(),
        privacy: Privacy::default(),
        password: None,
        groups: vec![(GroupId::ZERO, group)],
        numbers: PhoneNumbers::default(),
        profile: None,
        disabled: None,
        lists: Default::default(),
    };
    let import = Import { accounts: vec![export], step: ImportStep::Whole };
    node.accounts.send(import).await.unwrap_or_else(|_| Err(service_gone()))?;
    find(node).await?.ok_or(GreeterError::Store(StoreError::NoSuchAccount))
}

/// Adds the greeter to the forward list and the allow list of a new account, and the account to the
/// greeter's forward list, which puts the greeter on the account's reverse list. aMSN 0.61 paints
/// contacts that are not on the reverse list magenta (`Quirk::PaintsContactsNotOnReverseList`).
///
/// If there is no greeter, or it cannot be added, the account works without it. The greeter has
/// room for [`MAX_LIST_ENTRIES`] contacts. After that, new accounts still get the greeter as a
/// contact, but the greeter no longer gets them.
pub async fn add_to_account(node: Rc<Node>, account: AccountId) {
    let greeter = match find_or_create(&node).await {
        Ok(greeter) if greeter.account != account => greeter,
        Ok(_) | Err(GreeterError::Off | GreeterError::Taken(_)) => return,
        Err(error @ (GreeterError::Store(_) | GreeterError::SignIn(_))) => {
            return log::warn!("the greeter was not added to a new account: {error}");
        }
    };
    let (contact, limit) = (greeter.account, node.settings().list_entries);
    let owner = node.directory.account_ref(account);
    for list in [List::Forward, List::Allow] {
        let change = Change::Add { list, contact, name: None, limit, group: None };
        if let Err(error) = edit(node.clone(), owner, change).await {
            log::warn!("the greeter was not added to a new account: {error}");
        }
    }
    let (contact, limit) = (account, MAX_LIST_ENTRIES);
    let change = Change::Add { list: List::Forward, contact, name: None, limit, group: None };
    match edit(node.clone(), greeter, change).await {
        Ok(_) => {}
        Err(EditError::Refused(ErrorCode::ListFull)) => {
            log::info!(
                "the greeter's list is full ({limit} contacts): a new account is not added to it"
            );
        }
        Err(error) => log::warn!("a new account is not on the greeter's list: {error}"),
    }
}
