//! The server's side of the control socket.

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

/// How many verbs are served at a time; who comes then is told to come again.
const VERBS: usize = 16;

/// How long the request of one that is turned away is waited for.
const HASTE: Duration = Duration::from_secs(1);

/// How long a connection may say nothing before its first request.
const FIRST: Duration = Duration::from_secs(10);

/// How long it may say nothing before the next: somebody may be typing a password.
const SILENCE: Duration = Duration::from_secs(600);

/// How long no connection is accepted when the system has no room for one.
const PAUSE: Duration = Duration::from_millis(200);

/// What the verbs work on.
pub(crate) struct Control {
    /// The node.
    pub(crate) node: Rc<Node>,
    /// What was named when the server was started: the same is read again.
    pub(crate) named: CliOptions,
    /// The configuration in force.
    pub(crate) loaded: RefCell<Loaded>,
    /// Where the servers listen; nothing, if this is no running server.
    pub(crate) listening: Vec<(Server, SocketAddr)>,
    /// When the server started.
    pub(crate) started: Instant,
    /// Whoever has it changes accounts: one at a time, so that an account that a verb has found is the
    /// same until it is done.
    pub(crate) changes: Rc<Mutex<()>>,
    /// The web pages, if there are any.
    pub(crate) web: Option<Pages>,
    /// Whoever has it makes a backup or takes one in: one at a time, since each keeps a thread of
    /// the store's busy.
    pub(crate) archive: Mutex<()>,
    /// Whoever has it makes a self-test: one at a time, so that accounts which another has left over
    /// can be told from those in use.
    pub(crate) selftest: Mutex<()>,
    /// When the server is to stop.
    pub(crate) stop: watch::Sender<Option<Instant>>,
}

impl Control {
    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.loaded.borrow().config.data.clone()
    }
}

/// How often is looked whether the control socket can still be found.
const LOOK: Duration = Duration::from_secs(5);

/// The control socket; the file goes when it is dropped.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// Its device and number there, by which it is told from others of its name.
    identity: Option<(u64, u64)>,
}

/// What is found under a name.
fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = fs::symlink_metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

impl Socket {
    /// Listens in a data folder. Whoever has its store open is the one server there, so a socket that
    /// is found is left over from one that was killed.
    pub(crate) fn listen(data: &Path) -> std::io::Result<Socket> {
        let path = data.join(SOCKET);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        give(&path, data)?;
        let identity = identity(&path);
        let path = std::path::absolute(&path).unwrap_or(path);
        Ok(Socket { listener, path, identity })
    }

    /// Whether verbs find it.
    fn is_there(&self) -> bool {
        self.identity.is_some() && identity(&self.path) == self.identity
    }

    /// Listens again if the socket is not found any more, since somebody removed it or mounted another
    /// disk over its folder. Another server may have that, so this one waits until its store can
    /// be written there.
    async fn renew(&mut self, control: &Control) {
        if self.is_there() {
            return;
        }
        let state = control.node.accounts.send(Observe::<AccountsState>::default()).await;
        let is_ours = state.is_ok_and(|state| state.unwritable.is_none());
        let Some(data) = self.path.parent().filter(|data| is_ours && data.is_dir()) else { return };
        match Socket::listen(data) {
            Ok(mut renewed) => {
                // What is dropped then is the one that is not there.
                std::mem::swap(self, &mut renewed);
                log::info!("the control socket was gone; there is a new one");
            }
            Err(error) => log::warn!("the control socket is gone: {error}"),
        }
    }

    /// Serves the verbs, for ever.
    pub(crate) async fn serve(&mut self, control: Rc<Control>) {
        let places = Arc::new(Semaphore::new(VERBS));
        let mut looks = tokio::time::interval(LOOK);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = looks.tick() => {
                    self.renew(&control).await;
                    continue;
                }
            };
            match accepted {
                Ok((stream, _)) => {
                    let (control, place) = (control.clone(), places.clone().try_acquire_owned());
                    actix_rt::spawn(async move {
                        match place {
                            Ok(_place) => converse(&control, Box::new(stream)).await,
                            Err(_) => turn_away(Box::new(stream)).await,
                        }
                    });
                }
                Err(error) => {
                    log::warn!("the control socket cannot be served: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Gives a socket that root has made to the owner of its folder, who may ask the server as root may.
/// It is looked at and given under one handle: he may put something else under its name at any time.
fn give(path: &Path, data: &Path) -> std::io::Result<()> {
    if owner::me() != 0 {
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
        // It is stale, wherever it stays. Another one of its name is not.
        if self.is_there() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Says that there are too many verbs at a time.
async fn turn_away(stream: Box<dyn Stream>) {
    let mut channel = Channel::new(stream, MAX_REQUEST);
    // With its request unread, the answer could be lost.
    let _ = timeout(HASTE, channel.read::<Request>()).await;
    let words = format!("{VERBS} verbs are being served already: try again in a moment");
    // It may be gone.
    let _ = channel.send(&Reply::Failed { code: 1, words }).await;
}

/// Answers requests until the other side closes.
pub(crate) async fn converse(control: &Control, stream: Box<dyn Stream>) {
    let mut channel = Channel::new(stream, MAX_REQUEST);
    let mut silence = FIRST;
    loop {
        let request: Request = match timeout(silence, channel.read()).await {
            Ok(Ok(Some(request))) => request,
            Ok(Ok(None)) | Err(_) => return,
            Ok(Err(broken)) => {
                log::warn!("control socket: {broken}");
                let failed = Reply::Failed { code: 1, words: broken.to_string() };
                // It may be gone.
                let _ = channel.send(&failed).await;
                return;
            }
        };
        silence = SILENCE;
        let has_content =
            matches!(request, Request::Restore | Request::Import { .. } | Request::Selftest);
        let (reply, failed) = match commands::serve(control, request, &mut channel).await {
            Ok(answer) => (Reply::Done(answer), false),
            Err(failure) => {
                log::info!("a verb was refused: {failure}");
                let (code, words) = (failure.exit_code(), failure.to_string());
                (Reply::Failed { code, words }, true)
            }
        };
        // What is left of a file that was refused must not be taken for requests.
        if channel.send(&reply).await.is_err() || (failed && has_content) {
            return;
        }
    }
}
