#![doc = include_str!("../README.md")]
//!
//! # Modules
//!
//! * [`frame`] splits a stream into lines and payloads.
//! * [`gate`] has the rules for commands: where each is legal, and how it is refused elsewhere.
//! * [`command`] has the commands, as [`Request`] and [`Event`].
//! * [`types`] has the checked values in commands.
//! * [`auth`] has the MD5 challenges.
//! * [`quirk`] lists the quirks of old clients.
//! * [`line`](mod@line) reads and writes the words of a line, and [`log`](mod@log) has the logging
//!   macros.
//!
//! # Dialects
//!
//! One type serves all dialects. A field that older dialects lack is an `Option` or has a neutral
//! value, and is written only where the dialect has it. [`Event::encode`] writes nothing if the
//! dialect lacks the whole command.
//!
//! # Sources
//!
//! The documentation names public sources:
//!
//! * "the draft" is draft-movva-msn-messenger-protocol-00 of August 1999;
//! * "the wiki" is the MSNP pages of the NINA wiki;
//! * "hypothetic.org" has observations of the Microsoft servers in 2003;
//! * "yellows111's wiki" has pages on MSNP, based on the official clients.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

#[macro_use]
pub mod log;
#[macro_use]
mod table;

pub mod auth;
pub mod command;
mod content_type;
pub mod frame;
pub mod gate;
pub mod line;
mod profile;
pub mod quirk;
mod shutdown_notice;
pub mod types;

pub use command::{CommandName, Event, Rejection, Request};
pub use frame::Frame;
pub use gate::{Phase, Server};
pub use line::{Sink, SinkFullError};
pub use profile::UserProfile;
pub use shutdown_notice::ShutdownNotice;
pub use types::*;
