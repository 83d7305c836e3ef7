//! `msnpd run`: the server.

use crate::config::{Config, Loaded};
use crate::failure::Failure;
use crate::{guide, listener, logging, system};
use actix_rt::System;
use actix_rt::signal::unix::{Signal, SignalKind, signal};
use actors::message::Announce;
use actors::{Advertised, Node};
use msnp::{Endpoint, Server};
use std::net::SocketAddr;
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
    let add = guide::add_account(loaded, accounts);
    let add = add.map(|command| {
        format!("two people need two accounts: stop the server (Ctrl-C), then {command}")
    });
    let first = bound.iter().find(|bound| bound.server != Server::Switchboard);
    add.into_iter().chain(first.map(|first| guide::client(first.address))).collect()
}
