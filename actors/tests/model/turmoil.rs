//! All four at the same time. What is heard depends on who comes first; what is true in the end
//! does not, apart from the order of the reverse lists.

use super::plain::Outcome;
use super::play::{Checked, Play, hears};
use super::steps::{Deed, Part, Turmoil, Who};
use crate::support::{Probe, pass, seconds};
use actors::notification::Session;
use futures::future::join_all;
use std::collections::BTreeSet;

/// What one of them says in this turmoil.
struct Said {
    who: Who,
    signs_in: bool,
    deeds: Vec<(Deed, String)>,
    bytes: String,
}

impl Play {
    /// All do their part, nobody waits for anybody; when all is at rest, every client knows what
    /// the rules say, and a fresh `SYN` agrees.
    pub(crate) async fn turmoil(&mut self, turmoil: &Turmoil) -> Checked {
        let parts = Who::ALL.into_iter().zip(turmoil);
        let said: Vec<Said> = parts.map(|(who, part)| self.said(who, part)).collect();
        let mut expected = Outcome::default();
        let now = self.now();
        for Said { who, signs_in, deeds, .. } in &said {
            let sign_in = signs_in.then(|| (Deed::SignIn, String::new()));
            for (deed, trid) in sign_in.iter().chain(deeds) {
                let cached = self.cached(*who);
                let outcome = self.plain.act(*who, trid, deed, cached, now);
                let answers = outcome.seats[*who as usize].clone();
                expected.seats[*who as usize].extend(answers);
            }
        }
        let mut heard = self.all_speak(&said).await;
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
        // Nobody has renamed himself in the last minute.
        pass(seconds(61)).await;
        for who in Who::ALL {
            if self.plain.is_signed_in(who) {
                self.asks_for_the_reverse_list(who).await?;
            }
        }
        self.compare_views()?;
        self.all_synchronise().await
    }

    fn said(&mut self, who: Who, part: &Part) -> Said {
        let hangs_up = part.leaves == Some(Deed::HangUp);
        let there = self.plain.is_signed_in(who);
        let signs_in = part.signs_in || (!there && !part.lines.is_empty());
        let leaves = part.leaves.iter().filter(|_| there || signs_in);
        let deeds: Vec<Deed> = part.lines.iter().chain(leaves).cloned().collect();
        let deeds: Vec<_> = deeds.into_iter().map(|deed| (deed, self.trid())).collect();
        let cached = self.cached(who).to_string();
        let lines = deeds.iter().filter(|_| !hangs_up);
        let bytes = lines.map(|(deed, trid)| deed.line(trid, &cached) + "\r\n").collect();
        Said { who, signs_in, deeds, bytes }
    }

    async fn all_speak(&mut self, said: &[Said]) -> Outcome {
        for Said { who, signs_in, bytes, .. } in said {
            if *signs_in {
                self.note(*who, "C", "(signs in)");
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
            if said.signs_in {
                let mut client = world.notification();
                let challenge = client.is_challenged(6, said.who.local()).await;
                client.answers(7, &challenge, "secret").await;
                client.writes(&said.bytes).await;
                new = Some(client);
            } else if let Some(client) = seat {
                client.writes(&said.bytes).await;
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

    /// The only thing that the rules leave open.
    async fn asks_for_the_reverse_list(&mut self, who: Who) -> Checked {
        let (trid, now) = (self.trid(), self.now());
        // It may be his first command.
        self.plain.act(who, &trid, &Deed::Lst("RL"), 0, now);
        let Some(client) = &mut self.seats[who as usize] else {
            return Err(self.failure(&format!("{} is not there any more", who.local())));
        };
        client.writes(&format!("LST {trid} RL\r\n")).await;
        let lines = hears(client).await;
        let entries = lines.iter().filter_map(|line| line.split(' ').nth(6)).map(str::to_owned);
        let entries: Vec<String> = entries.collect();
        lines.iter().for_each(|line| self.note(who, "S", line));
        if self.plain.settle_order(who, &entries) {
            return Ok(());
        }
        Err(self.failure(&format!("the reverse list of {} is {entries:?}", who.local())))
    }
}

/// The first words of all answers that have one of these transaction IDs, or none: whatever else
/// there is depends on who came first. So does whether a `SYN` brings anything.
fn answers(lines: &[String], deeds: &[(Deed, String)]) -> Vec<String> {
    let trids: BTreeSet<&str> = deeds.iter().map(|(_, trid)| trid.as_str()).collect();
    let synchronised =
        |trid: &str| deeds.iter().any(|(deed, own)| own == trid && matches!(deed, Deed::Syn(_)));
    let kept = lines.iter().filter_map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["USR" | "QNG" | "MSG" | "(end)", ..] => Some(words[0].to_owned()),
            ["ILN" | "LST", ..] => None,
            ["GTC" | "BLP", trid, ..] if synchronised(trid) => None,
            [command, trid, ..] if trids.contains(trid) => Some(format!("{command} {trid}")),
            _ => None,
        }
    });
    kept.collect()
}
