//! The number of connections from each address, for limits per address.

use std::collections::HashMap;
use std::net::IpAddr;

/// Counts by address. An address without connections takes no memory, so the memory is bounded by the
/// number of connections.
#[derive(Default)]
pub struct AddressCounts {
    counts: HashMap<IpAddr, usize>,
    total: usize,
}

impl AddressCounts {
    pub fn add(&mut self, address: IpAddr) {
        *self.counts.entry(address).or_default() += 1;
        self.total += 1;
    }

    /// Does nothing if the address has no connection.
    pub fn remove(&mut self, address: IpAddr) {
        let Some(count) = self.counts.get_mut(&address) else { return };
        *count -= 1;
        self.total -= 1;
        if *count == 0 {
            self.counts.remove(&address);
        }
    }

    /// Returns the number of connections from an address.
    pub fn of(&self, address: IpAddr) -> usize {
        self.counts.get(&address).copied().unwrap_or_default()
    }

    /// Returns the number of connections from the addresses that match. Looks at all addresses.
    pub fn of_matching(&self, mut matches: impl FnMut(IpAddr) -> bool) -> usize {
        self.counts.iter().filter(|(address, _)| matches(**address)).map(|(_, count)| count).sum()
    }

    /// Returns the number of all connections.
    pub fn total(&self) -> usize {
        self.total
    }

    /// Returns the number of distinct addresses.
    pub fn address_count(&self) -> usize {
        self.counts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_by_address() {
        let [one, two, none] =
            ["192.0.2.1", "192.0.2.2", "2001:db8::1"].map(|address| address.parse().unwrap());
        let mut counts = AddressCounts::default();
        for address in [one, one, two] {
            counts.add(address);
        }
        assert_eq!((counts.of(one), counts.of(two), counts.of(none)), (2, 1, 0));
        assert_eq!((counts.total(), counts.address_count()), (3, 2));
        assert_eq!(counts.of_matching(|address| address.is_ipv4()), 3);
        assert_eq!(counts.of_matching(|address| address != one), 1);
    }

    #[test]
    fn an_address_without_connections_takes_no_memory() {
        let [one, none] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().unwrap());
        let mut counts = AddressCounts::default();
        counts.add(one);
        counts.remove(none);
        assert_eq!((counts.total(), counts.address_count()), (1, 1));
        for _ in 0..2 {
            counts.remove(one);
            assert_eq!((counts.of(one), counts.total(), counts.address_count()), (0, 0, 0));
        }
    }
}
