//! Limits how often watchers are notified that a user's state changed.
//!
//! A fixed number of changes of an account are sent per second. If there are more, watchers keep
//! the state that they have seen until the second is over, and then get the latest one. A user who
//! signs in, adds the changing user or invites them meanwhile gets the true state. That a user is
//! gone, is hidden or blocks a watcher is sent at once.

use crate::port::store::AccountId;
use crate::rules::{NameChange, Presence, PresenceUpdate, state_seen_by, update_between};
use msnp::State;
use std::time::Duration;
use tokio::time::Instant;

/// The period in which changes are counted.
pub(super) const WINDOW: Duration = Duration::from_secs(1);

/// The changes of an account that were sent in the last second.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RecentUpdates {
    began: Option<Instant>,
    count: u16,
}

impl RecentUpdates {
    /// Returns when the next change may be sent, or `None` if it may be sent now.
    pub(super) fn full_until(&self, max: u16, now: Instant) -> Option<Instant> {
        let end = self.began? + WINDOW;
        (self.count >= max && now < end).then_some(end)
    }

    /// Counts one more change.
    pub(super) fn count(&mut self, now: Instant) {
        if self.began.is_none_or(|began| now.duration_since(began) >= WINDOW) {
            *self = RecentUpdates { began: Some(now), count: 0 };
        }
        self.count = self.count.saturating_add(1);
    }
}

/// What the watchers of an account have seen, while that differs from its presence. One entry for
/// each watcher, kept for [`WINDOW`] at most.
#[derive(Debug)]
pub(super) struct DelayedPresence {
    pub(super) until: Instant,
    seen: Vec<(AccountId, Option<State>)>,
}

impl DelayedPresence {
    /// Starts the delay: until its end, the watchers keep seeing `shown`.
    pub(super) fn new(until: Instant, watchers: &[AccountId], shown: &Presence) -> DelayedPresence {
        let seen = watchers.iter().map(|watcher| (*watcher, state_seen_by(shown, *watcher)));
        DelayedPresence { until, seen: seen.collect() }
    }

    /// Records that a watcher has just seen this state.
    pub(super) fn record_seen(&mut self, watcher: AccountId, state: Option<State>) {
        match self.seen.iter_mut().find(|(other, _)| *other == watcher) {
            Some((_, seen)) => *seen = state,
            None => self.seen.push((watcher, state)),
        }
    }

    /// Returns what is sent at once in spite of the limit: that the account is no longer visible,
    /// and a new name, which has a limit of its own.
    pub(super) fn urgent(
        &mut self,
        current: &Presence,
        name: NameChange,
    ) -> Vec<(AccountId, PresenceUpdate)> {
        let mut urgent = Vec::new();
        for (watcher, seen) in &mut self.seen {
            let sees = state_seen_by(current, *watcher);
            let update = match update_between(*seen, sees, name) {
                Some(update)
                    if update == PresenceUpdate::Offline || name == NameChange::Changed =>
                {
                    update
                }
                _ => continue,
            };
            *seen = sees;
            urgent.push((*watcher, update));
        }
        urgent
    }

    /// Returns what is sent at the end of the delay.
    pub(super) fn remaining(self, current: &Presence) -> Vec<(AccountId, PresenceUpdate)> {
        let update = |(watcher, seen)| {
            Some((
                watcher,
                update_between(seen, state_seen_by(current, watcher), NameChange::Unchanged)?,
            ))
        };
        self.seen.into_iter().filter_map(update).collect()
    }
}
