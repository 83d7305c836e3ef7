//! Failed sign-ins: whoever guesses passwords is slowed down, then refused.
//!
//! They are counted for each address, for each handle from each address, and for each handle. An
//! attempt counts from the moment at which the store looks at it, so that many at once gain
//! nothing, and is forgiven if it was right. The highest of the three counts decides how long an
//! attempt waits. It is refused only for two of them: for its handle from its address, and, three
//! times as late, for its address, behind which there may be many people. Whoever has signed in
//! from there lately is not refused for the address. So whoever guesses from elsewhere locks nobody
//! out: the owner of a handle notices no more than a wait. Handles without an account are counted
//! like any other.

use crate::connection::origin;
use crate::rules::MINUTE;
use crate::settings::SharedSettings;
use crate::ttl_map::TtlMap;
use msnp::Handle;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// How many counts there are at most, about 200 bytes each. The oldest goes first.
const COUNTS: usize = 4096;

/// How many right sign-ins are remembered at most. The oldest goes first.
const RIGHT: usize = 1024;

/// An address is refused after so many times as many failures as a handle from it.
const MANY: usize = 3;

/// The longest wait is this many times doubled: 8 seconds.
const DOUBLED: usize = 3;

/// How long an attempt waits for those that are being looked at.
const AGAIN: Duration = Duration::from_secs(1);

/// How many failed sign-ins are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedLogins {
    /// So many may fail before each further attempt waits 1, 2, 4, and then always 8 seconds.
    pub free: usize,
    /// So many may fail for a handle from an address before each further attempt is refused; three
    /// times as many from an address, which counts for handles that have not signed in from there
    /// within the time.
    pub most: usize,
    /// Within this time from the first one on.
    pub within: Duration,
}

impl FailedLogins {
    fn wait(&self, failed: usize) -> Duration {
        match failed.checked_sub(self.free) {
            Some(more) => Duration::from_secs(1 << more.min(DOUBLED)),
            None => Duration::ZERO,
        }
    }

    /// How many may fail before an attempt is refused for this key.
    fn most(&self, key: &Key, was_right: bool) -> usize {
        match key {
            Key::Address(_) if was_right => usize::MAX,
            Key::Address(_) => self.most.saturating_mul(MANY),
            Key::Both(..) => self.most,
            Key::Handle(_) => usize::MAX,
        }
    }
}

/// The address that is counted: of IPv6 the network of 64 bits, but in a private one each machine by
/// itself, since a whole household is in one such network.
pub fn counted(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if v6.is_unicast_link_local() || v6.is_unique_local() => address,
        _ => origin(address),
    }
}

/// Too many attempts have failed: this one is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many failed sign-ins")]
pub struct TooManyFailedError;

/// What attempts have in common that are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Address(IpAddr),
    Both(Rc<str>, IpAddr),
    Handle(Rc<str>),
}

struct Count {
    /// The place in the order of age.
    number: u64,
    since: Instant,
    failed: usize,
    /// How many are being looked at.
    looked_at: usize,
}

#[derive(Default)]
struct Counts {
    counts: HashMap<Key, Count>,
    /// The oldest first.
    order: BTreeMap<u64, Key>,
    last: u64,
    /// Handles and the addresses from which they have signed in.
    right: TtlMap<(), RIGHT>,
}

impl Counts {
    /// The count of a key, which begins anew when its time is over.
    fn get(&mut self, key: &Key, within: Duration) -> Option<&mut Count> {
        let now = Instant::now();
        let count = self.counts.get_mut(key)?;
        if now.duration_since(count.since) >= within {
            (count.since, count.failed) = (now, 0);
            self.last += 1;
            self.order.remove(&count.number);
            self.order.insert(self.last, key.clone());
            count.number = self.last;
        }
        Some(count)
    }

    fn get_or_insert(&mut self, key: &Key, within: Duration) -> Option<&mut Count> {
        if self.get(key, within).is_none() {
            while self.counts.len() >= COUNTS
                && let Some((_, oldest)) = self.order.pop_first()
            {
                self.counts.remove(&oldest);
            }
            self.last += 1;
            let (number, since) = (self.last, Instant::now());
            self.order.insert(number, key.clone());
            self.counts.insert(key.clone(), Count { number, since, failed: 0, looked_at: 0 });
        }
        self.counts.get_mut(key)
    }

    fn remove_if_zero(&mut self, key: &Key) {
        if let Some(count) = self.counts.get(key).filter(|it| it.failed + it.looked_at == 0) {
            self.order.remove(&count.number);
            self.counts.remove(key);
        }
    }

    /// Forgets what counts no more. What is being looked at counts.
    fn forget(&mut self, within: Duration) {
        let now = Instant::now();
        let Counts { counts, order, right, .. } = self;
        counts.retain(|_, count| {
            let counts_still = count.looked_at > 0 || now.duration_since(count.since) < within;
            if !counts_still {
                order.remove(&count.number);
            }
            counts_still
        });
        right.forget(within);
    }
}

/// The counts of a node.
pub struct Throttle {
    settings: SharedSettings,
    counts: RefCell<Counts>,
}

impl Throttle {
    /// Nobody has failed yet.
    pub fn new(settings: SharedSettings) -> Throttle {
        Throttle { settings, counts: RefCell::default() }
    }

    /// How many counts there are.
    pub fn len(&self) -> usize {
        self.counts.borrow().counts.len()
    }

    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many right sign-ins are remembered.
    pub fn remembered(&self) -> usize {
        self.counts.borrow().right.len()
    }

    /// Waits until the store may look at an attempt to sign in.
    ///
    /// # Errors
    /// [`TooManyFailedError`] if it may not.
    pub async fn pass(
        self: Rc<Throttle>,
        handle: &Handle,
        address: IpAddr,
    ) -> Result<Attempt, TooManyFailedError> {
        let (handle, address): (Rc<str>, IpAddr) = (handle.as_str().into(), counted(address));
        let keys = [Key::Address(address), Key::Both(handle.clone(), address), Key::Handle(handle)];
        let mut wait = self.wait(&keys)?;
        loop {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            if self.enter(&keys)? {
                return Ok(Attempt { throttle: self, keys, verdict: Verdict::Wrong });
            }
            wait = AGAIN;
        }
    }

    /// How long an attempt waits that comes now.
    fn wait(&self, keys: &[Key; 3]) -> Result<Duration, TooManyFailedError> {
        let limits = self.settings.get().failed_logins;
        let mut counts = self.counts.borrow_mut();
        let [_, both, _] = keys;
        let was_right = counts.right.get(both, limits.within).is_some();
        let mut wait = Duration::ZERO;
        for key in keys {
            let Some(count) = counts.get(key, limits.within) else { continue };
            if count.failed >= limits.most(key, was_right) {
                return Err(TooManyFailedError);
            }
            wait = wait.max(limits.wait(count.failed + count.looked_at));
        }
        Ok(wait)
    }

    /// Counts an attempt that has waited. `false`: it waits for those that are being looked at.
    fn enter(&self, keys: &[Key; 3]) -> Result<bool, TooManyFailedError> {
        let limits = self.settings.get().failed_logins;
        let mut counts = self.counts.borrow_mut();
        let [_, both, _] = keys;
        let was_right = counts.right.get(both, limits.within).is_some();
        for key in keys {
            let Some(count) = counts.get(key, limits.within) else { continue };
            let most = limits.most(key, was_right);
            if count.failed >= most {
                return Err(TooManyFailedError);
            }
            if count.failed + count.looked_at >= most {
                return Ok(false);
            }
        }
        for key in keys {
            if let Some(count) = counts.get_or_insert(key, limits.within) {
                count.looked_at += 1;
            }
        }
        Ok(true)
    }

    /// Forgets, once a minute, what counts no more; for ever.
    pub async fn sweep(&self) {
        loop {
            tokio::time::sleep(MINUTE).await;
            let within = self.settings.get().failed_logins.within;
            self.counts.borrow_mut().forget(within);
        }
    }

    fn conclude(&self, keys: &[Key; 3], verdict: Verdict) {
        let within = self.settings.get().failed_logins.within;
        let mut counts = self.counts.borrow_mut();
        for key in keys {
            let forgiven = verdict == Verdict::Right && matches!(key, Key::Both(..));
            if let Some(count) = counts.get_or_insert(key, within) {
                count.looked_at = count.looked_at.saturating_sub(1);
                count.failed += usize::from(verdict == Verdict::Wrong);
                if forgiven {
                    count.failed = 0;
                }
            }
            if forgiven {
                counts.right.forget(within);
                counts.right.put(key, ());
            }
            counts.remove_if_zero(key);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Wrong,
    Right,
    Unknown,
}

/// An attempt that the store looks at. When it is dropped it has failed, unless somebody has said
/// otherwise.
pub struct Attempt {
    throttle: Rc<Throttle>,
    keys: [Key; 3],
    verdict: Verdict,
}

impl Attempt {
    /// It was right: what has failed before for its handle from its address is forgiven.
    pub fn succeed(mut self) {
        self.verdict = Verdict::Right;
    }

    /// Nobody could say whether it was right.
    pub fn forgive(mut self) {
        self.verdict = Verdict::Unknown;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.throttle.conclude(&self.keys, self.verdict);
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
    fn the_machines_of_a_household_are_counted_one_by_one() {
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
    async fn the_oldest_counts_go_when_there_are_too_many() {
        let throttle = throttle();
        for number in 0..5000 {
            drop(throttle.clone().pass(&handle(0), address(number)).await.unwrap());
            assert!(throttle.len() <= COUNTS);
        }
        assert_eq!(throttle.len(), COUNTS);
        assert_eq!(throttle.counts.borrow().order.len(), COUNTS);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_right_leaves_nothing() {
        let throttle = throttle();
        for number in 0..100 {
            throttle.clone().pass(&handle(number), address(1)).await.unwrap().succeed();
        }
        assert!(throttle.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_right_is_remembered_for_the_time_and_only_so_many_are() {
        let throttle = throttle();
        for number in (0..RIGHT + 1).chain(RIGHT..RIGHT + 2) {
            throttle.clone().pass(&handle(number), address(1)).await.unwrap().succeed();
        }
        assert_eq!(throttle.counts.borrow().right.len(), RIGHT);
        tokio::time::advance(Duration::from_secs(600)).await;
        throttle.clone().pass(&handle(0), address(1)).await.unwrap().succeed();
        assert_eq!(throttle.counts.borrow().right.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_counts_no_more_is_swept_out() {
        let throttle = throttle();
        drop(throttle.clone().pass(&handle(1), address(1)).await.unwrap());
        throttle.clone().pass(&handle(2), address(2)).await.unwrap().succeed();
        let looked_at = throttle.clone().pass(&handle(3), address(3)).await.unwrap();
        let sweeps = |minutes| tokio::time::timeout(MINUTE * minutes, throttle.sweep());
        assert!(sweeps(9).await.is_err());
        assert_eq!((throttle.len(), throttle.remembered()), (6, 1));
        assert!(sweeps(2).await.is_err());
        assert_eq!((throttle.len(), throttle.remembered()), (3, 0));
        drop(looked_at);
        assert!(sweeps(12).await.is_err());
        assert!(throttle.is_empty());
        assert!(throttle.counts.borrow().order.is_empty());
    }
}
