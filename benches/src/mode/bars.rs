//! Everything that has a limit (a bar): the figure, the limit, and whether it holds.

use super::deaf::{self, DeafArgs, DeafReport};
use super::fan_out::{self, FanOutArgs};
use super::heap;
use super::idle::{self, IdleArgs, IdleReport};
use super::instructions::{self, InstructionsReport};
use super::logins::{self, LoginsArgs};
use super::lone::{self, LoneArgs};
use super::presence::{self, PresenceArgs};
use super::relay::{self, RelayArgs};
use super::round::{Comparison, ServerRounds};
use super::start::{self, StartArgs, StartReport};
use super::strangers::{self, StrangersArgs, StrangersReport, Until};
use crate::error::BenchError;
use crate::report::figure;
use crate::rig::Bench;
use serde::Serialize;

/// A limit.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Bar {
    pub(crate) what: &'static str,
    /// The figure, if it was measured here.
    pub(crate) found: Option<f64>,
    /// The limit.
    pub(crate) bound: f64,
    pub(crate) unit: &'static str,
    /// A remark, such as where else it is measured.
    pub(crate) note: String,
}

impl Bar {
    fn new(what: &'static str, found: Option<f64>, bound: f64, unit: &'static str) -> Bar {
        Bar { what, found, bound, unit, note: String::new() }
    }

    fn with_note(self, note: impl Into<String>) -> Bar {
        Bar { note: note.into(), ..self }
    }

    /// Returns whether the figure is within the limit, in words.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.found {
            Some(found) if found <= self.bound => "pass",
            Some(_) => "FAIL",
            None => "not measured",
        }
    }
}

/// All limits, and the measurements behind them.
#[derive(Debug, Serialize)]
pub(crate) struct Bars {
    pub(crate) bars: Vec<Bar>,
    /// The cores, and the load of the machine.
    pub(crate) machine: String,
    found: Measurements,
}

#[derive(Debug, Serialize)]
struct Measurements {
    heap: f64,
    relay: Comparison,
    burst_100: Comparison,
    burst_1000: Comparison,
    fan_out: Comparison,
    presence: ServerRounds,
    logins: ServerRounds,
    idle: IdleReport,
    deaf: DeafReport,
    half_open: StrangersReport,
    half_sent: StrangersReport,
    instructions: Option<InstructionsReport>,
    lone: Comparison,
    empty: StartReport,
    full: StartReport,
}

/// Accounts and idle sessions of the modes that need many.
const SESSIONS: usize = 10_000;

/// Contacts of each of these accounts.
const CONTACTS: usize = 20;

/// Memory that the default limits allow connections that have not signed in, in megabytes: 512 of them,
/// each with an input buffer of 8 KiB, and at most 8 KiB for everything else.
const MAX_GROWTH: f64 = 8.4;

/// Runs the modes one after the other.
pub(crate) async fn measure(bench: &Bench, rounds: usize) -> Result<Bars, BenchError> {
    let talk = RelayArgs { pairs: 50, window: 1, text: 100, messages: 20_000 };
    let burst = RelayArgs { window: 16, messages: 200_000, ..talk };
    let speech = FanOutArgs { members: 20, window: 4, text: 100, messages: 5_000 };
    let watch = PresenceArgs { watchers: 150, changes: 200 };
    let arrivals = LoginsArgs { sessions: 420, contacts: CONTACTS, at_once: 8 };
    let lone = LoneArgs { idle: SESSIONS, contacts: CONTACTS, logins: 20, messages: 20_000 };
    let strangers = |until| StrangersArgs { count: SESSIONS, until };
    let machine = bench.cores.description()?;
    let found = Measurements {
        heap: heap::measure()?,
        relay: relay::measure(bench, talk, rounds).await?,
        burst_100: relay::measure(bench, burst, rounds).await?,
        burst_1000: relay::measure(bench, RelayArgs { text: 1_000, ..burst }, rounds).await?,
        fan_out: fan_out::measure(bench, speech, rounds).await?,
        presence: presence::measure(bench, watch, rounds).await?,
        logins: logins::measure(bench, arrivals, rounds).await?,
        idle: idle::measure(bench, IdleArgs { sessions: SESSIONS, contacts: CONTACTS }).await?,
        deaf: deaf::measure(bench, DeafArgs { peers: 8, seconds: 10 }).await?,
        half_open: strangers::measure(bench, strangers(Until::Challenge)).await?,
        half_sent: strangers::measure(bench, strangers(Until::Line)).await?,
        instructions: instructions::measure(bench).await?,
        lone: lone::measure(bench, lone, rounds).await?,
        empty: start::measure(bench, StartArgs { accounts: 0, contacts: 0 }, rounds)?,
        full: start::measure(bench, StartArgs { accounts: SESSIONS, contacts: CONTACTS }, rounds)?,
    };
    Ok(Bars { bars: found.bars(), machine, found })
}

impl Measurements {
    /// Returns the limits in the order in which they were introduced.
    fn bars(&self) -> Vec<Bar> {
        vec![
            Bar::new("heap of an idle session with 20 contacts", Some(self.heap), 2048.0, "bytes")
                .with_note("a test has this bound as well"),
            self.memory(),
            relayed("relay, 50 pairs, 100 bytes, window 1", &self.relay, 1.2),
            relayed("relay, 50 pairs, 100 bytes, window 16", &self.burst_100, 1.6),
            relayed("relay, 50 pairs, 1000 bytes, window 16", &self.burst_1000, 1.6),
            relayed("fan-out, 20 members", &self.fan_out, 1.5),
            self.instructions(),
            self.presence(),
            self.login(),
            self.deaf(),
            growth("growth with 10 000 half-open logins", &self.half_open),
            growth("growth with 10 000 half-sent lines", &self.half_sent),
            self.lone(),
            Bar::new("start, no accounts", self.empty.median(), 20.0, "ms"),
            Bar::new("start, 10 000 accounts", self.full.median(), 150.0, "ms"),
        ]
    }

    fn memory(&self) -> Bar {
        let resident = megabytes(self.idle.resident);
        Bar::new("memory, 10 000 idle sessions with 20 contacts", resident, 36.0, "MB")
            .with_note(format!("{} bytes each", self.idle.bytes_per_user()))
    }

    fn presence(&self) -> Bar {
        let line = Comparison::cost(&self.presence.rounds);
        let message = Comparison::cost(&self.relay.server);
        let what = "a state sent to 150: each NLN to a relayed message of window 1";
        Bar::new(what, quotient(line, message), 1.5, "times")
            .with_note(pair_text(line, message, "CPU"))
    }

    fn instructions(&self) -> Bar {
        let each = self.instructions.as_ref().map(|counted| counted.each);
        let note = if each.is_some() { "" } else { "valgrind is needed for it" };
        Bar::new("user instructions of a relayed message", each, 5000.0, "instructions")
            .with_note(note)
    }

    fn deaf(&self) -> Bar {
        let growth = megabytes(self.deaf.growth());
        let others = figure(self.deaf.talk_p99, 0);
        Bar::new("growth with 8 peers that never read, flooded for 10 s", growth, 1.0, "MB")
            .with_note(format!("{} were closed; p99 of two others {others} µs", self.deaf.closed))
    }

    fn login(&self) -> Bar {
        let microseconds = Comparison::cost(&self.logins.rounds);
        let milliseconds = microseconds.map(|microseconds| microseconds / 1e3);
        Bar::new("a sign-in with 20 contacts, half of them online", milliseconds, 0.4, "ms of CPU")
    }

    fn lone(&self) -> Bar {
        let server = Comparison::latency(&self.lone.server, 99);
        let bare = Comparison::latency(&self.lone.bare, 99);
        let what = "p99 of a lone message, 10 000 idle, 20 sign in each second";
        Bar::new(what, quotient(server, bare), 3.0, "times")
            .with_note(pair_text(server, bare, "time"))
    }
}

fn relayed(what: &'static str, found: &Comparison, bound: f64) -> Bar {
    let (server, bare) = (Comparison::cost(&found.server), Comparison::cost(&found.bare));
    Bar::new(what, found.ratio, bound, "times").with_note(pair_text(server, bare, "CPU"))
}

fn growth(what: &'static str, found: &StrangersReport) -> Bar {
    Bar::new(what, megabytes(found.growth()), MAX_GROWTH, "MB")
        .with_note(format!("{} others signed in meanwhile", found.served))
}

fn megabytes(bytes: u64) -> Option<f64> {
    u32::try_from(bytes).ok().map(|bytes| f64::from(bytes) / 1e6)
}

fn quotient(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    Some(one? / other?)
}

fn pair_text(one: Option<f64>, other: Option<f64>, of: &str) -> String {
    format!("{} to {} µs of {of}", figure(one, 2), figure(other, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_holds_up_to_its_bound() {
        let verdict = |found| Bar::new("a bar", found, 1.5, "times").verdict();
        assert_eq!(verdict(Some(1.5)), "pass");
        assert_eq!(verdict(Some(1.500_1)), "FAIL");
        assert_eq!(verdict(Some(f64::NAN)), "FAIL");
        assert_eq!(verdict(None), "not measured");
    }

    #[test]
    fn what_is_missing_is_no_ratio() {
        assert_eq!(quotient(Some(3.0), Some(2.0)), Some(1.5));
        assert_eq!(quotient(Some(3.0), None), None);
        assert_eq!(pair_text(Some(3.0), None, "CPU"), "3.00 to - µs of CPU");
    }
}
