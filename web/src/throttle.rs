//! Limits for attempts from one address.

use actors::limit::TtlMap;
use actors::limit::throttle::counted;
use std::net::IpAddr;
use std::time::Duration;

/// How long the attempts of an address are counted together, from its first one on.
pub const ATTEMPT_WINDOW: Duration = Duration::from_secs(3600);

/// The maximum number of addresses with a count, which takes about 100 bytes. The oldest is removed
/// first.
const MAX_ADDRESSES: usize = 1024;

/// The number of attempts of each address. Public IPv6 addresses are counted by /64 network.
#[derive(Default)]
pub(crate) struct Attempts(TtlMap<usize, MAX_ADDRESSES>);

impl Attempts {
    /// Counts an attempt from this address. Returns `false` if the address has reached the limit.
    pub(crate) fn try_attempt(&mut self, address: IpAddr, limit: usize) -> bool {
        self.0.drop_older(ATTEMPT_WINDOW);
        let count = self.0.get_or_default(&counted(address), ATTEMPT_WINDOW);
        if *count >= limit {
            return false;
        }
        *count += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_rt::test]
    async fn each_address_has_a_number_of_attempts_an_hour() {
        tokio::time::pause();
        let mut attempts = Attempts::default();
        let address = "192.0.2.1".parse().unwrap();
        let passed =
            |attempts: &mut Attempts| (0..5).filter(|_| attempts.try_attempt(address, 3)).count();
        assert_eq!(passed(&mut attempts), 3);
        assert!(attempts.try_attempt("192.0.2.2".parse().unwrap(), 3));
        tokio::time::advance(ATTEMPT_WINDOW).await;
        assert_eq!(passed(&mut attempts), 3);
    }

    #[test]
    fn private_ipv6_addresses_are_counted_one_by_one() {
        let mut attempts = Attempts::default();
        let mut passes = |address: &str| attempts.try_attempt(address.parse().unwrap(), 1);
        for address in ["fe80::1", "fe80::2", "fd00::1", "fd00::2", "2001:db8::1"] {
            assert!(passes(address), "{address}");
        }
        assert!(!passes("fe80::1") && !passes("2001:db8::2"));
    }

    #[test]
    fn the_number_of_counted_addresses_is_limited() {
        let mut attempts = Attempts::default();
        for number in 0..2 * u32::try_from(MAX_ADDRESSES).unwrap() {
            assert!(attempts.try_attempt(std::net::Ipv4Addr::from_bits(number).into(), 1));
        }
        assert_eq!(attempts.0.len(), MAX_ADDRESSES);
    }
}
