//! What the operator does next, in words and in commands that he can type where he is.

use crate::config::{Config, Loaded, USUAL_WEB_PORTS};
use actors::connection::is_private;
use if_addrs::IfAddr;
use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;

/// The port that clients dial which cannot be told another one, such as MSN Messenger.
pub(crate) const DEFAULT_PORT: u16 = 1863;

/// The command that makes the next of the two accounts that a first conversation needs.
pub(crate) fn add_account(loaded: &Loaded, accounts: usize) -> Option<String> {
    let who = match accounts {
        0 => "alice",
        1 => "bob",
        _ => return None,
    };
    let domain = loaded.config.domains.first().map_or("hotmail.com", String::as_str);
    Some(command(loaded, &format!("user add {who}@{domain}")))
}

/// A command for the same program, configuration and data.
pub(crate) fn command(loaded: &Loaded, verb: &str) -> String {
    let program = std::env::args_os().next().unwrap_or_else(|| "msnpd".into());
    let mut command = format!("{} {verb}", word(Path::new(&program)));
    if let Some(file) = loaded.file.as_deref().filter(|_| loaded.named) {
        command.push_str(&format!(" --config {}", word(file)));
    }
    if loaded.data_named.is_some() {
        command.push_str(&format!(" --data {}", word(&loaded.config.data)));
    }
    command
}

/// A path as a shell takes it for one word.
pub(crate) fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+=:@%,".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Where a client finds the server that listens there. Who only has its name dials the usual port.
pub(crate) fn client(listening: SocketAddr) -> String {
    let place = reachable(listening).join(" or ");
    match listening.port() {
        0 => format!(
            "in the client, set the server to {place} and the port that the server says at its start"
        ),
        DEFAULT_PORT => format!(
            "in the client, set the server to {place}, port {DEFAULT_PORT}; or have the name \
             messenger.hotmail.com lead there"
        ),
        port => format!("in the client, set the server to {place}, port {port}"),
    }
}

/// Where a browser finds the pages that listen there, or at the first of the usual ports that can be
/// had.
pub(crate) fn web(listening: Option<SocketAddr>) -> String {
    let Some(listening) = listening else {
        let [first, second] = USUAL_WEB_PORTS;
        let usual = web(Some(SocketAddr::from((Ipv4Addr::UNSPECIFIED, first))));
        return format!("{usual}; if port {first} cannot be had, it is at port {second}");
    };
    let port = match listening.port() {
        80 => String::new(),
        port => format!(":{port}"),
    };
    let page = |place: String| match place.contains(':') {
        true => format!("http://[{place}]{port}/"),
        false => format!("http://{place}{port}/"),
    };
    let places: Vec<String> = reachable(listening).into_iter().map(page).collect();
    if listening.port() == 0 {
        return "open the web page at the port that the server says at its start".to_owned();
    }
    format!("open {} on the old computer, to set it up and to make accounts", places.join(" or "))
}

/// What the operator of a machine without a private address has to know, if nothing is allowed yet:
/// even the machines beside it come from public addresses.
pub(crate) fn door(config: &Config) -> Option<String> {
    door_of(config, &networks())
}

fn door_of(config: &Config, own: &[Ipv4Net]) -> Option<String> {
    let outside = shut_out(own, &config.allow);
    if own.is_empty() || outside.len() < own.len() || !config.allow.is_empty() {
        return None;
    }
    if config.listeners().all(|listener| listener.listen.ip().to_canonical().is_loopback()) {
        return None;
    }
    let quoted = |network: &Ipv4Net| format!("\"{}\"", network.trunc());
    let networks: Vec<String> = outside.iter().map(quoted).collect();
    Some(format!(
        "this machine has no private address, and clients with public ones are turned away: add \
         their networks to `allow` in the configuration, such as {}",
        networks.join(", ")
    ))
}

/// The addresses that other machines reach a listener at.
fn reachable(listening: SocketAddr) -> Vec<String> {
    if !listening.ip().is_unspecified() {
        return vec![listening.ip().to_canonical().to_string()];
    }
    let found: Vec<String> = addresses().iter().map(Ipv4Addr::to_string).collect();
    if found.is_empty() { vec!["this machine's address".into()] } else { found }
}

/// The IPv4 addresses of this machine that others may reach it at; the one of the default route comes
/// first, since bridges of containers and of virtual machines have addresses as well.
pub(crate) fn addresses() -> Vec<Ipv4Addr> {
    let mut own: Vec<Ipv4Addr> = networks().iter().map(Ipv4Net::addr).collect();
    put_first(&mut own, of_default_route());
    own
}

fn put_first(own: &mut [Ipv4Addr], first: Option<Ipv4Addr>) {
    own.sort_by_key(|own| Some(*own) != first);
}

/// The address from which this machine would reach one that is in none of its networks, if it would.
/// The system chooses it when a socket for datagrams is connected, and sends nothing then. The address
/// that is asked for is of nobody (RFC 5737).
fn of_default_route() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(address) if !address.is_unspecified() => Some(address),
        IpAddr::V4(_) | IpAddr::V6(_) => None,
    }
}

/// The same with the networks that they are in.
pub(crate) fn networks() -> Vec<Ipv4Net> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let others = interfaces.iter().filter(|interface| !interface.is_loopback());
    let networks = others.filter_map(|interface| match &interface.addr {
        IfAddr::V4(address) => Ipv4Net::new(address.ip, address.prefixlen).ok(),
        IfAddr::V6(_) => None,
    });
    networks.collect()
}

/// Those of a machine's networks from which nobody may connect: public ones that are not allowed as
/// a whole.
pub(crate) fn shut_out(own: &[Ipv4Net], allow: &[IpNet]) -> Vec<Ipv4Net> {
    let is_allowed = |network: &Ipv4Net| {
        let network = IpNet::V4(network.trunc());
        allow.iter().any(|allowed| allowed.contains(&network))
    };
    let outside = |network: &&Ipv4Net| !is_private(network.addr().into()) && !is_allowed(network);
    own.iter().filter(outside).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_one_word_of_a_shell() {
        assert_eq!(word(Path::new("/srv/msn-1.0")), "/srv/msn-1.0");
        assert_eq!(word(Path::new("my data")), "'my data'");
        assert_eq!(word(Path::new("it's")), r"'it'\''s'");
    }

    #[test]
    fn only_who_dials_the_usual_port_finds_the_server_by_its_name() {
        let said = |port: u16| client(SocketAddr::from(([192, 168, 1, 10], port)));
        let server = "in the client, set the server to 192.168.1.10";
        let name = "; or have the name messenger.hotmail.com lead there";
        assert_eq!(said(1863), format!("{server}, port 1863{name}"));
        assert_eq!(said(2863), format!("{server}, port 2863"));
        assert_eq!(said(0), format!("{server} and the port that the server says at its start"));
    }

    #[test]
    fn the_web_page_has_a_port_unless_it_is_the_usual_one() {
        let said = |port: u16| web(Some(SocketAddr::from(([192, 168, 1, 10], port))));
        let on = "on the old computer, to set it up and to make accounts";
        assert_eq!(said(8080), format!("open http://192.168.1.10:8080/ {on}"));
        assert_eq!(said(80), format!("open http://192.168.1.10/ {on}"));
        assert_eq!(said(0), "open the web page at the port that the server says at its start");
        let v6 = web(Some("[fd00::1]:8080".parse().unwrap()));
        assert_eq!(v6, format!("open http://[fd00::1]:8080/ {on}"));
        let usual = web(None);
        assert!(usual.ends_with(&format!("/ {on}; if port 80 cannot be had, it is at port 8086")));
        assert!(!usual.contains(":80"), "{usual}");
    }

    #[test]
    fn a_machine_that_has_only_public_addresses_is_told_so() {
        let own = |text: &str| text.split(' ').map(|one| one.parse().unwrap()).collect::<Vec<_>>();
        let said = |config: &str, networks: &str| {
            door_of(&crate::config::parse(config).unwrap(), &own(networks))
        };
        assert_eq!(
            said("()", "203.0.113.5/24 198.51.100.9/32").unwrap(),
            "this machine has no private address, and clients with public ones are turned away: add \
             their networks to `allow` in the configuration, such as \"203.0.113.0/24\", \
             \"198.51.100.9/32\""
        );
        assert_eq!(said("()", "203.0.113.5/24 192.168.1.10/24"), None);
        assert_eq!(said("()", "100.64.0.1/10"), None);
        assert_eq!(said("(allow: [\"198.51.100.0/24\"])", "203.0.113.5/24"), None);
        let loopback =
            "(dispatch: None, switchboard: None, notification: (listen: \"127.0.0.1:1\"))";
        assert_eq!(said(loopback, "203.0.113.5/24"), None);
        assert_eq!(door_of(&crate::config::parse("()").unwrap(), &[]), None);
    }

    #[test]
    fn the_address_of_the_default_route_comes_first() {
        let own = ["172.17.0.1", "192.168.1.10", "10.0.3.1"].map(|one| one.parse().unwrap());
        for (first, order) in [
            (Some("192.168.1.10"), ["192.168.1.10", "172.17.0.1", "10.0.3.1"]),
            (Some("172.17.0.1"), ["172.17.0.1", "192.168.1.10", "10.0.3.1"]),
            // One that is not among them changes nothing, and so does none.
            (Some("192.168.1.11"), ["172.17.0.1", "192.168.1.10", "10.0.3.1"]),
            (None, ["172.17.0.1", "192.168.1.10", "10.0.3.1"]),
        ] {
            let mut sorted = own;
            put_first(&mut sorted, first.map(|first| first.parse().unwrap()));
            assert_eq!(sorted.map(|one: Ipv4Addr| one.to_string()), order);
        }
        // What the system says of this machine, if it says something.
        let first = of_default_route().filter(|first| addresses().contains(first));
        assert!(first.is_none() || first == addresses().first().copied());
    }

    #[test]
    fn a_network_is_allowed_as_a_whole() {
        let own = ["203.0.113.5/24".parse().unwrap()];
        for (allow, is_open) in [
            ("203.0.113.0/24", true),
            ("0.0.0.0/0", true),
            ("203.0.113.5/32", false),
            ("::/0", false),
        ] {
            let outside = shut_out(&own, &[allow.parse().unwrap()]);
            assert_eq!(outside.is_empty(), is_open, "{allow}");
        }
    }
}
