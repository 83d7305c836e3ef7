#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod alert;
#[cfg(test)]
mod client;
#[cfg(test)]
mod fixed_rng;
mod hello;
mod identity;
mod protection;
mod reader;
mod record;
mod secrets;
mod server;
mod suite;
#[cfg(test)]
mod tests;
mod transcript;
mod version;

pub use alert::TlsError;
pub use identity::{Identity, IdentityError, MAX_CHAIN};
pub use rand_core;
pub use server::{MAX_HANDSHAKE_MESSAGE, Server};
pub use suite::Suite;
pub use version::Version;

#[cfg(test)]
use rand_core::{TryCryptoRng, TryRng};
