//! Somebody without a connection, who hears what sessions and participants hear.

use super::settle;
use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, Recipient,
    WrapFuture,
};
use std::cell::RefCell;
use std::rc::Rc;
use tokio::sync::Notify;

/// What was heard and not asked for yet.
type Heard<T> = Rc<RefCell<Vec<T>>>;

/// A recipient of any message.
pub(crate) struct Ear<T: Message<Result = ()> + Send + Unpin + 'static> {
    addr: Addr<Listener<T>>,
    heard: Heard<T>,
    end: Rc<Notify>,
}

struct Listener<T> {
    heard: Heard<T>,
    end: Rc<Notify>,
    deaf: Option<usize>,
}

impl<T: Message<Result = ()> + Send + Unpin + 'static> Ear<T> {
    /// One that takes everything.
    pub(crate) fn new() -> Ear<T> {
        Ear::start(None)
    }

    /// One that takes nothing out of his mailbox, which has room for so many messages.
    pub(crate) fn deaf(room: usize) -> Ear<T> {
        Ear::start(Some(room))
    }

    fn start(deaf: Option<usize>) -> Ear<T> {
        let (heard, end) = (Heard::default(), Rc::<Notify>::default());
        let addr = Listener { heard: heard.clone(), end: end.clone(), deaf }.start();
        Ear { addr, heard, end }
    }

    pub(crate) fn recipient(&self) -> Recipient<T> {
        self.addr.clone().recipient()
    }

    /// What was heard since the last time.
    pub(crate) async fn heard(&self) -> Vec<T> {
        settle().await;
        std::mem::take(&mut *self.heard.borrow_mut())
    }

    /// He is gone.
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
        if let Some(room) = self.deaf {
            ctx.set_mailbox_capacity(room);
            ctx.wait(std::future::pending().into_actor(self));
        }
    }
}

impl<T: Message<Result = ()> + Unpin + 'static> Handler<T> for Listener<T> {
    type Result = ();

    fn handle(&mut self, message: T, _: &mut Context<Listener<T>>) {
        self.heard.borrow_mut().push(message);
    }
}
