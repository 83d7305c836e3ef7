//! The table of all connections of an arbiter, the thread that serves them.
//!
//! A connection is half open until it has signed in, or has joined a conversation.
//!
//! A single sweep checks the deadlines of all connections. An idle one has neither timer nor
//! deadline. To end a connection, the table records a request and wakes the connection's
//! task.

use crate::connection::admission::{AdmissionError, is_private, origin};
use crate::connection::half_open::HalfOpen;
use crate::connection::report::Report;
use crate::connection::slot::{BufferKind, ConnectionId, ConnectionState, HeldBuffers, Slot};
use crate::end::EndReason;
use crate::exclusions::Exclusions;
use crate::limit::AddressCounts;
use crate::port::PeerInfo;
use crate::port::fabric::SessionRef;
use crate::port::store::AccountId;
use crate::settings::{Settings, SharedSettings};
use crate::stats::Refused;
use msnp::Server;
use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The interval of the sweep, which is the precision of deadlines.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Default)]
struct ConnectionTable {
    slots: Vec<Option<Rc<Slot>>>,
    /// The indexes of the free slots.
    free: Vec<usize>,
    /// The number of the taken slots.
    taken: usize,
    /// Evicted connections whose task has not ended yet. They no longer count.
    evicted: usize,
    /// How many buffers the evicted connections will give back.
    owed: HeldBuffers<usize>,
    half_open: HalfOpen,
    /// The number of connections from each origin.
    origins: AddressCounts,
}

impl ConnectionTable {
    /// Returns the number of connections, without evicted ones.
    fn count_without_evicted(&self) -> usize {
        self.taken - self.evicted
    }

    /// Evicts the first half-open connection that matches, in the order of eviction. Returns `None` if
    /// there is none.
    fn evict(&mut self, fits: impl Fn(&Slot) -> bool) -> Option<()> {
        let ConnectionTable { slots, half_open, .. } = self;
        let (origin, slot) = half_open.in_order().find_map(|(origin, _, index)| {
            let slot = slots.get(index)?.as_ref()?;
            fits(slot).then(|| (origin, slot.clone()))
        })?;
        self.half_open.remove(origin, slot.id);
        self.evicted += 1;
        slot.evict();
        self.owed.add(slot.held.get());
        Some(())
    }
}

/// All connections of an arbiter.
pub struct Connections {
    settings: SharedSettings,
    exclusions: Rc<Exclusions>,
    inner: RefCell<ConnectionTable>,
    last_id: Cell<u64>,
    /// How many ids were given to sign-ins without a connection.
    ids_without_connection: Cell<u64>,
    is_closing: Cell<bool>,
    started: Instant,
    /// A counter that the sweep increments each second.
    second: Cell<u32>,
    empty: Notify,
    pub(super) report: Report,
}

impl Connections {
    pub fn new(settings: SharedSettings, exclusions: Rc<Exclusions>) -> Connections {
        Connections {
            settings,
            exclusions,
            inner: RefCell::default(),
            last_id: Cell::new(0),
            ids_without_connection: Cell::new(0),
            is_closing: Cell::new(false),
            started: Instant::now(),
            second: Cell::new(0),
            empty: Notify::new(),
            report: Report::default(),
        }
    }

    /// Takes a slot for a new connection, which is half open. If a limit is reached, evicts the oldest
    /// half-open connection of the origin that has the most of them. An evicted connection no
    /// longer counts, and is gone when its task runs next.
    pub(super) fn enter(
        &self,
        server: Server,
        peer_info: PeerInfo,
    ) -> Result<Rc<Slot>, AdmissionError> {
        let settings = self.settings.get();
        self.admit(&settings, &peer_info)
            .inspect_err(|error| self.report.log_not_admitted(peer_info.peer, *error))?;
        let mut inner = self.inner.borrow_mut();
        inner.taken += 1;
        let origin = origin(peer_info.peer);
        inner.origins.add(origin);
        let index = inner.free.pop().unwrap_or(inner.slots.len());
        if index == inner.slots.len() {
            inner.slots.push(None);
        }
        self.last_id.set(self.last_id.get() + 1);
        let id = ConnectionId(self.last_id.get());
        let slot = Rc::new(Slot::new(id, index, server, peer_info, self.age()));
        if let Some(free) = inner.slots.get_mut(index) {
            *free = Some(slot.clone());
        }
        inner.half_open.insert(origin, id, index);
        Ok(slot)
    }

    /// Returns an id for the sign-in of a principal without a connection. These ids count down from
    /// the largest number, which no connection reaches.
    pub fn id_without_connection(&self) -> ConnectionId {
        self.ids_without_connection.set(self.ids_without_connection.get() + 1);
        ConnectionId(u64::MAX - self.ids_without_connection.get())
    }

    fn admit(&self, settings: &Settings, peer_info: &PeerInfo) -> Result<(), AdmissionError> {
        if self.is_closing.get() {
            return Err(AdmissionError::Closing);
        }
        if self.exclusions.find_denied(peer_info.peer).is_some() {
            return Err(AdmissionError::Denied);
        }
        let allowed = || settings.allow.iter().any(|network| network.contains(&peer_info.peer));
        if !is_private(peer_info.peer) && !allowed() {
            return Err(AdmissionError::Public);
        }
        let limits = settings.limits;
        let mut inner = self.inner.borrow_mut();
        if inner.origins.of(origin(peer_info.peer)) >= limits.per_address {
            return Err(AdmissionError::PerAddress);
        }
        let full = |inner: &ConnectionTable| {
            inner.count_without_evicted() >= limits.connections
                || inner.half_open.len() >= limits.half_open
        };
        if inner.count_without_evicted() - inner.half_open.len() >= limits.connections {
            // No connection can be evicted.
            return Err(AdmissionError::Crowded);
        }
        // More than one is evicted if the limits were lowered.
        while full(&inner) {
            inner.evict(|_| true).ok_or(AdmissionError::Crowded)?;
        }
        Ok(())
    }

    /// Evicts a half-open connection that holds a buffer of this kind, if there is one. It keeps the
    /// buffer until its task runs next.
    pub(super) fn evict_holder(&self, buffer: BufferKind) {
        let _ = self.inner.borrow_mut().evict(|slot| *slot.held.get().of(buffer));
    }

    /// Returns the number of buffers that evicted connections still hold.
    pub(super) fn evicted_buffers(&self, buffer: BufferKind) -> usize {
        *self.inner.borrow_mut().owed.of(buffer)
    }

    /// Gives the slot of a connection back.
    pub(super) fn leave(&self, slot: &Slot) {
        let mut inner = self.inner.borrow_mut();
        if inner.slots.get_mut(slot.index()).and_then(Option::take).is_some() {
            let from = origin(slot.peer_info.peer);
            inner.half_open.remove(from, slot.id);
            if slot.is_evicted() {
                inner.evicted -= 1;
                inner.owed.subtract(slot.held.get());
            }
            inner.free.push(slot.index());
            inner.taken -= 1;
            inner.origins.remove(from);
        }
        if inner.taken == 0 {
            self.empty.notify_waiters();
        }
    }

    /// Records that a connection has signed in or joined.
    pub(super) fn mark_authenticated(&self, slot: &Slot) {
        slot.is_authenticated.set(true);
        self.inner.borrow_mut().half_open.remove(origin(slot.peer_info.peer), slot.id);
    }

    /// Ends all connections of a principal, on the Notification Server and in conversations. Each sends
    /// its `OUT`. Returns the number of connections.
    ///
    /// A session that only claims the account stays. But a switchboard connection that claims
    /// the account is ended, because its cookie may have authenticated it already.
    pub fn end(&self, account: AccountId, reason: EndReason) -> usize {
        self.request_end(reason, |slot| {
            let claims =
                slot.claimed.get().is_some_and(|account_ref| account_ref.account == account);
            let claims_on_switchboard = slot.server == Server::Switchboard && claims;
            claims_on_switchboard || slot.account() == Some(account)
        })
    }

    /// Ends the connections that a cookie of this session admitted to a conversation. Returns their
    /// number.
    pub(crate) fn end_admitted_by_session(&self, session: SessionRef, reason: EndReason) -> usize {
        self.request_end(reason, |slot| {
            slot.invited_by_session.get().is_some_and(|by| **by == session)
        })
    }

    /// Ends all connections, and returns their number. New ones are still admitted.
    pub fn end_all(&self, reason: EndReason) -> usize {
        self.request_end(reason, |_| true)
    }

    /// Ends all connections from denied networks, and returns their number.
    pub fn end_denied(&self) -> usize {
        self.request_end(EndReason::Denied, |slot| {
            self.exclusions.find_denied(slot.peer_info.peer).is_some()
        })
    }

    /// Logs a connection to another service, such as the web pages, that was not admitted.
    pub(crate) fn log_not_admitted(&self, peer: IpAddr, error: AdmissionError) {
        self.report.log_not_admitted(peer, error);
    }

    fn request_end(&self, reason: EndReason, matches: impl Fn(&Slot) -> bool) -> usize {
        let inner = self.inner.borrow();
        let slots = inner.slots.iter().flatten();
        slots
            .filter(|slot| matches(slot))
            .filter_map(|slot| slot.request_end(reason).then_some(()))
            .count()
    }

    /// Returns the state of all connections, the oldest first.
    pub fn states(&self) -> Vec<ConnectionState> {
        let (inner, now) = (self.inner.borrow(), self.age());
        let mut all: Vec<_> = inner.slots.iter().flatten().map(|slot| slot.state(now)).collect();
        all.sort_unstable_by_key(|state| state.id);
        all
    }

    /// Returns the last refused connections, the latest first.
    pub fn refused(&self) -> Vec<Refused> {
        self.report.refused()
    }

    /// Ends all connections because the server shuts down, and waits until they are gone. Admits no new
    /// ones.
    pub async fn close_all(&self) {
        self.is_closing.set(true);
        self.end_all(EndReason::ShuttingDown);
        while self.count() > 0 {
            self.empty.notified().await;
        }
    }

    /// Returns the time since the start in seconds.
    fn age(&self) -> u32 {
        u32::try_from(self.started.elapsed().as_secs()).unwrap_or(u32::MAX)
    }

    /// Returns the number of connections.
    pub fn count(&self) -> usize {
        self.inner.borrow().taken
    }

    /// Returns the number of half-open connections.
    pub fn half_open(&self) -> usize {
        self.inner.borrow().half_open.len()
    }

    /// Returns the number of distinct addresses (see [`origin`]) that connections come from.
    pub fn origin_count(&self) -> usize {
        self.inner.borrow().origins.address_count()
    }

    /// Returns the number of the current second, for the rate limit of requests.
    pub(super) fn second(&self) -> u32 {
        self.second.get()
    }

    /// Returns how many requests of a connection are handled in a second.
    pub(super) fn lines_per_second(&self) -> usize {
        self.settings.hot().lines_per_second
    }

    /// Wakes, once a second, the connections whose deadline has passed and those that have paused.
    /// Never returns.
    pub async fn sweep(&self) {
        let mut ticks = tokio::time::interval(SWEEP_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.second.set(self.second.get().wrapping_add(1));
            let now = Instant::now();
            for slot in self.inner.borrow().slots.iter().flatten() {
                if slot.is_paused.take()
                    || slot.deadline.get().is_some_and(|deadline| deadline <= now)
                {
                    slot.wake();
                }
            }
            self.report.sweep();
        }
    }
}
