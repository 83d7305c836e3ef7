//! Where msnpd keeps accounts and lists.
//!
//! * [`Memory`] forgets everything when it is dropped: for tests and trials.
//! * [`File`] is one redb file in the data directory, with the key that unseals the passwords
//!   beside it.
//!
//! What the lists mean is written once, over a transaction on tables of bytes: [`ledger`](KvStore)
//! and the changes; the two differ only in where those tables are. One test suite holds for both.
#![forbid(unsafe_code)]

mod account_export;
mod archive;
mod backup;
mod change;
mod file;
mod key_file;
mod kv_store;
mod medium;
mod memory;
pub mod owner;
mod record;
mod rows;
mod seal;
mod shut_out;
mod tables;
mod verify;

pub use file::File;
pub use kv_store::KvStore;
pub use memory::{Maps, Memory};
pub use tables::Redb;
