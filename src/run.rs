//! `msnpd run`: the server.

use crate::commands::{plural, reload};
use crate::config::paths::CliOptions;
use crate::config::{Config, Loaded};
use crate::control::Control;
use crate::control::server::Socket;
use crate::error::CommandError;
use crate::pages::{self, Pages};
use crate::running::is_running;
use crate::started::Started;
use crate::{administrator, commands, domains, hints, listener, logging, service, stderr, system};
use actix_rt::System;
use actix_rt::signal::unix::{Signal, SignalKind, signal};
use actors::message::{Announce, GreeterState, Observe};
use actors::port::StoreError;
use actors::{Advertised, Node};
use log::Level;
use msnp::{Endpoint, Server};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::cell::RefCell;
use std::future::Future;
use std::io::{ErrorKind, IsTerminal};
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long the server waits, when it stops, for what was sent to be written.
const STOP: Duration = Duration::from_secs(5);

/// How long a verb may have the store open when the server starts, and how often that is looked at.
const PATIENCE: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(100);

/// How many turns of all actors that have something to do there are at most before the sockets are
/// looked at again. With the runtime's own figure, 61, those who flood delay everybody else.
const TURNS: u32 = 4;

/// How many threads work for the store: one writes, the others read.
const STORE_THREADS: usize = 4;

/// Runs the server until it is told to stop; with `smoke`, only until it is ready.
pub(crate) fn run(loaded: &Loaded, named: &CliOptions, smoke: bool) -> Result<(), CommandError> {
    let started = Started::of_process();
    logging::start(loaded.config.log);
    raise_file_limit();
    in_system(serve(loaded, named, started, smoke))?
}

/// Lets this process open as many files as it may: the usual limit, 1024, is for programs that fear
/// larger numbers.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        log::debug!("the limit of open files stays as it is: {error}");
    }
}

/// Runs something in which actors can live.
pub(crate) fn in_system<T>(work: impl Future<Output = T>) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(STORE_THREADS)
        .event_interval(TURNS)
        .build()
        .map_err(|error| CommandError::Other(format!("cannot start: {error}")))?;
    Ok(System::with_tokio_rt(move || runtime).block_on(work))
}

struct Bound {
    server: Server,
    listener: TcpListener,
    address: SocketAddr,
}

async fn serve(
    loaded: &Loaded,
    named: &CliOptions,
    started: Started,
    smoke: bool,
) -> Result<(), CommandError> {
    let mut signals = Signals::listen()?;
    let config = &loaded.config;
    name_configuration(loaded);
    if config.data.is_file() {
        return Err(CommandError::NoFolder(config.data.clone()));
    }
    let bound = bind(config).map_err(|failure| of_two(config, failure))?;
    let pages_listener = pages::listen(config, |failure| of_two(config, failure));
    let store = Arc::new(open(&config.data).await?);
    commands::remove_leftovers(&config.data);
    let listening: Vec<_> = bound.iter().map(|bound| (bound.server, bound.address)).collect();
    let settings = config.settings(&listening)?;
    let node = Node::start(settings, store, Box::new(system::now), Rc::new(system::random))?;
    for server in &config.notification_servers {
        // The mailbox was made just now: it has room for as many as there may be.
        let _ = node.dispatcher.try_send(Announce(Advertised::At(Endpoint(*server))));
    }
    let changes = Rc::new(Mutex::new(()));
    let pages =
        Pages::start(config, node.clone(), changes.clone(), pages_listener.as_ref()).await?;
    say_where(loaded, &node, &bound, pages.as_ref());
    if config.web.is_some() && !smoke {
        offer_password(loaded, started);
    }
    let control = Rc::new(Control {
        node: node.clone(),
        named: named.clone(),
        loaded: RefCell::new(loaded.clone()),
        listening,
        started: Instant::now(),
        changes,
        web: pages,
        archive: Mutex::new(()),
        selftest: Mutex::new(()),
        stop: watch::Sender::new(None),
    });
    let mut servers = Vec::new();
    match Socket::listen(&config.data) {
        Ok(mut socket) => {
            let control = control.clone();
            servers.push(actix_rt::spawn(async move { socket.serve(control).await }));
        }
        Err(error) => log::warn!(
            "no control socket in {}: {error}; only signals reach this server",
            config.data.display()
        ),
    }
    if bound.iter().any(|bound| bound.server == Server::Notification) {
        // Whoever signs in as soon as it is ready sees him.
        let _: GreeterState = node.greet().send(Observe::default()).await?;
    }
    for Bound { server, listener, .. } in bound {
        servers.push(actix_rt::spawn(listener::accept(node.clone(), server, listener)));
    }
    if let (Some(pages), Some(listener)) = (&control.web, pages_listener) {
        servers.push(actix_rt::spawn(pages::accept(pages.web.clone(), listener)));
    }
    log::info!("ready");
    service::keep_alive();
    service::ready();
    let sound = smoke || until_stopped(&control, &mut signals, started).await;
    service::stopping();
    stop(&node, servers).await;
    if sound {
        Ok(())
    } else {
        Err(CommandError::Other("a part of the server failed: start it again".into()))
    }
}

/// Names the file that is read, and those that are not.
fn name_configuration(loaded: &Loaded) {
    match &loaded.file {
        Some(file) => log::info!("configuration: {}", file.display()),
        None => log::info!("configuration: built-in defaults"),
    }
    loaded.renamed().iter().for_each(|warning| log::warn!("{warning}"));
    // The operator who names a file knows that it is the one.
    let level = if loaded.named { Level::Info } else { Level::Warn };
    for words in loaded.words_of_passed_over() {
        log::log!(level, "{words}");
    }
}

/// Says where the servers and their data are, and what the operator does next.
fn say_where(loaded: &Loaded, node: &Node, bound: &[Bound], pages: Option<&Pages>) {
    for bound in bound {
        log::info!("listening on {} ({})", bound.address, listener::title(bound.server));
    }
    if let Some(pages) = pages {
        log::info!("listening on {} ({})", pages.address, listener::PAGES);
    }
    let (accounts, data) = (persons(node), loaded.config.data.display());
    log::info!("data in {data}; {accounts} account{}", plural(accounts));
    let principals = node.directory.principals().into_iter();
    for line in domains::left(&loaded.config, principals.map(|principal| principal.handle)) {
        log::warn!("{line}");
    }
    for line in next_steps(loaded, bound, pages, accounts) {
        log::info!("next: {line}");
    }
}

/// If no administrator's password is set: on a terminal makes one and prints it, this once, else names
/// the command that sets one.
fn offer_password(loaded: &Loaded, started: Started) {
    let data = &loaded.config.data;
    if started == Started::OnTerminal && has_screen() {
        match administrator::make_first(data) {
            Ok(Some(password)) => show_once(&administrator::shown_once(&password)),
            Ok(None) => {}
            Err(error) => log::warn!("no administrator's password was made: {error}"),
        }
    }
    if !administrator::is_set(data) {
        let command = hints::command(loaded, "passwd-admin");
        log::info!("next: set the administrator's password, for the status page: {command}");
    }
}

/// Whether what is shown comes to a terminal.
fn has_screen() -> bool {
    std::io::stdout().is_terminal() || std::io::stderr().is_terminal()
}

/// Shows a line on the terminal, and in no file that the other stream leads to.
fn show_once(line: &str) {
    if !std::io::stdout().is_terminal() {
        stderr::line(line);
    } else if let Err(failure) = commands::print(&format!("{line}\n")) {
        log::warn!("nobody has read the administrator's password: {failure}");
    }
}

/// Takes no more connections and ends those that there are.
async fn stop(node: &Node, servers: Vec<JoinHandle<()>>) {
    let count = node.connections.count();
    log::info!("stopping, with {count} open connection{}", plural(count));
    // The answer to `stop` goes out first.
    tokio::task::yield_now().await;
    for server in servers {
        server.abort();
        // It is over when its listener is closed.
        let _ = server.await;
    }
    if tokio::time::timeout(STOP, node.connections.close_all()).await.is_err() {
        let left = node.connections.count();
        log::warn!("{left} connection{} did not take their goodbye", plural(left));
    }
    log::info!("stopped");
}

/// Opens the store; a verb that has it open is waited for, another server is not.
async fn open(data: &Path) -> Result<store::File, CommandError> {
    let until = Instant::now() + PATIENCE;
    loop {
        match store::File::open(data) {
            Err(StoreError::Locked(_)) if Instant::now() < until && !is_running(data) => {
                tokio::time::sleep(AGAIN).await;
            }
            opened => return Ok(opened?),
        }
    }
}

/// Waits until somebody says that the server stops. `false`: a part of it failed.
async fn until_stopped(control: &Control, signals: &mut Signals, started: Started) -> bool {
    let mut told = control.stop.subscribe();
    loop {
        let until = *told.borrow_and_update();
        let due = async {
            match until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = signals.terminate.recv() => return true,
            _ = signals.interrupt.recv() => return true,
            _ = signals.hang_up.recv() => {
                if started == Started::OnTerminal {
                    log::info!("the terminal was closed");
                    return true;
                }
                if let Err(failure) = reload::serve(control) {
                    log::error!("the configuration stays as it was: {failure}");
                }
            }
            // The sender lives as long as this does.
            _ = told.changed() => {}
            () = due => return true,
            () = control.node.broken() => return false,
        }
    }
}

/// The signals that are listened to.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> Result<Signals, CommandError> {
        Ok(Signals {
            terminate: listen_to(SignalKind::terminate())?,
            interrupt: listen_to(SignalKind::interrupt())?,
            hang_up: listen_to(SignalKind::hangup())?,
        })
    }
}

/// Listens for each server that is configured. If the Dispatch Server and the Notification Server
/// have the same port, connections to it are served as a Notification Server: the referral is
/// optional in the protocol.
fn bind(config: &Config) -> Result<Vec<Bound>, CommandError> {
    let servers = [
        (Server::Dispatch, config.dispatch.filter(|dispatch| !config.is_one_port(dispatch))),
        (Server::Notification, config.notification),
        (Server::Switchboard, config.switchboard),
    ];
    let mut bound = Vec::new();
    for (server, configured) in servers {
        let Some(configured) = configured else { continue };
        let listener = listener::listen(server, configured.listen)?;
        let address = listener.local_addr().map_err(|error| CommandError::Listen {
            address: configured.listen,
            server: listener::title(server),
            error,
            hint: "",
        })?;
        bound.push(Bound { server, listener, address });
    }
    Ok(bound)
}

/// Why an address cannot be had, if another listener of this server may have it already.
fn of_two(config: &Config, failure: CommandError) -> CommandError {
    let CommandError::Listen { address, server, error, hint } = failure else { return failure };
    let dispatch = config.dispatch.filter(|dispatch| !config.is_one_port(dispatch));
    let servers = [dispatch, config.notification, config.switchboard];
    let places = servers.into_iter().flatten().map(|listener| listener.listen);
    let places = places.chain(config.web.as_ref().and_then(|web| web.listen));
    let same = places.filter(|place| place.port() == address.port()).count();
    let hint = match error.kind() == ErrorKind::AddrInUse && same > 1 {
        true => "; the configuration has this port twice: give each its own",
        false => hint,
    };
    CommandError::Listen { address, server, error, hint }
}

fn listen_to(kind: SignalKind) -> Result<Signal, CommandError> {
    signal(kind).map_err(|error| CommandError::Other(format!("cannot listen for signals: {error}")))
}

/// How many accounts there are, but the greeter's.
fn persons(node: &Node) -> usize {
    let greeter = node.settings().greeter.as_ref().map(|greeter| greeter.handle.clone());
    let is_there = greeter.is_some_and(|handle| node.directory.find(&handle).is_some());
    node.directory.len().saturating_sub(usize::from(is_there))
}

/// What the operator does next.
fn next_steps(
    loaded: &Loaded,
    bound: &[Bound],
    pages: Option<&Pages>,
    accounts: usize,
) -> Vec<String> {
    let add = hints::add_account(loaded, accounts);
    let add = add.map(|command| format!("two people need two accounts: {command}"));
    let first = bound.iter().find(|bound| bound.server != Server::Switchboard);
    let client = first.map(|first| hints::client(first.address));
    let web = pages.map(|pages| hints::web(Some(pages.address)));
    add.into_iter().chain(hints::door(&loaded.config)).chain(web).chain(client).collect()
}
