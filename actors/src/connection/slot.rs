//! The entries of the connection table.

use crate::directory::AccountRef;
use crate::end::EndReason;
use crate::port::PeerInfo;
use crate::port::fabric::SessionRef;
use crate::port::store::AccountId;
use msnp::{Dialect, Server, SessionId};
use serde::Serialize;
use std::net::IpAddr;
use std::task::Waker;
use tokio::time::Instant;

/// The number of a connection, for the log. It is never reused.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct ConnectionId(pub u64);

impl std::fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The state of a connection, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionState {
    pub id: ConnectionId,
    pub server: Server,
    /// The client's address.
    pub peer: IpAddr,
    /// Age of the connection, in seconds.
    pub since: u64,
    /// The authenticated account.
    pub account: Option<AccountId>,
    /// The account that the client named, authenticated or not.
    pub claimed: Option<AccountId>,
    /// Whether the connection has signed in, or joined a conversation.
    pub settled: bool,
    pub conversation: Option<SessionId>,
    pub dialect: Dialect,
    /// The client's version, such as `1.0.0863`, if the client sent it.
    pub client: Option<Box<str>>,
}

/// The start of the client's version, empty if the client sent none. The versions of the official
/// clients, and those that others pretend to be, have eight characters.
pub(super) type ClientVersion = heapless::String<15, u8>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BufferKind {
    Input,
    Output,
}

/// A value for each kind of buffer.
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
    pub(super) fn add(&mut self, held: HeldBuffers) {
        self.input += usize::from(held.input);
        self.output += usize::from(held.output);
    }

    pub(super) fn subtract(&mut self, held: HeldBuffers) {
        self.input -= usize::from(held.input);
        self.output -= usize::from(held.output);
    }
}

/// An entry of the connection table.
pub(super) struct Slot {
    pub(super) id: ConnectionId,
    pub(super) server: Server,
    pub(super) peer_info: PeerInfo,
    since: Instant,
    pub(super) account: Option<AccountId>,
    pub(super) claimed: Option<AccountRef>,
    pub(super) authenticated: bool,
    pub(super) conversation: Option<SessionId>,
    /// The session whose cookie admitted the connection to the conversation. Boxed, since most
    /// connections have none.
    pub(super) invited_by_session: Option<Box<SessionRef>>,
    pub(super) dialect: Dialect,
    pub(super) client: ClientVersion,
    /// The buffers that the connection holds, while it is half open. After an eviction, those that it
    /// will give back.
    pub(super) held: HeldBuffers,
    pub(super) end_requested: Option<EndReason>,
    /// Whether the connection is ending, and perhaps waits for the client to close.
    pub(super) ending: bool,
    /// Whether to wake the connection in the next second.
    pub(super) paused: bool,
    pub(super) deadline: Option<Instant>,
    pub(super) waker: Option<Waker>,
}

impl Slot {
    pub(super) fn new(id: ConnectionId, server: Server, peer_info: PeerInfo) -> Slot {
        Slot {
            id,
            server,
            peer_info,
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
            deadline: None,
            waker: None,
        }
    }

    pub(super) fn state(&self) -> ConnectionState {
        ConnectionState {
            id: self.id,
            server: self.server,
            peer: self.peer_info.peer,
            since: self.since.elapsed().as_secs(),
            account: self.account,
            claimed: self.claimed.map(|account_ref| account_ref.account),
            settled: self.authenticated,
            conversation: self.conversation,
            dialect: self.dialect,
            client: (!self.client.is_empty()).then(|| self.client.as_str().into()),
        }
    }

    /// Requests the end of the connection and wakes it. Returns `false` if its end was requested
    /// before, or it is ending.
    pub(super) fn request_end(&mut self, reason: EndReason) -> bool {
        let first = self.end_requested.is_none() && !self.ending;
        if first {
            self.end_requested = Some(reason);
            self.wake();
        }
        first
    }

    /// Requests that the connection ends at once.
    pub(super) fn evict(&mut self) {
        self.end_requested = Some(EndReason::Evicted);
        self.wake();
    }

    /// Returns whether the deadline has passed. Reads the clock only if there is a deadline.
    pub(super) fn is_overdue(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= Instant::now())
    }

    pub(super) fn is_evicted(&self) -> bool {
        self.end_requested == Some(EndReason::Evicted)
    }

    /// Records whether the connection holds a buffer.
    pub(super) fn set_held(&mut self, buffer: BufferKind, held: bool) {
        if !self.is_evicted() {
            *self.held.of(buffer) = held;
        }
    }

    pub(super) fn wake(&self) {
        // Without a waker, the connection has not had its first turn yet.
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }
}
