//! Commands that need no running server: they create a data directory, find mistakes, and show
//! configurations.

mod folder;
mod health;
mod init;
mod mistakes;
mod owners;
mod place;
mod show;
