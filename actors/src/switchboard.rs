//! The `Switchboard` actor: a conversation.
//!
//! The actor decides who is in the conversation and who is called. It knows participants only by
//! their inboxes. Participants send messages to each other without it. It lives while its address
//! is held: by participants, and by unused cookies of invitees.

mod roster;

pub use self::roster::Roster;

use self::roster::Member;
use crate::cookies::ABANDONED_LIFE;
use crate::message::{
    Abandoned, Call, Delivery, InviteeLeft, Issue, Join, JoinError, Joined, Leave, Locate, Located,
    MemberId, Observe, Purpose, Ring, SwitchboardState, Ticket, WatchActivity,
};
use crate::node::Node;
use crate::port::fabric::SessionRef;
use crate::port::store::AccountId;
use crate::rules;
use crate::settings::MAX_PARTICIPANTS;
use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, MessageResult,
    ResponseActFuture, WrapFuture,
};
use msnp::{ErrorCode, SessionId};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Capacity of the mailbox. A participant waits for the replies to its entry and its calls. Its other
/// messages, about members who are lost, are sent again if there was no room.
const MAILBOX: usize = 1024;

/// How often a conversation checks whether it is idle, if there is a time limit.
const IDLE_CHECK_INTERVAL: Duration = Duration::from_secs(15);

/// An invitee that has not joined yet.
#[derive(Clone, Copy)]
struct Ringing {
    account: AccountId,
    /// The session that got the `RNG`. `None` while the invitee is being located.
    session: Option<SessionRef>,
    until: Instant,
}

/// A conversation.
pub struct Switchboard {
    node: Rc<Node>,
    session: SessionId,
    roster: Arc<Roster>,
    ringing: heapless::Vec<Ringing, MAX_PARTICIPANTS>,
    /// The id of the participant who entered last.
    last_member: MemberId,
    is_idle_check_running: bool,
}

impl Switchboard {
    /// Creates an empty conversation.
    pub fn new(node: Rc<Node>) -> Switchboard {
        let session = node.entropy.session_id();
        node.conversations.set(node.conversations.get() + 1);
        Switchboard {
            node,
            session,
            roster: Arc::new(Roster::new()),
            ringing: heapless::Vec::new(),
            last_member: MemberId(0),
            is_idle_check_running: false,
        }
    }

    /// Sends to all members but `except`. Members whose inbox does not accept the delivery leave.
    fn deliver(&mut self, except: Option<MemberId>, delivery: &Delivery) {
        for member in self.roster.deliver(except, delivery).lost {
            self.leave(member);
        }
    }

    fn leave(&mut self, member: MemberId) {
        let Some(left) = self.roster.remove(member) else { return };
        log::debug!("conversation {}: {} left", self.session, left.principal.handle);
        self.deliver(None, &Delivery::Left(left.principal));
        self.shorten_invitations_if_empty();
    }

    /// Limits the life of a conversation without members: its invitations expire soon.
    fn shorten_invitations_if_empty(&mut self) {
        if !self.roster.is_empty() || self.ringing.is_empty() {
            return;
        }
        let latest = Instant::now() + ABANDONED_LIFE;
        for ringing in &mut self.ringing {
            ringing.until = latest.min(ringing.until);
        }
        // If the mailbox is full, the cookies expire at their usual time.
        let _ = self.node.cookies.try_send(Abandoned(self.session));
    }

    /// Starts the idle check, if there is a time limit and it is not running.
    fn watch_activity(&mut self, ctx: &mut Context<Switchboard>) {
        if !self.is_idle_check_running && self.node.settings().conversation_idle.is_some() {
            self.is_idle_check_running = true;
            self.roster.set_watched();
            ctx.run_interval(IDLE_CHECK_INTERVAL, Switchboard::check_idle);
        }
    }

    fn check_idle(&mut self, ctx: &mut Context<Switchboard>) {
        let idle_limit = self.node.settings().conversation_idle;
        if !ctx.connected() {
            // Nothing holds the address any more. Only this timer keeps the actor alive.
            ctx.stop();
        } else if idle_limit.is_none() {
            // Without a limit, messages do not record activity. A new limit counts from here on.
            self.roster.record_activity();
        } else if idle_limit.is_some_and(|limit| self.roster.last_activity().elapsed() >= limit) {
            // The participants leave when they receive this delivery.
            let principals = self.roster.collect(|member| member.principal.clone());
            self.deliver(None, &Delivery::Inactive(principals));
        }
    }

    fn drop_expired_invitations(&mut self) {
        let now = Instant::now();
        self.ringing.retain(|ringing| ringing.until > now);
    }

    fn stop_ringing(&mut self, account: AccountId) {
        self.ringing.retain(|ringing| ringing.account != account);
    }

    /// Returns the callee, or the error code if it cannot be invited.
    fn check_callee(&mut self, callee: Option<AccountId>) -> Result<AccountId, ErrorCode> {
        self.drop_expired_invitations();
        let callee = callee.ok_or(ErrorCode::NotOnline)?;
        if self.roster.contains_account(callee) {
            return Err(ErrorCode::AlreadyThere);
        }
        let is_ringing = self.ringing.iter().any(|ringing| ringing.account == callee);
        if !is_ringing {
            let settings = self.node.settings();
            let (max, invitations) = (settings.participants, settings.limits.invitations);
            rules::check_invitation(self.roster.len(), self.ringing.len(), max, invitations)?;
        }
        Ok(callee)
    }
}

impl Drop for Switchboard {
    fn drop(&mut self) {
        // Participants hold the actor's address, so none is left, unless the actor has panicked.
        self.roster.close();
        self.node.conversations.set(self.node.conversations.get().saturating_sub(1));
    }
}

/// Locates the callee, issues a cookie and sends the invitation. Returns
/// [`ErrorCode::AlreadyThere`] if the callee was invited on the same session (`invited_session`)
/// already: that invitation stays valid.
async fn ring(
    node: Rc<Node>,
    conversation: SessionId,
    switchboard: Addr<Switchboard>,
    caller: AccountId,
    callee: AccountId,
    invited_session: Option<SessionRef>,
) -> Result<SessionRef, ErrorCode> {
    let server_address = node.settings().switchboard;
    let found = node.registry.send(Locate { callee, caller, switchboard: server_address }).await;
    let Located { session, dialect } = found.ok().flatten().ok_or(ErrorCode::NotOnline)?;
    if invited_session == Some(session) {
        return Err(ErrorCode::AlreadyThere);
    }
    // Only a principal without a connection, and so without a dialect, needs no server address.
    if server_address.is_none() && dialect.is_some() {
        return Err(ErrorCode::NotOnline);
    }
    let purpose = Purpose::Join { conversation, switchboard, caller };
    let ticket = Ticket { account: callee, session, dialect, purpose };
    let cookie = node.cookies.send(Issue(ticket)).await;
    let cookie = cookie.ok().and_then(Result::ok).ok_or(ErrorCode::SwitchboardFailed)?;
    let ring = Ring { callee, session, caller, conversation, cookie, switchboard: server_address };
    match node.registry.send(ring).await {
        Ok(true) => Ok(session),
        Ok(false) | Err(_) => Err(ErrorCode::NotOnline),
    }
}

impl Actor for Switchboard {
    type Context = Context<Switchboard>;

    fn started(&mut self, ctx: &mut Context<Switchboard>) {
        ctx.set_mailbox_capacity(MAILBOX);
    }
}

impl Handler<Join> for Switchboard {
    type Result = Result<Joined, JoinError>;

    fn handle(&mut self, join: Join, ctx: &mut Context<Switchboard>) -> Self::Result {
        self.stop_ringing(join.account);
        let Join { account, principal, inbox } = join;
        let others = self.roster.collect(|member| member.principal.clone());
        let id = MemberId(self.last_member.0.wrapping_add(1));
        let member = Member { id, account, principal: principal.clone(), inbox };
        if self.roster.len() >= self.node.settings().participants || !self.roster.add(member) {
            return Err(JoinError::Full);
        }
        log::debug!("conversation {}: {} joined", self.session, principal.handle);
        self.last_member = id;
        self.roster.record_activity();
        self.watch_activity(ctx);
        self.deliver(Some(id), &Delivery::Joined(principal));
        Ok(Joined { session: self.session, member: id, others, roster: self.roster.clone() })
    }
}

impl Handler<Call> for Switchboard {
    type Result = ResponseActFuture<Switchboard, Result<SessionId, ErrorCode>>;

    fn handle(&mut self, call: Call, ctx: &mut Context<Switchboard>) -> Self::Result {
        let caller = self.roster.account(call.member).ok_or(ErrorCode::SwitchboardFailed);
        let callee = self.node.directory.find(&call.callee);
        let (caller, callee) = match (caller, self.check_callee(callee)) {
            (Ok(caller), Ok(callee)) => (caller, callee),
            (Err(code), _) | (_, Err(code)) => {
                return Box::pin(actix::fut::err(code));
            }
        };
        let earlier = self.ringing.iter().find(|ringing| ringing.account == callee).copied();
        // The callee is being located.
        if earlier.is_some_and(|ringing| ringing.session.is_none()) {
            return Box::pin(actix::fut::err(ErrorCode::AlreadyThere));
        }
        let invited_session = earlier.and_then(|ringing| ringing.session);
        self.stop_ringing(callee);
        let new_until = Instant::now() + self.node.settings().cookie_life;
        // An earlier invitation keeps its end, which is that of its cookie. Only a new cookie, for
        // another session of the callee, sets a new one (below).
        let until = earlier.map_or(new_until, |ringing| ringing.until);
        // This cannot fail: the capacity is the maximum number of participants.
        let _ = self.ringing.push(Ringing { account: callee, session: invited_session, until });
        let answer =
            ring(self.node.clone(), self.session, ctx.address(), caller, callee, invited_session);
        Box::pin(answer.into_actor(self).map(move |answer, switchboard, _| {
            let entry = switchboard.ringing.iter_mut().find(|ringing| ringing.account == callee);
            match (answer, entry) {
                (Ok(session), Some(entry)) => {
                    *entry = Ringing { account: callee, session: Some(session), until: new_until };
                }
                (Err(ErrorCode::AlreadyThere), _) | (Ok(_), None) => {}
                (Err(_), _) => switchboard.stop_ringing(callee),
            }
            // All members may have left in the meantime.
            switchboard.shorten_invitations_if_empty();
            answer.map(|_| switchboard.session)
        }))
    }
}

impl Handler<WatchActivity> for Switchboard {
    type Result = ();

    fn handle(&mut self, _: WatchActivity, ctx: &mut Context<Switchboard>) {
        self.watch_activity(ctx);
    }
}

impl Handler<Leave> for Switchboard {
    type Result = ();

    fn handle(&mut self, Leave(member): Leave, _: &mut Context<Switchboard>) {
        self.leave(member);
    }
}

impl Handler<InviteeLeft> for Switchboard {
    type Result = ();

    fn handle(&mut self, gone: InviteeLeft, _: &mut Context<Switchboard>) {
        self.ringing.retain(|ringing| {
            ringing.account != gone.account || ringing.session != Some(gone.session)
        });
    }
}

impl Handler<Observe<SwitchboardState>> for Switchboard {
    type Result = MessageResult<Observe<SwitchboardState>>;

    fn handle(
        &mut self,
        _: Observe<SwitchboardState>,
        _: &mut Context<Switchboard>,
    ) -> Self::Result {
        self.drop_expired_invitations();
        let members = self.roster.collect(|member| (member.id, member.principal.handle.clone()));
        let (session, ringing) = (self.session, self.ringing.len());
        MessageResult(SwitchboardState { session, members, ringing })
    }
}
