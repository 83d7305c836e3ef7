//! Everything that one node sends to another: an [`Envelope`], or a [`Question`] with its [`Answer`].
//!
//! All of it can be serialised. It names accounts, nodes and sessions by ids that mean the same on each
//! node, and contains no address of an actor and no inbox. The node at which a user is signed in, their
//! *home*, decides who sees and reaches them.

use super::{Listed, Located, PhoneChanged};
use crate::end::EndReason;
use crate::port::fabric::{Epoch, NodeId, SessionRef};
use crate::port::store::AccountId;
use crate::rules::PresenceUpdate;
use actix::Message;
use msnp::{Cookie, Endpoint, FriendlyName, SessionId, State};
use serde::{Deserialize, Serialize};

/// A message to another node that is not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Envelope {
    /// The watchers of a user who are signed in at the recipient see the user differently. Dropped if
    /// the recipient knows of a later sign-in of the user.
    Presence {
        /// The user.
        who: AccountId,
        /// That of the user's sign-in.
        epoch: Epoch,
        /// What each of these watchers sees now.
        updates: Vec<(AccountId, PresenceUpdate)>,
    },
    /// Telephone numbers of a user are new to these watchers.
    PhoneChanged(PhoneChanged),
    /// A user has a new friendly name. Boxed, to keep envelopes small.
    Renamed(AccountId, Box<FriendlyName>),
    /// A session that the recipient has invited to conversations has ended.
    SessionEnded(SessionRef, SessionEnd),
}

/// A message to another node that is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    /// The account is signed in elsewhere: the recipient ends its older session of the account. The
    /// answer, [`Answer::Done`], comes when all watchers were sent that this session is gone.
    Replace {
        /// The account.
        account: AccountId,
        /// The epoch of the new sign-in.
        epoch: Epoch,
    },
    /// Asks what a user sees of these users: [`Answer::Seen`].
    Look {
        /// The user who looks.
        by: AccountId,
        /// Users whose home is the recipient.
        of: Vec<AccountId>,
    },
    /// A user was added to a forward list, or removed from one: [`Answer::Seen`], of that user.
    Listed(Listed),
    /// Asks for the session of a user whom the caller wants to invite: [`Answer::Located`].
    Locate {
        /// The user who is called.
        callee: AccountId,
        /// The user who calls.
        caller: AccountId,
    },
    /// Invites a user: [`Answer::Rung`].
    Ring {
        /// The user who is called.
        callee: AccountId,
        /// Their session, from [`Answer::Located`].
        session: SessionRef,
        /// The user who calls.
        caller: AccountId,
        /// The conversation.
        conversation: SessionId,
        /// The cookie for joining it.
        cookie: Cookie,
        /// The switchboard that the conversation is on.
        switchboard: Endpoint,
    },
    /// Notifies all users of the recipient that the servers go down: [`Answer::Notified`].
    GoingDown {
        /// Minutes until then.
        minutes: u32,
        /// An account that is left out.
        except: Option<AccountId>,
    },
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It was done.
    Done,
    /// The states of those users who are visible.
    Seen(Vec<(AccountId, State)>),
    /// The session of the callee, if the caller may reach it.
    Located(Option<Located>),
    /// Whether the callee was still there.
    Rung(bool),
    /// The number of users who were notified.
    Notified(u32),
}

/// How a session has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionEnd {
    /// Without a word: its client may still be in conversations.
    Lost,
    /// The user signed off, and leaves the conversations.
    Left,
    /// The account signed in elsewhere, which ends the conversations.
    Replaced,
}

impl SessionEnd {
    /// Returns why the session's conversations end too, if they do.
    pub(crate) fn conversations_end(self) -> Option<EndReason> {
        match self {
            SessionEnd::Lost => None,
            SessionEnd::Left => Some(EndReason::Left),
            SessionEnd::Replaced => Some(EndReason::SignedInElsewhere),
        }
    }
}

/// An [`Envelope`] of another node, for the registry.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Delivered {
    /// The sender.
    pub from: NodeId,
    /// What was sent.
    pub envelope: Envelope,
}

/// A [`Question`] of another node, for the registry.
#[derive(Debug, Message)]
#[rtype(result = "Answer")]
pub struct Asked {
    /// The sender.
    pub from: NodeId,
    /// What was asked.
    pub question: Question,
}
