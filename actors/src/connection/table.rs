//! All connections of an arbiter: how many there are, when each is due, and how to wake it.
//!
//! One sweep serves the time limits of all connections; an idle one has neither timer nor limit.

use crate::settings::SharedSettings;
use std::cell::{Cell, RefCell};
use std::task::Waker;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How often the sweep looks: time limits are exact to this.
const SWEEP: Duration = Duration::from_secs(1);

/// The number of a connection, for the log; never given twice.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct ConnectionId(pub u64);

impl std::fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crowd {
    /// In all.
    pub connections: usize,
    /// That have not signed in yet, or not joined.
    pub half_open: usize,
}

/// Why a new connection is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Turned {
    /// There are as many connections as there may be.
    #[error("there are too many connections")]
    Crowded,
    /// Too many connections have not signed in yet.
    #[error("too many connections have not signed in yet")]
    HalfOpen,
    /// The server is shutting down.
    #[error("the server is shutting down")]
    Closing,
}

#[derive(Default)]
struct Place {
    taken: bool,
    half_open: bool,
    due: Option<Instant>,
    waker: Option<Waker>,
}

#[derive(Default)]
struct Places {
    places: Vec<Place>,
    free: Vec<usize>,
    taken: usize,
    half_open: usize,
}

/// The table.
pub struct Connections {
    settings: SharedSettings,
    inner: RefCell<Places>,
    number: Cell<u64>,
    closing: Cell<bool>,
    empty: Notify,
}

impl Connections {
    /// An empty table.
    pub fn new(settings: SharedSettings) -> Connections {
        Connections {
            settings,
            inner: RefCell::default(),
            number: Cell::new(0),
            closing: Cell::new(false),
            empty: Notify::new(),
        }
    }

    /// Takes a place for a new connection, which is half open.
    pub(super) fn enter(&self) -> Result<(usize, ConnectionId), Turned> {
        let mut inner = self.inner.borrow_mut();
        let crowd = self.settings.get().crowd;
        if self.closing.get() {
            return Err(Turned::Closing);
        }
        if inner.taken >= crowd.connections {
            return Err(Turned::Crowded);
        }
        if inner.half_open >= crowd.half_open {
            return Err(Turned::HalfOpen);
        }
        inner.taken += 1;
        inner.half_open += 1;
        let slot = inner.free.pop().unwrap_or(inner.places.len());
        if slot == inner.places.len() {
            inner.places.push(Place::default());
        }
        if let Some(place) = inner.places.get_mut(slot) {
            *place = Place { taken: true, half_open: true, due: None, waker: None };
        }
        self.number.set(self.number.get() + 1);
        Ok((slot, ConnectionId(self.number.get())))
    }

    pub(super) fn leave(&self, slot: usize) {
        self.settled(slot);
        let mut inner = self.inner.borrow_mut();
        let place = inner.places.get_mut(slot).filter(|place| place.taken);
        if let Some(place) = place {
            *place = Place::default();
            inner.free.push(slot);
            inner.taken -= 1;
        }
        if inner.taken == 0 {
            self.empty.notify_waiters();
        }
    }

    /// The connection is signed in, or has joined.
    pub(super) fn settled(&self, slot: usize) {
        let mut inner = self.inner.borrow_mut();
        let place = inner.places.get_mut(slot).filter(|place| place.half_open);
        if let Some(place) = place {
            place.half_open = false;
            inner.half_open -= 1;
        }
    }

    pub(super) fn set_due(&self, slot: usize, due: Option<Instant>) {
        if let Some(place) = self.inner.borrow_mut().places.get_mut(slot) {
            place.due = due;
        }
    }

    pub(super) fn is_overdue(&self, slot: usize) -> bool {
        let inner = self.inner.borrow();
        let due = inner.places.get(slot).and_then(|place| place.due);
        due.is_some_and(|due| due <= Instant::now())
    }

    pub(super) fn remember(&self, slot: usize, waker: &Waker) {
        if let Some(place) = self.inner.borrow_mut().places.get_mut(slot) {
            match &mut place.waker {
                Some(known) => known.clone_from(waker),
                none => *none = Some(waker.clone()),
            }
        }
    }

    pub(super) fn waker(&self, slot: usize) -> Option<Waker> {
        self.inner.borrow().places.get(slot).and_then(|place| place.waker.clone())
    }

    /// Whether the server is shutting down.
    pub fn is_closing(&self) -> bool {
        self.closing.get()
    }

    /// Tells every connection that the server is shutting down, and waits until all are gone.
    pub async fn close_all(&self) {
        self.closing.set(true);
        for place in &self.inner.borrow().places {
            if let Some(waker) = &place.waker {
                waker.wake_by_ref();
            }
        }
        while self.count() > 0 {
            self.empty.notified().await;
        }
    }

    /// How many connections there are.
    pub fn count(&self) -> usize {
        self.inner.borrow().taken
    }

    /// How many connections have not signed in yet.
    pub fn half_open(&self) -> usize {
        self.inner.borrow().half_open
    }

    /// Wakes, once a second, the connections whose time is up; for ever.
    pub async fn sweep(&self) {
        let mut ticks = tokio::time::interval(SWEEP);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let now = Instant::now();
            for place in &self.inner.borrow().places {
                if let (Some(due), Some(waker)) = (place.due, &place.waker)
                    && due <= now
                {
                    waker.wake_by_ref();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn no_more_connections_enter_than_there_may_be() {
        let crowd = Crowd { connections: 3, half_open: 2 };
        let settings = Settings { crowd, ..Settings::sample() };
        let table = Connections::new(SharedSettings::new(settings));
        let (first, _) = table.enter().unwrap();
        let (second, number) = table.enter().unwrap();
        assert_eq!(table.enter(), Err(Turned::HalfOpen));
        table.settled(first);
        table.enter().unwrap();
        table.settled(second);
        assert_eq!(table.enter(), Err(Turned::Crowded));
        table.leave(second);
        let (again, later) = table.enter().unwrap();
        assert_eq!(again, second, "places are used again");
        assert!(later > number, "numbers are not");
    }
}
