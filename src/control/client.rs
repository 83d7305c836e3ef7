//! The operator's side of the control socket.

use super::server::converse;
use super::wire::{Answer, Content, MAX_REPLY, Reply, Request};
use super::{Channel, Control, SOCKET, Stream};
use crate::commands::print_on;
use crate::config::Loaded;
use crate::config::paths::CliOptions;
use crate::error::CommandError;
use crate::system;
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

/// How long a verb waits for another one that has the store open, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(100);

/// How many bytes of a message wait in the process for the other side.
const PIPE: usize = 64 * 1024;

/// What a verb needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// A server that runs.
    Server,
    /// The accounts that there are, perhaps none.
    Accounts,
    /// A store that is there.
    Store,
    /// The data folder, which is made if it is missing.
    Folder,
}

/// A conversation with the server, or with a node of this process.
pub(crate) struct Client {
    channel: Channel,
}

impl Client {
    /// Asks the running server, or, if none runs, opens the store here.
    pub(crate) async fn connect(loaded: &Loaded, needs: Needs) -> Result<Client, CommandError> {
        let data = &loaded.config.data;
        let until = Instant::now() + PATIENCE;
        let stream: Box<dyn Stream> = loop {
            match UnixStream::connect(data.join(SOCKET)).await {
                Ok(stream) => break Box::new(stream),
                Err(error) if is_absent(&error) && needs == Needs::Server => {
                    return Err(CommandError::NoServer(data.clone()));
                }
                Err(error) if is_absent(&error) => match here(loaded, needs).await {
                    // Another verb is at work, or the server starts.
                    Err(CommandError::Store(StoreError::Locked(_))) if Instant::now() < until => {
                        tokio::time::sleep(AGAIN).await;
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

    /// Asks for something that is answered at once.
    pub(crate) async fn ask(&mut self, request: &Request) -> Result<Answer, CommandError> {
        self.send(request).await?;
        self.hear(&mut |_| Ok(())).await
    }

    /// Asks for something that comes with a file.
    pub(crate) async fn ask_with(
        &mut self,
        request: &Request,
        file: &mut dyn Read,
        failed: impl Fn(io::Error) -> CommandError,
    ) -> Result<Answer, CommandError> {
        self.send(request).await?;
        let mut piece = vec![0; PIPE];
        loop {
            let count = match file.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(error)),
            };
            let bytes = piece.get(..count).unwrap_or_default();
            if self.channel.send_bytes(bytes, Content::Chunk).await.is_err() {
                // It says why it does not read on.
                return self.hear(&mut |_| Ok(())).await;
            }
        }
        let _ = self.channel.send(&Content::Chunk(0)).await;
        self.hear(&mut |_| Ok(())).await
    }

    /// Asks for a file, which is written piece by piece.
    pub(crate) async fn ask_for(
        &mut self,
        request: &Request,
        write: &mut dyn FnMut(&[u8]) -> Result<(), CommandError>,
    ) -> Result<Answer, CommandError> {
        self.send(request).await?;
        self.hear(write).await
    }

    /// Asks for something that goes on until [`Client::finish`]: what comes first.
    pub(crate) async fn begin(&mut self, request: &Request) -> Result<Vec<u8>, CommandError> {
        self.send(request).await?;
        match self.channel.read().await? {
            Some(Reply::Chunk(length)) => Ok(self.channel.read_bytes(length).await?),
            Some(Reply::Failed { code, words }) => Err(CommandError::Told { code, words }),
            Some(Reply::Line(_) | Reply::Done(_)) => Err(CommandError::unexpected()),
            None => Err(super::ChannelError::Gone.into()),
        }
    }

    /// Ends what was begun.
    pub(crate) async fn finish(&mut self) -> Result<Answer, CommandError> {
        self.channel.send(&Content::Chunk(0)).await?;
        self.hear(&mut |_| Ok(())).await
    }

    async fn send(&mut self, request: &Request) -> Result<(), CommandError> {
        Ok(self.channel.send(request).await?)
    }

    async fn hear(
        &mut self,
        write: &mut dyn FnMut(&[u8]) -> Result<(), CommandError>,
    ) -> Result<Answer, CommandError> {
        loop {
            match self.channel.read().await? {
                Some(Reply::Line(line)) => {
                    if !print_on(&format!("{line}\n"))? {
                        return Ok(Answer::Words(String::new()));
                    }
                }
                Some(Reply::Chunk(length)) => {
                    let bytes = self.channel.read_bytes(length).await?;
                    write(&bytes)?;
                }
                Some(Reply::Done(answer)) => return Ok(answer),
                Some(Reply::Failed { code, words }) => {
                    return Err(CommandError::Told { code, words });
                }
                None => return Err(super::ChannelError::Gone.into()),
            }
        }
    }
}

fn is_absent(error: &io::Error) -> bool {
    // Nobody listens on the socket of a server that was killed.
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused)
        || error.kind() == ErrorKind::NotADirectory
        // Where the folder's name is too long for a socket, there is none.
        || error.kind() == ErrorKind::InvalidInput
}

/// A node in this process, without listeners, on the same data.
async fn here(loaded: &Loaded, needs: Needs) -> Result<Box<dyn Stream>, CommandError> {
    let (near, far) = tokio::io::duplex(PIPE);
    let settings = loaded.config.settings(&[])?;
    let store = open(&loaded.config.data, needs)?;
    let node = Node::start(settings, store, Box::new(system::now), Rc::new(system::random))?;
    // An actor that has not started yet when the program ends would start then, and fail.
    let _: AccountsState = node.accounts.send(Observe::default()).await?;
    let _: RegistryState = node.registry.send(Observe::default()).await?;
    let _: CookiesState = node.cookies.send(Observe::default()).await?;
    let _: DispatcherState = node.dispatcher.send(Observe::default()).await?;
    let control = Control {
        node,
        named: CliOptions::default(),
        loaded: RefCell::new(loaded.clone()),
        listening: Vec::new(),
        started: Instant::now(),
        changes: Rc::default(),
        web: None,
        archive: Mutex::new(()),
        selftest: Mutex::new(()),
        stop: watch::Sender::new(None),
    };
    actix_rt::spawn(async move { converse(&control, Box::new(far)).await });
    Ok(Box::new(near))
}

/// A folder that was never used has no accounts; looking for them does not make it, since its name
/// may be mistyped.
fn open(data: &Path, needs: Needs) -> Result<Arc<dyn Store>, CommandError> {
    if data.is_file() {
        return Err(CommandError::NoFolder(data.to_owned()));
    }
    if needs == Needs::Folder {
        return Ok(Arc::new(store::File::open(data)?));
    }
    if store::File::exists(data) {
        return Ok(Arc::new(store::File::look(data)?));
    }
    if needs == Needs::Store {
        return Err(CommandError::NoStore(data.to_owned()));
    }
    Ok(Arc::new(store::Memory::new()?))
}
