//! The half-open connections (not yet signed in or joined), in the order of their eviction.
//!
//! The oldest connection of the origin with the most connections is first. So a flood evicts its
//! own connections, and sign-ins from elsewhere are not affected.

use crate::connection::slot::ConnectionId;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

/// The connections of an origin with their slot indexes, the oldest first.
type SlotsById = BTreeMap<ConnectionId, usize>;

/// The rank of an origin. Connections of the highest rank are evicted first: those of the origin
/// with the most, or, of two with equally many, of the one with the oldest.
type Rank = (usize, Reverse<ConnectionId>, IpAddr);

/// All half-open connections. Origins without any are removed.
#[derive(Default)]
pub(super) struct HalfOpen {
    origins: HashMap<IpAddr, SlotsById>,
    ranks: BTreeSet<Rank>,
    count: usize,
}

fn rank(origin: IpAddr, connections: &SlotsById) -> Option<Rank> {
    connections.first_key_value().map(|(oldest, _)| (connections.len(), Reverse(*oldest), origin))
}

impl HalfOpen {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn insert(&mut self, origin: IpAddr, id: ConnectionId, slot_index: usize) {
        self.change(origin, |connections| connections.insert(id, slot_index));
    }

    /// Removes a connection. Does nothing if it is not half open.
    pub(super) fn remove(&mut self, origin: IpAddr, id: ConnectionId) {
        self.change(origin, |connections| connections.remove(&id));
    }

    fn change(&mut self, origin: IpAddr, apply: impl FnOnce(&mut SlotsById) -> Option<usize>) {
        let connections = self.origins.entry(origin).or_default();
        if let Some(rank) = rank(origin, connections) {
            self.ranks.remove(&rank);
        }
        let before = connections.len();
        apply(connections);
        self.count = self.count - before + connections.len();
        match rank(origin, connections) {
            Some(rank) => drop(self.ranks.insert(rank)),
            None => drop(self.origins.remove(&origin)),
        }
    }

    /// Returns origins, ids and slot indexes in the order of eviction.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (IpAddr, ConnectionId, usize)> {
        self.ranks.iter().rev().flat_map(|(_, _, origin)| {
            let connections = self.origins.get(origin).into_iter().flatten();
            connections.map(|(id, slot)| (*origin, *id, *slot))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(number: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(0x0a00_0000 + number).into()
    }

    fn order(all: &HalfOpen) -> Vec<u64> {
        all.in_order().map(|(_, id, _)| id.0).collect()
    }

    #[test]
    fn the_oldest_of_the_origin_with_the_most_is_first() {
        let mut all = HalfOpen::default();
        for (id, from) in (1..).zip([1, 2, 3, 2, 3, 2]) {
            all.insert(origin(from), ConnectionId(id), 0);
        }
        assert_eq!(order(&all), [2, 4, 6, 3, 5, 1]);
        all.remove(origin(2), ConnectionId(2));
        assert_eq!(order(&all), [3, 5, 4, 6, 1]);
        all.remove(origin(3), ConnectionId(3));
        assert_eq!(order(&all), [4, 6, 1, 5]);
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn a_removed_connection_leaves_nothing() {
        let mut all = HalfOpen::default();
        all.insert(origin(1), ConnectionId(1), 7);
        assert_eq!(all.in_order().collect::<Vec<_>>(), [(origin(1), ConnectionId(1), 7)]);
        for _ in 0..2 {
            all.remove(origin(1), ConnectionId(1));
            assert_eq!((all.len(), all.origins.len(), all.ranks.len()), (0, 0, 0));
        }
    }
}
