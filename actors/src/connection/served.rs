//! What the core needs of the actor of a connection.

use crate::connection::{Link, Pump};
use crate::end::EndReason;
use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, WrapFuture};
use msnp::command::{At, ErrorReply, Rejection};
use msnp::gate::{self, Refusal};
use msnp::{Dialect, Event, Phase, Request, Server};
use std::future::Future;

/// The actor of a connection: typed requests in, typed events out.
pub trait Served: Actor<Context = Context<Self>> + Sized {
    /// The kind of server that it is a connection to.
    const SERVER: Server;

    /// Its way in and out.
    fn link(&mut self) -> &mut Link;

    /// How far it has come.
    fn phase(&self) -> Phase;

    /// What it speaks.
    fn dialect(&self) -> Dialect;

    /// Handles a request that the gate has let through.
    fn request(&mut self, request: Request<'_>, ctx: &mut Context<Self>);

    /// All requests that are here for now were handled.
    fn pause(&mut self) {}

    /// Whether it waits for an answer: no further request is handled until then.
    fn waits(&mut self) -> &mut bool;

    /// Whether more output is to come than there was room for: no request is handled before it.
    fn has_more(&self) -> bool {
        false
    }

    /// Produces such output as far as there is room.
    fn produce(&mut self) {}

    /// The wait is over: what was held back may be sent.
    fn resume(&mut self, _ctx: &mut Context<Self>) {}

    /// The connection ends: tells those who must know. Called once.
    fn ended(&mut self, reason: EndReason);

    /// The server is shutting down: says goodbye and closes.
    fn farewell(&mut self);

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
        *self.waits() = true;
        ctx.spawn(answer.into_actor(self).map(move |answer, actor, ctx| {
            *actor.waits() = false;
            if actor.link().is_open() {
                then(actor, answer, ctx);
            }
            if !*actor.waits() {
                actor.resume(ctx);
            }
            actor.link().wake();
        }));
    }

    /// Answers a request that is not handled.
    fn reject(&mut self, name: &[u8], rejection: Rejection) {
        let name = String::from_utf8_lossy(name.get(..8).unwrap_or(name)).into_owned();
        let (id, dialect) = (self.link().id(), self.dialect());
        log::warn!("connection {id} sent {name:?}: {}", rejection.reason);
        let end = EndReason::Rejected(rejection.reason);
        match (rejection.refusal, rejection.trid) {
            (Refusal::Close, _) => self.link().close(end),
            (Refusal::Reply(code), Some(trid)) => {
                self.link().emit(&Event::Error(ErrorReply { code, trid }), dialect);
            }
            (Refusal::ReplyThenClose(code), Some(trid)) => {
                self.link().emit(&Event::Error(ErrorReply { code, trid }), dialect);
                self.link().close(end);
            }
            // Nothing to answer to: an unknown command without transaction ID is passed over.
            (Refusal::Reply(_), None) => {}
            (Refusal::ReplyThenClose(_), None) => self.link().close(end),
        }
    }

    /// Where its requests are read.
    fn at(&self) -> At {
        At { server: Self::SERVER, dialect: self.dialect() }
    }
}

/// Starts the pump of a connection's actor; to be called when the actor starts.
pub fn start<C: Served>(ctx: &mut Context<C>) {
    ctx.spawn(Pump);
}

/// A typed request, as the core hands it over: tests drive a connection's actor with it.
#[derive(Debug, Message)]
#[rtype(result = "Result<(), Busy>")]
pub struct FromClient(pub Request<'static>);

/// The connection waits for an answer; the core would not read on now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection waits for an answer")]
pub struct Busy;

/// Passes a typed request through the gate to its handler.
pub(crate) fn from_client<C: Served + Handler<FromClient>>(
    actor: &mut C,
    request: Request<'static>,
    ctx: &mut Context<C>,
) -> Result<(), Busy> {
    if *actor.waits() || actor.has_more() {
        return Err(Busy);
    }
    let name = request.name().as_bytes();
    match gate::admit(name, C::SERVER, actor.phase(), actor.dialect()) {
        Ok(_) => actor.request(request, ctx),
        Err((barred, refusal)) => {
            let reason = msnp::command::Reason::Barred(barred);
            let trid = msnp::TrId::parse(b"0");
            actor.reject(name, Rejection { reason, refusal, trid });
        }
    }
    actor.pause();
    actor.link().wake();
    Ok(())
}
