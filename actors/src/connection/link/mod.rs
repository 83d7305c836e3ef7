//! A transport with its buffers and the state of the protocol.

mod closing;
mod identity;
mod input;
mod output;
mod traced;

use self::closing::Closing;
use crate::connection::activity::Activity;
use crate::connection::admission::AdmissionError;
use crate::connection::buffers::{Buffers, Input, Output};
use crate::connection::pump::PendingPayload;
use crate::connection::slot::{BufferKind, Slot};
use crate::end::EndReason;
use crate::node::Node;
use crate::port::{PeerInfo, Transport};
use msnp::{Phase, Server};
use std::rc::Rc;
use std::task::Context;
use std::time::Duration;
use tokio::time::Instant;

/// A connection, in the hands of its actor. What the connection table shows of it is in its slot.
pub struct Link {
    node: Rc<Node>,
    slot: Rc<Slot>,
    transport: Box<dyn Transport>,
    input: Option<Box<Input>>,
    output: Option<Box<Output>>,
    /// The payload whose pieces come before the next command.
    pub(super) pending_payload: Option<Box<PendingPayload>>,
    pub(super) activity: Option<Box<Activity>>,
    /// How far the connection is from its end. `None` while it is open.
    closing: Option<Box<Closing>>,
    /// The number of requests and empty lines in the second `second`.
    lines: u32,
    /// The last second in which lines were counted, numbered by the connection table.
    second: u32,
    /// The number of refused requests, at most 255.
    refusals: u8,
    phase: Phase,
    is_waiting: bool,
    /// Whether the pump has taken the input buffer.
    input_taken: bool,
    /// Whether bytes were read since a read last had to wait.
    has_read: bool,
}

impl Link {
    /// Takes a slot in the connection table. The client must sign in or join within
    /// [`Limits::sign_in_timeout`](crate::limit::Limits::sign_in_timeout).
    ///
    /// # Errors
    /// [`AdmissionError`] if the connection is not admitted.
    pub fn new(
        node: Rc<Node>,
        server: Server,
        transport: Box<dyn Transport>,
        peer_info: PeerInfo,
    ) -> Result<Link, AdmissionError> {
        let admitted = node.connections.enter(server, peer_info);
        let slot =
            admitted.inspect_err(|error| node.endings.count(EndReason::TurnedAway(*error)))?;
        let link = Link {
            node,
            slot,
            transport,
            input: None,
            output: None,
            pending_payload: None,
            activity: None,
            closing: None,
            lines: 0,
            second: 0,
            refusals: 0,
            phase: Phase::Fresh,
            is_waiting: false,
            input_taken: false,
            has_read: false,
        };
        link.set_deadline(Some(link.node.settings().limits.sign_in_timeout()));
        Ok(link)
    }

    pub fn node(&self) -> &Rc<Node> {
        &self.node
    }

    pub fn phase(&self) -> Phase {
        self.phase
    }

    pub fn set_phase(&mut self, phase: Phase) {
        self.phase = phase;
    }

    /// Returns whether the connection waits for an answer. No request is handled until then.
    pub fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    pub(super) fn set_waiting(&mut self, is_waiting: bool) {
        self.is_waiting = is_waiting;
    }

    /// Records that the connection has signed in or joined, and removes its time limit.
    pub fn mark_authenticated(&mut self) {
        self.phase = Phase::SignedIn;
        self.node.connections.mark_authenticated(&self.slot);
        self.set_deadline(None);
    }

    /// Sets the time in which the client must answer. If it does not, the connection ends. `None`
    /// removes the limit.
    pub fn set_reply_deadline(&mut self, time: Option<Duration>) {
        if self.is_open() {
            self.set_deadline(time);
        }
    }

    fn set_deadline(&self, time: Option<Duration>) {
        self.slot.deadline.set(time.and_then(|time| Instant::now().checked_add(time)));
    }

    /// Wakes the pump.
    pub fn wake(&self) {
        self.slot.wake();
    }

    /// Stores the waker. Returns the reason of a requested end, and whether the deadline has passed.
    pub(super) fn register_waker(&self, cx: &Context<'_>) -> (Option<EndReason>, bool) {
        self.slot.signal.register(cx.waker());
        (self.slot.end_requested.get(), self.slot.is_overdue())
    }

    /// Acquires a buffer. If none is left, evicts the first half-open connection that holds one.
    fn acquire<T>(&self, kind: BufferKind, take: fn(&Buffers, usize) -> Option<T>) -> Option<T> {
        let Node { buffers, connections, .. } = &*self.node;
        // Evicted connections give their buffers back soon, so as many may be taken above the
        // limit.
        let take_owed = || take(buffers, connections.evicted_buffers(kind));
        take(buffers, 0).or_else(take_owed).or_else(|| {
            connections.evict_holder(kind);
            take_owed()
        })
    }

    /// Records whether a half-open connection holds a buffer, for which it can be evicted.
    fn set_held(&self, buffer: BufferKind, is_held: bool) {
        if self.phase != Phase::SignedIn {
            self.slot.set_held(buffer, is_held);
        }
    }

    /// Records a read or write, if the link is watched.
    fn record_activity(&mut self) {
        if let Some(activity) = &mut self.activity {
            activity.record();
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.drop_input();
        self.release_output();
        self.log_unexpected_end();
        self.node.connections.leave(&self.slot);
    }
}
