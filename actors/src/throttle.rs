//! Failed sign-ins: whoever guesses passwords is slowed down, then refused.
//!
//! They are counted for each address, for each handle from each address, and for each handle. An
//! attempt counts from the moment at which the store looks at it, so that many at once gain
//! nothing, and is forgiven if it was right. Nobody can lock somebody else out: of attempts from
//! elsewhere the owner of a handle notices no more than a wait. Handles without an account are
//! counted like any other.

use crate::connection::origin;
use crate::settings::SharedSettings;
use msnp::Handle;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// How many counts there are at most, about 200 bytes each. The oldest goes first.
const COUNTS: usize = 4096;

/// The longest wait is this many times doubled: 8 seconds.
const DOUBLED: usize = 3;

/// How long an attempt waits for those that are being looked at.
const AGAIN: Duration = Duration::from_secs(1);

/// How many failed sign-ins are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedLogins {
    /// So many may fail before each further attempt waits 1, 2, 4, and then always 8 seconds.
    pub free: usize,
    /// So many may fail before each further attempt is refused.
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
}

/// Too many attempts have failed: this one is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many failed sign-ins")]
pub struct TooManyFailed;

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

    /// Waits until the store may look at an attempt to sign in.
    ///
    /// # Errors
    /// [`TooManyFailed`] if it may not.
    pub async fn pass(
        self: Rc<Throttle>,
        handle: &Handle,
        address: IpAddr,
    ) -> Result<Attempt, TooManyFailed> {
        let (handle, address): (Rc<str>, IpAddr) = (handle.as_str().into(), origin(address));
        let keys = [Key::Address(address), Key::Both(handle.clone(), address), Key::Handle(handle)];
        let mut wait = self.wait(&keys)?;
        loop {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            if self.enter(&keys)? {
                return Ok(Attempt { throttle: self, keys, right: false });
            }
            wait = AGAIN;
        }
    }

    /// How long an attempt waits that comes now.
    fn wait(&self, keys: &[Key; 3]) -> Result<Duration, TooManyFailed> {
        let limits = self.settings.get().failed_logins;
        let mut counts = self.counts.borrow_mut();
        let mut wait = Duration::ZERO;
        for key in keys {
            let Some(count) = counts.get(key, limits.within) else { continue };
            if count.failed >= limits.most && !matches!(key, Key::Handle(_)) {
                return Err(TooManyFailed);
            }
            wait = wait.max(limits.wait(count.failed + count.looked_at));
        }
        Ok(wait)
    }

    /// Counts an attempt that has waited. `false`: it waits for those that are being looked at.
    fn enter(&self, keys: &[Key; 3]) -> Result<bool, TooManyFailed> {
        let limits = self.settings.get().failed_logins;
        let mut counts = self.counts.borrow_mut();
        for key in keys.iter().filter(|key| !matches!(key, Key::Handle(_))) {
            let Some(count) = counts.get(key, limits.within) else { continue };
            if count.failed >= limits.most {
                return Err(TooManyFailed);
            }
            if count.failed + count.looked_at >= limits.most {
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

    fn conclude(&self, keys: &[Key; 3], right: bool) {
        let within = self.settings.get().failed_logins.within;
        let mut counts = self.counts.borrow_mut();
        for key in keys {
            if let Some(count) = counts.get_or_insert(key, within) {
                count.looked_at = count.looked_at.saturating_sub(1);
                count.failed += usize::from(!right);
                if right && matches!(key, Key::Both(..)) {
                    count.failed = 0;
                }
            }
            counts.remove_if_zero(key);
        }
    }
}

/// An attempt that the store looks at. When it is dropped it has failed, unless it was forgiven.
pub struct Attempt {
    throttle: Rc<Throttle>,
    keys: [Key; 3],
    right: bool,
}

impl Attempt {
    /// It was right, or nobody could say.
    pub fn forgive(mut self) {
        self.right = true;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.throttle.conclude(&self.keys, self.right);
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
            throttle.clone().pass(&handle(number), address(1)).await.unwrap().forgive();
        }
        assert!(throttle.is_empty());
    }
}
