//! The duration of a start, until the server logs that it is ready.

use super::each::Each;
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
    pub(crate) with: StartArgs,
    pub(crate) milliseconds: Vec<f64>,
}

impl StartReport {
    /// Returns the median.
    pub(crate) fn median(&self) -> Option<f64> {
        median(&self.milliseconds)
    }
}

/// Starts and stops each build repeatedly. They take turns.
pub(crate) fn measure(
    bench: &Bench,
    args: StartArgs,
    rounds: usize,
) -> Result<Each<StartReport>, BenchError> {
    let population = Population { count: args.accounts, circle: args.contacts + 1 };
    let before = match bench.has(Build::Before) {
        true => Some(bench.installation(Build::Before, population)?),
        false => None,
    };
    let installations = Each { before, now: bench.installation(Build::Now, population)? };
    let mut found = installations.map(|_| StartReport { with: args, milliseconds: Vec::new() });
    for _ in 0..rounds {
        if let (Some(installation), Some(report)) = (&installations.before, &mut found.before) {
            report.milliseconds.push(milliseconds(installation)?);
        }
        found.now.milliseconds.push(milliseconds(&installations.now)?);
    }
    Ok(found)
}

fn milliseconds(installation: &Installation) -> Result<f64, BenchError> {
    Ok(installation.startup()?.as_secs_f64() * 1e3)
}
