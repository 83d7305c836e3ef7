//! A change of an account, with what follows from it for others.
//!
//! It does not depend on the session that asked for it: a contact is told although that session ends
//! meanwhile.

use crate::directory::Known;
use crate::message::{Edit, EditError, Listed};
use crate::node::Node;
use crate::port::store::Change;
use msnp::{ErrorCode, List, ListVersion, State};
use std::rc::Rc;

/// What a change came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edited {
    /// The owner's list version.
    pub version: ListVersion,
    /// How a contact is seen who was put on the forward list.
    pub sight: Option<State>,
}

/// Makes a change durable. If it changed a contact's reverse list, he is told, and the registry
/// knows who watches him.
///
/// # Errors
/// [`EditError`] if it was not made.
pub async fn edit(node: Rc<Node>, owner: Known, change: Change) -> Result<Edited, EditError> {
    let listed = match change {
        Change::Add { list: List::Forward, contact, .. } => Some((contact, true)),
        Change::Remove { list: List::Forward, contact } => Some((contact, false)),
        _ => None,
    };
    let changed = node.accounts.send(Edit { owner, change }).await;
    let changed = changed.unwrap_or(Err(EditError::Refused(ErrorCode::InternalError)))?;
    let mut sight = None;
    if let Some(((contact, added), version)) = listed.zip(changed.contact_version) {
        let owner = owner.account;
        let told = node.registry.send(Listed { owner, contact, version, added }).await;
        sight = told.ok().flatten();
    }
    Ok(Edited { version: changed.version, sight })
}
