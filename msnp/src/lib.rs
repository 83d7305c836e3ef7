//! The MSN Messenger protocol, MSNP2 of 1999 to MSNP7 of 2002, as types.
//!
//! Bytes become typed [`Request`]s and typed [`Event`]s become bytes, in both directions, so a
//! server, a client, a test and a load generator share one definition of each command. The crate
//! does no input or output, allocates nothing and needs no operating system: every type has a
//! fixed capacity.
//!
//! * [`frame`] cuts a stream into lines and payloads.
//! * [`gate`] says which command is legal where, and what its refusal is.
//! * [`command`] has one file for each command.
//! * [`types`] are values that cannot be illegal.
//! * [`auth`] is the MD5 challenge of sign-in, and that of client programs.
//! * [`quirk`] names what single clients do otherwise.
//!
//! One type serves all dialects: a field that older ones lack is an `Option` or has a neutral value,
//! and is written where the dialect has it. An event that a dialect lacks is not written at all.
//!
//! The comments name public sources: "the draft" is draft-movva-msn-messenger-protocol-00 of
//! August 1999, "the wiki" is the NINA wiki's MSNP pages, "hypothetic.org" is that site's
//! observations of the Microsoft servers in 2003, "yellows111's wiki" his pages on MSNP, made from the
//! official clients.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

#[macro_use]
pub mod log;

pub mod auth;
pub mod command;
mod content_type;
pub mod frame;
pub mod gate;
mod going_down;
pub mod line;
mod profile;
pub mod quirk;
pub mod types;

pub use command::{Event, Rejection, Request};
pub use frame::Frame;
pub use gate::{Phase, Server};
pub use going_down::GoingDown;
pub use line::{Sink, SinkFullError};
pub use profile::UserProfile;
pub use types::*;
