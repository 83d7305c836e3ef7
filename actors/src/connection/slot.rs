//! What the table of connections knows of each.

use crate::directory::AccountRef;
use crate::end::EndReason;
use crate::port::PeerInfo;
use crate::port::store::AccountId;
use msnp::{Dialect, Server, SessionId};
use serde::Serialize;
use std::net::IpAddr;
use std::task::Waker;
use tokio::time::Instant;

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

/// One connection, as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionState {
    /// Its number.
    pub id: ConnectionId,
    /// To which kind of server.
    pub server: Server,
    /// Where it comes from.
    pub peer: IpAddr,
    /// For how many seconds it has been there.
    pub since: u64,
    /// Whose it is: he has proved it.
    pub account: Option<AccountId>,
    /// Whose it is said to be, proved or not.
    pub claimed: Option<AccountId>,
    /// Whether it has signed in, or joined a conversation.
    pub settled: bool,
    /// The conversation that it has joined.
    pub conversation: Option<SessionId>,
    /// What it speaks.
    pub dialect: Dialect,
    /// The client's version, such as `1.0.0863`, if it has said so.
    pub client: Option<Box<str>>,
}

/// What a client says that it is, the beginning of it; empty if it says nothing. Those of the official
/// clients, and what others give themselves out for, have eight characters.
pub(super) type ClientVersion = heapless::String<15, u8>;

/// A kind of buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BufferKind {
    /// Unread bytes.
    Input,
    /// Unwritten ones.
    Output,
}

/// How many buffers of each kind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HeldBuffers<T = bool> {
    input: T,
    output: T,
}

impl<T> HeldBuffers<T> {
    pub(super) fn of(&mut self, kind: BufferKind) -> &mut T {
        match kind {
            BufferKind::Input => &mut self.input,
            BufferKind::Output => &mut self.output,
        }
    }
}

impl HeldBuffers<usize> {
    /// So many more.
    pub(super) fn add(&mut self, held: HeldBuffers) {
        self.input += usize::from(held.input);
        self.output += usize::from(held.output);
    }

    /// So many less.
    pub(super) fn subtract(&mut self, held: HeldBuffers) {
        self.input -= usize::from(held.input);
        self.output -= usize::from(held.output);
    }
}

/// The place of a connection.
pub(super) struct Slot {
    pub(super) id: ConnectionId,
    pub(super) server: Server,
    pub(super) facts: PeerInfo,
    since: Instant,
    pub(super) account: Option<AccountId>,
    pub(super) claimed: Option<AccountRef>,
    pub(super) authenticated: bool,
    pub(super) conversation: Option<SessionId>,
    /// The session whose cookie has let it into the conversation. In a box: most have none.
    pub(super) invited_by_session: Option<Box<ConnectionId>>,
    pub(super) dialect: Dialect,
    pub(super) client: ClientVersion,
    /// Which buffers it holds, while it has not settled; if it was evicted, which it gives back.
    pub(super) held: HeldBuffers,
    pub(super) end_requested: Option<EndReason>,
    /// Whether it is ending, and perhaps waits for its client to close.
    pub(super) ending: bool,
    /// Whether it is to be woken in the next second.
    pub(super) paused: bool,
    pub(super) due: Option<Instant>,
    pub(super) waker: Option<Waker>,
}

impl Slot {
    pub(super) fn new(id: ConnectionId, server: Server, facts: PeerInfo) -> Slot {
        Slot {
            id,
            server,
            facts,
            since: Instant::now(),
            account: None,
            claimed: None,
            authenticated: false,
            conversation: None,
            invited_by_session: None,
            dialect: Dialect::Msnp2,
            client: ClientVersion::new(),
            held: HeldBuffers::default(),
            end_requested: None,
            ending: false,
            paused: false,
            due: None,
            waker: None,
        }
    }

    pub(super) fn state(&self) -> ConnectionState {
        ConnectionState {
            id: self.id,
            server: self.server,
            peer: self.facts.peer,
            since: self.since.elapsed().as_secs(),
            account: self.account,
            claimed: self.claimed.map(|known| known.account),
            settled: self.authenticated,
            conversation: self.conversation,
            dialect: self.dialect,
            client: (!self.client.is_empty()).then(|| self.client.as_str().into()),
        }
    }

    /// The connection is to end for this reason: it finds the verdict when it is woken. `false`: it
    /// is to end already, or is ending.
    pub(super) fn request_end(&mut self, reason: EndReason) -> bool {
        let first = self.end_requested.is_none() && !self.ending;
        if first {
            self.end_requested = Some(reason);
            self.wake();
        }
        first
    }

    /// It is to end at once, whatever it does now.
    pub(super) fn evict(&mut self) {
        self.end_requested = Some(EndReason::Evicted);
        self.wake();
    }

    /// Whether its time is up. The clock is asked only if there is a limit.
    pub(super) fn is_overdue(&self) -> bool {
        self.due.is_some_and(|due| due <= Instant::now())
    }

    pub(super) fn is_evicted(&self) -> bool {
        self.end_requested == Some(EndReason::Evicted)
    }

    /// Notes that it holds a buffer, or not any more.
    pub(super) fn holds(&mut self, buffer: BufferKind, held: bool) {
        if !self.is_evicted() {
            *self.held.of(buffer) = held;
        }
    }

    pub(super) fn wake(&self) {
        // One that has no waker yet has not had its first turn.
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }
}
