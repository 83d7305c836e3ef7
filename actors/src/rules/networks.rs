//! Denied networks.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::IpAddr;

/// The maximum number of denied networks. Each new connection is compared with all of them.
pub const MAX_DENIED: usize = 1024;

/// The number of bits before the IPv4 address in an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2).
const MAPPED_PREFIX: u8 = 96;

/// Why a text is not a network that can be denied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The text is not a network.
    #[error(
        "{0:?} is neither a network like 203.0.113.0/24 or 2001:db8::/32 nor an address like \
         203.0.113.5"
    )]
    Malformed(String),
    /// The network is within loopback.
    #[error("{0} is loopback, which is never denied: this machine always reaches its own server")]
    Loopback(IpNet),
}

/// Parses a network or an address into canonical form: without bits after the prefix, and as IPv4 if it
/// is IPv4-mapped.
///
/// # Errors
/// [`NetworkError::Malformed`] if the text is not a network.
pub fn parse_network(text: &str) -> Result<IpNet, NetworkError> {
    let text = text.trim();
    let parsed = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    parsed.map(canonical).map_err(|_| {
        // The text may be long.
        NetworkError::Malformed(text.chars().take(50).collect())
    })
}

/// Returns the canonical form of a network.
fn canonical(network: IpNet) -> IpNet {
    let unmapped = |v6: Ipv6Net| {
        let v4 = v6.trunc().addr().to_ipv4_mapped()?;
        Ipv4Net::new(v4, v6.prefix_len().checked_sub(MAPPED_PREFIX)?).ok()
    };
    match network {
        IpNet::V6(v6) => unmapped(v6).map_or(network, IpNet::V4).trunc(),
        IpNet::V4(_) => network.trunc(),
    }
}

/// Checks that a network may be denied, and returns its canonical form. A larger network that
/// contains loopback may be denied, but does not apply to loopback.
///
/// # Errors
/// [`NetworkError::Loopback`] if the network is within loopback.
pub fn check_deniable(network: IpNet) -> Result<IpNet, NetworkError> {
    let network = canonical(network);
    let is_within_loopback = match network {
        IpNet::V4(v4) => v4.addr().is_loopback() && v4.prefix_len() >= 8,
        IpNet::V6(v6) => v6.addr().is_loopback() && v6.prefix_len() == 128,
    };
    if is_within_loopback { Err(NetworkError::Loopback(network)) } else { Ok(network) }
}

/// Returns whether a network is in canonical form and may be denied.
pub fn is_canonical_and_deniable(network: IpNet) -> bool {
    check_deniable(network) == Ok(network)
}

/// Returns the first network that contains an address. Loopback addresses match none.
pub fn find_denied(networks: &[IpNet], address: IpAddr) -> Option<IpNet> {
    let address = address.to_canonical();
    if address.is_loopback() {
        return None;
    }
    networks.iter().copied().find(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> IpNet {
        parse_network(text).unwrap()
    }

    #[test]
    fn networks_have_a_canonical_form() {
        for (text, form) in [
            ("203.0.113.5", "203.0.113.5/32"),
            (" 203.0.113.5/24 ", "203.0.113.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:DB8::7/32", "2001:db8::/32"),
            ("2001:db8::7", "2001:db8::7/128"),
            ("::ffff:203.0.113.5", "203.0.113.5/32"),
            ("::ffff:203.0.113.5/120", "203.0.113.0/24"),
            ("::/0", "::/0"),
        ] {
            let network = network(text);
            assert_eq!(network.to_string(), form, "{text}");
            assert!(is_canonical_and_deniable(network), "{text}");
        }
        for text in ["", "x", "203.0.113", "203.0.113.0/33", "2001:db8::/129", "1.2.3.4/", "pi.lan"]
        {
            assert!(matches!(parse_network(text), Err(NetworkError::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn loopback_is_never_denied() {
        for text in ["127.0.0.1", "127.0.0.0/8", "127.1.0.0/16", "::1", "::ffff:127.0.0.1"] {
            let network = network(text);
            assert_eq!(check_deniable(network), Err(NetworkError::Loopback(network)), "{text}");
            assert!(!is_canonical_and_deniable(network));
        }
        let all = ["0.0.0.0/0", "126.0.0.0/7", "::/0"].map(network);
        for network in all {
            assert_eq!(check_deniable(network), Ok(network));
        }
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(find_denied(&all, address.parse().unwrap()), None, "{address}");
        }
    }

    #[test]
    fn an_address_matches_its_network() {
        let all = ["203.0.113.0/24", "2001:db8::/32"].map(network);
        let found = |address: &str| find_denied(&all, address.parse().unwrap());
        assert_eq!(found("203.0.113.255"), Some(all[0]));
        assert_eq!(found("::ffff:203.0.113.1"), Some(all[0]));
        assert_eq!(found("2001:db8:1::1"), Some(all[1]));
        assert_eq!(found("203.0.114.0"), None);
        assert_eq!(found("2001:db9::"), None);
    }
}
