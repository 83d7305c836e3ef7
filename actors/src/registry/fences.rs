//! Drops presence updates of an older sign-in that arrive after those of a later one.
//!
//! A principal who moves to another node goes offline at the old node and online at the new one.
//! The updates come from two nodes, so they may arrive in either order. A late offline update is
//! still sent to watchers who were sent nothing of the later sign-in: it may be hidden from them.

use crate::port::fabric::Epoch;
use crate::port::store::AccountId;
use crate::rules::PresenceUpdate;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokio::time::Instant;

/// How long updates of an older sign-in may still arrive: much longer than an envelope takes.
const FENCE_LIFE: Duration = Duration::from_secs(60);

/// A sign-in of a principal at another node.
struct Fence {
    epoch: Epoch,
    first_update: Instant,
    last_update: Instant,
    /// The watchers who were sent an update of this sign-in. Empty once the first update is
    /// [`FENCE_LIFE`] ago.
    notified: HashSet<AccountId>,
}

/// The latest sign-in of each principal who was seen at another node. The entries
/// of principals who are signed in nowhere stay for [`FENCE_LIFE`] after the last update.
#[derive(Default)]
pub(super) struct Fences {
    fences: HashMap<AccountId, Fence>,
}

impl Fences {
    /// Records the updates of a sign-in. If a later sign-in is known, removes the outdated ones.
    pub(super) fn filter(
        &mut self,
        who: AccountId,
        epoch: Epoch,
        updates: &mut Vec<(AccountId, PresenceUpdate)>,
        now: Instant,
    ) {
        let new = || Fence { epoch, first_update: now, last_update: now, notified: HashSet::new() };
        let fence = self.fences.entry(who).or_insert_with(new);
        if epoch < fence.epoch {
            return drop_outdated(updates, |watcher| fence.notified.contains(&watcher));
        }
        if epoch > fence.epoch {
            *fence = new();
        }
        fence.last_update = now;
        if now.duration_since(fence.first_update) < FENCE_LIFE {
            fence.notified.extend(updates.iter().map(|(watcher, _)| *watcher));
        }
    }

    /// Drops entries and watchers that are no longer needed.
    pub(super) fn drop_expired(&mut self, now: Instant, is_signed_in: impl Fn(AccountId) -> bool) {
        self.fences.retain(|who, fence| {
            if now.duration_since(fence.first_update) >= FENCE_LIFE {
                fence.notified = HashSet::new();
            }
            now.duration_since(fence.last_update) < FENCE_LIFE || is_signed_in(*who)
        });
    }
}

/// Removes the updates of an older sign-in. Only its end stays, for watchers who have not been
/// notified of the later sign-in.
pub(super) fn drop_outdated(
    updates: &mut Vec<(AccountId, PresenceUpdate)>,
    is_notified: impl Fn(AccountId) -> bool,
) {
    updates.retain(|(watcher, update)| {
        matches!(update, PresenceUpdate::Offline) && !is_notified(*watcher)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use msnp::State;

    const WHO: AccountId = AccountId(1);
    const OFFLINE: PresenceUpdate = PresenceUpdate::Offline;

    fn busy() -> PresenceUpdate {
        PresenceUpdate::Online(State::Busy.into())
    }

    /// Returns the watchers whose update passes.
    fn pass(
        fences: &mut Fences,
        epoch: u64,
        update: &PresenceUpdate,
        watchers: &[u32],
        now: Instant,
    ) -> Vec<u32> {
        let mut updates =
            watchers.iter().map(|watcher| (AccountId(*watcher), update.clone())).collect();
        fences.filter(WHO, Epoch(epoch), &mut updates, now);
        updates.iter().map(|(watcher, _)| watcher.0).collect()
    }

    #[test]
    fn the_end_of_an_older_sign_in_reaches_those_who_do_not_see_the_next() {
        let (mut fences, now) = (Fences::default(), Instant::now());
        assert_eq!(pass(&mut fences, 5, &busy(), &[2, 3], now), [2, 3]);
        assert_eq!(pass(&mut fences, 6, &busy(), &[2], now), [2]);
        assert_eq!(pass(&mut fences, 5, &busy(), &[2, 3], now), [0; 0]);
        assert_eq!(pass(&mut fences, 5, &OFFLINE, &[2, 3], now), [3]);
        assert_eq!(pass(&mut fences, 6, &OFFLINE, &[2], now), [2]);
    }

    #[test]
    fn what_is_no_longer_needed_is_dropped() {
        let (mut fences, now) = (Fences::default(), Instant::now());
        pass(&mut fences, 5, &busy(), &[2, 3], now);
        fences.drop_expired(now + FENCE_LIFE, |_| true);
        assert!(fences.fences[&WHO].notified.is_empty());
        pass(&mut fences, 5, &busy(), &[2, 3], now + FENCE_LIFE);
        assert!(fences.fences[&WHO].notified.is_empty());
        fences.drop_expired(now + 3 * FENCE_LIFE / 2, |_| false);
        assert_eq!(fences.fences.len(), 1);
        fences.drop_expired(now + 2 * FENCE_LIFE, |_| false);
        assert!(fences.fences.is_empty());
    }
}
