//! A parsed script: accounts, configuration and steps.

use super::pattern::Pattern;
use crate::support::server::{Account, Listener};

/// A whole script.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) accounts: Vec<Account>,
    /// Entries of the member directory, in the form of an export, for accounts `member1`, `member2` and so on.
    pub(crate) members: Vec<String>,
    /// Configuration keys that differ from the defaults.
    pub(crate) configuration: String,
    pub(crate) steps: Vec<Step>,
}

impl Script {
    /// Returns the account with this name in the script: the local part of its handle.
    pub(crate) fn account(&self, who: &str) -> Result<&Account, String> {
        let found = self.accounts.iter().find(|account| account.local_part() == who);
        found.ok_or_else(|| format!("there is no account of {who}"))
    }
}

impl Account {
    /// Returns the local part of the handle, which is the account's name in a script.
    pub(crate) fn local_part(&self) -> &str {
        self.handle.split('@').next().unwrap_or_default()
    }

    /// Returns the friendly name as stored.
    pub(crate) fn friendly_name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.local_part())
    }
}

/// One action, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The line number in the file, from 1.
    pub(crate) line: usize,
    pub(crate) action: Action,
}

/// What is done or expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Connect(ConnectionName, Target),
    /// Sends in one write, or byte by byte after [`Action::SingleBytes`].
    Send(ConnectionName, Pattern),
    /// Expects a line (without its CRLF) and the payload that follows it.
    Expect(ConnectionName, Pattern, Option<Pattern>),
    /// Expects the line and the payload of the profile. It comes when the connection is quiet: after any
    /// later line, and at the latest at the end of the script.
    ProfileFollows(ConnectionName, Pattern, Pattern),
    ClientCloses(ConnectionName),
    ServerCloses(ConnectionName),
    NothingMore(ConnectionName),
    SingleBytes(ConnectionName),
    /// Stops the server in this number of minutes.
    StopServerIn(String),
    StopServer,
    StartServer,
}

/// The name of a connection in the script: `alice NS`, `alice NS 2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectionName {
    pub(crate) name: String,
    pub(crate) who: String,
    pub(crate) role: Listener,
}

impl ConnectionName {
    /// Parses the name of a connection in a heading.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let stderr: Vec<&str> = name.split(' ').collect();
        let (who, role) = match stderr.as_slice() {
            [who, role] | [who, role, _] => (*who, *role),
            _ => return None,
        };
        let role = match role {
            "DS" => Listener::Dispatch,
            "NS" => Listener::Notification,
            "SB" => Listener::Switchboard,
            _ => return None,
        };
        let plain = stderr.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        plain.then(|| Self { name: name.to_owned(), who: who.to_owned(), role })
    }

    /// Returns the connection of this account to this server.
    pub(crate) fn of(who: &str, role: &str) -> Result<Self, String> {
        Self::named(&format!("{who} {role}")).ok_or_else(|| format!("no connection: {who} {role}"))
    }
}

/// The server that a client connects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Server(Listener),
    /// An address from an earlier line: `-- client connects to <address>`.
    Captured(String),
}
