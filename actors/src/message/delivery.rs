//! What reaches a participant of a conversation, through its inbox.

use crate::inbox::InboxItem;
use crate::port::store::Principal;
use crate::said::Said;
use std::sync::Arc;

/// An event of a conversation.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// Another participant sent messages.
    Said(Said),
    /// A user joined.
    Joined(Arc<Principal>),
    /// A user left.
    Left(Arc<Principal>),
    /// The conversation was closed because it was inactive. These users were in it.
    Inactive(Arc<[Arc<Principal>]>),
    /// The conversation has ended because of a defect.
    Failed,
}

impl InboxItem for Delivery {
    // A participant gets one delivery for each message: its memory is kept.
    const KEPT_ROOM: usize = 4;
}
