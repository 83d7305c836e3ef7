//! One node: its services and its connections, on one arbiter.

use crate::accounts::Accounts;
use crate::connection::{AdmissionError, Buffers, Connections, Link, Traces};
use crate::cookies::Cookies;
use crate::directory::{AccountRef, Directory};
use crate::dispatcher::Dispatcher;
use crate::end::{EndReason, Endings};
use crate::exclusions::Exclusions;
use crate::greeter::Greeter;
use crate::message::{Announce, Review};
use crate::notification::Session;
use crate::participant::Participant;
use crate::port::{Clock, Entropy, PeerInfo, Store, StoreError, Transport};
use crate::rate_limiter::RateLimiter;
use crate::referral::Referral;
use crate::registry::Registry;
use crate::settings::{Settings, SharedSettings};
use crate::throttle::Throttle;
use actix::{Actor, Addr};
use msnp::Server;
use std::cell::{Cell, OnceCell};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How often a node looks whether its services are there.
const LOOK: Duration = Duration::from_secs(1);

/// The services that the actors of a node share. There is one address of each service, and it is
/// not cloned for a message: a mailbox takes one message over its bound for each clone.
pub struct Node {
    settings: SharedSettings,
    /// Handles and friendly names.
    pub directory: Rc<Directory>,
    /// Who is shut out.
    pub exclusions: Rc<Exclusions>,
    /// The time of day.
    pub clock: Box<dyn Clock>,
    /// Unpredictable numbers.
    pub entropy: Rc<dyn Entropy>,
    /// All connections.
    pub connections: Connections,
    /// How connections have ended since the start.
    pub endings: Endings,
    /// Failed sign-ins.
    pub throttle: Rc<Throttle>,
    /// What each principal may do only so often.
    pub rates: RateLimiter,
    /// Their buffers.
    pub buffers: Buffers,
    /// Who is watched by an operator.
    pub traces: Traces,
    /// How many conversations there are.
    pub conversations: Cell<usize>,
    /// The store.
    pub accounts: Addr<Accounts>,
    /// Who is signed in.
    pub registry: Addr<Registry>,
    /// What lets principals into conversations.
    pub cookies: Addr<Cookies>,
    /// Which Notification Server is whose.
    pub dispatcher: Addr<Dispatcher>,
    /// Who greets new accounts, on a node whose principals sign in.
    greeter: OnceCell<Addr<Greeter>>,
    /// His account, once its mark was seen.
    pub(crate) greeting: Cell<Option<AccountRef>>,
}

impl Node {
    /// Starts the services on the current arbiter.
    ///
    /// # Errors
    /// [`StoreError`] if the accounts cannot be read.
    pub fn start(
        settings: Settings,
        store: Arc<dyn Store>,
        clock: Box<dyn Clock>,
        entropy: Rc<dyn Entropy>,
    ) -> Result<Rc<Node>, StoreError> {
        let settings = SharedSettings::new(settings);
        let directory = Rc::new(Directory::of(store.as_ref())?);
        let exclusions = Rc::new(Exclusions::of(store.as_ref())?);
        let registry = Registry::new(settings.clone(), directory.clone()).start();
        let dispatcher = Dispatcher::new(registry.clone()).start();
        if let Some(notification) = settings.get().notification {
            // The mailbox was made just now: it has room.
            let _ = dispatcher.try_send(Announce(notification));
        }
        let node = Rc::new(Node {
            accounts: Accounts::new(store, directory.clone(), exclusions.clone()).start(),
            cookies: Cookies::new(entropy.clone(), settings.clone()).start(),
            connections: Connections::new(settings.clone(), exclusions.clone()),
            buffers: Buffers::new(settings.clone()),
            endings: Endings::default(),
            traces: Traces::default(),
            conversations: Cell::new(0),
            greeting: Cell::new(None),
            throttle: Rc::new(Throttle::new(settings.clone())),
            rates: RateLimiter::default(),
            registry,
            dispatcher,
            directory,
            exclusions,
            clock,
            entropy,
            settings,
            greeter: OnceCell::new(),
        });
        let swept = node.clone();
        actix_rt::spawn(async move { swept.connections.sweep().await });
        let swept = node.clone();
        actix_rt::spawn(async move { swept.rates.sweep().await });
        let ended = node.clone();
        actix_rt::spawn(async move {
            loop {
                ended.directory.replaced().await;
                ended.connections.end_all(EndReason::Restored);
                ended.review_greeter();
            }
        });
        let swept = node.throttle.clone();
        actix_rt::spawn(async move { swept.sweep().await });
        Ok(node)
    }

    /// What the operator has set, now. It may change: it is read at each use and not kept.
    pub fn settings(&self) -> Rc<Settings> {
        self.settings.get()
    }

    /// From now on this is set. Nobody is ended for it: what there is more of than there may be
    /// from now on only grows no further. The Notification Server that the Dispatch Server refers
    /// to stays the one of the start.
    pub fn change_settings(&self, settings: Settings) {
        self.settings.set(settings);
        self.review_greeter();
    }

    /// Has the greeter sign in, now and whenever the settings say so.
    pub fn greet(self: &Rc<Node>) -> &Addr<Greeter> {
        self.greeter.get_or_init(|| Greeter::new(self.clone()).start())
    }

    /// Has him look whether he is right as he is.
    pub(crate) fn review_greeter(&self) {
        if let Some(greeter) = self.greeter.get() {
            // If he is overrun, he looks by himself.
            let _ = greeter.try_send(Review);
        }
    }

    /// Waits until one of the services is gone, which only a defect in it can bring about: without
    /// it nobody can sign in any more.
    pub async fn broken(&self) {
        let mut looks = tokio::time::interval(LOOK);
        while self.accounts.connected()
            && self.registry.connected()
            && self.cookies.connected()
            && self.dispatcher.connected()
        {
            looks.tick().await;
        }
    }

    /// Whether an address is denied that asks for a page; it is logged and counted then. Connections
    /// to the servers are looked at by [`Node::serve`].
    pub fn denies(&self, peer: IpAddr) -> bool {
        let is_denied = self.exclusions.denying(peer).is_some();
        if is_denied {
            self.connections.log_not_admitted(peer, AdmissionError::Denied);
            self.endings.count(EndReason::TurnedAway(AdmissionError::Denied));
        }
        is_denied
    }

    /// Serves a connection to a server of this kind.
    ///
    /// # Errors
    /// [`AdmissionError`] if it is not let in, which was logged and counted; the connection is dropped
    /// then. If it took the place of another one, that one is gone after its next turn: whoever
    /// accepts connections lets the others have theirs before he accepts more.
    pub fn serve(
        self: &Rc<Node>,
        server: Server,
        transport: Box<dyn Transport>,
        facts: PeerInfo,
    ) -> Result<(), AdmissionError> {
        let link = Link::new(self.clone(), server, transport, facts)?;
        match server {
            Server::Dispatch => drop(Referral::new(link).start()),
            Server::Notification => drop(Session::new(link).start()),
            Server::Switchboard => drop(Participant::new(link).start()),
        }
        Ok(())
    }
}
