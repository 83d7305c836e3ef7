//! How soon watchers hear that somebody's state is another one.
//!
//! So many changes of an account are told in a second. If there are more, what its watchers have
//! seen stays behind what it shows until the second is over, and then they hear the last one. Whoever
//! looks meanwhile, or calls, meets the true state. That somebody is not there any more, is hidden or
//! blocks a watcher is told at once: it must not linger.

use crate::port::store::AccountId;
use crate::rules::{NameChange, Presence, PresenceUpdate, can_see, update_between};
use msnp::State;
use std::time::Duration;
use tokio::time::Instant;

/// In which time changes are counted.
pub(super) const WINDOW: Duration = Duration::from_secs(1);

/// The changes of an account that were told in the last second.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RecentUpdates {
    began: Option<Instant>,
    count: u16,
}

impl RecentUpdates {
    /// When the next change may be told, if it may not be told now.
    pub(super) fn full_until(&self, most: u16, now: Instant) -> Option<Instant> {
        let end = self.began? + WINDOW;
        (self.count >= most && now < end).then_some(end)
    }

    /// Counts one more.
    pub(super) fn count(&mut self, now: Instant) {
        if self.began.is_none_or(|began| now.duration_since(began) >= WINDOW) {
            *self = RecentUpdates { began: Some(now), count: 0 };
        }
        self.count = self.count.saturating_add(1);
    }
}

/// What the watchers of an account have seen, while that is not what it shows. One entry for each
/// watcher, for [`WINDOW`] at most.
#[derive(Debug)]
pub(super) struct DelayedPresence {
    pub(super) until: Instant,
    seen: Vec<(AccountId, Option<State>)>,
}

impl DelayedPresence {
    /// From now on the watchers, who see this, stay behind.
    pub(super) fn new(until: Instant, watchers: &[AccountId], shown: &Presence) -> DelayedPresence {
        let seen = watchers.iter().map(|watcher| (*watcher, can_see(shown, *watcher)));
        DelayedPresence { until, seen: seen.collect() }
    }

    /// Somebody has seen this just now.
    pub(super) fn record_seen(&mut self, watcher: AccountId, sight: Option<State>) {
        match self.seen.iter_mut().find(|(other, _)| *other == watcher) {
            Some((_, seen)) => *seen = sight,
            None => self.seen.push((watcher, sight)),
        }
    }

    /// What must be told at once although there was too much: who does not see the account any more,
    /// and a new name, which has a limit of its own.
    pub(super) fn urgent(
        &mut self,
        is: &Presence,
        name: NameChange,
    ) -> Vec<(AccountId, PresenceUpdate)> {
        let mut urgent = Vec::new();
        for (watcher, seen) in &mut self.seen {
            let sees = can_see(is, *watcher);
            let told = match update_between(*seen, sees, name) {
                Some(told) if told == PresenceUpdate::Offline || name == NameChange::Changed => {
                    told
                }
                _ => continue,
            };
            *seen = sees;
            urgent.push((*watcher, told));
        }
        urgent
    }

    /// What is told when the time is over.
    pub(super) fn remaining(self, is: &Presence) -> Vec<(AccountId, PresenceUpdate)> {
        let told = |(watcher, seen)| {
            Some((watcher, update_between(seen, can_see(is, watcher), NameChange::Unchanged)?))
        };
        self.seen.into_iter().filter_map(told).collect()
    }
}
