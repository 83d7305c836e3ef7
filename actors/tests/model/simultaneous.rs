//! All four users at the same time. What clients receive depends on whose command comes first. The
//! final state does not, apart from the order of the reverse lists.

use super::plain::{END, Outcome};
use super::runner::{Checked, QUIET, Runner, receive_all};
use super::steps::{Action, Cached, Part, Simultaneous, Who};
use crate::support::{Probe, pass, seconds};
use actors::notification::Session;
use futures::future::join_all;
use msnp::Dialect;
use std::collections::BTreeSet;

/// What one of the users sends.
struct Script {
    who: Who,
    signs_in: Option<Dialect>,
    /// The list version of the user's client.
    cached: u32,
    actions: Vec<(Action, String)>,
    bytes: String,
}

impl Runner {
    /// All users send their part without waiting for each other. When all actors are idle, every
    /// client knows what the rules state, and a fresh `SYN` agrees.
    pub(crate) async fn run_simultaneously(&mut self, parts: &Simultaneous) -> Checked {
        let parts = Who::ALL.into_iter().zip(parts);
        let scripts: Vec<Script> = parts.map(|(who, part)| self.script(who, part)).collect();
        let mut expected = Outcome::default();
        let now = self.now();
        for Script { who, signs_in, cached, actions, .. } in &scripts {
            let sign_in = signs_in.map(|dialect| (Action::SignIn(dialect), String::new()));
            for (action, trid) in sign_in.iter().chain(actions) {
                let outcome = self.plain.act(*who, trid, action, *cached, now);
                let answers = outcome.sessions[*who as usize].clone();
                expected.sessions[*who as usize].extend(answers);
            }
        }
        let mut received = self.all_send(&scripts).await;
        for who in Who::ALL {
            self.read_all(who, &mut received).await;
        }
        // Users who are still signed in are sent the profile when their connection is quiet.
        pass(QUIET).await;
        for who in Who::ALL {
            self.read_all(who, &mut received).await;
        }
        for Script { who, actions, .. } in &scripts {
            let [received, expected] =
                [&received, &expected].map(|all| answers(&all.sessions[*who as usize], actions));
            if received != expected {
                let what = format!(
                    "{} was answered\n  {received:?}\ninstead of\n  {expected:?}",
                    who.local()
                );
                return Err(self.failure(&what));
            }
        }
        // No user has renamed themselves in the last minute, and delayed notices have arrived.
        pass(seconds(61)).await;
        for who in Who::ALL {
            self.read_all(who, &mut received).await;
        }
        let renumbered =
            |script: &Script| script.actions.iter().filter(|(action, _)| is_number(action)).count();
        let numbers = scripts.iter().map(renumbered).sum::<usize>();
        for who in Who::ALL {
            self.settle_version(who, numbers)?;
            if self.plain.is_signed_in(who) {
                self.read_the_reverse_list(who).await?;
                self.settle_numbers(who);
            }
        }
        self.compare_views()?;
        self.all_synchronise().await
    }

    fn script(&mut self, who: Who, part: &Part) -> Script {
        let hangs_up = part.leaves == Some(Action::HangUp);
        let there = self.plain.is_signed_in(who);
        let must = !there && !part.lines.is_empty();
        let signs_in = part.signs_in.or_else(|| must.then(|| self.any_dialect()));
        let leaves = part.leaves.iter().filter(|_| there || signs_in.is_some());
        // Only a client that has read the lists knows which contacts leave with a group.
        let reads =
            signs_in.filter(|_| part.lines.iter().any(|it| matches!(it, Action::RemFrom(..))));
        let reads = reads.map(|_| Action::Syn(Cached::None));
        let lines = reads.iter().chain(&part.lines).chain(leaves);
        let actions: Vec<Action> = lines.cloned().collect();
        let actions: Vec<_> = actions.into_iter().map(|action| (action, self.trid())).collect();
        let dialect = signs_in.unwrap_or_else(|| self.plain.dialect(who));
        let cached = self.cached_with(who, dialect);
        let lines = actions.iter().filter(|_| !hangs_up);
        let bytes =
            lines.map(|(action, trid)| action.line(trid, &cached.to_string()) + "\r\n").collect();
        Script { who, signs_in, cached, actions, bytes }
    }

    async fn all_send(&mut self, scripts: &[Script]) -> Outcome {
        for Script { who, signs_in, bytes, .. } in scripts {
            if let Some(dialect) = signs_in {
                self.note(*who, "C", &Action::SignIn(*dialect).to_string());
            }
            bytes.lines().for_each(|line| self.note(*who, "C", line));
        }
        let mut sessions = std::mem::take(&mut self.sessions);
        let world = |who, dialect| self.world(who, dialect);
        let sends = scripts.iter().zip(&mut sessions).map(async |(script, session)| {
            let leaves = script.actions.last().map(|(action, _)| action);
            if leaves == Some(&Action::HangUp) {
                *session = None;
                return None;
            }
            let mut new = None;
            if let Some(dialect) = script.signs_in {
                let mut client = world(script.who, dialect).notification();
                client.negotiate(dialect).await;
                let challenge = client.request_challenge(6, script.who.local()).await;
                client.answer_challenge(7, &challenge, "secret").await;
                client.write_raw(&script.bytes).await;
                new = Some(client);
            } else if let Some(client) = session {
                client.write_raw(&script.bytes).await;
            }
            new
        });
        let new: Vec<Option<Probe<Session>>> = join_all(sends).await;
        self.sessions = sessions;
        let mut received = Outcome::default();
        for (Script { who, .. }, new) in scripts.iter().zip(new) {
            if let Some(new) = new {
                self.set_session(*who, new, &mut received, Vec::new()).await;
            }
        }
        received
    }

    /// Takes over a user's list version, which depends on how many changes of a contact's numbers
    /// concerned the user: whether they were contacts already, and admitted.
    fn settle_version(&mut self, who: Who, numbers: usize) -> Checked {
        let version = self.world(who, self.plain.dialect(who)).version(who.local());
        let account = self.plain.account(who);
        let expected = std::mem::replace(&mut account.version, version);
        if version.abs_diff(expected) as usize <= numbers {
            return Ok(());
        }
        let what = format!("{} has version {version} instead of {expected}", who.local());
        Err(self.failure(&what))
    }

    /// Takes over the numbers that were sent, which depend on the same.
    fn settle_numbers(&mut self, who: Who) {
        let known = |contact: Who| Some((contact, self.view(who).numbers(&contact.handle())?));
        let sent = Who::ALL.into_iter().filter_map(known).collect();
        self.plain.record_numbers(who, sent);
    }

    /// Takes over the order of the reverse list, which the rules leave open.
    async fn read_the_reverse_list(&mut self, who: Who) -> Checked {
        let (trid, now) = (self.trid(), self.now());
        // It may be the user's first command.
        self.plain.act(who, &trid, &Action::Lst("RL"), 0, now);
        let Some(client) = &mut self.sessions[who as usize] else {
            return Err(self.failure(&format!("{} is not there any more", who.local())));
        };
        client.write_raw(&format!("LST {trid} RL\r\n")).await;
        let mut lines = receive_all(client).await;
        pass(QUIET).await;
        lines.extend(receive_all(client).await);
        let entries = lines.iter().filter_map(|line| line.split(' ').nth(6)).map(str::to_owned);
        let entries: Vec<String> = entries.collect();
        lines.iter().for_each(|line| self.note(who, "S", line));
        if self.plain.settle_order(who, &entries) {
            return Ok(());
        }
        Err(self.failure(&format!("the reverse list of {} is {entries:?}", who.local())))
    }
}

/// Whether others may have new list versions because they see other numbers.
fn is_number(action: &Action) -> bool {
    match action {
        Action::Prp(..) | Action::Blp(_) => true,
        Action::Add(list, ..) | Action::Rem(list, _) => *list != "FL",
        _ => false,
    }
}

/// The first words of all replies with one of these transaction IDs, or without one. Everything
/// else depends on whose command came first, and so does whether a `SYN` returns anything. The
/// profile is last. A client that leaves is not sent it.
fn answers(lines: &[String], actions: &[(Action, String)]) -> Vec<String> {
    let trids: BTreeSet<&str> = actions.iter().map(|(_, trid)| trid.as_str()).collect();
    let synchronised = |trid: &str| {
        actions.iter().any(|(action, own)| own == trid && matches!(action, Action::Syn(_)))
    };
    let kept = lines.iter().filter_map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["USR" | "QNG" | "MSG" | "(end)", ..] => Some(words[0].to_owned()),
            ["ILN" | "LST" | "BPR", ..] => None,
            ["GTC" | "BLP" | "PRP" | "LSG", trid, ..] if synchronised(trid) => None,
            [command, trid, ..] if trids.contains(trid) => Some(format!("{command} {trid}")),
            _ => None,
        }
    });
    let (mut profile, mut kept): (Vec<String>, Vec<String>) = kept.partition(|line| line == "MSG");
    let leaves = matches!(actions.last(), Some((Action::HangUp | Action::Out, _)));
    if !leaves && kept.last().is_none_or(|line| line != END) {
        kept.append(&mut profile);
    }
    kept
}
