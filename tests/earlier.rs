//! An installation that an earlier version made goes on: it starts, and loses nothing.
//!
//! `earlier/web-at-8080` was made when the web pages were at port 8080 and `repeated_blp` was a key of
//! its own: a configuration with every key, store, key and administrator's password, a backup with its
//! key, and an export with passwords.

#[cfg(test)]
#[path = "support/connection.rs"]
mod connection;
#[cfg(test)]
#[path = "support/digest.rs"]
mod digest;
#[cfg(test)]
#[path = "support/operator.rs"]
mod operator;
#[cfg(test)]
#[path = "support/server.rs"]
mod server;

#[cfg(test)]
#[path = "earlier/administrator.rs"]
mod administrator;
#[cfg(test)]
#[path = "earlier/client.rs"]
mod client;
#[cfg(test)]
#[path = "earlier/data.rs"]
mod data;
#[cfg(test)]
#[path = "earlier/start.rs"]
mod start;
