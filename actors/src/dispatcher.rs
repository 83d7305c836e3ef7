//! The `Dispatcher` actor: which Notification Server is whose.

use crate::message::{Announce, DispatcherState, NoteDialect, Observe, Refer};
use crate::registry::Registry;
use crate::settings::Advertised;
use actix::{Actor, Addr, Context, Handler, MessageResult};
use msnp::Handle;

/// Messages that wait for the actor: each connection waits for the answer to its own.
const MAILBOX: usize = 1024;

/// How many Notification Servers there are at most.
const SERVERS: usize = 16;

/// The dispatcher of a node.
pub struct Dispatcher {
    registry: Addr<Registry>,
    servers: heapless::Vec<Advertised, SERVERS>,
    referred: u64,
}

impl Dispatcher {
    /// A dispatcher that knows no Notification Server yet.
    pub fn new(registry: Addr<Registry>) -> Dispatcher {
        Dispatcher { registry, servers: heapless::Vec::new(), referred: 0 }
    }

    /// The same handle goes to the same server as long as the servers are the same.
    fn choose(&self, handle: &Handle) -> Option<Advertised> {
        let sum = handle
            .as_str()
            .bytes()
            .fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        self.servers.get(sum.checked_rem(self.servers.len())?).copied()
    }
}

impl Actor for Dispatcher {
    type Context = Context<Dispatcher>;

    fn started(&mut self, ctx: &mut Context<Dispatcher>) {
        ctx.set_mailbox_capacity(MAILBOX);
    }
}

impl Handler<Announce> for Dispatcher {
    type Result = ();

    fn handle(&mut self, Announce(server): Announce, _: &mut Context<Dispatcher>) {
        if !self.servers.contains(&server) && self.servers.push(server).is_err() {
            log::warn!("more than {SERVERS} Notification Servers: one is left out");
        }
    }
}

impl Handler<Refer> for Dispatcher {
    type Result = MessageResult<Refer>;

    fn handle(&mut self, refer: Refer, _: &mut Context<Dispatcher>) -> Self::Result {
        let server = self.choose(&refer.handle);
        if server.is_some() {
            self.referred += 1;
            // Without the note the client speaks MSNP2: nothing is lost if there is no room.
            let note = NoteDialect { handle: refer.handle, dialect: refer.dialect };
            let _ = self.registry.try_send(note);
        }
        MessageResult(server)
    }
}

impl Handler<Observe<DispatcherState>> for Dispatcher {
    type Result = MessageResult<Observe<DispatcherState>>;

    fn handle(&mut self, _: Observe<DispatcherState>, _: &mut Context<Dispatcher>) -> Self::Result {
        let servers = self.servers.iter().copied().collect();
        MessageResult(DispatcherState { servers, referred: self.referred })
    }
}
