//! Runs steps on a real node and on the model, and compares what the clients receive.

use super::plain::{END, Outcome, Plain};
use super::steps::{Action, Cached, LOGINS, Nodes, Setup, Step, Who, handle};
use super::view::{Truth, View};
use crate::support::{Invitation, Plan, Probe, World, invitation, pass, seconds};
use actors::notification::Session;
use actors::participant::Participant;
use msnp::command::XfrReply;
use msnp::{Dialect, Event};
use std::time::Duration;
use tokio::time::Instant;

/// The time between steps: no user sends more than ten lines a second.
pub(crate) const PACE: Duration = Duration::from_millis(100);

/// How long a connection is quiet before the profile.
pub(super) const QUIET: Duration = Duration::from_millis(250);

/// How many lines before a failure are shown.
const SHOWN: usize = 60;

/// One node or two with four clients, and the model of it.
pub(crate) struct Runner {
    worlds: Vec<World>,
    nodes: Nodes,
    pub(crate) plain: Plain,
    pub(crate) sessions: [Option<Probe<Session>>; 4],
    /// Each user has a client for each dialect, which keeps what it was sent.
    views: [[View; Dialect::ALL.len()]; 4],
    dialects: [Dialect; 4],
    /// How many users have signed in because a step required it.
    logins: usize,
    began: Instant,
    trid: u32,
    /// The lines of all clients, for the report of a failure.
    log: Vec<String>,
}

/// The result of a check. The error describes the difference.
pub(crate) type Checked = Result<(), String>;

impl Runner {
    pub(crate) fn new(worlds: Vec<World>, setup: Setup) -> Runner {
        Runner {
            worlds,
            nodes: setup.nodes,
            plain: Plain::new(setup),
            sessions: Default::default(),
            views: Default::default(),
            dialects: [Dialect::Msnp2; 4],
            logins: 0,
            began: Instant::now(),
            trid: 100,
            log: Vec::new(),
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    pub(crate) fn trid(&mut self) -> String {
        self.trid += 1;
        self.trid.to_string()
    }

    /// The list version of the user's client of this dialect.
    pub(crate) fn cached_with(&self, who: Who, dialect: Dialect) -> u32 {
        self.views[who as usize][dialect as usize].version()
    }

    /// The client that a user uses, or used last.
    pub(crate) fn view(&self, who: Who) -> &View {
        &self.views[who as usize][self.dialects[who as usize] as usize]
    }

    fn view_mut(&mut self, who: Who) -> &mut View {
        &mut self.views[who as usize][self.dialects[who as usize] as usize]
    }

    /// The dialect of the client with which a user signs in because a step requires it.
    pub(crate) fn any_dialect(&mut self) -> Dialect {
        self.logins += 1;
        LOGINS[self.logins % LOGINS.len()]
    }

    fn cached(&self, who: Who) -> u32 {
        self.view(who).version()
    }

    /// The node that a user's client of this dialect uses.
    pub(crate) fn world(&self, who: Who, dialect: Dialect) -> &World {
        &self.worlds[self.nodes.of(who, dialect)]
    }

    /// Runs one step. The error describes the difference between what was received and what was
    /// expected.
    pub(crate) async fn step(&mut self, step: &Step) -> Checked {
        match step {
            Step::Pass(time) => pass(seconds(*time)).await,
            Step::AllSynchronise => self.all_synchronise().await?,
            Step::Does(who, action) => {
                if !action.needs_no_session() && !self.plain.is_signed_in(*who) {
                    let dialect = self.any_dialect();
                    self.run_action(*who, &Action::SignIn(dialect)).await?;
                }
                if matches!(action, Action::Rmg(_) | Action::RemFrom(..)) {
                    // Only a client that has read the lists knows which contacts leave with a
                    // group.
                    self.run_action(*who, &Action::Syn(Cached::None)).await?;
                }
                self.run_action(*who, action).await?;
            }
        }
        Ok(())
    }

    /// Every signed-in client reads all lists. They are as the rules and the client's view have
    /// them.
    pub(crate) async fn all_synchronise(&mut self) -> Checked {
        for who in Who::ALL {
            if self.plain.is_signed_in(who) {
                self.run_action(who, &Action::Syn(Cached::None)).await?;
            }
        }
        Ok(())
    }

    async fn run_action(&mut self, who: Who, action: &Action) -> Checked {
        pass(PACE).await;
        let (trid, cached, now) = (self.trid(), self.cached(who), self.now());
        let line = action.line(&trid, &cached.to_string());
        self.note(who, "C", &line);
        let expected = self.plain.act(who, &trid, action, cached, now);
        let mut received = Outcome::default();
        match action {
            Action::SignIn(dialect) => self.sign_in(who, *dialect, &mut received).await,
            Action::WrongPassword => received.aside = self.wrong_password(who).await,
            Action::HangUp => self.sessions[who as usize] = None,
            Action::Call(whom) => self.call(who, &line, *whom, &mut received).await,
            _ => {
                if let Some(client) = &mut self.sessions[who as usize] {
                    client.write_raw(&format!("{line}\r\n")).await;
                }
            }
        }
        if action.is_of_the_forward_list() {
            // By then, delayed notices have arrived, and the next one is not delayed.
            pass(seconds(61)).await;
        }
        for listener in Who::ALL {
            self.read_all(listener, &mut received).await;
        }
        if expected.has_profile(who) {
            pass(QUIET).await;
            self.read_all(who, &mut received).await;
        }
        if received != expected {
            return Err(self.failure(&differences(&received, &expected)));
        }
        self.compare_views()
    }

    /// Compares the view of every client with the rules.
    pub(crate) fn compare_views(&self) -> Checked {
        for who in Who::ALL.into_iter().filter(|who| self.plain.is_signed_in(*who)) {
            let dialect = self.dialects[who as usize];
            let truth = Truth {
                dialect,
                account: &self.plain.accounts[who as usize],
                presences: self.plain.presences(who),
                sent: &self.plain.known[who as usize][dialect as usize],
            };
            if let Some(difference) = self.view(who).difference(&truth) {
                let what = format!("{}'s client of {dialect} {difference}", who.local());
                return Err(self.failure(&what));
            }
        }
        Ok(())
    }

    pub(crate) fn failure(&self, what: &str) -> String {
        let shown = &self.log[self.log.len().saturating_sub(SHOWN)..];
        format!("{}\n{what}", shown.join("\n"))
    }

    pub(crate) fn note(&mut self, who: Who, side: &str, line: &str) {
        self.log.push(format!("{:>5} {side}: {line}", who.local()));
    }

    /// Reads what a client was sent, and applies it to the client's view.
    pub(crate) async fn read_all(&mut self, who: Who, received: &mut Outcome) {
        let Some(client) = &mut self.sessions[who as usize] else { return };
        let lines = receive_all(client).await;
        if lines.last().is_some_and(|line| line == END) {
            self.sessions[who as usize] = None;
        }
        for line in &lines {
            self.note(who, "S", line);
            self.view_mut(who).apply(line);
        }
        received.sessions[who as usize].extend(lines);
    }

    async fn sign_in(&mut self, who: Who, dialect: Dialect, received: &mut Outcome) {
        let mut new = self.world(who, dialect).notification();
        new.negotiate(dialect).await;
        let challenge = new.request_challenge(6, who.local()).await;
        new.answer_challenge(7, &challenge, "secret").await;
        let welcome = receive_all(&mut new).await;
        self.set_session(who, new, received, welcome).await;
    }

    /// The user has a new connection from now on.
    pub(crate) async fn set_session(
        &mut self,
        who: Who,
        new: Probe<Session>,
        received: &mut Outcome,
        welcome: Vec<String>,
    ) {
        self.dialects[who as usize] = new.dialect;
        if let Some(mut old) = self.sessions[who as usize].replace(new) {
            received.aside.extend(receive_all(&mut old).await);
        }
        self.view_mut(who).reconnect();
        welcome.iter().for_each(|line| self.note(who, "S", line));
        received.sessions[who as usize].extend(welcome);
    }

    async fn wrong_password(&mut self, who: Who) -> Vec<String> {
        let mut client = self.worlds[0].notification();
        let challenge = client.request_challenge(6, who.local()).await;
        client.answer_challenge(7, &challenge, "wrong").await;
        receive_all(&mut client).await
    }

    async fn call(&mut self, who: Who, line: &str, whom: Option<Who>, received: &mut Outcome) {
        let Some(client) = &mut self.sessions[who as usize] else { return };
        client.write_raw(&format!("{line}\r\n")).await;
        let answer = client.next_event().await;
        let shown = mask(&client.text(&answer));
        let dialect = client.dialect;
        received.sessions[who as usize].push(shown.clone());
        self.note(who, "S", &shown);
        let Event::Xfr(XfrReply::Switchboard { cookie, .. }) = answer else { return };
        let mut talk = self.world(who, dialect).switchboard();
        talk.dialect = dialect;
        talk.write_raw(&format!("USR 1 {} {}\r\n", who.handle(), cookie.as_str())).await;
        let mut lines = receive_all(&mut talk).await;
        talk.write_raw(&format!("CAL 2 {}\r\n", handle(whom))).await;
        lines.extend(receive_all(&mut talk).await);
        if let Some(callee) = whom.filter(|_| lines.last().is_some_and(|line| line == RINGING)) {
            received.talk[1] = self.answer((who, dialect), callee, received).await;
            lines.extend(receive_all(&mut talk).await);
        }
        lines.iter().for_each(|line| self.note(who, "Switchboard", line));
        received.talk[0] = lines;
    }

    /// The user who is called joins, and leaves.
    async fn answer(
        &mut self,
        (caller, callers): (Who, Dialect),
        callee: Who,
        received: &mut Outcome,
    ) -> Vec<String> {
        let Some(client) = &mut self.sessions[callee as usize] else { return Vec::new() };
        let event = client.next_event().await;
        let (line, dialect) = (mask(&client.text(&event)), client.dialect);
        if !matches!(event, Event::Rng(_)) {
            return vec![line];
        }
        let Invitation { session, cookie, .. } = invitation(event);
        self.note(callee, "S", &line);
        received.sessions[callee as usize].push(line);
        // The conversation is on the caller's node.
        let mut talk: Probe<Participant> = self.world(caller, callers).switchboard();
        talk.dialect = dialect;
        talk.write_raw(&format!("ANS 1 {} {} {session}\r\n", callee.handle(), cookie.as_str()))
            .await;
        receive_all(&mut talk).await
    }
}

const RINGING: &str = "CAL 2 RINGING *";

/// Returns everything that arrives until the connection is silent.
pub(crate) async fn receive_all<C>(client: &mut Probe<C>) -> Vec<String>
where
    C: actors::connection::ConnectionActor + actix::Handler<actors::connection::FromClient>,
{
    client.receive_all().await.iter().map(|line| mask(line)).collect()
}

/// A line without its payload, its cookie and the number of its conversation.
fn mask(line: &str) -> String {
    let line = line.lines().next().unwrap_or_default();
    let mut words: Vec<&str> = line.split(' ').collect();
    match &mut words[..] {
        ["XFR", _, "SB", _, _, cookie] => *cookie = "*",
        ["RNG", session, _, _, cookie, ..] => (*session, *cookie) = ("*", "*"),
        ["CAL", _, "RINGING", session] => *session = "*",
        _ => {}
    }
    words.join(" ")
}

/// The differences between what was received and what was expected, for each client.
fn differences(received: &Outcome, expected: &Outcome) -> String {
    let mut all = Vec::new();
    let mut compare = |whose: &str, received: &[String], expected: &[String]| {
        if received != expected {
            let (received, expected) = (received.join("\n    "), expected.join("\n    "));
            all.push(format!("{whose} received\n    {received}\ninstead of\n    {expected}"));
        }
    };
    for who in Who::ALL {
        compare(who.local(), &received.sessions[who as usize], &expected.sessions[who as usize]);
    }
    compare("the other connection", &received.aside, &expected.aside);
    for (whose, index) in [("the caller", 0), ("the callee", 1)] {
        compare(whose, &received.talk[index], &expected.talk[index]);
    }
    all.join("\n")
}

/// The node before the first step.
pub(crate) fn plan(plan: &mut Plan, setup: Setup) {
    plan.settings.list_entries = setup.limit;
    // The model knows no throttling, and all peers have one address.
    plan.settings.limits.failed_logins.free = usize::MAX;
    plan.settings.limits.failed_logins.most = usize::MAX;
    plan.settings.limits.failing_calls_per_minute = u16::MAX;
    plan.settings.limits.states_per_second = u16::MAX;
    if setup.friends {
        plan.friends(&Who::ALL.map(Who::local));
    }
}
