//! Instructions of the server for a relayed message, without those of the kernel. callgrind counts
//! them, so the load of the machine does not matter.

use super::each::Each;
use super::relay::{Pairs, RelayArgs};
use super::round::Load;
use crate::error::BenchError;
use crate::rig::{Bench, Build, Population, Target};
use clap::Args;
use serde::Serialize;

/// Messages of the shorter of two runs. The difference of the runs is the cost of messages.
const SHORT_RUN: u64 = 5_000;

/// Messages of the longer run.
const LONG_RUN: u64 = 15_000;

/// The limit.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct InstructionsArgs {
    /// Fail if a message needs more instructions
    #[arg(long, value_name = "INSTRUCTIONS")]
    at_most: Option<u32>,
}

impl InstructionsArgs {
    /// Returns an error if a message needs more than the limit.
    pub(crate) fn check(self, found: &InstructionsReport) -> Result<(), BenchError> {
        match self.at_most {
            Some(most) if found.each > f64::from(most) => {
                Err(BenchError::wrong(format!("more than {most} instructions for each message")))
            }
            _ => Ok(()),
        }
    }
}

/// The result.
#[derive(Debug, Serialize)]
pub(crate) struct InstructionsReport {
    pub(crate) what: String,
    /// Instructions for each message.
    pub(crate) each: f64,
}

/// Measures each build under callgrind. Returns `None` if valgrind is not installed.
pub(crate) async fn measure(bench: &Bench) -> Result<Option<Each<InstructionsReport>>, BenchError> {
    if std::process::Command::new("valgrind").arg("--version").output().is_err() {
        return Ok(None);
    }
    Each::of(bench, async |build| measure_build(bench, build).await).await.map(Some)
}

async fn measure_build(bench: &Bench, build: Build) -> Result<InstructionsReport, BenchError> {
    let (fewer, _) = run(bench, build, SHORT_RUN).await?;
    let (more, what) = run(bench, build, LONG_RUN).await?;
    let difference = u32::try_from(more.saturating_sub(fewer)).map_or(f64::INFINITY, f64::from);
    let messages = u32::try_from(LONG_RUN - SHORT_RUN).map_or(f64::NAN, f64::from);
    Ok(InstructionsReport { what, each: difference / messages })
}

async fn run(bench: &Bench, build: Build, messages: u64) -> Result<(u64, String), BenchError> {
    let talk = RelayArgs { pairs: 50, window: 1, text: 100, messages };
    let population = Population { count: 2 * talk.pairs, circle: 1 };
    let installation = bench.installation(build, population)?;
    let target = Target::Server(installation.start_under_callgrind()?);
    let mut pairs = Pairs::on(&target, 0, talk).await?;
    pairs.run().await?;
    let what = pairs.what();
    drop(pairs);
    let Target::Server(server) = target else { return Err(BenchError::wrong("no server")) };
    Ok((server.stop_and_count()?, what))
}
