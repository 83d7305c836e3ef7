//! How often each principal does what is dear to others. It is counted for the account, not for the
//! connection: who comes back has not begun anew.

use crate::port::store::AccountId;
use crate::rules::{MINUTE, PerMinute};
use std::cell::RefCell;
use std::collections::HashMap;
use tokio::time::Instant;

/// How many counts there are at most, about 50 bytes each. The oldest goes first.
const COUNTS: usize = 4096;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rated {
    /// Renames of oneself: all who see it are told.
    Renames,
    /// Telephone numbers: all who may see them are told, and each has a new list version.
    Numbers,
    /// Calls that fail: they find out who is there.
    FailingCalls,
    /// Calls that the greeter answers: he looks for all contacts of the caller.
    Greetings,
    /// Searches of the member directory: each reads all of it.
    Searches,
}

/// The counts of a node.
#[derive(Default)]
pub struct RateLimiter {
    counts: RefCell<HashMap<(AccountId, Rated), PerMinute>>,
}

impl RateLimiter {
    /// Whether there is no room for one more in this minute.
    pub fn is_full(&self, account: AccountId, what: Rated, most: u16) -> bool {
        let counts = self.counts.borrow();
        counts.get(&(account, what)).is_some_and(|count| count.is_full(most, Instant::now()))
    }

    /// Counts one more.
    pub fn count(&self, account: AccountId, what: Rated) {
        let mut counts = self.counts.borrow_mut();
        let key = (account, what);
        if counts.len() >= COUNTS && !counts.contains_key(&key) {
            let oldest = counts.iter().min_by_key(|(_, count)| count.since()).map(|(key, _)| *key);
            oldest.and_then(|oldest| counts.remove(&oldest));
        }
        counts.entry(key).or_default().count(Instant::now());
    }

    /// Counts one more if there is room for it. `false`: it is one too many.
    pub fn admit(&self, account: AccountId, what: Rated, most: u16) -> bool {
        let admitted = !self.is_full(account, what, most);
        if admitted {
            self.count(account, what);
        }
        admitted
    }

    /// How many counts there are.
    pub fn len(&self) -> usize {
        self.counts.borrow().len()
    }

    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets, once a minute, what counts no more; for ever.
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
    async fn each_principal_has_counts_of_his_own() {
        let rates = RateLimiter::default();
        assert!(rates.admit(ALICE, Rated::Renames, 1));
        assert!(!rates.admit(ALICE, Rated::Renames, 1));
        assert!(rates.admit(ALICE, Rated::FailingCalls, 1));
        assert!(rates.admit(AccountId(2), Rated::Renames, 1));
        assert_eq!(rates.len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_counts_no_more_is_swept_out() {
        let rates = RateLimiter::default();
        rates.count(ALICE, Rated::Renames);
        let swept = tokio::time::timeout(2 * MINUTE - Duration::from_secs(1), rates.sweep());
        assert!(swept.await.is_err());
        assert!(rates.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_counts_go_when_there_are_too_many() {
        let rates = RateLimiter::default();
        let last = u32::try_from(COUNTS).unwrap() + 1;
        for number in 0..=last {
            rates.count(AccountId(number), Rated::Renames);
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(rates.len(), COUNTS);
        let full = |number| rates.is_full(AccountId(number), Rated::Renames, 1);
        assert!(!full(0) && !full(1) && full(2) && full(last));
    }
}
