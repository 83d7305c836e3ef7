//! The host names under which the pages are served.
//!
//! An attacker with a name in the DNS can point it to an address of this network. A browser then
//! treats the pages as part of the attacker's site, so scripts of that site can read them and send
//! forms (DNS rebinding). So pages are served only under names that no outsider can own.

use crate::client_setup::NAMES;
use crate::site::Settings;
use std::net::IpAddr;

/// The suffixes of names that are only valid in one network: RFC 6762, RFC 8375, RFC 6761, the one
/// that ICANN reserves for private use, and those that routers use.
const LOCAL_SUFFIXES: [&str; 7] =
    [".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain", ".localhost"];

/// Whether no outsider can own the host in a `Host` header: an IP address, a local name, or a name
/// of this server.
pub(crate) fn is_own_host(authority: &str, settings: &Settings) -> bool {
    let name = host_name(authority).to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    let mut own_names = settings.domains.iter().chain(&settings.names);
    !name.contains('.')
        || name.parse::<IpAddr>().is_ok()
        || LOCAL_SUFFIXES.iter().any(|end| name.ends_with(end))
        || NAMES.contains(&name)
        || own_names.any(|one| one.eq_ignore_ascii_case(name))
}

/// Whether two authorities are the same server. The default port is 80.
pub(crate) fn is_same_server(one: &str, other: &str) -> bool {
    let short = |text: &str| text.strip_suffix(":80").unwrap_or(text).to_ascii_lowercase();
    short(one) == short(other)
}

/// An authority without its port and without the brackets of IPv6.
fn host_name(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::SignUp;

    fn settings() -> Settings {
        Settings {
            domains: vec!["Example.com".into()],
            names: vec!["msn.example.net".into()],
            sign_up: SignUp::Private,
            per_hour: 20,
            who_is_online: false,
            metrics: false,
        }
    }

    #[test]
    fn addresses_and_local_names_are_own_hosts() {
        for host in [
            "",
            "192.168.2.1",
            "192.168.2.1:8080",
            "[fd00::1]:8080",
            "[::ffff:192.168.2.1]",
            "localhost:8080",
            "Raspberry",
            "raspberry.local",
            "pi.lan.:8080",
            "pi.home.arpa",
            "example.com",
            "messenger.hotmail.com",
            "MESSENGER.msn.com:80",
            "msn.example.net:8080",
        ] {
            assert!(is_own_host(host, &settings()), "{host}");
        }
    }

    #[test]
    fn names_of_outsiders_are_not_own_hosts() {
        for host in [
            "evil.example:8080",
            "www.example.com",
            "evilexample.com",
            "192.168.2.1.evil.example",
            "local.evil.example",
            "[evil.example]",
            "msn.example.net.evil.example",
        ] {
            assert!(!is_own_host(host, &settings()), "{host}");
        }
    }

    #[test]
    fn port_80_is_the_default() {
        assert!(is_same_server("Raspberry", "raspberry:80"));
        assert!(!is_same_server("raspberry:8080", "raspberry"));
    }
}
