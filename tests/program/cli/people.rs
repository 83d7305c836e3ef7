//! Users with accounts, and their connections.

use crate::support::connection::Connection;
use crate::support::conversation::account;
use crate::support::server::{Account, Installation, Listener, Server};

/// Creates an installation with these accounts.
pub(crate) fn of(names: &[&str]) -> Installation {
    let accounts: Vec<Account> = names.iter().map(|who| account(who, None)).collect();
    Installation::with_accounts(&accounts)
}

/// Connects to the Notification Server.
pub(crate) fn connect(server: &Server) -> Connection {
    Connection::open(server.address(Listener::Notification))
}
