//! Changes of an account, with the notices that other users get for them.
//!
//! An edit runs to its end even if the session that requested it ends. Contacts are notified in any
//! case.

use crate::directory::AccountRef;
use crate::message::{Edit, EditError, Listed, PhoneChanged, Renamed, service_gone};
use crate::node::Node;
use crate::port::store::{Change, Changed, ForwardChange};
use crate::rules::Presence;
use msnp::{List, PhoneKind};
use std::rc::Rc;

/// The result of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    pub changed: Changed,
    /// The presence of the contact that was added to the forward list, if one was added and is
    /// visible to the owner.
    pub contact_presence: Option<Presence>,
}

/// Makes a durable change and notifies the contacts that it concerns.
///
/// A contact whose reverse list changed is notified at once or a little later
/// (`registry/pairs.rs`), and the registry updates the contact's watchers. A new telephone number
/// is sent to the contacts that may see it, and a new name to all who see the owner. Contacts that
/// gain access to the owner's telephone numbers get all of them. Contacts that lose access get
/// the removal of all.
///
/// # Errors
/// [`EditError`] if the change was not made.
pub async fn edit(node: Rc<Node>, owner: AccountRef, change: Change) -> Result<Edited, EditError> {
    // A client that moves the contact adds it to another group next.
    let may_be_move = matches!(&change, Change::Remove { list: List::Forward, group: Some(_), .. });
    let new_number = match &change {
        Change::SetPhone(phone, number) => Some((*phone, number.clone())),
        _ => None,
    };
    let new_name = match &change {
        Change::RenameSelf(name) => Some(name.clone()),
        _ => None,
    };
    let changed = node.accounts.send(Edit { owner, change }).await;
    let changed = changed.unwrap_or_else(|_| Err(service_gone().into()))?;
    if let Some(name) = new_name {
        // This cannot fail: the registry lives as long as the node.
        let _ = node.registry.send(Renamed { account: owner.account, name }).await;
    }
    let mut contact_presence = None;
    let added = match changed.forward {
        ForwardChange::Unchanged => {
            let watchers = changed.contacts.clone();
            if !watchers.is_empty() {
                let visible_number = |phone| (phone, changed.numbers.get(phone).cloned());
                let numbers = match new_number {
                    Some(number) => vec![number],
                    // The watchers have gained access to all numbers, or lost it.
                    None => PhoneKind::ALL.map(visible_number).to_vec(),
                };
                let changed_numbers = PhoneChanged { account: owner.account, numbers, watchers };
                // This cannot fail: the registry lives as long as the node.
                let _ = node.registry.send(changed_numbers).await;
            }
            return Ok(Edited { changed, contact_presence });
        }
        ForwardChange::Added => true,
        ForwardChange::Removed => false,
    };
    for (contact, version) in changed.contacts.iter().copied() {
        let listed = Listed { owner: owner.account, contact, version, added, may_be_move };
        let visible_presence = node.registry.send(listed).await;
        contact_presence = visible_presence.ok().flatten();
    }
    Ok(Edited { changed, contact_presence })
}
