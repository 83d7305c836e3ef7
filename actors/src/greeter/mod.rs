//! The `Greeter` actor: a built-in contact, which every new account has as its first contact.
//!
//! It is online while the server runs. It accepts calls, names the contacts who are online, and
//! echoes messages. It uses the same messages as a session of a user: the registry and the
//! switchboards do not distinguish it from a user.

mod account;
mod chat;
mod echo;
mod greeting;

pub(crate) use account::account;
pub use account::{GreeterError, add_to_account, find, is_marked};

use self::account::find_or_create;
use self::chat::{CallerSlot, Chat, Invitation};
use crate::connection::ConnectionId;
use crate::directory::AccountRef;
use crate::message::{
    GreeterState, Load, Notice, Observe, Publish, Review, Revoke, SignIn, SignOff, Watchers,
};
use crate::node::Node;
use crate::operator;
use crate::port::StoreError;
use crate::port::store::{AccountId, Detail, Principal};
use crate::rate_limiter::LimitedAction;
use crate::rules::{NameChange, Presence};
use actix::{
    Actor, ActorFutureExt, AsyncContext, Context, Handler, MessageResult, Recipient, WrapFuture,
};
use msnp::{Dialect, List, Privacy, State};
use std::cell::RefCell;
use std::rc::Rc;

/// Capacity of the mailbox, in notices: calls, presence of contacts, and changes of the reverse
/// list. If more arrive, the greeter signs in again.
const MAILBOX: usize = 1024;

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
    current: Option<GreeterSession>,
    callers: Callers,
    /// The number of sign-ins. The greeter's session ids count down from the largest number, which
    /// no connection reaches.
    sign_ins: u64,
}

/// The greeter's sign-in. Dropping it signs the greeter off.
struct GreeterSession {
    node: Rc<Node>,
    account_ref: AccountRef,
    session: ConnectionId,
    principal: Principal,
}

impl Drop for GreeterSession {
    fn drop(&mut self) {
        let (account, session) = (self.account_ref.account, self.session);
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
    /// Creates the greeter of this node. It signs in when it starts, if it is configured.
    pub fn new(node: Rc<Node>) -> Greeter {
        let callers = Callers::default();
        Greeter { node, current: None, callers, sign_ins: 0 }
    }

    /// Signs in or off if the settings require it.
    fn review(&mut self, ctx: &mut Context<Greeter>) {
        let wanted = self.node.settings().greeter.clone();
        let is_unchanged = |current: &GreeterSession| {
            wanted.as_ref() == Some(&current.principal)
                && self.node.directory.is_current(current.account_ref)
        };
        if self.current.as_ref().is_some_and(is_unchanged) {
            return;
        }
        self.current = None;
        let Some(principal) = wanted else { return };
        self.sign_ins += 1;
        let session = ConnectionId(u64::MAX - self.sign_ins);
        let signing_in = sign_in(self.node.clone(), principal, session, ctx.address().recipient());
        // Notices that arrive meanwhile are handled afterwards.
        ctx.wait(signing_in.into_actor(self).map(|signed_in, greeter, _| match signed_in {
            Ok(current) => {
                log::info!("the greeter {} is online", current.principal.handle);
                greeter.current = Some(current);
            }
            Err(error) => log::warn!("the greeter is off: {error}"),
        }));
    }

    /// Joins a conversation, unless a limit is reached.
    fn answer(&mut self, invitation: Invitation) {
        let Some(current) = &self.current else { return };
        let caller = invitation.caller;
        let callers = self.callers.borrow();
        let from_caller = callers.iter().filter(|other| **other == caller).count();
        if callers.len() >= MAX_CONVERSATIONS
            || from_caller >= MAX_PER_CALLER
            || !self.node.rate_limiter.admit(caller, LimitedAction::Greetings, CALLS_PER_MINUTE)
        {
            log::debug!("the greeter is busy and does not answer a call");
            return;
        }
        drop(callers);
        let slot = CallerSlot::take(self.callers.clone(), caller);
        Chat::new(self.node.clone(), current.account_ref, invitation, slot).start();
    }
}

/// Signs in like a user's session: the registry learns of the sign-in before the lists are read.
async fn sign_in(
    node: Rc<Node>,
    principal: Principal,
    session: ConnectionId,
    recipient: Recipient<Notice>,
) -> Result<GreeterSession, GreeterError> {
    let account_ref = find_or_create(&node).await?;
    let account = account_ref.account;
    if node.directory.principal(account).is_some_and(|stored| stored.name != principal.name) {
        // If the renaming fails, the old name stays.
        let _ = operator::rename(node.clone(), account, principal.name.clone()).await;
    }
    let current = GreeterSession { node: node.clone(), account_ref, session, principal };
    // The registry lives as long as the node.
    let _ =
        node.registry.send(SignIn { account, session, dialect: Dialect::Msnp7, recipient }).await;
    let roster = node.accounts.send(Load { account_ref, detail: Detail::Lists }).await;
    let roster = roster.unwrap_or(Err(StoreError::NoSuchAccount))?;
    let contacts_on = |list| roster.list(list).iter().map(|entry| entry.contact);
    let watchers = Watchers { account, session, watchers: contacts_on(List::Reverse).collect() };
    let _ = node.registry.send(watchers).await;
    let mut exceptions: Vec<AccountId> = match roster.privacy {
        Privacy::AllowOthers => contacts_on(List::Block).collect(),
        Privacy::BlockOthers => contacts_on(List::Allow).collect(),
    };
    exceptions.sort_unstable();
    let exceptions = exceptions.into_boxed_slice();
    let presence = Presence { state: State::Online, privacy: roster.privacy, exceptions };
    let (name, look_up) = (NameChange::Unchanged, Vec::new());
    let _ = node.registry.send(Publish { account, session, presence, name, look_up }).await;
    Ok(current)
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
            // No one knows the password of the greeter's account. If a client signs in all the
            // same, the greeter gives way.
            Notice::SignedInElsewhere => {
                log::warn!("the greeter is off: a client has signed in to its account");
                self.current = None;
            }
            Notice::Overrun => {
                self.current = None;
                self.review(ctx);
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
}

impl Handler<Observe<GreeterState>> for Greeter {
    type Result = MessageResult<Observe<GreeterState>>;

    fn handle(&mut self, _: Observe<GreeterState>, _: &mut Context<Greeter>) -> Self::Result {
        let account = self.current.as_ref().map(|current| current.account_ref.account);
        MessageResult(GreeterState { account, conversations: self.callers.borrow().len() })
    }
}
