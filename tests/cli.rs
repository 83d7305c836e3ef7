//! The program as an operator meets it: its verbs, its exit codes, its log, and how it stops.

#[cfg(test)]
#[path = "support/configure.rs"]
mod configure;
#[cfg(test)]
#[path = "support/connection.rs"]
mod connection;
#[cfg(test)]
#[path = "support/conversation.rs"]
mod conversation;
#[cfg(test)]
#[path = "support/digest.rs"]
mod digest;
#[cfg(test)]
#[path = "support/ending.rs"]
mod ending;
#[cfg(test)]
#[path = "support/operator.rs"]
mod operator;
#[cfg(test)]
#[path = "support/server.rs"]
mod server;
#[cfg(test)]
#[path = "support/whole.rs"]
mod whole;

#[cfg(test)]
#[path = "cli/accounts.rs"]
mod accounts;
#[cfg(test)]
#[path = "cli/administrator.rs"]
mod administrator;
#[cfg(test)]
#[path = "cli/client.rs"]
mod client;
#[cfg(test)]
#[path = "cli/control/mod.rs"]
mod control;
#[cfg(test)]
#[path = "cli/counts.rs"]
mod counts;
#[cfg(test)]
#[path = "cli/greeter.rs"]
mod greeter;
#[cfg(test)]
#[path = "cli/log.rs"]
mod log;
#[cfg(test)]
#[path = "cli/pages.rs"]
mod pages;
#[cfg(test)]
#[path = "cli/passwords.rs"]
mod passwords;
#[cfg(test)]
#[path = "cli/people.rs"]
mod people;
#[cfg(test)]
#[path = "cli/selftest.rs"]
mod selftest;
#[cfg(test)]
#[path = "cli/service.rs"]
mod service;
#[cfg(test)]
#[path = "cli/signals.rs"]
mod signals;
#[cfg(target_os = "linux")]
#[cfg(test)]
#[path = "cli/stderr.rs"]
mod stderr;
#[cfg(test)]
#[path = "cli/store.rs"]
mod store;
#[cfg(target_os = "linux")]
#[cfg(test)]
#[path = "cli/terminal.rs"]
mod terminal;
