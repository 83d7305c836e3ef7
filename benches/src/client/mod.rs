//! The client side, on the `msnp` crate's types.

mod conversation;
mod participant;
mod session;
mod text;
mod wire;

pub(crate) use conversation::{Conversation, call, open_switchboard};
pub(crate) use participant::{Participant, READ_SIZE};
pub(crate) use session::Session;
pub(crate) use wire::Wire;

use msnp::Dialect;
use msnp::frame::MAX_FRAME;

/// The dialect that all clients use.
pub(crate) const DIALECT: Dialect = Dialect::Msnp2;

/// A buffer for a line with its payload. The longest one fits.
pub(crate) type FrameBuffer = heapless::Vec<u8, MAX_FRAME>;
