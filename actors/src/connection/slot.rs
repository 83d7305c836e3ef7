//! The entries of the connection table.

use crate::connection::read_signal::ReadSignal;
use crate::directory::AccountRef;
use crate::end::EndReason;
use crate::port::PeerInfo;
use crate::port::fabric::SessionRef;
use crate::port::store::AccountId;
use msnp::{Dialect, LaterDialects, Server, SessionId};
use serde::Serialize;
use std::cell::{Cell, OnceCell};
use std::net::IpAddr;
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
    pub age_seconds: u64,
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

/// For each kind of buffer, whether a connection holds one, or (as `usize`) how many do.
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

/// An entry of the connection table. The connection shares its entry, and changes it without the
/// table.
pub(super) struct Slot {
    pub(super) id: ConnectionId,
    /// The position in the table.
    index: u32,
    pub(super) server: Server,
    pub(super) peer_info: PeerInfo,
    /// The second in which the slot was taken, counted from the start of the table.
    since: u32,
    pub(super) claimed: Cell<Option<AccountRef>>,
    /// Whether the client has proved that the claimed account is its own.
    pub(super) is_proved: Cell<bool>,
    /// Whether the connection has signed in, or joined a conversation.
    pub(super) is_authenticated: Cell<bool>,
    pub(super) conversation: Cell<Option<SessionId>>,
    /// The user's sign-in whose cookie admitted the connection to the conversation. Boxed, since
    /// most connections have none.
    pub(super) invited_by_session: OnceCell<Box<SessionRef>>,
    pub(super) dialect: Cell<Dialect>,
    /// The later dialects that the client offered, if it offered no supported one.
    pub(super) later_dialects: Cell<LaterDialects>,
    client_version: Cell<ClientVersion>,
    /// The buffers that the connection holds until it is authenticated. After an eviction, those that it
    /// will give back.
    pub(super) held: Cell<HeldBuffers>,
    /// The reason of the end that was requested, if one was.
    pub(super) end_requested: Cell<Option<EndReason>>,
    /// Whether the connection is ending, and perhaps waits for the client to close.
    pub(super) is_ending: Cell<bool>,
    /// Whether to wake the connection in the next second.
    pub(super) is_paused: Cell<bool>,
    pub(super) deadline: Cell<Option<Instant>>,
    pub(super) signal: ReadSignal,
}

impl Slot {
    pub(super) fn new(
        id: ConnectionId,
        index: usize,
        server: Server,
        peer_info: PeerInfo,
        since: u32,
    ) -> Slot {
        Slot {
            id,
            index: u32::try_from(index).unwrap_or(u32::MAX),
            server,
            peer_info,
            since,
            claimed: Cell::new(None),
            is_proved: Cell::new(false),
            is_authenticated: Cell::new(false),
            conversation: Cell::new(None),
            invited_by_session: OnceCell::new(),
            dialect: Cell::new(Dialect::Msnp2),
            later_dialects: Cell::new(LaterDialects::NONE),
            client_version: Cell::default(),
            held: Cell::default(),
            end_requested: Cell::new(None),
            is_ending: Cell::new(false),
            is_paused: Cell::new(false),
            deadline: Cell::new(None),
            signal: ReadSignal::new(),
        }
    }

    /// Returns the position in the table.
    pub(super) fn index(&self) -> usize {
        usize::try_from(self.index).unwrap_or(usize::MAX)
    }

    /// Returns the state at `now`, in seconds since the start of the table.
    pub(super) fn state(&self, now: u32) -> ConnectionState {
        let client = self.client_version.take();
        self.client_version.set(client.clone());
        ConnectionState {
            id: self.id,
            server: self.server,
            peer: self.peer_info.peer,
            age_seconds: now.saturating_sub(self.since).into(),
            account: self.account(),
            claimed: self.claimed.get().map(|account_ref| account_ref.account),
            settled: self.is_authenticated.get(),
            conversation: self.conversation.get(),
            dialect: self.dialect.get(),
            client: (!client.is_empty()).then(|| client.as_str().into()),
        }
    }

    /// Returns the claimed account, if the client has proved that it is its own.
    pub(super) fn account(&self) -> Option<AccountId> {
        let claimed = self.claimed.get().filter(|_| self.is_proved.get());
        claimed.map(|account_ref| account_ref.account)
    }

    /// Records the start of the client's version.
    pub(super) fn set_client_version(&self, version: &str) {
        let mut start = ClientVersion::new();
        for letter in version.chars() {
            if start.push(letter).is_err() {
                break;
            }
        }
        self.client_version.set(start);
    }

    /// Requests the end of the connection and wakes it. Returns `false` if its end was requested
    /// before, or it is ending.
    pub(super) fn request_end(&self, reason: EndReason) -> bool {
        let is_first = self.end_requested.get().is_none() && !self.is_ending.get();
        if is_first {
            self.end_requested.set(Some(reason));
            self.wake();
        }
        is_first
    }

    /// Requests that the connection ends at once.
    pub(super) fn evict(&self) {
        self.end_requested.set(Some(EndReason::Evicted));
        self.wake();
    }

    /// Returns whether the deadline has passed. Reads the clock only if there is a deadline.
    pub(super) fn is_overdue(&self) -> bool {
        self.deadline.get().is_some_and(|deadline| deadline <= Instant::now())
    }

    pub(super) fn is_evicted(&self) -> bool {
        self.end_requested.get() == Some(EndReason::Evicted)
    }

    /// Records whether the connection holds a buffer. After an eviction, the record no longer
    /// changes.
    pub(super) fn set_held(&self, buffer: BufferKind, is_held: bool) {
        if !self.is_evicted() {
            let mut all = self.held.get();
            *all.of(buffer) = is_held;
            self.held.set(all);
        }
    }

    pub(super) fn wake(&self) {
        self.signal.wake();
    }
}
