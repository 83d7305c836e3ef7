use super::plural;
use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::failure::Failure;
use crate::listener;
use actors::connection::ConnectionState;
use actors::message::{AccountsState, CookiesState, Observe, RegistryState};
use actors::port::store::AccountId;
use actors::{EndReason, Node};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::time::Instant;

/// What a server is doing.
#[derive(Debug, Serialize, Deserialize)]
struct Status {
    version: String,
    process: u32,
    uptime_seconds: u64,
    /// When it was told to stop in some minutes.
    stops_in_seconds: Option<u64>,
    configuration: Option<PathBuf>,
    data: PathBuf,
    listening: Vec<Listening>,
    accounts: usize,
    connections: Connections,
    conversations: usize,
    /// Cookies that nobody has used yet.
    cookies: usize,
    store: Store,
    buffers: Buffers,
    limits: Limits,
    /// Why connections ended since the server started, and how many for each reason.
    ended: BTreeMap<String, u64>,
    /// Everybody who is connected, the longest first.
    clients: Vec<ClientState>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Listening {
    server: String,
    address: String,
}

/// How many there may be.
#[derive(Debug, Serialize, Deserialize)]
struct Limits {
    connections: usize,
    per_address: usize,
    half_open: usize,
    /// Of each kind.
    buffers: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Connections {
    open: usize,
    /// Those that have not signed in or joined yet.
    half_open: usize,
    /// Principals who are signed in.
    signed_in: usize,
    /// Places that are taken in conversations.
    participants: usize,
}

/// Changes since the start, the transactions that they took, and what waits for the next one.
#[derive(Debug, Serialize, Deserialize)]
struct Store {
    changes: u64,
    transactions: u64,
    waiting: usize,
}

/// Buffers that hold bytes of connections.
#[derive(Debug, Serialize, Deserialize)]
struct Buffers {
    unread: usize,
    unwritten: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct ClientState {
    connection: u64,
    server: String,
    address: String,
    seconds: u64,
    /// Who has proved to be it.
    handle: Option<String>,
    state: Option<String>,
    dialect: String,
    /// The client's version, if it has said so.
    client: Option<String>,
}

/// `status`: what the running server is doing.
pub(super) async fn run(loaded: &Loaded, json: bool) -> Result<(), Failure> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    let Answer::Status(value) = client.ask(&Request::Status).await? else {
        return Err(Failure::unexpected());
    };
    if json {
        return super::print_json(&value);
    }
    let status: Status = serde_json::from_value(value).map_err(|_| Failure::unexpected())?;
    super::print(&in_words(&status))
}

fn in_words(status: &Status) -> String {
    let mut lines = vec![format!(
        "msnpd {}, process {}, up {}",
        status.version,
        status.process,
        span(status.uptime_seconds)
    )];
    lines.push(match &status.configuration {
        Some(file) => format!("configuration: {}", file.display()),
        None => "configuration: built-in defaults".to_owned(),
    });
    let s = plural(status.accounts);
    lines.push(format!("data: {}, {} account{s}", status.data.display(), status.accounts));
    let listening = status.listening.iter();
    lines.extend(listening.map(|one| format!("listening on {} ({})", one.address, one.server)));
    lines.extend(status.stops_in_seconds.map(|left| format!("it stops in {}", span(left))));
    let (connections, limits) = (&status.connections, &status.limits);
    lines.push(format!(
        "connections: {} of {}, {} of {} not signed in yet, at most {} from one address",
        connections.open,
        limits.connections,
        connections.half_open,
        limits.half_open,
        limits.per_address
    ));
    let s = plural(status.conversations);
    lines.push(format!(
        "{} signed in; {} in {} conversation{s}",
        connections.signed_in, connections.participants, status.conversations
    ));
    let store = &status.store;
    lines.push(format!(
        "changes of lists and names: {} in {} transactions, {} waiting",
        store.changes, store.transactions, store.waiting
    ));
    lines.push(format!(
        "buffers: {} unread, {} unwritten, at most {} of each; unused cookies: {}",
        status.buffers.unread, status.buffers.unwritten, limits.buffers, status.cookies
    ));
    let ended = status.ended.iter().filter(|(_, count)| **count > 0);
    lines.extend(
        ended.map(|(word, count)| format!("ended: {count:>8} {}", EndReason::words_of(word))),
    );
    lines.extend(status.clients.iter().map(ClientState::in_words));
    lines.push(String::new());
    lines.join("\n")
}

impl ClientState {
    fn in_words(&self) -> String {
        let who = self.handle.as_deref().unwrap_or("not signed in");
        let state = self.state.as_deref().map(|state| format!(" {state}")).unwrap_or_default();
        let version = self.client.as_deref().map(|client| format!(", client {client}"));
        format!(
            "{:>6} {:<19} {:<15} {who}{state}, {}{}, for {}",
            self.connection,
            self.server,
            self.address,
            self.dialect,
            version.unwrap_or_default(),
            span(self.seconds)
        )
    }
}

/// A time span in words.
fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// Asks every part of the node.
pub(super) async fn serve(control: &Control) -> Result<Answer, Failure> {
    let node = &control.node;
    let registry: RegistryState = node.registry.send(Observe::default()).await?;
    let accounts: AccountsState = node.accounts.send(Observe::default()).await?;
    let cookies: CookiesState = node.cookies.send(Observe::default()).await?;
    let census = node.connections.census();
    let (unread, unwritten) = node.buffers.lent();
    let participants =
        census.iter().filter(|state| state.settled && state.server == msnp::Server::Switchboard);
    let loaded = control.loaded.borrow().clone();
    let (settings, until) = (node.settings(), *control.stop.borrow());
    let listening = control.listening.iter().map(|(server, address)| Listening {
        server: listener::title(*server).to_owned(),
        address: address.to_string(),
    });
    let status = Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        process: std::process::id(),
        uptime_seconds: control.started.elapsed().as_secs(),
        stops_in_seconds: until.map(|until| until.duration_since(Instant::now()).as_secs()),
        configuration: loaded.file,
        data: loaded.config.data,
        listening: listening.collect(),
        accounts: accounts.accounts,
        connections: Connections {
            open: node.connections.count(),
            half_open: node.connections.half_open(),
            signed_in: registry.online.len(),
            participants: participants.count(),
        },
        conversations: node.conversations.get(),
        cookies: cookies.unused,
        store: Store {
            changes: accounts.changes,
            transactions: accounts.commits,
            waiting: accounts.queued,
        },
        buffers: Buffers { unread, unwritten },
        limits: Limits {
            connections: settings.crowd.connections,
            per_address: settings.crowd.per_address,
            half_open: settings.crowd.half_open,
            buffers: settings.buffers,
        },
        ended: ended(node),
        clients: clients(control, &census, &registry),
    };
    let status = serde_json::to_value(&status);
    Ok(Answer::Status(status.map_err(|error| Failure::Other(error.to_string()))?))
}

fn ended(node: &Node) -> BTreeMap<String, u64> {
    let counts = node.endings.counts();
    counts.into_iter().map(|(word, count)| (word.to_owned(), count)).collect()
}

fn clients(
    control: &Control,
    census: &[ConnectionState],
    registry: &RegistryState,
) -> Vec<ClientState> {
    let handle = |account: AccountId| {
        let principal = control.node.directory.principal(account);
        principal.map(|principal| principal.handle.to_string())
    };
    let shown = |state: &ConnectionState| {
        let online = registry.online.iter().find(|online| online.session == state.id);
        ClientState {
            connection: state.id.0,
            server: listener::title(state.server).to_owned(),
            address: state.peer.to_string(),
            seconds: state.since,
            handle: state.account.and_then(handle),
            state: online.map(|online| online.state.as_str().to_owned()),
            dialect: state.dialect.to_string(),
            client: state.client.as_deref().map(str::to_owned),
        }
    };
    let mut clients: Vec<ClientState> = census.iter().map(shown).collect();
    clients.sort_by_key(|client| client.connection);
    clients
}
