//! The `Cookies` actor: single-use tokens that admit principals to conversations.

use crate::connection::Connections;
use crate::end::EndReason;
use crate::message::{
    Abandoned, CookiesState, InviteeLeft, Issue, Observe, Purpose, Redeem, RedeemError, Revoke,
    Ticket, TooManyCookiesError,
};
use crate::port::Entropy;
use crate::port::fabric::SessionRef;
use crate::settings::SharedSettings;
use actix::{Actor, Addr, AsyncContext, Context, Handler, MessageResult};
use msnp::Cookie;
use std::collections::HashMap;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Capacity of the mailbox. Each connection waits for the answer to its request, and sends at most
/// one `Revoke` and one `Abandoned` without waiting.
const MAILBOX: usize = 1024;

/// The maximum number of unused cookies, about 200 bytes each.
const MAX_UNUSED: usize = 4096;

/// The maximum number of unused invitations. The other cookies are reserved for those who start
/// conversations.
const MAX_INVITATIONS: usize = MAX_UNUSED / 2;

/// The maximum number of unused invitations from one caller, over all conversations: about twice
/// the size of a conversation.
const MAX_PER_CALLER: usize = 64;

/// The maximum number of unused invitations to one session. A client answers each at once.
const MAX_PER_SESSION: usize = 64;

/// The maximum number of unused invitations from one caller to one session. So one caller cannot
/// make a session unreachable for others.
const MAX_PER_CALLER_AND_SESSION: usize = 16;

/// How long an invitation to a conversation without participants is valid. A short time
/// is enough: a client answers at once, and no participant waits.
pub(crate) const ABANDONED_LIFE: Duration = Duration::from_secs(30);

/// How often expired cookies are removed. A conversation without participants lives until its last
/// invitation is removed.
const SWEEP_INTERVAL: Duration = Duration::from_secs(10);

/// The unused cookies of a node.
pub struct Cookies {
    entropy: Rc<dyn Entropy>,
    settings: SharedSettings,
    /// The ticket of each unused cookie, and when the cookie expires.
    tickets: HashMap<Cookie, (Ticket, Instant)>,
}

impl Cookies {
    pub fn new(entropy: Rc<dyn Entropy>, settings: SharedSettings) -> Cookies {
        Cookies { entropy, settings, tickets: HashMap::new() }
    }

    /// Removes expired cookies.
    fn sweep(&mut self) {
        let now = Instant::now();
        self.tickets.retain(|_, (_, expires)| *expires > now);
    }

    fn check(&self, request: &Redeem) -> Result<(), RedeemError> {
        let (ticket, expires) = self.tickets.get(&request.cookie).ok_or(RedeemError::Unknown)?;
        if *expires <= Instant::now() {
            return Err(RedeemError::Unknown);
        }
        if Some(ticket.account) != request.account {
            return Err(RedeemError::OtherOwner);
        }
        match (&ticket.purpose, request.join) {
            (Purpose::Start, None) => Ok(()),
            (Purpose::Join { conversation, .. }, Some(join)) if *conversation == join => Ok(()),
            (Purpose::Join { .. }, Some(_)) => Err(RedeemError::OtherConversation),
            (Purpose::Start, Some(_)) | (Purpose::Join { .. }, None) => {
                Err(RedeemError::OtherPurpose)
            }
        }
    }

    fn has_room_for(&self, ticket: &Ticket) -> bool {
        let tickets = || self.tickets.values().map(|(ticket, _)| ticket);
        let for_session = |other: &&Ticket| other.session == ticket.session;
        let Some(caller) = ticket.caller() else {
            let starts = tickets().filter(for_session).filter(|other| other.caller().is_none());
            return starts.count() < self.settings.get().limits.cookies;
        };
        let invitations = || tickets().filter(|other| other.caller().is_some());
        let of_caller = || invitations().filter(|other| other.caller() == Some(caller));
        invitations().count() < MAX_INVITATIONS
            && of_caller().count() < MAX_PER_CALLER
            && invitations().filter(for_session).count() < MAX_PER_SESSION
            && of_caller().filter(for_session).count() < MAX_PER_CALLER_AND_SESSION
    }
}

/// Ends the switchboard connections that were admitted by cookies of a session, and revokes its
/// unused cookies. The cookies are revoked first: a connection whose cookie was redeemed before
/// that is in the table of connections by then, and is ended too.
pub(crate) fn end_conversations(
    cookies: &Addr<Cookies>,
    connections: Rc<Connections>,
    session: SessionRef,
    reason: EndReason,
) -> impl Future<Output = ()> + use<> {
    let revoked = cookies.send(Revoke(session));
    async move {
        // This cannot fail: the actor lives as long as the node.
        let _ = revoked.await;
        connections.end_admitted_by_session(session, reason);
    }
}

impl Actor for Cookies {
    type Context = Context<Cookies>;

    fn started(&mut self, ctx: &mut Context<Cookies>) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(SWEEP_INTERVAL, |cookies, _| cookies.sweep());
    }
}

impl Handler<Issue> for Cookies {
    type Result = Result<Cookie, TooManyCookiesError>;

    fn handle(&mut self, Issue(ticket): Issue, _: &mut Context<Cookies>) -> Self::Result {
        self.sweep();
        if self.tickets.len() >= MAX_UNUSED || !self.has_room_for(&ticket) {
            return Err(TooManyCookiesError);
        }
        let cookie = self.entropy.cookie();
        let expires = Instant::now() + self.settings.get().cookie_life;
        self.tickets.insert(cookie.clone(), (ticket, expires));
        Ok(cookie)
    }
}

impl Handler<Redeem> for Cookies {
    type Result = Result<Ticket, RedeemError>;

    fn handle(&mut self, request: Redeem, _: &mut Context<Cookies>) -> Self::Result {
        self.check(&request)?;
        self.tickets.remove(&request.cookie).map(|(ticket, _)| ticket).ok_or(RedeemError::Unknown)
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
                // If the mailbox is full, the invitation expires by itself.
                let _ = switchboard.try_send(InviteeLeft { account, session });
            }
            false
        });
    }
}

impl Handler<Abandoned> for Cookies {
    type Result = ();

    fn handle(&mut self, Abandoned(abandoned): Abandoned, _: &mut Context<Cookies>) {
        let latest = Instant::now() + ABANDONED_LIFE;
        for (ticket, expires) in self.tickets.values_mut() {
            if matches!(ticket.purpose, Purpose::Join { conversation, .. } if conversation == abandoned)
            {
                *expires = latest.min(*expires);
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
