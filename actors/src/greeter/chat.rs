//! The `Chat` actor: the greeter in one conversation, as a participant without a connection.

use super::Callers;
use super::echo::{self, EchoState, PAUSE_TEXT, Reply, TOO_LONG_TEXT};
use super::greeting::{HEADERS, greeting, group_greeting, online_contacts};
use crate::directory::AccountRef;
use crate::inbox::{Inbox, InboxHandle};
use crate::message::Delivery;
use crate::node::Node;
use crate::port::store::AccountId;
use crate::principal::{Admission, Seat};
use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, StreamHandler, WrapFuture,
};
use msnp::{Cookie, SessionId};
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// The maximum number of deliveries in the inbox. If more arrive before they are handled,
/// the greeter leaves.
const MAX_DELIVERIES: usize = 256;

/// How long a conversation may be silent before the greeter leaves.
const MAX_SILENCE: Duration = Duration::from_secs(600);

/// How often the greeter checks whether the conversation is silent.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// An invitation to a conversation.
pub(super) struct Invitation {
    pub(super) caller: AccountId,
    pub(super) conversation: SessionId,
    pub(super) cookie: Cookie,
}

/// One of the greeter's conversations, counted for the user who called. It counts until it is
/// dropped.
pub(super) struct CallerSlot {
    callers: Callers,
    caller: AccountId,
}

impl CallerSlot {
    pub(super) fn take(callers: Callers, caller: AccountId) -> CallerSlot {
        callers.borrow_mut().push(caller);
        CallerSlot { callers, caller }
    }
}

impl Drop for CallerSlot {
    fn drop(&mut self) {
        let mut callers = self.callers.borrow_mut();
        if let Some(index) = callers.iter().position(|caller| *caller == self.caller) {
            callers.swap_remove(index);
        }
    }
}

/// The greeter in a conversation.
pub(super) struct Chat {
    node: Rc<Node>,
    account_ref: AccountRef,
    invitation: Option<Invitation>,
    _slot: CallerSlot,
    seat: Option<Seat>,
    /// The number of other participants.
    others: usize,
    echo: EchoState,
    /// When the last message arrived, or the conversation began.
    last_message_at: Instant,
}

impl Chat {
    pub(super) fn new(
        node: Rc<Node>,
        account_ref: AccountRef,
        invitation: Invitation,
        slot: CallerSlot,
    ) -> Chat {
        Chat {
            node,
            account_ref,
            invitation: Some(invitation),
            _slot: slot,
            seat: None,
            others: 0,
            echo: EchoState::new(),
            last_message_at: Instant::now(),
        }
    }

    /// Sends a text message.
    fn send_text(&mut self, text: &str) {
        self.send(format!("{HEADERS}{text}").as_bytes());
    }

    fn send(&mut self, payload: &[u8]) {
        self.echo.record_sent(echo::text_body(payload).unwrap_or_default());
        if let Some(seat) = &self.seat {
            // The payloads are shorter than the limit. Whether they are delivered does not matter.
            let _ = seat.say_payload(payload);
        }
    }

    /// Handles a message of another participant. With several participants the greeter stays
    /// silent.
    fn on_message(&mut self, payload: &[u8]) {
        self.last_message_at = Instant::now();
        if self.others != 1 {
            return;
        }
        match self.echo.reply_to(payload) {
            Reply::Nothing => {}
            Reply::Echo => self.send(payload),
            Reply::TooLong => self.send_text(TOO_LONG_TEXT),
            Reply::Pause => self.send_text(PAUSE_TEXT),
        }
    }

    fn end_if_silent(&mut self, ctx: &mut Context<Chat>) {
        if self.last_message_at.elapsed() >= MAX_SILENCE {
            ctx.stop();
        }
    }
}

/// Redeems the cookie and joins the conversation. Returns the seat, the number of other
/// participants and the greeting to send, or `None` if the greeter cannot take part.
async fn enter(
    node: Rc<Node>,
    account_ref: AccountRef,
    invitation: Invitation,
    inbox: InboxHandle<Delivery>,
) -> Option<(Seat, usize, String)> {
    let Invitation { caller, conversation, cookie } = invitation;
    let (account_ref, join) = (Some(account_ref), Some(conversation));
    let admission = Admission { cookie, account_ref, join };
    let (seat, others) = Seat::take(node.clone(), admission, inbox, |_| {}).await.ok()?;
    let server = seat.speaker().principal().handle.domain().to_owned();
    let greeting = match others.as_slice() {
        [one] if node.directory.find(&one.handle) == Some(caller) => {
            let online = online_contacts(&node, caller, seat.account()).await;
            // Another user may have joined meanwhile, or taken the caller's place. They must not
            // see the caller's contacts.
            match seat.is_alone_with(caller) {
                true => greeting(&server, &one.name, &online),
                false => group_greeting(&server),
            }
        }
        _ => group_greeting(&server),
    };
    Some((seat, others.len(), greeting))
}

/// The greeter leaves if its inbox was full: the default of `finished` stops the actor.
impl StreamHandler<Delivery> for Chat {
    fn handle(&mut self, delivery: Delivery, ctx: &mut Context<Chat>) {
        match delivery {
            Delivery::Said(said) => said.payloads().for_each(|payload| self.on_message(payload)),
            Delivery::Joined(_) => self.others += 1,
            Delivery::Left(_) => {
                self.others = self.others.saturating_sub(1);
                if self.others == 0 {
                    ctx.stop();
                }
            }
            Delivery::Inactive(_) | Delivery::Failed => ctx.stop(),
        }
    }
}

impl Actor for Chat {
    type Context = Context<Chat>;

    fn started(&mut self, ctx: &mut Context<Chat>) {
        let Some(invitation) = self.invitation.take() else { return ctx.stop() };
        let inbox = Inbox::new(MAX_DELIVERIES);
        let entering = enter(self.node.clone(), self.account_ref, invitation, inbox.handle());
        // Deliveries that arrive meanwhile are handled afterwards.
        ctx.wait(entering.into_actor(self).map(|entered, chat, ctx| {
            let Some((seat, others, greeting)) = entered else { return ctx.stop() };
            chat.seat = Some(seat);
            chat.others = others;
            if others == 0 {
                return ctx.stop();
            }
            chat.send_text(&greeting);
        }));
        ctx.add_stream(inbox);
        ctx.run_interval(CHECK_INTERVAL, Chat::end_if_silent);
    }
}
