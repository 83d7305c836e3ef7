//! The future that drives a connection: read, handle, produce, write.

use crate::connection::buffers::Input;
use crate::connection::{ConnectionActor, Context};
use crate::end::EndReason;
use actix::Addr;
use msnp::frame::PayloadPieces;
use msnp::gate::Refusal;
use msnp::{Frame, Phase, Request};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

/// How many requests of a connection are handled in one turn. Empty lines and reads count as well.
/// So one turn sends a bounded number of messages to another actor.
const MAX_PER_TURN: usize = 64;

/// The free output space that a request needs. Every single reply fits, except the roster of a
/// switchboard, which is the first reply of its connection. The longest is the reply to `ADD`, with
/// four `BPR` and an `ILN`. So requests of a client that reads no replies are not handled.
const MAX_REPLY: usize = 2048;

/// The rest of a payload that is passed on in pieces.
#[derive(Clone, Copy)]
pub(super) struct PendingPayload {
    pieces: PayloadPieces,
    /// Whether its command was refused. The pieces are dropped then.
    is_refused: bool,
}

/// The future of a connection: its actor and the actor's context. One poll is a turn: it takes all
/// items of the inbox, so all that other actors sent leaves in one write.
struct Pump<C: ConnectionActor> {
    actor: C,
    ctx: Context<C>,
}

impl<C: ConnectionActor> Pump<C> {
    fn spawn(mut actor: C, mut ctx: Context<C>) {
        actor.started(&mut ctx);
        actix_rt::spawn(Pump { actor, ctx });
    }
}

/// Runs the actor of a connection.
pub(crate) fn run<C: ConnectionActor>(actor: C) {
    Pump::spawn(actor, Context::new());
}

/// Runs the actor of a connection, and returns its address.
pub fn start<C: ConnectionActor>(actor: C) -> Addr<C> {
    let (ctx, address) = Context::with_address();
    Pump::spawn(actor, ctx);
    address
}

impl<C: ConnectionActor> Future for Pump<C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let Pump { actor, ctx } = self.get_mut();
        ctx.handle_messages(actor, cx);
        actor.receive(cx);
        let over = turn(actor, ctx, cx);
        actor.after_turn();
        actor.link().release_input();
        if over.is_pending() && !ctx.is_stopped() {
            ctx.poll_reply(actor, cx);
            return Poll::Pending;
        }
        actor.stopped(ctx);
        Poll::Ready(())
    }
}

/// Drives a connection until it must wait, or up to [`MAX_PER_TURN`]. Returns ready when it is over.
fn turn<C: ConnectionActor>(
    actor: &mut C,
    ctx: &mut Context<C>,
    cx: &mut TaskContext<'_>,
) -> Poll<()> {
    let (end_requested, is_overdue) = actor.link().register_waker(cx);
    match (end_requested, is_overdue) {
        // It no longer counts: another connection may have been admitted instead.
        (Some(EndReason::Evicted), _) => actor.link().abort(EndReason::Evicted),
        (Some(reason), _) if actor.link().is_open() => actor.shut_down(reason),
        // Time spent waiting for the server does not count: a sign-in that is throttled because of an
        // attacker is not cut short. It succeeds or ends after the wait.
        (None, true) if actor.link().is_open() && !actor.link().is_waiting() => {
            let reason = match actor.link().phase() {
                Phase::SignedIn => EndReason::ClientChallengeTimeout,
                Phase::Fresh | Phase::Versioned | Phase::QueryOnly => EndReason::SignInTimeout,
            };
            actor.link().close(reason);
        }
        _ => {}
    }
    let mut budget = MAX_PER_TURN.min(actor.link().lines_left());
    while actor.link().is_open() {
        if !actor.link().is_waiting() && actor.has_more_output() {
            actor.produce_output();
        }
        let flushed = actor.link().poll_flush(cx);
        if !actor.link().is_open() {
            break;
        }
        if actor.link().is_waiting() {
            return Poll::Pending;
        }
        if actor.poll_timer(cx) {
            // This write has nothing else in it, unless the peer does not read.
            let _ = actor.link().poll_flush(cx);
            continue;
        }
        if actor.is_output_held() {
            return Poll::Pending;
        }
        if actor.has_more_output() {
            if flushed.is_pending() {
                return Poll::Pending;
            }
            continue;
        }
        if flushed.is_pending() && actor.link().room() < MAX_REPLY {
            return Poll::Pending;
        }
        if budget > 0 && handle(actor, ctx, &mut budget) {
            continue;
        }
        if !actor.link().is_open() {
            break;
        }
        if budget == 0 {
            // Above its limit a client is not read; the operating system holds the rest.
            if actor.link().lines_left() == 0 {
                actor.link().pause();
            } else {
                cx.waker().wake_by_ref();
            }
            return Poll::Pending;
        }
        if !std::task::ready!(actor.link().poll_fill()) && actor.link().is_open() {
            actor.release_output();
            actor.link().close(EndReason::Hangup);
        }
        budget -= 1;
    }
    if actor.link().log_end() {
        actor.on_end();
    }
    actor.link().poll_close(cx)
}

/// Handles complete requests until one must wait, and subtracts their number from `budget`. Returns
/// `false` if there was none.
fn handle<C: ConnectionActor>(actor: &mut C, ctx: &mut Context<C>, budget: &mut usize) -> bool {
    let Some(mut input) = actor.link().take_input() else { return false };
    let mut handled = false;
    while *budget > 0
        && actor.link().is_open()
        && !actor.link().is_waiting()
        && !actor.has_more_output()
        && actor.link().room() >= MAX_REPLY
    {
        if let Some(pending) = actor.link().pending_payload.as_deref().copied() {
            *budget -= 1;
            handled = true;
            pass_on(actor, ctx, pending, &mut input);
            if actor.link().pending_payload.is_some() {
                break;
            }
            continue;
        }
        let scan = match C::scan(input.unread()) {
            Ok(scan) => scan,
            Err(error) => {
                actor.close_unreadable(error);
                break;
            }
        };
        let used = scan.consumed;
        let done = scan.frame.is_none();
        *budget = budget.saturating_sub(scan.empty_lines);
        actor.link().count_lines(scan.empty_lines);
        if let Some(partial) = scan.partial {
            refuse_early(actor, &partial);
        }
        if let Some(frame) = scan.frame {
            *budget = budget.saturating_sub(1);
            actor.link().count_lines(1);
            handled = true;
            let (phase, decode_context) = (actor.link().phase(), actor.decode_context());
            let request = Request::decode(&frame, phase, decode_context);
            actor.link().trace_received(&frame, request.as_ref().ok());
            let is_refused = request.is_err();
            actor.link().pending_payload =
                scan.pieces.map(|pieces| Box::new(PendingPayload { pieces, is_refused }));
            match request {
                Ok(request) => actor.request(request, ctx),
                Err(rejection) => actor.reject(frame.name, rejection),
            }
        }
        input.advance(used);
        if done {
            break;
        }
    }
    actor.link().put_back_input(input);
    actor.after_requests();
    handled
}

/// Passes on the bytes of a payload that have arrived.
fn pass_on<C: ConnectionActor>(
    actor: &mut C,
    ctx: &mut Context<C>,
    pending: PendingPayload,
    input: &mut Input,
) {
    let (piece, rest) = pending.pieces.split(input.unread());
    actor.link().pending_payload =
        rest.map(|pieces| Box::new(PendingPayload { pieces, ..pending }));
    let length = piece.len();
    if length > 0 && !pending.is_refused {
        actor.payload_piece(piece, rest, ctx);
    }
    input.advance(length);
}

/// Ends a connection whose next command will be refused with a close, without waiting for its
/// payload.
fn refuse_early<C: ConnectionActor>(actor: &mut C, partial: &Frame<'_>) {
    let (phase, decode_context) = (actor.link().phase(), actor.decode_context());
    if let Err(rejection) = Request::decode(partial, phase, decode_context)
        && !matches!(rejection.refusal, Refusal::Reply(_))
    {
        actor.reject(partial.name, rejection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::buffers::OUTPUT_SIZE;
    use msnp::command::{AddReply, Bpr, Iln};
    use msnp::{
        Dialect, Event, FriendlyName, GroupId, Handle, List, ListVersion, PhoneKind, PhoneNumber,
        Property, State, TrId,
    };

    #[test]
    fn the_longest_reply_fits() {
        let trid = TrId::parse(b"0000000000").unwrap();
        let version = ListVersion::new(ListVersion::MAX).unwrap();
        let domain = "@example.com";
        let local = "a".repeat(Handle::MAX - domain.len());
        let handle = Handle::new(&format!("{local}{domain}")).unwrap();
        let name = FriendlyName::new(&"a".repeat(FriendlyName::MAX_ENCODED)).unwrap();
        let number = PhoneNumber::new(&"1".repeat(PhoneNumber::MAX_ENCODED)).unwrap();
        let (list, group) = (List::Forward, GroupId::all().last());
        let add = AddReply { trid, list, version, handle: handle.clone(), name, group };
        let (state, name) = (State::Away, add.name.clone());
        let phone = |phone| Property::Phone(phone, Some(number.clone()));
        let properties = PhoneKind::ALL.map(phone).into_iter().chain([Property::MayPage(false)]);
        let bpr = |property| Event::from(Bpr { version, handle: handle.clone(), property });
        let mut reply = vec![Event::from(add)];
        reply.extend(properties.map(bpr));
        reply.push(Iln { trid, state, handle: handle.clone(), name }.into());
        let mut output = heapless::Vec::<u8, OUTPUT_SIZE>::new();
        for event in &reply {
            event.encode(Dialect::Msnp7, &mut output).unwrap();
        }
        assert_eq!(output.len(), 1979);
        assert!(output.len() <= MAX_REPLY);
    }
}
