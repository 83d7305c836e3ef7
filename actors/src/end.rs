//! Why a connection ended.

use crate::connection::Turned;
use msnp::command::Reason;
use msnp::frame::FrameError;
use msnp::gate::Barred;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Every reason for which a connection ends; it is logged once, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The client said `OUT`.
    Left,
    /// The client closed its connection.
    Hangup,
    /// The connection was lost.
    Lost(std::io::ErrorKind),
    /// The client was referred to a Notification Server.
    Referred,
    /// The client's version query was answered: it speaks no dialect of this server.
    VersionQueried,
    /// No dialect is in common.
    NoDialect,
    /// The password, or the account, is wrong.
    WrongPassword,
    /// The cookie is wrong, used, expired or somebody else's.
    WrongCookie,
    /// There is no room in the conversation.
    ConversationFull,
    /// It did not sign in, or join, in time.
    SignInTime,
    /// It did not answer the challenge to its program in time.
    ProgramSilent,
    /// Its answer to the challenge to its program is wrong, or the program is not known.
    UnknownProgram,
    /// The account signed in on another connection.
    Elsewhere,
    /// The client does not read what it is sent.
    TooSlow,
    /// The server has no buffer left for it.
    Overloaded,
    /// What it sent cannot be cut into commands.
    Unreadable(FrameError),
    /// A command was refused.
    Rejected(Reason),
    /// The conversation was closed for want of activity.
    Inactive,
    /// The store failed.
    StoreFailed,
    /// Something else in the server failed.
    Failed,
    /// No address of this server can be told to the client.
    NoAddress,
    /// The server is shutting down.
    ShuttingDown,
    /// The operator ended it.
    Kicked,
    /// Its account was removed.
    Removed,
    /// All accounts were replaced by those of a backup.
    Restored,
    /// Its place, or its buffer, was given to another one: it was the oldest that had not signed
    /// in.
    Evicted,
    /// There were too many failed sign-ins before it.
    Throttled,
    /// It was not let in at all.
    TurnedAway(Turned),
}

impl EndReason {
    /// The end of a connection whose command has no handler here: the gate bars such commands.
    pub(crate) fn other_server() -> EndReason {
        EndReason::Rejected(Reason::Barred(Barred::OtherServer))
    }

    /// The name under which it is counted.
    pub fn word(self) -> &'static str {
        match self {
            EndReason::Left => "left",
            EndReason::Hangup => "hangup",
            EndReason::Lost(_) => "lost",
            EndReason::Referred => "referred",
            EndReason::VersionQueried => "version_queried",
            EndReason::NoDialect => "no_dialect",
            EndReason::WrongPassword => "wrong_password",
            EndReason::WrongCookie => "wrong_cookie",
            EndReason::ConversationFull => "conversation_full",
            EndReason::SignInTime => "sign_in_time",
            EndReason::ProgramSilent => "program_silent",
            EndReason::UnknownProgram => "unknown_program",
            EndReason::Elsewhere => "elsewhere",
            EndReason::TooSlow => "too_slow",
            EndReason::Overloaded => "overloaded",
            EndReason::Unreadable(_) => "unreadable",
            EndReason::Rejected(_) => "rejected",
            EndReason::Inactive => "inactive",
            EndReason::StoreFailed => "store_failed",
            EndReason::Failed => "failed",
            EndReason::NoAddress => "no_address",
            EndReason::ShuttingDown => "shutting_down",
            EndReason::Kicked => "kicked",
            EndReason::Removed => "removed",
            EndReason::Restored => "restored",
            EndReason::Evicted => "evicted",
            EndReason::Throttled => "throttled",
            EndReason::TurnedAway(Turned::Crowded) => "turned_away_crowded",
            EndReason::TurnedAway(Turned::PerAddress) => "turned_away_per_address",
            EndReason::TurnedAway(Turned::Public) => "turned_away_public",
            EndReason::TurnedAway(Turned::Closing) => "turned_away_closing",
        }
    }
}

impl std::fmt::Display for EndReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = match self {
            EndReason::Left => "signed off",
            EndReason::Hangup => "the client closed the connection",
            EndReason::Lost(kind) => return write!(f, "the connection was lost: {kind}"),
            EndReason::Referred => "referred to a Notification Server",
            EndReason::VersionQueried => "it asked only for the version",
            EndReason::NoDialect => "no dialect in common",
            EndReason::WrongPassword => "wrong password or unknown account",
            EndReason::WrongCookie => "wrong, used or expired cookie",
            EndReason::ConversationFull => "the conversation is full",
            EndReason::SignInTime => "it did not sign in in time",
            EndReason::ProgramSilent => "it did not answer the challenge to its program in time",
            EndReason::UnknownProgram => "its answer to the challenge to its program is wrong",
            EndReason::Elsewhere => "signed in elsewhere",
            EndReason::TooSlow => "the client does not read what it is sent",
            EndReason::Overloaded => "the server has no buffer left",
            EndReason::Unreadable(error) => return write!(f, "unreadable: {error}"),
            EndReason::Rejected(reason) => return write!(f, "refused: {reason}"),
            EndReason::Inactive => "the conversation was inactive",
            EndReason::StoreFailed => "the store failed",
            EndReason::Failed => "the server failed",
            EndReason::NoAddress => "no IPv4 address of this server can be told to it",
            EndReason::ShuttingDown => "the server is shutting down",
            EndReason::Kicked => "the operator ended it",
            EndReason::Removed => "the account was removed",
            EndReason::Restored => "a backup was restored",
            EndReason::Evicted => "there was no room, and it had not signed in",
            EndReason::Throttled => "too many failed sign-ins",
            EndReason::TurnedAway(turned) => return write!(f, "turned away: {turned}"),
        };
        f.write_str(words)
    }
}

/// How often connections have ended for each reason since the start. There are as many counts as
/// there are words.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Endings {
    counts: RefCell<BTreeMap<&'static str, u64>>,
}

impl Endings {
    /// A connection has ended, or was turned away.
    pub(crate) fn count(&self, reason: EndReason) {
        *self.counts.borrow_mut().entry(reason.word()).or_default() += 1;
    }

    /// How often each came that came at all, by [`EndReason::word`].
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.borrow().clone()
    }
}
