//! Who has an account, and his connections.

use crate::connection::Connection;
use crate::conversation::account;
use crate::server::{Account, Installation, Listener, Server};

/// An installation with the accounts of these.
pub(crate) fn of(names: &[&str]) -> Installation {
    let accounts: Vec<Account> = names.iter().map(|who| account(who, None)).collect();
    Installation::with_accounts(&accounts)
}

/// A connection to the Notification Server.
pub(crate) fn connect(server: &Server) -> Connection {
    Connection::open(server.address(Listener::Notification))
}
