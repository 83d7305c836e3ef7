use super::{Context, Finding, note, ok, wrong};
use crate::config::Config;
use crate::error::{ADDRESS, CONFIGURATION};
use crate::listener::{WEB_PAGES, open, title};
use crate::pages;
use msnp::Server;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

/// The running server.
enum RunningServer<'a> {
    None,
    /// It does not answer.
    Silent,
    /// Its listeners: titles and addresses.
    Listening(&'a [(String, SocketAddr)]),
}

/// Reports whether each server can listen on its address, by listening there for a moment.
pub(super) fn check(context: &Context<'_>, config: &Config) -> Vec<Finding> {
    let server = match (context.is_running, &context.status) {
        (false, _) => RunningServer::None,
        (true, None) => RunningServer::Silent,
        (true, Some(running)) => RunningServer::Listening(&running.listening),
    };
    let servers = servers(config);
    let web = config.web.as_ref().and_then(|web| Some((WEB_PAGES, "web", web.listen?)));
    let mut found = check_shared(&servers.iter().copied().chain(web).collect::<Vec<_>>());
    found.extend(servers.iter().map(|listening| check_server(listening, &server, open)));
    found.extend(check_web_pages(&pages::candidates(config), &server, open));
    found
}

fn check_server<T>(
    (title, key, address): &NamedListener,
    server: &RunningServer<'_>,
    open: impl Fn(SocketAddr) -> io::Result<T>,
) -> Finding {
    let place = format!("{address} ({title})");
    match open(*address) {
        Ok(_) if address.port() == 0 => note(
            format!("{place}: the system chooses a new port at each start"),
            format!("Set a port for `{key}`: clients, firewalls and `advertise` need it"),
        ),
        Ok(_) => ok(format!("{place} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && server.listens_on(*address) => {
            ok(format!("{place} is in use by the running server"))
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse && server.is_silent() => {
            in_use_by_unknown(&place)
        }
        Err(error) => {
            wrong(ADDRESS, format!("cannot listen on {place}: {error}"), fix(key, *address, &error))
        }
    }
}

/// Reports whether the web pages can listen on one of these addresses. The server also runs without them.
fn check_web_pages<T>(
    candidates: &[SocketAddr],
    server: &RunningServer<'_>,
    open: impl Fn(SocketAddr) -> io::Result<T>,
) -> Option<Finding> {
    let pages = server.pages();
    if let Some(pages) = pages.filter(|pages| candidates.iter().any(|one| overlaps(*one, *pages))) {
        return Some(ok(format!("{pages} ({WEB_PAGES}) is in use by the running server")));
    }
    let runs_without_pages = matches!(server, RunningServer::Listening(_)) && pages.is_none();
    let mut refused: Vec<(SocketAddr, io::Error)> = Vec::new();
    for address in candidates {
        let place = format!("{address} ({WEB_PAGES})");
        match (open(*address), refused.first()) {
            (Ok(_), None) if address.port() == 0 => {
                return Some(note(
                    format!("{place}: the system chooses a new port at each start"),
                    "Set a port for `web`, or leave `listen` out",
                ));
            }
            (Ok(_), _) if runs_without_pages => {
                return Some(note(
                    format!("{place} is free, but the running server has no web pages"),
                    "Restart the server; if it still has none, its log shows why",
                ));
            }
            (Ok(_), None) => return Some(ok(format!("{place} is free"))),
            (Ok(_), Some((first, error))) => {
                return Some(ok(format!("{place} is free; {first} is not available: {error}")));
            }
            (Err(error), _) if error.kind() == ErrorKind::AddrInUse && server.is_silent() => {
                return Some(in_use_by_unknown(&place));
            }
            (Err(error), _) => refused.push((*address, error)),
        }
    }
    no_pages_available(&refused, server)
}

/// Reports that none of the addresses is available.
fn no_pages_available(
    refused: &[(SocketAddr, io::Error)],
    server: &RunningServer<'_>,
) -> Option<Finding> {
    let (address, error) = refused.first()?;
    let words = format!("cannot listen on {address} ({WEB_PAGES}): {error}");
    let fix = fix("web", *address, error);
    Some(match (server, server.pages()) {
        (RunningServer::None | RunningServer::Silent, _) => {
            note(format!("{words}; the server runs without its web pages"), fix)
        }
        (RunningServer::Listening(_), Some(pages)) => {
            note(format!("{words}; the running server has its web pages at {pages}"), fix)
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
fn in_use_by_unknown(place: &str) -> Finding {
    note(
        format!(
            "{place} is in use, by the running server or by another program: the server does not \
             answer"
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

    /// Returns the address of the running server's web pages.
    fn pages(&self) -> Option<SocketAddr> {
        let RunningServer::Listening(listening) = self else { return None };
        listening.iter().find(|(server, _)| server == WEB_PAGES).map(|(_, address)| *address)
    }
}

/// Whether two addresses overlap, so that only one program can listen on both.
fn overlaps(one: SocketAddr, other: SocketAddr) -> bool {
    let is_on_all = one.ip().is_unspecified() || other.ip().is_unspecified();
    (is_on_all || one.ip() == other.ip()) && one.port() == other.port() && one.port() != 0
}

type NamedListener = (&'static str, &'static str, SocketAddr);

/// Returns the listeners that the configuration asks for; see [`Config::is_shared_listener`].
fn servers(config: &Config) -> Vec<NamedListener> {
    let dispatch = config.dispatch.filter(|dispatch| !config.is_shared_listener(dispatch));
    let servers = [
        (Server::Dispatch, "dispatch", dispatch),
        (Server::Notification, "notification", config.notification),
        (Server::Switchboard, "switchboard", config.switchboard),
    ];
    let servers = servers.into_iter();
    servers.filter_map(|(server, key, own)| Some((title(server), key, own?.listen))).collect()
}

/// Reports pairs of servers with the same address.
fn check_shared(servers: &[NamedListener]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, (server, _, address)) in servers.iter().enumerate() {
        for (other, key, theirs) in servers.iter().skip(index + 1) {
            if overlaps(*address, *theirs) {
                found.push(wrong(
                    CONFIGURATION,
                    format!(
                        "{} and {} both have port {}: {address} and {theirs}",
                        server,
                        other,
                        address.port()
                    ),
                    format!(
                        "Give `{key}` another port; only dispatch and notification may share one, \
                         with the same address"
                    ),
                ));
            }
        }
    }
    found
}

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

    fn place(port: u16) -> SocketAddr {
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
        let candidates: Vec<SocketAddr> = candidates.iter().copied().map(place).collect();
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
            assert_eq!((found.verdict, found.words.as_str()), (verdict, words));
        }
        assert!(check_web_pages(&[], &RunningServer::None, |_| Ok(())).is_none());
    }

    #[test]
    fn the_web_pages_of_a_running_server_are_where_it_reports_them() {
        use ErrorKind::{AddrInUse, PermissionDenied};
        let notification = (title(Server::Notification).to_owned(), place(1864));
        let with = |port| [notification.clone(), (WEB_PAGES.to_owned(), place(port))];
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
                 0.0.0.0:8086 is \
                 in use by another program",
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
                 pages at \
                 0.0.0.0:80",
            ),
            (&[8080], &[], &first, Verdict::Ok, "0.0.0.0:8080 (web pages) is free"),
            (
                both,
                &[(80, AddrInUse)],
                &RunningServer::Silent,
                Verdict::Note,
                "0.0.0.0:80 (web pages) is in use, by the running server or by another program: \
                 the server \
                 does not answer",
            ),
        ] {
            let found = found(candidates, refused, server);
            assert_eq!((found.verdict, found.words.as_str()), (verdict, words));
        }
    }

    #[test]
    fn an_address_is_the_running_servers_only_if_it_listens_there() {
        let own = [(title(Server::Notification).to_owned(), place(1864))];
        let look = |port, server: &RunningServer<'_>| {
            let listening = ("Notification Server", "notification", place(port));
            check_server(&listening, server, opening(&[(port, ErrorKind::AddrInUse)])).verdict
        };
        assert_eq!(look(1864, &RunningServer::Listening(&own)), Verdict::Ok);
        assert_eq!(look(1865, &RunningServer::Listening(&own)), Verdict::Wrong(ADDRESS));
        assert_eq!(look(1864, &RunningServer::None), Verdict::Wrong(ADDRESS));
        assert_eq!(look(1864, &RunningServer::Silent), Verdict::Note);
    }
}
