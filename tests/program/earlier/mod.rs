//! An installation that an earlier version made goes on: it starts, and loses nothing.
//!
//! `earlier/web-at-8080` was made when the web pages were at port 8080 and `repeated_blp` was a key of
//! its own: a configuration with every key, store, key and administrator's password, a backup with its
//! key, and an export with passwords.

mod administrator;
mod client;
mod data;
mod start;
