//! The duration of a start, until the server logs that it is ready.

use super::per_build::PerBuild;
use crate::error::BenchError;
use crate::figures::median;
use crate::rig::{Bench, Build, Installation, Population};
use serde::Serialize;

/// The load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct StartArgs {
    /// Number of accounts
    #[arg(long, default_value_t = 10_000)]
    pub(crate) accounts: usize,
    /// Contacts of each account
    #[arg(long, default_value_t = 20)]
    pub(crate) contacts: usize,
}

/// The result.
#[derive(Debug, Serialize)]
pub(crate) struct StartReport {
    #[serde(rename = "with")]
    pub(crate) args: StartArgs,
    /// The duration of each start.
    pub(crate) milliseconds: Vec<f64>,
}

impl StartReport {
    /// Returns the median duration in milliseconds.
    pub(crate) fn median(&self) -> Option<f64> {
        median(&self.milliseconds)
    }
}

/// Starts and stops the builds in turn, once per round.
pub(crate) fn measure(
    bench: &Bench,
    args: StartArgs,
    rounds: usize,
) -> Result<PerBuild<StartReport>, BenchError> {
    let population = Population { count: args.accounts, circle: args.contacts + 1 };
    let before = match bench.has(Build::Before) {
        true => Some(bench.installation(Build::Before, population)?),
        false => None,
    };
    let installations = PerBuild { before, now: bench.installation(Build::Now, population)? };
    let mut reports = installations.map(|_| StartReport { args, milliseconds: Vec::new() });
    for _ in 0..rounds {
        if let (Some(installation), Some(report)) = (&installations.before, &mut reports.before) {
            report.milliseconds.push(milliseconds_to_start(installation)?);
        }
        reports.now.milliseconds.push(milliseconds_to_start(&installations.now)?);
    }
    Ok(reports)
}

fn milliseconds_to_start(installation: &Installation) -> Result<f64, BenchError> {
    Ok(installation.startup()?.as_secs_f64() * 1e3)
}
