//! `msnpd run`: the server.

use crate::config::{Config, Loaded};
use crate::failure::Failure;
use crate::{listener, logging, system};
use actix_rt::System;
use actix_rt::signal::unix::{Signal, SignalKind, signal};
use actors::message::Announce;
use actors::{Advertised, Node};
use msnp::{Endpoint, Server};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long the server waits, when it stops, for what was sent to be written.
const STOP: Duration = Duration::from_secs(5);

/// How many threads work for the store: one writes, the others read.
const STORE_THREADS: usize = 4;

/// Runs the server until it is told to stop.
pub(crate) fn run(loaded: &Loaded) -> Result<(), Failure> {
    logging::start(loaded.config.log);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(STORE_THREADS)
        .build()
        .map_err(|error| Failure::Other(format!("cannot start: {error}")))?;
    System::with_tokio_rt(move || runtime).block_on(serve(loaded))
}

struct Bound {
    server: Server,
    listener: TcpListener,
    address: SocketAddr,
}

async fn serve(loaded: &Loaded) -> Result<(), Failure> {
    let config = &loaded.config;
    match &loaded.file {
        Some(file) => log::info!("configuration: {}", file.display()),
        None => log::info!("configuration: built-in defaults"),
    }
    let bound = bind(config)?;
    let store = Arc::new(store::File::open(&config.data)?);
    let port = |server| {
        let found = bound.iter().find(|bound: &&Bound| bound.server == server);
        found.map(|bound| bound.address.port())
    };
    let settings = config.settings(port(Server::Notification), port(Server::Switchboard))?;
    let node = Node::start(settings, store, Box::new(system::now), Rc::new(system::random))?;
    for server in &config.notification_servers {
        // The mailbox was made just now: it has room for as many as there may be.
        let _ = node.dispatcher.try_send(Announce(Advertised::At(Endpoint(*server))));
    }
    for bound in &bound {
        log::info!("listening on {} ({})", bound.address, listener::title(bound.server));
    }
    let accounts = node.directory.len();
    log::info!("data in {}; {accounts} account{}", config.data.display(), plural(accounts));
    for line in next_steps(loaded, &bound, accounts) {
        log::info!("next: {line}");
    }
    let mut terminated = listen_to(SignalKind::terminate())?;
    let mut interrupted = listen_to(SignalKind::interrupt())?;
    let mut servers = Vec::new();
    for Bound { server, listener, .. } in bound {
        servers.push(actix_rt::spawn(listener::accept(node.clone(), server, listener)));
    }
    log::info!("ready");
    let sound = tokio::select! {
        _ = terminated.recv() => true,
        _ = interrupted.recv() => true,
        () = node.broken() => false,
    };
    let count = node.connections.count();
    log::info!("stopping, with {count} open connection{}", plural(count));
    for server in servers {
        server.abort();
    }
    if tokio::time::timeout(STOP, node.connections.close_all()).await.is_err() {
        log::warn!("{} connections did not take their goodbye", node.connections.count());
    }
    log::info!("stopped");
    if sound {
        Ok(())
    } else {
        Err(Failure::Other("a part of the server failed: start it again".into()))
    }
}

/// Listens for each server that is configured. If the Dispatch Server and the Notification Server
/// have the same port, connections to it are served as a Notification Server: the referral is
/// optional in the protocol.
fn bind(config: &Config) -> Result<Vec<Bound>, Failure> {
    let servers = [
        (Server::Dispatch, config.dispatch.filter(|dispatch| !config.is_one_port(dispatch))),
        (Server::Notification, config.notification),
        (Server::Switchboard, config.switchboard),
    ];
    let mut bound = Vec::new();
    for (server, configured) in servers {
        let Some(configured) = configured else { continue };
        let listener = listener::listen(server, configured.listen)?;
        let address = listener.local_addr().map_err(|error| Failure::Listen {
            address: configured.listen,
            server: listener::title(server),
            error,
            hint: "",
        })?;
        bound.push(Bound { server, listener, address });
    }
    Ok(bound)
}

fn listen_to(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|error| Failure::Other(format!("cannot listen for signals: {error}")))
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// What the operator does next.
fn next_steps(loaded: &Loaded, bound: &[Bound], accounts: usize) -> Vec<String> {
    let mut steps = Vec::new();
    if accounts < 2 {
        let who = if accounts == 0 { "alice" } else { "bob" };
        steps.push(format!(
            "two people need two accounts: stop the server (Ctrl-C), then {}",
            add_command(loaded, who)
        ));
    }
    let first = bound.iter().find(|bound| bound.server != Server::Switchboard);
    if let Some(first) = first {
        let addresses = reachable(first.address);
        steps.push(format!(
            "in the client, set the server to {}, port {}; or have the name \
             messenger.hotmail.com lead there",
            addresses.join(" or "),
            first.address.port()
        ));
    }
    steps
}

/// The command that makes an account for this server, as the operator can type it where he
/// started the server: with the same program, configuration and data.
fn add_command(loaded: &Loaded, who: &str) -> String {
    let config = &loaded.config;
    let program = std::env::args_os().next().unwrap_or_else(|| "msnpd".into());
    let domain = config.domains.first().map_or("hotmail.com", String::as_str);
    let mut command = format!("{} user add {who}@{domain}", program.display());
    if let Some(file) = loaded.file.as_deref().filter(|file| *file != Path::new("config.ron")) {
        command.push_str(&format!(" --config {}", file.display()));
    }
    if config.data != Path::new("data") {
        command.push_str(&format!(" --data {}", config.data.display()));
    }
    command
}

/// The addresses that other machines reach a listener at.
fn reachable(listening: SocketAddr) -> Vec<String> {
    if !listening.ip().is_unspecified() {
        return vec![listening.ip().to_canonical().to_string()];
    }
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let addresses = interfaces.iter().filter(|interface| !interface.is_loopback());
    let addresses = addresses.map(|interface| interface.ip()).filter(IpAddr::is_ipv4);
    let found: Vec<String> = addresses.map(|address| address.to_string()).collect();
    if found.is_empty() { vec!["this machine's address".into()] } else { found }
}
