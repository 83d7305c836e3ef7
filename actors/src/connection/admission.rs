//! Admission of new connections.

use crate::end::EndReason;
use std::net::{IpAddr, Ipv6Addr};

/// Why a new connection was not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", EndReason::TurnedAway(*self))]
pub enum AdmissionError {
    /// There are too many connections, and none that can be evicted.
    Crowded,
    /// There are too many connections from its address.
    PerAddress,
    /// Its address is neither private nor allowed by the settings.
    Public,
    /// The server shuts down.
    Closing,
    /// Its network is denied.
    Denied,
}

/// Returns whether an address is private: loopback, RFC 1918, link-local, carrier-grade NAT (RFC 6598),
/// or unique local.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let is_carrier_grade = first == 100 && second & 0b1100_0000 == 64;
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || is_carrier_grade
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.to_ipv4_mapped().is_some_and(|address| is_private(address.into()))
        }
    }
}

/// Returns the address under which connections are counted: for IPv6, the /64 network.
pub fn origin(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_recognized() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.10",
            "169.254.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:192.168.1.10",
        ] {
            assert!(is_private(address.parse().unwrap()), "{address}");
        }
        for address in [
            "203.0.113.5",
            "172.32.0.1",
            "192.169.0.1",
            "100.63.255.255",
            "100.128.0.0",
            "2001:db8::1",
            "::ffff:203.0.113.5",
        ] {
            assert!(!is_private(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_origin_is_an_ipv4_address_or_a_64_bit_ipv6_network() {
        let origin = |address: &str| origin(address.parse().unwrap()).to_string();
        assert_eq!(origin("192.0.2.7"), "192.0.2.7");
        assert_eq!(origin("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
