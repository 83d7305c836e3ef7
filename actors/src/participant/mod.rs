//! The `Participant` actor: one connection to a switchboard. Each command has its own file.

mod ans;
mod cal;
mod delivery;
mod msg;
mod usr;

use crate::connection::{BusyError, ConnectionActor, Context, FromClient, Link, handle_request};
use crate::end::EndReason;
use crate::inbox::{Inbox, InboxHandle};
use crate::message::{Delivery, Observe, ParticipantState, RedeemError};
use crate::port::store::Principal;
use crate::principal::{Admission, Seat, SeatError};
use crate::said::{MAX_ENCODED, SaidBuilder};
use crate::settings::MAX_PARTICIPANTS;
use actix::{Actor, Handler, MessageResult};
use msnp::command::{CommandName, Goodbye};
use msnp::{Cookie, ErrorCode, Event, Handle, Request, Server, SessionId, TrId};
use std::sync::Arc;
use std::task::Context as TaskContext;

/// The maximum number of deliveries in the inbox. Each may hold messages of 4 KiB, so they hold at most
/// 256 KiB. There is room for two from each participant of a full conversation. A participant that gets
/// more before its next turn, or while a reply is awaited, is closed.
pub const MAX_DELIVERIES: usize = 64;

const _: () = assert!(MAX_DELIVERIES >= 2 * MAX_PARTICIPANTS);

/// A connection to a switchboard.
pub struct Participant {
    link: Link,
    inbox: Inbox<Delivery>,
    /// `None` until the client has entered a conversation, and after the end.
    membership: Option<Box<Membership>>,
}

/// Membership in a conversation.
struct Membership {
    seat: Seat,
    /// The messages of this turn, which are sent together at its end.
    draft: Option<SaidBuilder>,
    /// The receipts that the client wants for messages of the draft.
    receipts: Receipts,
}

/// The receipt that the sender wants for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Receipt {
    trid: TrId,
    /// Whether the sender wants a receipt for success too (`A`), or only for failure (`N`).
    wants_ack: bool,
}

/// The receipts of one draft.
type Receipts = heapless::Vec<Receipt, 8>;

/// A request to enter a conversation.
struct Entry {
    handle: Handle,
    cookie: Cookie,
    /// The conversation to join. `None` starts a new one.
    join: Option<SessionId>,
}

impl Participant {
    /// A new connection.
    pub fn new(link: Link) -> Participant {
        Participant { link, inbox: Inbox::new(MAX_DELIVERIES), membership: None }
    }

    /// Returns where the conversation's events go.
    pub fn inbox(&self) -> InboxHandle<Delivery> {
        self.inbox.handle()
    }

    fn emit(&mut self, event: &Event<'_>) {
        self.link.emit(event);
    }

    fn error(&mut self, trid: TrId, code: ErrorCode) {
        self.link.error(trid, code);
    }

    fn principal(&self) -> Option<&Arc<Principal>> {
        self.membership.as_ref().map(|membership| membership.seat.speaker().principal())
    }

    /// Redeems the cookie and enters a new conversation, or the one that the cookie is for.
    /// `welcome` sends the reply. It gets the participants who were there before.
    fn enter(
        &mut self,
        trid: TrId,
        entry: Entry,
        ctx: &mut Context<Participant>,
        welcome: impl FnOnce(&mut Participant, TrId, &[Arc<Principal>]) + 'static,
    ) {
        let account_ref = self.link.node().directory.find_ref(&entry.handle);
        self.link.set_claimed_account(account_ref);
        let (node, inbox) = (self.link.node().clone(), self.inbox());
        let admission = Admission { cookie: entry.cookie, account_ref, join: entry.join };
        let record_inviting_session = self.link.inviting_session_recorder();
        // If the connection ends meanwhile, the user still enters, and leaves at once.
        let taken = actix_rt::spawn(async move {
            let mut dialect = None;
            let taking = Seat::take(node, admission, inbox, |ticket| {
                dialect = ticket.dialect;
                record_inviting_session(ticket.session);
            });
            let (seat, others) = taking.await?;
            Ok((dialect, seat, others))
        });
        self.ask(ctx, taken, move |participant, taken, _| {
            match taken.unwrap_or(Err(SeatError::Failed)) {
                Ok((dialect, seat, others)) => {
                    if let Some(dialect) = dialect {
                        participant.link.set_dialect(dialect);
                    }
                    // Cookies are issued to accounts only.
                    if let Some(account_ref) = account_ref {
                        participant.link.set_account(account_ref);
                    }
                    participant.link.set_conversation(seat.conversation());
                    let (draft, receipts) = (None, Receipts::new());
                    participant.membership = Some(Box::new(Membership { seat, draft, receipts }));
                    participant.link.mark_authenticated();
                    welcome(participant, trid, &others);
                }
                Err(error) => participant.refuse_entry(trid, error),
            }
        });
    }

    fn refuse_entry(&mut self, trid: TrId, error: SeatError) {
        let peer = self.link.peer_info().peer;
        match error {
            SeatError::Cookie(error) => {
                log::warn!("{peer} refused at the switchboard: {error}");
                if error != RedeemError::OtherConversation {
                    self.error(trid, ErrorCode::AuthenticationFailed);
                }
                self.link.close(EndReason::WrongCookie);
            }
            SeatError::Full => {
                log::warn!("{peer} refused at the switchboard: {error}");
                self.link.refuse(trid, ErrorCode::SwitchboardFailed, EndReason::ConversationFull);
            }
            SeatError::Failed => {
                log::error!("{peer} refused at the switchboard: {error}");
                self.link.refuse(trid, ErrorCode::SwitchboardFailed, EndReason::Failed);
            }
        }
    }
}

impl Actor for Participant {
    type Context = Context<Participant>;
}

impl ConnectionActor for Participant {
    const SERVER: Server = Server::Switchboard;

    fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    fn request(&mut self, request: Request<'_>, ctx: &mut Context<Participant>) {
        match request {
            Request::Usr(usr) => self.usr(usr, ctx),
            Request::Ans(ans) => self.ans(ans, ctx),
            Request::Cal(cal) => self.cal(cal, ctx),
            Request::Msg(msg) => self.msg(&msg),
            Request::Bye(_) | Request::Out(_) => {
                self.release_output();
                self.link.close(EndReason::Left);
            }
            // The gate has already rejected commands that only other kinds of server accept.
            msnp::requests_only_on!(Notification)
            | Request::Ver(_)
            | Request::Cvr(_)
            | Request::Cvq(_)
            | Request::Inf(_) => self.link.close(EndReason::command_for_other_server()),
        }
    }

    fn on_rejected(&mut self, name: Option<CommandName>) {
        if name == Some(CommandName::Cal) {
            self.count_failed_call();
        }
    }

    fn after_requests(&mut self) {
        self.send_draft();
    }

    fn receive(&mut self, cx: &mut TaskContext<'_>) {
        self.receive_deliveries(cx);
    }

    fn after_turn(&mut self) {
        let is_held = self.holds_deliveries() || self.inbox.has_held_items();
        self.inbox.set_held(is_held);
    }

    fn has_more_output(&self) -> bool {
        self.inbox.has_held_items() && !self.is_in_answer_delay()
    }

    fn produce_output(&mut self) {
        // A client that reads slowly is not closed because of deliveries that were held.
        while self.link.room() >= MAX_ENCODED
            && let Some(delivery) = self.inbox.pop()
        {
            self.handle_delivery(delivery);
        }
    }

    fn poll_timer(&mut self, cx: &mut TaskContext<'_>) -> bool {
        self.poll_answer_delay(cx);
        false
    }

    fn release_output(&mut self) {
        self.end_answer_delay();
    }

    fn on_end(&mut self) {
        self.send_draft();
        self.membership = None;
    }

    fn shut_down(&mut self, reason: EndReason) {
        self.release_output();
        // A client that has left, or signed in elsewhere, leaves its conversations by itself.
        if !matches!(reason, EndReason::Left | EndReason::SignedInElsewhere) {
            self.emit(&Event::Out(Goodbye { reason: reason.out_reason() }));
        }
        self.link.close(reason);
    }
}

impl Handler<FromClient> for Participant {
    type Result = Result<(), BusyError>;

    fn handle(
        &mut self,
        FromClient(request): FromClient,
        ctx: &mut Context<Participant>,
    ) -> Self::Result {
        handle_request(self, request, ctx)
    }
}

impl Handler<Observe<ParticipantState>> for Participant {
    type Result = MessageResult<Observe<ParticipantState>>;

    fn handle(
        &mut self,
        _: Observe<ParticipantState>,
        _: &mut Context<Participant>,
    ) -> Self::Result {
        MessageResult(ParticipantState {
            connection: self.link.id(),
            handle: self.principal().map(|principal| principal.handle.clone()),
            session: self.membership.as_ref().map(|membership| membership.seat.conversation()),
            dialect: self.link.dialect(),
        })
    }
}
