//! The client side, on the `msnp` crate's types.

mod conversation;
mod seat;
mod session;
mod text;
mod wire;

pub(crate) use conversation::{Conversation, begin, call};
pub(crate) use seat::{READ, Seat};
pub(crate) use session::Session;
pub(crate) use wire::Wire;

use msnp::Dialect;
use msnp::frame::MAX_FRAME;

/// The dialect that is spoken here.
pub(crate) const DIALECT: Dialect = Dialect::Msnp2;

/// What a line is written on, with its payload: there is room for the longest.
pub(crate) type Sheet = heapless::Vec<u8, MAX_FRAME>;
