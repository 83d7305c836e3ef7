use super::{Context, Finding, note, ok, wrong};
use crate::config::{Config, Listener};
use crate::error::CONFIGURATION;
use crate::hints;
use crate::listener::title;
use msnp::Server;
use std::net::{Ipv4Addr, SocketAddrV4};

/// Reports the addresses that clients are sent to, and whether they reach the servers there.
pub(super) fn check(_: &Context<'_>, config: &Config) -> Vec<Finding> {
    check_on(config, &hints::own_addresses())
}

/// Checks a configuration for a machine with these addresses.
fn check_on(config: &Config, own_addresses: &[Ipv4Addr]) -> Vec<Finding> {
    let mut found = check_reachability(config, own_addresses);
    let shared_listener = config.dispatch.filter(|dispatch| config.is_shared_listener(dispatch));
    let shared_advertise = shared_listener.and_then(|dispatch| dispatch.advertise);
    if let Some(notification) = config.notification {
        let server = Server::Notification;
        let referrer = config.dispatch.unwrap_or(notification);
        found.push(match (notification.advertise, shared_advertise) {
            (Some(address), _) => {
                check_advertised(server, "notification", notification, address, own_addresses)
            }
            (None, Some(address)) => {
                check_advertised(server, "dispatch", notification, address, own_addresses)
            }
            (None, None) => {
                check_not_advertised(server, "notification", notification, referrer, own_addresses)
            }
        });
    }
    if let Some(switchboard) = config.switchboard {
        let server = Server::Switchboard;
        let referrer = config.notification.or(config.dispatch).unwrap_or(switchboard);
        found.push(match switchboard.advertise {
            Some(address) => {
                check_advertised(server, "switchboard", switchboard, address, own_addresses)
            }
            None => {
                check_not_advertised(server, "switchboard", switchboard, referrer, own_addresses)
            }
        });
    }
    for address in config.other_notification_servers() {
        found.extend(check_connectable("notification_servers", *address));
    }
    found
}

/// Reports whether other machines can connect at all.
fn check_reachability(config: &Config, own_addresses: &[Ipv4Addr]) -> Vec<Finding> {
    let mut found = Vec::new();
    if config.listeners().all(|listener| listener.listen.ip().to_canonical().is_loopback()) {
        found.push(note(
            "every server listens on loopback only: no other machine can connect",
            "To let other machines connect, set `listen` to 0.0.0.0 and the port",
        ));
    } else if own_addresses.is_empty() {
        found.push(note(
            "this machine has no IPv4 address besides loopback: no other machine can connect",
            "Connect it to the network; clients use IPv4 only",
        ));
    }
    found
}

/// Reports an address that no client can connect to.
fn check_connectable(key: &str, address: SocketAddrV4) -> Option<Finding> {
    let why = if address.ip().is_unspecified() {
        "0.0.0.0 is not an address that a client can connect to"
    } else if address.port() == 0 {
        "port 0 is not a port that a client can connect to"
    } else {
        return None;
    };
    Some(wrong(
        CONFIGURATION,
        format!("clients would be sent to {address} (`{key}`): {why}"),
        "Set an address and a port that clients can connect to",
    ))
}

/// Checks a server with an address to advertise, which `advertise` of this key sets.
fn check_advertised(
    server: Server,
    key: &str,
    listener: Listener,
    address: SocketAddrV4,
    own_addresses: &[Ipv4Addr],
) -> Finding {
    let statement = format!("clients are sent to {address} ({})", title(server));
    if let Some(finding) = check_connectable(&format!("{key}.advertise"), address) {
        return finding;
    }
    if address.ip().is_loopback() {
        if listener.listen.ip().to_canonical().is_loopback() {
            return ok(statement);
        }
        return wrong(
            CONFIGURATION,
            format!("{statement}, which is always the client's own machine"),
            format!(
                "Remove `advertise` of `{key}`: clients are then sent to the address that they \
                 reached"
            ),
        );
    }
    if own_addresses.contains(address.ip()) {
        let (ip, port) = (listener.listen.ip().to_canonical(), listener.listen.port());
        if port == address.port() && (ip.is_unspecified() || ip == *address.ip()) {
            return ok(statement);
        }
        return wrong(
            CONFIGURATION,
            format!(
                "{statement}, an address of this machine, but it listens on {}",
                listener.listen
            ),
            format!(
                "Remove `advertise` of `{key}`, or set it to the address where that server listens"
            ),
        );
    }
    note(
        format!("{statement}, which is not an address of this machine"),
        format!("This is right behind a port forwarding; else remove `advertise` of `{key}`"),
    )
}

/// Checks a server without an address to advertise: clients are sent to the address at which they reached the
/// server that refers them, the referrer.
fn check_not_advertised(
    server: Server,
    key: &str,
    listener: Listener,
    referrer: Listener,
    own_addresses: &[Ipv4Addr],
) -> Finding {
    // Clients that are at the referrer reached one of its addresses, and are sent to the same one.
    let referrer_ip = referrer.listen.ip().to_canonical();
    let (ip, port) = (listener.listen.ip().to_canonical(), listener.listen.port());
    if referrer_ip.is_ipv6() && !referrer_ip.is_unspecified() {
        return note(
            format!(
                "clients that connect to {referrer_ip} cannot be sent to the {}",
                title(server)
            ),
            format!("Clients use IPv4 only: listen on 0.0.0.0, or set `advertise` of `{key}`"),
        );
    }
    if !ip.is_unspecified() && referrer_ip != ip {
        let reached = if referrer_ip.is_unspecified() {
            "any address".into()
        } else {
            referrer_ip.to_string()
        };
        return wrong(
            CONFIGURATION,
            format!(
                "clients that reached {reached} are sent to the same address for the {}, which \
                 listens on {ip} only",
                title(server)
            ),
            format!("Make both listen on the same address, or set `advertise` of `{key}`"),
        );
    }
    let port = if port == 0 { "its port".to_owned() } else { format!("port {port}") };
    let target = if referrer_ip.is_unspecified() {
        let example = own_addresses.first().map_or(String::new(), |own| format!(", such as {own}"));
        format!("the address at which they reached this machine{example}")
    } else {
        referrer_ip.to_string()
    };
    ok(format!("clients are sent to {target}, {port} ({})", title(server)))
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use crate::config::parse;

    const OWN: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 10);

    fn findings(text: &str, own: &[Ipv4Addr]) -> Vec<(Verdict, String)> {
        let found = check_on(&parse(text).unwrap(), own);
        found.into_iter().map(|finding| (finding.verdict, finding.message)).collect()
    }

    #[test]
    fn by_default_clients_are_sent_to_the_address_that_they_reached() {
        let reached = "clients are sent to the address at which they reached this machine";
        let expected = [
            format!("{reached}, such as 192.168.1.10, port 1864 (Notification Server)"),
            format!("{reached}, such as 192.168.1.10, port 1865 (Switchboard Server)"),
        ];
        assert_eq!(findings("()", &[OWN]), expected.map(|words| (Verdict::Ok, words)));
    }

    #[test]
    fn a_machine_without_addresses_is_noted() {
        let all = findings("()", &[]);
        assert_eq!(all[0].0, Verdict::Note);
        assert!(all[0].1.contains("no IPv4 address"), "{all:?}");
        let loopback = "(dispatch: (listen: \"127.0.0.1:1863\"), switchboard: None, \
                        notification: (listen: \"127.0.0.1:1864\"))";
        for own in [&[OWN] as &[Ipv4Addr], &[]] {
            let all = findings(loopback, own);
            assert_eq!(all.len(), 2, "{all:?}");
            assert_eq!(all[0].0, Verdict::Note);
            assert!(all[0].1.contains("on loopback only"), "{all:?}");
            assert_eq!(all[1].1, "clients are sent to 127.0.0.1, port 1864 (Notification Server)");
        }
    }

    #[test]
    fn advertised_addresses_are_checked() {
        for (listen, advertise, verdict, words) in [
            ("0.0.0.0:1864", "192.168.1.10:1864", Verdict::Ok, "are sent to 192.168.1.10:1864"),
            ("0.0.0.0:1864", "203.0.113.5:99", Verdict::Note, "not an address of this machine"),
            ("0.0.0.0:1864", "127.0.0.1:1864", Verdict::Wrong(3), "the client's own machine"),
            ("127.0.0.1:1864", "127.0.0.1:99", Verdict::Ok, "are sent to 127.0.0.1:99"),
            ("0.0.0.0:1864", "0.0.0.0:1864", Verdict::Wrong(3), "0.0.0.0 is not an address"),
            ("0.0.0.0:1864", "192.168.1.10:0", Verdict::Wrong(3), "port 0 is not a port"),
            (
                "192.168.1.10:1864",
                "192.168.1.10:1864",
                Verdict::Ok,
                "are sent to 192.168.1.10:1864",
            ),
            ("[::]:1864", "192.168.1.10:1864", Verdict::Ok, "are sent to 192.168.1.10:1864"),
            (
                "0.0.0.0:1864",
                "192.168.1.10:99",
                Verdict::Wrong(3),
                "but it listens on 0.0.0.0:1864",
            ),
            ("0.0.0.0:0", "192.168.1.10:1864", Verdict::Wrong(3), "but it listens on 0.0.0.0:0"),
            (
                "127.0.0.1:1864",
                "192.168.1.10:1864",
                Verdict::Wrong(3),
                "clients are sent to 192.168.1.10:1864 (Notification Server), an address of this \
                 machine, but it listens on 127.0.0.1:1864",
            ),
        ] {
            let text = format!(
                "(dispatch: (listen: \"192.168.1.10:1\"), switchboard: None, notification: \
                 (listen: \"{listen}\", advertise: \"{advertise}\"))"
            );
            let all = findings(&text, &[OWN]);
            assert_eq!(all.len(), 1, "{all:?}");
            assert!(all[0].0 == verdict && all[0].1.contains(words), "{all:?}");
        }
    }

    #[test]
    fn a_server_that_clients_are_not_sent_to_is_found() {
        let servers = |dispatch: &str, notification: &str| {
            let text = format!(
                "(dispatch: (listen: \"{dispatch}:1863\"), notification: (listen: \
                 \"{notification}:1864\"), switchboard: None)"
            );
            findings(&text, &[OWN]).pop().unwrap()
        };
        for (from, to) in [("0.0.0.0", "127.0.0.1"), ("192.168.1.10", "127.0.0.1")] {
            let (verdict, words) = servers(from, to);
            assert!(verdict == Verdict::Wrong(3) && words.contains("127.0.0.1 only"), "{words}");
        }
        for (from, to) in [("192.168.1.10", "0.0.0.0"), ("192.168.1.10", "192.168.1.10")] {
            assert_eq!(servers(from, to).0, Verdict::Ok);
        }
        assert_eq!(servers("[2001:db8::1]", "0.0.0.0").0, Verdict::Note);
        assert_eq!(servers("[::]", "[::]").0, Verdict::Ok);
    }
}
