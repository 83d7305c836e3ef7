use crate::directory::AccountRef;
use crate::inbox::InboxHandle;
use crate::message::{
    Call, Delivery, Join, JoinError, Joined, Leave, MemberId, Purpose, Redeem, RedeemError, Ticket,
    WatchActivity,
};
use crate::node::Node;
use crate::port::store::{AccountId, Principal};
use crate::said::{Said, SaidBuilder, Speaker};
use crate::switchboard::{Roster, Switchboard};
use actix::{Actor, Addr};
use msnp::{Cookie, ErrorCode, Handle, SessionId, SinkFullError};
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;

/// What admits a principal to a conversation.
pub struct Admission {
    pub cookie: Cookie,
    /// The account that presents the cookie, if it exists.
    pub account_ref: Option<AccountRef>,
    /// The conversation to join, or `None` to start a new one.
    pub join: Option<SessionId>,
}

/// Why a principal cannot take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SeatError {
    #[error(transparent)]
    Cookie(#[from] RedeemError),
    #[error("the conversation is full")]
    Full,
    /// The account is gone, or a part of the server failed.
    #[error("the server failed")]
    Failed,
}

/// A principal's part in a conversation. Dropping it leaves the conversation, and the others are
/// notified.
pub struct Seat {
    node: Rc<Node>,
    switchboard: Addr<Switchboard>,
    /// The participants.
    roster: Arc<Roster>,
    conversation: SessionId,
    account: AccountId,
    member: MemberId,
    speaker: Speaker,
}

impl Seat {
    /// Redeems a cookie and joins the conversation that it is for. Returns the other participants
    /// too. `on_ticket` is called as soon as the cookie is redeemed.
    ///
    /// # Errors
    /// [`SeatError`] if the principal cannot take part.
    pub async fn take(
        node: Rc<Node>,
        admission: Admission,
        inbox: InboxHandle<Delivery>,
        on_ticket: impl FnOnce(&Ticket),
    ) -> Result<(Seat, Vec<Arc<Principal>>), SeatError> {
        let Admission { cookie, account_ref, join } = admission;
        let account = account_ref.map(|account_ref| account_ref.account);
        let ticket = node.cookies.send(Redeem { cookie, account, join }).await;
        let ticket = ticket.map_err(|_| SeatError::Failed)??;
        on_ticket(&ticket);
        let account = ticket.account;
        // Meanwhile the account may have been removed, or its id may belong to another account.
        let is_there = account_ref
            .is_some_and(|account_ref| node.directory.is_current(account_ref))
            && node.directory.contains(account);
        let principal = node.directory.principal(account).filter(|_| is_there);
        let principal = Arc::new(principal.ok_or(SeatError::Failed)?);
        let switchboard = match ticket.purpose {
            Purpose::Start => Switchboard::new(node.clone()).start(),
            Purpose::Join { switchboard, .. } => switchboard,
        };
        Seat::join(node, switchboard, account, principal, inbox).await
    }

    /// Joins a conversation. Returns the other participants too.
    ///
    /// # Errors
    /// [`SeatError`] if the principal cannot take part.
    pub async fn join(
        node: Rc<Node>,
        switchboard: Addr<Switchboard>,
        account: AccountId,
        principal: Arc<Principal>,
        inbox: InboxHandle<Delivery>,
    ) -> Result<(Seat, Vec<Arc<Principal>>), SeatError> {
        let speaker = Speaker::new(principal.clone());
        let joined = switchboard.send(Join { account, principal, inbox }).await;
        let Joined { session: conversation, member, others, roster } = match joined {
            Ok(Ok(joined)) => joined,
            Ok(Err(JoinError::Full)) => return Err(SeatError::Full),
            Err(_) => return Err(SeatError::Failed),
        };
        Ok((Seat { node, switchboard, roster, conversation, account, member, speaker }, others))
    }

    /// Sends messages to all others. Returns `true` if there is at least one other participant and
    /// all of them accepted the messages.
    pub fn say(&self, said: Said) -> bool {
        let is_idle_limited = self.node.hot_settings().is_idle_limited;
        let outcome = self.roster.say(self.member, said, is_idle_limited);
        for member in outcome.lost {
            // If the switchboard's mailbox is full, the next message reports this member again.
            let _ = self.switchboard.try_send(Leave(member));
        }
        if outcome.needs_watch {
            // If the mailbox is full, the next message starts the check for inactivity.
            let _ = self.switchboard.try_send(WatchActivity);
        }
        outcome.is_delivered
    }

    /// Sends one message to all others. Returns the same as [`Seat::say`].
    ///
    /// # Errors
    /// [`SinkFullError`] if the payload is too long.
    pub fn say_payload(&self, payload: &[u8]) -> Result<bool, SinkFullError> {
        let mut builder = SaidBuilder::new(&self.speaker);
        builder.push(&self.speaker, payload)?;
        Ok(self.say(builder.finish()))
    }

    /// Invites a user. Returns the number of the conversation.
    ///
    /// # Errors
    /// The error code, if the user cannot be invited.
    pub fn call(
        &self,
        callee: Handle,
    ) -> impl Future<Output = Result<SessionId, ErrorCode>> + use<> {
        let called = self.switchboard.send(Call { member: self.member, callee });
        async move { called.await.unwrap_or(Err(ErrorCode::SwitchboardFailed)) }
    }

    pub fn conversation(&self) -> SessionId {
        self.conversation
    }

    pub fn account(&self) -> AccountId {
        self.account
    }

    pub fn member(&self) -> MemberId {
        self.member
    }

    pub fn speaker(&self) -> &Speaker {
        &self.speaker
    }

    /// Returns whether this account is the only other participant.
    pub fn is_alone_with(&self, account: AccountId) -> bool {
        self.roster.are_only([self.account, account])
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        #[expect(
            clippy::disallowed_methods,
            reason = "one for each participant, when they leave; it must not be lost"
        )]
        self.switchboard.do_send(Leave(self.member));
    }
}
