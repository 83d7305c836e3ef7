//! Statistics of a node, for `msnpd status` and the web page of that name.

use crate::connection::{ConnectionId, ConnectionState};
use crate::message::{AccountsState, CookiesState, Observe, RegistryState};
use crate::node::Node;
use crate::port::store::AccountId;
use crate::port::{Disabled, StoreError};
use crate::{greeter, operator};
use actix::MailboxError;
use msnp::{Server, SessionId, State};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// A snapshot of a node. Each actor is asked in turn, so the values can be slightly apart in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// The number of accounts, without the greeter's.
    pub accounts: usize,
    /// Whether the greeter has an account.
    #[serde(default)]
    pub greeter: bool,
    pub connections: Connections,
    /// The number of conversations.
    pub conversations: usize,
    /// The number of unused cookies.
    pub cookies: usize,
    pub store: StoreStats,
    pub buffers: BufferStats,
    pub limits: LimitStats,
    /// The number of connections that ended since the start, by [`EndReason::name`].
    ///
    /// [`EndReason::name`]: crate::EndReason::name
    pub ended: BTreeMap<String, u64>,
    /// The last refused connections, the latest first. There are at most
    /// [`MAX_REFUSED`](crate::connection::MAX_REFUSED).
    pub refused: Vec<Refused>,
    /// Sorted by handle.
    #[serde(default)]
    pub disabled: Vec<DisabledAccount>,
    /// Denied networks, IPv4 first.
    #[serde(default)]
    pub denied: Vec<String>,
    /// All connections, the oldest first. Empty in the result of [`collect_without_clients`].
    pub clients: Vec<ClientState>,
}

/// The limits from the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitStats {
    /// All connections.
    pub connections: usize,
    /// Connections from one address.
    pub per_address: usize,
    /// Connections that have not signed in or joined yet.
    pub half_open: usize,
    /// Buffers of each kind.
    pub buffers: usize,
}

/// The numbers of connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    /// All connections.
    pub open: usize,
    /// Connections that have not signed in or joined yet.
    pub half_open: usize,
    /// Signed-in principals, without the greeter.
    pub signed_in: usize,
    /// Participants of all conversations.
    pub participants: usize,
}

/// Changes of the store since the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreStats {
    pub changes: u64,
    /// The transactions for these changes.
    pub transactions: u64,
    /// Changes that wait for the next transaction.
    pub waiting: usize,
    /// Set while the store accepts no changes.
    #[serde(default)]
    pub unwritable: Option<UnwritableStore>,
}

/// A store that accepts no changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnwritableStore {
    /// How long, in seconds.
    pub seconds: u64,
    pub why: String,
}

/// How many buffers are in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BufferStats {
    /// Input buffers: they hold bytes that were not handled yet.
    pub unread: usize,
    /// Output buffers: they hold bytes that were not written yet.
    pub unwritten: usize,
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientState {
    /// The connection's number.
    pub connection: u64,
    /// The title of the server.
    pub server: String,
    /// The client's IP address.
    pub address: String,
    /// Age of the connection, in seconds.
    pub seconds: u64,
    /// The authenticated user.
    pub handle: Option<String>,
    /// The user's state, on the Notification Server.
    pub state: Option<String>,
    /// The number of the conversation, on the Switchboard Server.
    pub conversation: Option<u32>,
    pub dialect: String,
    /// The client's version, if the client sent it.
    pub client: Option<String>,
}

/// A connection that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// How long ago, in seconds.
    pub seconds: u64,
    /// The client's IP address.
    pub address: String,
    /// The user that the client claimed, if the account exists.
    pub handle: Option<String>,
    pub reason: String,
}

/// A disabled account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisabledAccount {
    pub handle: String,
    /// The operator's reason, if any.
    pub reason: Option<String>,
}

/// Returns the name of a server.
pub fn title(server: Server) -> &'static str {
    match server {
        Server::Dispatch => "Dispatch Server",
        Server::Notification => "Notification Server",
        Server::Switchboard => "Switchboard Server",
    }
}

/// Collects the statistics of a node.
///
/// # Errors
/// [`MailboxError`] if a part of the node is gone. The program ends then.
pub async fn collect(node: &Node) -> Result<Stats, MailboxError> {
    ask(node, true).await
}

/// Collects the statistics of a node without [`Stats::clients`].
///
/// # Errors
/// [`MailboxError`] if a part of the node is gone. The program ends then.
pub async fn collect_without_clients(node: &Node) -> Result<Stats, MailboxError> {
    ask(node, false).await
}

async fn ask(node: &Node, with_clients: bool) -> Result<Stats, MailboxError> {
    let registry: RegistryState = node.registry.send(Observe::default()).await?;
    let accounts: AccountsState = node.accounts.send(Observe::default()).await?;
    let cookies: CookiesState = node.cookies.send(Observe::default()).await?;
    let connections = node.connections.states();
    let (unread, unwritten) = node.buffers.in_use();
    let participants =
        connections.iter().filter(|state| state.settled && state.server == Server::Switchboard);
    let settings = node.settings();
    // The greeter is part of the server and is not counted as a user.
    let greeter = greeter::find(node).await.ok().flatten().map(|account_ref| account_ref.account);
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
        store: StoreStats {
            changes: accounts.changes,
            transactions: accounts.commits,
            waiting: accounts.queued,
            unwritable: accounts.unwritable.map(|unwritable| UnwritableStore {
                seconds: node.clock.now().saturating_sub(unwritable.since),
                why: unwritable.why,
            }),
        },
        buffers: BufferStats { unread, unwritten },
        limits: LimitStats {
            connections: settings.limits.connections,
            per_address: settings.limits.per_address,
            half_open: settings.limits.half_open,
            buffers: settings.limits.buffers,
        },
        ended: ended(node),
        refused: node.connections.refused(),
        disabled: disabled(node),
        denied: node.exclusions.denied().iter().map(ToString::to_string).collect(),
        clients: if with_clients { clients(node, &connections, &registry) } else { Vec::new() },
    })
}

fn disabled(node: &Node) -> Vec<DisabledAccount> {
    let with_handle = |(account, disabled): (AccountId, Disabled)| {
        let handle = node.directory.principal(account)?.handle.to_string();
        let reason = disabled.reason.map(|reason| reason.to_string());
        Some(DisabledAccount { handle, reason })
    };
    let mut all: Vec<_> =
        node.exclusions.all_disabled().into_iter().filter_map(with_handle).collect();
    all.sort_unstable_by(|one, other| one.handle.cmp(&other.handle));
    all
}

fn ended(node: &Node) -> BTreeMap<String, u64> {
    let counts = node.endings.counts();
    counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

fn clients(
    node: &Node,
    connections: &[ConnectionState],
    registry: &RegistryState,
) -> Vec<ClientState> {
    let handle_of = |account: AccountId| {
        let principal = node.directory.principal(account);
        principal.map(|principal| principal.handle.to_string())
    };
    let user_states: HashMap<ConnectionId, State> =
        registry.online.iter().map(|online| (online.session, online.state)).collect();
    let client_state = |connection: &ConnectionState| {
        let user_state = user_states.get(&connection.id);
        ClientState {
            connection: connection.id.0,
            server: title(connection.server).to_owned(),
            address: connection.peer.to_string(),
            seconds: connection.age_seconds,
            handle: connection.account.and_then(handle_of),
            state: user_state.map(|state| state.as_str().to_owned()),
            conversation: connection.conversation.map(SessionId::value),
            dialect: connection.dialect.to_string(),
            client: connection.client.as_deref().map(str::to_owned),
        }
    };
    connections.iter().map(client_state).collect()
}

/// The number of accounts for display. The greeter's account is not counted, but mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountCount {
    pub users: usize,
    /// Whether the greeter has an account.
    pub greeter: bool,
}

impl AccountCount {
    /// Counts the accounts of a node.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    pub async fn of(node: &Node) -> Result<AccountCount, StoreError> {
        let greeter = matches!(greeter::find(node).await, Ok(Some(_)));
        Ok(AccountCount::new(operator::count(node).await?, greeter))
    }

    /// Creates the count from the number of `all` accounts. With `greeter`, one of them is the
    /// greeter's.
    pub fn new(all: usize, greeter: bool) -> AccountCount {
        AccountCount { users: all.saturating_sub(usize::from(greeter)), greeter }
    }
}

impl std::fmt::Display for AccountCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let AccountCount { users, greeter } = *self;
        let s = if users == 1 { "" } else { "s" };
        write!(f, "{users} account{s}{}", if greeter { " and the greeter" } else { "" })
    }
}

/// Formats a number of seconds with their two largest units, such as `2 h 5 min`.
pub fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}
