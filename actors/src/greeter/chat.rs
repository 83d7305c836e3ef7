//! The `Chat` actor: the greeter in one conversation, as a participant without a connection.

use super::Callers;
use super::echo::{self, EchoState, PAUSE_TEXT, Reply, TOO_LONG_TEXT};
use super::greeting::{HEADERS, greeting, group_greeting, online_contacts};
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

/// Capacity of the mailbox, in deliveries. If more arrive in one turn, the greeter leaves.
const MAILBOX: usize = 256;

/// How long a conversation may be silent before the greeter leaves, and how often that is checked.
const SILENCE: Duration = Duration::from_secs(600);
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// An invitation to a conversation.
pub(super) struct Invitation {
    pub(super) caller: AccountId,
    pub(super) conversation: SessionId,
    pub(super) cookie: Cookie,
}

/// One of the greeter's conversations, with the user who invited it. Dropping it ends the count.
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
    /// When the last message arrived.
    active: Instant,
}

/// The greeter's membership. Dropping it notifies the others.
struct Seat {
    switchboard: Addr<Switchboard>,
    member: MemberId,
    prefix: Prefix,
}

impl Drop for Seat {
    fn drop(&mut self) {
        #[expect(
            clippy::disallowed_methods,
            reason = "one for each participant, when it leaves; it must not be lost"
        )]
        self.switchboard.do_send(Leave(self.member));
    }
}

impl Chat {
    pub(super) fn new(
        node: Rc<Node>,
        account_ref: AccountRef,
        invitation: Invitation,
        slot: CallerSlot,
    ) -> Chat {
        let (echo, active) = (EchoState::new(), Instant::now());
        let invitation = Some(invitation);
        Chat { node, account_ref, invitation, _slot: slot, seat: None, others: 0, echo, active }
    }

    /// Sends a text message.
    fn send_text(&mut self, text: &str, ctx: &mut Context<Chat>) {
        self.send(format!("{HEADERS}{text}").as_bytes(), ctx);
    }

    fn send(&mut self, payload: &[u8], ctx: &mut Context<Chat>) {
        self.echo.record_sent(echo::text(payload).unwrap_or_default());
        let Some(seat) = &self.seat else { return };
        let mut draft = FrameBuilder::default();
        if payload.len() > MAX_PAYLOAD || draft.message(&seat.prefix, payload).is_err() {
            return;
        }
        let (member, receipts) = (seat.member, Receipts::new());
        let relay = Relay { member, frame: draft.finish(), receipts };
        if seat.switchboard.try_send(relay).is_err() {
            // The conversation's mailbox is full: the greeter leaves.
            ctx.stop();
        }
    }

    /// Handles a message of another participant. With several participants the greeter stays
    /// silent.
    fn on_message(&mut self, payload: &[u8], ctx: &mut Context<Chat>) {
        self.active = Instant::now();
        if self.others != 1 {
            return;
        }
        match self.echo.reply_to(payload) {
            Reply::Nothing => {}
            Reply::Echo => self.send(payload, ctx),
            Reply::TooLong => self.send_text(TOO_LONG_TEXT, ctx),
            Reply::Pause => self.send_text(PAUSE_TEXT, ctx),
        }
    }

    fn end_if_silent(&mut self, ctx: &mut Context<Chat>) {
        if self.active.elapsed() >= SILENCE {
            ctx.stop();
        }
    }
}

/// Redeems the cookie and joins the conversation. Returns the greeting to send.
async fn enter(
    node: Rc<Node>,
    account_ref: AccountRef,
    invitation: Invitation,
    deliveries: Recipient<Delivery>,
) -> Option<(Seat, usize, String)> {
    let Invitation { caller, conversation, cookie } = invitation;
    let account = Some(account_ref.account);
    let redeem = Redeem { cookie, account, join: Some(conversation) };
    let ticket = node.cookies.send(redeem).await.ok()?.ok()?;
    let Purpose::Join { switchboard, .. } = ticket.purpose else { return None };
    let principal = node.directory.principal(account_ref.account);
    let principal = Arc::new(principal.filter(|_| node.directory.is_current(account_ref))?);
    let join = Join { account: account_ref.account, principal: principal.clone(), deliveries };
    let Joined { member, roster, .. } = switchboard.send(join).await.ok()?.ok()?;
    let server = principal.handle.domain().to_owned();
    let seat = Seat { switchboard, member, prefix: Prefix::of(&principal) };
    let greeting = match roster.as_slice() {
        [one] if node.directory.find(&one.handle) == Some(caller) => {
            let seen = online_contacts(&node, caller, account_ref.account).await;
            // A user may have joined meanwhile. The caller's contacts are not their concern.
            let now = seat.switchboard.send(Observe::<SwitchboardState>::default()).await.ok()?;
            match now.members.len() {
                0..=2 => greeting(&server, &one.name, &seen),
                _ => group_greeting(&server),
            }
        }
        _ => group_greeting(&server),
    };
    Some((seat, roster.len(), greeting))
}

impl Actor for Chat {
    type Context = Context<Chat>;

    fn started(&mut self, ctx: &mut Context<Chat>) {
        ctx.set_mailbox_capacity(MAILBOX);
        let Some(invitation) = self.invitation.take() else { return ctx.stop() };
        let entering =
            enter(self.node.clone(), self.account_ref, invitation, ctx.address().recipient());
        // Deliveries that arrive meanwhile are handled afterwards.
        ctx.wait(entering.into_actor(self).map(|entered, chat, ctx| {
            let Some((seat, others, greeting)) = entered else { return ctx.stop() };
            chat.seat = Some(seat);
            chat.others = others;
            if others == 0 {
                return ctx.stop();
            }
            chat.send_text(&greeting, ctx);
        }));
        ctx.run_interval(CHECK_INTERVAL, Chat::end_if_silent);
    }
}

impl Handler<Delivery> for Chat {
    type Result = ();

    fn handle(&mut self, delivery: Delivery, ctx: &mut Context<Chat>) {
        match delivery {
            Delivery::Messages(frame) => {
                let mut rest = frame.as_bytes();
                // A participant's connection encoded it, so it is complete.
                while let Ok(scan) = frame::next(rest, Origin::Server, Server::Switchboard)
                    && let Some(frame) = scan.frame
                {
                    let at = DecodeContext { server: Server::Switchboard, dialect: Dialect::Msnp7 };
                    if let Ok(Event::Msg(message)) = Event::decode(&frame, at)
                        && matches!(message.sender, Sender::Principal { .. })
                    {
                        self.on_message(message.payload, ctx);
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
