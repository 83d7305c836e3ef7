//! The web pages: their listener, and what connects them with the program.

use crate::administrator::Administrator;
use crate::config::{Config, USUAL_WEB_PORTS};
use crate::error::CommandError;
use crate::listener;
use actors::Node;
use actors::port::{PeerInfo, Stream};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use web::{Deps, Key, Keys, Web};

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
    ) -> Result<Option<Pages>, CommandError> {
        let Some(listener) = listener else { return Ok(None) };
        let failed = |words: String| CommandError::Other(words);
        let address = listener.local_addr().map_err(|error| failed(error.to_string()))?;
        let wiring = Deps {
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

/// Where the pages listen: the place that the configuration names, or else the first that can be had.
pub(crate) fn candidates(config: &Config) -> Vec<SocketAddr> {
    let usual = || USUAL_WEB_PORTS.map(|port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)));
    match config.web.as_ref().map(|web| web.listen) {
        Some(Some(named)) => vec![named],
        Some(None) => usual().to_vec(),
        None => Vec::new(),
    }
}

/// Listens for the pages, if there are to be any. Without a place for them there is a warning: the
/// messenger runs.
pub(crate) fn listen(
    config: &Config,
    explain: impl Fn(CommandError) -> CommandError,
) -> Option<TcpListener> {
    let (taken, refusals) = first(&candidates(config), |place| {
        listener::listen_as(listener::PAGES, place).map_err(&explain)
    });
    let place = taken.as_ref().map(|(place, _)| *place);
    match warning(&refusals, place) {
        Some(words) if place.is_some() => log::info!("{words}"),
        Some(words) => log::warn!("{words}"),
        None => {}
    }
    taken.map(|(_, listener)| listener)
}

/// Takes the first place that can be had, and returns why those before it cannot.
fn first<T>(
    places: &[SocketAddr],
    take: impl Fn(SocketAddr) -> Result<T, CommandError>,
) -> (Option<(SocketAddr, T)>, Vec<CommandError>) {
    let mut refusals = Vec::new();
    for place in places {
        match take(*place) {
            Ok(taken) => return (Some((*place, taken)), refusals),
            Err(failure) => refusals.push(failure),
        }
    }
    (None, refusals)
}

/// What the log says of places that cannot be had, and of the one that was taken instead.
fn warning(refusals: &[CommandError], taken: Option<SocketAddr>) -> Option<String> {
    if refusals.is_empty() {
        return None;
    }
    let reasons: Vec<String> = refusals.iter().map(CommandError::to_string).collect();
    let what = match taken {
        Some(place) => format!("the web pages are at port {}", place.port()),
        None => {
            "there are no web pages; set a free port for `web` in the configuration and restart \
                 the server"
                .to_owned()
        }
    };
    Some(format!("{}: {what}", reasons.join("; ")))
}

/// Accepts connections for ever. How many there may be is a matter of the pages.
pub(crate) async fn accept(web: Rc<Web>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let Ok(local) = stream.local_addr() else { continue };
                let facts = PeerInfo::new(local.ip(), peer.ip());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;
    use std::io::{Error, ErrorKind};

    fn places(text: &str) -> Vec<String> {
        candidates(&parse(text).unwrap()).iter().map(SocketAddr::to_string).collect()
    }

    /// What is taken of the usual ports, and what is said, if these cannot be had.
    fn taken(refused: &[(u16, ErrorKind)]) -> (Option<u16>, Option<String>) {
        let places = candidates(&Config::default());
        let (found, refusals) = first(&places, |address| {
            match refused.iter().find(|(port, _)| *port == address.port()) {
                None => Ok(address.port()),
                Some((_, kind)) => Err(listener::refusal(
                    listener::PAGES,
                    address,
                    Error::new(*kind, format!("{kind:?}")),
                )),
            }
        });
        let place = found.map(|(place, _)| place);
        (found.map(|(_, port)| port), warning(&refusals, place))
    }

    #[test]
    fn a_port_that_is_named_is_that_one_and_the_usual_ones_are_80_and_8086() {
        for text in ["()", "(web: ())", "(web: (listen: None))", "(web: Some((listen: None)))"] {
            assert_eq!(places(text), ["0.0.0.0:80", "0.0.0.0:8086"], "{text}");
        }
        assert_eq!(places("(web: (listen: \"0.0.0.0:8080\"))"), ["0.0.0.0:8080"]);
        assert_eq!(places("(web: (listen: Some(\"[::1]:80\")))"), ["[::1]:80"]);
        assert!(places("(web: None)").is_empty());
    }

    #[test]
    fn the_second_port_is_taken_where_the_first_is_taken_or_not_permitted() {
        assert_eq!(taken(&[]), (Some(80), None));
        for kind in [ErrorKind::AddrInUse, ErrorKind::PermissionDenied] {
            let (found, words) = taken(&[(80, kind)]);
            assert_eq!(found, Some(8086));
            let words = words.unwrap();
            assert!(words.starts_with("cannot listen on 0.0.0.0:80 (web pages): "), "{words}");
            assert!(words.ends_with(": the web pages are at port 8086"), "{words}");
        }
        let both = [(80, ErrorKind::PermissionDenied), (8086, ErrorKind::AddrInUse)];
        let (found, words) = taken(&both);
        assert_eq!(found, None);
        let words = words.unwrap();
        assert!(words.contains("0.0.0.0:80 ") && words.contains("0.0.0.0:8086 "), "{words}");
        assert!(words.contains(": there are no web pages; "), "{words}");
    }
}
