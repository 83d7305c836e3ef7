//! Everything that has a limit (a bar): the figures of the earlier build and of this one, the limit, and whether
//! it is met.

use super::bulk;
use super::churn;
use super::deaf::{self, DeafArgs};
use super::each::Each;
use super::fan_out::{self, FanOutArgs};
use super::heap;
use super::idle::{self, IdleArgs, IdleReport};
use super::instructions;
use super::logins::{self, LoginsArgs};
use super::lone::{self, LoneArgs};
use super::presence::{self, PresenceArgs};
use super::relay::{self, RelayArgs};
use super::round::{Comparison, Rounds};
use super::size;
use super::start::{self, StartArgs, StartReport};
use super::strangers::{self, StrangersArgs, StrangersReport, Until};
use crate::error::BenchError;
use crate::report::figure;
use crate::rig::{Bench, Side};
use serde::Serialize;
use std::path::PathBuf;

/// Which bars are measured, apart from those that take seconds.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct BarsArgs {
    /// The source of the earlier build, to measure the heap of a session and with --size the program
    #[arg(long, value_name = "FOLDER", requires = "before")]
    before_source: Option<PathBuf>,
    /// Also the growth of memory between 200 000 and 2 000 000 sign-ins
    #[arg(long)]
    long: bool,
    /// Also the commands for all accounts (benches/bulk.sh)
    #[arg(long, requires = "before")]
    bulk: bool,
    /// Also the size of the program for armv6 (cross/build.sh)
    #[arg(long)]
    size: bool,
}

/// A limit.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Bar {
    pub(crate) what: String,
    /// The figures, if they were measured.
    pub(crate) before: Option<f64>,
    pub(crate) now: Option<f64>,
    /// What the figure should be, at most.
    pub(crate) bound: f64,
    /// What it may be. This is more than the bound if the bound is not met yet.
    pub(crate) tolerated: f64,
    pub(crate) unit: &'static str,
    pub(crate) note: String,
}

impl Bar {
    fn new(what: &str, found: Found, bound: f64, unit: &'static str) -> Bar {
        let (what, note) = (what.to_owned(), String::new());
        Bar { what, before: found.before, now: found.now, bound, tolerated: bound, unit, note }
    }

    fn with_note(self, note: impl Into<String>) -> Bar {
        Bar { note: note.into(), ..self }
    }

    /// The bar is not met yet. More than this is an error.
    fn tolerate(self, tolerated: f64) -> Bar {
        Bar { tolerated, ..self }
    }

    /// Returns whether the figure is within the limit, in words.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.now {
            Some(now) if now <= self.bound => "met",
            Some(now) if now <= self.tolerated => "not met",
            Some(_) => "FAIL",
            None => "not measured",
        }
    }

    /// Returns whether the figure is more than may be.
    fn has_failed(&self) -> bool {
        self.verdict() == "FAIL"
    }
}

/// The figures of a bar.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Found {
    before: Option<f64>,
    now: Option<f64>,
}

impl Found {
    /// Returns the figures of each build.
    fn of<T>(found: &Each<T>, figure: impl Fn(&T) -> Option<f64>) -> Found {
        Found { before: found.before.as_ref().and_then(&figure), now: figure(&found.now) }
    }

    /// Returns the ratios of processor time to the bare relay.
    fn to_bare(found: &Comparison) -> Found {
        let ratio = |side| found.ratio(side, Side::Bare);
        Found { before: ratio(Side::Before), now: ratio(Side::Now) }
    }

    /// Returns the ratio of processor time to the earlier build, which itself is 1.
    fn to_before(found: &Comparison) -> Found {
        let now = found.ratio(Side::Now, Side::Before);
        Found { before: now.map(|_| 1.0), now }
    }
}

/// All bars.
#[derive(Debug, Serialize)]
pub(crate) struct Bars {
    pub(crate) bars: Vec<Bar>,
    /// The cores, and the load of the machine before and after.
    pub(crate) machine: String,
}

impl Bars {
    /// Returns an error if a figure is more than may be.
    pub(crate) fn check(&self) -> Result<(), BenchError> {
        let failed: Vec<&str> =
            self.bars.iter().filter(|bar| bar.has_failed()).map(|bar| bar.what.as_str()).collect();
        match failed.is_empty() {
            true => Ok(()),
            false => Err(BenchError::wrong(format!("too much: {}", failed.join("; ")))),
        }
    }
}

/// Accounts and idle sessions of the modes that need many.
const SESSIONS: usize = 10_000;

/// Contacts of each of these accounts.
const CONTACTS: usize = 20;

/// Memory that the default limits allow connections that have not signed in, in megabytes: 512 of them,
/// each with an input buffer of 8 KiB, and at most 8 KiB for everything else.
const MAX_GROWTH: f64 = 8.4;

/// Pairs who sign in and out at the same time.
const CHURN_PAIRS: usize = 8;

/// Pairs who talk.
const TALK: RelayArgs = RelayArgs { pairs: 50, window: 1, text: 100, messages: 20_000 };

/// The same, with many messages in flight.
const BURST: RelayArgs = RelayArgs { window: 16, messages: 200_000, ..TALK };

/// What two old clients do who send a file: payloads of 1 300 bytes, of which 62 are the headers.
const STREAM: RelayArgs = RelayArgs { pairs: 1, window: 16, text: 1_238, messages: 100_000 };

/// The bars that were measured. Each is also printed at once, since the rest takes minutes.
#[derive(Debug, Default)]
struct Measured(Vec<Bar>);

impl Measured {
    fn add(&mut self, bar: Bar) {
        let (before, now) = (figure(bar.before, 2), figure(bar.now, 2));
        eprintln!("{}: {before}, now {now} {} ({})", bar.what, bar.unit, bar.note);
        self.0.push(bar);
    }
}

/// Runs the modes one after the other.
pub(crate) async fn measure(
    bench: &Bench,
    args: &BarsArgs,
    rounds: usize,
) -> Result<Bars, BenchError> {
    let before = bench.cores.description()?;
    let mut bars = Measured::default();
    messages(bench, rounds, &mut bars).await?;
    sessions(bench, args, rounds, &mut bars).await?;
    peers(bench, &mut bars).await?;
    starts(bench, rounds, &mut bars)?;
    if args.bulk {
        for row in bulk::measure(bench)? {
            bars.add(bulk_bar(row));
        }
    }
    if args.size {
        let found = size::measure(args.before_source.as_deref())?;
        let found = Found::of(&found, |bytes| megabytes(*bytes));
        bars.add(Bar::new("the program: armv6, static", found, 4.6, "MB").tolerate(5.5));
    }
    let machine = format!("{before}; {}", bench.cores.load("after")?);
    Ok(Bars { bars: bars.0, machine })
}

/// Messages between users.
async fn messages(bench: &Bench, rounds: usize, bars: &mut Measured) -> Result<(), BenchError> {
    bars.add(counted(bench).await?);
    let burst_1000 = RelayArgs { text: 1_000, ..BURST };
    for (what, talk, bound, tolerated) in [
        ("a stream between two, 1 300 bytes, window 16", STREAM, 1.3, 2.5),
        ("relay, 50 pairs, 100 bytes, window 1", TALK, 1.2, 1.35),
        ("relay, 50 pairs, 100 bytes, window 16", BURST, 1.6, 1.6),
        ("relay, 50 pairs, 1 000 bytes, window 16", burst_1000, 1.6, 2.5),
    ] {
        let found = relay::measure(bench, talk, rounds).await?;
        bars.add(relayed(what, &found, bound).tolerate(tolerated));
    }
    let speech = FanOutArgs { members: 20, window: 4, text: 100, messages: 5_000 };
    bars.add(relayed("fan-out, 20 members", &fan_out::measure(bench, speech, rounds).await?, 1.5));
    let lone = LoneArgs { idle: SESSIONS, contacts: CONTACTS, logins: 20, messages: 20_000 };
    bars.add(alone(&lone::measure(bench, lone, rounds).await?));
    Ok(())
}

/// Users who are signed in, sign in, or change their state.
async fn sessions(
    bench: &Bench,
    args: &BarsArgs,
    rounds: usize,
    bars: &mut Measured,
) -> Result<(), BenchError> {
    let watch = PresenceArgs { watchers: 150, changes: 200 };
    let watched = presence::measure(bench, watch, rounds).await?;
    bars.add(compared("a state sent to 150: each NLN", &watched, 0.7).tolerate(1.15));
    let arrivals = LoginsArgs { sessions: 420, contacts: CONTACTS, at_once: 8 };
    let arrived = logins::measure(bench, arrivals, rounds).await?;
    let what = "a sign-in with 20 contacts, half of them online";
    bars.add(compared(what, &arrived, 0.8).tolerate(1.15));
    let heap = heap::measure(args.before_source.as_deref())?;
    let heap = Found::of(&heap, |bytes| Some(*bytes));
    let what = "heap of an idle session with 20 contacts";
    bars.add(Bar::new(what, heap, 1400.0, "bytes").with_note("a test has a bound too"));
    let crowd = IdleArgs { sessions: SESSIONS, contacts: CONTACTS };
    bars.add(memory(&idle::measure(bench, crowd).await?).tolerate(36.0));
    if args.long {
        let grown = churn::growth(bench, CHURN_PAIRS).await?;
        let grown = Found::of(&grown, |bytes| kibibytes(*bytes));
        let what = "growth between 200 000 and 2 000 000 sign-ins";
        bars.add(Bar::new(what, grown, 128.0, "KiB").tolerate(1024.0));
    }
    Ok(())
}

/// Peers that send too much, or do not do what they should.
async fn peers(bench: &Bench, bars: &mut Measured) -> Result<(), BenchError> {
    let deaf = deaf::measure(bench, DeafArgs { peers: 8, seconds: 10 }).await?;
    let flooded = Found::of(&deaf, |found| megabytes(found.growth()));
    let others = figure(deaf.now.talk_p99, 0);
    let note = format!("{} were closed; p99 of two others {others} µs", deaf.now.closed);
    let what = "growth with 8 peers that never read, flooded for 10 s";
    bars.add(Bar::new(what, flooded, 1.0, "MB").with_note(note));
    for (what, until) in [
        ("growth with 10 000 half-open logins", Until::Challenge),
        ("growth with 10 000 half-sent lines", Until::Line),
    ] {
        let strangers = StrangersArgs { count: SESSIONS, until };
        bars.add(growth(what, &strangers::measure(bench, strangers).await?));
    }
    Ok(())
}

fn starts(bench: &Bench, rounds: usize, bars: &mut Measured) -> Result<(), BenchError> {
    for (what, accounts, contacts, bound) in
        [("start, no accounts", 0, 0, 20.0), ("start, 10 000 accounts", SESSIONS, CONTACTS, 150.0)]
    {
        let found = start::measure(bench, StartArgs { accounts, contacts }, rounds)?;
        bars.add(Bar::new(what, Found::of(&found, StartReport::median), bound, "ms"));
    }
    Ok(())
}

async fn counted(bench: &Bench) -> Result<Bar, BenchError> {
    let found = instructions::measure(bench).await?;
    let (found, note) = match &found {
        Some(found) => (Found::of(found, |counted| Some(counted.each)), ""),
        None => (Found { before: None, now: None }, "valgrind is needed for it"),
    };
    Ok(Bar::new("user instructions of a relayed message", found, 4400.0, "instructions")
        .tolerate(4700.0)
        .with_note(note))
}

/// The processor time of a message, to that on the bare relay.
fn relayed(what: &str, found: &Comparison, bound: f64) -> Bar {
    let note = costs(found, Rounds::cost, "CPU");
    Bar::new(what, Found::to_bare(found), bound, "times bare").with_note(note)
}

/// The processor time of something, to that of the earlier build.
fn compared(what: &str, found: &Comparison, bound: f64) -> Bar {
    let note = costs(found, Rounds::cost, "CPU");
    Bar::new(what, Found::to_before(found), bound, "times before").with_note(note)
}

fn alone(found: &Each<Comparison>) -> Bar {
    let p99 = |side| move |found: &Comparison| found.latency_ratio(side, Side::Bare, 99);
    let before = found.before.as_ref().and_then(p99(Side::Before));
    let now = p99(Side::Now)(&found.now);
    let what = "p99 of a lone message, 10 000 idle, 20 sign in each second";
    let note = costs(&found.now, |rounds| rounds.latency(99), "time");
    Bar::new(what, Found { before, now }, 3.0, "times bare").with_note(note)
}

fn memory(found: &Each<IdleReport>) -> Bar {
    let resident = Found::of(found, |idle| megabytes(idle.resident));
    Bar::new("memory, 10 000 idle sessions with 20 contacts", resident, 26.0, "MB")
        .with_note(format!("{} bytes each", found.now.bytes_per_user()))
}

fn growth(what: &str, found: &Each<StrangersReport>) -> Bar {
    let grown = Found::of(found, |strangers| megabytes(strangers.growth()));
    Bar::new(what, grown, MAX_GROWTH, "MB")
        .with_note(format!("{} others signed in meanwhile", found.now.served))
}

fn bulk_bar(row: bulk::Row) -> Bar {
    let bulk::Row { what, before, now, bound, unit } = row;
    Bar::new(&what, Found { before, now }, bound, unit)
}

fn megabytes(bytes: u64) -> Option<f64> {
    u32::try_from(bytes).ok().map(|bytes| f64::from(bytes) / 1e6)
}

fn kibibytes(bytes: u64) -> Option<f64> {
    u32::try_from(bytes).ok().map(|bytes| f64::from(bytes) / 1024.0)
}

/// Returns the figures behind a ratio, in microseconds.
fn costs(found: &Comparison, cost: impl Fn(&Rounds) -> Option<f64>, of: &str) -> String {
    let costs: Vec<String> = found
        .sides
        .iter()
        .map(|rounds| format!("{} {}", rounds.side.name(), figure(cost(rounds), 2)))
        .collect();
    format!("µs of {of}: {}", costs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(now: Option<f64>) -> Bar {
        Bar::new("a bar", Found { before: None, now }, 1.5, "times")
    }

    #[test]
    fn a_bar_holds_up_to_its_bound() {
        let verdict = |found| bar(found).verdict();
        assert_eq!(verdict(Some(1.5)), "met");
        assert_eq!(verdict(Some(1.500_1)), "FAIL");
        assert_eq!(verdict(Some(f64::NAN)), "FAIL");
        assert_eq!(verdict(None), "not measured");
    }

    #[test]
    fn a_bar_that_is_not_met_yet_has_another_limit() {
        let verdict = |found| bar(found).tolerate(1.8).verdict();
        assert_eq!(verdict(Some(1.5)), "met");
        assert_eq!(verdict(Some(1.8)), "not met");
        assert_eq!(verdict(Some(1.9)), "FAIL");
    }

    #[test]
    fn a_failed_bar_is_an_error_and_one_without_a_figure_is_not() {
        let bars = |bars| Bars { bars, machine: String::new() };
        assert!(
            bars(vec![bar(Some(1.0)), bar(None), bar(Some(1.7)).tolerate(2.0)]).check().is_ok()
        );
        let error = bars(vec![bar(Some(1.0)), bar(Some(2.0))]).check().unwrap_err();
        assert_eq!(error.to_string(), "too much: a bar");
    }
}
