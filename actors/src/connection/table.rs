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
use crate::port::PeerInfo;
use crate::port::fabric::SessionRef;
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

/// The interval of the sweep, which is the precision of deadlines.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Default)]
struct ConnectionTable {
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    taken: usize,
    /// Evicted connections whose task has not ended yet. They no longer count.
    evicted: usize,
    /// The buffers that the evicted connections will give back.
    owed: HeldBuffers<usize>,
    half_open: HalfOpen,
    /// The number of connections from each origin.
    origins: HashMap<IpAddr, usize>,
}

impl ConnectionTable {
    fn get(&mut self, index: usize) -> Option<&mut Slot> {
        self.slots.get_mut(index)?.as_mut()
    }

    /// Returns the number of connections, without evicted ones.
    fn count_without_evicted(&self) -> usize {
        self.taken - self.evicted
    }

    /// Evicts the first half-open connection that matches, in the order of eviction. Returns `None` if
    /// there is none.
    fn evict(&mut self, mut fits: impl FnMut(&mut Slot) -> bool) -> Option<()> {
        let ConnectionTable { slots, half_open, .. } = self;
        let (origin, id, index) = half_open.in_order().find(|(_, _, index)| {
            slots.get_mut(*index).and_then(Option::as_mut).is_some_and(&mut fits)
        })?;
        self.half_open.remove(origin, id);
        self.evicted += 1;
        let slot = self.slots.get_mut(index).and_then(Option::as_mut)?;
        slot.evict();
        self.owed.add(slot.held);
        Some(())
    }
}

/// All connections of an arbiter.
pub struct Connections {
    settings: SharedSettings,
    exclusions: Rc<Exclusions>,
    inner: RefCell<ConnectionTable>,
    last_id: Cell<u64>,
    /// The number of ids that no connection has.
    without_connection: Cell<u64>,
    closing: Cell<bool>,
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
            without_connection: Cell::new(0),
            closing: Cell::new(false),
            second: Cell::new(0),
            empty: Notify::new(),
            report: Report::default(),
        }
    }

    /// Takes a slot for a new connection, which is half open. If a limit is reached, evicts the oldest
    /// half-open connection of the origin with the most. An evicted connection no longer counts, and is
    /// gone when its task runs next.
    pub(super) fn enter(
        &self,
        server: Server,
        peer_info: PeerInfo,
    ) -> Result<(usize, ConnectionId), AdmissionError> {
        let settings = self.settings.get();
        self.admit(&settings, &peer_info)
            .inspect_err(|error| self.report.not_admitted(peer_info.peer, *error))?;
        let mut inner = self.inner.borrow_mut();
        inner.taken += 1;
        let origin = origin(peer_info.peer);
        *inner.origins.entry(origin).or_default() += 1;
        let index = inner.free.pop().unwrap_or(inner.slots.len());
        if index == inner.slots.len() {
            inner.slots.push(None);
        }
        self.last_id.set(self.last_id.get() + 1);
        let id = ConnectionId(self.last_id.get());
        if let Some(slot) = inner.slots.get_mut(index) {
            *slot = Some(Slot::new(id, server, peer_info));
        }
        inner.half_open.insert(origin, id, index);
        Ok((index, id))
    }

    /// Returns an id for the sign-in of a principal without a connection. These ids count down from
    /// the largest number, which no connection reaches.
    pub fn id_without_connection(&self) -> ConnectionId {
        self.without_connection.set(self.without_connection.get() + 1);
        ConnectionId(u64::MAX - self.without_connection.get())
    }

    fn admit(&self, settings: &Settings, peer_info: &PeerInfo) -> Result<(), AdmissionError> {
        if self.closing.get() {
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
        let from_origin = inner.origins.get(&origin(peer_info.peer)).copied().unwrap_or_default();
        if from_origin >= limits.per_address {
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
        let _ = self.inner.borrow_mut().evict(|slot| *slot.held.of(buffer));
    }

    /// Returns the number of buffers that evicted connections still hold.
    pub(super) fn evicted_buffers(&self, buffer: BufferKind) -> usize {
        *self.inner.borrow_mut().owed.of(buffer)
    }

    pub(super) fn leave(&self, index: usize) {
        let mut inner = self.inner.borrow_mut();
        let slot = inner.slots.get_mut(index).and_then(Option::take);
        if let Some(slot) = slot {
            let from = origin(slot.peer_info.peer);
            inner.half_open.remove(from, slot.id);
            if slot.is_evicted() {
                inner.evicted -= 1;
                inner.owed.subtract(slot.held);
            }
            inner.free.push(index);
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

    /// Records that a connection has signed in or joined.
    pub(super) fn mark_authenticated(&self, index: usize) {
        let mut inner = self.inner.borrow_mut();
        let found = inner.get(index).map(|slot| {
            slot.authenticated = true;
            (origin(slot.peer_info.peer), slot.id)
        });
        if let Some((from, id)) = found {
            inner.half_open.remove(from, id);
        }
    }

    /// Calls a function with the slot of a connection.
    pub(super) fn with_slot<T>(
        &self,
        index: usize,
        call: impl FnOnce(&mut Slot) -> T,
    ) -> Option<T> {
        self.inner.borrow_mut().get(index).map(call)
    }

    pub(super) fn is_overdue(&self, index: usize) -> bool {
        self.inner.borrow_mut().get(index).is_some_and(|slot| slot.is_overdue())
    }

    /// Stores the waker of a connection. Returns the reason of a requested end, and whether the deadline
    /// has passed.
    pub(super) fn register(&self, index: usize, waker: &Waker) -> (Option<EndReason>, bool) {
        let mut inner = self.inner.borrow_mut();
        let Some(slot) = inner.get(index) else { return (None, false) };
        match &mut slot.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        (slot.end_requested, slot.is_overdue())
    }

    pub(super) fn waker(&self, index: usize) -> Option<Waker> {
        self.inner.borrow_mut().get(index).and_then(|slot| slot.waker.clone())
    }

    /// Ends all connections of a principal, on the Notification Server and in conversations. Each sends
    /// its `OUT`. Returns the number of connections.
    ///
    /// A session that only claims the account stays. But a switchboard connection that claims
    /// the account is ended, because its cookie may have authenticated it already.
    pub fn end(&self, account: AccountId, reason: EndReason) -> usize {
        self.request_end(reason, |slot| {
            let claims = slot.claimed.is_some_and(|account_ref| account_ref.account == account);
            let claims_on_switchboard = slot.server == Server::Switchboard && claims;
            claims_on_switchboard || slot.account == Some(account)
        })
    }

    /// Ends the connections that a cookie of this session admitted to a conversation. Returns their
    /// number.
    pub(crate) fn end_admitted_by_session(&self, session: SessionRef, reason: EndReason) -> usize {
        self.request_end(reason, |slot| slot.invited_by_session.as_deref() == Some(&session))
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
        self.report.not_admitted(peer, error);
    }

    fn request_end(&self, reason: EndReason, mut matches: impl FnMut(&Slot) -> bool) -> usize {
        let mut inner = self.inner.borrow_mut();
        let slots = inner.slots.iter_mut().flatten();
        slots
            .filter(|slot| matches(slot))
            .filter_map(|slot| slot.request_end(reason).then_some(()))
            .count()
    }

    /// Returns the state of all connections, the oldest first.
    pub fn states(&self) -> Vec<ConnectionState> {
        let inner = self.inner.borrow();
        let mut all: Vec<_> = inner.slots.iter().flatten().map(Slot::state).collect();
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
        self.closing.set(true);
        self.end_all(EndReason::ShuttingDown);
        while self.count() > 0 {
            self.empty.notified().await;
        }
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
        self.inner.borrow().origins.len()
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
            for slot in self.inner.borrow_mut().slots.iter_mut().flatten() {
                if std::mem::take(&mut slot.paused)
                    || slot.deadline.is_some_and(|deadline| deadline <= now)
                {
                    slot.wake();
                }
            }
            self.report.sweep();
        }
    }
}
