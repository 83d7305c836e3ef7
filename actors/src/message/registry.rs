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

/// Registers a user who has proved their identity. Ends an older session of theirs, and returns it if
/// it was on this node.
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
    /// Whether the client is connected over IPv4. The addresses in the protocol are of IPv4: without
    /// it, only an advertised address can be sent to the client.
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

/// Publishes a user's new presence, and notifies everyone who sees a difference. Returns the presence
/// of those in `look_up` that are visible to this user, in that order.
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

/// Notifies a contact that a user added them to their forward list, or removed them from it, after
/// the store has made the change. Returns the contact's presence as the user sees it, if it was added.
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
    /// Whether the contact was removed from their last group. Clients that move a contact add it to
    /// another group next, so the notice waits a second and is dropped if they do.
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

/// Notifies contacts of telephone numbers that are new to them, after the store has made the
/// change: a number was changed, or other users may see the numbers than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[rtype(result = "()")]
pub struct PhoneChanged {
    /// The account.
    pub account: AccountId,
    /// The numbers. Users who may not see a number are sent that there is none.
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
    /// The switchboard that the callee would be sent to. If that address cannot be sent to them, they
    /// are not returned. `None` leaves this unchecked.
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
    /// The switchboard that the conversation is on, if this node has one.
    pub switchboard: Option<Advertised>,
}

/// A session has ended. A later session of the same account stays.
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

/// Notes the dialect that a handle agreed on with the Dispatch Server, for a minute.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct NoteDialect {
    /// The handle.
    pub handle: Handle,
    /// The dialect.
    pub dialect: Dialect,
}

/// Returns the dialect that was noted for a handle within the last minute.
#[derive(Debug, Message)]
#[rtype(result = "Option<Dialect>")]
pub struct NotedDialect(pub Handle);

/// A user has a new friendly name, after the store has made the change. Everyone who sees the user is
/// notified, and the other nodes get the name.
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
