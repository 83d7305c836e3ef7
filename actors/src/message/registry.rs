//! To the `Registry` actor.

use crate::connection::ConnectionId;
use crate::message::Notice;
use crate::port::store::AccountId;
use crate::rules::{NameChange, Presence};
use actix::{Message, Recipient};
use msnp::{Cookie, Dialect, Handle, ListVersion, Phone, PhoneNumber, SessionId, State};

/// A principal has proved who he is. An older session of his is ended: the answer is which.
#[derive(Debug, Message)]
#[rtype(result = "Option<ConnectionId>")]
pub struct SignIn {
    /// Who.
    pub account: AccountId,
    /// On which connection.
    pub session: ConnectionId,
    /// What it speaks.
    pub dialect: Dialect,
    /// Where notices for him go.
    pub recipient: Recipient<Notice>,
}

/// Who has him on the forward list, as the store had it after [`SignIn`]; what [`Listed`] said
/// since then stays.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Watchers {
    /// Who is watched.
    pub account: AccountId,
    /// On which connection he is signed in.
    pub session: ConnectionId,
    /// His reverse list.
    pub watchers: Vec<AccountId>,
}

/// A principal shows himself in another way; whoever sees a difference is told. The answer is how
/// he sees `look_at`, those that he sees only, in their order.
#[derive(Debug, Message)]
#[rtype(result = "Vec<(AccountId, State)>")]
pub struct Publish {
    /// Who.
    pub account: AccountId,
    /// On which connection he is signed in.
    pub session: ConnectionId,
    /// What he shows from now on.
    pub presence: Presence,
    /// Whether his friendly name is new.
    pub name: NameChange,
    /// Contacts whose state he wants to know.
    pub look_at: Vec<AccountId>,
}

/// A principal put a contact on his forward list, or took him off it, and the store has it. The
/// contact is told. The answer is how the contact is seen by him, if he was put on it.
#[derive(Debug, Message)]
#[rtype(result = "Option<State>")]
pub struct Listed {
    /// Whose forward list.
    pub owner: AccountId,
    /// Who.
    pub contact: AccountId,
    /// The contact's list version.
    pub version: ListVersion,
    /// Whether he was put on it.
    pub added: bool,
    /// Whether he was taken out of his last group, as clients do that put him into another one next:
    /// he is told a second later, if he is not put back.
    pub may_return: bool,
}

/// A principal takes part in conversations from now on, or does not (`IMS`).
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Invitable {
    /// Who.
    pub account: AccountId,
    /// On which connection he is signed in.
    pub session: ConnectionId,
    /// Whether he can be called.
    pub on: bool,
}

/// Telephone numbers of a principal are news to some, and the store has it: he changed one, or lets
/// others see them than before.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct PhoneChanged {
    /// Whose.
    pub account: AccountId,
    /// What is told; whoever may not know a number is told that there is none.
    pub numbers: Vec<(Phone, Option<PhoneNumber>)>,
    /// Who is told, each with his new list version.
    pub watchers: Vec<(AccountId, ListVersion)>,
}

/// Where is this principal, if the caller may reach him?
#[derive(Debug, Message)]
#[rtype(result = "Option<Located>")]
pub struct Locate {
    /// Who is called.
    pub callee: AccountId,
    /// Who calls.
    pub caller: AccountId,
}

/// Where a principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// His connection.
    pub session: ConnectionId,
    /// What it speaks.
    pub dialect: Dialect,
}

/// Invites a principal; `false` if he is not there any more.
#[derive(Debug, Message)]
#[rtype(result = "bool")]
pub struct Ring {
    /// Who is called.
    pub callee: AccountId,
    /// On which connection.
    pub session: ConnectionId,
    /// Who calls.
    pub caller: AccountId,
    /// To which conversation.
    pub conversation: SessionId,
    /// What lets the callee in.
    pub cookie: Cookie,
}

/// A session has ended. A later one of the account stays.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SignOff {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub session: ConnectionId,
}

/// The dialect that a handle agreed on with the Dispatch Server, kept for a minute.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct NoteDialect {
    /// Whose.
    pub handle: Handle,
    /// Which.
    pub dialect: Dialect,
}

/// The dialect that was noted for a handle within the last minute.
#[derive(Debug, Message)]
#[rtype(result = "Option<Dialect>")]
pub struct NotedDialect(pub Handle);

/// An operator changed a principal's friendly name: whoever sees him hears of it.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Renamed(pub AccountId);

/// Tells everybody who is signed in that the server goes down. The answer is how many were told
/// ([`operator::broadcast`](crate::operator::broadcast) says whom not).
#[derive(Debug, Message)]
#[rtype(result = "usize")]
pub struct Broadcast {
    /// In how many minutes.
    pub minutes: u32,
    /// Who is not told.
    pub but: Option<AccountId>,
}
