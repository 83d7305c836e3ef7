use crate::connection::ConnectionId;
use crate::cookies::end_conversations;
use crate::directory::AccountRef;
use crate::edit::{Edited, edit};
use crate::end::EndReason;
use crate::inbox::InboxHandle;
use crate::message::{
    Client, EditError, Issue, Load, Notice, Publish, Purpose, Revoke, SessionEnd, SignIn, SignOff,
    Ticket, TooManyCookiesError, Watchers, service_gone,
};
use crate::node::Node;
use crate::port::store::{AccountId, Change, Detail, Roster};
use crate::port::{FabricError, StoreError};
use crate::rules::{Presence, PublishedPresence};
use msnp::{Cookie, Dialect, ErrorCode, List, Privacy, State};
use std::future::Future;
use std::rc::Rc;

/// Why a principal cannot sign in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RegisterError {
    /// The lists cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account cannot be claimed.
    #[error(transparent)]
    Fabric(#[from] FabricError),
}

/// A sign-in. Dropping it signs the principal off and revokes their cookies.
pub struct SignedIn {
    node: Rc<Node>,
    account_ref: AccountRef,
    session: ConnectionId,
    end: SessionEnd,
}

impl SignedIn {
    /// Starts a sign-in for a principal whose identity is proved. `session` identifies the sign-in:
    /// it is the id of the principal's connection, or an id from
    /// [`Connections::id_without_connection`](crate::connection::Connections::id_without_connection).
    pub fn new(node: Rc<Node>, account_ref: AccountRef, session: ConnectionId) -> SignedIn {
        SignedIn { node, account_ref, session, end: SessionEnd::Lost }
    }

    pub fn account_ref(&self) -> AccountRef {
        self.account_ref
    }

    pub fn account(&self) -> AccountId {
        self.account_ref.account
    }

    /// Registers the principal, and returns their lists. An older session of theirs ends. `client`
    /// is `None` if the principal has no connection of this protocol.
    ///
    /// The registry knows the session before the lists are read: a contact who adds this user
    /// meanwhile is either in the lists or reported to the session.
    ///
    /// # Errors
    /// [`RegisterError`] if the account cannot be claimed, or its lists cannot be read.
    pub fn register(
        &self,
        client: Option<Client>,
        inbox: InboxHandle<Notice>,
    ) -> impl Future<Output = Result<Roster, RegisterError>> + use<> {
        let (node, account_ref, session) = (self.node.clone(), self.account_ref, self.session);
        let account = account_ref.account;
        let registered = node.registry.send(SignIn { account, session, client, inbox });
        let node_of_task = node.clone();
        // This task continues if the connection ends meanwhile.
        let registered = actix_rt::spawn(async move {
            // The registry lives as long as the node.
            let replaced = registered.await.unwrap_or(Ok(None))?;
            // The replaced session may still be in conversations, even if its connection is dead.
            // Those end, because the user could not be invited to them again in the new session.
            if let Some(replaced) = replaced {
                let Node { cookies, connections, .. } = &*node_of_task;
                let reason = EndReason::SignedInElsewhere;
                end_conversations(cookies, connections.clone(), replaced, reason).await;
            }
            Ok::<(), FabricError>(())
        });
        async move {
            // The task ends with a result: it does not panic.
            registered.await.unwrap_or(Ok(()))?;
            let roster = node.accounts.send(Load { account_ref, detail: Detail::Lists }).await;
            let roster = roster.unwrap_or_else(|_| Err(service_gone()))?;
            let watchers = roster.list(List::Reverse).iter().map(|entry| entry.contact);
            let watchers = Watchers { account, session, watchers: watchers.collect() };
            let _ = node.registry.send(watchers).await;
            Ok(roster)
        }
    }

    /// Publishes the principal's presence. Returns the presence of those accounts in `look_up` that
    /// are visible to the principal.
    pub fn publish(
        &self,
        presence: PublishedPresence,
        look_up: Vec<AccountId>,
    ) -> impl Future<Output = Vec<(AccountId, Presence)>> + use<> {
        let (account, session) = (self.account(), self.session);
        let published = self.node.registry.send(Publish { account, session, presence, look_up });
        // The registry lives as long as the node.
        async move { published.await.unwrap_or_default() }
    }

    /// Makes a durable change and notifies the contacts that it concerns, even if the result is not
    /// awaited.
    ///
    /// # Errors
    /// [`EditError`] if the change was not made.
    pub fn edit(&self, change: Change) -> impl Future<Output = Result<Edited, EditError>> + use<> {
        let edited = actix_rt::spawn(edit(self.node.clone(), self.account_ref, change));
        async move { edited.await.unwrap_or(Err(EditError::Refused(ErrorCode::InternalError))) }
    }

    /// Ends the conversations of this session, because the principal leaves.
    pub fn leave_conversations(&mut self) {
        self.end = SessionEnd::Left;
        let session = self.node.session_ref(self.session);
        let Node { cookies, connections, .. } = &*self.node;
        let connections = connections.clone();
        actix_rt::spawn(end_conversations(cookies, connections, session, EndReason::Left));
    }

    /// Returns a cookie for a new conversation.
    ///
    /// # Errors
    /// [`TooManyCookiesError`] if the session has too many unused ones.
    pub fn request_conversation(
        &self,
        dialect: Option<Dialect>,
    ) -> impl Future<Output = Result<Cookie, TooManyCookiesError>> + use<> {
        let (account, purpose) = (self.account(), Purpose::Start);
        let session = self.node.session_ref(self.session);
        let issued = self.node.cookies.send(Issue(Ticket { account, session, dialect, purpose }));
        // The actor lives as long as the node.
        async move { issued.await.unwrap_or(Err(TooManyCookiesError)) }
    }

    /// Returns the presence that a principal with these lists publishes in this state.
    pub fn published_presence(state: State, roster: &Roster) -> PublishedPresence {
        let excepted = match roster.privacy {
            Privacy::AllowOthers => List::Block,
            Privacy::BlockOthers => List::Allow,
        };
        let mut exceptions: Vec<AccountId> =
            roster.list(excepted).iter().map(|entry| entry.contact).collect();
        exceptions.sort_unstable();
        let (presence, privacy) = (state.into(), roster.privacy);
        PublishedPresence { presence, privacy, exceptions: exceptions.into_boxed_slice() }
    }
}

impl Drop for SignedIn {
    fn drop(&mut self) {
        let (account, session, end) = (self.account(), self.session, self.end);
        #[expect(
            clippy::disallowed_methods,
            reason = "one of each for a sign-in, when it ends; they must not be lost"
        )]
        {
            self.node.registry.do_send(SignOff { account, session, end });
            self.node.cookies.do_send(Revoke(self.node.session_ref(session)));
        }
    }
}
