//! An installation of an older version starts, and loses nothing.
//!
//! `web-at-8080` is from a version with the web pages at port 8080 and a key `repeated_blp`. It has a
//! configuration with every key, a store with its key, an administrator's password, a backup with its key,
//! and an export with passwords.

mod administrator;
mod client;
mod data;
mod start;
