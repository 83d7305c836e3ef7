//! The `Greeter` actor: a built-in contact, which every new account has as its first contact.
//!
//! It is online while the server runs. It accepts calls, names the contacts who are online, and
//! echoes messages. It signs in and takes part in conversations like a user, through
//! [`principal`](crate::principal), but without a connection.

mod account;
mod chat;
mod echo;
mod greeting;

pub(crate) use account::account;
pub use account::{GreeterError, add_to_account, find, is_marked};

use self::account::find_or_create;
use self::chat::{CallerSlot, Chat, Invitation};
use crate::inbox::{Inbox, InboxHandle};
use crate::limit::rate_limiter::LimitedAction;
use crate::message::{GreeterState, Notice, Observe, Review};
use crate::node::Node;
use crate::operator;
use crate::port::store::{AccountId, Principal};
use crate::principal::SignedIn;
use actix::{
    Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, MessageResult, StreamHandler,
    WrapFuture,
};
use msnp::State;
use std::cell::RefCell;
use std::rc::Rc;

/// The maximum number of notices in the inbox: calls, presence of contacts, and changes of the
/// reverse list. If more arrive before they are handled, the greeter signs in again.
const MAX_NOTICES: usize = 1024;

/// The maximum number of conversations that the greeter takes part in. It does not answer further
/// calls.
const MAX_CONVERSATIONS: usize = 64;

/// The maximum number of these conversations that one user may have started.
const MAX_PER_CALLER: usize = 4;

/// The maximum number of calls of one user that are answered in a minute.
const CALLS_PER_MINUTE: u16 = 20;

/// The user who called, for each of the greeter's conversations.
type Callers = Rc<RefCell<Vec<AccountId>>>;

/// The greeter of a node.
pub struct Greeter {
    node: Rc<Node>,
    /// `None` while the greeter is signed off.
    session: Option<GreeterSession>,
    /// Open while the actor runs.
    inbox: Option<InboxHandle<Notice>>,
    callers: Callers,
}

/// The greeter's sign-in.
struct GreeterSession {
    signed_in: SignedIn,
    principal: Principal,
}

impl Greeter {
    /// Starts the greeter of this node, which signs in now and whenever the settings require it.
    pub fn start_on(node: &Rc<Node>) -> Addr<Greeter> {
        let (session, inbox, callers) = (None, None, Callers::default());
        let greeter = Greeter { node: node.clone(), session, inbox, callers }.start();
        node.set_greeter(greeter.clone().recipient());
        greeter
    }

    fn open_inbox(&mut self, ctx: &mut Context<Greeter>) {
        let inbox = Inbox::new(MAX_NOTICES);
        self.inbox = Some(inbox.handle());
        ctx.add_stream(inbox);
    }

    /// Signs in or off if the settings require it.
    fn review(&mut self, ctx: &mut Context<Greeter>) {
        let wanted = self.node.settings().greeter.clone();
        let is_unchanged = |current: &GreeterSession| {
            wanted.as_ref() == Some(&current.principal)
                && self.node.directory.is_current(current.signed_in.account_ref())
        };
        if self.session.as_ref().is_some_and(is_unchanged) {
            return;
        }
        self.session = None;
        let Some((principal, inbox)) = wanted.zip(self.inbox.clone()) else { return };
        let signing_in = sign_in(self.node.clone(), principal, inbox);
        // Notices that arrive meanwhile are handled afterwards.
        ctx.wait(signing_in.into_actor(self).map(|session, greeter, _| match session {
            Ok(session) => {
                log::info!("the greeter {} is online", session.principal.handle);
                greeter.session = Some(session);
            }
            Err(error) => log::warn!("the greeter is off: {error}"),
        }));
    }

    /// Joins a conversation, unless a limit is reached.
    fn answer(&mut self, invitation: Invitation) {
        let Some(session) = &self.session else { return };
        let caller = invitation.caller;
        let callers = self.callers.borrow();
        let conversations_of_caller = callers.iter().filter(|other| **other == caller).count();
        if callers.len() >= MAX_CONVERSATIONS
            || conversations_of_caller >= MAX_PER_CALLER
            || !self.node.rate_limiter.admit(caller, LimitedAction::Greetings, CALLS_PER_MINUTE)
        {
            log::debug!("the greeter is busy and does not answer a call");
            return;
        }
        drop(callers);
        let slot = CallerSlot::take(self.callers.clone(), caller);
        let account_ref = session.signed_in.account_ref();
        Chat::new(self.node.clone(), account_ref, invitation, slot).start();
    }
}

impl StreamHandler<Notice> for Greeter {
    fn handle(&mut self, notice: Notice, _: &mut Context<Greeter>) {
        match notice {
            Notice::Ring { caller, session, cookie, .. } => {
                self.answer(Invitation { caller, conversation: session, cookie });
            }
            // No one knows the password of the greeter's account. If a client signs in all the
            // same, the greeter gives way.
            Notice::SignedInElsewhere => {
                log::warn!("the greeter is off: a client has signed in to its account");
                self.session = None;
            }
            // No client shows the greeter's lists.
            Notice::Presence { .. }
            | Notice::Listed { .. }
            | Notice::ListedDelayed { .. }
            | Notice::ListedCancelled { .. }
            | Notice::Phone { .. }
            | Notice::GoingDown { .. } => {}
        }
    }

    /// Called when the inbox was full.
    fn finished(&mut self, ctx: &mut Context<Greeter>) {
        self.session = None;
        self.open_inbox(ctx);
        self.review(ctx);
    }
}

/// Signs in and goes online.
async fn sign_in(
    node: Rc<Node>,
    principal: Principal,
    inbox: InboxHandle<Notice>,
) -> Result<GreeterSession, GreeterError> {
    let account_ref = find_or_create(&node).await?;
    let account = account_ref.account;
    if node.directory.principal(account).is_some_and(|stored| stored.name != principal.name) {
        // If the renaming fails, the old name stays.
        let _ = operator::rename(node.clone(), account, principal.name.clone()).await;
    }
    let id = node.connections.id_without_connection();
    let signed_in = SignedIn::new(node, account_ref, id);
    let client = None;
    let roster = signed_in.register(client, inbox).await?;
    let presence = SignedIn::published_presence(State::Online, &roster);
    signed_in.publish(presence, Vec::new()).await;
    Ok(GreeterSession { signed_in, principal })
}

impl Actor for Greeter {
    type Context = Context<Greeter>;

    fn started(&mut self, ctx: &mut Context<Greeter>) {
        self.open_inbox(ctx);
        self.review(ctx);
    }
}

impl Handler<Review> for Greeter {
    type Result = ();

    fn handle(&mut self, _: Review, ctx: &mut Context<Greeter>) {
        self.review(ctx);
    }
}

impl Handler<Observe<GreeterState>> for Greeter {
    type Result = MessageResult<Observe<GreeterState>>;

    fn handle(&mut self, _: Observe<GreeterState>, _: &mut Context<Greeter>) -> Self::Result {
        let account = self.session.as_ref().map(|session| session.signed_in.account());
        MessageResult(GreeterState { account, conversations: self.callers.borrow().len() })
    }
}
