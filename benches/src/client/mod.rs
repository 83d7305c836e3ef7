//! The client side, on the `msnp` crate's types.

mod conversation;
mod seat;
mod session;
mod sheet;
mod text;
mod wire;

pub(crate) use conversation::{Conversation, begin, call};
pub(crate) use seat::{READ, Seat};
pub(crate) use session::Session;
pub(crate) use sheet::Sheet;
pub(crate) use wire::Wire;

use msnp::Dialect;

/// The dialect that is spoken here.
pub(crate) const DIALECT: Dialect = Dialect::Msnp2;
