//! From a switchboard to its participants.

use crate::frames::Frame;
use crate::port::store::Principal;
use actix::Message;
use msnp::TrId;
use std::sync::Arc;

/// What a participant hears of a conversation.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub enum Delivery {
    /// Messages of another participant, encoded.
    Messages(Frame),
    /// Somebody joined.
    Joined(Arc<Principal>),
    /// Somebody left.
    Left(Arc<Principal>),
    /// What became of his own messages.
    Receipts {
        /// Whether everybody else got them, and there was somebody.
        delivered: bool,
        /// Which.
        receipts: Receipts,
    },
    /// The conversation was closed for want of activity; these were in it.
    Inactive(Arc<[Arc<Principal>]>),
    /// He got more than he read, and is no participant any more.
    Overrun,
}

/// A message whose sender wants to hear of its delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Its transaction ID.
    pub trid: TrId,
    /// Whether he wants to hear of success as well (`A`), or only of failure (`N`).
    pub success: bool,
}

/// As many as go with one batch of messages.
pub type Receipts = heapless::Vec<Receipt, 8>;
