//! The greeter's account, and how others come to have him as a contact.

use crate::directory::AccountRef;
use crate::edit::edit;
use crate::message::{EditError, Import, Load};
use crate::node::Node;
use crate::port::store::{AccountId, Change, Detail, Roster};
use crate::port::{AccountExport, Numbers, StoreError};
use crate::settings::MAX_LIST_ENTRIES;
use msnp::{AddNotice, ErrorCode, GroupId, GroupName, Handle, List, Privacy};
use std::rc::Rc;

/// What group 0 of the greeter's account is called: so it is told from somebody's, also in a backup
/// and after an import.
const MARK: &str = "msnpd greeter";

/// Why there is no greeter.
#[derive(Debug, thiserror::Error)]
pub enum GreeterError {
    /// None is wanted.
    #[error("none is configured")]
    Off,
    /// Somebody has the account.
    #[error("{0} is somebody's account: name another handle in `greeter` of the configuration")]
    Taken(Handle),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is said if a service is gone; the program ends then.
fn gone() -> StoreError {
    StoreError::Io("the server".to_owned(), "a part of it failed".into())
}

/// The greeter's account, if it was made already.
///
/// # Errors
/// [`GreeterError`] if there is none and will be none.
pub async fn find(node: &Node) -> Result<Option<AccountRef>, GreeterError> {
    let Some(principal) = node.settings().greeter.clone() else { return Err(GreeterError::Off) };
    let Some(known) = node.directory.find_ref(&principal.handle) else { return Ok(None) };
    if node.greeting.get() == Some(known) {
        return Ok(Some(known));
    }
    let roster = node.accounts.send(Load { known, detail: Detail::Lists }).await;
    let roster = roster.unwrap_or_else(|_| Err(gone()))?;
    if !is_marked(&roster) {
        return Err(GreeterError::Taken(principal.handle));
    }
    node.greeting.set(Some(known));
    Ok(Some(known))
}

/// The greeter's account, if there is one that was found already: he is nobody who is counted.
pub(crate) fn account(node: &Node) -> Option<AccountId> {
    let known = node.greeting.get().filter(|known| node.directory.is_current(*known));
    known.map(|known| known.account).filter(|account| node.directory.contains(*account))
}

/// Whether somebody's lists are the greeter's.
pub fn is_marked(roster: &Roster) -> bool {
    roster.groups.iter().any(|(_, name)| name.as_str() == MARK)
}

/// The greeter's account, which is made if it is missing, in one step with its mark. Nobody knows the
/// password that the store makes up for it.
pub(super) async fn ensure(node: &Node) -> Result<AccountRef, GreeterError> {
    if let Some(known) = find(node).await? {
        return Ok(known);
    }
    let Some(principal) = node.settings().greeter.clone() else { return Err(GreeterError::Off) };
    let group = GroupName::new(MARK).unwrap_or_else(|_| GroupName::unnamed());
    let portrait = AccountExport {
        principal,
        prompting: AddNotice::default(),
        privacy: Privacy::default(),
        password: None,
        groups: vec![(GroupId::OTHER, group)],
        numbers: Numbers::default(),
        profile: None,
        disabled: None,
        lists: Default::default(),
    };
    node.accounts.send(Import(vec![portrait])).await.unwrap_or_else(|_| Err(gone()))?;
    find(node).await?.ok_or(GreeterError::Store(StoreError::NoSuchAccount))
}

/// Puts the greeter on the forward list and the allow list of a new account, and the account on the
/// greeter's forward list: aMSN 0.61 paints a contact that is not on the reverse list in magenta
/// (`Quirk::PaintsContactsNotOnReverseList`). If there is no greeter, or it does not work, the account is
/// as good without. The greeter has room for [`MAX_LIST_ENTRIES`] contacts: further accounts have the
/// greeter on two lists only.
pub async fn introduce(node: Rc<Node>, account: AccountId) {
    let greeter = match ensure(&node).await {
        Ok(greeter) if greeter.account != account => greeter,
        Ok(_) | Err(GreeterError::Off | GreeterError::Taken(_)) => return,
        Err(GreeterError::Store(error)) => {
            return log::warn!("a new account has no greeter: {error}");
        }
    };
    let (contact, limit) = (greeter.account, node.settings().list_entries);
    let owner = node.directory.account_ref(account);
    for list in [List::Forward, List::Allow] {
        let change = Change::Add { list, contact, name: None, limit, group: None };
        if let Err(error) = edit(node.clone(), owner, change).await {
            log::warn!("a new account has no greeter: {error}");
        }
    }
    let (contact, limit) = (account, MAX_LIST_ENTRIES);
    let change = Change::Add { list: List::Forward, contact, name: None, limit, group: None };
    match edit(node.clone(), greeter, change).await {
        Ok(_) => {}
        Err(EditError::Refused(ErrorCode::ListFull)) => {
            log::info!("the greeter has {limit} contacts, and a new account is not among them");
        }
        Err(error) => log::warn!("a new account is no contact of the greeter: {error}"),
    }
}
