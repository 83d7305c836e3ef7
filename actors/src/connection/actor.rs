//! The interface between the connection core and the actor of a connection.

use crate::connection::{Context, Link};
use crate::end::EndReason;
use actix::{Actor, ActorFutureExt, Handler, Message, WrapFuture};
use msnp::command::{DecodeContext, Rejection, RejectionReason};
use msnp::frame::{self, FrameError, Origin, PayloadPieces, Scan};
use msnp::gate::{self, Refusal};
use msnp::{CommandName, Request, Server, TrId};
use std::future::Future;
use std::task::Context as TaskContext;

/// How many refused requests of a connection are logged. So a client cannot flood the log.
const MAX_LOGGED_REFUSALS: u8 = 16;

/// The actor of a connection. It takes typed requests and sends typed events.
pub trait ConnectionActor: Actor<Context = Context<Self>> + Sized {
    /// The kind of server.
    const SERVER: Server;

    fn link(&mut self) -> &mut Link;

    /// Handles a request that the gate has admitted.
    fn request(&mut self, request: Request<'_>, ctx: &mut Context<Self>);

    /// Finds the first command in the input.
    ///
    /// # Errors
    /// [`FrameError`] if the input cannot be split into commands.
    fn scan(input: &[u8]) -> Result<Scan<'_>, FrameError> {
        frame::next(input, Origin::Client, Self::SERVER)
    }

    /// Handles a piece of the payload of the last request, if its payload is passed on in pieces. `rest`
    /// is what has not arrived yet: `None` at the last piece. The actor must keep a bounded number of
    /// bytes. An actor that does not override this method takes no pieces, and closes.
    fn payload_piece(
        &mut self,
        _piece: &[u8],
        _rest: Option<PayloadPieces>,
        _ctx: &mut Context<Self>,
    ) {
        self.close_unreadable(FrameError::PayloadTooLong);
    }

    /// Handles what other actors have put into the connection's inbox, and makes the inbox wake
    /// this task. Called at the start of each turn.
    fn receive(&mut self, _cx: &mut TaskContext<'_>) {}

    /// Called at the end of each turn.
    fn after_turn(&mut self) {}

    /// Called when all requests that have arrived were handled.
    fn after_requests(&mut self) {}

    /// Returns whether output is pending that did not fit. No request is handled before it is sent.
    fn has_more_output(&self) -> bool {
        false
    }

    /// Produces pending output while there is room.
    fn produce_output(&mut self) {}

    /// Does time-dependent work. Not called while the connection waits for an answer. Returns `true` if
    /// it has emitted output that must leave in its own write.
    fn poll_timer(&mut self, _cx: &mut TaskContext<'_>) -> bool {
        false
    }

    /// Returns whether output is held back for a moment. No request is handled meanwhile.
    fn is_output_held(&self) -> bool {
        false
    }

    /// Emits the output that is held back, since the connection is about to end.
    fn release_output(&mut self) {}

    /// Called once when the connection ends. Notifies other actors of it.
    fn on_end(&mut self) {}

    /// Ends the open connection on the server's side: sends `OUT` where the protocol has it, and closes.
    fn shut_down(&mut self, reason: EndReason);

    /// Waits for an answer and passes it to `then`, unless the connection has ended. No further request
    /// is handled meanwhile.
    fn ask<F, T>(
        &mut self,
        ctx: &mut Context<Self>,
        answer: F,
        then: impl FnOnce(&mut Self, T, &mut Context<Self>) + 'static,
    ) where
        F: Future<Output = T> + 'static,
        T: 'static,
    {
        self.link().set_waiting(true);
        ctx.await_reply(answer.into_actor(self).map(move |answer, actor, ctx| {
            actor.link().set_waiting(false);
            if actor.link().is_open() {
                then(actor, answer, ctx);
            }
            actor.link().wake();
        }));
    }

    /// Called for a command that is rejected without being handled.
    fn on_rejected(&mut self, _name: Option<CommandName>) {}

    /// Answers a rejected request.
    fn reject(&mut self, name: &[u8], rejection: Rejection) {
        // A client with unsupported versions was logged when its `VER` was answered.
        if !self.link().offered_only_later_versions() {
            self.log_rejection(name, rejection.reason);
        }
        self.on_rejected(CommandName::parse(name));
        let end = EndReason::Rejected(rejection.reason);
        match (rejection.refusal, rejection.trid) {
            (Refusal::Close, _) => self.link().close(end),
            (Refusal::Reply(code), Some(trid)) => self.link().error(trid, code),
            (Refusal::ReplyThenClose(code), Some(trid)) => self.link().refuse(trid, code, end),
            // An unknown command without transaction ID cannot be answered, and is ignored.
            (Refusal::Reply(_), None) => {}
            (Refusal::ReplyThenClose(_), None) => self.link().close(end),
        }
    }

    fn log_rejection(&mut self, name: &[u8], reason: RejectionReason) {
        let (label, refusals) = (self.link().label(), self.link().count_refusal());
        if refusals > MAX_LOGGED_REFUSALS {
            return;
        }
        match std::str::from_utf8(name) {
            Ok(name) if name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                log::warn!("{label} sent {name}: {reason}");
            }
            // The text is not logged: it may be part of a message whose length was wrong, or a cookie.
            _ => log::warn!("{label} sent something that is not a command"),
        }
        if refusals == MAX_LOGGED_REFUSALS {
            log::warn!("{label}: further refused commands of this connection are not logged");
        }
    }

    /// Ends the connection because its input cannot be split into commands.
    fn close_unreadable(&mut self, error: FrameError) {
        log::warn!("{} sent unreadable input: {error}", self.link().label());
        self.link().close(EndReason::Unreadable(error));
    }

    /// Returns the server and the dialect in which requests are decoded.
    fn decode_context(&mut self) -> DecodeContext {
        DecodeContext { server: Self::SERVER, dialect: self.link().dialect() }
    }
}

/// A typed request, as the core passes it to the actor. Tests drive the actor of a connection with it.
/// If the gate denies it, the error line has the transaction ID 0.
#[derive(Debug, Message)]
#[rtype(result = "Result<(), BusyError>")]
pub struct FromClient(pub Request<'static>);

/// The connection waits for an answer, and handles no requests now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection waits for an answer")]
pub struct BusyError;

/// Passes a typed request through the gate to its handler.
pub(crate) fn handle_request<C: ConnectionActor + Handler<FromClient>>(
    actor: &mut C,
    request: Request<'static>,
    ctx: &mut Context<C>,
) -> Result<(), BusyError> {
    if actor.link().is_waiting() || actor.has_more_output() || actor.is_output_held() {
        return Err(BusyError);
    }
    let name = request.name();
    let (phase, dialect) = (actor.link().phase(), actor.link().dialect());
    match gate::admit(Some(name), C::SERVER, phase, dialect) {
        Ok(_) => actor.request(request, ctx),
        Err((denial, refusal)) => {
            let reason = msnp::command::RejectionReason::Denied(denial);
            let trid = Some(TrId::SERVER);
            actor.reject(name.as_str().as_bytes(), Rejection { reason, refusal, trid });
        }
    }
    actor.after_requests();
    actor.link().wake();
    Ok(())
}
