//! The number of instructions that the server needs to relay a message, without those of the kernel.
//! callgrind counts them, so other load on the machine does not change the result.

use super::per_build::PerBuild;
use super::relay::{Pairs, RelayArgs};
use super::round::Load;
use crate::error::BenchError;
use crate::rig::{Bench, Build, Population, Target};
use clap::Args;
use serde::Serialize;

/// Messages of the shorter of two runs. The longer run needs more instructions only for its additional
/// messages.
const SHORT_RUN: u64 = 5_000;

/// Messages of the longer run.
const LONG_RUN: u64 = 15_000;

/// The options.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct InstructionsArgs {
    /// Fail if a message needs more instructions than this
    #[arg(long, value_name = "INSTRUCTIONS")]
    at_most: Option<u32>,
}

impl InstructionsArgs {
    /// Returns an error if a message needs more than the limit.
    pub(crate) fn check(self, report: &InstructionsReport) -> Result<(), BenchError> {
        match self.at_most {
            Some(limit) if report.per_message > f64::from(limit) => {
                Err(BenchError::wrong(format!("more than {limit} instructions for each message")))
            }
            _ => Ok(()),
        }
    }
}

/// The result.
#[derive(Debug, Serialize)]
pub(crate) struct InstructionsReport {
    /// The description of the load.
    pub(crate) what: String,
    /// Instructions per message.
    #[serde(rename = "each")]
    pub(crate) per_message: f64,
}

/// Measures each build under callgrind. Returns `None` if valgrind is not installed.
pub(crate) async fn measure(
    bench: &Bench,
) -> Result<Option<PerBuild<InstructionsReport>>, BenchError> {
    if std::process::Command::new("valgrind").arg("--version").output().is_err() {
        return Ok(None);
    }
    PerBuild::measure(bench, async |build| measure_build(bench, build).await).await.map(Some)
}

async fn measure_build(bench: &Bench, build: Build) -> Result<InstructionsReport, BenchError> {
    let (of_short_run, _) = count(bench, build, SHORT_RUN).await?;
    let (of_long_run, what) = count(bench, build, LONG_RUN).await?;
    let instructions = of_long_run.saturating_sub(of_short_run);
    let instructions = u32::try_from(instructions).map_or(f64::INFINITY, f64::from);
    let messages = u32::try_from(LONG_RUN - SHORT_RUN).map_or(f64::NAN, f64::from);
    Ok(InstructionsReport { what, per_message: instructions / messages })
}

/// Returns the instructions of a whole run of the server with this number of messages, and the description of
/// the load.
async fn count(bench: &Bench, build: Build, messages: u64) -> Result<(u64, String), BenchError> {
    let args = RelayArgs { pairs: 50, window: 1, text: 100, messages };
    let population = Population { count: 2 * args.pairs, circle: 1 };
    let installation = bench.installation(build, population)?;
    let target = Target::Server(installation.start_under_callgrind()?);
    let mut pairs = Pairs::open(&target, 0, args).await?;
    pairs.run().await?;
    let what = pairs.description();
    drop(pairs);
    let Target::Server(server) = target else { return Err(BenchError::wrong("no server")) };
    Ok((server.stop_and_count()?, what))
}
