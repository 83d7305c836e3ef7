//! The `Greeter` actor: a principal of the server itself, whom a new account has as its first contact.
//!
//! He is online as long as the server runs, answers who calls him, says who else is there, and
//! says back what he is told. He is told and tells what every session is told and tells: the registry
//! and the switchboards do not know him from others.

mod account;
mod chat;
mod echo;
mod hello;

pub(crate) use account::account;
pub use account::{GreeterError, find, introduce, is_marked};

use self::account::ensure;
use self::chat::{Chat, Invitation, Visit};
use crate::connection::ConnectionId;
use crate::directory::AccountRef;
use crate::message::{
    GreeterState, Load, Notice, Observe, Publish, Review, Revoke, SignIn, SignOff, Watchers,
};
use crate::node::Node;
use crate::operator;
use crate::port::StoreError;
use crate::port::store::{AccountId, Detail, Principal};
use crate::rate_limiter::Rated;
use crate::rules::{NameChange, Presence};
use actix::{
    Actor, ActorFutureExt, AsyncContext, Context, Handler, MessageResult, Recipient, WrapFuture,
};
use msnp::{Dialect, List, Privacy, State};
use std::cell::RefCell;
use std::rc::Rc;

/// Notices that wait for the actor: calls, the presence of his contacts, and who adds or removes him.
/// If there are more, he signs in again.
const MAILBOX: usize = 1024;

/// How many conversations he is in at most; he does not answer further calls.
const CONVERSATIONS: usize = 64;

/// How many of them one principal has called him to at most.
const OF_CALLER: usize = 4;

/// How many calls of one principal he answers in a minute.
const GREETINGS: u16 = 20;

/// Who has called him to the conversations that he is in.
type Callers = Rc<RefCell<Vec<AccountId>>>;

/// The greeter of a node.
pub struct Greeter {
    node: Rc<Node>,
    signed_in: Option<GreeterSession>,
    callers: Callers,
    /// How often he has signed in: no connection has these numbers.
    sessions: u64,
}

/// That he is signed in. When it is dropped, he is signed off.
struct GreeterSession {
    node: Rc<Node>,
    known: AccountRef,
    session: ConnectionId,
    principal: Principal,
}

impl Drop for GreeterSession {
    fn drop(&mut self) {
        let (account, session) = (self.known.account, self.session);
        #[expect(
            clippy::disallowed_methods,
            reason = "one of each for a sign-in, when it ends; they must not be lost"
        )]
        {
            self.node.registry.do_send(SignOff { account, session });
            self.node.cookies.do_send(Revoke(session));
        }
    }
}

impl Greeter {
    /// The greeter of this node, who signs in as soon as he runs, if he is to.
    pub fn new(node: Rc<Node>) -> Greeter {
        let callers = Callers::default();
        Greeter { node, signed_in: None, callers, sessions: 0 }
    }

    /// Signs in, or off, or stays as he is.
    fn review(&mut self, ctx: &mut Context<Greeter>) {
        let wanted = self.node.settings().greeter.clone();
        let is_right = |place: &GreeterSession| {
            wanted.as_ref() == Some(&place.principal) && self.node.directory.is_current(place.known)
        };
        if self.signed_in.as_ref().is_some_and(is_right) {
            return;
        }
        self.signed_in = None;
        let Some(principal) = wanted else { return };
        self.sessions += 1;
        let session = ConnectionId(u64::MAX - self.sessions);
        let signing_in = sign_in(self.node.clone(), principal, session, ctx.address().recipient());
        // What he is told meanwhile he hears after it.
        ctx.wait(signing_in.into_actor(self).map(|signed_in, greeter, _| match signed_in {
            Ok(place) => {
                log::info!("the greeter {} is online", place.principal.handle);
                greeter.signed_in = Some(place);
            }
            Err(why) => log::warn!("the greeter is off: {why}"),
        }));
    }

    /// Goes to a conversation, if he has time.
    fn answer(&mut self, invitation: Invitation) {
        let Some(place) = &self.signed_in else { return };
        let caller = invitation.caller;
        let callers = self.callers.borrow();
        let of_caller = callers.iter().filter(|other| **other == caller).count();
        if callers.len() >= CONVERSATIONS
            || of_caller >= OF_CALLER
            || !self.node.rates.admit(caller, Rated::Greetings, GREETINGS)
        {
            log::debug!("the greeter is busy and does not answer a call");
            return;
        }
        drop(callers);
        let visit = Visit::begin(self.callers.clone(), caller);
        Chat::new(self.node.clone(), place.known, invitation, visit).start();
    }
}

/// Signs him in as a session does: the registry hears of it before the lists are read.
async fn sign_in(
    node: Rc<Node>,
    principal: Principal,
    session: ConnectionId,
    recipient: Recipient<Notice>,
) -> Result<GreeterSession, GreeterError> {
    let known = ensure(&node).await?;
    let account = known.account;
    if node.directory.principal(account).is_some_and(|is| is.name != principal.name) {
        // He is called as he was, then.
        let _ = operator::rename(node.clone(), account, principal.name.clone()).await;
    }
    let place = GreeterSession { node: node.clone(), known, session, principal };
    // The registry lives as long as the node.
    let _ =
        node.registry.send(SignIn { account, session, dialect: Dialect::Msnp7, recipient }).await;
    let roster = node.accounts.send(Load { known, detail: Detail::Lists }).await;
    let roster = roster.unwrap_or(Err(StoreError::NoSuchAccount))?;
    let on = |list| roster.list(list).iter().map(|entry| entry.contact);
    let watchers = Watchers { account, session, watchers: on(List::Reverse).collect() };
    let _ = node.registry.send(watchers).await;
    let mut exceptions: Vec<AccountId> = match roster.privacy {
        Privacy::AllowOthers => on(List::Block).collect(),
        Privacy::BlockOthers => on(List::Allow).collect(),
    };
    exceptions.sort_unstable();
    let exceptions = exceptions.into_boxed_slice();
    let presence = Presence { state: State::Online, privacy: roster.privacy, exceptions };
    let (name, look_at) = (NameChange::Unchanged, Vec::new());
    let _ = node.registry.send(Publish { account, session, presence, name, look_at }).await;
    Ok(place)
}

impl Actor for Greeter {
    type Context = Context<Greeter>;

    fn started(&mut self, ctx: &mut Context<Greeter>) {
        ctx.set_mailbox_capacity(MAILBOX);
        self.review(ctx);
    }
}

impl Handler<Review> for Greeter {
    type Result = ();

    fn handle(&mut self, _: Review, ctx: &mut Context<Greeter>) {
        self.review(ctx);
    }
}

impl Handler<Notice> for Greeter {
    type Result = ();

    fn handle(&mut self, notice: Notice, ctx: &mut Context<Greeter>) {
        match notice {
            Notice::Ring { caller, session, cookie } => {
                self.answer(Invitation { caller, conversation: session, cookie });
            }
            // Nobody has his password. If somebody has it all the same, he does not quarrel.
            Notice::SignedInElsewhere => {
                log::warn!("somebody has signed in as the greeter, who is off now");
                self.signed_in = None;
            }
            Notice::Overrun => {
                self.signed_in = None;
                self.review(ctx);
            }
            // He shows nobody his lists.
            Notice::Presence { .. }
            | Notice::Listed { .. }
            | Notice::Withheld { .. }
            | Notice::Undone { .. }
            | Notice::Phone { .. }
            | Notice::GoingDown { .. } => {}
        }
    }
}

impl Handler<Observe<GreeterState>> for Greeter {
    type Result = MessageResult<Observe<GreeterState>>;

    fn handle(&mut self, _: Observe<GreeterState>, _: &mut Context<Greeter>) -> Self::Result {
        let account = self.signed_in.as_ref().map(|place| place.known.account);
        MessageResult(GreeterState { account, conversations: self.callers.borrow().len() })
    }
}
