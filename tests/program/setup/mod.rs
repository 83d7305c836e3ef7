//! The verbs that need no running server: they make a data folder, look for mistakes, and show
//! configurations.

mod folder;
mod health;
mod init;
mod mistakes;
mod owners;
mod place;
mod show;
