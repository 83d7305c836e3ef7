//! Who comes in.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;
use tokio::time::Instant;

/// Of each reason one line is logged in this time, however many are turned away for it.
const QUIET: Duration = Duration::from_secs(60);

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crowd {
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
pub enum Turned {
    /// There are as many connections as there may be, and all have signed in.
    #[error("there are too many connections")]
    Crowded,
    /// There are too many from its address.
    #[error("there are too many connections from its address")]
    PerAddress,
    /// It does not come from a private network, nor from one that is allowed.
    #[error("its address is public, and `allow` in the configuration does not name it")]
    Public,
    /// The server is shutting down.
    #[error("the server is shutting down")]
    Closing,
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

/// Whose connections are counted together.
pub(crate) fn origin(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

/// What is said at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Turned(Turned),
    Evicted,
    Throttled,
}

/// How often something was said in silence since it was said aloud.
struct Echo {
    said: Said,
    since: Instant,
    more: u64,
}

/// The log of the door: a flood of connections is no flood of lines. It has one entry for each
/// reason at most.
#[derive(Default)]
pub(super) struct Door {
    echoes: RefCell<Vec<Echo>>,
}

impl Door {
    /// A connection was turned away.
    pub(super) fn turned(&self, peer: IpAddr, turned: Turned) {
        if self.is_news(Said::Turned(turned)) {
            log::warn!("{peer} turned away: {turned}");
        }
    }

    /// A connection was evicted.
    pub(super) fn evicted(&self, peer: IpAddr) {
        if self.is_news(Said::Evicted) {
            log::warn!("{peer} evicted: there was no room, and it had not signed in");
        }
    }

    /// A sign-in was refused without looking at it.
    pub(super) fn throttled(&self, peer: IpAddr) {
        if self.is_news(Said::Throttled) {
            log::warn!("{peer} refused: too many failed sign-ins");
        }
    }

    fn is_news(&self, said: Said) -> bool {
        let mut echoes = self.echoes.borrow_mut();
        let known = echoes.iter_mut().find(|echo| echo.said == said);
        if let Some(echo) = known {
            echo.more += 1;
            return false;
        }
        echoes.push(Echo { said, since: Instant::now(), more: 0 });
        true
    }

    /// Says how many more there were.
    pub(super) fn sweep(&self) {
        for line in self.report() {
            log::warn!("{line}");
        }
    }

    fn report(&self) -> Vec<String> {
        let (now, mut lines) = (Instant::now(), Vec::new());
        self.echoes.borrow_mut().retain_mut(|echo| {
            if now.duration_since(echo.since) < QUIET {
                return true;
            }
            let more = std::mem::take(&mut echo.more);
            if more == 0 {
                return false;
            }
            let were = if more == 1 { "connection was" } else { "connections were" };
            lines.push(match echo.said {
                Said::Turned(turned) => {
                    format!("… and {more} more {were} turned away: {turned}")
                }
                Said::Evicted => format!("… and {more} more {were} evicted"),
                Said::Throttled => {
                    format!("… and {more} more {were} refused: too many failed sign-ins")
                }
            });
            echo.since = now;
            true
        });
        lines
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

    #[tokio::test(start_paused = true)]
    async fn each_reason_is_said_aloud_once_and_then_summed_up_each_minute() {
        let door = Door::default();
        let crowded = Said::Turned(Turned::Crowded);
        assert!(door.is_news(crowded));
        assert!(!door.is_news(crowded) && !door.is_news(crowded));
        assert!(door.is_news(Said::Turned(Turned::Public)));
        assert!(door.report().is_empty());
        tokio::time::advance(QUIET).await;
        let line = "… and 2 more connections were turned away: there are too many connections";
        assert_eq!(door.report(), [line]);
        // The flood goes on: it is summed up again. What was said once is news again.
        assert!(!door.is_news(crowded));
        assert!(door.is_news(Said::Turned(Turned::Public)));
        tokio::time::advance(QUIET).await;
        let line = "… and 1 more connection was turned away: there are too many connections";
        assert_eq!(door.report(), [line]);
        tokio::time::advance(QUIET).await;
        assert!(door.report().is_empty());
        assert!(door.is_news(crowded));
    }
}
