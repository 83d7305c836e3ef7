//! To the `Cookies` actor.

use crate::connection::ConnectionId;
use crate::port::store::AccountId;
use crate::switchboard::Switchboard;
use actix::{Addr, Message};
use msnp::{Cookie, Dialect, SessionId};

/// What a cookie lets its owner do.
#[derive(Debug, Clone)]
pub enum Purpose {
    /// Start a conversation.
    Start,
    /// Join one.
    Join {
        /// Which one.
        conversation: SessionId,
        /// Its switchboard.
        switchboard: Addr<Switchboard>,
        /// Who called.
        caller: AccountId,
    },
}

/// What a cookie stands for.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// Whose it is.
    pub account: AccountId,
    /// The Notification Server connection that he got it on; it dies with it.
    pub session: ConnectionId,
    /// What that connection speaks: the switchboard negotiates nothing.
    pub dialect: Dialect,
    /// What it is good for.
    pub purpose: Purpose,
}

impl Ticket {
    /// Who called, if it is good for joining.
    pub fn caller(&self) -> Option<AccountId> {
        match self.purpose {
            Purpose::Start => None,
            Purpose::Join { caller, .. } => Some(caller),
        }
    }
}

/// Makes a cookie.
#[derive(Debug, Message)]
#[rtype(result = "Result<Cookie, TooManyCookiesError>")]
pub struct Issue(pub Ticket);

/// The session, the caller or all have as many unused cookies as they may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many unused cookies")]
pub struct TooManyCookiesError;

/// Takes a cookie back, once. It is used up only if it fits.
#[derive(Debug, Message)]
#[rtype(result = "Result<Ticket, RedeemError>")]
pub struct Redeem {
    /// The cookie.
    pub cookie: Cookie,
    /// Who says that it is his.
    pub account: Option<AccountId>,
    /// The conversation that he wants to join; none to start one.
    pub join: Option<SessionId>,
}

/// Why a cookie does not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedeemError {
    /// There is no such cookie: it was used, has expired, or never was.
    #[error("unknown, used or expired cookie")]
    Unknown,
    /// It is somebody else's.
    #[error("somebody else's cookie")]
    OtherOwner,
    /// It is for starting where it should be for joining, or the reverse.
    #[error("a cookie for something else")]
    OtherPurpose,
    /// It is for another conversation.
    #[error("a cookie for another conversation")]
    OtherSession,
}

/// The last participant of a conversation has left: whoever is ringing may still come, but not for
/// so long.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Abandoned(pub SessionId);

/// Forgets the cookies of a Notification Server connection that has ended.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Revoke(pub ConnectionId);
