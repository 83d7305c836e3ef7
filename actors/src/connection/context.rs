//! The context of a connection's actor.
//!
//! It replaces `actix::Context`, which takes 472 bytes of an idle session: it keeps room for several
//! futures and a mailbox. The actor of a connection awaits one reply at a time, and has a mailbox only
//! if something holds its address, as tests do: all that other actors send arrives in its inbox.

use actix::dev::channel::{AddressReceiver, channel};
use actix::dev::{Envelope, EnvelopeProxy, MessageResponse, OneshotSender, ToEnvelope};
use actix::{Actor, ActorContext, ActorFuture, ActorFutureExt, ActorState, Addr, Handler, Message};
use futures::Stream;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

/// Capacity of the mailbox.
const MAILBOX: usize = 16;

/// An awaited reply and its handler.
type Reply<C> = Pin<Box<dyn ActorFuture<C, Output = ()>>>;

/// The context of the actor of a connection.
pub struct Context<C: Actor> {
    mailbox: Option<AddressReceiver<C>>,
    reply: Option<Reply<C>>,
    is_stopped: bool,
}

impl<C: Actor<Context = Context<C>>> Context<C> {
    /// Creates a context without a mailbox.
    pub(super) fn new() -> Context<C> {
        Context { mailbox: None, reply: None, is_stopped: false }
    }

    /// Creates a context with a mailbox. Returns its address too.
    pub(super) fn with_address() -> (Context<C>, Addr<C>) {
        let (sender, mailbox) = channel(MAILBOX);
        (Context { mailbox: Some(mailbox), ..Context::new() }, Addr::new(sender))
    }

    /// Awaits a reply. A reply that is awaited already is handled first.
    pub(super) fn await_reply(&mut self, reply: impl ActorFuture<C, Output = ()> + 'static) {
        self.reply = Some(match self.reply.take() {
            Some(earlier) => Box::pin(earlier.then(move |(), _, _| reply)),
            None => Box::pin(reply),
        });
    }

    /// Handles the messages of the mailbox.
    pub(super) fn handle_messages(&mut self, actor: &mut C, cx: &mut TaskContext<'_>) {
        while let Some(mailbox) = &mut self.mailbox
            && let Poll::Ready(Some(mut message)) = Pin::new(mailbox).poll_next(cx)
        {
            message.handle(actor, self);
        }
    }

    /// Handles the awaited reply, if it has arrived.
    pub(super) fn poll_reply(&mut self, actor: &mut C, cx: &mut TaskContext<'_>) {
        while let Some(mut reply) = self.reply.take() {
            if reply.as_mut().poll(actor, self, cx).is_pending() {
                self.reply = Some(reply);
                return;
            }
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped
    }
}

impl<C: Actor<Context = Context<C>>> ActorContext for Context<C> {
    fn stop(&mut self) {
        self.is_stopped = true;
    }

    fn terminate(&mut self) {
        self.is_stopped = true;
    }

    fn state(&self) -> ActorState {
        if self.is_stopped { ActorState::Stopped } else { ActorState::Running }
    }
}

/// A message with the channel for its result.
struct Packed<M: Message> {
    message: Option<(M, Option<OneshotSender<M::Result>>)>,
}

impl<C, M> EnvelopeProxy<C> for Packed<M>
where
    C: Actor<Context = Context<C>> + Handler<M>,
    M: Message + Send,
    M::Result: Send,
{
    fn handle(&mut self, actor: &mut C, ctx: &mut Context<C>) {
        if let Some((message, sender)) = self.message.take() {
            actor.handle(message, ctx).handle(ctx, sender);
        }
    }
}

impl<C, M> ToEnvelope<C, M> for Context<C>
where
    C: Actor<Context = Context<C>> + Handler<M>,
    M: Message + Send + 'static,
    M::Result: Send,
{
    fn pack(message: M, sender: Option<OneshotSender<M::Result>>) -> Envelope<C> {
        Envelope::with_proxy(Box::new(Packed { message: Some((message, sender)) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix::WrapFuture;
    use std::future::ready;
    use std::task::Waker;

    /// An actor that records numbers.
    struct Numbers(Vec<u8>);

    impl Actor for Numbers {
        type Context = Context<Numbers>;
    }

    /// Adds a number. The result is how many there are.
    #[derive(Message)]
    #[rtype(result = "usize")]
    struct Add(u8);

    impl Handler<Add> for Numbers {
        type Result = usize;

        fn handle(&mut self, Add(number): Add, _: &mut Context<Numbers>) -> usize {
            self.0.push(number);
            self.0.len()
        }
    }

    #[test]
    fn replies_are_handled_in_the_order_in_which_they_were_awaited() {
        let (mut actor, mut ctx) = (Numbers(Vec::new()), Context::new());
        for number in 1..=3 {
            let reply = ready(number).into_actor(&actor);
            ctx.await_reply(reply.map(|number, actor: &mut Numbers, _| actor.0.push(number)));
        }
        ctx.poll_reply(&mut actor, &mut TaskContext::from_waker(Waker::noop()));
        assert_eq!(actor.0, [1, 2, 3]);
        assert!(ctx.reply.is_none());
    }

    #[tokio::test]
    async fn the_sender_of_a_message_gets_the_result() {
        let mut actor = Numbers(Vec::new());
        let (mut ctx, address) = Context::with_address();
        let result = address.send(Add(7));
        ctx.handle_messages(&mut actor, &mut TaskContext::from_waker(Waker::noop()));
        assert_eq!(result.await.unwrap(), 1);
        assert_eq!(actor.0, [7]);
        drop(ctx);
        assert!(address.send(Add(8)).await.is_err());
    }
}
