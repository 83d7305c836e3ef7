//! What joins the nodes of a cluster: who is signed in where, and messages between registries.
//!
//! Only the `Registry` uses it. One node alone has [`Solo`].

use crate::connection::ConnectionId;
use crate::message::{Answer, Asked, Delivered, Envelope, Question};
use crate::port::store::AccountId;
use actix::Recipient;
use futures::future::{LocalBoxFuture, ready};
use msnp::PresenceFields;
use serde::{Deserialize, Serialize};
use std::cell::Cell;

/// The id of a node. A node that restarts gets a new one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct NodeId(pub u64);

/// Orders the sign-ins of one account on all nodes: a later one has a higher epoch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Epoch(pub u64);

/// A session of any node. No other session ever has the same reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SessionRef {
    /// The node that serves it.
    pub node: NodeId,
    /// Its number on that node.
    pub number: ConnectionId,
}

/// The result of [`Fabric::claim`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    pub epoch: Epoch,
    /// The other node that held the claim until now, if there was one.
    pub previous: Option<NodeId>,
}

/// Where a principal is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home {
    pub node: NodeId,
    /// What the principal's client shows of contacts.
    pub fields: PresenceFields,
}

/// Why the fabric could not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FabricError {
    #[error("the other node is gone")]
    Gone,
    #[error("the nodes of the cluster cannot be reached")]
    Down,
}

/// Where the fabric puts what other nodes send.
#[derive(Debug, Clone)]
pub struct Inbound {
    pub delivered: Recipient<Delivered>,
    pub asked: Recipient<Asked>,
}

/// The connection of a node to the other nodes.
pub trait Fabric {
    /// Returns the id of this node.
    fn node(&self) -> NodeId;

    /// Sets where messages of other nodes go. Called once, before all else.
    fn attach(&self, inbound: Inbound);

    /// Makes this node the home of an account, which signs in with a client that shows these
    /// fields. From then on, [`Fabric::locate`] returns this node on the other nodes. Epochs of an
    /// account increase with each claim, from 1 on.
    fn claim(
        &self,
        account: AccountId,
        session: ConnectionId,
        fields: PresenceFields,
    ) -> LocalBoxFuture<'static, Result<Claimed, FabricError>>;

    /// Ends a claim. Does nothing if the account has been claimed again since.
    fn release(&self, account: AccountId, epoch: Epoch);

    /// Returns the home of an account that is signed in at another node, as far as this node knows.
    /// It may be outdated: a node that gets a message checks whether it is the home.
    fn locate(&self, account: AccountId) -> Option<Home>;

    /// Sends an envelope to another node. Envelopes and questions from one node to another arrive
    /// in the order in which they were sent.
    fn deliver(&self, to: NodeId, envelope: Envelope);

    /// Sends a question to another node. It is sent at once, even if the answer is not awaited. The
    /// future ends within seconds, with an error if the other node does not answer.
    fn ask(
        &self,
        to: NodeId,
        question: Question,
    ) -> LocalBoxFuture<'static, Result<Answer, FabricError>>;

    /// Sends an envelope to all other nodes.
    fn broadcast(&self, envelope: &Envelope) {
        for node in self.nodes() {
            self.deliver(node, envelope.clone());
        }
    }

    /// Returns the other live nodes.
    fn nodes(&self) -> Vec<NodeId>;
}

/// The fabric of a node without others.
#[derive(Debug, Default)]
pub struct Solo {
    last_epoch: Cell<u64>,
}

impl Fabric for Solo {
    fn node(&self) -> NodeId {
        NodeId::default()
    }

    fn attach(&self, _: Inbound) {}

    fn claim(
        &self,
        _: AccountId,
        _: ConnectionId,
        _: PresenceFields,
    ) -> LocalBoxFuture<'static, Result<Claimed, FabricError>> {
        self.last_epoch.set(self.last_epoch.get() + 1);
        Box::pin(ready(Ok(Claimed { epoch: Epoch(self.last_epoch.get()), previous: None })))
    }

    fn release(&self, _: AccountId, _: Epoch) {}

    fn locate(&self, _: AccountId) -> Option<Home> {
        None
    }

    fn deliver(&self, _: NodeId, _: Envelope) {}

    fn ask(&self, _: NodeId, _: Question) -> LocalBoxFuture<'static, Result<Answer, FabricError>> {
        Box::pin(ready(Err(FabricError::Gone)))
    }

    fn nodes(&self) -> Vec<NodeId> {
        Vec::new()
    }
}
