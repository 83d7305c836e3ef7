//! Who comes in.

use crate::end::EndReason;
use std::net::{IpAddr, Ipv6Addr};

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// In all.
    pub connections: usize,
    /// From one address; of IPv6, from one network of 64 bits, since a machine has as many
    /// addresses in it as it likes.
    pub per_address: usize,
    /// That have not signed in yet, or not joined.
    pub half_open: usize,
}

/// Why a new connection is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", EndReason::TurnedAway(*self))]
pub enum AdmissionError {
    /// There are as many connections as there may be, and all have signed in.
    Crowded,
    /// There are too many from its address.
    PerAddress,
    /// It does not come from a private network, nor from one that is allowed.
    Public,
    /// The server is shutting down.
    Closing,
    /// The operator denied its network.
    Denied,
}

/// Whether an address is one of a private network: loopback, RFC 1918, link-local, shared between
/// a carrier and its customers (RFC 6598), or unique local.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let shared = first == 100 && second & 0b1100_0000 == 64;
            address.is_loopback() || address.is_private() || address.is_link_local() || shared
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.to_ipv4_mapped().is_some_and(|address| is_private(address.into()))
        }
    }
}

/// Whose connections are counted together: of IPv6, those of a network of 64 bits.
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
    fn private_networks_are_known() {
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
    fn a_machine_has_one_address_of_ipv4_and_a_network_of_ipv6() {
        let origin = |address: &str| origin(address.parse().unwrap()).to_string();
        assert_eq!(origin("192.0.2.7"), "192.0.2.7");
        assert_eq!(origin("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
