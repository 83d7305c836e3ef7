//! The program as an operator uses it: commands, exit codes, log, and stopping.

mod accounts;
mod administrator;
mod client;
mod control;
mod counts;
mod greeter;
mod log;
mod pages;
mod passwords;
mod people;
mod selftest;
mod service;
mod signals;
#[cfg(target_os = "linux")]
mod stderr;
mod store;
#[cfg(target_os = "linux")]
mod terminal;
