//! A node with accounts.

use super::settings::settings;
use super::wire::{Torn, Wire, Writes};
use super::{Gate, Heard, Probe, handle, name, run};
use actix::{Actor, Addr, Handler};
use actors::connection::{AdmissionError, ConnectionActor, ConnectionId, FromClient, Link};
use actors::message::{Observe, RegistryState};
use actors::notification::Session;
use actors::participant::Participant;
use actors::port::PeerInfo;
use actors::port::store::{AccountId, Change, Detail, NewAccount, Password, Principal, Store};
use actors::referral::Referral;
use actors::{AccountRef, Node, Settings};
use msnp::auth::{Challenge, Digest};
use msnp::command::{UsrReply, XfrReply};
use msnp::{Cookie, Dialect, Event, List, ListVersion, Server};
use std::cell::Cell;
use std::collections::HashMap;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::DuplexStream;
use tokio::time::Instant;

/// The first list version of every account.
pub(crate) const VERSION: u32 = 66_000_000;

/// When the node starts, in seconds since 1970.
pub(crate) const STARTED: u64 = 1_013_928_519;

/// Where connections come from.
pub(crate) const PEER: &str = "192.168.2.9";

/// How long the profile may take.
const PROFILE: Duration = Duration::from_millis(250);

/// How many bytes a connection holds that its reader does not take.
const WIDE: usize = 64 * 1024;

/// What a node is to be like.
pub(crate) struct Plan {
    pub(crate) settings: Settings,
    store: Arc<Gate>,
    accounts: HashMap<String, AccountId>,
}

impl Plan {
    /// Alice, Bob, Carol and Dave, whose lists are empty.
    fn new() -> Plan {
        let (settings, store) = (settings(), Arc::new(Gate::new()));
        let mut plan = Plan { settings, store, accounts: HashMap::new() };
        for (local, friendly) in
            [("alice", "Alice"), ("bob", "Bob B."), ("carol", "Carol"), ("dave", "Dave")]
        {
            plan.account(local, friendly);
        }
        plan
    }

    /// One more account, of the password `secret`.
    pub(crate) fn account(&mut self, local: &str, friendly: &str) {
        let principal = Principal { handle: handle(local), name: name(friendly) };
        let password = Password::new("secret").unwrap();
        let version = ListVersion::new(VERSION).unwrap();
        let id = self.store.create(&NewAccount { principal, password, version }).unwrap();
        self.accounts.insert(local.to_owned(), id);
    }

    /// Puts somebody on a list, without telling anybody; it counts as a change.
    pub(crate) fn list(&self, owner: &str, list: List, contact: &str) {
        let contact = self.accounts[contact];
        let change = Change::Add { list, contact, name: None, limit: 600, group: None };
        self.store.change(&[(self.accounts[owner], change)]).unwrap()[0].as_ref().unwrap();
    }

    /// Each of these has the others on the forward list.
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
    /// Whether whoever asks for the time or for entropy panics.
    pub(crate) broken: Rc<Cell<bool>>,
    /// What every transport panics at.
    pub(crate) torn: Rc<Cell<Option<Torn>>>,
    /// How many reads of all transports ended inside a command.
    pub(crate) inside: Rc<Cell<usize>>,
}

impl World {
    /// Plays on a node with the four accounts and the usual settings.
    pub(crate) fn run<F: Future<Output = ()>>(play: impl FnOnce(World) -> F) {
        World::run_with(|_| {}, play);
    }

    /// Plays on another node.
    pub(crate) fn run_with<F: Future<Output = ()>>(
        change: impl FnOnce(&mut Plan),
        play: impl FnOnce(World) -> F,
    ) {
        let mut plan = Plan::new();
        change(&mut plan);
        run(async { play(World::start(plan)).await });
    }

    fn start(plan: Plan) -> World {
        let Plan { settings, store, accounts: _ } = plan;
        let began = Instant::now();
        let broken = Rc::new(Cell::new(false));
        let works = |broken: &Rc<Cell<bool>>| {
            let broken = broken.clone();
            move || assert!(!broken.get(), "on purpose")
        };
        let (works, works_too) = (works(&broken), works(&broken));
        let clock = move || {
            works();
            STARTED + began.elapsed().as_secs()
        };
        let count = Cell::new(0);
        let entropy = move || {
            works_too();
            count.set(count.get() + 1);
            count.get()
        };
        let node = Node::start(settings, store.clone(), Box::new(clock), Rc::new(entropy));
        World { node: node.unwrap(), store, broken, torn: Rc::default(), inside: Rc::default() }
    }

    pub(crate) fn account(&self, local: &str) -> AccountId {
        self.node.directory.find(&handle(local)).unwrap()
    }

    pub(crate) fn known(&self, local: &str) -> AccountRef {
        self.node.directory.find_ref(&handle(local)).unwrap()
    }

    pub(crate) fn version(&self, local: &str) -> u32 {
        self.store.roster(self.account(local), Detail::Numbers).unwrap().version.value()
    }

    /// Who is signed in.
    pub(crate) async fn registry(&self) -> RegistryState {
        self.node.registry.send(Observe::default()).await.unwrap()
    }

    /// A link over a pair of streams that hold so many bytes.
    fn link(
        &self,
        server: Server,
        room: usize,
        (local, peer): (&str, &str),
    ) -> Result<(Link, DuplexStream, Writes), AdmissionError> {
        let (near, far) = tokio::io::duplex(room);
        let (wire, writes) = Wire::new(near, self.torn.clone(), self.inside.clone());
        let facts = PeerInfo::new(local.parse().unwrap(), peer.parse().unwrap());
        Ok((Link::new(self.node.clone(), server, Box::new(wire), facts)?, far, writes))
    }

    /// A new connection, to an actor that is started so.
    pub(crate) fn connect<C: ConnectionActor + Handler<FromClient>>(
        &self,
        room: usize,
        local: &str,
        start: impl FnOnce(Link) -> Addr<C>,
    ) -> Result<Probe<C>, AdmissionError> {
        self.connect_from(PEER, room, local, start)
    }

    /// A new connection from this address.
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

    /// A new connection to the Dispatch Server.
    pub(crate) fn dispatch(&self) -> Probe<Referral> {
        self.connect(WIDE, "192.0.2.1", |link| Referral::new(link).start()).unwrap()
    }

    /// A new connection to the Notification Server.
    pub(crate) fn notification(&self) -> Probe<Session> {
        self.narrow(WIDE)
    }

    /// One that holds only so many bytes for a client that does not read.
    pub(crate) fn narrow(&self, room: usize) -> Probe<Session> {
        self.connect(room, "192.0.2.1", |link| Session::new(link).start()).unwrap()
    }

    /// A new connection to the switchboard.
    pub(crate) fn switchboard(&self) -> Probe<Participant> {
        self.narrow_switchboard(WIDE)
    }

    pub(crate) fn narrow_switchboard(&self, room: usize) -> Probe<Participant> {
        self.connect(room, "192.0.2.1", |link| Participant::new(link).start()).unwrap()
    }

    /// Somebody signs in and says nothing more.
    pub(crate) async fn signed_in(&self, local: &str) -> Probe<Session> {
        let mut probe = self.notification();
        probe.signs_in(local).await;
        probe
    }

    /// Somebody signs in and is online; the answer to his `CHG` was heard.
    pub(crate) async fn online(&self, local: &str) -> Probe<Session> {
        let mut probe = self.notification();
        probe.comes_online(local).await;
        probe
    }

    /// Somebody whose client speaks this dialect signs in and says nothing more.
    pub(crate) async fn signed_in_with(&self, local: &str, dialect: Dialect) -> Probe<Session> {
        let mut probe = self.notification();
        probe.agrees_on(dialect).await;
        probe.signs_in(local).await;
        probe
    }

    /// Somebody whose client speaks this dialect is online; the answer to his `CHG` was heard.
    pub(crate) async fn online_with(&self, local: &str, dialect: Dialect) -> Probe<Session> {
        let mut probe = self.signed_in_with(local, dialect).await;
        probe.shows_himself().await;
        probe
    }

    /// Somebody who is online starts a conversation and is alone in it.
    pub(crate) async fn conversation(
        &self,
        local: &str,
        session: &mut Probe<Session>,
    ) -> Probe<Participant> {
        let cookie = session.asks_for_a_switchboard().await;
        let mut probe = self.switchboard();
        probe.dialect = session.dialect;
        probe.says(&format!("USR 1 {local}@example.com {}", cookie.as_str())).await;
        let welcome = probe.hears_event().await;
        assert!(matches!(welcome, Event::Usr(UsrReply::Ok { .. })), "{welcome:?}");
        probe
    }
}

impl Probe<Session> {
    /// Gets a challenge.
    pub(crate) async fn is_challenged(&mut self, trid: u32, local: &str) -> Challenge {
        self.says(&format!("USR {trid} MD5 I {local}@example.com")).await;
        match self.hears_event().await {
            Event::Usr(UsrReply::Challenge { challenge, .. }) => challenge,
            other => panic!("a challenge is expected, not {}", self.text(&other)),
        }
    }

    /// Answers a challenge.
    pub(crate) async fn answers(&mut self, trid: u32, challenge: &Challenge, password: &str) {
        let digest = Digest::of(challenge, password.as_bytes()).text();
        self.says(&format!("USR {trid} MD5 S {digest}")).await;
    }

    pub(crate) async fn signs_in(&mut self, local: &str) {
        let challenge = self.is_challenged(6, local).await;
        self.answers(7, &challenge, "secret").await;
        let welcome = self.hears_event().await;
        assert!(matches!(welcome, Event::Usr(UsrReply::Ok { .. })), "{welcome:?}");
    }

    pub(crate) async fn comes_online(&mut self, local: &str) {
        self.signs_in(local).await;
        self.shows_himself().await;
    }

    /// Is online from now on.
    async fn shows_himself(&mut self) {
        self.says("CHG 9 NLN").await;
        self.hears("CHG 9 NLN").await;
        self.hears_the_profile().await;
    }

    /// Gets the cookie for a new conversation.
    pub(crate) async fn asks_for_a_switchboard(&mut self) -> Cookie {
        self.says("XFR 30 SB").await;
        match self.hears_event().await {
            Event::Xfr(XfrReply::Switchboard { cookie, .. }) => cookie,
            other => panic!("a switchboard is expected, not {}", self.text(&other)),
        }
    }

    /// Hears sightings, if any, then the profile.
    pub(crate) async fn hears_the_profile(&mut self) {
        loop {
            match self.next_within(PROFILE).await {
                Heard::Event(Event::Iln(_)) => {}
                Heard::Event(Event::Msg(_)) => return,
                Heard::Event(other) => {
                    panic!("the profile is expected, not {}", self.text(&other));
                }
                other => panic!("the profile is expected, not {other:?}"),
            }
        }
    }
}
