//! Messages to a `Switchboard` actor.

use crate::inbox::InboxHandle;
use crate::message::Delivery;
use crate::port::fabric::SessionRef;
use crate::port::store::{AccountId, Principal};
use crate::switchboard::Roster;
use actix::Message;
use msnp::{ErrorCode, Handle, SessionId};
use std::sync::Arc;

/// The number of a participant within one conversation.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct MemberId(pub u32);

/// Adds a user to the conversation.
#[derive(Debug, Message)]
#[rtype(result = "Result<Joined, JoinError>")]
pub struct Join {
    /// The user's account.
    pub account: AccountId,
    /// The user's handle and current name.
    pub principal: Arc<Principal>,
    /// Where the conversation's events go.
    pub inbox: InboxHandle<Delivery>,
}

/// The reply to a [`Join`] that succeeded.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The conversation.
    pub session: SessionId,
    /// The new participant's number.
    pub member: MemberId,
    /// The participants who were there before.
    pub others: Vec<Arc<Principal>>,
    /// All participants, kept up to date as they come and go.
    pub roster: Arc<Roster>,
}

/// Why a user cannot join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The conversation has as many participants as it may have.
    #[error("the conversation is full")]
    Full,
}

/// Invites a user. Returns the number of the conversation, or an error code if the user cannot be
/// invited.
#[derive(Debug, Message)]
#[rtype(result = "Result<SessionId, ErrorCode>")]
pub struct Call {
    /// The participant who invites.
    pub member: MemberId,
    /// The user to invite.
    pub callee: Handle,
}

/// Starts the check for inactivity, if a limit is configured. Sent with a message in a conversation
/// that has no check yet: the limit may be new.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct WatchActivity;

/// A user who is ringing has signed off, which frees their slot.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct InviteeLeft {
    /// The account.
    pub account: AccountId,
    /// The session that was called.
    pub session: SessionRef,
}

/// A participant has left, or did not accept a delivery.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Leave(pub MemberId);
