//! What a node is doing, in figures: the same for `msnpd status` and for the page of that name.

use crate::connection::{ConnectionId, ConnectionState};
use crate::greeter;
use crate::message::{AccountsState, CookiesState, Observe, RegistryState};
use crate::node::Node;
use crate::port::Disabled;
use crate::port::store::AccountId;
use actix::MailboxError;
use msnp::{Server, SessionId, State};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Every figure of a node, of one moment as far as the actors answer at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// How many accounts there are, but the greeter's.
    pub accounts: usize,
    /// Whether there is the greeter's besides.
    #[serde(default)]
    pub greeter: bool,
    /// Connections, by how far they have come.
    pub connections: Connections,
    /// How many conversations there are.
    pub conversations: usize,
    /// Cookies that nobody has used yet.
    pub cookies: usize,
    /// What the store did.
    pub store: Changes,
    /// Buffers that hold bytes of connections.
    pub buffers: Lent,
    /// How many there may be.
    pub limits: Limits,
    /// Why connections ended since the server started, and how many for each reason.
    pub ended: BTreeMap<String, u64>,
    /// The last connections that were refused, the latest first: as many as
    /// [`REFUSALS`](crate::connection::REFUSALS).
    pub refused: Vec<Refused>,
    /// The accounts that are disabled, by handle.
    #[serde(default)]
    pub disabled: Vec<DisabledAccount>,
    /// The networks that are denied.
    #[serde(default)]
    pub denied: Vec<String>,
    /// Everybody who is connected, the longest first; nobody in what [`sums`] collects.
    pub clients: Vec<ClientState>,
}

/// How many there may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// In all.
    pub connections: usize,
    /// From one address.
    pub per_address: usize,
    /// That have not signed in or joined yet.
    pub half_open: usize,
    /// Of each kind.
    pub buffers: usize,
}

/// Connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    /// All of them.
    pub open: usize,
    /// Those that have not signed in or joined yet.
    pub half_open: usize,
    /// Principals who are signed in, but the greeter.
    pub signed_in: usize,
    /// Places that are taken in conversations.
    pub participants: usize,
}

/// Changes since the start, the transactions that they took, and what waits for the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// How many were made.
    pub changes: u64,
    /// In how many transactions.
    pub transactions: u64,
    /// How many wait.
    pub waiting: usize,
    /// Why none can be made now.
    #[serde(default)]
    pub unwritable: Option<Refusing>,
}

/// A store that takes no changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusing {
    /// For how many seconds.
    pub seconds: u64,
    /// Why, in words.
    pub why: String,
}

/// Buffers that are lent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lent {
    /// With bytes that were not read yet.
    pub unread: usize,
    /// With bytes that were not written yet.
    pub unwritten: usize,
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientState {
    /// Its number.
    pub connection: u64,
    /// What it is connected to.
    pub server: String,
    /// Where it comes from.
    pub address: String,
    /// For how many seconds.
    pub seconds: u64,
    /// Who has proved to be it.
    pub handle: Option<String>,
    /// His state, on the Notification Server.
    pub state: Option<String>,
    /// The number of the conversation that it has joined, on the Switchboard Server.
    pub conversation: Option<u32>,
    /// What it speaks.
    pub dialect: String,
    /// The client's version, if it has said so.
    pub client: Option<String>,
}

/// A connection that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// How many seconds ago.
    pub seconds: u64,
    /// Where it came from.
    pub address: String,
    /// Whose it was said to be, if there is such an account.
    pub handle: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// An account that nobody can sign in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisabledAccount {
    /// Its handle.
    pub handle: String,
    /// Why, if the operator gave a reason.
    pub reason: Option<String>,
}

/// What a server is called.
pub fn title(server: Server) -> &'static str {
    match server {
        Server::Dispatch => "Dispatch Server",
        Server::Notification => "Notification Server",
        Server::Switchboard => "Switchboard Server",
    }
}

/// Asks every part of a node.
///
/// # Errors
/// [`MailboxError`] if a part of it is gone; the program ends then.
pub async fn collect(node: &Node) -> Result<Stats, MailboxError> {
    ask(node, true).await
}

/// The same without the clients, of which each would have a line of text.
///
/// # Errors
/// [`MailboxError`] if a part of it is gone; the program ends then.
pub async fn sums(node: &Node) -> Result<Stats, MailboxError> {
    ask(node, false).await
}

async fn ask(node: &Node, with_clients: bool) -> Result<Stats, MailboxError> {
    let registry: RegistryState = node.registry.send(Observe::default()).await?;
    let accounts: AccountsState = node.accounts.send(Observe::default()).await?;
    let cookies: CookiesState = node.cookies.send(Observe::default()).await?;
    let census = node.connections.states();
    let (unread, unwritten) = node.buffers.in_use();
    let participants =
        census.iter().filter(|state| state.settled && state.server == Server::Switchboard);
    let settings = node.settings();
    // The server's own principal is nobody who was given an account or came.
    let greeter = greeter::find(node).await.ok().flatten().map(|known| known.account);
    let signed_in = registry.online.iter().filter(|online| Some(online.account) != greeter);
    Ok(Stats {
        accounts: accounts.accounts.saturating_sub(usize::from(greeter.is_some())),
        greeter: greeter.is_some(),
        connections: Connections {
            open: node.connections.count(),
            half_open: node.connections.half_open(),
            signed_in: signed_in.count(),
            participants: participants.count(),
        },
        conversations: node.conversations.get(),
        cookies: cookies.unused,
        store: Changes {
            changes: accounts.changes,
            transactions: accounts.commits,
            waiting: accounts.queued,
            unwritable: accounts.unwritable.map(|unwritable| Refusing {
                seconds: node.clock.now().saturating_sub(unwritable.since),
                why: unwritable.why,
            }),
        },
        buffers: Lent { unread, unwritten },
        limits: Limits {
            connections: settings.connection_limits.connections,
            per_address: settings.connection_limits.per_address,
            half_open: settings.connection_limits.half_open,
            buffers: settings.buffers,
        },
        ended: ended(node),
        refused: node.connections.refused(),
        disabled: disabled(node),
        denied: node.exclusions.denied().iter().map(ToString::to_string).collect(),
        clients: if with_clients { clients(node, &census, &registry) } else { Vec::new() },
    })
}

fn disabled(node: &Node) -> Vec<DisabledAccount> {
    let shown = |(account, disabled): (AccountId, Disabled)| {
        let handle = node.directory.principal(account)?.handle.to_string();
        let reason = disabled.reason.map(|reason| reason.to_string());
        Some(DisabledAccount { handle, reason })
    };
    let mut all: Vec<_> = node.exclusions.all_disabled().into_iter().filter_map(shown).collect();
    all.sort_unstable_by(|one, other| one.handle.cmp(&other.handle));
    all
}

fn ended(node: &Node) -> BTreeMap<String, u64> {
    let counts = node.endings.counts();
    counts.into_iter().map(|(word, count)| (word.to_owned(), count)).collect()
}

fn clients(node: &Node, census: &[ConnectionState], registry: &RegistryState) -> Vec<ClientState> {
    let handle = |account: AccountId| {
        let principal = node.directory.principal(account);
        principal.map(|principal| principal.handle.to_string())
    };
    let online: HashMap<ConnectionId, State> =
        registry.online.iter().map(|online| (online.session, online.state)).collect();
    let shown = |state: &ConnectionState| {
        let online = online.get(&state.id);
        ClientState {
            connection: state.id.0,
            server: title(state.server).to_owned(),
            address: state.peer.to_string(),
            seconds: state.since,
            handle: state.account.and_then(handle),
            state: online.map(|state| state.as_str().to_owned()),
            conversation: state.conversation.map(SessionId::value),
            dialect: state.dialect.to_string(),
            client: state.client.as_deref().map(str::to_owned),
        }
    };
    census.iter().map(shown).collect()
}

/// Accounts, as they are counted everywhere: the greeter's is none of them, and is named where there
/// is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accounts {
    /// Those of users.
    pub users: usize,
    /// Whether there is the greeter's besides.
    pub greeter: bool,
}

impl Accounts {
    /// All accounts of a node.
    pub async fn of(node: &Node) -> Accounts {
        let greeter = matches!(greeter::find(node).await, Ok(Some(_)));
        Accounts::among(node.directory.len(), greeter)
    }

    /// So many in all, with the greeter's among them or not.
    pub fn among(all: usize, greeter: bool) -> Accounts {
        Accounts { users: all.saturating_sub(usize::from(greeter)), greeter }
    }
}

impl std::fmt::Display for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Accounts { users, greeter } = *self;
        let s = if users == 1 { "" } else { "s" };
        write!(f, "{users} account{s}{}", if greeter { " and the greeter" } else { "" })
    }
}

/// A time span in words, of some seconds.
pub fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}
