//! The server side of the control socket.

use super::wire::{MAX_REQUEST, Reply, Request};
use super::{Channel, SOCKET, Stream};
use crate::commands;
use crate::config::Loaded;
use crate::config::paths::CliOptions;
use crate::pages::Pages;
use actors::Node;
use actors::message::{AccountsState, Observe};
use msnp::Server;
use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, Uid, chownat, fstat};
use std::cell::RefCell;
use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use store::owner;
use tokio::net::UnixListener;
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::time::{Instant, timeout};

/// The limit of commands that are served at the same time; further ones are refused.
const MAX_COMMANDS: usize = 16;

/// How long the server waits for the request of a command that it refuses.
const REFUSED_REQUEST_TIMEOUT: Duration = Duration::from_secs(1);

/// The time limit for the first request of a connection.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The time limit for the next request: the user may be typing a password.
const NEXT_REQUEST_TIMEOUT: Duration = Duration::from_secs(600);

/// The pause after the system could not accept a connection.
const ACCEPT_RETRY: Duration = Duration::from_millis(200);

/// The state that commands work on.
pub(crate) struct Control {
    pub(crate) node: Rc<Node>,
    /// The options from the start of the server, for a reload.
    pub(crate) options: CliOptions,
    /// The active configuration.
    pub(crate) loaded: RefCell<Loaded>,
    /// The addresses of the servers; empty in the process of a command, which runs no servers.
    pub(crate) listening: Vec<(Server, SocketAddr)>,
    /// The start of the server.
    pub(crate) started: Instant,
    /// Held while accounts are changed: so an account that a command has found stays the same until the
    /// command is done.
    pub(crate) changes_lock: Rc<Mutex<()>>,
    /// The web pages, if they run.
    pub(crate) web: Option<Pages>,
    /// Held during a backup or a restore: each keeps a thread of the store busy, so only one at a time.
    pub(crate) archive_lock: Mutex<()>,
    /// Held during a self-test, so only one runs at a time. Then any other accounts for self-tests are left
    /// over from an earlier one.
    pub(crate) selftest_lock: Mutex<()>,
    /// The time of the pending stop; `None` if none is pending.
    pub(crate) stop_at: watch::Sender<Option<Instant>>,
}

impl Control {
    pub(crate) fn data(&self) -> PathBuf {
        self.loaded.borrow().config.data.clone()
    }
}

/// How often the server checks that the control socket still exists.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The control socket; its file is removed when this is dropped.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// The device and the inode of its file, which identify it among files of the same name.
    identity: Option<(u64, u64)>,
}

/// Returns the device and the inode of a file.
fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = fs::symlink_metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

impl Socket {
    /// Listens in a data folder. This process has the store of the folder open, so it is the only server
    /// there, and an existing socket is left over from a killed server.
    pub(crate) fn listen(data: &Path) -> std::io::Result<Socket> {
        let path = data.join(SOCKET);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        give_to_owner(&path, data)?;
        let identity = identity(&path);
        let path = std::path::absolute(&path).unwrap_or(path);
        Ok(Socket { listener, path, identity })
    }

    /// Whether its file still exists, so that commands can connect.
    fn is_reachable(&self) -> bool {
        self.identity.is_some() && identity(&self.path) == self.identity
    }

    /// Listens again if the socket's file is gone: it was removed, or another disk was mounted over its
    /// folder. Another server may use that disk, so this one waits until its own store can be written there.
    async fn renew(&mut self, control: &Control) {
        if self.is_reachable() {
            return;
        }
        let state = control.node.accounts.send(Observe::<AccountsState>::default()).await;
        let can_write_store = state.is_ok_and(|state| state.unwritable.is_none());
        let Some(data) = self.path.parent().filter(|data| can_write_store && data.is_dir()) else {
            return;
        };
        match Socket::listen(data) {
            Ok(mut renewed) => {
                // This drops the socket that is gone.
                std::mem::swap(self, &mut renewed);
                log::info!("the control socket was gone; created a new one");
            }
            Err(error) => {
                log::warn!("the control socket is gone and cannot be created again: {error}");
            }
        }
    }

    /// Serves commands forever.
    pub(crate) async fn serve(&mut self, control: Rc<Control>) {
        let slots = Arc::new(Semaphore::new(MAX_COMMANDS));
        let mut checks = tokio::time::interval(CHECK_INTERVAL);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = checks.tick() => {
                    self.renew(&control).await;
                    continue;
                }
            };
            match accepted {
                Ok((stream, _)) => {
                    let (control, slot) = (control.clone(), slots.clone().try_acquire_owned());
                    actix_rt::spawn(async move {
                        match slot {
                            Ok(_slot) => serve_connection(&control, Box::new(stream)).await,
                            Err(_) => refuse(Box::new(stream)).await,
                        }
                    });
                }
                Err(error) => {
                    log::warn!("control socket: cannot accept connections: {error}");
                    tokio::time::sleep(ACCEPT_RETRY).await;
                }
            }
        }
    }
}

/// Gives a socket that root created to the owner of the data folder. One file descriptor is used to check
/// that the file is a socket and to change its owner, since another file could take its name in between.
fn give_to_owner(path: &Path, data: &Path) -> std::io::Result<()> {
    if owner::current_user() != 0 {
        return Ok(());
    }
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let socket = rustix::fs::open(path, flags, Mode::empty())?;
    if FileType::from_raw_mode(fstat(&socket)?.st_mode) != FileType::Socket {
        return Err(ErrorKind::AlreadyExists.into());
    }
    let folder = data.metadata()?;
    let (user, group) = (Uid::from_raw(folder.uid()), Gid::from_raw(folder.gid()));
    Ok(chownat(&socket, "", Some(user), Some(group), AtFlags::EMPTY_PATH)?)
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Remove only this socket, not another one of the same name.
        if self.is_reachable() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Refuses a command because too many are being served.
async fn refuse(stream: Box<dyn Stream>) {
    let mut channel = Channel::new(stream, MAX_REQUEST);
    // The answer could be lost if the connection is closed with an unread request.
    let _ = timeout(REFUSED_REQUEST_TIMEOUT, channel.read::<Request>()).await;
    let message = format!("{MAX_COMMANDS} commands are running already: try again in a moment");
    // The command may be gone.
    let _ = channel.send(&Reply::Failed { code: 1, message }).await;
}

/// Answers requests until the other side closes.
pub(crate) async fn serve_connection(control: &Control, stream: Box<dyn Stream>) {
    let mut channel = Channel::new(stream, MAX_REQUEST);
    let mut limit = FIRST_REQUEST_TIMEOUT;
    loop {
        let request: Request = match timeout(limit, channel.read()).await {
            Ok(Ok(Some(request))) => request,
            Ok(Ok(None)) | Err(_) => return,
            Ok(Err(error)) => {
                log::warn!("control socket: {error}");
                let failed = Reply::Failed { code: 1, message: error.to_string() };
                // The command may be gone.
                let _ = channel.send(&failed).await;
                return;
            }
        };
        limit = NEXT_REQUEST_TIMEOUT;
        let is_followed_by_content =
            matches!(request, Request::Restore | Request::Import { .. } | Request::Selftest);
        let (reply, has_failed) = match commands::serve(control, request, &mut channel).await {
            Ok(answer) => (Reply::Done(answer), false),
            Err(failure) => {
                log::info!("a command failed: {failure}");
                let (code, message) = (failure.exit_code(), failure.to_string());
                (Reply::Failed { code, message }, true)
            }
        };
        // After a failure, the content that still follows must not be read as requests.
        if channel.send(&reply).await.is_err() || (has_failed && is_followed_by_content) {
            return;
        }
    }
}
