//! Messages to a `Switchboard` actor.

use crate::connection::ConnectionId;
use crate::frames::Frame;
use crate::message::{Delivery, Receipts};
use crate::port::store::{AccountId, Principal};
use actix::{Message, Recipient};
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
    pub deliveries: Recipient<Delivery>,
}

/// The reply to a [`Join`] that succeeded.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The conversation.
    pub session: SessionId,
    /// The new participant's number.
    pub member: MemberId,
    /// The other participants.
    pub roster: Vec<Arc<Principal>>,
}

/// Why a user cannot join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The conversation has as many participants as it may have.
    #[error("the conversation is full")]
    Full,
}

/// Invites a user. Returns the conversation's number, or the error code.
#[derive(Debug, Message)]
#[rtype(result = "Result<SessionId, ErrorCode>")]
pub struct Call {
    /// The participant who invites.
    pub member: MemberId,
    /// The user to invite.
    pub callee: Handle,
}

/// Relays messages of a participant to all others.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Relay {
    /// The sender.
    pub member: MemberId,
    /// The messages, encoded once for all.
    pub frame: Frame,
    /// Those of the messages for which the sender wants a receipt.
    pub receipts: Receipts,
}

/// A user who is ringing has signed off, which frees their slot.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct InviteeLeft {
    /// The account.
    pub account: AccountId,
    /// The connection that was called.
    pub session: ConnectionId,
}

/// A participant has left.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Leave(pub MemberId);
