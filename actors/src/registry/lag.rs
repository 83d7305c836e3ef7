//! Limits how often watchers are notified that a user's state changed.
//!
//! A fixed number of changes of an account are sent per second. If there are more, watchers keep
//! the state that they have seen until the second is over, and then get the latest one. A watcher
//! who signs in, adds the changing user or invites them meanwhile gets the true state. That the
//! changing user is gone, is hidden or blocks a watcher is sent at once.

use crate::port::store::AccountId;
use crate::rules::{NameChange, Presence, PresenceUpdate, PublishedPresence, update_between};
use msnp::PresenceFields;
use std::time::Duration;
use tokio::time::Instant;

/// The period in which changes are counted.
pub(super) const WINDOW: Duration = Duration::from_secs(1);

/// Counts the changes of an account that were sent in the last second.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RecentUpdates {
    /// The start of the second. `None` if nothing was sent yet.
    began: Option<Instant>,
    count: u16,
}

impl RecentUpdates {
    /// Returns when the next change may be sent, or `None` if it may be sent now.
    pub(super) fn delay_until(&self, max: u16, now: Instant) -> Option<Instant> {
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

/// What the watchers of an account have seen, while its current presence is delayed: for [`WINDOW`]
/// at most.
#[derive(Debug)]
pub(super) struct DelayedPresence {
    /// The end of the delay.
    pub(super) until: Instant,
    /// One entry for each watcher. `None` if the watcher has seen the account offline.
    seen: Vec<(AccountId, Option<Presence>)>,
}

impl DelayedPresence {
    /// Starts the delay: until its end, the watchers keep seeing `shown`.
    pub(super) fn new(
        until: Instant,
        watchers: &[AccountId],
        shown: &PublishedPresence,
    ) -> DelayedPresence {
        let seen = watchers.iter().map(|watcher| (*watcher, shown.seen_by(*watcher).cloned()));
        DelayedPresence { until, seen: seen.collect() }
    }

    /// Records that a watcher has just seen this presence.
    pub(super) fn record_seen(&mut self, watcher: AccountId, presence: Option<Presence>) {
        match self.seen.iter_mut().find(|(other, _)| *other == watcher) {
            Some((_, seen)) => *seen = presence,
            None => self.seen.push((watcher, presence)),
        }
    }

    /// Returns what is sent at once in spite of the limit: that the account is no longer visible,
    /// and a new name, which has a limit of its own. `fields` returns what a watcher's client
    /// shows.
    pub(super) fn urgent(
        &mut self,
        current: &PublishedPresence,
        name: NameChange,
        fields: impl Fn(AccountId) -> PresenceFields,
    ) -> Vec<(AccountId, PresenceUpdate)> {
        let mut urgent = Vec::new();
        for (watcher, seen) in &mut self.seen {
            let visible = current.seen_by(*watcher);
            let update = match update_between(seen.as_ref(), visible, name, fields(*watcher)) {
                Some(update)
                    if update == PresenceUpdate::Offline || name == NameChange::Changed =>
                {
                    update
                }
                _ => continue,
            };
            *seen = visible.cloned();
            urgent.push((*watcher, update));
        }
        urgent
    }

    /// Returns what is sent at the end of the delay. `fields` returns what a watcher's client
    /// shows.
    pub(super) fn remaining(
        self,
        current: &PublishedPresence,
        fields: impl Fn(AccountId) -> PresenceFields,
    ) -> Vec<(AccountId, PresenceUpdate)> {
        let update = |(watcher, seen): (AccountId, Option<Presence>)| {
            let visible = current.seen_by(watcher);
            let unchanged = NameChange::Unchanged;
            Some((watcher, update_between(seen.as_ref(), visible, unchanged, fields(watcher))?))
        };
        self.seen.into_iter().filter_map(update).collect()
    }
}
