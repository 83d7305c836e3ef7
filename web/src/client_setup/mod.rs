//! Configuration of clients, for the set-up page and for `msnpd client`.
//!
//! All of it is ASCII text that is generated from an address: browsers and editors of the nineties
//! need ASCII. Nothing here reads or writes files.

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
pub use hosts::hosts_lines;
pub use names::NAMES;
pub use notes::{Note, notes};
pub use reg::{registry_file, registry_reset_file};
pub use server_address::{DEFAULT_PORT, ServerAddress};
pub use system::System;
