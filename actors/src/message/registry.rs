//! Messages to the `Registry` actor.

use crate::connection::ConnectionId;
use crate::inbox::InboxHandle;
use crate::message::{Notice, SessionEnd};
use crate::port::FabricError;
use crate::port::fabric::SessionRef;
use crate::port::store::AccountId;
use crate::rules::{Presence, PublishedPresence};
use crate::settings::Advertised;
use actix::Message;
use msnp::{Cookie, Dialect, FriendlyName, Handle, ListVersion, PhoneKind, PhoneNumber, SessionId};
use serde::{Deserialize, Serialize};

/// Registers a user who has proved their identity. Ends an older session of theirs, and returns it
/// if it was on this node.
#[derive(Debug, Message)]
#[rtype(result = "Result<Option<SessionRef>, FabricError>")]
pub struct SignIn {
    /// The account.
    pub account: AccountId,
    /// Its connection.
    pub session: ConnectionId,
    /// What is known of the user's client. `None` if the user has no connection of this protocol.
    pub client: Option<Client>,
    /// Where notices for the user go.
    pub inbox: InboxHandle<Notice>,
}

/// The client of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The connection's dialect.
    pub dialect: Dialect,
    /// Whether the client is connected over IPv4. The protocol has IPv4 addresses only: to a client
    /// without IPv4, no other address than a configured one can be sent.
    pub has_ipv4: bool,
}

/// Sets the watchers of an account: the users who have it on their forward list, as read from the
/// store after [`SignIn`]. Changes by [`Listed`] since then are kept.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Watchers {
    /// The account that is watched.
    pub account: AccountId,
    /// Its connection.
    pub session: ConnectionId,
    /// Its reverse list.
    pub watchers: Vec<AccountId>,
}

/// Publishes a user's new presence, and notifies everyone who sees a difference. Returns the
/// presence of those accounts in `look_up` that are visible to this user, in the order of
/// `look_up`.
#[derive(Debug, Message)]
#[rtype(result = "Vec<(AccountId, Presence)>")]
pub struct Publish {
    /// The account.
    pub account: AccountId,
    /// Its connection.
    pub session: ConnectionId,
    /// The new presence.
    pub presence: PublishedPresence,
    /// Contacts whose presence the user wants.
    pub look_up: Vec<AccountId>,
}

/// Notifies a contact that a user added the contact to the user's forward list, or removed the
/// contact from it. Sent after the store has made the change. If the contact was added, returns the
/// contact's presence as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[rtype(result = "Option<Presence>")]
pub struct Listed {
    /// The owner of the forward list.
    pub owner: AccountId,
    /// The contact.
    pub contact: AccountId,
    /// The contact's new list version.
    pub version: ListVersion,
    /// Whether the contact was added.
    pub added: bool,
    /// Whether the contact was removed from their last group. A client that moves a contact adds
    /// the contact to another group next, so the notice waits a second and is dropped in that case.
    pub may_be_move: bool,
}

/// Sets whether a user takes part in conversations (`IMS`).
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Invitable {
    /// The account.
    pub account: AccountId,
    /// Its connection.
    pub session: ConnectionId,
    /// Whether the user can be called.
    pub on: bool,
}

/// Notifies users of telephone numbers of a contact that are new to them. Sent after the store has
/// made the change: of a number, or of the users who may see the numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[rtype(result = "()")]
pub struct PhoneChanged {
    /// The account that has the numbers.
    pub account: AccountId,
    /// The numbers as these users see them. `None` if there is no number, or they may not see it.
    pub numbers: Vec<(PhoneKind, Option<PhoneNumber>)>,
    /// The users to notify, each with their new list version.
    pub watchers: Vec<(AccountId, ListVersion)>,
}

/// Returns the session of a user, if the caller may reach them.
#[derive(Debug, Message)]
#[rtype(result = "Option<Located>")]
pub struct Locate {
    /// The account that is called.
    pub callee: AccountId,
    /// The account that calls.
    pub caller: AccountId,
    /// The switchboard that the callee would be sent to. If its address cannot be sent to the
    /// callee, no session is returned. `None` skips this check.
    pub switchboard: Option<Advertised>,
}

/// The session of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Located {
    /// The session.
    pub session: SessionRef,
    /// Its dialect, if it is a connection of this protocol.
    pub dialect: Option<Dialect>,
}

/// Invites a user. Returns `false` if they are no longer there.
#[derive(Debug, Message)]
#[rtype(result = "bool")]
pub struct Ring {
    /// The account that is called.
    pub callee: AccountId,
    /// Its session.
    pub session: SessionRef,
    /// The account that calls.
    pub caller: AccountId,
    /// The conversation.
    pub conversation: SessionId,
    /// The cookie for joining it.
    pub cookie: Cookie,
    /// The switchboard that the conversation is on. `None` if this node has none.
    pub switchboard: Option<Advertised>,
}

/// Signs off a session that has ended. A later session of the same account stays.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SignOff {
    /// The account.
    pub account: AccountId,
    /// The session.
    pub session: ConnectionId,
    /// How it ended.
    pub end: SessionEnd,
}

/// Notes for a minute the dialect that a client agreed on with the Dispatch Server.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct NoteDialect {
    /// The handle that the client wants to sign in with.
    pub handle: Handle,
    /// The dialect.
    pub dialect: Dialect,
}

/// Returns the dialect that was noted for a handle within the last minute.
#[derive(Debug, Message)]
#[rtype(result = "Option<Dialect>")]
pub struct NotedDialect(pub Handle);

/// Notifies everyone who sees a user of the user's new friendly name, and sends the name to the
/// other nodes. Sent after the store has made the change.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Renamed {
    /// The account.
    pub account: AccountId,
    /// The new name.
    pub name: FriendlyName,
}

/// Notifies all signed-in users that the server is going down. Returns how many were notified
/// ([`operator::broadcast`](crate::operator::broadcast) documents the exceptions).
#[derive(Debug, Message)]
#[rtype(result = "usize")]
pub struct Broadcast {
    /// Minutes until then.
    pub minutes: u32,
    /// An account that is left out.
    pub except: Option<AccountId>,
}
