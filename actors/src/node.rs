//! A node: its services and its connections, on one arbiter.

use crate::accounts::Accounts;
use crate::connection::{AdmissionError, Buffers, ConnectionId, Connections, Traces};
use crate::cookies::Cookies;
use crate::directory::{AccountRef, Directory};
use crate::dispatcher::Dispatcher;
use crate::end::{EndReason, Endings};
use crate::exclusions::Exclusions;
use crate::limit::rate_limiter::RateLimiter;
use crate::limit::throttle::Throttle;
use crate::message::{Announce, Review};
use crate::port::fabric::{NodeId, SessionRef};
use crate::port::{Clock, Entropy, Fabric, Solo, Store, StoreError};
use crate::registry::Registry;
use crate::settings::{HotSettings, Settings, SharedSettings};
use actix::{Actor, Addr, Recipient};
use std::cell::{Cell, OnceCell};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How often a node checks that its services are alive.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The services that the actors of a node share.
///
/// Messages to a service are sent through its [`Addr`] here, which is not cloned: for each clone,
/// the mailbox accepts one message beyond its capacity.
pub struct Node {
    id: NodeId,
    settings: SharedSettings,
    /// Handles and friendly names of all accounts.
    pub directory: Rc<Directory>,
    /// Disabled accounts and denied networks.
    pub exclusions: Rc<Exclusions>,
    pub clock: Box<dyn Clock>,
    /// The source of unpredictable numbers.
    pub entropy: Rc<dyn Entropy>,
    pub connections: Rc<Connections>,
    /// Counts of ended connections, by reason.
    pub endings: Endings,
    /// Limits failed sign-ins.
    pub throttle: Rc<Throttle>,
    /// Rate limits for each account.
    pub rate_limiter: RateLimiter,
    /// The buffer pools of the connections.
    pub buffers: Buffers,
    /// The running traces.
    pub traces: Traces,
    /// The number of conversations.
    pub conversations: Cell<usize>,
    /// Access to the store.
    pub accounts: Addr<Accounts>,
    /// Presence of the signed-in principals.
    pub registry: Addr<Registry>,
    /// Single-use tokens for conversations.
    pub cookies: Addr<Cookies>,
    /// Assigns clients to Notification Servers.
    pub dispatcher: Addr<Dispatcher>,
    /// The greeter, which reviews its state when the settings change.
    greeter: OnceCell<Recipient<Review>>,
    /// The greeter's account, once it has been found or created.
    pub(crate) greeter_account: Cell<Option<AccountRef>>,
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
        Node::start_in(Rc::new(Solo::default()), settings, store, clock, entropy)
    }

    /// Starts the services of a node of a cluster on the current arbiter.
    ///
    /// # Errors
    /// [`StoreError`] if the accounts cannot be read.
    pub fn start_in(
        fabric: Rc<dyn Fabric>,
        settings: Settings,
        store: Arc<dyn Store>,
        clock: Box<dyn Clock>,
        entropy: Rc<dyn Entropy>,
    ) -> Result<Rc<Node>, StoreError> {
        let id = fabric.node();
        let settings = SharedSettings::new(settings);
        let directory = Rc::new(Directory::of(store.as_ref())?);
        let exclusions = Rc::new(Exclusions::of(store.as_ref())?);
        let cookies = Cookies::new(entropy.clone(), settings.clone()).start();
        let connections = Rc::new(Connections::new(settings.clone(), exclusions.clone()));
        let registry = Registry::new(
            settings.clone(),
            directory.clone(),
            fabric,
            cookies.clone(),
            connections.clone(),
        );
        let registry = registry.start();
        let dispatcher = Dispatcher::new(registry.clone()).start();
        if let Some(notification) = settings.get().notification {
            // This cannot fail: the mailbox is new and empty.
            let _ = dispatcher.try_send(Announce(notification));
        }
        let node = Rc::new(Node {
            accounts: Accounts::new(store, directory.clone(), exclusions.clone()).start(),
            id,
            cookies,
            connections,
            buffers: Buffers::new(settings.clone()),
            endings: Endings::default(),
            traces: Traces::default(),
            conversations: Cell::new(0),
            greeter_account: Cell::new(None),
            throttle: Rc::new(Throttle::new(settings.clone())),
            rate_limiter: RateLimiter::default(),
            registry,
            dispatcher,
            directory,
            exclusions,
            clock,
            entropy,
            settings,
            greeter: OnceCell::new(),
        });
        let connections = node.connections.clone();
        actix_rt::spawn(async move { connections.sweep().await });
        let node_of_task = node.clone();
        actix_rt::spawn(async move { node_of_task.rate_limiter.sweep().await });
        let node_of_task = node.clone();
        actix_rt::spawn(async move {
            loop {
                node_of_task.directory.wait_for_stale_replacement().await;
                node_of_task.connections.end_all(EndReason::Restored);
                node_of_task.review_greeter();
            }
        });
        let throttle = node.throttle.clone();
        actix_rt::spawn(async move { throttle.sweep().await });
        Ok(node)
    }

    /// Returns the reference to a session of this node.
    pub fn session_ref(&self, number: ConnectionId) -> SessionRef {
        SessionRef { node: self.id, number }
    }

    /// Returns the current settings. They can change, so callers read them at each use.
    pub fn settings(&self) -> Rc<Settings> {
        self.settings.get()
    }

    /// Returns the current values of the settings that are read for each message.
    pub fn hot_settings(&self) -> HotSettings {
        self.settings.hot()
    }

    /// Changes the settings. No connection ends because of that: a list or a number that exceeds a
    /// new limit stays as it is, but grows no further. The Dispatch Server keeps referring to the
    /// Notification Server that was configured at the start.
    pub fn change_settings(&self, settings: Settings) {
        self.settings.set(settings);
        self.review_greeter();
    }

    /// Registers the greeter for reviews. A node has one greeter at most.
    pub(crate) fn set_greeter(&self, greeter: Recipient<Review>) {
        let _ = self.greeter.set(greeter);
    }

    /// Makes the greeter check its state against the settings.
    pub(crate) fn review_greeter(&self) {
        if let Some(greeter) = self.greeter.get() {
            // If the mailbox is full, the greeter checks by itself later.
            let _ = greeter.try_send(Review);
        }
    }

    /// Waits until one of the services has stopped: because of a defect, or because the store
    /// cannot be read again. Users cannot sign in without all of them.
    pub async fn service_stopped(&self) {
        let mut ticks = tokio::time::interval(CHECK_INTERVAL);
        while self.accounts.connected()
            && self.registry.connected()
            && self.cookies.connected()
            && self.dispatcher.connected()
        {
            ticks.tick().await;
        }
    }

    /// Returns whether the address of a web client is denied, and logs and counts it if so.
    /// [`serve`](crate::serve::serve) does the same for connections to the servers.
    pub fn denies(&self, peer: IpAddr) -> bool {
        let is_denied = self.exclusions.find_denied(peer).is_some();
        if is_denied {
            self.connections.log_not_admitted(peer, AdmissionError::Denied);
            self.endings.count(EndReason::TurnedAway(AdmissionError::Denied));
        }
        is_denied
    }
}
