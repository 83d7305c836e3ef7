//! Messages from a switchboard to its participants.

use crate::frames::Frame;
use crate::port::store::Principal;
use actix::Message;
use msnp::TrId;
use std::sync::Arc;

/// What a switchboard sends to a participant.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub enum Delivery {
    /// Messages of another participant, encoded.
    Messages(Frame),
    /// A user joined.
    Joined(Arc<Principal>),
    /// A user left.
    Left(Arc<Principal>),
    /// Whether the participant's own messages were delivered.
    Receipts {
        /// Whether all others got them, and there was at least one.
        delivered: bool,
        /// The messages.
        receipts: Receipts,
    },
    /// The conversation was closed because it was inactive. These users were in it.
    Inactive(Arc<[Arc<Principal>]>),
    /// The participant did not read fast enough and was removed.
    Overrun,
}

/// A message whose sender wants a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Its transaction ID.
    pub trid: TrId,
    /// Whether the sender wants a receipt for success too (`A`), or only for failure (`N`).
    pub success: bool,
}

/// The receipts of one batch of messages.
pub type Receipts = heapless::Vec<Receipt, 8>;
