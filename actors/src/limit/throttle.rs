//! Limits failed sign-ins: password guessing is slowed down, then refused.
//!
//! Failures are counted by address, by handle and address, and by handle. An attempt counts as a
//! failure from the moment at which the store checks it, so many attempts at once gain nothing. It
//! no longer counts if the password was right.
//!
//! The highest of the three counts decides how long an attempt waits. Only two of them refuse it: the
//! count of its handle and address, and, at three times the limit, the count of its address, which
//! many people may share. A handle that has signed in from the address lately is not refused for the
//! address. So an attacker elsewhere cannot lock an account out; its owner sees a few seconds of
//! delay at most. Handles without an account are counted like any other.

use crate::connection::origin;
use crate::limit::{FailedLogins, TtlMap};
use crate::rules::MINUTE;
use crate::settings::SharedSettings;
use msnp::Handle;
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

/// The maximum number of counts of failures, about 100 bytes each. The oldest is dropped first.
const MAX_COUNTS: usize = 4096;

/// The maximum number of remembered successful sign-ins. The oldest is dropped first.
const MAX_SUCCESSES: usize = 1024;

/// The limit of an address is this many times the limit of a handle from it.
const ADDRESS_FACTOR: usize = 3;

/// How often the wait of 1 second is doubled at most: up to 8 seconds.
const MAX_DOUBLINGS: usize = 3;

/// How long an attempt waits for pending ones before it tries again to be checked.
const RETRY_DELAY: Duration = Duration::from_secs(1);

impl FailedLogins {
    /// Returns how long an attempt waits after this many failures.
    fn delay_after(&self, failures: usize) -> Duration {
        match failures.checked_sub(self.free) {
            Some(more) => Duration::from_secs(1 << more.min(MAX_DOUBLINGS)),
            None => Duration::ZERO,
        }
    }

    /// Returns the number of failures at which an attempt is refused for this key.
    fn limit(&self, key: &Key, has_succeeded: bool) -> usize {
        match key {
            Key::Address(_) if has_succeeded => usize::MAX,
            Key::Address(_) => self.most.saturating_mul(ADDRESS_FACTOR),
            Key::HandleAndAddress(..) => self.most,
            Key::Handle(_) => usize::MAX,
        }
    }
}

/// Returns the address under which failures are counted. For IPv6 it is the /64 network; in private
/// networks it is the single address, since a whole household shares one such network.
pub fn counted(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if v6.is_unicast_link_local() || v6.is_unique_local() => address,
        _ => origin(address),
    }
}

/// Too many attempts have failed. This one is refused without a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many failed sign-ins")]
pub struct TooManyFailuresError;

/// What the attempts of one count have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Address(IpAddr),
    HandleAndAddress(Rc<str>, IpAddr),
    Handle(Rc<str>),
}

#[derive(Default)]
struct Counts {
    failures: TtlMap<usize, MAX_COUNTS>,
    /// Attempts that the store is checking now. Each belongs to a connection, so their number is bounded.
    pending: HashMap<Key, usize>,
    /// Handles and addresses of recent successful sign-ins.
    successes: TtlMap<(), MAX_SUCCESSES>,
}

impl Counts {
    fn failed(&self, key: &Key, within: Duration) -> usize {
        self.failures.get(key, within).copied().unwrap_or(0)
    }

    fn pending(&self, key: &Key) -> usize {
        self.pending.get(key).copied().unwrap_or(0)
    }

    fn end_pending(&mut self, key: &Key) {
        if let Some(pending) = self.pending.get_mut(key) {
            *pending -= 1;
            if *pending == 0 {
                self.pending.remove(key);
            }
        }
    }
}

/// The throttle of a node.
pub struct Throttle {
    settings: SharedSettings,
    counts: RefCell<Counts>,
}

impl Throttle {
    pub fn new(settings: SharedSettings) -> Throttle {
        Throttle { settings, counts: RefCell::default() }
    }

    /// Returns the number of counts, of failures and of pending attempts.
    pub fn len(&self) -> usize {
        let counts = self.counts.borrow();
        counts.failures.len() + counts.pending.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of remembered successful sign-ins.
    pub fn remembered(&self) -> usize {
        self.counts.borrow().successes.len()
    }

    /// Waits until the store may check an attempt to sign in.
    ///
    /// # Errors
    /// [`TooManyFailuresError`] if the attempt is refused.
    pub async fn pass(
        self: Rc<Throttle>,
        handle: &Handle,
        address: IpAddr,
    ) -> Result<Attempt, TooManyFailuresError> {
        let (handle, address): (Rc<str>, IpAddr) = (handle.as_str().into(), counted(address));
        let keys = [
            Key::Address(address),
            Key::HandleAndAddress(handle.clone(), address),
            Key::Handle(handle),
        ];
        let mut delay = self.delay(&keys)?;
        loop {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            if self.enter(&keys)? {
                return Ok(Attempt { throttle: self, keys, outcome: Outcome::Failure });
            }
            delay = RETRY_DELAY;
        }
    }

    /// Returns how long a new attempt waits.
    fn delay(&self, keys: &[Key; 3]) -> Result<Duration, TooManyFailuresError> {
        let limits = self.settings.get().limits.failed_logins;
        let (counts, within) = (self.counts.borrow(), limits.window());
        let [_, handle_and_address, _] = keys;
        let has_succeeded = counts.successes.get(handle_and_address, within).is_some();
        let mut delay = Duration::ZERO;
        for key in keys {
            let failed = counts.failed(key, within);
            if failed >= limits.limit(key, has_succeeded) {
                return Err(TooManyFailuresError);
            }
            delay = delay.max(limits.delay_after(failed + counts.pending(key)));
        }
        Ok(delay)
    }

    /// Counts an attempt that has waited. Returns `false` if it must wait for pending ones.
    fn enter(&self, keys: &[Key; 3]) -> Result<bool, TooManyFailuresError> {
        let limits = self.settings.get().limits.failed_logins;
        let (mut counts, within) = (self.counts.borrow_mut(), limits.window());
        let [_, handle_and_address, _] = keys;
        let has_succeeded = counts.successes.get(handle_and_address, within).is_some();
        for key in keys {
            let limit = limits.limit(key, has_succeeded);
            let failed = counts.failed(key, within);
            if failed >= limit {
                return Err(TooManyFailuresError);
            }
            if failed + counts.pending(key) >= limit {
                return Ok(false);
            }
        }
        for key in keys {
            *counts.pending.entry(key.clone()).or_default() += 1;
        }
        Ok(true)
    }

    /// Drops expired counts once a minute. Never returns.
    pub async fn sweep(&self) {
        loop {
            tokio::time::sleep(MINUTE).await;
            let within = self.settings.get().limits.failed_logins.window();
            let mut counts = self.counts.borrow_mut();
            counts.failures.drop_older(within);
            counts.successes.drop_older(within);
        }
    }

    fn conclude(&self, keys: &[Key; 3], outcome: Outcome) {
        let within = self.settings.get().limits.failed_logins.window();
        let mut counts = self.counts.borrow_mut();
        for key in keys {
            counts.end_pending(key);
            match (outcome, key) {
                (Outcome::Failure, _) => *counts.failures.get_or_default(key, within) += 1,
                (Outcome::Success, Key::HandleAndAddress(..)) => {
                    counts.failures.remove(key);
                    counts.successes.drop_older(within);
                    counts.successes.put(key, ());
                }
                (Outcome::Success, Key::Address(_) | Key::Handle(_)) | (Outcome::Unknown, _) => {}
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Failure,
    Success,
    Unknown,
}

/// An attempt that the store is checking. Dropping it counts a failure.
pub struct Attempt {
    throttle: Rc<Throttle>,
    keys: [Key; 3],
    outcome: Outcome,
}

impl Attempt {
    /// Records a success, and forgives earlier failures of the handle from the address.
    pub fn succeed(mut self) {
        self.outcome = Outcome::Success;
    }

    /// Counts neither a failure nor a success: the attempt could not be checked.
    pub fn forgive(mut self) {
        self.outcome = Outcome::Unknown;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.throttle.conclude(&self.keys, self.outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn throttle() -> Rc<Throttle> {
        Rc::new(Throttle::new(SharedSettings::new(Settings::sample())))
    }

    fn handle(number: usize) -> Handle {
        Handle::new(&format!("user{number}@example.com")).unwrap()
    }

    #[test]
    fn each_machine_of_a_household_has_its_own_count() {
        let counted = |address: &str| counted(address.parse().unwrap()).to_string();
        assert_eq!(counted("192.168.2.9"), "192.168.2.9");
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(counted("fe80::1"), "fe80::1");
        assert_eq!(counted("fd00::1"), "fd00::1");
    }

    fn address(number: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(0x0a00_0000 + number).into()
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_counts_are_dropped_when_there_are_too_many() {
        let throttle = throttle();
        for number in 0..5000 {
            drop(throttle.clone().pass(&handle(0), address(number)).await.unwrap());
            assert!(throttle.len() <= MAX_COUNTS);
        }
        assert_eq!(throttle.len(), MAX_COUNTS);
    }

    #[tokio::test(start_paused = true)]
    async fn a_successful_sign_in_leaves_no_count() {
        let throttle = throttle();
        for number in 0..100 {
            throttle.clone().pass(&handle(number), address(1)).await.unwrap().succeed();
        }
        assert!(throttle.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn successes_are_remembered_for_the_time_and_up_to_a_maximum() {
        let throttle = throttle();
        for number in (0..MAX_SUCCESSES + 1).chain(MAX_SUCCESSES..MAX_SUCCESSES + 2) {
            throttle.clone().pass(&handle(number), address(1)).await.unwrap().succeed();
        }
        assert_eq!(throttle.counts.borrow().successes.len(), MAX_SUCCESSES);
        tokio::time::advance(Duration::from_secs(600)).await;
        throttle.clone().pass(&handle(0), address(1)).await.unwrap().succeed();
        assert_eq!(throttle.counts.borrow().successes.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn expired_counts_are_dropped() {
        let throttle = throttle();
        drop(throttle.clone().pass(&handle(1), address(1)).await.unwrap());
        throttle.clone().pass(&handle(2), address(2)).await.unwrap().succeed();
        let pending = throttle.clone().pass(&handle(3), address(3)).await.unwrap();
        let sweeps = |minutes| tokio::time::timeout(MINUTE * minutes, throttle.sweep());
        assert!(sweeps(9).await.is_err());
        assert_eq!((throttle.len(), throttle.remembered()), (6, 1));
        assert!(sweeps(2).await.is_err());
        assert_eq!((throttle.len(), throttle.remembered()), (3, 0));
        drop(pending);
        assert!(sweeps(12).await.is_err());
        assert!(throttle.is_empty());
        assert!(throttle.counts.borrow().pending.is_empty());
    }
}
