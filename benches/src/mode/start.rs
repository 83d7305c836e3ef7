//! How long a start takes, until the server says that it is ready.

use crate::error::BenchError;
use crate::figures::median;
use crate::rig::{Bench, Installation, Population};
use serde::Serialize;

/// What it starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct Begin {
    /// How many accounts there are
    #[arg(long, default_value_t = 10_000)]
    pub(crate) accounts: usize,
    /// How many contacts each has
    #[arg(long, default_value_t = 20)]
    pub(crate) contacts: usize,
}

/// What was found.
#[derive(Debug, Serialize)]
pub(crate) struct Started {
    /// What it started with.
    pub(crate) with: Begin,
    /// Each start.
    pub(crate) milliseconds: Vec<f64>,
}

/// Starts and stops again and again.
fn start(installation: &Installation, with: Begin, rounds: usize) -> Result<Started, BenchError> {
    let mut milliseconds = Vec::new();
    for _ in 0..rounds {
        milliseconds.push(installation.startup()?.as_secs_f64() * 1e3);
    }
    Ok(Started { with, milliseconds })
}

impl Started {
    /// The median.
    pub(crate) fn median(&self) -> Option<f64> {
        median(&self.milliseconds)
    }
}

/// Of the server with so many accounts.
pub(crate) fn measure(bench: &Bench, with: Begin, rounds: usize) -> Result<Started, BenchError> {
    let population = Population { count: with.accounts, circle: with.contacts + 1 };
    start(&bench.installation(population)?, with, rounds)
}
