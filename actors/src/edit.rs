//! A change of an account, with what follows from it for others.
//!
//! It does not depend on the session that asked for it: a contact is told although that session ends
//! meanwhile.

use crate::directory::AccountRef;
use crate::message::{Edit, EditError, Listed, PhoneChanged};
use crate::node::Node;
use crate::port::store::{Change, Changed, Forward};
use msnp::{ErrorCode, List, Phone, State};
use std::rc::Rc;

/// What a change came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// What the store says of it.
    pub changed: Changed,
    /// How a contact is seen who came on the forward list.
    pub sight: Option<State>,
}

/// Makes a change durable. Every contact whose reverse list it changed is told, at once or a little
/// later (`registry/pairs.rs`), and the registry knows who watches them. Who may know a new telephone
/// number is told that, and who may know all of them from now on, or none any more.
///
/// # Errors
/// [`EditError`] if it was not made.
pub async fn edit(node: Rc<Node>, owner: AccountRef, change: Change) -> Result<Edited, EditError> {
    let may_return = matches!(&change, Change::Remove { list: List::Forward, group: Some(_), .. });
    let set = match &change {
        Change::SetPhone(phone, number) => Some((*phone, number.clone())),
        _ => None,
    };
    let changed = node.accounts.send(Edit { owner, change }).await;
    let changed = changed.unwrap_or(Err(EditError::Refused(ErrorCode::InternalError)))?;
    let mut sight = None;
    let added = match changed.forward {
        Forward::Same => {
            let watchers = changed.contacts.clone();
            if !watchers.is_empty() {
                let all = |phone| (phone, changed.numbers.get(phone).cloned());
                let numbers = set.map_or_else(|| Phone::ALL.map(all).to_vec(), |one| vec![one]);
                let news = PhoneChanged { account: owner.account, numbers, watchers };
                // The registry lives as long as the node.
                let _ = node.registry.send(news).await;
            }
            return Ok(Edited { changed, sight });
        }
        Forward::Came => true,
        Forward::Left => false,
    };
    for (contact, version) in changed.contacts.iter().copied() {
        let listed = Listed { owner: owner.account, contact, version, added, may_return };
        let told = node.registry.send(listed).await;
        sight = told.ok().flatten();
    }
    Ok(Edited { changed, sight })
}
