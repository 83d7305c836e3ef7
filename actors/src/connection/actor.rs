//! What the core needs of the actor of a connection.

use crate::connection::{Link, Pump};
use crate::end::EndReason;
use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, WrapFuture};
use msnp::command::{DecodeContext, Rejection, RejectionReason};
use msnp::frame::FrameError;
use msnp::gate::{self, Refusal};
use msnp::{Request, Server, TrId};
use std::future::Future;
use std::task::Context as TaskContext;

/// How many refused requests of one connection are logged: a client must not fill the log.
const MAX_LOGGED_REFUSALS: u8 = 16;

/// The actor of a connection: typed requests in, typed events out.
pub trait ConnectionActor: Actor<Context = Context<Self>> + Sized {
    /// The kind of server that it is a connection to.
    const SERVER: Server;

    /// Its way in and out.
    fn link(&mut self) -> &mut Link;

    /// Handles a request that the gate has let through.
    fn request(&mut self, request: Request<'_>, ctx: &mut Context<Self>);

    /// All requests that are here for now were handled.
    fn after_requests(&mut self) {}

    /// Whether more output is to come than there was room for: no request is handled before it.
    fn has_more_output(&self) -> bool {
        false
    }

    /// Produces such output as far as there is room.
    fn produce_output(&mut self) {}

    /// Does what depends on the time, when no answer is awaited. `true`: it has sent something that
    /// is to leave in a write of its own.
    fn poll_timer(&mut self, _cx: &mut TaskContext<'_>) -> bool {
        false
    }

    /// Whether all output is held back for a moment: no request is handled meanwhile.
    fn is_output_held(&self) -> bool {
        false
    }

    /// Sends what is held back for a moment: the connection is about to end.
    fn release_output(&mut self) {}

    /// The connection ends: tells those who must know. Called once.
    fn on_end(&mut self) {}

    /// The server ends the connection, which is still open: says goodbye and closes.
    fn shut_down(&mut self, reason: EndReason);

    /// Waits for an answer, with no further request handled meanwhile, and goes on with it, unless
    /// the connection has ended.
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
        ctx.spawn(answer.into_actor(self).map(move |answer, actor, ctx| {
            actor.link().set_waiting(false);
            if actor.link().is_open() {
                then(actor, answer, ctx);
            }
            actor.link().wake();
        }));
    }

    /// A command of this name is answered without being handled.
    fn on_rejected(&mut self, _name: &[u8]) {}

    /// Answers a request that is not handled.
    fn reject(&mut self, name: &[u8], rejection: Rejection) {
        // What is wrong with such a client was logged when its `VER` was answered.
        if !self.link().offered_only_later_versions() {
            self.log_rejection(name, rejection.reason);
        }
        self.on_rejected(name);
        let end = EndReason::Rejected(rejection.reason);
        match (rejection.refusal, rejection.trid) {
            (Refusal::Close, _) => self.link().close(end),
            (Refusal::Reply(code), Some(trid)) => self.link().error(trid, code),
            (Refusal::ReplyThenClose(code), Some(trid)) => self.link().refuse(trid, code, end),
            // Nothing to answer to: an unknown command without transaction ID is passed over.
            (Refusal::Reply(_), None) => {}
            (Refusal::ReplyThenClose(_), None) => self.link().close(end),
        }
    }

    /// Logs that a command was refused.
    fn log_rejection(&mut self, name: &[u8], reason: RejectionReason) {
        let (called, refusals) = (self.link().label(), self.link().count_refusal());
        if refusals > MAX_LOGGED_REFUSALS {
            return;
        }
        match std::str::from_utf8(name) {
            Ok(name) if name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                log::warn!("{called} sent {name}: {reason}");
            }
            // It may be anything: the text of a message whose length was wrong, or a cookie.
            _ => log::warn!("{called} sent what is no command"),
        }
        if refusals == MAX_LOGGED_REFUSALS {
            log::warn!("{called}: what else of it is refused is not logged any more");
        }
    }

    /// Ends the connection: what comes on it cannot be cut into commands.
    fn close_unreadable(&mut self, error: FrameError) {
        log::warn!("{} cannot be read: {error}", self.link().label());
        self.link().close(EndReason::Unreadable(error));
    }

    /// Where its requests are read.
    fn decode_context(&mut self) -> DecodeContext {
        DecodeContext { server: Self::SERVER, dialect: self.link().dialect() }
    }
}

/// Starts the pump of a connection's actor; to be called when the actor starts.
pub fn start<C: ConnectionActor>(ctx: &mut Context<C>) {
    ctx.spawn(Pump);
}

/// A typed request, as the core hands it over: tests drive a connection's actor with it. If the
/// gate bars it, the error line has the transaction ID 0.
#[derive(Debug, Message)]
#[rtype(result = "Result<(), BusyError>")]
pub struct FromClient(pub Request<'static>);

/// The connection waits for an answer; the core would not read on now.
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
    let name = request.name().as_bytes();
    let (phase, dialect) = (actor.link().phase(), actor.link().dialect());
    match gate::admit(name, C::SERVER, phase, dialect) {
        Ok(_) => actor.request(request, ctx),
        Err((barred, refusal)) => {
            let reason = msnp::command::RejectionReason::Denied(barred);
            let trid = Some(TrId::SERVER);
            actor.reject(name, Rejection { reason, refusal, trid });
        }
    }
    actor.after_requests();
    actor.link().wake();
    Ok(())
}
