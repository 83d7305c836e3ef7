//! The connections that have not settled, in the order in which they lose their places.
//!
//! The oldest of the origin that has the most goes first: a flood takes the places of its own, and
//! whoever signs in from elsewhere keeps his.

use crate::connection::slot::ConnectionId;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

/// Those of one origin with their slots, the oldest first.
type Same = BTreeMap<ConnectionId, usize>;

/// Where an origin stands: behind those that have fewer, and of as many behind those whose oldest
/// is younger.
type Rank = (usize, Reverse<ConnectionId>, IpAddr);

/// All of them. There is no origin without one.
#[derive(Default)]
pub(super) struct HalfOpen {
    origins: HashMap<IpAddr, Same>,
    ranks: BTreeSet<Rank>,
    count: usize,
}

fn rank(origin: IpAddr, same: &Same) -> Option<Rank> {
    same.first_key_value().map(|(oldest, _)| (same.len(), Reverse(*oldest), origin))
}

impl HalfOpen {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// One more.
    pub(super) fn insert(&mut self, origin: IpAddr, id: ConnectionId, slot: usize) {
        self.change(origin, |same| same.insert(id, slot));
    }

    /// One less, if it is one of them.
    pub(super) fn remove(&mut self, origin: IpAddr, id: ConnectionId) {
        self.change(origin, |same| same.remove(&id));
    }

    fn change(&mut self, origin: IpAddr, change: impl FnOnce(&mut Same) -> Option<usize>) {
        let same = self.origins.entry(origin).or_default();
        if let Some(rank) = rank(origin, same) {
            self.ranks.remove(&rank);
        }
        let before = same.len();
        change(same);
        self.count = self.count - before + same.len();
        match rank(origin, same) {
            Some(rank) => drop(self.ranks.insert(rank)),
            None => drop(self.origins.remove(&origin)),
        }
    }

    /// Their origins, numbers and slots: who loses his place first is first.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (IpAddr, ConnectionId, usize)> {
        self.ranks.iter().rev().flat_map(|(_, _, origin)| {
            let same = self.origins.get(origin).into_iter().flatten();
            same.map(|(id, slot)| (*origin, *id, *slot))
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
    fn the_oldest_of_the_origin_that_has_the_most_is_first() {
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
    fn who_has_gone_leaves_nothing() {
        let mut all = HalfOpen::default();
        all.insert(origin(1), ConnectionId(1), 7);
        assert_eq!(all.in_order().collect::<Vec<_>>(), [(origin(1), ConnectionId(1), 7)]);
        for _ in 0..2 {
            all.remove(origin(1), ConnectionId(1));
            assert_eq!((all.len(), all.origins.len(), all.ranks.len()), (0, 0, 0));
        }
    }
}
