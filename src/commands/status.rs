use super::plural;
use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::error::CommandError;
use crate::run::in_system;
use crate::{domains, listener};
use actors::EndReason;
use actors::stats::{
    self, AccountCount, ClientState, DisabledAccount, Refused, Stats, UnwritableStore, span,
};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long `check` waits for the reply of a running server.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The status of a server. The field names are part of `--json`.
#[derive(Debug, Serialize, Deserialize)]
struct Status {
    version: String,
    process: u32,
    uptime_seconds: u64,
    /// The time left before a pending stop.
    stops_in_seconds: Option<u64>,
    configuration: Option<PathBuf>,
    data: PathBuf,
    listening: Vec<Listening>,
    /// Messages for the operator.
    #[serde(default)]
    notes: Vec<String>,
    #[serde(flatten)]
    stats: Stats,
}

#[derive(Debug, Serialize, Deserialize)]
struct Listening {
    server: String,
    address: String,
}

/// `status`: prints what the running server is doing.
pub(super) async fn run(loaded: &Loaded, json: bool) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    let Answer::Status(value) = client.ask(&Request::Status).await? else {
        return Err(CommandError::unexpected());
    };
    if json {
        return super::print_json(&value);
    }
    let status: Status = serde_json::from_value(value).map_err(|_| CommandError::unexpected())?;
    super::print(&to_text(&status))
}

/// The part of the status that `check` needs.
#[derive(Debug)]
pub(super) struct RunningStatus {
    /// The listeners: titles and addresses.
    pub(super) listening: Vec<(String, SocketAddr)>,
    /// Why the server cannot write its store, if it cannot.
    pub(super) unwritable: Option<UnwritableStore>,
}

/// Asks the running server; returns `None` if it does not answer in time.
pub(super) fn of_running_server(loaded: &Loaded) -> Option<RunningStatus> {
    let ask = async {
        let mut client = Client::connect(loaded, Needs::Server).await.ok()?;
        match client.ask(&Request::Status).await.ok()? {
            Answer::Status(value) => serde_json::from_value::<Status>(value).ok(),
            _ => None,
        }
    };
    let status = in_system(async { timeout(TIMEOUT, ask).await.ok().flatten() }).ok()??;
    let listening = status.listening.into_iter().map(|listener| {
        let address = listener.address.parse().ok()?;
        Some((listener.server, address))
    });
    Some(RunningStatus {
        listening: listening.collect::<Option<_>>()?,
        unwritable: status.stats.store.unwritable,
    })
}

fn to_text(status: &Status) -> String {
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
    let stats = &status.stats;
    let accounts = AccountCount { users: stats.accounts, greeter: stats.greeter };
    lines.push(format!("data: {}, {accounts}", status.data.display()));
    lines.extend(status.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(
        status
            .listening
            .iter()
            .map(|Listening { server, address }| format!("listening on {address} ({server})")),
    );
    lines.extend(status.stops_in_seconds.map(|left| format!("stopping in {}", span(left))));
    let (connections, limits) = (&stats.connections, &stats.limits);
    lines.push(format!(
        "connections: {} of {}, {} of {} not signed in yet, at most {} from one address",
        connections.open,
        limits.connections,
        connections.half_open,
        limits.half_open,
        limits.per_address
    ));
    let s = plural(stats.conversations);
    lines.push(format!(
        "{} signed in; {} in {} conversation{s}",
        connections.signed_in, connections.participants, stats.conversations
    ));
    let store = &stats.store;
    let s = if store.transactions == 1 { "" } else { "s" };
    lines.push(format!(
        "changes of lists and names: {} in {} transaction{s}, {} waiting",
        store.changes, store.transactions, store.waiting
    ));
    lines.extend(store.unwritable.as_ref().map(|UnwritableStore { seconds, why }| {
        let duration = span(*seconds);
        format!("the store has been unwritable for {duration}, and changes are refused: {why}")
    }));
    lines.push(format!(
        "buffers: {} unread, {} unwritten, at most {} of each; unused cookies: {}",
        stats.buffers.unread, stats.buffers.unwritten, limits.buffers, stats.cookies
    ));
    let ended = stats.ended.iter().filter(|(_, count)| **count > 0);
    lines.extend(
        ended.map(|(reason, count)| {
            format!("ended: {count:>8} {}", EndReason::description_of(reason))
        }),
    );
    lines.extend(stats.disabled.iter().map(disabled_line));
    lines.extend(stats.denied.iter().map(|network| format!("denied: {network}")));
    lines.extend(stats.refused.iter().map(refused_line));
    lines.extend(stats.clients.iter().map(client_line));
    lines.push(String::new());
    lines.join("\n")
}

fn refused_line(refused: &Refused) -> String {
    let user = refused.handle.as_deref().map(|handle| format!(" ({handle})")).unwrap_or_default();
    let Refused { address, seconds, reason, .. } = refused;
    format!("refused: {address}{user}, {} ago: {reason}", span(*seconds))
}

fn disabled_line(account: &DisabledAccount) -> String {
    let reason = account.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("disabled: {}{reason}", account.handle)
}

fn client_line(state: &ClientState) -> String {
    let who = state.handle.as_deref().unwrap_or("not signed in");
    let presence = state.state.as_deref().map(|state| format!(" {state}")).unwrap_or_default();
    let version = state.client.as_deref().map(|client| format!(", client {client}"));
    let conversation = state.conversation.map(|number| format!(", in conversation {number}"));
    format!(
        "{:>6} {:<19} {:<15} {who}{presence}, {}{}{}, for {}",
        state.connection,
        state.server,
        state.address,
        state.dialect,
        version.unwrap_or_default(),
        conversation.unwrap_or_default(),
        span(state.seconds)
    )
}

/// Collects the status from every part of the node.
pub(super) async fn serve(control: &Control) -> Result<Answer, CommandError> {
    let stats = stats::collect(&control.node).await?;
    let loaded = control.loaded.borrow().clone();
    let stop_at = *control.stop_at.borrow();
    let principals = control.node.directory.principals().into_iter();
    let notes = domains::unconfigured(&loaded.config, principals.map(|principal| principal.handle));
    let status = Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        process: std::process::id(),
        uptime_seconds: control.started.elapsed().as_secs(),
        stops_in_seconds: stop_at.map(|stop_at| stop_at.duration_since(Instant::now()).as_secs()),
        configuration: loaded.file,
        data: loaded.config.data,
        listening: listening(control),
        notes,
        stats,
    };
    let status = serde_json::to_value(&status);
    Ok(Answer::Status(status.map_err(|error| CommandError::Other(error.to_string()))?))
}

fn listening(control: &Control) -> Vec<Listening> {
    let servers = control.listening.iter();
    let servers = servers.map(|(server, address)| (stats::title(*server), *address));
    let pages = control.web.as_ref().map(|pages| (listener::WEB_PAGES, pages.address));
    let all = servers.chain(pages).map(|(server, address)| Listening {
        server: server.to_owned(),
        address: address.to_string(),
    });
    all.collect()
}

#[cfg(test)]
mod tests;
