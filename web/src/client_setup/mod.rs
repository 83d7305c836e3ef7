//! How a client's computer is told where this server is: the same material for the set-up page and for `msnpd client`.
//!
//! All of it is text made of an address: nothing here reads or writes anything. All text is ASCII, as browsers
//! and editors of the nineties want it.

mod dns;
mod family;
mod hosts;
mod names;
mod notes;
mod reg;
mod server_address;
mod system;

pub use dns::Resolver;
pub use family::Family;
pub use hosts::hosts;
pub use names::NAMES;
pub use notes::{Note, notes};
pub use reg::{reset, set};
pub use server_address::{DEFAULT_PORT, ServerAddress};
pub use system::System;
