//! A node with accounts.

use super::settings::settings;
use super::wire::{PanicAt, Wire, Writes};
use super::{Cluster, Gate, Probe, Received, handle, name, run};
use actix::{Addr, Handler};
use actors::connection::{AdmissionError, ConnectionActor, ConnectionId, FromClient, Link, start};
use actors::greeter::Greeter;
use actors::message::{Observe, RegistryState};
use actors::notification::Session;
use actors::participant::Participant;
use actors::port::store::{AccountId, Change, Detail, NewAccount, Password, Principal, Store};
use actors::port::{Fabric, PeerInfo, Solo};
use actors::referral::Referral;
use actors::{AccountRef, Advertised, Node, Settings};
use msnp::auth::{Challenge, Digest};
use msnp::command::{UsrReply, XfrReply};
use msnp::{Cookie, Dialect, Endpoint, Event, List, ListVersion, Server};
use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddrV4;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::DuplexStream;
use tokio::time::Instant;

/// The first list version of every account.
pub(crate) const VERSION: u32 = 66_000_000;

/// The start time of the node, in seconds since 1970.
pub(crate) const STARTED: u64 = 1_013_928_519;

/// The address that connections come from.
pub(crate) const PEER: &str = "192.168.2.9";

/// The time in which the profile must come.
const PROFILE: Duration = Duration::from_millis(250);

/// How many unread bytes a connection holds.
const WIDE: usize = 64 * 1024;

/// The settings and accounts of a node that is not yet started.
pub(crate) struct Plan {
    pub(crate) settings: Settings,
    store: Arc<Gate>,
    accounts: HashMap<String, AccountId>,
}

impl Plan {
    /// Returns a plan with Alice, Bob, Carol and Dave, whose lists are empty.
    fn new() -> Plan {
        let (settings, store) = (settings(), Arc::new(Gate::new()));
        let mut plan = Plan { settings, store, accounts: HashMap::new() };
        for (local, friendly) in
            [("alice", "Alice"), ("bob", "Bob B."), ("carol", "Carol"), ("dave", "Dave")]
        {
            plan.add_account(local, friendly);
        }
        plan
    }

    /// Adds an account with the password `secret`.
    pub(crate) fn add_account(&mut self, local: &str, friendly: &str) {
        let principal = Principal { handle: handle(local), name: name(friendly) };
        let password = Password::new("secret").unwrap();
        let version = ListVersion::new(VERSION).unwrap();
        let id = self.store.create(&NewAccount { principal, password, version }).unwrap();
        self.accounts.insert(local.to_owned(), id);
    }

    /// Puts a contact on a list and notifies no one. It increments the list version.
    pub(crate) fn list(&self, owner: &str, list: List, contact: &str) {
        let contact = self.accounts[contact];
        let change = Change::Add { list, contact, name: None, limit: 600, group: None };
        self.store.change(&[(self.accounts[owner], change)]).unwrap()[0].as_ref().unwrap();
    }

    /// Puts each of these accounts on the forward lists of the others.
    pub(crate) fn friends(&self, names: &[&str]) {
        for owner in names {
            for contact in names.iter().filter(|contact| *contact != owner) {
                self.list(owner, List::Forward, contact);
            }
        }
    }
}

/// A running node.
pub(crate) struct World {
    pub(crate) node: Rc<Node>,
    pub(crate) store: Arc<Gate>,
    /// Whether the clock and the source of entropy panic.
    pub(crate) broken: Rc<Cell<bool>>,
    /// The operation at which the next transport panics, once.
    pub(crate) panic_at: Rc<Cell<Option<PanicAt>>>,
    /// The number of reads that ended inside a command, over all transports.
    pub(crate) partial_reads: Rc<Cell<usize>>,
    greeter: OnceCell<Addr<Greeter>>,
}

impl World {
    /// Runs a test on a node with the four accounts and the default settings.
    pub(crate) fn run<F: Future<Output = ()>>(test: impl FnOnce(World) -> F) {
        World::run_with(|_| {}, test);
    }

    /// Runs a test on a node with a changed plan.
    pub(crate) fn run_with<F: Future<Output = ()>>(
        change: impl FnOnce(&mut Plan),
        test: impl FnOnce(World) -> F,
    ) {
        let mut plan = Plan::new();
        change(&mut plan);
        run(async { test(World::start(plan)).await });
    }

    /// Runs a test on two nodes with the same accounts, which send each other what crosses between
    /// them as bytes.
    pub(crate) fn run_two<F: Future<Output = ()>>(
        change: impl FnOnce(&mut Plan),
        test: impl FnOnce([World; 2], Rc<Cluster>) -> F,
    ) {
        let mut plan = Plan::new();
        change(&mut plan);
        run(async {
            let cluster = Cluster::new();
            let start = |number: u8| {
                let mut settings = plan.settings.clone();
                let address = SocketAddrV4::new([192, 0, 2, 1 + number].into(), 1865);
                settings.switchboard = Some(Advertised::At(Endpoint(address)));
                // The nodes make different numbers and cookies.
                let first = u128::from(number) << 20;
                World::start_in(cluster.add_node(number), settings, plan.store.clone(), first)
            };
            let worlds = [start(0), start(1)];
            test(worlds, cluster).await;
        });
    }

    fn start(plan: Plan) -> World {
        World::start_in(Rc::new(Solo::default()), plan.settings, plan.store, 0)
    }

    /// Starts a node. Its source of entropy counts, from `first` on.
    fn start_in(
        fabric: Rc<dyn Fabric>,
        settings: Settings,
        store: Arc<Gate>,
        first: u128,
    ) -> World {
        let began = Instant::now();
        let broken = Rc::new(Cell::new(false));
        let panic_if = |broken: &Rc<Cell<bool>>| {
            let broken = broken.clone();
            move || assert!(!broken.get(), "on purpose")
        };
        let (check_clock, check_entropy) = (panic_if(&broken), panic_if(&broken));
        let clock = move || {
            check_clock();
            STARTED + began.elapsed().as_secs()
        };
        let count = Cell::new(first);
        let entropy = move || {
            check_entropy();
            count.set(count.get() + 1);
            count.get()
        };
        let (clock, entropy) = (Box::new(clock), Rc::new(entropy));
        let node = Node::start_in(fabric, settings, store.clone(), clock, entropy);
        World {
            node: node.unwrap(),
            store,
            broken,
            panic_at: Rc::default(),
            partial_reads: Rc::default(),
            greeter: OnceCell::new(),
        }
    }

    /// Returns the greeter, and starts it if it does not run.
    pub(crate) fn greeter(&self) -> &Addr<Greeter> {
        self.greeter.get_or_init(|| Greeter::start_on(&self.node))
    }

    pub(crate) fn account(&self, local: &str) -> AccountId {
        self.node.directory.find(&handle(local)).unwrap()
    }

    pub(crate) fn account_ref(&self, local: &str) -> AccountRef {
        self.node.directory.find_ref(&handle(local)).unwrap()
    }

    pub(crate) fn version(&self, local: &str) -> u32 {
        self.store.roster(self.account(local), Detail::Numbers).unwrap().version.value()
    }

    /// Returns the state of the registry, with the principals who are signed in.
    pub(crate) async fn registry(&self) -> RegistryState {
        self.node.registry.send(Observe::default()).await.unwrap()
    }

    /// Returns a link over a pair of streams that hold `room` bytes each.
    fn link(
        &self,
        server: Server,
        room: usize,
        (local, peer): (&str, &str),
    ) -> Result<(Link, DuplexStream, Writes), AdmissionError> {
        let (near, far) = tokio::io::duplex(room);
        let (wire, writes) = Wire::new(near, self.panic_at.clone(), self.partial_reads.clone());
        let peer_info = PeerInfo::new(local.parse().unwrap(), peer.parse().unwrap());
        Ok((Link::new(self.node.clone(), server, Box::new(wire), peer_info)?, far, writes))
    }

    /// Opens a connection to the actor that `start` starts.
    pub(crate) fn connect<C: ConnectionActor + Handler<FromClient>>(
        &self,
        room: usize,
        local: &str,
        start: impl FnOnce(Link) -> Addr<C>,
    ) -> Result<Probe<C>, AdmissionError> {
        self.connect_from(PEER, room, local, start)
    }

    /// Opens a connection from this address.
    pub(crate) fn connect_from<C: ConnectionActor + Handler<FromClient>>(
        &self,
        peer: &str,
        room: usize,
        local: &str,
        start: impl FnOnce(Link) -> Addr<C>,
    ) -> Result<Probe<C>, AdmissionError> {
        let (link, far, writes) = self.link(C::SERVER, room, (local, peer))?;
        let id: ConnectionId = link.id();
        Ok(Probe::new(start(link), id, far, writes))
    }

    /// Opens a connection to the Dispatch Server.
    pub(crate) fn dispatch(&self) -> Probe<Referral> {
        self.connect(WIDE, "192.0.2.1", |link| start(Referral::new(link))).unwrap()
    }

    /// Opens a connection to the Notification Server.
    pub(crate) fn notification(&self) -> Probe<Session> {
        self.narrow(WIDE)
    }

    /// Opens a connection to the Notification Server that holds `room` unread bytes.
    pub(crate) fn narrow(&self, room: usize) -> Probe<Session> {
        let mut notices = None;
        let probe = self.connect(room, "192.0.2.1", |link| {
            let session = Session::new(link);
            notices = Some(session.inbox());
            start(session)
        });
        probe.unwrap().with_notices(notices)
    }

    /// Opens a connection to the switchboard.
    pub(crate) fn switchboard(&self) -> Probe<Participant> {
        self.narrow_switchboard(WIDE)
    }

    pub(crate) fn narrow_switchboard(&self, room: usize) -> Probe<Participant> {
        let mut deliveries = None;
        let probe = self.connect(room, "192.0.2.1", |link| {
            let participant = Participant::new(link);
            deliveries = Some(participant.inbox());
            start(participant)
        });
        probe.unwrap().with_deliveries(deliveries)
    }

    /// Signs a principal in, without a presence.
    pub(crate) async fn signed_in(&self, local: &str) -> Probe<Session> {
        let mut probe = self.notification();
        probe.sign_in(local).await;
        probe
    }

    /// Signs a principal in and sets the state to online. The answer to the `CHG` is read.
    pub(crate) async fn online(&self, local: &str) -> Probe<Session> {
        let mut probe = self.notification();
        probe.come_online(local).await;
        probe
    }

    /// Signs a principal in with this dialect, without a presence.
    pub(crate) async fn signed_in_with(&self, local: &str, dialect: Dialect) -> Probe<Session> {
        let mut probe = self.notification();
        probe.negotiate(dialect).await;
        probe.sign_in(local).await;
        probe
    }

    /// Signs a principal in with this dialect and sets the state to online. The answer to the `CHG`
    /// is read.
    pub(crate) async fn online_with(&self, local: &str, dialect: Dialect) -> Probe<Session> {
        let mut probe = self.signed_in_with(local, dialect).await;
        probe.set_online().await;
        probe
    }

    /// Starts a conversation for a principal who is online. No one else is in it.
    pub(crate) async fn conversation(
        &self,
        local: &str,
        session: &mut Probe<Session>,
    ) -> Probe<Participant> {
        let cookie = session.request_switchboard().await;
        let mut probe = self.switchboard();
        probe.dialect = session.dialect;
        probe.send(&format!("USR 1 {local}@example.com {}", cookie.as_str())).await;
        let welcome = probe.next_event().await;
        assert!(matches!(welcome, Event::Usr(UsrReply::Ok { .. })), "{welcome:?}");
        probe
    }
}

impl Probe<Session> {
    /// Starts a login and returns the challenge.
    pub(crate) async fn request_challenge(&mut self, trid: u32, local: &str) -> Challenge {
        self.send(&format!("USR {trid} MD5 I {local}@example.com")).await;
        match self.next_event().await {
            Event::Usr(UsrReply::Challenge { challenge, .. }) => challenge,
            other => panic!("a challenge is expected, not {}", self.text(&other)),
        }
    }

    /// Answers a challenge.
    pub(crate) async fn answer_challenge(
        &mut self,
        trid: u32,
        challenge: &Challenge,
        password: &str,
    ) {
        let digest = Digest::of(challenge, password.as_bytes()).text();
        self.send(&format!("USR {trid} MD5 S {digest}")).await;
    }

    pub(crate) async fn sign_in(&mut self, local: &str) {
        let challenge = self.request_challenge(6, local).await;
        self.answer_challenge(7, &challenge, "secret").await;
        let welcome = self.next_event().await;
        assert!(matches!(welcome, Event::Usr(UsrReply::Ok { .. })), "{welcome:?}");
    }

    pub(crate) async fn come_online(&mut self, local: &str) {
        self.sign_in(local).await;
        self.set_online().await;
    }

    /// Sets the state to online.
    async fn set_online(&mut self) {
        self.send("CHG 9 NLN").await;
        self.expect("CHG 9 NLN").await;
        self.expect_profile().await;
    }

    /// Asks for a new conversation and returns its cookie.
    pub(crate) async fn request_switchboard(&mut self) -> Cookie {
        self.send("XFR 30 SB").await;
        match self.next_event().await {
            Event::Xfr(XfrReply::Switchboard { cookie, .. }) => cookie,
            other => panic!("a switchboard is expected, not {}", self.text(&other)),
        }
    }

    /// Reads the states of contacts, if any, and then the profile.
    pub(crate) async fn expect_profile(&mut self) {
        loop {
            match self.next_within(PROFILE).await {
                Received::Event(Event::Iln(_)) => {}
                Received::Event(Event::Msg(_)) => return,
                Received::Event(other) => {
                    panic!("the profile is expected, not {}", self.text(&other));
                }
                other => panic!("the profile is expected, not {other:?}"),
            }
        }
    }
}
