//! What the operator can do next: sentences, and commands to copy into a shell.

use crate::config::{Config, Loaded, USUAL_WEB_PORTS};
use actors::connection::is_private;
use if_addrs::IfAddr;
use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;

/// The port that clients use if the user cannot set it, as in MSN Messenger.
pub(crate) const DEFAULT_PORT: u16 = 1863;

/// Returns the command that creates the next account. `None` if there are two accounts: these are enough for
/// a first conversation.
pub(crate) fn add_account(loaded: &Loaded, accounts: usize) -> Option<String> {
    let name = match accounts {
        0 => "alice",
        1 => "bob",
        _ => return None,
    };
    let domain = loaded.config.domains.first().map_or("hotmail.com", String::as_str);
    Some(command(loaded, &format!("user add {name}@{domain}")))
}

/// Returns a command line for the same program, configuration and data folder.
pub(crate) fn command(loaded: &Loaded, arguments: &str) -> String {
    let program = std::env::args_os().next().unwrap_or_else(|| "msnpd".into());
    let mut command = format!("{} {arguments}", shell_word(Path::new(&program)));
    if let Some(file) = loaded.file.as_deref().filter(|_| loaded.is_file_named) {
        command.push_str(&format!(" --config {}", shell_word(file)));
    }
    if loaded.data_source.is_some() {
        command.push_str(&format!(" --data {}", shell_word(&loaded.config.data)));
    }
    command
}

/// Returns a path quoted as one word of a shell.
pub(crate) fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+=:@%,".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns how to point a client at the server with this address. The files and records that `msnpd client`
/// prints are for the default port, so the hint for another port does not name that command.
pub(crate) fn client(listening: SocketAddr) -> String {
    let host = reachable_hosts(listening).join(" or ");
    match listening.port() {
        0 => format!(
            "in the client, set the server to {host} and the port that the server logs when it \
             starts"
        ),
        DEFAULT_PORT => format!(
            "without the web pages: `msnpd client reg`, `client hosts` or `client dns`; or in the client, \
             set the server to {host}, port {DEFAULT_PORT}"
        ),
        port => format!(
            "in a client that has a field for the port (MSN Messenger has none), set the server to {host}, \
             port {port}"
        ),
    }
}

/// Returns how to open the web pages, which listen on this address. `None` means the first available one of
/// the usual ports.
pub(crate) fn web(listening: Option<SocketAddr>) -> String {
    let Some(listening) = listening else {
        let [first, second] = USUAL_WEB_PORTS;
        let usual = web(Some(SocketAddr::from((Ipv4Addr::UNSPECIFIED, first))));
        return format!("{usual} (if port {first} is not available, at port {second})");
    };
    let port = match listening.port() {
        80 => String::new(),
        port => format!(":{port}"),
    };
    let url = |host: String| match host.contains(':') {
        true => format!("http://[{host}]{port}/"),
        false => format!("http://{host}{port}/"),
    };
    let urls: Vec<String> = reachable_hosts(listening).into_iter().map(url).collect();
    if listening.port() == 0 {
        return "open the web page at the port that the server logs when it starts".to_owned();
    }
    format!("open {} on the old computer: set-up and accounts", urls.join(" or "))
}

/// Returns a hint if this machine has only public addresses and `allow` is empty: then even the machines in
/// its own network connect from public addresses, which are refused.
pub(crate) fn allow(config: &Config) -> Option<String> {
    allow_for(config, &own_networks())
}

fn allow_for(config: &Config, own_networks: &[Ipv4Net]) -> Option<String> {
    let denied = denied_networks(own_networks, &config.allow);
    if own_networks.is_empty() || denied.len() < own_networks.len() || !config.allow.is_empty() {
        return None;
    }
    if config.listeners().all(|listener| listener.listen.ip().to_canonical().is_loopback()) {
        return None;
    }
    let quoted = |network: &Ipv4Net| format!("\"{}\"", network.trunc());
    let networks: Vec<String> = denied.iter().map(quoted).collect();
    Some(format!(
        "this machine has no private address, and clients with public addresses are refused: add \
         their networks to `allow` in the configuration, such as {}",
        networks.join(", ")
    ))
}

/// Returns the addresses at which other machines reach a listener, as text.
fn reachable_hosts(listening: SocketAddr) -> Vec<String> {
    if !listening.ip().is_unspecified() {
        return vec![listening.ip().to_canonical().to_string()];
    }
    let found: Vec<String> = own_addresses().iter().map(Ipv4Addr::to_string).collect();
    if found.is_empty() { vec!["this machine's address".into()] } else { found }
}

/// Returns the IPv4 addresses at which other machines may reach this one. The address of the default route
/// comes first: the others may belong to bridges of containers and virtual machines.
pub(crate) fn own_addresses() -> Vec<Ipv4Addr> {
    let mut addresses: Vec<Ipv4Addr> = own_networks().iter().map(Ipv4Net::addr).collect();
    move_to_front(&mut addresses, default_route_address());
    addresses
}

fn move_to_front(addresses: &mut [Ipv4Addr], first: Option<Ipv4Addr>) {
    // `false` sorts before `true`.
    addresses.sort_by_key(|address| Some(*address) != first);
}

/// Returns the address from which this machine sends to destinations outside its networks; `None` if there is
/// no route to them. The system chooses the address when a datagram socket is connected, and sends nothing.
/// The destination is a documentation address (RFC 5737), which belongs to no machine.
fn default_route_address() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(address) if !address.is_unspecified() => Some(address),
        IpAddr::V4(_) | IpAddr::V6(_) => None,
    }
}

/// Returns this machine's IPv4 addresses, except loopback, with their networks.
pub(crate) fn own_networks() -> Vec<Ipv4Net> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let reachable_interfaces = interfaces.iter().filter(|interface| !interface.is_loopback());
    let networks = reachable_interfaces.filter_map(|interface| match &interface.addr {
        IfAddr::V4(address) => Ipv4Net::new(address.ip, address.prefixlen).ok(),
        IfAddr::V6(_) => None,
    });
    networks.collect()
}

/// Returns the networks of a machine from which its server refuses connections: public networks, unless
/// `allow` contains them as a whole.
pub(crate) fn denied_networks(own_networks: &[Ipv4Net], allow: &[IpNet]) -> Vec<Ipv4Net> {
    let is_allowed = |network: &Ipv4Net| {
        let network = IpNet::V4(network.trunc());
        allow.iter().any(|allowed| allowed.contains(&network))
    };
    let is_denied = |network: &&Ipv4Net| !is_private(network.addr().into()) && !is_allowed(network);
    own_networks.iter().filter(is_denied).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_as_one_shell_word() {
        assert_eq!(shell_word(Path::new("/srv/msn-1.0")), "/srv/msn-1.0");
        assert_eq!(shell_word(Path::new("my data")), "'my data'");
        assert_eq!(shell_word(Path::new("it's")), r"'it'\''s'");
    }

    #[test]
    fn the_hint_mentions_the_commands_only_for_the_default_port() {
        let hint = |port: u16| client(SocketAddr::from(([192, 168, 1, 10], port)));
        let server = "in the client, set the server to 192.168.1.10";
        let commands = "without the web pages: `msnpd client reg`, `client hosts` or `client dns`";
        assert_eq!(hint(1863), format!("{commands}; or {server}, port 1863"));
        let other_port = "in a client that has a field for the port (MSN Messenger has none), set the server to \
                          192.168.1.10, port 2863";
        assert_eq!(hint(2863), other_port);
        assert_eq!(hint(0), format!("{server} and the port that the server logs when it starts"));
    }

    #[test]
    fn the_web_address_has_a_port_unless_it_is_80() {
        let hint = |port: u16| web(Some(SocketAddr::from(([192, 168, 1, 10], port))));
        let on = "on the old computer: set-up and accounts";
        assert_eq!(hint(8080), format!("open http://192.168.1.10:8080/ {on}"));
        assert_eq!(hint(80), format!("open http://192.168.1.10/ {on}"));
        assert_eq!(hint(0), "open the web page at the port that the server logs when it starts");
        let v6 = web(Some("[fd00::1]:8080".parse().unwrap()));
        assert_eq!(v6, format!("open http://[fd00::1]:8080/ {on}"));
        let usual = web(None);
        let other = " (if port 80 is not available, at port 8086)";
        assert!(usual.ends_with(&format!("/ {on}{other}")));
        assert!(!usual.contains(":80"), "{usual}");
    }

    #[test]
    fn a_machine_with_public_addresses_only_gets_a_hint_about_allow() {
        let own = |text: &str| text.split(' ').map(|one| one.parse().unwrap()).collect::<Vec<_>>();
        let hint = |config: &str, networks: &str| {
            allow_for(&crate::config::parse(config).unwrap(), &own(networks))
        };
        assert_eq!(
            hint("()", "203.0.113.5/24 198.51.100.9/32").unwrap(),
            "this machine has no private address, and clients with public addresses are refused: \
             add their networks to `allow` in the configuration, such as \"203.0.113.0/24\", \
             \"198.51.100.9/32\""
        );
        assert_eq!(hint("()", "203.0.113.5/24 192.168.1.10/24"), None);
        assert_eq!(hint("()", "100.64.0.1/10"), None);
        assert_eq!(hint("(allow: [\"198.51.100.0/24\"])", "203.0.113.5/24"), None);
        let loopback =
            "(dispatch: None, switchboard: None, notification: (listen: \"127.0.0.1:1\"))";
        assert_eq!(hint(loopback, "203.0.113.5/24"), None);
        assert_eq!(allow_for(&crate::config::parse("()").unwrap(), &[]), None);
    }

    #[test]
    fn the_address_of_the_default_route_comes_first() {
        let own = ["172.17.0.1", "192.168.1.10", "10.0.3.1"].map(|one| one.parse().unwrap());
        for (first, order) in [
            (Some("192.168.1.10"), ["192.168.1.10", "172.17.0.1", "10.0.3.1"]),
            (Some("172.17.0.1"), ["172.17.0.1", "192.168.1.10", "10.0.3.1"]),
            // An address that is not in the list changes nothing, and so does None.
            (Some("192.168.1.11"), ["172.17.0.1", "192.168.1.10", "10.0.3.1"]),
            (None, ["172.17.0.1", "192.168.1.10", "10.0.3.1"]),
        ] {
            let mut sorted = own;
            move_to_front(&mut sorted, first.map(|first| first.parse().unwrap()));
            assert_eq!(sorted.map(|one: Ipv4Addr| one.to_string()), order);
        }
        // The real address of this machine, if it has one.
        let first = default_route_address().filter(|first| own_addresses().contains(first));
        assert!(first.is_none() || first == own_addresses().first().copied());
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
            let denied = denied_networks(&own, &[allow.parse().unwrap()]);
            assert_eq!(denied.is_empty(), is_open, "{allow}");
        }
    }
}
