//! Users with accounts, and their connections.

use crate::support::connection::Connection;
use crate::support::conversation::account;
use crate::support::server::{Account, Installation, Listener, Server};

/// An installation with the accounts of these.
pub(crate) fn of(names: &[&str]) -> Installation {
    let accounts: Vec<Account> = names.iter().map(|who| account(who, None)).collect();
    Installation::with_accounts(&accounts)
}

/// A connection to the Notification Server.
pub(crate) fn connect(server: &Server) -> Connection {
    Connection::open(server.address(Listener::Notification))
}
