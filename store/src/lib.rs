//! The store: accounts, passwords and lists.
//!
//! * [`Memory`] keeps everything in memory, for tests and trials.
//! * [`File`] is one redb file in the data directory, with a key file beside it. The key unseals
//!   the passwords.
//!
//! Both are a [`KvStore`]: the logic is written once, over transactions on tables of bytes. They
//! differ only in the backend that keeps the tables. One test suite checks both.
#![forbid(unsafe_code)]

mod account_export;
mod archive;
mod backup;
mod change;
mod database;
mod exclusions;
mod file;
mod import;
mod key_file;
mod kv_store;
mod medium;
mod memory;
pub mod owner;
mod record;
mod rows;
mod seal;
mod tables;
mod verify;

pub use archive::is_backup;
pub use database::Redb;
pub use file::File;
pub use kv_store::KvStore;
pub use memory::{Maps, Memory};
