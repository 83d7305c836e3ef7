//! The `Participant` actor: one connection to a switchboard. Each command has its own file.

mod ans;
mod cal;
mod delivery;
mod msg;
mod usr;

use crate::connection::{
    BusyError, ConnectionActor, ConnectionId, Deferred, FromClient, Link, handle_request, start,
};
use crate::directory::AccountRef;
use crate::end::EndReason;
use crate::frames::{FRAME, FrameBuilder, Prefix};
use crate::message::{
    Delivery, Join, JoinError, Joined, Leave, MemberId, Observe, ParticipantState, Purpose,
    Receipts, Redeem, RedeemError, Ticket,
};
use crate::node::Node;
use crate::port::store::{AccountId, Principal};
use crate::switchboard::Switchboard;
use actix::{Actor, Addr, AsyncContext, Context, Handler, MessageResult, Recipient};
use msnp::command::Goodbye;
use msnp::{Cookie, Dialect, ErrorCode, Event, Handle, Request, Server, SessionId, TrId};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Context as TaskContext;

/// Capacity of the mailbox, in deliveries. The actor handles all waiting ones at each turn. What
/// arrives between two turns is bounded by the switchboard's own mailbox.
const MAILBOX: usize = 1024;

/// The maximum number of deliveries that are kept while a reply is awaited. Each may hold a frame
/// of 4 KiB.
const MAX_DEFERRED: usize = 256;

/// A connection to a switchboard.
pub struct Participant {
    link: Link,
    deferred: Deferred<Delivery, MAX_DEFERRED>,
    seat: Option<Box<Seat>>,
}

/// Membership in a conversation. Dropping it, however the connection ends, notifies the others.
struct Seat {
    switchboard: Addr<Switchboard>,
    session: SessionId,
    account: AccountId,
    member: MemberId,
    principal: Arc<Principal>,
    prefix: Prefix,
    draft: Option<FrameBuilder>,
    receipts: Receipts,
}

impl Drop for Seat {
    fn drop(&mut self) {
        #[expect(
            clippy::disallowed_methods,
            reason = "one for each participant, when they leave; it must not be lost"
        )]
        self.switchboard.do_send(Leave(self.member));
    }
}

/// A request to enter a conversation.
struct Entry {
    handle: Handle,
    cookie: Cookie,
    join: Option<SessionId>,
}

/// Why a user cannot enter.
enum EntryError {
    Cookie(RedeemError),
    Full,
    Failed,
}

impl Participant {
    /// A new connection.
    pub fn new(link: Link) -> Participant {
        Participant { link, deferred: Deferred::default(), seat: None }
    }

    fn emit(&mut self, event: &Event<'_>) {
        self.link.emit(event);
    }

    fn error(&mut self, trid: TrId, code: ErrorCode) {
        self.link.error(trid, code);
    }

    /// Redeems the cookie and enters a new conversation, or the one that the cookie is for.
    fn enter(
        &mut self,
        trid: TrId,
        entry: Entry,
        ctx: &mut Context<Participant>,
        welcome: impl FnOnce(&mut Participant, TrId, &[Arc<Principal>]) + 'static,
    ) {
        let account_ref = self.link.node().directory.find_ref(&entry.handle);
        self.link.set_claimed_account(account_ref);
        let (node, deliveries) = (self.link.node().clone(), ctx.address().recipient());
        let admission =
            admit(node, entry, account_ref, self.link.record_inviting_session(), deliveries);
        // If the connection ends meanwhile, the user still enters, and leaves at once.
        let admission = actix_rt::spawn(admission);
        self.ask(ctx, admission, move |participant, admission, _| {
            match admission.unwrap_or(Err(EntryError::Failed)) {
                Ok((dialect, seat, roster)) => {
                    participant.link.set_dialect(dialect);
                    // Cookies are issued to accounts only.
                    if let Some(account_ref) = account_ref {
                        participant.link.set_account(account_ref);
                    }
                    participant.link.set_conversation(seat.session);
                    participant.seat = Some(Box::new(seat));
                    participant.link.mark_authenticated();
                    welcome(participant, trid, &roster);
                }
                Err(refused) => participant.refuse_entry(trid, &refused),
            }
        });
    }

    fn refuse_entry(&mut self, trid: TrId, refused: &EntryError) {
        let peer = self.link.peer_info().peer;
        match refused {
            EntryError::Cookie(denied) => {
                log::warn!("{peer} refused at the switchboard: {denied}");
                if *denied != RedeemError::OtherConversation {
                    self.error(trid, ErrorCode::AuthenticationFailed);
                }
                self.link.close(EndReason::WrongCookie);
            }
            EntryError::Full => {
                log::warn!("{peer} refused at the switchboard: the conversation is full");
                self.link.refuse(trid, ErrorCode::SwitchboardFailed, EndReason::ConversationFull);
            }
            EntryError::Failed => {
                log::error!("{peer} refused at the switchboard: the server failed");
                self.link.refuse(trid, ErrorCode::SwitchboardFailed, EndReason::Failed);
            }
        }
    }
}

async fn admit(
    node: Rc<Node>,
    entry: Entry,
    account_ref: Option<AccountRef>,
    on_ticket: impl FnOnce(ConnectionId),
    deliveries: Recipient<Delivery>,
) -> Result<(Dialect, Seat, Vec<Arc<Principal>>), EntryError> {
    let account = account_ref.map(|account_ref| account_ref.account);
    let redeem = Redeem { cookie: entry.cookie, account, join: entry.join };
    let ticket: Ticket = match node.cookies.send(redeem).await {
        Ok(ticket) => ticket.map_err(EntryError::Cookie)?,
        Err(_) => return Err(EntryError::Failed),
    };
    on_ticket(ticket.session);
    let account: AccountId = ticket.account;
    // Meanwhile the account may have been removed, or its id may belong to another one.
    let is_there = account_ref.is_some_and(|account_ref| node.directory.is_current(account_ref));
    let principal = node.directory.principal(account).filter(|_| is_there);
    let principal = principal.filter(|_| node.directory.contains(account));
    let principal = Arc::new(principal.ok_or(EntryError::Failed)?);
    let switchboard = match ticket.purpose {
        Purpose::Start => Switchboard::new(node).start(),
        Purpose::Join { switchboard, .. } => switchboard,
    };
    let join = Join { account, principal: principal.clone(), deliveries };
    let Joined { session, member, roster } = match switchboard.send(join).await {
        Ok(Ok(joined)) => joined,
        Ok(Err(JoinError::Full)) => return Err(EntryError::Full),
        Err(_) => return Err(EntryError::Failed),
    };
    let (prefix, draft, receipts) = (Prefix::of(&principal), None, Receipts::new());
    let seat = Seat { switchboard, session, account, member, principal, prefix, draft, receipts };
    Ok((ticket.dialect, seat, roster))
}

impl Actor for Participant {
    type Context = Context<Participant>;

    fn started(&mut self, ctx: &mut Context<Participant>) {
        ctx.set_mailbox_capacity(MAILBOX);
        start(ctx);
    }
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
            Request::Ver(_)
            | Request::Inf(_)
            | Request::Cvr(_)
            | Request::Cvq(_)
            | Request::Xfr(_)
            | Request::Syn(_)
            | Request::Lst(_)
            | Request::Gtc(_)
            | Request::Blp(_)
            | Request::Add(_)
            | Request::Rem(_)
            | Request::Chg(_)
            | Request::Rea(_)
            | Request::Url(_)
            | Request::Snd(_)
            | Request::Fnd(_)
            | Request::Png(_)
            | Request::Ims(_)
            | Request::Prp(_)
            | Request::Sdc(_)
            | Request::Pag(_)
            | Request::Chl(_)
            | Request::Qry(_)
            | Request::Lsg(_)
            | Request::Adg(_)
            | Request::Reg(_)
            | Request::Rmg(_) => self.link.close(EndReason::command_for_other_server()),
        }
    }

    fn on_rejected(&mut self, name: &[u8]) {
        if name == b"CAL" {
            self.call_failed();
        }
    }

    fn after_requests(&mut self) {
        self.send_draft();
    }

    fn has_more_output(&self) -> bool {
        !self.deferred.is_empty() && !self.is_settling_in()
    }

    fn produce_output(&mut self) {
        // A client that reads slowly is not closed because of deferred output.
        while self.link.room() >= FRAME
            && let Some(delivery) = self.deferred.pop()
        {
            self.delivery(delivery);
        }
    }

    fn poll_timer(&mut self, cx: &mut TaskContext<'_>) -> bool {
        self.poll_settled_in(cx);
        false
    }

    fn release_output(&mut self) {
        self.end_settling_in();
    }

    fn on_end(&mut self) {
        self.send_draft();
        self.seat = None;
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
        let seat = self.seat.as_ref();
        MessageResult(ParticipantState {
            connection: self.link.id(),
            handle: seat.map(|seat| seat.principal.handle.clone()),
            session: seat.map(|seat| seat.session),
            dialect: self.link.dialect(),
        })
    }
}
