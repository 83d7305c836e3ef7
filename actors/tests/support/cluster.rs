//! Nodes in one process. Whatever one sends to another crosses as bytes.

use actors::connection::ConnectionId;
use actors::message::{Answer, Asked, Delivered, Envelope, Question};
use actors::port::fabric::{Claimed, Epoch, Home, Inbound, NodeId};
use actors::port::store::AccountId;
use actors::port::{Fabric, FabricError};
use futures::future::LocalBoxFuture;
use msnp::PresenceFields;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use tokio::sync::{mpsc, oneshot};

/// What all nodes know.
pub(crate) struct Cluster {
    owners: RefCell<HashMap<AccountId, (Home, Epoch)>>,
    last_epoch: Cell<u64>,
    inbound: RefCell<BTreeMap<NodeId, Inbound>>,
    links: RefCell<BTreeMap<(NodeId, NodeId), mpsc::UnboundedSender<Parcel>>>,
    /// Whether no account can be claimed.
    is_down: Cell<bool>,
    /// How many turns pass between a claim and its answer.
    pub(crate) turns_to_claim: Cell<usize>,
}

thread_local! {
    static CROSSED: RefCell<BTreeSet<&'static str>> = RefCell::default();
}

/// Returns what has crossed between nodes in this test.
pub(crate) fn crossed() -> Vec<&'static str> {
    CROSSED.with_borrow(|kinds| kinds.iter().copied().collect())
}

/// Bytes on their way, and where the answer goes.
struct Parcel {
    bytes: Vec<u8>,
    answer: Option<oneshot::Sender<Vec<u8>>>,
}

/// What the bytes are.
#[derive(Serialize, Deserialize)]
enum Contents {
    Envelope(Envelope),
    Question(Question),
}

impl Contents {
    fn kind(&self) -> &'static str {
        match self {
            Contents::Envelope(Envelope::Presence { .. }) => "presence",
            Contents::Envelope(Envelope::PhoneChanged(_)) => "numbers",
            Contents::Envelope(Envelope::Renamed(..)) => "name",
            Contents::Envelope(Envelope::SessionEnded(..)) => "end of a session",
            Contents::Question(Question::Replace { .. }) => "replace",
            Contents::Question(Question::Look { .. }) => "look",
            Contents::Question(Question::Listed(_)) => "listed",
            Contents::Question(Question::Locate { .. }) => "locate",
            Contents::Question(Question::Ring { .. }) => "ring",
            Contents::Question(Question::GoingDown { .. }) => "going down",
        }
    }
}

fn pack<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).unwrap()
}

fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> T {
    postcard::from_bytes(bytes).unwrap()
}

impl Cluster {
    pub(crate) fn new() -> Rc<Cluster> {
        Rc::new(Cluster {
            owners: RefCell::default(),
            last_epoch: Cell::new(0),
            inbound: RefCell::default(),
            links: RefCell::default(),
            is_down: Cell::new(false),
            turns_to_claim: Cell::new(1),
        })
    }

    /// Returns the fabric of a new node.
    pub(crate) fn add_node(self: &Rc<Cluster>, number: u8) -> Rc<dyn Fabric> {
        Rc::new(Linked { cluster: self.clone(), node: NodeId(100 + u64::from(number)) })
    }

    /// From now on, no account can be claimed.
    pub(crate) fn go_down(&self) {
        self.is_down.set(true);
    }

    /// Returns the latest claim of an account.
    pub(crate) fn owner(&self, account: AccountId) -> Option<(Home, Epoch)> {
        self.owners.borrow().get(&account).copied()
    }

    fn claim(&self, account: AccountId, home: Home) -> Result<Claimed, FabricError> {
        if self.is_down.get() {
            return Err(FabricError::Down);
        }
        self.last_epoch.set(self.last_epoch.get() + 1);
        let epoch = Epoch(self.last_epoch.get());
        let previous = self.owners.borrow_mut().insert(account, (home, epoch));
        let previous = previous.map(|(owner, _)| owner.node).filter(|owner| *owner != home.node);
        Ok(Claimed { epoch, previous })
    }

    /// Sends bytes from one node to another, in order.
    fn send(self: &Rc<Cluster>, from: NodeId, to: NodeId, parcel: Parcel) {
        let mut links = self.links.borrow_mut();
        let link = links.entry((from, to)).or_insert_with(|| {
            let (link, parcels) = mpsc::unbounded_channel();
            actix_rt::spawn(self.clone().carry(from, to, parcels));
            link
        });
        link.send(parcel).unwrap();
    }

    /// Hands over what one node sends to another.
    async fn carry(
        self: Rc<Cluster>,
        from: NodeId,
        to: NodeId,
        mut parcels: mpsc::UnboundedReceiver<Parcel>,
    ) {
        while let Some(Parcel { bytes, answer }) = parcels.recv().await {
            let Some(inbound) = self.inbound.borrow().get(&to).cloned() else { continue };
            let contents = unpack::<Contents>(&bytes);
            CROSSED.with_borrow_mut(|kinds| kinds.insert(contents.kind()));
            match contents {
                Contents::Envelope(envelope) => {
                    inbound.delivered.try_send(Delivered { from, envelope }).unwrap();
                }
                Contents::Question(question) => {
                    // It is in the mailbox before the next parcel.
                    let asked = inbound.asked.send(Asked { from, question });
                    actix_rt::spawn(async move {
                        let bytes = pack(&asked.await.unwrap());
                        // The asking node may not wait any more.
                        let _ = answer.unwrap().send(bytes);
                    });
                }
            }
        }
    }
}

/// A node's end of the links.
struct Linked {
    cluster: Rc<Cluster>,
    node: NodeId,
}

impl Fabric for Linked {
    fn node(&self) -> NodeId {
        self.node
    }

    fn attach(&self, inbound: Inbound) {
        self.cluster.inbound.borrow_mut().insert(self.node, inbound);
    }

    fn claim(
        &self,
        account: AccountId,
        _: ConnectionId,
        fields: PresenceFields,
    ) -> LocalBoxFuture<'static, Result<Claimed, FabricError>> {
        let (cluster, home) = (self.cluster.clone(), Home { node: self.node, fields });
        let turns = cluster.turns_to_claim.get();
        Box::pin(async move {
            tokio::task::yield_now().await;
            let claimed = cluster.claim(account, home);
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            claimed
        })
    }

    fn release(&self, account: AccountId, epoch: Epoch) {
        let mut owners = self.cluster.owners.borrow_mut();
        if owners.get(&account).is_some_and(|(_, current)| *current == epoch) {
            owners.remove(&account);
        }
    }

    fn locate(&self, account: AccountId) -> Option<Home> {
        let owner = self.cluster.owner(account).map(|(home, _)| home);
        owner.filter(|home| home.node != self.node)
    }

    fn deliver(&self, to: NodeId, envelope: Envelope) {
        let bytes = pack(&Contents::Envelope(envelope));
        self.cluster.send(self.node, to, Parcel { bytes, answer: None });
    }

    fn ask(
        &self,
        to: NodeId,
        question: Question,
    ) -> LocalBoxFuture<'static, Result<Answer, FabricError>> {
        let (answer, answered) = oneshot::channel();
        let bytes = pack(&Contents::Question(question));
        self.cluster.send(self.node, to, Parcel { bytes, answer: Some(answer) });
        Box::pin(async move { Ok(unpack(&answered.await.map_err(|_| FabricError::Gone)?)) })
    }

    fn nodes(&self) -> Vec<NodeId> {
        let inbound = self.cluster.inbound.borrow();
        inbound.keys().copied().filter(|node| *node != self.node).collect()
    }
}
