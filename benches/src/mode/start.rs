//! The duration of a start, until the server logs that it is ready.

use crate::error::BenchError;
use crate::figures::median;
use crate::rig::{Bench, Installation, Population};
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

/// Starts and stops the server repeatedly.
fn start(
    installation: &Installation,
    args: StartArgs,
    rounds: usize,
) -> Result<StartReport, BenchError> {
    let mut milliseconds = Vec::new();
    for _ in 0..rounds {
        milliseconds.push(installation.startup()?.as_secs_f64() * 1e3);
    }
    Ok(StartReport { with: args, milliseconds })
}

impl StartReport {
    /// Returns the median.
    pub(crate) fn median(&self) -> Option<f64> {
        median(&self.milliseconds)
    }
}

/// Measures the server with this many accounts.
pub(crate) fn measure(
    bench: &Bench,
    args: StartArgs,
    rounds: usize,
) -> Result<StartReport, BenchError> {
    let population = Population { count: args.accounts, circle: args.contacts + 1 };
    start(&bench.installation(population)?, args, rounds)
}
