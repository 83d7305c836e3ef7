//! The `Switchboard` actor: one conversation.
//!
//! It knows participants only as recipients of [`Delivery`]. It lives while somebody holds its
//! address: its participants, and the unused cookies of those who are ringing.

use crate::connection::ConnectionId;
use crate::cookies::DESERTED;
use crate::message::{
    Abandoned, Call, Delivery, InviteeLeft, Issue, Join, JoinError, Joined, Leave, Locate,
    MemberId, Observe, Purpose, Receipt, Relay, Ring, SwitchboardState, Ticket,
};
use crate::node::Node;
use crate::port::store::{AccountId, Principal};
use crate::rules;
use crate::settings::MAX_PARTICIPANTS;
use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, MessageResult,
    Recipient, ResponseActFuture, WrapFuture,
};
use msnp::{ErrorCode, SessionId};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Messages that wait for the actor. A participant sends at most as many as one turn of its
/// connection makes, and the switchboard has its turn before the participant's next.
const MAILBOX: usize = 1024;

/// How often a conversation looks whether it is idle, if it may be.
const IDLE_LOOK: Duration = Duration::from_secs(15);

struct Member {
    id: MemberId,
    account: AccountId,
    principal: Arc<Principal>,
    deliveries: Recipient<Delivery>,
}

/// Somebody who was invited and has not come yet.
#[derive(Clone, Copy)]
struct Ringing {
    account: AccountId,
    /// The connection that was rung; none while he is being located.
    session: Option<ConnectionId>,
    until: Instant,
}

/// A conversation.
pub struct Switchboard {
    node: Rc<Node>,
    session: SessionId,
    members: heapless::Vec<Member, MAX_PARTICIPANTS>,
    ringing: heapless::Vec<Ringing, MAX_PARTICIPANTS>,
    last: MemberId,
    active: Instant,
    /// Whether it looks from time to time whether it is idle.
    looks: bool,
}

impl Switchboard {
    /// An empty conversation.
    pub fn new(node: Rc<Node>) -> Switchboard {
        let session = node.entropy.session_id();
        node.conversations.set(node.conversations.get() + 1);
        Switchboard {
            node,
            session,
            members: heapless::Vec::new(),
            ringing: heapless::Vec::new(),
            last: MemberId(0),
            active: Instant::now(),
            looks: false,
        }
    }

    /// Sends to all but one. `false`: somebody, or everybody, did not get it.
    fn deliver(&mut self, except: Option<MemberId>, delivery: &Delivery) -> bool {
        let others = || self.members.iter().filter(|member| Some(member.id) != except);
        let somebody = others().next().is_some();
        let lost: heapless::Vec<MemberId, MAX_PARTICIPANTS> = others()
            .filter(|member| member.deliveries.try_send(delivery.clone()).is_err())
            .map(|member| member.id)
            .collect();
        for member in &lost {
            self.cut_off(*member);
        }
        somebody && lost.is_empty()
    }

    /// Drops a participant who does not take any more.
    fn cut_off(&mut self, member: MemberId) {
        let found = self.members.iter().find(|other| other.id == member);
        if let Some(deliveries) = found.map(|member| member.deliveries.clone()) {
            #[expect(
                clippy::disallowed_methods,
                reason = "the mailbox is full, and this is the last message that he gets"
            )]
            deliveries.do_send(Delivery::Overrun);
        }
        self.leave(member);
    }

    fn leave(&mut self, member: MemberId) {
        let Some(place) = self.members.iter().position(|other| other.id == member) else { return };
        let left = self.members.remove(place);
        log::debug!("conversation {}: {} left", self.session, left.principal.handle);
        self.deliver(None, &Delivery::Left(left.principal));
        self.end_soon_if_empty();
    }

    /// Whoever is ringing keeps the conversation alive, without participants for a short time only.
    fn end_soon_if_empty(&mut self) {
        if !self.members.is_empty() || self.ringing.is_empty() {
            return;
        }
        let most = Instant::now() + DESERTED;
        for ringing in &mut self.ringing {
            ringing.until = most.min(ringing.until);
        }
        // If it is overrun, it ends when it has rung out.
        let _ = self.node.cookies.try_send(Abandoned(self.session));
    }

    /// Something happens here. From now on it is looked after, if conversations may be idle for a
    /// limited time only.
    fn is_active(&mut self, ctx: &mut Context<Switchboard>) {
        self.active = Instant::now();
        if !self.looks && self.node.settings().conversation_idle.is_some() {
            self.looks = true;
            ctx.run_interval(IDLE_LOOK, Switchboard::end_if_inactive);
        }
    }

    fn end_if_inactive(&mut self, ctx: &mut Context<Switchboard>) {
        let most = self.node.settings().conversation_idle;
        if !ctx.connected() {
            // Nobody can come any more, and this look alone would keep it alive.
            ctx.stop();
        } else if most.is_some_and(|most| self.active.elapsed() >= most) {
            let all = self.members.iter().map(|member| member.principal.clone());
            let all = Delivery::Inactive(all.collect());
            self.deliver(None, &all);
        }
    }

    fn expire(&mut self) {
        let now = Instant::now();
        self.ringing.retain(|ringing| ringing.until > now);
    }

    fn stop_ringing(&mut self, account: AccountId) {
        self.ringing.retain(|ringing| ringing.account != account);
    }

    /// What speaks against inviting somebody.
    fn refusal(&mut self, callee: Option<AccountId>) -> Result<AccountId, ErrorCode> {
        self.expire();
        let callee = callee.ok_or(ErrorCode::NotOnline)?;
        if self.members.iter().any(|member| member.account == callee) {
            return Err(ErrorCode::AlreadyThere);
        }
        let ringing = self.ringing.iter().any(|ringing| ringing.account == callee);
        if !ringing {
            let settings = self.node.settings();
            let (most, invitations) = (settings.participants, settings.invitations);
            rules::check_invitation(self.members.len(), self.ringing.len(), most, invitations)?;
        }
        Ok(callee)
    }
}

impl Drop for Switchboard {
    fn drop(&mut self) {
        self.node.conversations.set(self.node.conversations.get().saturating_sub(1));
    }
}

/// Finds somebody, makes a cookie for him and rings him. One who is ringing on the same connection
/// is left alone.
async fn ring(
    node: Rc<Node>,
    conversation: SessionId,
    switchboard: Addr<Switchboard>,
    caller: AccountId,
    callee: AccountId,
    rung: Option<ConnectionId>,
) -> Result<ConnectionId, ErrorCode> {
    let found = node.registry.send(Locate { callee, caller }).await;
    let found = found.ok().flatten().ok_or(ErrorCode::NotOnline)?;
    if rung == Some(found.session) {
        return Err(ErrorCode::AlreadyThere);
    }
    if !is_reachable(&node, found.session) {
        return Err(ErrorCode::NotOnline);
    }
    let ticket = Ticket {
        account: callee,
        session: found.session,
        dialect: found.dialect,
        purpose: Purpose::Join { conversation, switchboard, caller },
    };
    let cookie = node.cookies.send(Issue(ticket)).await;
    let cookie = cookie.ok().and_then(Result::ok).ok_or(ErrorCode::SwitchboardFailed)?;
    let ring = Ring { callee, session: found.session, caller, conversation, cookie };
    match node.registry.send(ring).await {
        Ok(true) => Ok(found.session),
        _ => Err(ErrorCode::NotOnline),
    }
}

/// Whether a connection can be told where the switchboard is: without `advertise`, one over IPv6
/// cannot. Somebody without a connection is none of those.
fn is_reachable(node: &Node, session: ConnectionId) -> bool {
    let Some(facts) = node.connections.facts(session) else { return true };
    let endpoint = node.settings().switchboard.and_then(|switchboard| switchboard.to(&facts));
    if endpoint.is_none() {
        log::warn!("session {session} {} cannot be called over IPv6: set `advertise`", facts.peer);
    }
    endpoint.is_some()
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
        let roster = self.members.iter().map(|member| member.principal.clone()).collect();
        let id = MemberId(self.last.0.wrapping_add(1));
        let Join { account, principal, deliveries } = join;
        if self.members.len() >= self.node.settings().participants {
            return Err(JoinError::Full);
        }
        log::debug!("conversation {}: {} joined", self.session, principal.handle);
        let joined = Delivery::Joined(principal.clone());
        let member = Member { id, account, principal, deliveries };
        self.members.push(member).map_err(|_| JoinError::Full)?;
        self.last = id;
        self.is_active(ctx);
        self.deliver(Some(id), &joined);
        Ok(Joined { session: self.session, member: id, roster })
    }
}

impl Handler<Call> for Switchboard {
    type Result = ResponseActFuture<Switchboard, Result<SessionId, ErrorCode>>;

    fn handle(&mut self, call: Call, ctx: &mut Context<Switchboard>) -> Self::Result {
        let caller = self.members.iter().find(|member| member.id == call.member);
        let caller = caller.map(|member| member.account).ok_or(ErrorCode::SwitchboardFailed);
        let callee = self.node.directory.find(&call.callee);
        let (caller, callee) = match (caller, self.refusal(callee)) {
            (Ok(caller), Ok(callee)) => (caller, callee),
            (Err(code), _) | (_, Err(code)) => {
                return Box::pin(actix::fut::err(code));
            }
        };
        let known = self.ringing.iter().find(|ringing| ringing.account == callee).copied();
        if known.is_some_and(|ringing| ringing.session.is_none()) {
            return Box::pin(actix::fut::err(ErrorCode::AlreadyThere));
        }
        let rung = known.and_then(|ringing| ringing.session);
        self.stop_ringing(callee);
        let until = Instant::now() + self.node.settings().cookie_life;
        // It rings as long as the cookie is good, not longer for being called once more.
        let rings = known.map_or(until, |ringing| ringing.until);
        // There is room: as many as may take part fit.
        let _ = self.ringing.push(Ringing { account: callee, session: rung, until: rings });
        let ring = ring(self.node.clone(), self.session, ctx.address(), caller, callee, rung);
        Box::pin(ring.into_actor(self).map(move |answer, switchboard, _| {
            let entry = switchboard.ringing.iter_mut().find(|ringing| ringing.account == callee);
            match (answer, entry) {
                (Ok(session), Some(entry)) => {
                    *entry = Ringing { account: callee, session: Some(session), until };
                }
                (Err(ErrorCode::AlreadyThere), _) | (Ok(_), None) => {}
                (Err(_), _) => switchboard.stop_ringing(callee),
            }
            // All may have left while he was being located.
            switchboard.end_soon_if_empty();
            answer.map(|_| switchboard.session)
        }))
    }
}

impl Handler<Relay> for Switchboard {
    type Result = ();

    fn handle(&mut self, relay: Relay, ctx: &mut Context<Switchboard>) {
        self.is_active(ctx);
        let Relay { member, frame, mut receipts } = relay;
        let delivered = self.deliver(Some(member), &Delivery::Messages(frame));
        receipts.retain(|receipt: &Receipt| receipt.success || !delivered);
        if receipts.is_empty() {
            return;
        }
        let found = self.members.iter().find(|other| other.id == member);
        let told = Delivery::Receipts { delivered, receipts };
        if found.is_some_and(|sender| sender.deliveries.try_send(told).is_err()) {
            self.cut_off(member);
        }
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
        self.expire();
        let members = self.members.iter();
        let members = members.map(|member| (member.id, member.principal.handle.clone())).collect();
        let (session, ringing) = (self.session, self.ringing.len());
        MessageResult(SwitchboardState { session, members, ringing })
    }
}
