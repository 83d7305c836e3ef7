//! All connections of an arbiter: how many there are, whose they are, when each is due, and how to
//! wake it.
//!
//! One sweep serves the time limits of all connections; an idle one has neither timer nor limit.
//! A connection ends from here by a verdict, which its pump finds when it is woken.

use crate::connection::admission::{AdmissionError, is_private, origin};
use crate::connection::half_open::HalfOpen;
use crate::connection::report::Report;
use crate::connection::slot::{BufferKind, ConnectionId, ConnectionState, HeldBuffers, Slot};
use crate::end::EndReason;
use crate::exclusions::Exclusions;
use crate::port::PeerInfo;
use crate::port::store::AccountId;
use crate::settings::{Settings, SharedSettings};
use crate::stats::Refused;
use msnp::Server;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How often the sweep looks: time limits are exact to this.
const SWEEP: Duration = Duration::from_secs(1);

#[derive(Default)]
struct ConnectionTable {
    places: Vec<Option<Slot>>,
    free: Vec<usize>,
    taken: usize,
    /// Those that were evicted and have not had their last turn yet: they do not count any more.
    evicted: usize,
    /// The buffers that these give back then.
    owed: HeldBuffers<usize>,
    /// Those that have not settled.
    half_open: HalfOpen,
    /// How many there are from each address.
    origins: HashMap<IpAddr, usize>,
}

impl ConnectionTable {
    fn get(&mut self, slot: usize) -> Option<&mut Slot> {
        self.places.get_mut(slot)?.as_mut()
    }

    /// How many connections count.
    fn count(&self) -> usize {
        self.taken - self.evicted
    }

    /// Ends a connection that has not settled and that fits, the next in their order, at once, if
    /// there is one.
    fn evict(&mut self, mut fits: impl FnMut(&mut Slot) -> bool) -> Option<()> {
        let ConnectionTable { places, half_open, .. } = self;
        let (origin, id, slot) = half_open.in_order().find(|(_, _, slot)| {
            places.get_mut(*slot).and_then(Option::as_mut).is_some_and(&mut fits)
        })?;
        self.half_open.remove(origin, id);
        self.evicted += 1;
        let place = self.places.get_mut(slot).and_then(Option::as_mut)?;
        place.evict();
        self.owed.add(place.held);
        Some(())
    }
}

/// The table.
pub struct Connections {
    settings: SharedSettings,
    exclusions: Rc<Exclusions>,
    inner: RefCell<ConnectionTable>,
    number: Cell<u64>,
    closing: Cell<bool>,
    /// Counts seconds, in the sweep.
    second: Cell<u32>,
    empty: Notify,
    pub(super) report: Report,
}

impl Connections {
    /// An empty table.
    pub fn new(settings: SharedSettings, exclusions: Rc<Exclusions>) -> Connections {
        Connections {
            settings,
            exclusions,
            inner: RefCell::default(),
            number: Cell::new(0),
            closing: Cell::new(false),
            second: Cell::new(0),
            empty: Notify::new(),
            report: Report::default(),
        }
    }

    /// Takes a place for a new connection, which is half open. If there is none, the oldest
    /// half-open one of the address that has the most of them is evicted; it counts no more, and is
    /// gone when it has had its next turn.
    pub(super) fn enter(
        &self,
        server: Server,
        facts: PeerInfo,
    ) -> Result<(usize, ConnectionId), AdmissionError> {
        let settings = self.settings.get();
        self.admit(&settings, &facts)
            .inspect_err(|turned| self.report.not_admitted(facts.peer, *turned))?;
        let mut inner = self.inner.borrow_mut();
        inner.taken += 1;
        let origin = origin(facts.peer);
        *inner.origins.entry(origin).or_default() += 1;
        let slot = inner.free.pop().unwrap_or(inner.places.len());
        if slot == inner.places.len() {
            inner.places.push(None);
        }
        self.number.set(self.number.get() + 1);
        let id = ConnectionId(self.number.get());
        if let Some(place) = inner.places.get_mut(slot) {
            *place = Some(Slot::new(id, server, facts));
        }
        inner.half_open.insert(origin, id, slot);
        Ok((slot, id))
    }

    fn admit(&self, settings: &Settings, facts: &PeerInfo) -> Result<(), AdmissionError> {
        if self.closing.get() {
            return Err(AdmissionError::Closing);
        }
        if self.exclusions.denying(facts.peer).is_some() {
            return Err(AdmissionError::Denied);
        }
        let allowed = || settings.allow.iter().any(|network| network.contains(&facts.peer));
        if !is_private(facts.peer) && !allowed() {
            return Err(AdmissionError::Public);
        }
        let crowd = settings.connection_limits;
        let mut inner = self.inner.borrow_mut();
        let same = inner.origins.get(&origin(facts.peer)).copied().unwrap_or_default();
        if same >= crowd.per_address {
            return Err(AdmissionError::PerAddress);
        }
        let full = |inner: &ConnectionTable| {
            inner.count() >= crowd.connections || inner.half_open.len() >= crowd.half_open
        };
        if inner.count() - inner.half_open.len() >= crowd.connections {
            // Nobody can make room.
            return Err(AdmissionError::Crowded);
        }
        // More than one if there may be fewer than there might be before.
        while full(&inner) {
            inner.evict(|_| true).ok_or(AdmissionError::Crowded)?;
        }
        Ok(())
    }

    /// Ends a half-open connection that holds such a buffer, if there is one, at once. It owes the
    /// buffer until it has had its next turn.
    pub(super) fn evict_holder(&self, buffer: BufferKind) {
        let _ = self.inner.borrow_mut().evict(|place| *place.held.of(buffer));
    }

    /// How many buffers are held by connections that were evicted.
    pub(super) fn evicted_buffers(&self, buffer: BufferKind) -> usize {
        *self.inner.borrow_mut().owed.of(buffer)
    }

    pub(super) fn leave(&self, slot: usize) {
        let mut inner = self.inner.borrow_mut();
        let place = inner.places.get_mut(slot).and_then(Option::take);
        if let Some(place) = place {
            let from = origin(place.facts.peer);
            inner.half_open.remove(from, place.id);
            if place.is_evicted() {
                inner.evicted -= 1;
                inner.owed.subtract(place.held);
            }
            inner.free.push(slot);
            inner.taken -= 1;
            if let Some(count) = inner.origins.get_mut(&from) {
                *count -= 1;
                if *count == 0 {
                    inner.origins.remove(&from);
                }
            }
        }
        if inner.taken == 0 {
            self.empty.notify_waiters();
        }
    }

    /// The connection is signed in, or has joined.
    pub(super) fn mark_authenticated(&self, slot: usize) {
        let mut inner = self.inner.borrow_mut();
        let settled = inner.get(slot).map(|place| {
            place.authenticated = true;
            (origin(place.facts.peer), place.id)
        });
        if let Some((from, id)) = settled {
            inner.half_open.remove(from, id);
        }
    }

    /// Notes something of a connection, or looks it up.
    pub(super) fn with_slot<T>(&self, slot: usize, note: impl FnOnce(&mut Slot) -> T) -> Option<T> {
        self.inner.borrow_mut().get(slot).map(note)
    }

    pub(super) fn is_overdue(&self, slot: usize) -> bool {
        self.inner.borrow_mut().get(slot).is_some_and(|place| place.is_overdue())
    }

    /// Remembers how to wake a connection. The answer is how it stands with it: the verdict, if there
    /// is one, and whether its time is up.
    pub(super) fn register(&self, slot: usize, waker: &Waker) -> (Option<EndReason>, bool) {
        let mut inner = self.inner.borrow_mut();
        let Some(place) = inner.get(slot) else { return (None, false) };
        match &mut place.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        (place.end_requested, place.is_overdue())
    }

    pub(super) fn waker(&self, slot: usize) -> Option<Waker> {
        self.inner.borrow_mut().get(slot).and_then(|place| place.waker.clone())
    }

    /// Ends all connections of a principal, on the Notification Server and in conversations; each
    /// says goodbye. The answer is how many. A session that only claims to be his stays; on its way
    /// into a conversation it ends, since a cookie may have proved it already.
    pub fn end(&self, account: AccountId, reason: EndReason) -> usize {
        self.request_end(reason, |place| {
            let claims = place.claimed.is_some_and(|known| known.account == account);
            let enters = place.server == Server::Switchboard && claims;
            enters || place.account == Some(account)
        })
    }

    /// Ends the connections that were let into a conversation by a cookie of this session. The answer
    /// is how many.
    pub(crate) fn end_session(&self, session: ConnectionId, reason: EndReason) -> usize {
        self.request_end(reason, |place| place.invited_by_session.as_deref() == Some(&session))
    }

    /// Ends all connections; each says goodbye, and others may come. The answer is how many.
    pub fn end_all(&self, reason: EndReason) -> usize {
        self.request_end(reason, |_| true)
    }

    /// Ends all connections from networks that are denied; each says goodbye. Returns how many.
    pub fn end_denied(&self) -> usize {
        self.request_end(EndReason::Denied, |place| {
            self.exclusions.denying(place.facts.peer).is_some()
        })
    }

    /// Logs that a connection to something else than one of the servers was turned away.
    pub(crate) fn log_not_admitted(&self, peer: IpAddr, turned: AdmissionError) {
        self.report.not_admitted(peer, turned);
    }

    fn request_end(&self, reason: EndReason, mut whose: impl FnMut(&Slot) -> bool) -> usize {
        let mut inner = self.inner.borrow_mut();
        let places = inner.places.iter_mut().flatten();
        places
            .filter(|place| whose(place))
            .filter_map(|place| place.request_end(reason).then_some(()))
            .count()
    }

    /// What is known of each connection, in the order in which they came.
    pub fn states(&self) -> Vec<ConnectionState> {
        let inner = self.inner.borrow();
        let mut all: Vec<_> = inner.places.iter().flatten().map(Slot::state).collect();
        all.sort_unstable_by_key(|state| state.id);
        all
    }

    /// The last connections that were refused, the latest first.
    pub fn refused(&self) -> Vec<Refused> {
        self.report.refused()
    }

    /// What the listener knew of a connection. It looks through all of them.
    pub fn facts(&self, id: ConnectionId) -> Option<PeerInfo> {
        let inner = self.inner.borrow();
        inner.places.iter().flatten().find(|place| place.id == id).map(|place| place.facts)
    }

    /// Tells every connection that the server is shutting down, and waits until all are gone.
    pub async fn close_all(&self) {
        self.closing.set(true);
        self.end_all(EndReason::ShuttingDown);
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
        self.inner.borrow().half_open.len()
    }

    /// How many addresses there are connections from.
    pub fn addresses(&self) -> usize {
        self.inner.borrow().origins.len()
    }

    /// The number of this second. With it a connection counts its requests.
    pub(super) fn second(&self) -> u32 {
        self.second.get()
    }

    /// How many requests a connection may make in a second.
    pub(super) fn lines_per_second(&self) -> usize {
        self.settings.get().lines_per_second
    }

    /// Wakes, once a second, the connections whose time is up, and those that have paused; for
    /// ever.
    pub async fn sweep(&self) {
        let mut ticks = tokio::time::interval(SWEEP);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.second.set(self.second.get().wrapping_add(1));
            let now = Instant::now();
            for place in self.inner.borrow_mut().places.iter_mut().flatten() {
                if std::mem::take(&mut place.paused) || place.due.is_some_and(|due| due <= now) {
                    place.wake();
                }
            }
            self.report.sweep();
        }
    }
}
