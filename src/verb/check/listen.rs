use super::{Finding, Subject, note, ok, wrong};
use crate::config::Config;
use crate::failure::{ADDRESS, CONFIGURATION};
use crate::listener::{PAGES, open, title};
use msnp::Server;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

/// Whether each server can have its address: takes it, and gives it back.
pub(super) fn look(subject: &Subject<'_>, config: &Config) -> Vec<Finding> {
    let servers = servers(config);
    let mut found = shared(&servers);
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
    found
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
    let servers = servers.filter_map(|(server, key, own)| Some((title(server), key, own?.listen)));
    servers.chain(config.web.as_ref().map(|web| (PAGES, "web", web.listen))).collect()
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
