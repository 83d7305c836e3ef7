use super::{Context, Finding, note, ok, wrong};
use crate::config::{Config, Listener};
use crate::error::{ADDRESS, CONFIGURATION};
use crate::listener::{WEB_PAGES, open, title};
use crate::pages;
use msnp::Server;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

/// The running server on the data folder.
enum RunningServer<'a> {
    /// No server is running.
    None,
    /// The server does not answer.
    Silent,
    /// The titles and addresses of its listeners.
    Listening(&'a [(String, SocketAddr)]),
}

/// Reports whether each server can listen on its address, by listening there for a moment.
pub(super) fn check(context: &Context<'_>, config: &Config) -> Vec<Finding> {
    let server = match (context.is_running, &context.status) {
        (false, _) => RunningServer::None,
        (true, None) => RunningServer::Silent,
        (true, Some(running)) => RunningServer::Listening(&running.listening),
    };
    let listeners = configured_listeners(config);
    let web_address = config.web.as_ref().and_then(|web| web.listen);
    let web =
        web_address.map(|address| ConfiguredListener { title: WEB_PAGES, key: "web", address });
    let mut found = check_shared(&listeners.iter().copied().chain(web).collect::<Vec<_>>());
    found.extend(listeners.iter().map(|listener| check_server(*listener, &server, open)));
    found.extend(check_web_pages(&pages::candidates(config), &server, open));
    found
}

fn check_server<T>(
    ConfiguredListener { title, key, address }: ConfiguredListener,
    server: &RunningServer<'_>,
    open: impl Fn(SocketAddr) -> io::Result<T>,
) -> Finding {
    let listener = format!("{address} ({title})");
    match open(address) {
        Ok(_) if address.port() == 0 => note(
            format!("{listener}: the system chooses a new port at each start"),
            format!("Set a port for `{key}`: clients, firewalls and `advertise` need it"),
        ),
        Ok(_) => ok(format!("{listener} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && server.listens_on(address) => {
            ok(format!("{listener} is in use by the running server"))
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse && server.is_silent() => {
            in_use_by_unknown(&listener)
        }
        Err(error) => {
            let problem = format!("cannot listen on {listener}: {error}");
            wrong(ADDRESS, problem, fix(key, address, &error))
        }
    }
}

/// Reports whether the web pages can listen on one of these addresses. The server also runs without them.
fn check_web_pages<T>(
    candidates: &[SocketAddr],
    server: &RunningServer<'_>,
    open: impl Fn(SocketAddr) -> io::Result<T>,
) -> Option<Finding> {
    let active = server.pages_address();
    let is_candidate =
        |active: &SocketAddr| candidates.iter().any(|candidate| overlaps(*candidate, *active));
    if let Some(active) = active.filter(is_candidate) {
        return Some(ok(format!("{active} ({WEB_PAGES}) is in use by the running server")));
    }
    let runs_without_pages = matches!(server, RunningServer::Listening(_)) && active.is_none();
    let mut refused: Vec<(SocketAddr, io::Error)> = Vec::new();
    for address in candidates {
        let listener = format!("{address} ({WEB_PAGES})");
        match (open(*address), refused.first()) {
            (Ok(_), None) if address.port() == 0 => {
                return Some(note(
                    format!("{listener}: the system chooses a new port at each start"),
                    "Set a port for `web`, or leave `listen` out",
                ));
            }
            (Ok(_), _) if runs_without_pages => {
                return Some(note(
                    format!("{listener} is free, but the running server has no web pages"),
                    "Restart the server; if it still has none, its log shows why",
                ));
            }
            (Ok(_), None) => return Some(ok(format!("{listener} is free"))),
            (Ok(_), Some((first, error))) => {
                return Some(ok(format!("{listener} is free; {first} is not available: {error}")));
            }
            (Err(error), _) if error.kind() == ErrorKind::AddrInUse && server.is_silent() => {
                return Some(in_use_by_unknown(&listener));
            }
            (Err(error), _) => refused.push((*address, error)),
        }
    }
    no_pages_available(&refused, server)
}

/// Reports that none of the addresses is available. `None` if there are no addresses.
fn no_pages_available(
    refused: &[(SocketAddr, io::Error)],
    server: &RunningServer<'_>,
) -> Option<Finding> {
    let (address, error) = refused.first()?;
    let problem = format!("cannot listen on {address} ({WEB_PAGES}): {error}");
    let fix = fix("web", *address, error);
    Some(match (server, server.pages_address()) {
        (RunningServer::None | RunningServer::Silent, _) => {
            note(format!("{problem}; the server runs without its web pages"), fix)
        }
        (RunningServer::Listening(_), Some(pages)) => {
            note(format!("{problem}; the running server has its web pages at {pages}"), fix)
        }
        (RunningServer::Listening(_), None) => {
            let reasons = refused.iter().map(|(address, error)| match error.kind() {
                ErrorKind::AddrInUse if server.listens_on(*address) => {
                    format!("another of its listeners has {address}")
                }
                ErrorKind::AddrInUse => format!("{address} is in use by another program"),
                _ => format!("cannot listen on {address}: {error}"),
            });
            let reasons = reasons.collect::<Vec<_>>().join("; ");
            note(
                format!("the running server has no web pages: {reasons}"),
                format!("{fix}; then restart the server"),
            )
        }
    })
}

/// Reports an address that is in use while the running server does not answer.
fn in_use_by_unknown(listener: &str) -> Finding {
    note(
        format!(
            "{listener} is in use, by the running server or by another program: the server does \
             not answer"
        ),
        "When the server answers again, `msnpd status` shows its addresses",
    )
}

impl RunningServer<'_> {
    /// Whether the running server listens on the address.
    fn listens_on(&self, address: SocketAddr) -> bool {
        match self {
            RunningServer::Listening(listening) => {
                listening.iter().any(|(_, own)| overlaps(*own, address))
            }
            RunningServer::None | RunningServer::Silent => false,
        }
    }

    fn is_silent(&self) -> bool {
        matches!(self, RunningServer::Silent)
    }

    /// Returns the address of the running server's web pages. `None` if it has none, or does not
    /// answer.
    fn pages_address(&self) -> Option<SocketAddr> {
        let RunningServer::Listening(listening) = self else { return None };
        listening.iter().find(|(server, _)| server == WEB_PAGES).map(|(_, address)| *address)
    }
}

/// Whether the addresses have the same port and a common IP address. Then two listeners cannot have them at
/// the same time.
fn overlaps(one: SocketAddr, other: SocketAddr) -> bool {
    let is_on_all = one.ip().is_unspecified() || other.ip().is_unspecified();
    (is_on_all || one.ip() == other.ip()) && one.port() == other.port() && one.port() != 0
}

/// A listener of the configuration.
#[derive(Debug, Clone, Copy)]
struct ConfiguredListener {
    /// Its title in messages.
    title: &'static str,
    /// Its key in the configuration.
    key: &'static str,
    address: SocketAddr,
}

/// Returns the listeners of the three servers. A Dispatch Server that shares the listener of the Notification
/// Server has none of its own.
fn configured_listeners(config: &Config) -> Vec<ConfiguredListener> {
    let dispatch = config.dispatch.filter(|dispatch| !config.is_shared_listener(dispatch));
    let servers = [
        (Server::Dispatch, "dispatch", dispatch),
        (Server::Notification, "notification", config.notification),
        (Server::Switchboard, "switchboard", config.switchboard),
    ];
    let listener = |(server, key, listener): (Server, &'static str, Option<Listener>)| {
        Some(ConfiguredListener { title: title(server), key, address: listener?.listen })
    };
    servers.into_iter().filter_map(listener).collect()
}

/// Reports pairs of listeners with the same address.
fn check_shared(listeners: &[ConfiguredListener]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, first) in listeners.iter().enumerate() {
        for second in listeners.iter().skip(index + 1) {
            if overlaps(first.address, second.address) {
                found.push(wrong(
                    CONFIGURATION,
                    format!(
                        "{} and {} both have port {}: {} and {}",
                        first.title,
                        second.title,
                        first.address.port(),
                        first.address,
                        second.address
                    ),
                    format!(
                        "Give `{}` another port; only dispatch and notification may share one, \
                         with the same address",
                        second.key
                    ),
                ));
            }
        }
    }
    found
}

/// Returns what to do about an address that a server cannot listen on.
fn fix(key: &str, address: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "Stop the program that listens there (`ss -ltnp sport = :{}` shows it), or set another \
             port for `{key}`",
            address.port()
        ),
        ErrorKind::PermissionDenied => {
            format!("Give the server CAP_NET_BIND_SERVICE, or set a port above 1023 for `{key}`")
        }
        ErrorKind::AddrNotAvailable => format!(
            "This machine does not have this address: set one of its own for `{key}`, or 0.0.0.0 \
             for all of them"
        ),
        _ => format!("Set another address for `{key}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([0, 0, 0, 0], port))
    }

    /// Opens every address except those with these ports.
    fn opening(refused: &[(u16, ErrorKind)]) -> impl Fn(SocketAddr) -> io::Result<()> {
        |address| {
            let refused = refused.iter().find(|(port, _)| *port == address.port());
            refused.map_or(Ok(()), |(_, kind)| Err(io::Error::new(*kind, "why")))
        }
    }

    /// Returns the finding if these ports are not available.
    fn found(
        candidates: &[u16],
        refused: &[(u16, ErrorKind)],
        server: &RunningServer<'_>,
    ) -> Finding {
        let candidates: Vec<SocketAddr> = candidates.iter().copied().map(address).collect();
        check_web_pages(&candidates, server, opening(refused)).unwrap()
    }

    #[test]
    fn a_port_of_the_web_pages_that_is_taken_is_a_note() {
        use ErrorKind::{AddrInUse, PermissionDenied};
        for (candidates, refused, verdict, words) in [
            (&[80_u16, 8086] as &[u16], &[] as &[_], Verdict::Ok, "0.0.0.0:80 (web pages) is free"),
            (
                &[80, 8086],
                &[(80, PermissionDenied)],
                Verdict::Ok,
                "0.0.0.0:8086 (web pages) is free; 0.0.0.0:80 is not available: why",
            ),
            (
                &[80, 8086],
                &[(80, AddrInUse), (8086, AddrInUse)],
                Verdict::Note,
                "cannot listen on 0.0.0.0:80 (web pages): why; the server runs without its web \
                 pages",
            ),
            (
                &[8080],
                &[(8080, AddrInUse)],
                Verdict::Note,
                "cannot listen on 0.0.0.0:8080 (web pages): why; the server runs without its web \
                 pages",
            ),
        ] {
            let found = found(candidates, refused, &RunningServer::None);
            assert_eq!((found.verdict, found.message.as_str()), (verdict, words));
        }
        assert!(check_web_pages(&[], &RunningServer::None, |_| Ok(())).is_none());
    }

    #[test]
    fn the_web_pages_of_a_running_server_are_where_it_reports_them() {
        use ErrorKind::{AddrInUse, PermissionDenied};
        let notification = (title(Server::Notification).to_owned(), address(1864));
        let with = |port| [notification.clone(), (WEB_PAGES.to_owned(), address(port))];
        let (at_80, at_8086) = (with(80), with(8086));
        let (first, second) =
            (RunningServer::Listening(&at_80), RunningServer::Listening(&at_8086));
        let without = [notification.clone()];
        let none = RunningServer::Listening(&without);
        let both: &[u16] = &[80, 8086];
        for (candidates, refused, server, verdict, words) in [
            (
                both,
                &[(80_u16, AddrInUse)] as &[_],
                &first,
                Verdict::Ok,
                "0.0.0.0:80 (web pages) is in use by the running server",
            ),
            // Another program has port 80.
            (
                both,
                &[(80, AddrInUse), (8086, AddrInUse)],
                &second,
                Verdict::Ok,
                "0.0.0.0:8086 (web pages) is in use by the running server",
            ),
            // This process may use port 80, and the server may not.
            (
                both,
                &[(8086, AddrInUse)],
                &second,
                Verdict::Ok,
                "0.0.0.0:8086 (web pages) is in use by the running server",
            ),
            (
                both,
                &[(80, PermissionDenied), (8086, AddrInUse)],
                &none,
                Verdict::Note,
                "the running server has no web pages: cannot listen on 0.0.0.0:80: why; \
                 0.0.0.0:8086 is in use by another program",
            ),
            (
                &[1864],
                &[(1864, AddrInUse)],
                &none,
                Verdict::Note,
                "the running server has no web pages: another of its listeners has 0.0.0.0:1864",
            ),
            (
                both,
                &[(80, AddrInUse)],
                &none,
                Verdict::Note,
                "0.0.0.0:8086 (web pages) is free, but the running server has no web pages",
            ),
            (
                &[8080],
                &[(8080, AddrInUse)],
                &first,
                Verdict::Note,
                "cannot listen on 0.0.0.0:8080 (web pages): why; the running server has its web \
                 pages at 0.0.0.0:80",
            ),
            (&[8080], &[], &first, Verdict::Ok, "0.0.0.0:8080 (web pages) is free"),
            (
                both,
                &[(80, AddrInUse)],
                &RunningServer::Silent,
                Verdict::Note,
                "0.0.0.0:80 (web pages) is in use, by the running server or by another program: \
                 the server does not answer",
            ),
        ] {
            let found = found(candidates, refused, server);
            assert_eq!((found.verdict, found.message.as_str()), (verdict, words));
        }
    }

    #[test]
    fn an_address_is_the_running_servers_only_if_it_listens_there() {
        let own = [(title(Server::Notification).to_owned(), address(1864))];
        let look = |port, server: &RunningServer<'_>| {
            let (title, key) = ("Notification Server", "notification");
            let listener = ConfiguredListener { title, key, address: address(port) };
            check_server(listener, server, opening(&[(port, ErrorKind::AddrInUse)])).verdict
        };
        assert_eq!(look(1864, &RunningServer::Listening(&own)), Verdict::Ok);
        assert_eq!(look(1865, &RunningServer::Listening(&own)), Verdict::Wrong(ADDRESS));
        assert_eq!(look(1864, &RunningServer::None), Verdict::Wrong(ADDRESS));
        assert_eq!(look(1864, &RunningServer::Silent), Verdict::Note);
    }
}
