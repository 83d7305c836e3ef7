//! The `Dispatcher` actor: assigns clients to Notification Servers.

use crate::message::{Announce, DispatcherState, NoteDialect, Observe, Refer};
use crate::registry::Registry;
use crate::settings::Advertised;
use actix::{Actor, Addr, Context, Handler, MessageResult};
use msnp::Handle;

/// Capacity of the mailbox. Each connection waits for the answer to its request.
const MAILBOX: usize = 1024;

/// The maximum number of Notification Servers.
const MAX_SERVERS: usize = 16;

/// The dispatcher of a node.
pub struct Dispatcher {
    registry: Addr<Registry>,
    servers: heapless::Vec<Advertised, MAX_SERVERS>,
    referred: u64,
}

impl Dispatcher {
    /// Creates a dispatcher without Notification Servers.
    pub fn new(registry: Addr<Registry>) -> Dispatcher {
        Dispatcher { registry, servers: heapless::Vec::new(), referred: 0 }
    }

    /// Returns the Notification Server of a handle. The choice depends only on the handle and the
    /// list of servers.
    fn choose(&self, handle: &Handle) -> Option<Advertised> {
        let hash = handle
            .as_str()
            .bytes()
            .fold(0usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte)));
        self.servers.get(hash.checked_rem(self.servers.len())?).copied()
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
            log::warn!("more than {MAX_SERVERS} Notification Servers: one is ignored");
        }
    }
}

impl Handler<Refer> for Dispatcher {
    type Result = MessageResult<Refer>;

    fn handle(&mut self, refer: Refer, _: &mut Context<Dispatcher>) -> Self::Result {
        let server = self.choose(&refer.handle);
        if server.is_some() {
            self.referred += 1;
            // If the mailbox is full, the note is lost, and the session assumes MSNP2.
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
