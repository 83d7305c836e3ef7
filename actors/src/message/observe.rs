//! The observable state of each actor, for tests, status pages and the command line.

use crate::connection::ConnectionId;
use crate::message::MemberId;
use crate::port::store::{AccountId, Unwritable};
use crate::settings::Advertised;
use actix::Message;
use msnp::{Dialect, Handle, Phase, Privacy, SessionId, State};
use serde::Serialize;
use std::marker::PhantomData;

/// Asks an actor for its state `S`.
pub struct Observe<S>(PhantomData<S>);

impl<S> Default for Observe<S> {
    fn default() -> Observe<S> {
        Observe(PhantomData)
    }
}

impl<S: 'static> Message for Observe<S> {
    type Result = S;
}

/// State of the `Dispatcher`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DispatcherState {
    /// The live Notification Servers.
    pub servers: Vec<Advertised>,
    /// How many clients it has referred.
    pub referred: u64,
}

/// State of the `Registry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegistryState {
    /// The users that are signed in, by account.
    pub online: Vec<OnlineState>,
    /// The number of users whose dialect was agreed on at the Dispatch Server and is kept for their
    /// sign-in.
    pub noted: usize,
    /// How many notices about forward lists are delayed.
    pub withheld: usize,
}

/// A user that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OnlineState {
    /// The account.
    pub account: AccountId,
    /// The user's connection to the Notification Server.
    pub session: ConnectionId,
    /// The connection's dialect. `None` for a user without a connection, such as the greeter.
    pub dialect: Option<Dialect>,
    /// The user's state.
    pub state: State,
    /// The privacy setting (`BLP`).
    pub privacy: Privacy,
    /// How many users have this one on their forward list.
    pub watchers: usize,
}

/// State of the `Greeter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GreeterState {
    /// Its account, if it is signed in.
    pub account: Option<AccountId>,
    /// How many conversations it is in.
    pub conversations: usize,
}

/// State of `Cookies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CookiesState {
    /// How many valid cookies are unused.
    pub unused: usize,
}

/// State of `Accounts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountsState {
    /// How many accounts exist. 0 if the store cannot be read.
    pub accounts: usize,
    /// How many changes wait for the store.
    pub queued: usize,
    /// How many changes were made.
    pub changes: u64,
    /// How many transactions they took.
    pub commits: u64,
    /// Why the store accepts no changes now.
    pub unwritable: Option<Unwritable>,
}

/// State of a `Session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionState {
    /// Its connection.
    pub session: ConnectionId,
    /// Its phase.
    pub phase: Phase,
    /// Its dialect.
    pub dialect: Dialect,
    /// The account that is signed in.
    pub account: Option<AccountId>,
    /// The user's state.
    pub state: State,
    /// The privacy setting (`BLP`).
    pub privacy: Privacy,
    /// How many contacts are on the forward list.
    pub contacts: usize,
    /// Whether it waits for a reply, or has more output to send.
    pub busy: bool,
}

/// State of a `Referral`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReferralState {
    /// Its connection.
    pub connection: ConnectionId,
    /// Its phase.
    pub phase: Phase,
    /// Its dialect.
    pub dialect: Dialect,
}

/// State of a `Switchboard`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SwitchboardState {
    /// The conversation. The protocol calls it a session.
    pub session: SessionId,
    /// Its participants.
    pub members: Vec<(MemberId, Handle)>,
    /// How many users are ringing.
    pub ringing: usize,
}

/// State of a `Participant`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParticipantState {
    /// Its connection.
    pub connection: ConnectionId,
    /// The user, after they joined.
    pub handle: Option<Handle>,
    /// The conversation.
    pub session: Option<SessionId>,
    /// Its dialect.
    pub dialect: Dialect,
}
