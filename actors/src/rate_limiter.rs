//! Per-account rate limits for actions that are expensive for others. They belong to the account, not
//! to the connection: a new sign-in does not reset them.

use crate::port::store::AccountId;
use crate::rules::{MINUTE, PerMinute};
use std::cell::RefCell;
use std::collections::HashMap;
use tokio::time::Instant;

/// The maximum number of counts, about 50 bytes each. The oldest is dropped first.
const MAX_COUNTS: usize = 4096;

/// A rate-limited action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitedAction {
    /// Changes of the own friendly name: all who see the principal are notified.
    Renames,
    /// Changes of telephone numbers: all who may see them are notified, and get a new list version.
    Numbers,
    /// Calls that fail: they reveal who is online.
    FailingCalls,
    /// Calls of the greeter, which looks up all contacts of the caller.
    Greetings,
    /// Searches of the member directory: each reads the whole directory.
    Searches,
}

/// The rate limiter of a node.
#[derive(Default)]
pub struct RateLimiter {
    counts: RefCell<HashMap<(AccountId, LimitedAction), PerMinute>>,
}

impl RateLimiter {
    /// Returns whether the account has reached `limit` within the minute.
    pub fn is_full(&self, account: AccountId, what: LimitedAction, limit: u16) -> bool {
        let counts = self.counts.borrow();
        counts.get(&(account, what)).is_some_and(|count| count.is_full(limit, Instant::now()))
    }

    /// Counts an action.
    pub fn count(&self, account: AccountId, what: LimitedAction) {
        let mut counts = self.counts.borrow_mut();
        let key = (account, what);
        if counts.len() >= MAX_COUNTS && !counts.contains_key(&key) {
            let oldest = counts.iter().min_by_key(|(_, count)| count.since()).map(|(key, _)| *key);
            oldest.and_then(|oldest| counts.remove(&oldest));
        }
        counts.entry(key).or_default().count(Instant::now());
    }

    /// Counts an action and returns `true`, or returns `false` if the limit is reached.
    pub fn admit(&self, account: AccountId, what: LimitedAction, limit: u16) -> bool {
        let admitted = !self.is_full(account, what, limit);
        if admitted {
            self.count(account, what);
        }
        admitted
    }

    /// Returns the number of counts.
    pub fn len(&self) -> usize {
        self.counts.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops expired counts once a minute. Never returns.
    pub async fn sweep(&self) {
        loop {
            tokio::time::sleep(MINUTE).await;
            let now = Instant::now();
            self.counts.borrow_mut().retain(|_, count| !count.is_over(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const ALICE: AccountId = AccountId(1);

    #[tokio::test(start_paused = true)]
    async fn each_account_has_its_own_counts() {
        let limiter = RateLimiter::default();
        assert!(limiter.admit(ALICE, LimitedAction::Renames, 1));
        assert!(!limiter.admit(ALICE, LimitedAction::Renames, 1));
        assert!(limiter.admit(ALICE, LimitedAction::FailingCalls, 1));
        assert!(limiter.admit(AccountId(2), LimitedAction::Renames, 1));
        assert_eq!(limiter.len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn expired_counts_are_dropped() {
        let limiter = RateLimiter::default();
        limiter.count(ALICE, LimitedAction::Renames);
        let swept = tokio::time::timeout(2 * MINUTE - Duration::from_secs(1), limiter.sweep());
        assert!(swept.await.is_err());
        assert!(limiter.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_counts_are_dropped_when_there_are_too_many() {
        let limiter = RateLimiter::default();
        let last = u32::try_from(MAX_COUNTS).unwrap() + 1;
        for number in 0..=last {
            limiter.count(AccountId(number), LimitedAction::Renames);
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(limiter.len(), MAX_COUNTS);
        let full = |number| limiter.is_full(AccountId(number), LimitedAction::Renames, 1);
        assert!(!full(0) && !full(1) && full(2) && full(last));
    }
}
