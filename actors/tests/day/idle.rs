//! What a node holds when it is idle.

use actors::message::{AccountsState, CookiesState, DispatcherState, Observe, RegistryState};
use actors::{Advertised, Node};
use std::rc::Rc;

/// Everything that could grow and can be observed.
#[derive(Debug, PartialEq)]
pub(crate) struct IdleState {
    registry: RegistryState,
    cookies: CookiesState,
    accounts: usize,
    /// Changes that wait for the store.
    queued: usize,
    servers: Vec<Advertised>,
    conversations: usize,
    /// Connections: all, those in the table, the half-open ones, and the addresses that they come
    /// from.
    connections: [usize; 4],
    /// Buffers in use.
    buffers_in_use: (usize, usize),
    rates: usize,
    /// Failed sign-ins that are counted, and successful ones that are remembered.
    sign_ins: [usize; 2],
    /// References to the node: each connection and each conversation has one.
    holders: usize,
}

impl IdleState {
    pub(crate) async fn of(node: &Rc<Node>) -> IdleState {
        let accounts: AccountsState = node.accounts.send(Observe::default()).await.unwrap();
        let dispatcher: DispatcherState = node.dispatcher.send(Observe::default()).await.unwrap();
        let connections = &node.connections;
        IdleState {
            registry: node.registry.send(Observe::default()).await.unwrap(),
            cookies: node.cookies.send(Observe::default()).await.unwrap(),
            accounts: accounts.accounts,
            queued: accounts.queued,
            servers: dispatcher.servers,
            conversations: node.conversations.get(),
            connections: [
                connections.count(),
                connections.states().len(),
                connections.half_open(),
                connections.origin_count(),
            ],
            buffers_in_use: node.buffers.in_use(),
            rates: node.rate_limiter.len(),
            sign_ins: [node.throttle.len(), node.throttle.remembered()],
            holders: Rc::strong_count(node),
        }
    }
}
