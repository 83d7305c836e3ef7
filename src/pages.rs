//! The web pages in the program: their listener, and the parts of the program that they use.

use crate::administrator::Administrator;
use crate::config::{Config, USUAL_WEB_PORTS};
use crate::error::CommandError;
use crate::listener;
use actors::Node;
use actors::port::{PeerInfo, Stream};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use web::{Deps, PasswordSource, PasswordVerifier, Web};

/// The pause after the system could not accept a connection.
const ACCEPT_RETRY: Duration = Duration::from_millis(200);

/// The pages of a running server.
pub(crate) struct Pages {
    pub(crate) web: Rc<Web>,
    pub(crate) address: SocketAddr,
}

impl Pages {
    /// Starts the pages on a bound listener, if there is one.
    pub(crate) async fn start(
        config: &Config,
        node: Rc<Node>,
        changes_lock: Rc<Mutex<()>>,
        listener: Option<&TcpListener>,
    ) -> Result<Option<Pages>, CommandError> {
        let Some(listener) = listener else { return Ok(None) };
        let address =
            listener.local_addr().map_err(|error| CommandError::Other(error.to_string()))?;
        let deps = Deps {
            node,
            settings: config.web_settings(),
            changes_lock,
            password_source: Box::new(StoredPassword(config.data.clone())),
            version: env!("CARGO_PKG_VERSION"),
        };
        let web = Web::start(deps);
        Ok(Some(Pages { web, address }))
    }
}

/// Returns the addresses to try for the pages: the configured one, or the usual ones. Empty without pages.
pub(crate) fn candidates(config: &Config) -> Vec<SocketAddr> {
    let Some(web) = &config.web else { return Vec::new() };
    match web.listen {
        Some(configured) => vec![configured],
        None => {
            USUAL_WEB_PORTS.map(|port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))).to_vec()
        }
    }
}

/// Listens for the pages, if they are configured. If no address is available, logs a warning, and the server
/// runs without pages. `explain` may change the hint of an error.
pub(crate) fn listen(
    config: &Config,
    explain: impl Fn(CommandError) -> CommandError,
) -> Option<TcpListener> {
    let (bound, failures) = bind_first(&candidates(config), |address| {
        listener::listen_as(listener::WEB_PAGES, address).map_err(&explain)
    });
    let address = bound.as_ref().map(|(address, _)| *address);
    match failures_message(&failures, address) {
        Some(message) if address.is_some() => log::info!("{message}"),
        Some(message) => log::warn!("{message}"),
        None => {}
    }
    bound.map(|(_, listener)| listener)
}

/// Binds the first available address. Returns it with its listener, and the errors of the addresses before
/// it.
fn bind_first<T>(
    addresses: &[SocketAddr],
    bind: impl Fn(SocketAddr) -> Result<T, CommandError>,
) -> (Option<(SocketAddr, T)>, Vec<CommandError>) {
    let mut failures = Vec::new();
    for address in addresses {
        match bind(*address) {
            Ok(listener) => return (Some((*address, listener)), failures),
            Err(failure) => failures.push(failure),
        }
    }
    (None, failures)
}

/// Returns the log line about addresses that are not available, with the address that is used instead.
/// `None` if there are no such addresses.
fn failures_message(failures: &[CommandError], used: Option<SocketAddr>) -> Option<String> {
    if failures.is_empty() {
        return None;
    }
    if let Some(address) = used {
        let reasons: Vec<String> = failures.iter().map(short_reason).collect();
        let port = address.port();
        return Some(format!("{}, so the web pages are at port {port}", reasons.join(", ")));
    }
    let reasons: Vec<String> = failures.iter().map(CommandError::to_string).collect();
    let consequence = "the server runs without web pages; set a free port for `web` in the configuration \
                       and restart the server";
    Some(format!("{}: {consequence}", reasons.join("; ")))
}

/// Returns why an address is not available, without what to do about it: another address is used.
fn short_reason(failure: &CommandError) -> String {
    match failure {
        CommandError::Listen { address, error, .. } if error.kind() == ErrorKind::AddrInUse => {
            format!("port {} is in use", address.port())
        }
        CommandError::Listen { address, error, .. }
            if error.kind() == ErrorKind::PermissionDenied =>
        {
            let port = address.port();
            format!("port {port} needs root or the capability CAP_NET_BIND_SERVICE")
        }
        failure => failure.to_string(),
    }
}

/// Accepts connections forever. [`Web`] limits the number of connections.
pub(crate) async fn accept(web: Rc<Web>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let Ok(local) = stream.local_addr() else { continue };
                let peer_info = PeerInfo::new(local.ip(), peer.ip());
                let web = web.clone();
                actix_rt::spawn(async move {
                    let stream = Box::new(Stream::new(stream, |_| ()));
                    web.serve(stream, peer_info).await;
                });
            }
            Err(error) => {
                log::warn!("{}: cannot accept connections: {error}", listener::WEB_PAGES);
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

/// The administrator's password, read from the data folder at each use.
struct StoredPassword(PathBuf);

impl PasswordSource for StoredPassword {
    fn verifier(&self) -> Result<Option<Box<dyn PasswordVerifier>>, String> {
        let administrator = Administrator::read(&self.0).map_err(|error| error.to_string())?;
        Ok(administrator.map(|administrator| Box::new(administrator) as Box<dyn PasswordVerifier>))
    }
}

impl PasswordVerifier for Administrator {
    fn fingerprint(&self) -> String {
        self.text()
    }

    fn verify(&self, password: &str) -> bool {
        // The method of `Administrator` itself, not this one of the trait.
        self.verify(password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;
    use std::io::Error;

    fn addresses(text: &str) -> Vec<String> {
        candidates(&parse(text).unwrap()).iter().map(SocketAddr::to_string).collect()
    }

    /// Returns the port that is used and the log line, if these ports are not available.
    fn port_used(refused: &[(u16, ErrorKind)]) -> (Option<u16>, Option<String>) {
        let usual = candidates(&Config::default());
        let (found, failures) = bind_first(&usual, |address| {
            match refused.iter().find(|(port, _)| *port == address.port()) {
                None => Ok(address.port()),
                Some((_, kind)) => Err(listener::listen_error(
                    listener::WEB_PAGES,
                    address,
                    Error::new(*kind, format!("{kind:?}")),
                )),
            }
        });
        let address = found.map(|(address, _)| address);
        (found.map(|(_, port)| port), failures_message(&failures, address))
    }

    #[test]
    fn the_candidates_are_the_configured_address_or_ports_80_and_8086() {
        for text in ["()", "(web: ())", "(web: (listen: None))", "(web: Some((listen: None)))"] {
            assert_eq!(addresses(text), ["0.0.0.0:80", "0.0.0.0:8086"], "{text}");
        }
        assert_eq!(addresses("(web: (listen: \"0.0.0.0:8080\"))"), ["0.0.0.0:8080"]);
        assert_eq!(addresses("(web: (listen: Some(\"[::1]:80\")))"), ["[::1]:80"]);
        assert!(addresses("(web: None)").is_empty());
    }

    #[test]
    fn the_second_port_is_used_if_the_first_is_in_use_or_not_permitted() {
        assert_eq!(port_used(&[]), (Some(80), None));
        for (kind, reason) in [
            (ErrorKind::AddrInUse, "port 80 is in use"),
            (
                ErrorKind::PermissionDenied,
                "port 80 needs root or the capability CAP_NET_BIND_SERVICE",
            ),
        ] {
            let (found, words) = port_used(&[(80, kind)]);
            assert_eq!(found, Some(8086));
            assert_eq!(words.unwrap(), format!("{reason}, so the web pages are at port 8086"));
        }
        let both = [(80, ErrorKind::PermissionDenied), (8086, ErrorKind::AddrInUse)];
        let (found, words) = port_used(&both);
        assert_eq!(found, None);
        let words = words.unwrap();
        assert!(words.contains("0.0.0.0:80 ") && words.contains("0.0.0.0:8086 "), "{words}");
        assert!(words.contains(": the server runs without web pages; "), "{words}");
    }
}
