//! What the connection table shows of a connection.

use super::Link;
use crate::connection::report::{Identity, Label};
use crate::connection::slot::ConnectionId;
use crate::directory::AccountRef;
use crate::port::PeerInfo;
use crate::port::fabric::SessionRef;
use msnp::{Dialect, LaterDialects, SessionId};

impl Link {
    /// Returns the addresses of the connection.
    pub fn peer_info(&self) -> PeerInfo {
        self.slot.peer_info
    }

    pub fn id(&self) -> ConnectionId {
        self.slot.id
    }

    /// Returns the name of the connection in the log.
    pub fn label(&self) -> Label {
        Label { server: self.slot.server, id: self.slot.id, peer: self.slot.peer_info.peer }
    }

    pub(super) fn identity(&self) -> Identity {
        Identity::of(&self.slot, &self.node.directory)
    }

    /// Returns the dialect: MSNP2 until the client has agreed on another one.
    pub fn dialect(&self) -> Dialect {
        self.slot.dialect.get()
    }

    pub fn set_dialect(&mut self, dialect: Dialect) {
        self.slot.dialect.set(dialect);
    }

    /// Records the version that the client sent.
    pub fn set_client_version(&mut self, version: &str) {
        self.slot.set_client_version(version);
    }

    /// Records the account that the client names. It is not authenticated.
    pub fn set_claimed_account(&mut self, account: Option<AccountRef>) {
        self.slot.claimed.set(account);
    }

    /// Records the authenticated account.
    pub fn set_account(&mut self, account: AccountRef) {
        self.slot.claimed.set(Some(account));
        self.slot.is_proved.set(true);
    }

    /// Returns a function that records the session whose cookie admitted this connection to a
    /// conversation. A future that may outlive the connection can call it.
    pub(crate) fn inviting_session_recorder(&self) -> impl FnOnce(SessionRef) + use<> {
        let slot = self.slot.clone();
        move |session| {
            // A connection enters one conversation.
            let _ = slot.invited_by_session.set(Box::new(session));
        }
    }

    /// Records the conversation that the connection has joined.
    pub fn set_conversation(&mut self, conversation: SessionId) {
        self.slot.conversation.set(Some(conversation));
    }

    /// Records the unsupported protocol versions of a client that offered no supported one, but the
    /// version query `CVR0`.
    pub fn set_offered_versions(&mut self, later: LaterDialects) {
        self.slot.later_dialects.set(later);
    }

    /// Returns whether the client offered later protocol versions, and none that is supported.
    pub(in crate::connection) fn offered_only_later_versions(&self) -> bool {
        !self.slot.later_dialects.get().is_empty()
    }
}
