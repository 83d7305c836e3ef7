//! The `Cookies` actor: what lets principals into conversations, once, for two minutes.

use crate::message::{
    CookiesState, Denied, Issue, NotComing, Observe, Purpose, Redeem, Revoke, Ticket,
    TooManyCookies,
};
use crate::port::Entropy;
use crate::settings::SharedSettings;
use actix::{Actor, AsyncContext, Context, Handler, MessageResult};
use msnp::Cookie;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Messages that wait for the actor: each connection waits for the answer to its own, and leaves
/// at most one `Revoke` behind.
const MAILBOX: usize = 1024;

/// How many unused cookies there are at most, about 200 bytes each.
const UNUSED: usize = 4096;

/// How often expired cookies are swept out: a conversation without participants is kept as long as
/// somebody could still come in.
const SWEEP: Duration = Duration::from_secs(30);

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

    fn check(&self, claim: &Redeem) -> Result<(), Denied> {
        let (ticket, until) = self.tickets.get(&claim.cookie).ok_or(Denied::Unknown)?;
        if *until <= Instant::now() {
            return Err(Denied::Unknown);
        }
        if Some(ticket.account) != claim.account {
            return Err(Denied::OtherOwner);
        }
        match (&ticket.purpose, claim.join) {
            (Purpose::Start, None) => Ok(()),
            (Purpose::Join(session, _), Some(join)) if *session == join => Ok(()),
            (Purpose::Join(..), Some(_)) => Err(Denied::OtherSession),
            _ => Err(Denied::OtherPurpose),
        }
    }
}

impl Actor for Cookies {
    type Context = Context<Cookies>;

    fn started(&mut self, ctx: &mut Context<Cookies>) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(SWEEP, |cookies, _| cookies.sweep());
    }
}

impl Handler<Issue> for Cookies {
    type Result = Result<Cookie, TooManyCookies>;

    fn handle(&mut self, Issue(ticket): Issue, _: &mut Context<Cookies>) -> Self::Result {
        self.sweep();
        let same = |(other, _): &&(Ticket, Instant)| {
            // Invitations are bounded by the conversations that issue them.
            other.session == ticket.session && matches!(other.purpose, Purpose::Start)
        };
        let settings = self.settings.get();
        let starting = matches!(ticket.purpose, Purpose::Start);
        if starting && self.tickets.values().filter(same).count() >= settings.cookies_per_session {
            return Err(TooManyCookies);
        }
        if self.tickets.len() >= UNUSED {
            return Err(TooManyCookies);
        }
        let cookie = self.entropy.cookie();
        self.tickets.insert(cookie.clone(), (ticket, Instant::now() + settings.cookie_life));
        Ok(cookie)
    }
}

impl Handler<Redeem> for Cookies {
    type Result = Result<Ticket, Denied>;

    fn handle(&mut self, claim: Redeem, _: &mut Context<Cookies>) -> Self::Result {
        self.check(&claim)?;
        self.tickets.remove(&claim.cookie).map(|(ticket, _)| ticket).ok_or(Denied::Unknown)
    }
}

impl Handler<Revoke> for Cookies {
    type Result = ();

    fn handle(&mut self, Revoke(session): Revoke, _: &mut Context<Cookies>) {
        self.tickets.retain(|_, (ticket, _)| {
            if ticket.session != session {
                return true;
            }
            if let Purpose::Join(_, switchboard) = &ticket.purpose {
                let account = ticket.account;
                // If it is overrun, his place is free when it has rung out.
                let _ = switchboard.try_send(NotComing { account, session });
            }
            false
        });
    }
}

impl Handler<Observe<CookiesState>> for Cookies {
    type Result = MessageResult<Observe<CookiesState>>;

    fn handle(&mut self, _: Observe<CookiesState>, _: &mut Context<Cookies>) -> Self::Result {
        self.sweep();
        MessageResult(CookiesState { unused: self.tickets.len() })
    }
}
