//! One connection's way in and out.

use crate::connection::activity::Activity;
use crate::connection::admission::AdmissionError;
use crate::connection::buffers::{Buffers, Input, OUTPUT, Output};
use crate::connection::report::{Identity, Label};
use crate::connection::slot::{BufferKind, ConnectionId};
use crate::connection::trace::{self, TraceTarget};
use crate::directory::AccountRef;
use crate::end::EndReason;
use crate::node::Node;
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

/// What a connection still does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Everything.
    Open,
    /// Writes what is left; reads nothing.
    Flushing,
    /// Has said that it writes no more, or leaves that to the peer; reads and forgets, until the peer
    /// closes as well. A close with unread input would be a reset, which destroys the last lines on
    /// their way.
    Draining,
    /// Nothing.
    Over,
}

/// A transport, its buffers, what was agreed on it, and how far it is from its end.
pub struct Link {
    node: Rc<Node>,
    transport: Box<dyn Transport>,
    peer_info: PeerInfo,
    input: Option<Box<Input>>,
    /// Whether the input buffer is with the pump.
    reading: bool,
    output: Option<Box<Output>>,
    pub(super) activity: Option<Box<Activity>>,
    /// Whether bytes were read since the transport was last told of a read inside a command.
    fresh: bool,
    server: Server,
    id: ConnectionId,
    slot: usize,
    phase: Phase,
    dialect: Dialect,
    /// What the client offered that is not spoken here, if it offered nothing else.
    later: LaterDialects,
    waiting: bool,
    /// How many requests it has made in this second, with empty lines.
    lines: u32,
    second: u32,
    refusals: u8,
    stage: Stage,
    end_logged: bool,
    waits_for_peer_close: bool,
    reason: Option<EndReason>,
}

impl Link {
    /// Takes a place in the table of connections. It has the time of `Settings::sign_in_time` to
    /// sign in.
    ///
    /// # Errors
    /// [`AdmissionError`] if there is no place for it.
    pub fn new(
        node: Rc<Node>,
        server: Server,
        transport: Box<dyn Transport>,
        facts: PeerInfo,
    ) -> Result<Link, AdmissionError> {
        let entered = node.connections.enter(server, facts);
        let (slot, id) =
            entered.inspect_err(|turned| node.endings.count(EndReason::TurnedAway(*turned)))?;
        let mut link = Link {
            node,
            transport,
            peer_info: facts,
            input: None,
            reading: false,
            output: None,
            activity: None,
            fresh: false,
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
        link.set_deadline(Some(link.node.settings().sign_in_time));
        Ok(link)
    }

    /// The services of this node.
    pub fn node(&self) -> &Rc<Node> {
        &self.node
    }

    /// What the listener knows of the connection.
    pub fn peer_info(&self) -> PeerInfo {
        self.peer_info
    }

    /// The connection's number.
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// What the log calls it.
    pub fn label(&self) -> Label {
        Label { server: self.server, id: self.id, peer: self.peer_info.peer }
    }

    /// How far it has come.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// What it speaks; MSNP2 until something else is agreed.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// It speaks this dialect from now on.
    pub fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
        self.node.connections.with_slot(self.slot, |place| place.dialect = dialect);
    }

    /// The client has said which version it is.
    pub fn set_client_version(&mut self, version: &str) {
        self.node.connections.with_slot(self.slot, |place| {
            place.client.clear();
            for letter in version.chars() {
                if place.client.push(letter).is_err() {
                    break;
                }
            }
        });
    }

    /// The client says whose connection it is; it proves nothing.
    pub fn claim(&mut self, known: Option<AccountRef>) {
        self.node.connections.with_slot(self.slot, |place| place.claimed = known);
    }

    /// It is proved whose connection it is.
    pub fn identify(&mut self, known: AccountRef) {
        self.node.connections.with_slot(self.slot, |place| {
            (place.account, place.claimed) = (Some(known.account), Some(known));
        });
    }

    /// Notes which session's cookie lets this connection into a conversation. It is for a future that
    /// may outlive the connection.
    pub(crate) fn record_inviting_session(&self) -> impl FnOnce(ConnectionId) + use<> {
        let (node, slot, id) = (self.node.clone(), self.slot, self.id());
        move |session| {
            node.connections.with_slot(slot, |place| {
                if place.id == id {
                    place.invited_by_session = Some(Box::new(session));
                }
            });
        }
    }

    /// It takes part in this conversation from now on.
    pub fn set_conversation(&mut self, conversation: SessionId) {
        self.node.connections.with_slot(self.slot, |place| place.conversation = Some(conversation));
    }

    /// The client offers these protocol versions, none of which is spoken here, and the version
    /// query.
    pub fn set_offered_versions(&mut self, later: LaterDialects) {
        self.later = later;
    }

    /// Whether its client was refused already for the protocol versions that it offers.
    pub(super) fn offered_only_later_versions(&self) -> bool {
        !self.later.is_empty()
    }

    /// A `VER` was answered.
    pub fn set_phase(&mut self, phase: Phase) {
        self.phase = phase;
    }

    /// Whether it waits for an answer: no further request is handled until then.
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    pub(super) fn set_waiting(&mut self, waiting: bool) {
        self.waiting = waiting;
    }

    /// Whether requests are still handled and events still sent.
    pub fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// The connection is signed in, or has joined: its time limit is lifted.
    pub fn mark_authenticated(&mut self) {
        self.phase = Phase::SignedIn;
        self.node.connections.mark_authenticated(self.slot);
        self.set_deadline(None);
    }

    /// The client must answer within this time, if there is one, or the connection ends.
    pub fn set_reply_deadline(&mut self, time: Option<Duration>) {
        if self.is_open() {
            self.set_deadline(time);
        }
    }

    /// Sends an event. A peer that has left no room for it is closed: it does not read.
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

    /// Sends bytes that are encoded already, all or none, as [`Link::emit`] does.
    pub fn relay(&mut self, bytes: &[u8]) {
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
            // The socket may have room although nobody has looked since.
            self.flush_now();
            done = self.output().map_or(Err(SinkFullError), put);
        }
        match done {
            Ok(start) if !self.node.traces.is_idle() => self.trace_sent(start),
            Ok(_) => {}
            Err(SinkFullError) => self.abort(EndReason::TooSlow),
        }
    }

    /// Shows the traces, if there are any, what the client says, and what is understood of it.
    pub(super) fn trace_received(&self, frame: &Frame<'_>, request: Option<&Request<'_>>) {
        if self.node.traces.is_idle() {
            return;
        }
        if let Some(mut tapped) = self.trace_target() {
            tapped.account = trace::claimed_handle(frame, tapped.server)
                .and_then(|handle| self.node.directory.find(&handle))
                .or(tapped.account);
            self.node.traces.received(tapped, frame, request);
        }
    }

    /// Shows them what the client hears: the output from there on.
    fn trace_sent(&mut self, start: usize) {
        let tapped = self.trace_target();
        if let (Some(tapped), Some(output)) = (tapped, &mut self.output) {
            let bytes = output.buffer().get(start..).unwrap_or_default();
            self.node.traces.sent(tapped, bytes);
        }
    }

    fn trace_target(&self) -> Option<TraceTarget> {
        self.node.connections.with_slot(self.slot, |place| TraceTarget::of(place))
    }

    /// If no buffer is left, the oldest connection that has not signed in and holds one gives it
    /// up.
    fn acquire<T>(&self, kind: BufferKind, lend: fn(&Buffers, usize) -> Option<T>) -> Option<T> {
        let Node { buffers, connections, .. } = &*self.node;
        let owed = || lend(buffers, connections.evicted_buffers(kind));
        lend(buffers, 0).or_else(owed).or_else(|| {
            connections.evict_holder(kind);
            owed()
        })
    }

    /// Its output buffer, borrowed if need be. It stays in the link, so that a panic does not lose it.
    fn output(&mut self) -> Option<&mut Output> {
        if self.output.is_none() {
            self.output = self.acquire(BufferKind::Output, Buffers::acquire_output);
            self.holds(BufferKind::Output, self.output.is_some());
        }
        self.output.as_deref_mut()
    }

    /// Gives back what [`Link::output`] has borrowed.
    fn drop_output(&mut self) {
        if let Some(output) = self.output.take() {
            self.node.buffers.release_output(output);
            self.holds(BufferKind::Output, false);
        }
    }

    /// Notes that it holds a buffer, which can be taken from it while it has not settled.
    fn holds(&self, buffer: BufferKind, held: bool) {
        if self.phase != Phase::SignedIn {
            self.node.connections.with_slot(self.slot, |place| place.holds(buffer, held));
        }
    }

    fn flush_now(&mut self) {
        if let Some(waker) = self.node.connections.waker(self.slot) {
            // A failure shows again when the pump writes.
            let _ = self.poll_flush(&mut Context::from_waker(&waker));
        }
    }

    /// How many more bytes of output fit.
    pub fn room(&self) -> usize {
        self.output.as_ref().map_or(OUTPUT, |output| output.room())
    }

    /// Whether all output was written.
    pub fn is_flushed(&self) -> bool {
        self.output.is_none()
    }

    /// Ends the connection after what was sent is written, and waits for the peer to close too,
    /// for `Settings::linger` at most. The first reason counts.
    pub fn close(&mut self, reason: EndReason) {
        let linger = self.node.settings().linger;
        self.end(reason, linger);
    }

    /// Leaves it to the client to close, which was referred elsewhere and does so by itself; after
    /// `Settings::referral_linger` the server does.
    pub fn close_after_peer(&mut self, reason: EndReason) {
        let linger = self.node.settings().referral_linger;
        self.waits_for_peer_close = true;
        self.end(reason, linger);
    }

    fn end(&mut self, reason: EndReason, linger: Duration) {
        if self.is_open() {
            self.stage = Stage::Flushing;
            self.reason = Some(reason);
            self.node.connections.with_slot(self.slot, |place| place.ending = true);
            self.unwatch();
            self.set_deadline(Some(linger));
            self.wake();
        }
    }

    /// Ends the connection at once; what was not written is lost.
    pub fn abort(&mut self, reason: EndReason) {
        if self.stage != Stage::Over {
            self.stage = Stage::Over;
            self.reason.get_or_insert(reason);
            self.wake();
        }
    }

    /// Logs and counts the end, once, as soon as there is a reason. `true`: it was done now.
    pub(super) fn log_end(&mut self) -> bool {
        let Some(mut reason) = self.reason.filter(|_| !self.end_logged) else { return false };
        self.end_logged = true;
        if self.offered_only_later_versions() {
            reason = reason.for_later_client(self.later);
        }
        self.node.endings.count(reason);
        let signed_in = self.server == Server::Notification && self.phase == Phase::SignedIn;
        let (called, whose) = (self.label(), self.identity());
        self.node.connections.report.ended(called, &whose, signed_in, reason);
        true
    }

    fn identity(&self) -> Identity {
        let Node { connections, directory, .. } = &*self.node;
        let whose = connections.with_slot(self.slot, |place| Identity::of(place, directory));
        whose.unwrap_or(Identity::Unknown)
    }

    fn is_overdue(&self) -> bool {
        self.node.connections.is_overdue(self.slot)
    }

    fn set_deadline(&mut self, time: Option<Duration>) {
        let due = time.and_then(|time| Instant::now().checked_add(time));
        self.node.connections.with_slot(self.slot, |place| place.due = due);
    }

    /// Has the pump look again: something changed outside of its sight.
    pub fn wake(&self) {
        if let Some(waker) = self.node.connections.waker(self.slot) {
            waker.wake();
        }
    }

    /// Remembers how to wake it. The answer is the verdict on it, if it is to end, and whether its time
    /// is up.
    pub(super) fn register_waker(&self, cx: &Context<'_>) -> (Option<EndReason>, bool) {
        self.node.connections.register(self.slot, cx.waker())
    }

    /// How many more requests are handled in this second.
    pub(super) fn lines_left(&mut self) -> usize {
        let connections = &self.node.connections;
        if self.second != connections.second() {
            (self.second, self.lines) = (connections.second(), 0);
        }
        let lines = usize::try_from(self.lines).unwrap_or(usize::MAX);
        connections.lines_per_second().saturating_sub(lines)
    }

    /// So many lines are done with.
    pub(super) fn count_lines(&mut self, count: usize) {
        self.lines = self.lines.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Counts a request that is refused. The answer is which one it was, of at most 255.
    pub(super) fn count_refusal(&mut self) -> u8 {
        self.refusals = self.refusals.saturating_add(1);
        self.refusals
    }

    /// Nothing more is read in this second.
    pub(super) fn pause(&self) {
        self.node.connections.with_slot(self.slot, |place| place.paused = true);
    }

    /// Takes the unread bytes, if there are any, to be handed back by [`Link::keep_input`].
    pub(super) fn take_input(&mut self) -> Option<Box<Input>> {
        let input = self.input.take_if(|input| !input.unread().is_empty());
        self.reading = input.is_some();
        input
    }

    /// Keeps the buffer until the end of the turn.
    pub(super) fn keep_input(&mut self, input: Box<Input>) {
        self.reading = false;
        self.input = Some(input);
    }

    /// Ends the turn of the connection: an input buffer stays only while it holds bytes.
    pub(super) fn release_input(&mut self) {
        if let Some(input) = self.input.take_if(|input| input.unread().is_empty()) {
            self.node.buffers.release_input(input);
            self.holds(BufferKind::Input, false);
        }
    }

    /// Notes that bytes were read or written, if anybody asks for it.
    fn record_activity(&mut self) {
        if let Some(activity) = &mut self.activity {
            activity.record();
        }
    }

    /// Reads more. `false`: the peer has closed, or the connection is lost, which has ended it.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        if self.input.is_none() {
            self.input = self.acquire(BufferKind::Input, Buffers::acquire_input);
            self.holds(BufferKind::Input, self.input.is_some());
        }
        // It stays in the link meanwhile, as the output does.
        let Some(input) = &mut self.input else {
            self.abort(EndReason::Overloaded);
            return Poll::Ready(false);
        };
        let mut room = ReadBuf::new(input.room());
        let read = Pin::new(&mut self.transport).poll_read(cx, &mut room);
        let count = room.filled().len();
        input.filled(count);
        match read {
            Poll::Pending => {
                if std::mem::take(&mut self.fresh) && !input.unread().is_empty() {
                    self.transport.read_ended_inside_command();
                }
                Poll::Pending
            }
            Poll::Ready(Ok(())) if count > 0 => {
                self.fresh = true;
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

    /// Writes what there is. An error ends the connection.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(output) = &mut self.output {
            if output.unwritten().is_empty() {
                self.drop_output();
                break;
            }
            match Pin::new(&mut self.transport).poll_write(cx, output.unwritten()) {
                Poll::Ready(Ok(count)) if count > 0 => {
                    output.advance(count);
                    self.record_activity();
                }
                Poll::Ready(result) => {
                    self.drop_output();
                    let kind = result.err().map_or(std::io::ErrorKind::WriteZero, |e| e.kind());
                    self.abort(EndReason::Lost(kind));
                    return Poll::Ready(());
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(())
    }

    /// Goes on with the end of the connection. Ready: it is over.
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
        if self.reading {
            // A handler panicked, and the buffer is gone.
            self.node.buffers.forget_input();
        }
        self.drop_output();
        if !self.end_logged {
            let reason = self.reason.unwrap_or(EndReason::Failed);
            log::error!("{}{} ended: {reason}", self.label(), self.identity());
            self.node.endings.count(reason);
        }
        self.node.connections.leave(self.slot);
    }
}
