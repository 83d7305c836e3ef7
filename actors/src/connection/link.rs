//! Input and output of a connection.

use crate::connection::activity::Activity;
use crate::connection::admission::AdmissionError;
use crate::connection::buffers::{Buffers, Input, OUTPUT, Output};
use crate::connection::pump::PendingPayload;
use crate::connection::read_signal::ReadSignal;
use crate::connection::report::{Identity, Label};
use crate::connection::slot::{BufferKind, ConnectionId};
use crate::connection::trace::{self, TraceTarget};
use crate::directory::AccountRef;
use crate::end::EndReason;
use crate::node::Node;
use crate::port::fabric::SessionRef;
use crate::port::{PeerInfo, Transport};
use msnp::command::ErrorReply;
use msnp::{
    Dialect, ErrorCode, Event, Frame, LaterDialects, Phase, Request, Server, SessionId,
    SinkFullError, TrId,
};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// How far a connection is from its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Reads and writes.
    Open,
    /// Writes the remaining output; reads nothing.
    Flushing,
    /// Has shut down its write side, or leaves the close to the peer. Reads and discards until the peer
    /// closes. A close with unread input would send a reset, which can destroy the last lines in
    /// transit.
    Draining,
    /// Does nothing.
    Over,
}

/// A transport with its buffers and the state of the protocol.
pub struct Link {
    node: Rc<Node>,
    transport: Box<dyn Transport>,
    peer_info: PeerInfo,
    input: Option<Box<Input>>,
    /// Whether the pump has taken the input buffer.
    input_taken: bool,
    /// The payload whose pieces come before the next command.
    pub(super) pending_payload: Option<PendingPayload>,
    output: Option<Box<Output>>,
    read_signal: ReadSignal,
    pub(super) activity: Option<Box<Activity>>,
    /// Whether bytes were read since the last check for a read that ended inside a command.
    has_read: bool,
    server: Server,
    id: ConnectionId,
    slot: usize,
    phase: Phase,
    dialect: Dialect,
    /// The later dialects that the client offered, if it offered no supported one.
    later: LaterDialects,
    waiting: bool,
    /// The number of requests and empty lines in this second.
    lines: u32,
    second: u32,
    /// The number of refused requests, at most 255.
    refusals: u8,
    stage: Stage,
    end_logged: bool,
    waits_for_peer_close: bool,
    reason: Option<EndReason>,
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
        let (slot, id) =
            admitted.inspect_err(|error| node.endings.count(EndReason::TurnedAway(*error)))?;
        let mut link = Link {
            node,
            transport,
            peer_info,
            input: None,
            input_taken: false,
            pending_payload: None,
            output: None,
            read_signal: ReadSignal::new(),
            activity: None,
            has_read: false,
            server,
            id,
            slot,
            phase: Phase::Fresh,
            dialect: Dialect::Msnp2,
            later: LaterDialects::NONE,
            waiting: false,
            lines: 0,
            second: 0,
            refusals: 0,
            stage: Stage::Open,
            end_logged: false,
            waits_for_peer_close: false,
            reason: None,
        };
        link.set_deadline(Some(link.node.settings().limits.sign_in_timeout()));
        Ok(link)
    }

    pub fn node(&self) -> &Rc<Node> {
        &self.node
    }

    /// Returns the addresses of the connection.
    pub fn peer_info(&self) -> PeerInfo {
        self.peer_info
    }

    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// Returns the name of the connection in the log.
    pub fn label(&self) -> Label {
        Label { server: self.server, id: self.id, peer: self.peer_info.peer }
    }

    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Returns the dialect: MSNP2 until the client has agreed on another one.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
        self.node.connections.with_slot(self.slot, |slot| slot.dialect = dialect);
    }

    /// Records the version that the client sent.
    pub fn set_client_version(&mut self, version: &str) {
        self.node.connections.with_slot(self.slot, |slot| {
            slot.client.clear();
            for letter in version.chars() {
                if slot.client.push(letter).is_err() {
                    break;
                }
            }
        });
    }

    /// Records the account that the client names. It is not authenticated.
    pub fn set_claimed_account(&mut self, account: Option<AccountRef>) {
        self.node.connections.with_slot(self.slot, |slot| slot.claimed = account);
    }

    /// Records the authenticated account.
    pub fn set_account(&mut self, account: AccountRef) {
        self.node.connections.with_slot(self.slot, |slot| {
            (slot.account, slot.claimed) = (Some(account.account), Some(account));
        });
    }

    /// Returns a function that records the session whose cookie admitted this connection to a
    /// conversation. A future that may outlive the connection can call it.
    pub(crate) fn record_inviting_session(&self) -> impl FnOnce(SessionRef) + use<> {
        let (node, slot, id) = (self.node.clone(), self.slot, self.id());
        move |session| {
            node.connections.with_slot(slot, |slot| {
                if slot.id == id {
                    slot.invited_by_session = Some(Box::new(session));
                }
            });
        }
    }

    /// Records the conversation that the connection has joined.
    pub fn set_conversation(&mut self, conversation: SessionId) {
        self.node.connections.with_slot(self.slot, |slot| slot.conversation = Some(conversation));
    }

    /// Records that the client offered only these unsupported protocol versions, and the version query.
    pub fn set_offered_versions(&mut self, later: LaterDialects) {
        self.later = later;
    }

    /// Returns whether the client was refused already because of its protocol versions.
    pub(super) fn offered_only_later_versions(&self) -> bool {
        !self.later.is_empty()
    }

    pub fn set_phase(&mut self, phase: Phase) {
        self.phase = phase;
    }

    /// Returns whether the connection waits for an answer. No request is handled until then.
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    pub(super) fn set_waiting(&mut self, waiting: bool) {
        self.waiting = waiting;
    }

    /// Returns whether requests are still handled and events still sent.
    pub fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// Records that the connection has signed in or joined, and removes its time limit.
    pub fn mark_authenticated(&mut self) {
        self.phase = Phase::SignedIn;
        self.node.connections.mark_authenticated(self.slot);
        self.set_deadline(None);
    }

    /// Sets the time in which the client must answer, or removes it. Afterwards the connection ends.
    pub fn set_reply_deadline(&mut self, time: Option<Duration>) {
        if self.is_open() {
            self.set_deadline(time);
        }
    }

    /// Sends an event. If there is no space for it, the connection ends: the peer does not read.
    pub fn emit(&mut self, event: &Event<'_>) {
        let dialect = self.dialect;
        self.append(|output| event.encode(dialect, output));
    }

    /// Sends an error line.
    pub fn error(&mut self, trid: TrId, code: ErrorCode) {
        log::debug!("{} is answered {}: {}", self.label(), code.number(), code.description());
        self.emit(&Event::Error(ErrorReply { code, trid }));
    }

    /// Sends an error line and closes.
    pub fn refuse(&mut self, trid: TrId, code: ErrorCode, reason: EndReason) {
        self.error(trid, code);
        self.close(reason);
    }

    /// Sends encoded bytes, all or none, like [`Link::emit`].
    pub fn emit_encoded(&mut self, bytes: &[u8]) {
        self.append(|output| output.extend_from_slice(bytes).map_err(|_| SinkFullError));
    }

    fn append(
        &mut self,
        encode: impl Fn(&mut heapless::Vec<u8, OUTPUT>) -> Result<(), SinkFullError>,
    ) {
        if !self.is_open() {
            return;
        }
        let put = |output: &mut Output| {
            let start = output.buffer().len();
            encode(output.buffer()).map(|()| start)
        };
        let Some(output) = self.output() else {
            return self.abort(EndReason::Overloaded);
        };
        let mut done = put(output);
        if done.is_err() {
            // The socket may accept data again since the last write.
            self.flush_now();
            done = self.output().map_or(Err(SinkFullError), put);
        }
        match done {
            Ok(start) if !self.node.traces.is_idle() => self.trace_sent(start),
            Ok(_) => {}
            Err(SinkFullError) => self.abort(EndReason::TooSlow),
        }
    }

    /// Passes a received frame, and the request if it is a valid one, to the traces.
    pub(super) fn trace_received(&self, frame: &Frame<'_>, request: Option<&Request<'_>>) {
        if self.node.traces.is_idle() {
            return;
        }
        if let Some(mut target) = self.trace_target() {
            target.account = trace::claimed_handle(frame, target.server)
                .and_then(|handle| self.node.directory.find(&handle))
                .or(target.account);
            self.node.traces.received(target, frame, request);
        }
    }

    /// Passes the output from `start` on to the traces.
    fn trace_sent(&mut self, start: usize) {
        let target = self.trace_target();
        if let (Some(target), Some(output)) = (target, &mut self.output) {
            let bytes = output.buffer().get(start..).unwrap_or_default();
            self.node.traces.sent(target, bytes);
        }
    }

    fn trace_target(&self) -> Option<TraceTarget> {
        self.node.connections.with_slot(self.slot, |slot| TraceTarget::of(slot))
    }

    /// Acquires a buffer. If none is left, evicts the first half-open connection that holds one.
    fn acquire<T>(&self, kind: BufferKind, take: fn(&Buffers, usize) -> Option<T>) -> Option<T> {
        let Node { buffers, connections, .. } = &*self.node;
        let take_owed = || take(buffers, connections.evicted_buffers(kind));
        take(buffers, 0).or_else(take_owed).or_else(|| {
            connections.evict_holder(kind);
            take_owed()
        })
    }

    /// Returns the output buffer, and acquires one if necessary. It stays in the link, so that a panic
    /// does not lose it.
    fn output(&mut self) -> Option<&mut Output> {
        if self.output.is_none() {
            self.output = self.acquire(BufferKind::Output, Buffers::acquire_output);
            self.set_held(BufferKind::Output, self.output.is_some());
        }
        self.output.as_deref_mut()
    }

    /// Releases the output buffer.
    fn release_output(&mut self) {
        if let Some(output) = self.output.take() {
            self.node.buffers.release_output(output);
            self.set_held(BufferKind::Output, false);
        }
    }

    /// Records whether the connection holds a buffer. A half-open one can lose it by an eviction.
    fn set_held(&self, buffer: BufferKind, held: bool) {
        if self.phase != Phase::SignedIn {
            self.node.connections.with_slot(self.slot, |slot| slot.set_held(buffer, held));
        }
    }

    fn flush_now(&mut self) {
        if let Some(waker) = self.node.connections.waker(self.slot) {
            // An error shows again when the pump writes.
            let _ = self.poll_flush(&mut Context::from_waker(&waker));
        }
    }

    /// Returns the free output space in bytes.
    pub fn room(&self) -> usize {
        self.output.as_ref().map_or(OUTPUT, |output| output.room())
    }

    /// Returns whether all output was written.
    pub fn is_flushed(&self) -> bool {
        self.output.is_none()
    }

    /// Ends the connection after all output is written. Waits for the peer to close too, for
    /// `Settings::linger` at most. Only the first reason is recorded.
    pub fn close(&mut self, reason: EndReason) {
        let linger = self.node.settings().linger;
        self.end(reason, linger);
    }

    /// Waits for the referred client to close first. After `Settings::referral_linger` the server
    /// closes.
    pub fn close_after_peer(&mut self, reason: EndReason) {
        let linger = self.node.settings().referral_linger;
        self.waits_for_peer_close = true;
        self.end(reason, linger);
    }

    fn end(&mut self, reason: EndReason, linger: Duration) {
        if self.is_open() {
            self.stage = Stage::Flushing;
            self.reason = Some(reason);
            self.node.connections.with_slot(self.slot, |slot| slot.ending = true);
            self.unwatch();
            self.set_deadline(Some(linger));
            self.wake();
        }
    }

    /// Ends the connection at once. Unwritten output is lost.
    pub fn abort(&mut self, reason: EndReason) {
        if self.stage != Stage::Over {
            self.stage = Stage::Over;
            self.reason.get_or_insert(reason);
            self.wake();
        }
    }

    /// Logs and counts the end once, when there is a reason. Returns whether this call did it.
    pub(super) fn log_end(&mut self) -> bool {
        let Some(mut reason) = self.reason.filter(|_| !self.end_logged) else { return false };
        self.end_logged = true;
        if self.offered_only_later_versions() {
            reason = reason.for_later_client(self.later);
        }
        self.node.endings.count(reason);
        let signed_in = self.server == Server::Notification && self.phase == Phase::SignedIn;
        let (label, identity) = (self.label(), self.identity());
        self.node.connections.report.ended(label, &identity, signed_in, reason);
        true
    }

    fn identity(&self) -> Identity {
        let Node { connections, directory, .. } = &*self.node;
        let identity = connections.with_slot(self.slot, |slot| Identity::of(slot, directory));
        identity.unwrap_or(Identity::Unknown)
    }

    fn is_overdue(&self) -> bool {
        self.node.connections.is_overdue(self.slot)
    }

    fn set_deadline(&mut self, time: Option<Duration>) {
        let deadline = time.and_then(|time| Instant::now().checked_add(time));
        self.node.connections.with_slot(self.slot, |slot| slot.deadline = deadline);
    }

    /// Wakes the pump.
    pub fn wake(&self) {
        if let Some(waker) = self.node.connections.waker(self.slot) {
            waker.wake();
        }
    }

    /// Stores the waker. Returns the reason of a requested end, and whether the deadline has passed.
    pub(super) fn register_waker(&self, cx: &Context<'_>) -> (Option<EndReason>, bool) {
        self.node.connections.register(self.slot, cx.waker())
    }

    /// Returns how many more requests may be handled in this second.
    pub(super) fn lines_left(&mut self) -> usize {
        let connections = &self.node.connections;
        if self.second != connections.second() {
            (self.second, self.lines) = (connections.second(), 0);
        }
        let lines = usize::try_from(self.lines).unwrap_or(usize::MAX);
        connections.lines_per_second().saturating_sub(lines)
    }

    /// Counts handled lines.
    pub(super) fn count_lines(&mut self, count: usize) {
        self.lines = self.lines.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Counts a refused request. Returns the new count, at most 255.
    pub(super) fn count_refusal(&mut self) -> u8 {
        self.refusals = self.refusals.saturating_add(1);
        self.refusals
    }

    /// Pauses reading until the next second.
    pub(super) fn pause(&self) {
        self.node.connections.with_slot(self.slot, |slot| slot.paused = true);
    }

    /// Takes the unread bytes, if there are any. [`Link::keep_input`] returns them.
    pub(super) fn take_input(&mut self) -> Option<Box<Input>> {
        let input = self.input.take_if(|input| !input.unread().is_empty());
        self.input_taken = input.is_some();
        input
    }

    /// Takes the buffer back until the end of the turn.
    pub(super) fn keep_input(&mut self, input: Box<Input>) {
        self.input_taken = false;
        self.input = Some(input);
    }

    /// Releases the input buffer at the end of a turn, if it is empty.
    pub(super) fn release_input(&mut self) {
        if let Some(input) = self.input.take_if(|input| input.unread().is_empty()) {
            self.node.buffers.release_input(input);
            self.set_held(BufferKind::Input, false);
        }
    }

    /// Records a read or write, if the link is watched.
    fn record_activity(&mut self) {
        if let Some(activity) = &mut self.activity {
            activity.record();
        }
    }

    /// Reads input. Returns `false` if the peer has closed, or if an error has ended the connection.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        if !self.read_signal.is_ready() {
            return Poll::Pending;
        }
        if self.input.is_none() {
            self.input = self.acquire(BufferKind::Input, Buffers::acquire_input);
            self.set_held(BufferKind::Input, self.input.is_some());
        }
        // The buffer stays in the link meanwhile, so that a panic does not lose it.
        let Some(input) = &mut self.input else {
            self.abort(EndReason::Overloaded);
            return Poll::Ready(false);
        };
        let mut room = ReadBuf::new(input.room());
        let transport = Pin::new(&mut self.transport);
        let read = self.read_signal.poll(cx, |cx| transport.poll_read(cx, &mut room));
        let count = room.filled().len();
        input.filled(count);
        match read {
            Poll::Pending => {
                let is_inside = !input.unread().is_empty() || self.pending_payload.is_some();
                if std::mem::take(&mut self.has_read) && is_inside {
                    self.transport.read_ended_inside_command();
                }
                Poll::Pending
            }
            Poll::Ready(Ok(())) if count > 0 => {
                self.has_read = true;
                self.record_activity();
                Poll::Ready(true)
            }
            Poll::Ready(Ok(())) => Poll::Ready(false),
            Poll::Ready(Err(error)) => {
                self.abort(EndReason::Lost(error.kind()));
                Poll::Ready(false)
            }
        }
    }

    /// Writes all output. An error ends the connection.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(output) = &mut self.output {
            if output.unwritten().is_empty() {
                self.release_output();
                break;
            }
            match Pin::new(&mut self.transport).poll_write(cx, output.unwritten()) {
                Poll::Ready(Ok(count)) if count > 0 => {
                    output.advance(count);
                    self.record_activity();
                }
                Poll::Ready(result) => {
                    self.release_output();
                    let kind = result.err().map_or(std::io::ErrorKind::WriteZero, |e| e.kind());
                    self.abort(EndReason::Lost(kind));
                    return Poll::Ready(());
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(())
    }

    /// Continues the end of the connection. Returns ready when it is over.
    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_overdue() {
            self.stage = Stage::Over;
        }
        if self.stage == Stage::Flushing {
            std::task::ready!(self.poll_flush(cx));
        }
        if self.stage == Stage::Flushing && self.waits_for_peer_close {
            self.stage = Stage::Draining;
        }
        if self.stage == Stage::Flushing {
            let shut = std::task::ready!(Pin::new(&mut self.transport).poll_shutdown(cx));
            self.stage = if shut.is_ok() { Stage::Draining } else { Stage::Over };
        }
        while self.stage == Stage::Draining {
            let mut rest = [0; 512];
            let mut room = ReadBuf::new(&mut rest);
            let read = std::task::ready!(Pin::new(&mut self.transport).poll_read(cx, &mut room));
            if read.is_err() || room.filled().is_empty() {
                self.stage = Stage::Over;
            }
        }
        Poll::Ready(())
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(input) = self.input.take() {
            self.node.buffers.release_input(input);
        }
        if self.input_taken {
            // A handler has panicked, and the buffer is lost.
            self.node.buffers.forget_input();
        }
        self.release_output();
        if !self.end_logged {
            let reason = self.reason.unwrap_or(EndReason::Failed);
            log::error!("{}{} ended: {reason}", self.label(), self.identity());
            self.node.endings.count(reason);
        }
        self.node.connections.leave(self.slot);
    }
}
