//! The client side of the control socket.

use super::server::serve_connection;
use super::wire::{Answer, Content, MAX_REPLY, Reply, Request};
use super::{Channel, Control, SOCKET, Stream};
use crate::commands::absolute_path;
use crate::config::Loaded;
use crate::config::paths::CliOptions;
use crate::error::CommandError;
use crate::stdout::print_if_open;
use crate::{stderr, system};
use actors::Node;
use actors::message::{AccountsState, CookiesState, DispatcherState, Observe, RegistryState};
use actors::port::{Store, StoreError};
use std::cell::RefCell;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

/// How long a command waits for another process that has the store open.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause between two attempts to open the store.
const STORE_RETRY: Duration = Duration::from_millis(100);

/// The size in bytes of the buffer between a command and a node in the same process, and of the pieces of a
/// file that are read.
const PIPE_SIZE: usize = 64 * 1024;

/// What a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// A running server.
    Server,
    /// The accounts; without a store, there are none.
    Accounts,
    /// A store. If there is none, that is an error.
    Store,
    /// The data folder, which is created if it is missing.
    Folder,
}

/// A connection to the server, or to a node in this process.
pub(crate) struct Client {
    channel: Channel,
}

impl Client {
    /// Connects to the running server or, if none runs, opens the store in this process.
    pub(crate) async fn connect(loaded: &Loaded, needs: Needs) -> Result<Client, CommandError> {
        let data = &loaded.config.data;
        let deadline = Instant::now() + STORE_TIMEOUT;
        let stream: Box<dyn Stream> = loop {
            match UnixStream::connect(data.join(SOCKET)).await {
                Ok(stream) => break Box::new(stream),
                Err(error) if is_server_absent(&error) && needs == Needs::Server => {
                    return Err(CommandError::NoServer(data.clone()));
                }
                Err(error) if is_server_absent(&error) => match start_node(loaded, needs).await {
                    // Another command has the store open, or the server is starting.
                    Err(CommandError::Store(StoreError::Locked(_)))
                        if Instant::now() < deadline =>
                    {
                        tokio::time::sleep(STORE_RETRY).await;
                    }
                    opened => break opened?,
                },
                Err(error) => {
                    return Err(CommandError::Socket { socket: data.join(SOCKET), error });
                }
            }
        };
        Ok(Client { channel: Channel::new(stream, MAX_REPLY) })
    }

    /// Sends a request that is answered at once.
    pub(crate) async fn ask(&mut self, request: &Request) -> Result<Answer, CommandError> {
        self.send(request).await?;
        self.receive_answer().await
    }

    /// Sends a request followed by a file. `failed` makes the error if the file cannot be read.
    pub(crate) async fn ask_with_file(
        &mut self,
        request: &Request,
        file: &mut dyn Read,
        failed: impl Fn(io::Error) -> CommandError,
    ) -> Result<Answer, CommandError> {
        self.send(request).await?;
        let mut piece = vec![0; PIPE_SIZE];
        loop {
            let count = match file.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(error)),
            };
            let bytes = piece.get(..count).unwrap_or_default();
            if self.channel.send_bytes(bytes, Content::Chunk).await.is_err() {
                // The server stopped reading; its answer contains the reason.
                return self.receive_answer().await;
            }
        }
        let _ = self.channel.send(&Content::Chunk(0)).await;
        self.receive_answer().await
    }

    /// Sends a request for a file, and passes each piece of the file to `write`.
    pub(crate) async fn ask_for_file(
        &mut self,
        request: &Request,
        write: &mut dyn FnMut(&[u8]) -> Result<(), CommandError>,
    ) -> Result<Answer, CommandError> {
        self.send(request).await?;
        self.receive(write).await
    }

    /// Sends a request that is served until [`Client::finish`], and returns its first chunk.
    pub(crate) async fn begin(&mut self, request: &Request) -> Result<Vec<u8>, CommandError> {
        self.send(request).await?;
        match self.channel.read().await? {
            Some(Reply::Chunk(length)) => Ok(self.channel.read_bytes(length).await?),
            Some(Reply::Failed { code, message }) => Err(CommandError::Refused { code, message }),
            Some(Reply::Line(_) | Reply::Done(_)) => Err(CommandError::unexpected()),
            None => Err(super::ChannelError::Closed.into()),
        }
    }

    /// Ends a request that was begun.
    pub(crate) async fn finish(&mut self) -> Result<Answer, CommandError> {
        self.channel.send(&Content::Chunk(0)).await?;
        self.receive_answer().await
    }

    async fn send(&mut self, request: &Request) -> Result<(), CommandError> {
        Ok(self.channel.send(request).await?)
    }

    async fn receive_answer(&mut self) -> Result<Answer, CommandError> {
        self.receive(&mut |_| Ok(())).await
    }

    /// Receives replies up to the last one, and returns its answer. Prints the lines among them, and passes
    /// the pieces of a file to `write`.
    async fn receive(
        &mut self,
        write: &mut dyn FnMut(&[u8]) -> Result<(), CommandError>,
    ) -> Result<Answer, CommandError> {
        loop {
            match self.channel.read().await? {
                Some(Reply::Line(line)) => {
                    if !print_if_open(&format!("{line}\n"))? {
                        // No one reads what this command prints.
                        return Ok(Answer::Words(String::new()));
                    }
                }
                Some(Reply::Chunk(length)) => {
                    let bytes = self.channel.read_bytes(length).await?;
                    write(&bytes)?;
                }
                Some(Reply::Done(answer)) => return Ok(answer),
                Some(Reply::Failed { code, message }) => {
                    return Err(CommandError::Refused { code, message });
                }
                None => return Err(super::ChannelError::Closed.into()),
            }
        }
    }
}

/// Refuses a data folder that `--data` or `MSNPD_DATA` names if it does not exist: the name may be mistyped,
/// and then no server would use what the command stores there.
pub(crate) fn refuse_missing(loaded: &Loaded) -> Result<(), CommandError> {
    let data = &loaded.config.data;
    match loaded.data_source.is_some() && !data.exists() {
        true => Err(CommandError::NoStore(data.clone())),
        false => Ok(()),
    }
}

fn is_server_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::NotADirectory
            // The socket of a killed server refuses connections.
            | ErrorKind::ConnectionRefused
            // The path is too long for a socket, so there is none.
            | ErrorKind::InvalidInput
    )
}

/// Starts a node in this process, without listeners, on the same data.
async fn start_node(loaded: &Loaded, needs: Needs) -> Result<Box<dyn Stream>, CommandError> {
    let (client_end, server_end) = tokio::io::duplex(PIPE_SIZE);
    let settings = loaded.config.actor_settings(&[])?;
    let store = open(&loaded.config.data, needs)?;
    let node = Node::start(settings, store, Box::new(system::now), Rc::new(system::random))?;
    // Wait until all actors have started: one that starts while the program ends would fail.
    let _: AccountsState = node.accounts.send(Observe::default()).await?;
    let _: RegistryState = node.registry.send(Observe::default()).await?;
    let _: CookiesState = node.cookies.send(Observe::default()).await?;
    let _: DispatcherState = node.dispatcher.send(Observe::default()).await?;
    let control = Control {
        node,
        options: CliOptions::default(),
        loaded: RefCell::new(loaded.clone()),
        listening: Vec::new(),
        started: Instant::now(),
        changes_lock: Rc::default(),
        web: None,
        archive_lock: Mutex::new(()),
        selftest_lock: Mutex::new(()),
        stop_at: watch::Sender::new(None),
    };
    actix_rt::spawn(async move { serve_connection(&control, Box::new(server_end)).await });
    Ok(Box::new(client_end))
}

/// Opens the store. Creates a missing data folder only for [`Needs::Folder`], since its path may be mistyped.
fn open(data: &Path, needs: Needs) -> Result<Arc<dyn Store>, CommandError> {
    if data.is_file() {
        return Err(CommandError::NotAFolder(data.to_owned()));
    }
    if needs == Needs::Folder {
        let is_new = !data.exists();
        let store = store::File::open(data)?;
        if is_new {
            stderr::line(format_args!("created the data folder {}", absolute_path(data)));
        }
        return Ok(Arc::new(store));
    }
    if store::File::exists(data) {
        return Ok(Arc::new(store::File::open_or_read_only(data)?));
    }
    if needs == Needs::Store {
        return Err(CommandError::NoStore(data.to_owned()));
    }
    Ok(Arc::new(store::Memory::new()?))
}
