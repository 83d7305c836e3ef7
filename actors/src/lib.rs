//! The actors of msnpd, and the rules they follow.
//!
//! Each connection, conversation and service of a node is an actor. Actors exchange typed
//! [`message`]s. Sockets, files and the time of day are behind [`port`]s. [`Node`] starts the
//! services and serves connections.
#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "a name that explains itself needs no comment")]

pub mod accounts;
pub mod connection;
pub mod cookies;
pub mod directory;
pub mod dispatcher;
pub mod edit;
pub mod end;
pub mod exclusions;
pub mod greeter;
mod handshake;
mod health;
pub mod inbox;
pub mod message;
pub mod node;
pub mod notification;
pub mod operator;
pub mod participant;
pub mod port;
pub mod principal;
pub mod rate_limiter;
pub mod referral;
pub mod registry;
pub mod rules;
pub mod said;
pub mod settings;
pub mod stats;
pub mod switchboard;
pub mod throttle;
mod ttl_map;

pub use directory::{AccountRef, Directory};
pub use end::{EndReason, Endings};
pub use exclusions::Exclusions;
pub use node::Node;
pub use settings::{Advertised, Settings, SharedSettings};
