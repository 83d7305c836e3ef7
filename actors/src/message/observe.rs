//! What every actor can be asked: its observable state, the same for tests, status pages and the
//! command line.

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

/// Of the `Dispatcher`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DispatcherState {
    /// The live Notification Servers.
    pub servers: Vec<Advertised>,
    /// How many clients it has referred.
    pub referred: u64,
}

/// Of the `Registry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegistryState {
    /// Who is signed in, by account.
    pub online: Vec<OnlineState>,
    /// How many dialects are noted.
    pub noted: usize,
    /// How many notices about forward lists wait.
    pub withheld: usize,
}

/// One signed-in principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OnlineState {
    /// His account.
    pub account: AccountId,
    /// His connection.
    pub session: ConnectionId,
    /// What it speaks.
    pub dialect: Dialect,
    /// His state.
    pub state: State,
    /// `BLP`
    pub privacy: Privacy,
    /// How many have him on their forward list.
    pub watchers: usize,
}

/// Of the `Greeter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GreeterState {
    /// His account, if he is signed in.
    pub account: Option<AccountId>,
    /// In how many conversations he is.
    pub conversations: usize,
}

/// Of `Cookies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CookiesState {
    /// How many cookies are unused and good.
    pub unused: usize,
}

/// Of `Accounts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountsState {
    /// How many accounts there are.
    pub accounts: usize,
    /// How many changes wait for the store.
    pub queued: usize,
    /// How many changes were made, in how many transactions.
    pub changes: u64,
    /// How many transactions the changes took.
    pub commits: u64,
    /// Why the store takes no changes now.
    pub unwritable: Option<Unwritable>,
}

/// Of a `Session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionState {
    /// Its connection.
    pub session: ConnectionId,
    /// How far it has come.
    pub phase: Phase,
    /// What it speaks.
    pub dialect: Dialect,
    /// Who is signed in.
    pub account: Option<AccountId>,
    /// His state.
    pub state: State,
    /// `BLP`
    pub privacy: Privacy,
    /// How many contacts are on the forward list.
    pub contacts: usize,
    /// Whether it waits for an answer, or has more output to come.
    pub busy: bool,
}

/// Of a `Referral`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReferralState {
    /// Its connection.
    pub connection: ConnectionId,
    /// How far it has come.
    pub phase: Phase,
    /// What it speaks.
    pub dialect: Dialect,
}

/// Of a `Switchboard`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SwitchboardState {
    /// The conversation.
    pub session: SessionId,
    /// Who is in it.
    pub members: Vec<(MemberId, Handle)>,
    /// How many are ringing.
    pub ringing: usize,
}

/// Of a `Participant`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParticipantState {
    /// Its connection.
    pub connection: ConnectionId,
    /// Who it is, once he has joined.
    pub handle: Option<Handle>,
    /// The conversation.
    pub session: Option<SessionId>,
    /// What it speaks.
    pub dialect: Dialect,
}
