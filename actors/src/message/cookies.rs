//! Messages to the `Cookies` actor.

use crate::port::fabric::SessionRef;
use crate::port::store::AccountId;
use crate::switchboard::Switchboard;
use actix::{Addr, Message};
use msnp::{Cookie, Dialect, SessionId};

/// What a cookie permits.
#[derive(Debug, Clone)]
pub enum Purpose {
    /// Start a conversation.
    Start,
    /// Join a conversation.
    Join {
        /// The conversation.
        conversation: SessionId,
        /// Its switchboard.
        switchboard: Addr<Switchboard>,
        /// The user who called.
        caller: AccountId,
    },
}

/// What a cookie stands for.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// Its owner.
    pub account: AccountId,
    /// The owner's sign-in, which may be on another node. When it ends, the cookie is revoked.
    pub session: SessionRef,
    /// The dialect of the connection with which the owner signed in: a switchboard does not negotiate
    /// one. `None` if the owner is no MSN Messenger client, such as the greeter.
    pub dialect: Option<Dialect>,
    /// What the cookie permits.
    pub purpose: Purpose,
}

impl Ticket {
    /// Returns the user who called, if the cookie is for joining a conversation.
    pub fn caller(&self) -> Option<AccountId> {
        match self.purpose {
            Purpose::Start => None,
            Purpose::Join { caller, .. } => Some(caller),
        }
    }
}

/// Issues a cookie.
#[derive(Debug, Message)]
#[rtype(result = "Result<Cookie, TooManyCookiesError>")]
pub struct Issue(pub Ticket);

/// The session, the caller or the server as a whole has reached its limit of unused cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many unused cookies")]
pub struct TooManyCookiesError;

/// Redeems a cookie. A cookie that does not match stays valid; one that matches is used up.
#[derive(Debug, Message)]
#[rtype(result = "Result<Ticket, RedeemError>")]
pub struct Redeem {
    /// The cookie.
    pub cookie: Cookie,
    /// The account that presents the cookie. `None` if it does not exist.
    pub account: Option<AccountId>,
    /// The conversation to join, or `None` to start one.
    pub join: Option<SessionId>,
}

/// Why a cookie is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedeemError {
    /// There is no such cookie: it was used, has expired, or was never issued.
    #[error("unknown, used or expired cookie")]
    Unknown,
    /// It was issued to another account.
    #[error("another account's cookie")]
    OtherOwner,
    /// It is for starting a conversation, not for joining one, or the reverse.
    #[error("a cookie for another purpose")]
    OtherPurpose,
    /// It is for another conversation.
    #[error("a cookie for another conversation")]
    OtherConversation,
}

/// The last participant of a conversation has left. Users who were invited may still join, but for
/// a shorter time.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Abandoned(pub SessionId);

/// Revokes the cookies of a session that has ended.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Revoke(pub SessionRef);
