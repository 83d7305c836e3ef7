//! Eight users, and what they do.

use crate::actions;
use crate::client::{Client, MOMENT};
use actors::limit::Limits;
use actors::port::PeerInfo;
use actors::port::store::{NewAccount, Password, Principal, Store};
use actors::{EndReason, Node, Settings};
use fastrand::Rng;
use msnp::auth::{Challenge, Digest};
use msnp::{Dialect, FriendlyName, Handle, ListVersion, Server};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The local parts of their handles.
pub(crate) const NAMES: [&str; 8] =
    ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];

/// How many unread bytes a connection holds.
const WIDE: usize = 64 * 1024;

/// The same for a client that will stop reading.
const NARROW: usize = 512;

const PROGRAM: &str = "msmsgs@msnmsgr.com";

/// A user and their connections.
struct Member {
    name: &'static str,
    /// The dialect of the client that they use most.
    usual: Dialect,
    /// The dialect of the client that they use now.
    dialect: Dialect,
    session: Option<Client>,
    conversations: Vec<Client>,
    /// The `RNG` lines that they have not answered yet.
    rings: Vec<String>,
}

/// All users, and their server.
pub(crate) struct Household {
    pub(crate) node: Rc<Node>,
    /// Each command and each error that any client received.
    pub(crate) received: BTreeSet<String>,
    rng: Rng,
    members: Vec<Member>,
    /// Connections that their users have abandoned. They stay until the server ends them.
    abandoned: Vec<Client>,
}

/// Low limits, and clients are challenged.
fn settings() -> Settings {
    let sample = crate::settings::settings();
    Settings {
        limits: Limits { per_address: 64, buffers: 64, ..sample.limits },
        challenge: true,
        conversation_idle: Some(Duration::from_secs(1200)),
        ..sample
    }
}

/// The last word of a line.
fn last(line: &str) -> &str {
    line.rsplit(' ').next().unwrap_or_default()
}

impl Household {
    /// Creates an account with the password `secret` for each user.
    pub(crate) fn new(store: Arc<dyn Store>) -> Household {
        for local in NAMES {
            let handle = Handle::new(&format!("{local}@example.com")).unwrap();
            let principal = Principal { handle, name: FriendlyName::new(local).unwrap() };
            let password = Password::new("secret").unwrap();
            let version = ListVersion::new(1_000_000).unwrap();
            store.create(&NewAccount { principal, password, version }).unwrap();
        }
        let began = Instant::now();
        let clock = move || 1_013_928_519 + began.elapsed().as_secs();
        let count = Cell::new(0);
        let entropy = move || {
            count.set(count.get() + 1);
            count.get()
        };
        let node = Node::start(settings(), store, Box::new(clock), Rc::new(entropy)).unwrap();
        let dialects = Dialect::ALL.into_iter().cycle();
        let members = NAMES.into_iter().zip(dialects).map(|(name, dialect)| Member {
            name,
            usual: dialect,
            dialect,
            session: None,
            conversations: Vec::new(),
            rings: Vec::new(),
        });
        let (rng, members) = (Rng::with_seed(1863), members.collect());
        Household { node, received: BTreeSet::new(), rng, members, abandoned: Vec::new() }
    }

    /// Fills the buffer pools: at the same time, more connections than the pools keep buffers have
    /// an unread and an unwritten one.
    pub(crate) async fn fill_the_pools(&mut self) {
        let room = 8;
        for number in 0..20 {
            let mut client = self.connect(number % NAMES.len(), Server::Notification, room);
            for words in b"VER 1 MSNP2\r\nUSR".chunks(room) {
                client.write_raw(words);
                sleep(MOMENT).await;
            }
            self.abandoned.push(client);
        }
        assert_eq!(self.node.buffers.in_use(), (20, 20));
        self.abandoned = Vec::new();
        sleep(MOMENT).await;
    }

    /// The users do one thing after the other, sometimes with hours between them.
    pub(crate) async fn run_until(&mut self, end: Instant) {
        while Instant::now() < end {
            let pause = match self.rng.u32(..400) {
                0 => Duration::from_secs(3600),
                1..20 => Duration::from_secs(self.rng.u64(30..300)),
                _ => Duration::from_secs(self.rng.u64(..10)),
            };
            sleep(pause.min(end - Instant::now())).await;
            let who = self.rng.usize(..NAMES.len());
            self.act_once(who).await;
            // Sometimes the next one does not wait for the result.
            if self.rng.u32(..8) > 0 {
                sleep(MOMENT).await;
            }
            self.all_read().await;
        }
    }

    /// All users leave. Some send `OUT`.
    pub(crate) fn all_leave(&mut self) {
        for member in &mut self.members {
            let clients = member.session.take().into_iter();
            for mut client in clients.chain(std::mem::take(&mut member.conversations)) {
                if self.rng.bool() {
                    client.send("OUT");
                }
            }
            member.rings = Vec::new();
        }
        self.abandoned = Vec::new();
    }

    /// Opens a connection. Each user has their own address.
    fn connect(&mut self, who: usize, server: Server, room: usize) -> Client {
        let (near, far) = tokio::io::duplex(room);
        let peer = format!("192.168.2.{}", who + 1).parse().unwrap();
        let peer_info = PeerInfo::new("192.168.1.1".parse().unwrap(), peer);
        actors::serve(&self.node, server, Box::new(near), peer_info).unwrap();
        Client::new(server, far)
    }

    async fn act_once(&mut self, who: usize) {
        if self.members[who].session.is_none() {
            return match self.rng.u32(..12) {
                0 => self.fail_to_sign_in(who).await,
                1 => self.connect_half_way(who).await,
                _ => self.sign_in(who, "secret").await,
            };
        }
        match self.rng.u32(..100) {
            0 => self.sign_in(who, "secret").await,
            1..4 => self.leave(who),
            4 => self.fail_to_sign_in(who).await,
            5 => self.connect_half_way(who).await,
            6 if self.rng.bool() => {
                let account = self.node.directory.find(&self.handle(who)).unwrap();
                self.node.connections.end(account, EndReason::Kicked);
            }
            7 => self.stop_reading(who).await,
            8..23 => self.start_conversation(who).await,
            23..55 => self.talk(who),
            55..65 => self.leave_conversation(who),
            65 => {
                let line = actions::wrong(&mut self.rng);
                self.send(who, line);
            }
            _ => {
                let Member { dialect, name, .. } = self.members[who];
                let line = actions::line(&mut self.rng, dialect, name);
                self.send(who, &line);
            }
        }
    }

    fn handle(&self, who: usize) -> Handle {
        Handle::new(&format!("{}@example.com", self.members[who].name)).unwrap()
    }

    /// Sends a line on a user's session, sometimes as its last.
    fn send(&mut self, who: usize, line: &str) {
        let member = &mut self.members[who];
        let Some(session) = &mut member.session else { return };
        session.send(line);
        if self.rng.u32(..40) == 0 {
            member.session = None;
        }
    }

    /// Signs in, with or without a referral. A user who is signed in already replaces their own
    /// session.
    async fn sign_in(&mut self, who: usize, password: &str) {
        let Member { name, usual, .. } = self.members[who];
        let dialect = if self.rng.bool() { usual } else { Dialect::Msnp7 };
        if self.rng.bool() {
            let mut referred = self.connect(who, Server::Dispatch, WIDE);
            referred.request(&format!("VER # {dialect} CVR0")).await;
            referred.request(&format!("USR # MD5 I {name}@example.com")).await;
            if self.rng.bool() {
                self.abandoned.push(referred);
            }
        }
        let room = if self.rng.u32(..10) == 0 { NARROW } else { WIDE };
        let mut client = self.connect(who, Server::Notification, room);
        client.request(&format!("VER # {dialect} CVR0")).await;
        let received = client.request(&format!("USR # MD5 I {name}@example.com")).await;
        let challenge = received.first().and_then(|line| Challenge::parse(last(line).as_bytes()));
        let Some(challenge) = challenge else { return };
        let proof = format!("USR # MD5 S {}", Digest::of(&challenge, password.as_bytes()).text());
        if self.rng.u32(..20) == 0 {
            // The client is gone before the store has checked the proof.
            return client.send(&proof);
        }
        let received = client.request(&proof).await;
        if !received.iter().any(|line| line.contains(" OK ")) {
            return;
        }
        client.send("SYN # 0");
        client.send("CHG # NLN");
        self.members[who].dialect = dialect;
        let old = self.members[who].session.replace(client);
        self.abandoned.extend(old.filter(|_| self.rng.bool()));
    }

    async fn fail_to_sign_in(&mut self, who: usize) {
        // A user who does not remember the password tries again.
        let times = if self.rng.u32(..8) == 0 { 12 } else { 1 };
        for _ in 0..times {
            self.sign_in(who, "wrong").await;
        }
    }

    /// Opens a connection that does not complete the handshake, and stays.
    async fn connect_half_way(&mut self, who: usize) {
        let servers = [Server::Dispatch, Server::Notification, Server::Switchboard];
        let server = servers[self.rng.usize(..3)];
        let mut client = self.connect(who, server, WIDE);
        match self.rng.u32(..5) {
            0 => client.send("VER # MSNP7 MSNP6 MSNP5 MSNP4 MSNP3 MSNP2 CVR0"),
            1 => client.write_raw(b"USR 1 MD5 I al"),
            2 => client.write_raw(&[b'x'; 3000]),
            3 => client.send("ANS # alice@example.com 1.2 3"),
            _ => {}
        }
        self.abandoned.push(client);
    }

    /// Sends `OUT`, or drops the transport.
    fn leave(&mut self, who: usize) {
        let Some(mut session) = self.members[who].session.take() else { return };
        if self.rng.bool() {
            session.send("OUT");
        }
    }

    /// Sends more queries than it reads replies. With narrow connections the server notices.
    async fn stop_reading(&mut self, who: usize) {
        let member = &mut self.members[who];
        let Some(mut session) = member.session.take() else { return };
        session.deaf = true;
        for _ in 0..40 {
            session.send("SYN # 0");
            sleep(MOMENT).await;
        }
        if self.rng.bool() {
            self.abandoned.push(session);
        } else {
            member.session = Some(session);
        }
    }

    /// Requests a switchboard and calls some of the others. Sometimes the client does not connect
    /// to it.
    async fn start_conversation(&mut self, who: usize) {
        let Some(session) = &mut self.members[who].session else { return };
        let received = session.request("XFR # SB").await;
        self.react_to(who, received).await;
    }

    /// Connects to a switchboard. Some clients do not read what they receive there.
    fn connect_to_switchboard(&mut self, who: usize) -> Client {
        let deaf = self.rng.u32(..6) == 0;
        let mut client = self.connect(who, Server::Switchboard, if deaf { NARROW } else { WIDE });
        client.deaf = deaf;
        client
    }

    async fn enter(&mut self, who: usize, cookie: &str) {
        let name = self.members[who].name;
        let mut client = self.connect_to_switchboard(who);
        client.request(&format!("USR # {name}@example.com {cookie}")).await;
        for _ in 0..self.rng.u32(..4) {
            let callee = NAMES[self.rng.usize(..NAMES.len())];
            client.send(&format!("CAL # {callee}@example.com"));
        }
        if self.rng.u32(..12) > 0 {
            self.members[who].conversations.push(client);
        }
    }

    /// Sends a message in one of the user's conversations, sometimes as the last.
    fn talk(&mut self, who: usize) {
        let member = &mut self.members[who];
        if member.conversations.is_empty() {
            return;
        }
        let which = self.rng.usize(..member.conversations.len());
        let client = &mut member.conversations[which];
        let kind = ["U", "N", "A"][self.rng.usize(..3)];
        let text = "x".repeat(self.rng.usize(1..400));
        let payload = format!("MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n{text}");
        let much = self.rng.u32(..4) == 0;
        for _ in 0..if much { 100 } else { self.rng.u32(1..6) } {
            client.send_with_payload(&format!("MSG # {kind}"), &payload);
        }
        if self.rng.u32(..60) == 0 {
            member.conversations.swap_remove(which);
        }
    }

    /// Sends `OUT` or `BYE`, or drops the transport.
    fn leave_conversation(&mut self, who: usize) {
        let Some(mut client) = self.members[who].conversations.pop() else { return };
        match self.rng.u32(..3) {
            0 => client.send("OUT"),
            1 => client.send(&format!("BYE {}@example.com", self.members[who].name)),
            _ => return,
        }
        if self.rng.bool() {
            self.abandoned.push(client);
        }
    }

    /// All clients read what has arrived, and answer it.
    async fn all_read(&mut self) {
        for who in 0..NAMES.len() {
            let member = &mut self.members[who];
            let received = member.session.as_mut().map(Client::receive).unwrap_or_default();
            if member.session.as_ref().is_some_and(|session| session.ended) {
                member.session = None;
            }
            let conversations = &mut member.conversations;
            let lines: Vec<_> = conversations.iter_mut().flat_map(Client::receive).collect();
            conversations.retain(|client| !client.ended);
            self.note(&lines);
            self.react_to(who, received).await;
            if self.rng.u32(..20) == 0
                && let Some(ring) = self.members[who].rings.pop()
            {
                // Late, and perhaps too late.
                self.answer(who, &ring).await;
            }
        }
        for client in &mut self.abandoned {
            client.receive();
        }
        self.abandoned.retain(|client| !client.ended);
    }

    fn note(&mut self, received: &[String]) {
        for line in received {
            let command = line.split(' ').next().unwrap_or_default();
            if !self.received.contains(command) {
                self.received.insert(command.to_owned());
            }
        }
    }

    async fn react_to(&mut self, who: usize, received: Vec<String>) {
        self.note(&received);
        for line in received {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["XFR", _, "SB", _, _, cookie] if self.rng.u32(..6) > 0 => {
                    self.enter(who, cookie).await;
                }
                ["RNG", ..] if self.rng.u32(..3) > 0 => self.answer(who, &line).await,
                ["RNG", ..] => {
                    self.members[who].rings.truncate(3);
                    self.members[who].rings.insert(0, line);
                }
                ["CHL", _, challenge] => self.answer_program_challenge(who, challenge),
                _ => {}
            }
        }
    }

    async fn answer(&mut self, who: usize, ring: &str) {
        let words: Vec<&str> = ring.split(' ').collect();
        let ["RNG", session, _, "CKI", cookie, ..] = words[..] else { return };
        let name = self.members[who].name;
        let mut client = self.connect_to_switchboard(who);
        client.send(&format!("ANS # {name}@example.com {cookie} {session}"));
        if self.rng.u32(..12) > 0 {
            self.members[who].conversations.push(client);
        }
    }

    /// Answers the challenge: correctly, incorrectly or not at all.
    fn answer_program_challenge(&mut self, who: usize, challenge: &str) {
        let challenge = Challenge::parse(challenge.as_bytes()).unwrap();
        let digest = Digest::of_client(&challenge, PROGRAM).unwrap().text();
        let digest = match self.rng.u32(..10) {
            0 => return,
            1 => "0".repeat(32),
            _ => digest.as_str().to_owned(),
        };
        if let Some(session) = &mut self.members[who].session {
            session.send_with_payload(&format!("QRY # {PROGRAM}"), &digest);
        }
    }
}
