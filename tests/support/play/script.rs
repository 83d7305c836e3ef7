//! A script as the parser leaves it: accounts, configuration and one step after the other.

use super::pattern::Pattern;
use crate::support::server::{Account, Listener};

/// A whole script.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) accounts: Vec<Account>,
    /// What the member directory has of further accounts, as an export has it: of `member1`,
    /// `member2` and so on.
    pub(crate) members: Vec<String>,
    /// Keys of the configuration that are otherwise than they are by themselves.
    pub(crate) configuration: String,
    pub(crate) steps: Vec<Step>,
}

impl Script {
    /// The account that the script calls so: by the local part of its handle.
    pub(crate) fn account(&self, who: &str) -> Result<&Account, String> {
        let found = self.accounts.iter().find(|account| account.local_part() == who);
        found.ok_or_else(|| format!("there is no account of {who}"))
    }
}

impl Account {
    /// The part of the handle before the `@`: what a script calls this principal.
    pub(crate) fn local_part(&self) -> &str {
        self.handle.split('@').next().unwrap_or_default()
    }

    /// The friendly name the program will have stored.
    pub(crate) fn friendly_name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.local_part())
    }
}

/// One thing that is done or expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Where it stands in the file, from 1.
    pub(crate) line: usize,
    pub(crate) action: Action,
}

/// What is done or expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Connect(Place, Target),
    /// All in one write, or byte by byte after [`Action::SingleBytes`].
    Send(Place, Pattern),
    /// A line (without its CRLF) and the payload that follows it.
    Expect(Place, Pattern, Option<Pattern>),
    /// The line and the payload of the profile, which comes behind any later line: when the
    /// connection is quiet. It has come at the end of the script.
    ProfileFollows(Place, Pattern, Pattern),
    ClientCloses(Place),
    ServerCloses(Place),
    NothingMore(Place),
    SingleBytes(Place),
    /// The operator tells it to stop in so many minutes.
    StopServerIn(String),
    StopServer,
    StartServer,
}

/// A connection by its name in the script: `alice NS`, `alice NS 2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) who: String,
    pub(crate) role: Listener,
}

impl Place {
    /// Understands a heading's name of a connection.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let words: Vec<&str> = name.split(' ').collect();
        let (who, role) = match words.as_slice() {
            [who, role] | [who, role, _] => (*who, *role),
            _ => return None,
        };
        let role = match role {
            "DS" => Listener::Dispatch,
            "NS" => Listener::Notification,
            "SB" => Listener::Switchboard,
            _ => return None,
        };
        let plain = words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        plain.then(|| Self { name: name.to_owned(), who: who.to_owned(), role })
    }

    /// The connection of that principal to that kind of server.
    pub(crate) fn of(who: &str, role: &str) -> Result<Self, String> {
        Self::named(&format!("{who} {role}")).ok_or_else(|| format!("no connection: {who} {role}"))
    }
}

/// Where a client connects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Server(Listener),
    /// An address that was noted: `-- client connects to <address>`.
    Noted(String),
}
