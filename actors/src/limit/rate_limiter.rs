//! Per-account rate limits for actions that are expensive for others. They belong to the account, not
//! to the connection: a new sign-in does not reset them.

use crate::limit::TtlMap;
use crate::port::store::AccountId;
use crate::rules::MINUTE;
use std::cell::RefCell;

/// The maximum number of counts, about 100 bytes each. The oldest is dropped first.
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

/// The rate limiter of a node. A minute starts with the first counted action. The protocol has
/// error 800 for too many renames in a short time; how short is not documented.
#[derive(Default)]
pub struct RateLimiter {
    counts: RefCell<TtlMap<u16, MAX_COUNTS>>,
}

impl RateLimiter {
    /// Returns whether the account has reached `limit` within the minute.
    pub fn has_reached(&self, account: AccountId, action: LimitedAction, limit: u16) -> bool {
        let counts = self.counts.borrow();
        counts.get(&(account, action), MINUTE).is_some_and(|count| *count >= limit)
    }

    /// Counts an action.
    pub fn count(&self, account: AccountId, action: LimitedAction) {
        let mut counts = self.counts.borrow_mut();
        let count = counts.get_or_default(&(account, action), MINUTE);
        *count = count.saturating_add(1);
    }

    /// Counts an action and returns `true`, or returns `false` if the limit is reached.
    pub fn admit(&self, account: AccountId, action: LimitedAction, limit: u16) -> bool {
        let is_admitted = !self.has_reached(account, action, limit);
        if is_admitted {
            self.count(account, action);
        }
        is_admitted
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
            self.counts.borrow_mut().drop_older(MINUTE);
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
        let limited = |number| limiter.has_reached(AccountId(number), LimitedAction::Renames, 1);
        assert!(!limited(0) && !limited(1) && limited(2) && limited(last));
    }
}
