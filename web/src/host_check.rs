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
const ENDS: [&str; 7] =
    [".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain", ".localhost"];

/// Whether a `Host` header contains an address or a name of this server.
pub(crate) fn is_ours(authority: &str, settings: &Settings) -> bool {
    let name = name(authority).to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    let mut ours = settings.domains.iter().chain(&settings.names);
    !name.contains('.')
        || name.parse::<IpAddr>().is_ok()
        || ENDS.iter().any(|end| name.ends_with(end))
        || NAMES.contains(&name)
        || ours.any(|one| one.eq_ignore_ascii_case(name))
}

/// Whether two authorities are the same server. The default port is 80.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let short = |text: &str| text.strip_suffix(":80").unwrap_or(text).to_ascii_lowercase();
    short(one) == short(other)
}

/// An authority without its port and without the brackets of IPv6.
fn name(authority: &str) -> &str {
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
    fn addresses_and_names_of_one_network_are_ours() {
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
            assert!(is_ours(host, &settings()), "{host}");
        }
    }

    #[test]
    fn names_that_somebody_else_may_have_are_not() {
        for host in [
            "evil.example:8080",
            "www.example.com",
            "evilexample.com",
            "192.168.2.1.evil.example",
            "local.evil.example",
            "[evil.example]",
            "msn.example.net.evil.example",
        ] {
            assert!(!is_ours(host, &settings()), "{host}");
        }
    }

    #[test]
    fn the_port_80_need_not_be_said() {
        assert!(is_same("Raspberry", "raspberry:80"));
        assert!(!is_same("raspberry:8080", "raspberry"));
    }
}
