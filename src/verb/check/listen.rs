use super::{Finding, Subject, note, ok, wrong};
use crate::config::Config;
use crate::failure::{ADDRESS, CONFIGURATION};
use crate::listener::{PAGES, open, title};
use crate::pages;
use msnp::Server;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

/// Whether each server can have its address: takes it, and gives it back.
pub(super) fn look(subject: &Subject<'_>, config: &Config) -> Vec<Finding> {
    let servers = servers(config);
    let named = config.web.as_ref().and_then(|web| Some((PAGES, "web", web.listen?)));
    let mut found = shared(&servers.iter().copied().chain(named).collect::<Vec<_>>());
    found.extend(servers.iter().map(|(server, key, address)| {
        let place = format!("{address} ({server})");
        match open(*address) {
            Ok(_) if address.port() == 0 => note(
                format!("{place}: the system chooses another port at each start"),
                format!("Set one for `{key}`: clients, firewalls and `advertise` need to know it"),
            ),
            Ok(_) => ok(format!("{place} is free")),
            Err(error) if subject.is_running && error.kind() == ErrorKind::AddrInUse => {
                ok(format!("{place} is in use by the running server"))
            }
            Err(error) => wrong(
                ADDRESS,
                format!("cannot listen on {place}: {error}"),
                mend(key, *address, &error),
            ),
        }
    }));
    found.extend(web_pages(&pages::candidates(config), subject.is_running, open));
    found
}

/// Whether the web pages can have one of these addresses. The server runs without them.
fn web_pages<T>(
    candidates: &[SocketAddr],
    is_running: bool,
    open: impl Fn(SocketAddr) -> io::Result<T>,
) -> Option<Finding> {
    let mut refused: Option<(SocketAddr, io::Error)> = None;
    for address in candidates {
        let place = format!("{address} ({PAGES})");
        match (open(*address), &refused) {
            (Ok(_), None) if address.port() == 0 => {
                return Some(note(
                    format!("{place}: the system chooses another port at each start"),
                    "Set one for `web`, or leave `listen` out",
                ));
            }
            (Ok(_), None) => return Some(ok(format!("{place} is free"))),
            (Ok(_), Some((first, error))) => {
                return Some(ok(format!("{place} is free; {first} cannot be had: {error}")));
            }
            (Err(error), _) if is_running && error.kind() == ErrorKind::AddrInUse => {
                return Some(ok(format!("{place} is in use by the running server")));
            }
            (Err(error), _) => {
                refused.get_or_insert((*address, error));
            }
        }
    }
    let (address, error) = refused?;
    let words = format!("cannot listen on {address} ({PAGES}): {error}");
    Some(note(
        format!("{words}; the server runs without its web pages"),
        mend("web", address, &error),
    ))
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
            let everywhere = address.ip().is_unspecified() || theirs.ip().is_unspecified();
            let same = everywhere || address.ip() == theirs.ip();
            if same && address.port() == theirs.port() && address.port() != 0 {
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

fn mend(key: &str, address: SocketAddr, error: &io::Error) -> String {
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

    /// What is found if these ports cannot be had.
    fn found(candidates: &[u16], refused: &[(u16, ErrorKind)], is_running: bool) -> Finding {
        let place = |port| SocketAddr::from(([0, 0, 0, 0], port));
        let candidates: Vec<SocketAddr> = candidates.iter().copied().map(place).collect();
        let open = |address: SocketAddr| {
            let refused = refused.iter().find(|(port, _)| *port == address.port());
            refused.map_or(Ok(()), |(_, kind)| Err(io::Error::new(*kind, "why")))
        };
        web_pages(&candidates, is_running, open).unwrap()
    }

    #[test]
    fn a_port_of_the_web_pages_that_is_taken_is_a_note() {
        use ErrorKind::{AddrInUse, PermissionDenied};
        for (candidates, refused, is_running, verdict, words) in [
            (
                &[80_u16, 8086] as &[u16],
                &[] as &[_],
                false,
                Verdict::Ok,
                "0.0.0.0:80 (web pages) is free",
            ),
            (
                &[80, 8086],
                &[(80, PermissionDenied)],
                false,
                Verdict::Ok,
                "0.0.0.0:8086 (web pages) is free; 0.0.0.0:80 cannot be had: why",
            ),
            (
                &[80, 8086],
                &[(80, AddrInUse)],
                true,
                Verdict::Ok,
                "0.0.0.0:80 (web pages) is in use by the running server",
            ),
            (
                &[80, 8086],
                &[(80, AddrInUse), (8086, AddrInUse)],
                false,
                Verdict::Note,
                "cannot listen on 0.0.0.0:80 (web pages): why; the server runs without its web pages",
            ),
            (
                &[8080],
                &[(8080, AddrInUse)],
                false,
                Verdict::Note,
                "cannot listen on 0.0.0.0:8080 (web pages): why; the server runs without its web pages",
            ),
        ] {
            let found = found(candidates, refused, is_running);
            assert_eq!((found.verdict, found.words.as_str()), (verdict, words));
        }
        assert!(web_pages(&[], false, |_| Ok(())).is_none());
    }
}
