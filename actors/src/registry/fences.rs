//! Keeps news of an older sign-in from overtaking that of the next one.
//!
//! A principal who moves to another node is gone at the old one, and there at the new one. The news come
//! from two nodes, so they may arrive in either order. That a principal is gone matters to those watchers
//! who were sent nothing of the next sign-in: it may be hidden from them.

use crate::port::fabric::Epoch;
use crate::port::store::AccountId;
use crate::rules::PresenceUpdate;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokio::time::Instant;

/// How long news of an older sign-in are expected: much longer than an envelope takes.
const FENCE_LIFE: Duration = Duration::from_secs(60);

/// A sign-in of a principal at another node.
struct Fence {
    epoch: Epoch,
    began: Instant,
    last: Instant,
    /// The watchers who were sent something of it, while it is younger than [`FENCE_LIFE`].
    notified: HashSet<AccountId>,
}

/// The latest sign-in of each principal who was seen at another node. Those who are signed in nowhere
/// stay for [`FENCE_LIFE`] after the last news.
#[derive(Default)]
pub(super) struct Fences {
    fences: HashMap<AccountId, Fence>,
}

impl Fences {
    /// Records news of a sign-in, and removes what is out of date because of a later one.
    pub(super) fn pass(
        &mut self,
        who: AccountId,
        epoch: Epoch,
        updates: &mut Vec<(AccountId, PresenceUpdate)>,
        now: Instant,
    ) {
        let new = || Fence { epoch, began: now, last: now, notified: HashSet::new() };
        let fence = self.fences.entry(who).or_insert_with(new);
        if epoch < fence.epoch {
            return drop_outdated(updates, |watcher| fence.notified.contains(&watcher));
        }
        if epoch > fence.epoch {
            *fence = new();
        }
        fence.last = now;
        if now.duration_since(fence.began) < FENCE_LIFE {
            fence.notified.extend(updates.iter().map(|(watcher, _)| *watcher));
        }
    }

    /// Drops what is no longer needed.
    pub(super) fn drop_expired(&mut self, now: Instant, is_signed_in: impl Fn(AccountId) -> bool) {
        self.fences.retain(|who, fence| {
            if now.duration_since(fence.began) >= FENCE_LIFE {
                fence.notified = HashSet::new();
            }
            now.duration_since(fence.last) < FENCE_LIFE || is_signed_in(*who)
        });
    }
}

/// Removes what an older sign-in has to say, but for its end, which is news to watchers who have not
/// been notified of the later one.
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
        fences.pass(WHO, Epoch(epoch), &mut updates, now);
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
