//! `msnpd run`: the server.

use crate::commands::reload;
use crate::config::paths::CliOptions;
use crate::config::{Config, Loaded};
use crate::control::Control;
use crate::control::server::Socket;
use crate::error::CommandError;
use crate::launch::LaunchMode;
use crate::pages::{self, Pages};
use crate::running::is_running;
use crate::text::plural;
use crate::{
    administrator, commands, domains, hints, listener, logging, service, stderr, stdout, system,
};
use actix_rt::System;
use actix_rt::signal::unix::{Signal, SignalKind, signal};
use actors::greeter::Greeter;
use actors::message::{Announce, GreeterState, Observe};
use actors::port::StoreError;
use actors::{Advertised, Node, operator};
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

/// How long a stopping server waits until its output is written.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the starting server waits for a command that has the store open.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause between two attempts to open the store.
const STORE_RETRY: Duration = Duration::from_millis(100);

/// How many tasks the runtime runs between two checks of the sockets. With the runtime's default, 61, clients
/// that flood the server delay all others.
const EVENT_INTERVAL: u32 = 4;

/// The number of threads for the store: one writes, the others read.
const STORE_THREADS: usize = 4;

/// Runs the server until it is asked to stop; with `smoke`, only until it is ready.
pub(crate) fn run(loaded: &Loaded, options: &CliOptions, smoke: bool) -> Result<(), CommandError> {
    let launch_mode = LaunchMode::of_process();
    logging::start(loaded.config.log);
    raise_file_limit();
    in_system(serve(loaded, options, launch_mode, smoke))?
}

/// Raises the soft limit of open files to the hard limit. The usual soft limit, 1024, exists for programs
/// that use `select`.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        log::debug!("cannot raise the limit of open files: {error}");
    }
}

/// Runs a future in an actix system.
pub(crate) fn in_system<T>(work: impl Future<Output = T>) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(STORE_THREADS)
        .event_interval(EVENT_INTERVAL)
        .build()
        .map_err(|error| CommandError::Other(format!("cannot start the runtime: {error}")))?;
    Ok(System::with_tokio_rt(move || runtime).block_on(work))
}

struct BoundListener {
    server: Server,
    listener: TcpListener,
    address: SocketAddr,
}

async fn serve(
    loaded: &Loaded,
    options: &CliOptions,
    launch_mode: LaunchMode,
    smoke: bool,
) -> Result<(), CommandError> {
    let mut signals = Signals::listen()?;
    let config = &loaded.config;
    log_configuration(loaded);
    if config.data.is_file() {
        return Err(CommandError::NotAFolder(config.data.clone()));
    }
    let bound = bind(config).map_err(|failure| explain_used_port(config, failure))?;
    let pages_listener = pages::listen(config, |failure| explain_used_port(config, failure));
    let store = Arc::new(open(&config.data).await?);
    commands::remove_leftovers(&config.data);
    let listening: Vec<_> = bound.iter().map(|bound| (bound.server, bound.address)).collect();
    let settings = config.actor_settings(&listening)?;
    let node = Node::start(settings, store, Box::new(system::now), Rc::new(system::random))?;
    for address in config.other_notification_servers() {
        // This cannot fail: the dispatcher's mailbox is empty and has room for the maximum number of
        // servers.
        let _ = node.dispatcher.try_send(Announce(Advertised::At(Endpoint(*address))));
    }
    let changes_lock = Rc::new(Mutex::new(()));
    let pages =
        Pages::start(config, node.clone(), changes_lock.clone(), pages_listener.as_ref()).await?;
    log_addresses(loaded, &node, &bound, pages.as_ref()).await?;
    if config.web.is_some() && !smoke {
        offer_administrator_password(loaded, launch_mode);
    }
    let control = Rc::new(Control {
        node: node.clone(),
        options: options.clone(),
        loaded: RefCell::new(loaded.clone()),
        listening,
        started: Instant::now(),
        changes_lock,
        web: pages,
        archive_lock: Mutex::new(()),
        selftest_lock: Mutex::new(()),
        stop_at: watch::Sender::new(None),
    });
    let mut accept_tasks = Vec::new();
    match Socket::listen(&config.data) {
        Ok(mut socket) => {
            let control = control.clone();
            accept_tasks.push(actix_rt::spawn(async move { socket.serve(control).await }));
        }
        Err(error) => log::warn!(
            "cannot create the control socket in {}: {error}; this server receives signals, but no \
             commands",
            config.data.display()
        ),
    }
    if bound.iter().any(|bound| bound.server == Server::Notification) {
        // Greeter is online before the first user can sign in.
        let _: GreeterState = Greeter::start_on(&node).send(Observe::default()).await?;
    }
    for BoundListener { server, listener, .. } in bound {
        accept_tasks.push(actix_rt::spawn(listener::accept(node.clone(), server, listener)));
    }
    if let (Some(pages), Some(listener)) = (&control.web, pages_listener) {
        accept_tasks.push(actix_rt::spawn(pages::accept(pages.web.clone(), listener)));
    }
    log::info!("ready");
    service::keep_alive();
    service::ready();
    let is_healthy = smoke || wait_until_stopped(&control, &mut signals, launch_mode).await;
    service::stopping();
    stop(&node, accept_tasks).await;
    if is_healthy {
        Ok(())
    } else {
        let message = "an internal part of the server failed: start the server again";
        Err(CommandError::Other(message.to_owned()))
    }
}

/// Logs the configuration file that is read, and those that are ignored.
fn log_configuration(loaded: &Loaded) {
    match &loaded.file {
        Some(file) => log::info!("configuration: {}", file.display()),
        None => log::info!("configuration: built-in defaults"),
    }
    loaded.key_warnings().iter().for_each(|warning| log::warn!("{warning}"));
    // An operator who names a file knows which one is active.
    let level = if loaded.is_file_named { Level::Info } else { Level::Warn };
    for message in loaded.ignored_file_messages() {
        log::log!(level, "{message}");
    }
}

/// Logs the addresses of the servers, the data folder, and the next steps.
async fn log_addresses(
    loaded: &Loaded,
    node: &Node,
    bound: &[BoundListener],
    pages: Option<&Pages>,
) -> Result<(), StoreError> {
    for BoundListener { server, address, .. } in bound {
        log::info!("listening on {address} ({})", listener::title(*server));
    }
    if let Some(pages) = pages {
        log::info!("listening on {} ({})", pages.address, listener::WEB_PAGES);
    }
    let (accounts, data) = (count_user_accounts(node).await?, loaded.config.data.display());
    log::info!("data in {data}; {accounts} account{}", plural(accounts));
    for line in domains::unconfigured_of(&loaded.config, node).await? {
        log::warn!("{line}");
    }
    for line in next_steps(loaded, bound, pages, accounts) {
        log::info!("next: {line}");
    }
    Ok(())
}

/// If no administrator's password is set, creates one and prints it once, or logs the command that sets one
/// if there is no terminal to print it on.
fn offer_administrator_password(loaded: &Loaded, launch_mode: LaunchMode) {
    let data = &loaded.config.data;
    if launch_mode == LaunchMode::OnTerminal && has_terminal() {
        match administrator::create_if_unset(data) {
            Ok(Some(password)) => show_once(&administrator::new_password_line(&password)),
            Ok(None) => {}
            Err(error) => log::warn!("cannot create the administrator's password: {error}"),
        }
    }
    if !administrator::is_set(data) {
        let command = hints::command(loaded, "passwd-admin");
        log::info!("next: set the administrator's password, for the status page: {command}");
    }
}

/// Whether output goes to a terminal.
fn has_terminal() -> bool {
    std::io::stdout().is_terminal() || std::io::stderr().is_terminal()
}

/// Prints a line on the terminal, never into a redirected stream.
fn show_once(line: &str) {
    if !std::io::stdout().is_terminal() {
        stderr::line(line);
    } else if let Err(failure) = stdout::print(&format!("{line}\n")) {
        log::warn!("cannot print the administrator's password: {failure}");
    }
}

/// Ends the tasks that accept connections, and closes the open connections.
async fn stop(node: &Node, accept_tasks: Vec<JoinHandle<()>>) {
    let count = node.connections.count();
    log::info!("stopping, with {count} open connection{}", plural(count));
    // First let the reply to the command `stop` be sent.
    tokio::task::yield_now().await;
    for task in accept_tasks {
        task.abort();
        // The listener is closed when the task has ended.
        let _ = task.await;
    }
    if tokio::time::timeout(STOP_TIMEOUT, node.connections.close_all()).await.is_err() {
        let open = node.connections.count();
        log::warn!("{open} connection{} did not read the last messages", plural(open));
    }
    log::info!("stopped");
}

/// Opens the store. If a command has the store open, waits for it, but does not wait for another server.
async fn open(data: &Path) -> Result<store::File, CommandError> {
    let deadline = Instant::now() + STORE_TIMEOUT;
    loop {
        match store::File::open(data, system::now) {
            Err(StoreError::Locked(_)) if Instant::now() < deadline && !is_running(data) => {
                tokio::time::sleep(STORE_RETRY).await;
            }
            opened => return Ok(opened?),
        }
    }
}

/// Waits until the server is asked to stop, and returns `true`. Returns `false` as soon as a part of the
/// server fails.
async fn wait_until_stopped(
    control: &Control,
    signals: &mut Signals,
    launch_mode: LaunchMode,
) -> bool {
    let mut stop_times = control.stop_at.subscribe();
    loop {
        let stop_at = *stop_times.borrow_and_update();
        let pending_stop = async {
            match stop_at {
                Some(stop_at) => tokio::time::sleep_until(stop_at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = signals.terminate.recv() => return true,
            _ = signals.interrupt.recv() => return true,
            _ = signals.hang_up.recv() => {
                if launch_mode == LaunchMode::OnTerminal {
                    log::info!("stopping: the terminal was closed");
                    return true;
                }
                if let Err(failure) = reload::serve(control) {
                    log::error!("the configuration was not reloaded, the old one stays active: \
                                 {failure}");
                }
            }
            // The sender outlives this loop.
            _ = stop_times.changed() => {}
            () = pending_stop => return true,
            () = control.node.service_stopped() => return false,
        }
    }
}

/// The signals that the server handles.
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

/// Listens for each configured server. If the Dispatch Server and the Notification Server have the same
/// address, only the Notification Server listens: the referral to it is optional in the protocol.
fn bind(config: &Config) -> Result<Vec<BoundListener>, CommandError> {
    let servers = [
        (Server::Dispatch, config.dispatch.filter(|dispatch| !config.is_shared_listener(dispatch))),
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
            hint: String::new(),
        })?;
        bound.push(BoundListener { server, listener, address });
    }
    Ok(bound)
}

/// Changes the hint of an error if two listeners of this configuration have the same port, or if a server
/// is already running on the data folder.
fn explain_used_port(config: &Config, failure: CommandError) -> CommandError {
    let CommandError::Listen { address, server, error, hint } = failure else { return failure };
    let dispatch = config.dispatch.filter(|dispatch| !config.is_shared_listener(dispatch));
    let servers = [dispatch, config.notification, config.switchboard];
    let addresses = servers.into_iter().flatten().map(|listener| listener.listen);
    let addresses = addresses.chain(config.web.as_ref().and_then(|web| web.listen));
    let uses = addresses.filter(|other| other.port() == address.port()).count();
    let hint = match error.kind() {
        ErrorKind::AddrInUse if uses > 1 => {
            "; the configuration uses this port twice: set another one".to_owned()
        }
        ErrorKind::AddrInUse if is_running(&config.data) => {
            "; the server is already running on this data folder: `msnpd status` shows it, and `msnpd \
             stop` stops it"
                .to_owned()
        }
        _ => hint,
    };
    CommandError::Listen { address, server, error, hint }
}

fn listen_to(kind: SignalKind) -> Result<Signal, CommandError> {
    signal(kind).map_err(|error| CommandError::Other(format!("cannot handle signals: {error}")))
}

/// Returns the number of accounts, without Greeter's.
async fn count_user_accounts(node: &Node) -> Result<usize, StoreError> {
    let greeter = node.settings().greeter.as_ref().map(|greeter| greeter.handle.clone());
    let has_greeter = match greeter {
        Some(handle) => operator::find(node, &handle).await?.is_some(),
        None => false,
    };
    Ok(operator::count(node).await?.saturating_sub(usize::from(has_greeter)))
}

/// Returns what the operator can do next.
fn next_steps(
    loaded: &Loaded,
    bound: &[BoundListener],
    pages: Option<&Pages>,
    accounts: usize,
) -> Vec<String> {
    let open_pages = pages.map(|pages| hints::web(Some(pages.address)));
    let allow_clients = hints::allow(&loaded.config);
    let command = hints::add_account(loaded, accounts);
    let create_account = command.map(|command| format!("create an account: {command}"));
    let first_server = bound.iter().find(|bound| bound.server != Server::Switchboard);
    let set_up_client = first_server.map(|first| hints::client(first.address));
    [open_pages, allow_clients, create_account, set_up_client].into_iter().flatten().collect()
}
