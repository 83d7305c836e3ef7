//! Whole sessions of MSNP2, and the differences of later dialects, as typed values and as exact
//! bytes.
//!
//! The accounts are alice, bob, carol and dave at example.com, the password is `secret`; the
//! Notification Server is 192.0.2.1:1863, the switchboard 192.0.2.1:1864.

#[cfg(test)]
mod check;
#[cfg(test)]
mod conversation;
#[cfg(test)]
mod dialects;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod login;
#[cfg(test)]
mod make;

use msnp::Server;

const DS: Server = Server::Dispatch;
const NS: Server = Server::Notification;
const SB: Server = Server::Switchboard;
