//! The web pages: their listener, and what connects them with the program.

use crate::administrator::Administrator;
use crate::config::Config;
use crate::failure::Failure;
use crate::listener;
use actors::Node;
use actors::port::{Facts, Stream};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use web::{Key, Keys, Web, Wiring};

/// How long no connection is accepted when the system has no room for one.
const PAUSE: Duration = Duration::from_millis(200);

/// The pages of a running server.
pub(crate) struct Pages {
    pub(crate) web: Rc<Web>,
    /// Where they are.
    pub(crate) address: SocketAddr,
}

impl Pages {
    /// Starts them, if there are to be any, for a listener that is bound.
    pub(crate) async fn start(
        config: &Config,
        node: Rc<Node>,
        changes: Rc<Mutex<()>>,
        listener: Option<&TcpListener>,
    ) -> Result<Option<Pages>, Failure> {
        let Some(listener) = listener else { return Ok(None) };
        let failed = |words: String| Failure::Other(words);
        let address = listener.local_addr().map_err(|error| failed(error.to_string()))?;
        let wiring = Wiring {
            node,
            settings: config.pages(),
            changes,
            keys: Box::new(Folder(config.data.clone())),
            version: env!("CARGO_PKG_VERSION"),
        };
        let web = Web::start(wiring).await.map_err(failed)?;
        Ok(Some(Pages { web, address }))
    }
}

/// Listens for the pages, if there are to be any.
pub(crate) fn listen(config: &Config) -> Result<Option<TcpListener>, Failure> {
    let listen = config.web.as_ref().map(|web| listener::listen_as(listener::PAGES, web.listen));
    listen.transpose()
}

/// Accepts connections for ever. How many there may be is a matter of the pages.
pub(crate) async fn accept(web: Rc<Web>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let Ok(local) = stream.local_addr() else { continue };
                let facts = Facts::new(local.ip(), peer.ip());
                let web = web.clone();
                actix_rt::spawn(async move {
                    let stream = Box::new(Stream::new(stream, |_| ()));
                    web.serve(stream, facts).await;
                });
            }
            Err(error) => {
                log::warn!("{}: no connection can be accepted: {error}", listener::PAGES);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// The administrator's password, as the data folder has it at the moment.
struct Folder(PathBuf);

impl Keys for Folder {
    fn key(&self) -> Result<Option<Box<dyn Key>>, String> {
        let administrator = Administrator::read(&self.0).map_err(|error| error.to_string())?;
        Ok(administrator.map(|administrator| Box::new(administrator) as Box<dyn Key>))
    }
}

impl Key for Administrator {
    fn print(&self) -> String {
        self.text()
    }

    fn fits(&self, password: &str) -> bool {
        self.verify(password)
    }
}
