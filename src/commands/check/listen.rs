use super::{Finding, Subject, note, ok, wrong};
use crate::config::Config;
use crate::error::{ADDRESS, CONFIGURATION};
use crate::listener::{PAGES, open, title};
use crate::pages;
use msnp::Server;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

/// What the running server reports of itself.
enum Beside<'a> {
    /// No server is running.
    Nobody,
    /// One is running, and does not answer.
    Silent,
    /// What listens, by its title, and where.
    Server(&'a [(String, SocketAddr)]),
}

/// Whether each server can have its address: takes it, and gives it back.
pub(super) fn look(subject: &Subject<'_>, config: &Config) -> Vec<Finding> {
    let beside = match (subject.is_running, &subject.running) {
        (false, _) => Beside::Nobody,
        (true, None) => Beside::Silent,
        (true, Some(running)) => Beside::Server(&running.listening),
    };
    let servers = servers(config);
    let named = config.web.as_ref().and_then(|web| Some((PAGES, "web", web.listen?)));
    let mut found = shared(&servers.iter().copied().chain(named).collect::<Vec<_>>());
    found.extend(servers.iter().map(|server| of_server(server, &beside, open)));
    found.extend(web_pages(&pages::candidates(config), &beside, open));
    found
}

fn of_server<T>(
    (server, key, address): &Listening,
    beside: &Beside<'_>,
    open: impl Fn(SocketAddr) -> io::Result<T>,
) -> Finding {
    let place = format!("{address} ({server})");
    match open(*address) {
        Ok(_) if address.port() == 0 => note(
            format!("{place}: the system chooses another port at each start"),
            format!("Set one for `{key}`: clients, firewalls and `advertise` need to know it"),
        ),
        Ok(_) => ok(format!("{place} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && beside.has(*address) => {
            ok(format!("{place} is in use by the running server"))
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse && beside.is_silent() => unknown(&place),
        Err(error) => {
            wrong(ADDRESS, format!("cannot listen on {place}: {error}"), fix(key, *address, &error))
        }
    }
}

/// Whether the web pages can have one of these addresses. The server runs without them.
fn web_pages<T>(
    candidates: &[SocketAddr],
    beside: &Beside<'_>,
    open: impl Fn(SocketAddr) -> io::Result<T>,
) -> Option<Finding> {
    let pages = beside.pages();
    if let Some(pages) = pages.filter(|pages| candidates.iter().any(|one| is_same(*one, *pages))) {
        return Some(ok(format!("{pages} ({PAGES}) is in use by the running server")));
    }
    let has_none = matches!(beside, Beside::Server(_)) && pages.is_none();
    let mut refused: Vec<(SocketAddr, io::Error)> = Vec::new();
    for address in candidates {
        let place = format!("{address} ({PAGES})");
        match (open(*address), refused.first()) {
            (Ok(_), None) if address.port() == 0 => {
                return Some(note(
                    format!("{place}: the system chooses another port at each start"),
                    "Set one for `web`, or leave `listen` out",
                ));
            }
            (Ok(_), _) if has_none => {
                return Some(note(
                    format!("{place} is free, and the running server has no web pages"),
                    "Restart the server; if it has none again, its log says why",
                ));
            }
            (Ok(_), None) => return Some(ok(format!("{place} is free"))),
            (Ok(_), Some((first, error))) => {
                return Some(ok(format!("{place} is free; {first} cannot be had: {error}")));
            }
            (Err(error), _) if error.kind() == ErrorKind::AddrInUse && beside.is_silent() => {
                return Some(unknown(&place));
            }
            (Err(error), _) => refused.push((*address, error)),
        }
    }
    without_pages(&refused, beside)
}

/// None of the addresses can be had.
fn without_pages(refused: &[(SocketAddr, io::Error)], beside: &Beside<'_>) -> Option<Finding> {
    let (address, error) = refused.first()?;
    let words = format!("cannot listen on {address} ({PAGES}): {error}");
    let way_out = fix("web", *address, error);
    Some(match (beside, beside.pages()) {
        (Beside::Nobody | Beside::Silent, _) => {
            note(format!("{words}; the server runs without its web pages"), way_out)
        }
        (Beside::Server(_), Some(pages)) => {
            note(format!("{words}; the running server has its web pages at {pages}"), way_out)
        }
        (Beside::Server(_), None) => {
            let reasons = refused.iter().map(|(address, error)| match error.kind() {
                ErrorKind::AddrInUse if beside.has(*address) => {
                    format!("another of its listeners has {address}")
                }
                ErrorKind::AddrInUse => format!("{address} is in use by another program"),
                _ => format!("cannot listen on {address}: {error}"),
            });
            let reasons = reasons.collect::<Vec<_>>().join("; ");
            note(
                format!("the running server has no web pages: {reasons}"),
                format!("{way_out}; then restart the server"),
            )
        }
    })
}

/// An address that is in use while the running server does not answer.
fn unknown(place: &str) -> Finding {
    note(
        format!(
            "{place} is in use, by the running server or by another program: the server does not answer"
        ),
        "`msnpd status` shows what it listens on when it answers again",
    )
}

impl Beside<'_> {
    /// Whether the running server listens there.
    fn has(&self, address: SocketAddr) -> bool {
        match self {
            Beside::Server(listening) => listening.iter().any(|(_, own)| is_same(*own, address)),
            Beside::Nobody | Beside::Silent => false,
        }
    }

    fn is_silent(&self) -> bool {
        matches!(self, Beside::Silent)
    }

    /// Where the running server has its web pages.
    fn pages(&self) -> Option<SocketAddr> {
        let Beside::Server(listening) = self else { return None };
        listening.iter().find(|(server, _)| server == PAGES).map(|(_, address)| *address)
    }
}

/// Whether only one program can listen on both addresses.
fn is_same(one: SocketAddr, other: SocketAddr) -> bool {
    let everywhere = one.ip().is_unspecified() || other.ip().is_unspecified();
    (everywhere || one.ip() == other.ip()) && one.port() == other.port() && one.port() != 0
}

type Listening = (&'static str, &'static str, SocketAddr);

/// What listens, each with its key: see [`Config::is_one_port`].
fn servers(config: &Config) -> Vec<Listening> {
    let dispatch = config.dispatch.filter(|dispatch| !config.is_one_port(dispatch));
    let servers = [
        (Server::Dispatch, "dispatch", dispatch),
        (Server::Notification, "notification", config.notification),
        (Server::Switchboard, "switchboard", config.switchboard),
    ];
    let servers = servers.into_iter();
    servers.filter_map(|(server, key, own)| Some((title(server), key, own?.listen))).collect()
}

/// Two servers that would have one address.
fn shared(servers: &[Listening]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (place, (server, _, address)) in servers.iter().enumerate() {
        for (other, key, theirs) in servers.iter().skip(place + 1) {
            if is_same(*address, *theirs) {
                found.push(wrong(
                    CONFIGURATION,
                    format!(
                        "{} and {} have both port {}: {address} and {theirs}",
                        server,
                        other,
                        address.port()
                    ),
                    format!(
                        "Give `{key}` another port; only dispatch and notification may be the \
                         same, with the same address"
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
            "Stop the program that listens there (`ss -ltnp sport = :{}` names it), or set another \
             port for `{key}`",
            address.port()
        ),
        ErrorKind::PermissionDenied => {
            format!("Give the server CAP_NET_BIND_SERVICE, or set a port above 1023 for `{key}`")
        }
        ErrorKind::AddrNotAvailable => format!(
            "This machine does not have that address: set one of its own for `{key}`, or 0.0.0.0 \
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

    /// Opens every address but those of these ports.
    fn opening(refused: &[(u16, ErrorKind)]) -> impl Fn(SocketAddr) -> io::Result<()> {
        |address| {
            let refused = refused.iter().find(|(port, _)| *port == address.port());
            refused.map_or(Ok(()), |(_, kind)| Err(io::Error::new(*kind, "why")))
        }
    }

    /// What is found if these ports cannot be had.
    fn found(candidates: &[u16], refused: &[(u16, ErrorKind)], beside: &Beside<'_>) -> Finding {
        let candidates: Vec<SocketAddr> = candidates.iter().copied().map(place).collect();
        web_pages(&candidates, beside, opening(refused)).unwrap()
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
                "0.0.0.0:8086 (web pages) is free; 0.0.0.0:80 cannot be had: why",
            ),
            (
                &[80, 8086],
                &[(80, AddrInUse), (8086, AddrInUse)],
                Verdict::Note,
                "cannot listen on 0.0.0.0:80 (web pages): why; the server runs without its web pages",
            ),
            (
                &[8080],
                &[(8080, AddrInUse)],
                Verdict::Note,
                "cannot listen on 0.0.0.0:8080 (web pages): why; the server runs without its web pages",
            ),
        ] {
            let found = found(candidates, refused, &Beside::Nobody);
            assert_eq!((found.verdict, found.words.as_str()), (verdict, words));
        }
        assert!(web_pages(&[], &Beside::Nobody, |_| Ok(())).is_none());
    }

    #[test]
    fn the_web_pages_of_a_running_server_are_where_it_reports_them() {
        use ErrorKind::{AddrInUse, PermissionDenied};
        let notification = (title(Server::Notification).to_owned(), place(1864));
        let with = |port| [notification.clone(), (PAGES.to_owned(), place(port))];
        let (at_80, at_8086) = (with(80), with(8086));
        let (first, second) = (Beside::Server(&at_80), Beside::Server(&at_8086));
        let without = [notification.clone()];
        let none = Beside::Server(&without);
        let both: &[u16] = &[80, 8086];
        for (candidates, refused, beside, verdict, words) in [
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
            // Who asks may have port 80, and the server may not.
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
                "the running server has no web pages: cannot listen on 0.0.0.0:80: why; 0.0.0.0:8086 is \
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
                "0.0.0.0:8086 (web pages) is free, and the running server has no web pages",
            ),
            (
                &[8080],
                &[(8080, AddrInUse)],
                &first,
                Verdict::Note,
                "cannot listen on 0.0.0.0:8080 (web pages): why; the running server has its web pages at \
                 0.0.0.0:80",
            ),
            (&[8080], &[], &first, Verdict::Ok, "0.0.0.0:8080 (web pages) is free"),
            (
                both,
                &[(80, AddrInUse)],
                &Beside::Silent,
                Verdict::Note,
                "0.0.0.0:80 (web pages) is in use, by the running server or by another program: the server \
                 does not answer",
            ),
        ] {
            let found = found(candidates, refused, beside);
            assert_eq!((found.verdict, found.words.as_str()), (verdict, words));
        }
    }

    #[test]
    fn an_address_is_the_running_servers_only_if_it_listens_there() {
        let own = [(title(Server::Notification).to_owned(), place(1864))];
        let look = |port, beside: &Beside<'_>| {
            let server = ("Notification Server", "notification", place(port));
            of_server(&server, beside, opening(&[(port, ErrorKind::AddrInUse)])).verdict
        };
        assert_eq!(look(1864, &Beside::Server(&own)), Verdict::Ok);
        assert_eq!(look(1865, &Beside::Server(&own)), Verdict::Wrong(ADDRESS));
        assert_eq!(look(1864, &Beside::Nobody), Verdict::Wrong(ADDRESS));
        assert_eq!(look(1864, &Beside::Silent), Verdict::Note);
    }
}
