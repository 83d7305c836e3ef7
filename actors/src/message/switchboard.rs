//! To a `Switchboard` actor.

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

/// A principal comes in.
#[derive(Debug, Message)]
#[rtype(result = "Result<Joined, JoinError>")]
pub struct Join {
    /// His account.
    pub account: AccountId,
    /// Who he is, with the name that he has now.
    pub principal: Arc<Principal>,
    /// Where he hears the conversation.
    pub deliveries: Recipient<Delivery>,
}

/// He is in.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The conversation.
    pub session: SessionId,
    /// His number.
    pub member: MemberId,
    /// The others.
    pub roster: Vec<Arc<Principal>>,
}

/// Why a principal cannot come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// There is no room.
    #[error("the conversation is full")]
    Full,
}

/// A participant invites somebody. The answer is the conversation's number, or the refusal.
#[derive(Debug, Message)]
#[rtype(result = "Result<SessionId, ErrorCode>")]
pub struct Call {
    /// Who invites.
    pub member: MemberId,
    /// Whom.
    pub callee: Handle,
}

/// Messages of a participant for all others.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Relay {
    /// Whose.
    pub member: MemberId,
    /// The messages, encoded once for all.
    pub frame: Frame,
    /// Those of them whose delivery he wants to hear of.
    pub receipts: Receipts,
}

/// Somebody who is ringing has signed off: his place is free.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct InviteeLeft {
    /// Who.
    pub account: AccountId,
    /// The connection that was rung.
    pub session: ConnectionId,
}

/// A participant has left.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Leave(pub MemberId);
