//! A recipient without a connection, which records the messages that sessions and participants
//! receive.

use super::settle;
use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, Recipient,
    WrapFuture,
};
use std::cell::RefCell;
use std::rc::Rc;
use tokio::sync::Notify;

/// The messages received since the last [`Recorder::received`].
type Received<T> = Rc<RefCell<Vec<T>>>;

/// A recipient of one type of message.
pub(crate) struct Recorder<T: Message<Result = ()> + Send + Unpin + 'static> {
    addr: Addr<Listener<T>>,
    received: Received<T>,
    end: Rc<Notify>,
}

struct Listener<T> {
    received: Received<T>,
    end: Rc<Notify>,
    /// The capacity of the mailbox of a recorder that takes nothing out of it.
    stalled_room: Option<usize>,
}

impl<T: Message<Result = ()> + Send + Unpin + 'static> Recorder<T> {
    /// Returns a recorder that takes every message.
    pub(crate) fn new() -> Recorder<T> {
        Recorder::start(None)
    }

    /// Returns a recorder that takes no message out of its mailbox, which holds `room` messages.
    pub(crate) fn stalled(room: usize) -> Recorder<T> {
        Recorder::start(Some(room))
    }

    fn start(stalled_room: Option<usize>) -> Recorder<T> {
        let (received, end) = (Received::default(), Rc::<Notify>::default());
        let addr = Listener { received: received.clone(), end: end.clone(), stalled_room }.start();
        Recorder { addr, received, end }
    }

    pub(crate) fn recipient(&self) -> Recipient<T> {
        self.addr.clone().recipient()
    }

    /// Returns the messages received since the last call.
    pub(crate) async fn received(&self) -> Vec<T> {
        settle().await;
        std::mem::take(&mut *self.received.borrow_mut())
    }

    /// Stops the actor.
    pub(crate) async fn stop(&self) {
        self.end.notify_one();
        settle().await;
    }
}

impl<T: Unpin + 'static> Actor for Listener<T> {
    type Context = Context<Listener<T>>;

    fn started(&mut self, ctx: &mut Context<Listener<T>>) {
        let end = self.end.clone();
        let stop = async move { end.notified().await }.into_actor(self);
        ctx.spawn(stop.map(|(), _, ctx| ctx.stop()));
        if let Some(room) = self.stalled_room {
            ctx.set_mailbox_capacity(room);
            ctx.wait(std::future::pending().into_actor(self));
        }
    }
}

impl<T: Message<Result = ()> + Unpin + 'static> Handler<T> for Listener<T> {
    type Result = ();

    fn handle(&mut self, message: T, _: &mut Context<Listener<T>>) {
        self.received.borrow_mut().push(message);
    }
}
