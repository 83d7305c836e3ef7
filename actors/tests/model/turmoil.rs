//! All four users at the same time. What clients receive depends on whose command comes first. The
//! final state does not, apart from the order of the reverse lists.

use super::plain::{END, Outcome};
use super::runner::{Checked, QUIET, Runner, receive_all};
use super::steps::{Cached, Deed, Part, Turmoil, Who};
use crate::support::{Probe, pass, seconds};
use actors::notification::Session;
use futures::future::join_all;
use msnp::Dialect;
use std::collections::BTreeSet;

/// What one of the users sends.
struct Said {
    who: Who,
    signs_in: Option<Dialect>,
    /// The list version of the user's client.
    cached: u32,
    deeds: Vec<(Deed, String)>,
    bytes: String,
}

impl Runner {
    /// All users send their part without waiting for each other. When all actors are idle, every
    /// client knows what the rules state, and a fresh `SYN` agrees.
    pub(crate) async fn turmoil(&mut self, turmoil: &Turmoil) -> Checked {
        let parts = Who::ALL.into_iter().zip(turmoil);
        let said: Vec<Said> = parts.map(|(who, part)| self.said(who, part)).collect();
        let mut expected = Outcome::default();
        let now = self.now();
        for Said { who, signs_in, cached, deeds, .. } in &said {
            let sign_in = signs_in.map(|dialect| (Deed::SignIn(dialect), String::new()));
            for (deed, trid) in sign_in.iter().chain(deeds) {
                let outcome = self.plain.act(*who, trid, deed, *cached, now);
                let answers = outcome.seats[*who as usize].clone();
                expected.seats[*who as usize].extend(answers);
            }
        }
        let mut heard = self.all_send(&said).await;
        for who in Who::ALL {
            self.listens(who, &mut heard).await;
        }
        // Users who are still signed in are sent the profile when their connection is quiet.
        pass(QUIET).await;
        for who in Who::ALL {
            self.listens(who, &mut heard).await;
        }
        for Said { who, deeds, .. } in &said {
            let [heard, expected] =
                [&heard, &expected].map(|all| answers(&all.seats[*who as usize], deeds));
            if heard != expected {
                let what = format!(
                    "{} was answered\n  {heard:?}\ninstead of\n  {expected:?}",
                    who.local()
                );
                return Err(self.failure(&what));
            }
        }
        // No user has renamed themselves in the last minute, and delayed notices have arrived.
        pass(seconds(61)).await;
        for who in Who::ALL {
            self.listens(who, &mut heard).await;
        }
        let renumbered =
            |said: &Said| said.deeds.iter().filter(|(deed, _)| is_number(deed)).count();
        let numbers = said.iter().map(renumbered).sum::<usize>();
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

    fn said(&mut self, who: Who, part: &Part) -> Said {
        let hangs_up = part.leaves == Some(Deed::HangUp);
        let there = self.plain.is_signed_in(who);
        let must = !there && !part.lines.is_empty();
        let signs_in = part.signs_in.or_else(|| must.then(|| self.any_dialect()));
        let leaves = part.leaves.iter().filter(|_| there || signs_in.is_some());
        // Only a client that has read the lists knows which contacts leave with a group.
        let reads =
            signs_in.filter(|_| part.lines.iter().any(|it| matches!(it, Deed::RemFrom(..))));
        let reads = reads.map(|_| Deed::Syn(Cached::None));
        let lines = reads.iter().chain(&part.lines).chain(leaves);
        let deeds: Vec<Deed> = lines.cloned().collect();
        let deeds: Vec<_> = deeds.into_iter().map(|deed| (deed, self.trid())).collect();
        let dialect = signs_in.unwrap_or_else(|| self.plain.dialect(who));
        let cached = self.cached_with(who, dialect);
        let lines = deeds.iter().filter(|_| !hangs_up);
        let bytes =
            lines.map(|(deed, trid)| deed.line(trid, &cached.to_string()) + "\r\n").collect();
        Said { who, signs_in, cached, deeds, bytes }
    }

    async fn all_send(&mut self, said: &[Said]) -> Outcome {
        for Said { who, signs_in, bytes, .. } in said {
            if let Some(dialect) = signs_in {
                self.note(*who, "C", &Deed::SignIn(*dialect).to_string());
            }
            bytes.lines().for_each(|line| self.note(*who, "C", line));
        }
        let mut seats = std::mem::take(&mut self.seats);
        let world = self.world();
        let speak = said.iter().zip(&mut seats).map(async |(said, seat)| {
            let leaves = said.deeds.last().map(|(deed, _)| deed);
            if leaves == Some(&Deed::HangUp) {
                *seat = None;
                return None;
            }
            let mut new = None;
            if let Some(dialect) = said.signs_in {
                let mut client = world.notification();
                client.negotiate(dialect).await;
                let challenge = client.request_challenge(6, said.who.local()).await;
                client.answers(7, &challenge, "secret").await;
                client.write_raw(&said.bytes).await;
                new = Some(client);
            } else if let Some(client) = seat {
                client.write_raw(&said.bytes).await;
            }
            new
        });
        let new: Vec<Option<Probe<Session>>> = join_all(speak).await;
        self.seats = seats;
        let mut heard = Outcome::default();
        for (Said { who, .. }, new) in said.iter().zip(new) {
            if let Some(new) = new {
                self.seat(*who, new, &mut heard, Vec::new()).await;
            }
        }
        heard
    }

    /// Takes over a user's list version, which depends on how many changes of a contact's numbers
    /// concerned the user: whether they were contacts already, and admitted.
    fn settle_version(&mut self, who: Who, numbers: usize) -> Checked {
        let version = self.world().version(who.local());
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
        let told = Who::ALL.into_iter().filter_map(known).collect();
        self.plain.tell_all(who, told);
    }

    /// Takes over the order of the reverse list, which the rules leave open.
    async fn read_the_reverse_list(&mut self, who: Who) -> Checked {
        let (trid, now) = (self.trid(), self.now());
        // It may be the user's first command.
        self.plain.act(who, &trid, &Deed::Lst("RL"), 0, now);
        let Some(client) = &mut self.seats[who as usize] else {
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
fn is_number(deed: &Deed) -> bool {
    match deed {
        Deed::Prp(..) | Deed::Blp(_) => true,
        Deed::Add(list, ..) | Deed::Rem(list, _) => *list != "FL",
        _ => false,
    }
}

/// The first words of all replies with one of these transaction IDs, or without one. Everything
/// else depends on whose command came first, and so does whether a `SYN` returns anything. The
/// profile is last. A client that leaves is not sent it.
fn answers(lines: &[String], deeds: &[(Deed, String)]) -> Vec<String> {
    let trids: BTreeSet<&str> = deeds.iter().map(|(_, trid)| trid.as_str()).collect();
    let synchronised =
        |trid: &str| deeds.iter().any(|(deed, own)| own == trid && matches!(deed, Deed::Syn(_)));
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
    let leaves = matches!(deeds.last(), Some((Deed::HangUp | Deed::Out, _)));
    if !leaves && kept.last().is_none_or(|line| line != END) {
        kept.append(&mut profile);
    }
    kept
}
