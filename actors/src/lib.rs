//! The actors of msnpd, and the rules they follow.
//!
//! Every connection, conversation and service of a node is an actor; they exchange the typed
//! [`message`]s. Nothing here knows a socket, a file or the time of day: those are [`port`]s.
//! [`Node`] starts the services and serves connections.
#![forbid(unsafe_code)]

pub mod accounts;
pub mod connection;
pub mod cookies;
pub mod directory;
pub mod dispatcher;
pub mod edit;
pub mod end;
pub mod exclusions;
pub mod frames;
pub mod greeter;
mod handshake;
mod health;
pub mod message;
pub mod node;
pub mod notification;
pub mod operator;
pub mod participant;
pub mod port;
pub mod rate_limiter;
pub mod referral;
pub mod registry;
pub mod rules;
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
