//! All figures that have a limit. A bar is such a figure of the earlier build and of this one, with its
//! limit.

use super::bulk;
use super::churn;
use super::deaf::{self, DeafArgs};
use super::fan_out::{self, FanOutArgs};
use super::heap;
use super::idle::{self, IdleArgs, IdleReport};
use super::instructions;
use super::logins::{self, LoginsArgs};
use super::lone::{self, LoneArgs};
use super::per_build::PerBuild;
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

/// Which of the bars that take long are measured as well.
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

/// A figure and its limit.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Bar {
    /// What is measured.
    pub(crate) what: String,
    /// The figure of the earlier build, if it was measured.
    pub(crate) before: Option<f64>,
    /// The figure of this build, if it was measured.
    pub(crate) now: Option<f64>,
    /// The limit that the figure should meet.
    #[serde(rename = "bound")]
    pub(crate) limit: f64,
    /// A figure above this is a failure. It is the limit, or more while the limit is not met yet.
    pub(crate) tolerated: f64,
    pub(crate) unit: &'static str,
    pub(crate) note: String,
}

impl Bar {
    fn new(what: &str, figures: Figures, limit: f64, unit: &'static str) -> Bar {
        let Figures { before, now } = figures;
        let (what, note) = (what.to_owned(), String::new());
        Bar { what, before, now, limit, tolerated: limit, unit, note }
    }

    fn with_note(self, note: impl Into<String>) -> Bar {
        Bar { note: note.into(), ..self }
    }

    /// For a limit that is not met yet: reports a failure only for a figure above this.
    fn tolerate(self, tolerated: f64) -> Bar {
        Bar { tolerated, ..self }
    }

    /// Returns whether the limit is met, for reports.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.now {
            Some(now) if now <= self.limit => "met",
            Some(now) if now <= self.tolerated => "not met",
            Some(_) => "FAIL",
            None => "not measured",
        }
    }

    /// Whether the figure is above what is tolerated.
    fn has_failed(&self) -> bool {
        self.verdict() == "FAIL"
    }
}

/// The figures of a bar, as far as they were measured.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Figures {
    before: Option<f64>,
    now: Option<f64>,
}

impl Figures {
    /// Takes a figure from the result of each build.
    fn of<T>(results: &PerBuild<T>, figure: impl Fn(&T) -> Option<f64>) -> Figures {
        Figures { before: results.before.as_ref().and_then(&figure), now: figure(&results.now) }
    }

    /// Divides the processor time of each build by that of the bare relay.
    fn ratios_to_bare(comparison: &Comparison) -> Figures {
        let ratio = |side| comparison.cost_ratio(side, Side::Bare);
        Figures { before: ratio(Side::Before), now: ratio(Side::Now) }
    }

    /// Divides the processor time of each build by that of the earlier build, whose own ratio is 1.
    fn ratios_to_before(comparison: &Comparison) -> Figures {
        let now = comparison.cost_ratio(Side::Now, Side::Before);
        Figures { before: now.map(|_| 1.0), now }
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
    /// Returns an error that names all figures above what is tolerated.
    pub(crate) fn check(&self) -> Result<(), BenchError> {
        let failed: Vec<&str> =
            self.bars.iter().filter(|bar| bar.has_failed()).map(|bar| bar.what.as_str()).collect();
        match failed.is_empty() {
            true => Ok(()),
            false => Err(BenchError::wrong(format!("too much: {}", failed.join("; ")))),
        }
    }
}

/// The number of accounts or idle sessions in the modes that need many.
const SESSIONS: usize = 10_000;

/// Contacts of each of these accounts.
const CONTACTS: usize = 20;

/// How much memory connections that have not signed in may need under the default limits, in megabytes: 512
/// connections, each with an input buffer of 8 KiB and at most 8 KiB of other memory.
const MAX_GROWTH: f64 = 8.4;

/// Pairs who sign in and out at the same time.
const CHURN_PAIRS: usize = 8;

/// Pairs who talk.
const TALK: RelayArgs = RelayArgs { pairs: 50, window: 1, text: 100, messages: 20_000 };

/// Pairs with many messages in flight.
const BURST: RelayArgs = RelayArgs { window: 16, messages: 200_000, ..TALK };

/// A file from one old client to another: payloads of 1 300 bytes, of which 62 are the headers.
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
    let machine_before = bench.cores.description()?;
    let mut bars = Measured::default();
    measure_messages(bench, rounds, &mut bars).await?;
    measure_sessions(bench, args, rounds, &mut bars).await?;
    measure_peers(bench, &mut bars).await?;
    measure_starts(bench, rounds, &mut bars)?;
    if args.bulk {
        for row in bulk::measure(bench)? {
            bars.add(bulk_bar(row));
        }
    }
    if args.size {
        let sizes = size::measure(args.before_source.as_deref())?;
        let figures = Figures::of(&sizes, |bytes| megabytes(*bytes));
        bars.add(Bar::new("the program: armv6, static", figures, 4.6, "MB").tolerate(5.5));
    }
    let machine = format!("{machine_before}; {}", bench.cores.load("after")?);
    Ok(Bars { bars: bars.0, machine })
}

/// Measures messages between users.
async fn measure_messages(
    bench: &Bench,
    rounds: usize,
    bars: &mut Measured,
) -> Result<(), BenchError> {
    bars.add(instructions_bar(bench).await?);
    let burst_1000 = RelayArgs { text: 1_000, ..BURST };
    for (what, relay_args, limit, tolerated) in [
        ("a stream between two, 1 300 bytes, window 16", STREAM, 1.3, 2.5),
        ("relay, 50 pairs, 100 bytes, window 1", TALK, 1.2, 1.35),
        ("relay, 50 pairs, 100 bytes, window 16", BURST, 1.6, 1.6),
        ("relay, 50 pairs, 1 000 bytes, window 16", burst_1000, 1.6, 2.5),
    ] {
        let comparison = relay::measure(bench, relay_args, rounds).await?;
        bars.add(bare_ratio_bar(what, &comparison, limit).tolerate(tolerated));
    }
    let fan_out_args = FanOutArgs { members: 20, window: 4, text: 100, messages: 5_000 };
    bars.add(bare_ratio_bar(
        "fan-out, 20 members",
        &fan_out::measure(bench, fan_out_args, rounds).await?,
        1.5,
    ));
    let lone_args = LoneArgs { idle: SESSIONS, contacts: CONTACTS, logins: 20, messages: 20_000 };
    bars.add(lone_bar(&lone::measure(bench, lone_args, rounds).await?));
    Ok(())
}

/// Measures users who are signed in, sign in, or change their state.
async fn measure_sessions(
    bench: &Bench,
    args: &BarsArgs,
    rounds: usize,
    bars: &mut Measured,
) -> Result<(), BenchError> {
    let presence_args = PresenceArgs { watchers: 150, changes: 200 };
    let watched = presence::measure(bench, presence_args, rounds).await?;
    bars.add(before_ratio_bar("a state sent to 150: each NLN", &watched, 0.7).tolerate(1.15));
    let logins_args = LoginsArgs { sessions: 420, contacts: CONTACTS, at_once: 8 };
    let arrived = logins::measure(bench, logins_args, rounds).await?;
    let what = "a sign-in with 20 contacts, half of them online";
    bars.add(before_ratio_bar(what, &arrived, 0.8).tolerate(1.15));
    let heap_bytes = heap::measure(args.before_source.as_deref())?;
    let heap = Figures::of(&heap_bytes, |bytes| Some(*bytes));
    let what = "heap of an idle session with 20 contacts";
    // The test has this bound too.
    bars.add(Bar::new(what, heap, 1400.0, "bytes").tolerate(1408.0));
    let idle_args = IdleArgs { sessions: SESSIONS, contacts: CONTACTS };
    bars.add(memory_bar(&idle::measure(bench, idle_args).await?).tolerate(36.0));
    if args.long {
        let growth = churn::growth(bench, CHURN_PAIRS).await?;
        let growth = Figures::of(&growth, |bytes| kibibytes(*bytes));
        let what = "growth between 200 000 and 2 000 000 sign-ins";
        bars.add(Bar::new(what, growth, 128.0, "KiB").tolerate(1024.0));
    }
    Ok(())
}

/// Measures peers that send too much, or do not do what they should.
async fn measure_peers(bench: &Bench, bars: &mut Measured) -> Result<(), BenchError> {
    let deaf = deaf::measure(bench, DeafArgs { peers: 8, seconds: 10 }).await?;
    let flooded = Figures::of(&deaf, |report| megabytes(report.growth()));
    let others = figure(deaf.now.talk_p99, 0);
    let note = format!("{} were closed; p99 of two others {others} µs", deaf.now.closed);
    let what = "growth with 8 peers that never read, flooded for 10 s";
    bars.add(Bar::new(what, flooded, 1.0, "MB").with_note(note));
    for (what, until) in [
        ("growth with 10 000 half-open logins", Until::Challenge),
        ("growth with 10 000 half-sent lines", Until::Line),
    ] {
        let strangers_args = StrangersArgs { count: SESSIONS, until };
        bars.add(growth_bar(what, &strangers::measure(bench, strangers_args).await?));
    }
    Ok(())
}

fn measure_starts(bench: &Bench, rounds: usize, bars: &mut Measured) -> Result<(), BenchError> {
    for (what, accounts, contacts, limit) in
        [("start, no accounts", 0, 0, 20.0), ("start, 10 000 accounts", SESSIONS, CONTACTS, 150.0)]
    {
        let reports = start::measure(bench, StartArgs { accounts, contacts }, rounds)?;
        bars.add(Bar::new(what, Figures::of(&reports, StartReport::median), limit, "ms"));
    }
    Ok(())
}

async fn instructions_bar(bench: &Bench) -> Result<Bar, BenchError> {
    let reports = instructions::measure(bench).await?;
    let (figures, note) = match &reports {
        Some(reports) => (Figures::of(reports, |report| Some(report.per_message)), ""),
        None => (Figures { before: None, now: None }, "this needs valgrind"),
    };
    Ok(Bar::new("user instructions of a relayed message", figures, 4400.0, "instructions")
        .tolerate(4700.0)
        .with_note(note))
}

/// Returns the bar of a load that the bare relay has too: processor time, divided by that of the bare relay.
fn bare_ratio_bar(what: &str, comparison: &Comparison, limit: f64) -> Bar {
    let note = note_of_figures(comparison, Rounds::median_cost, "CPU");
    Bar::new(what, Figures::ratios_to_bare(comparison), limit, "times bare").with_note(note)
}

/// Returns the bar of a load that the bare relay does not have: processor time, divided by that of the
/// earlier build.
fn before_ratio_bar(what: &str, comparison: &Comparison, limit: f64) -> Bar {
    let note = note_of_figures(comparison, Rounds::median_cost, "CPU");
    Bar::new(what, Figures::ratios_to_before(comparison), limit, "times before").with_note(note)
}

fn lone_bar(comparisons: &PerBuild<Comparison>) -> Bar {
    let p99_ratio = |comparison: &Comparison, side| comparison.latency_ratio(side, Side::Bare, 99);
    let figures = Figures {
        before: comparisons.before.as_ref().and_then(|before| p99_ratio(before, Side::Before)),
        now: p99_ratio(&comparisons.now, Side::Now),
    };
    let what = "p99 of a lone message, 10 000 idle, 20 sign in each second";
    let note = note_of_figures(&comparisons.now, |rounds| rounds.median_latency(99), "time");
    Bar::new(what, figures, 3.0, "times bare").with_note(note)
}

fn memory_bar(reports: &PerBuild<IdleReport>) -> Bar {
    let resident = Figures::of(reports, |idle| megabytes(idle.resident));
    Bar::new("memory, 10 000 idle sessions with 20 contacts", resident, 26.0, "MB")
        .with_note(format!("{} bytes each", reports.now.bytes_per_user()))
}

fn growth_bar(what: &str, reports: &PerBuild<StrangersReport>) -> Bar {
    let growth = Figures::of(reports, |strangers| megabytes(strangers.growth()));
    Bar::new(what, growth, MAX_GROWTH, "MB")
        .with_note(format!("{} others signed in meanwhile", reports.now.served))
}

fn bulk_bar(row: bulk::Row) -> Bar {
    let bulk::Row { what, before, now, limit, unit } = row;
    Bar::new(&what, Figures { before, now }, limit, unit)
}

fn megabytes(bytes: u64) -> Option<f64> {
    u32::try_from(bytes).ok().map(|bytes| f64::from(bytes) / 1e6)
}

fn kibibytes(bytes: u64) -> Option<f64> {
    u32::try_from(bytes).ok().map(|bytes| f64::from(bytes) / 1024.0)
}

/// Returns the figures behind a ratio, in microseconds, for a note.
fn note_of_figures(
    comparison: &Comparison,
    microseconds: impl Fn(&Rounds) -> Option<f64>,
    what: &str,
) -> String {
    let figures: Vec<String> = comparison
        .sides
        .iter()
        .map(|rounds| format!("{} {}", rounds.side.name(), figure(microseconds(rounds), 2)))
        .collect();
    format!("µs of {what}: {}", figures.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(now: Option<f64>) -> Bar {
        Bar::new("a bar", Figures { before: None, now }, 1.5, "times")
    }

    #[test]
    fn a_bar_is_met_up_to_its_limit() {
        let verdict = |figure| bar(figure).verdict();
        assert_eq!(verdict(Some(1.5)), "met");
        assert_eq!(verdict(Some(1.500_1)), "FAIL");
        assert_eq!(verdict(Some(f64::NAN)), "FAIL");
        assert_eq!(verdict(None), "not measured");
    }

    #[test]
    fn a_bar_that_is_not_met_yet_fails_above_what_is_tolerated() {
        let verdict = |figure| bar(figure).tolerate(1.8).verdict();
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
