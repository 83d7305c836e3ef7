//! The program as an operator meets it: its verbs, its exit codes, its log, and how it stops.

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
