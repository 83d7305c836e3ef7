//! Configuration of clients, for the set-up page and for `msnpd client`.
//!
//! The functions here generate texts from the address of the server, and read or write no files.
//! The texts are ASCII, for browsers and editors of the nineties.

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
