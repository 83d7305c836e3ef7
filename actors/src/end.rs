//! Why a connection ended.

use msnp::command::Reason;
use msnp::frame::FrameError;
use msnp::gate::Barred;

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
}

impl EndReason {
    /// The end of a connection whose command has no handler here: the gate bars such commands.
    pub(crate) fn other_server() -> EndReason {
        EndReason::Rejected(Reason::Barred(Barred::OtherServer))
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
        };
        f.write_str(words)
    }
}
