//! The host names under which the pages are served.
//!
//! An attacker who owns a name in the DNS can point it to an address of this network. A browser
//! then treats the pages of this server as part of the attacker's site, so scripts of that site can
//! read them and send forms (DNS rebinding). To prevent that, pages are served only under names
//! that no outsider can own.

use crate::client_setup::NAMES;
use crate::site::Settings;
use std::net::IpAddr;

/// The suffixes of names that are only valid in one network: those of RFC 6762, RFC 8375 and RFC
/// 6761, `.internal`, which ICANN reserves for private use, and those that routers use.
const LOCAL_SUFFIXES: [&str; 7] =
    [".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain", ".localhost"];

/// Whether the host of a `Host` header is one that no outsider can own: an IP address, a local
/// name, or a name of this server.
pub(crate) fn is_own_host(authority: &str, settings: &Settings) -> bool {
    let lower_case = host_name(authority).to_ascii_lowercase();
    let name = lower_case.strip_suffix('.').unwrap_or(&lower_case);
    let is_address = name.parse::<IpAddr>().is_ok();
    let is_local =
        !name.contains('.') || LOCAL_SUFFIXES.iter().any(|suffix| name.ends_with(suffix));
    let mut configured = settings.domains.iter().chain(&settings.names);
    let is_of_this_server =
        NAMES.contains(&name) || configured.any(|own| own.eq_ignore_ascii_case(name));
    is_address || is_local || is_of_this_server
}

/// Whether two authorities name the same host and port. The default port is 80.
pub(crate) fn is_same_server(one: &str, other: &str) -> bool {
    let without_default_port =
        |authority: &str| authority.strip_suffix(":80").unwrap_or(authority).to_ascii_lowercase();
    without_default_port(one) == without_default_port(other)
}

/// Returns the host of an authority: without its port and without the brackets of IPv6.
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
            max_forms_per_hour: 20,
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
