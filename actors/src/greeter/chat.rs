//! The `Chat` actor: the greeter in one conversation, as a participant without a connection.

use super::Callers;
use super::echo::{self, Answer, Echo, REST, TOO_LONG};
use super::hello::{HEADERS, hello, hello_all, seen_by};
use crate::directory::AccountRef;
use crate::frames::{FrameBuilder, Prefix};
use crate::message::{
    Delivery, Join, Joined, Leave, MemberId, Observe, Purpose, Receipts, Redeem, Relay,
    SwitchboardState,
};
use crate::node::Node;
use crate::port::store::AccountId;
use crate::switchboard::Switchboard;
use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Recipient,
    WrapFuture,
};
use msnp::command::{DecodeContext, Sender};
use msnp::frame::{self, MAX_PAYLOAD, Origin};
use msnp::{Cookie, Dialect, Event, Server, SessionId};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Deliveries that wait for the actor; a conversation that says more in one turn is left.
const MAILBOX: usize = 256;

/// After how long without a word he leaves, and how often that is looked at.
const SILENCE: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_secs(60);

/// A call.
pub(super) struct Invitation {
    pub(super) caller: AccountId,
    pub(super) conversation: SessionId,
    pub(super) cookie: Cookie,
}

/// That he is in a conversation that somebody has called him to. When it is dropped, he is not.
pub(super) struct Visit {
    callers: Callers,
    caller: AccountId,
}

impl Visit {
    pub(super) fn begin(callers: Callers, caller: AccountId) -> Visit {
        callers.borrow_mut().push(caller);
        Visit { callers, caller }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut callers = self.callers.borrow_mut();
        if let Some(place) = callers.iter().position(|caller| *caller == self.caller) {
            callers.swap_remove(place);
        }
    }
}

/// The greeter in a conversation.
pub(super) struct Chat {
    node: Rc<Node>,
    known: AccountRef,
    invitation: Option<Invitation>,
    _visit: Visit,
    seat: Option<Seat>,
    /// How many others there are.
    others: usize,
    echo: Echo,
    /// When somebody has said something.
    active: Instant,
}

/// His place. When it is dropped, the others are told.
struct Seat {
    switchboard: Addr<Switchboard>,
    member: MemberId,
    beginning: Prefix,
}

impl Drop for Seat {
    fn drop(&mut self) {
        #[expect(
            clippy::disallowed_methods,
            reason = "one for each place, when he leaves; it must not be lost"
        )]
        self.switchboard.do_send(Leave(self.member));
    }
}

impl Chat {
    pub(super) fn new(
        node: Rc<Node>,
        known: AccountRef,
        invitation: Invitation,
        visit: Visit,
    ) -> Chat {
        let (echo, active) = (Echo::new(), Instant::now());
        let invitation = Some(invitation);
        Chat { node, known, invitation, _visit: visit, seat: None, others: 0, echo, active }
    }

    /// Says a text.
    fn say(&mut self, text: &str, ctx: &mut Context<Chat>) {
        self.say_payload(format!("{HEADERS}{text}").as_bytes(), ctx);
    }

    fn say_payload(&mut self, payload: &[u8], ctx: &mut Context<Chat>) {
        self.echo.received(echo::text(payload).unwrap_or_default());
        let Some(seat) = &self.seat else { return };
        let mut draft = FrameBuilder::default();
        if payload.len() > MAX_PAYLOAD || draft.message(&seat.beginning, payload).is_err() {
            return;
        }
        let (member, receipts) = (seat.member, Receipts::new());
        let relay = Relay { member, frame: draft.finish(), receipts };
        if seat.switchboard.try_send(relay).is_err() {
            // A conversation that is overrun does without him.
            ctx.stop();
        }
    }

    /// What somebody says. Among several he does not join in.
    fn hear(&mut self, payload: &[u8], ctx: &mut Context<Chat>) {
        self.active = Instant::now();
        if self.others != 1 {
            return;
        }
        match self.echo.answer(payload) {
            Answer::Nothing => {}
            Answer::Same => self.say_payload(payload, ctx),
            Answer::TooLong => self.say(TOO_LONG, ctx),
            Answer::Rest => self.say(REST, ctx),
        }
    }

    fn end_if_silent(&mut self, ctx: &mut Context<Chat>) {
        if self.active.elapsed() >= SILENCE {
            ctx.stop();
        }
    }
}

/// Redeems the cookie and takes a seat; then what he says there first.
async fn enter(
    node: Rc<Node>,
    known: AccountRef,
    invitation: Invitation,
    deliveries: Recipient<Delivery>,
) -> Option<(Seat, usize, String)> {
    let Invitation { caller, conversation, cookie } = invitation;
    let account = Some(known.account);
    let redeem = Redeem { cookie, account, join: Some(conversation) };
    let ticket = node.cookies.send(redeem).await.ok()?.ok()?;
    let Purpose::Join { switchboard, .. } = ticket.purpose else { return None };
    let principal = node.directory.principal(known.account);
    let principal = Arc::new(principal.filter(|_| node.directory.is_current(known))?);
    let join = Join { account: known.account, principal: principal.clone(), deliveries };
    let Joined { member, roster, .. } = switchboard.send(join).await.ok()?.ok()?;
    let server = principal.handle.domain().to_owned();
    let seat = Seat { switchboard, member, beginning: Prefix::of(&principal) };
    let words = match roster.as_slice() {
        [one] if node.directory.find(&one.handle) == Some(caller) => {
            let seen = seen_by(&node, caller, known.account).await;
            // Somebody may have come meanwhile, whom the caller's contacts do not concern.
            let now = seat.switchboard.send(Observe::<SwitchboardState>::default()).await.ok()?;
            match now.members.len() {
                0..=2 => hello(&server, &one.name, &seen),
                _ => hello_all(&server),
            }
        }
        _ => hello_all(&server),
    };
    Some((seat, roster.len(), words))
}

impl Actor for Chat {
    type Context = Context<Chat>;

    fn started(&mut self, ctx: &mut Context<Chat>) {
        ctx.set_mailbox_capacity(MAILBOX);
        let Some(invitation) = self.invitation.take() else { return ctx.stop() };
        let entering = enter(self.node.clone(), self.known, invitation, ctx.address().recipient());
        // What is delivered meanwhile is heard after it.
        ctx.wait(entering.into_actor(self).map(|entered, chat, ctx| {
            let Some((seat, others, words)) = entered else { return ctx.stop() };
            chat.seat = Some(seat);
            chat.others = others;
            if others == 0 {
                return ctx.stop();
            }
            chat.say(&words, ctx);
        }));
        ctx.run_interval(LOOK, Chat::end_if_silent);
    }
}

impl Handler<Delivery> for Chat {
    type Result = ();

    fn handle(&mut self, delivery: Delivery, ctx: &mut Context<Chat>) {
        match delivery {
            Delivery::Messages(frame) => {
                let mut rest = frame.as_bytes();
                // It was encoded by the connection of a participant: it is whole.
                while let Ok(scan) = frame::next(rest, Origin::Server, Server::Switchboard)
                    && let Some(said) = scan.frame
                {
                    let at = DecodeContext { server: Server::Switchboard, dialect: Dialect::Msnp7 };
                    if let Ok(Event::Msg(message)) = Event::decode(&said, at)
                        && matches!(message.sender, Sender::Principal { .. })
                    {
                        self.hear(message.payload, ctx);
                    }
                    rest = rest.get(scan.consumed..).unwrap_or_default();
                }
            }
            Delivery::Joined(_) => self.others += 1,
            Delivery::Left(_) => {
                self.others = self.others.saturating_sub(1);
                if self.others == 0 {
                    ctx.stop();
                }
            }
            Delivery::Receipts { .. } => {}
            Delivery::Inactive(_) | Delivery::Overrun => ctx.stop(),
        }
    }
}
