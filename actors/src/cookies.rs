//! The `Cookies` actor: what lets principals into conversations, once, for two minutes.

use crate::connection::ConnectionId;
use crate::end::EndReason;
use crate::message::{
    Abandoned, CookiesState, InviteeLeft, Issue, Observe, Purpose, Redeem, RedeemError, Revoke,
    Ticket, TooManyCookiesError,
};
use crate::node::Node;
use crate::port::Entropy;
use crate::settings::SharedSettings;
use actix::{Actor, AsyncContext, Context, Handler, MessageResult};
use msnp::Cookie;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Messages that wait for the actor: each connection waits for the answer to its own, and leaves
/// at most one `Revoke` and one `Abandoned` behind.
const MAILBOX: usize = 1024;

/// How many unused cookies there are at most, about 200 bytes each.
const UNUSED: usize = 4096;

/// How many of them are invitations at most: the others are left to those who start conversations.
const INVITATIONS: usize = UNUSED / 2;

/// How many unused invitations a caller has made at most, in however many conversations: twice as
/// many as a conversation has room for.
const OF_CALLER: usize = 64;

/// How many a session has at most. A client answers each at once.
const OF_SESSION: usize = 64;

/// How many of them are of the same caller at most, so that nobody makes a session unreachable for
/// others.
const OF_BOTH: usize = 16;

/// How long an invitation to a conversation without participants is good: a client answers at once,
/// and nobody is there who waits.
pub(crate) const DESERTED: Duration = Duration::from_secs(30);

/// How often expired cookies are swept out: a conversation without participants is kept as long as
/// somebody could still come in.
const SWEEP: Duration = Duration::from_secs(10);

/// The cookies of a node.
pub struct Cookies {
    entropy: Rc<dyn Entropy>,
    settings: SharedSettings,
    tickets: HashMap<Cookie, (Ticket, Instant)>,
}

impl Cookies {
    /// No cookies yet.
    pub fn new(entropy: Rc<dyn Entropy>, settings: SharedSettings) -> Cookies {
        Cookies { entropy, settings, tickets: HashMap::new() }
    }

    fn sweep(&mut self) {
        let now = Instant::now();
        self.tickets.retain(|_, (_, until)| *until > now);
    }

    fn check(&self, claim: &Redeem) -> Result<(), RedeemError> {
        let (ticket, until) = self.tickets.get(&claim.cookie).ok_or(RedeemError::Unknown)?;
        if *until <= Instant::now() {
            return Err(RedeemError::Unknown);
        }
        if Some(ticket.account) != claim.account {
            return Err(RedeemError::OtherOwner);
        }
        match (&ticket.purpose, claim.join) {
            (Purpose::Start, None) => Ok(()),
            (Purpose::Join { conversation, .. }, Some(join)) if *conversation == join => Ok(()),
            (Purpose::Join { .. }, Some(_)) => Err(RedeemError::OtherSession),
            _ => Err(RedeemError::OtherPurpose),
        }
    }

    fn has_room_for(&self, ticket: &Ticket) -> bool {
        let all = || self.tickets.values().map(|(ticket, _)| ticket);
        let same = |other: &&Ticket| other.session == ticket.session;
        let Some(caller) = ticket.caller() else {
            let starting = all().filter(same).filter(|other| other.caller().is_none());
            return starting.count() < self.settings.get().cookies_per_session;
        };
        let invitations = || all().filter(|other| other.caller().is_some());
        let of_caller = || invitations().filter(|other| other.caller() == Some(caller));
        invitations().count() < INVITATIONS
            && of_caller().count() < OF_CALLER
            && invitations().filter(same).count() < OF_SESSION
            && of_caller().filter(same).count() < OF_BOTH
    }
}

/// Ends the conversations that a session's cookies have led to, and makes void those that were not
/// used: whoever used one before is known in the table of connections by then.
pub(crate) async fn end_conversations(node: Rc<Node>, session: ConnectionId, reason: EndReason) {
    // The actor lives as long as the node.
    let _ = node.cookies.send(Revoke(session)).await;
    node.connections.end_session(session, reason);
}

impl Actor for Cookies {
    type Context = Context<Cookies>;

    fn started(&mut self, ctx: &mut Context<Cookies>) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(SWEEP, |cookies, _| cookies.sweep());
    }
}

impl Handler<Issue> for Cookies {
    type Result = Result<Cookie, TooManyCookiesError>;

    fn handle(&mut self, Issue(ticket): Issue, _: &mut Context<Cookies>) -> Self::Result {
        self.sweep();
        if self.tickets.len() >= UNUSED || !self.has_room_for(&ticket) {
            return Err(TooManyCookiesError);
        }
        let cookie = self.entropy.cookie();
        let until = Instant::now() + self.settings.get().cookie_life;
        self.tickets.insert(cookie.clone(), (ticket, until));
        Ok(cookie)
    }
}

impl Handler<Redeem> for Cookies {
    type Result = Result<Ticket, RedeemError>;

    fn handle(&mut self, claim: Redeem, _: &mut Context<Cookies>) -> Self::Result {
        self.check(&claim)?;
        self.tickets.remove(&claim.cookie).map(|(ticket, _)| ticket).ok_or(RedeemError::Unknown)
    }
}

impl Handler<Revoke> for Cookies {
    type Result = ();

    fn handle(&mut self, Revoke(session): Revoke, _: &mut Context<Cookies>) {
        self.tickets.retain(|_, (ticket, _)| {
            if ticket.session != session {
                return true;
            }
            if let Purpose::Join { switchboard, .. } = &ticket.purpose {
                let account = ticket.account;
                // If it is overrun, his place is free when it has rung out.
                let _ = switchboard.try_send(InviteeLeft { account, session });
            }
            false
        });
    }
}

impl Handler<Abandoned> for Cookies {
    type Result = ();

    fn handle(&mut self, Abandoned(deserted): Abandoned, _: &mut Context<Cookies>) {
        let most = Instant::now() + DESERTED;
        for (ticket, until) in self.tickets.values_mut() {
            if matches!(ticket.purpose, Purpose::Join { conversation, .. } if conversation == deserted)
            {
                *until = most.min(*until);
            }
        }
    }
}

impl Handler<Observe<CookiesState>> for Cookies {
    type Result = MessageResult<Observe<CookiesState>>;

    fn handle(&mut self, _: Observe<CookiesState>, _: &mut Context<Cookies>) -> Self::Result {
        self.sweep();
        MessageResult(CookiesState { unused: self.tickets.len() })
    }
}
