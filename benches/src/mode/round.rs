//! Rounds, in which the server and the bare relay take turns.

use crate::error::BenchError;
use crate::figures::{median, percentile, ratio};
use crate::rig::{Process, Target};
use serde::Serialize;
use std::time::{Duration, Instant};

/// The result of a round.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Round {
    /// The number of deliveries, or of what else was counted.
    pub(crate) count: u64,
    /// Processor time of the measured process, in seconds.
    pub(crate) cpu_seconds: f64,
    /// Elapsed time in seconds.
    pub(crate) seconds: f64,
    /// Times of deliveries in microseconds, if they were measured.
    #[serde(skip)]
    pub(crate) microseconds: Vec<f64>,
}

impl Round {
    /// Measures work that returns its count, and the time of each delivery if it was measured.
    pub(crate) async fn of(
        process: &Process,
        work: impl Future<Output = Result<(u64, Vec<f64>), BenchError>>,
    ) -> Result<Round, BenchError> {
        let (before, begun) = (process.cpu()?, Instant::now());
        let (count, microseconds) = work.await?;
        let taken = begun.elapsed();
        let cpu = process.cpu()?.saturating_sub(before);
        let (cpu_seconds, seconds) = (cpu.as_secs_f64(), taken.as_secs_f64());
        Ok(Round { count, cpu_seconds, seconds, microseconds })
    }

    /// Returns the processor time of each delivery in microseconds.
    pub(crate) fn cost(&self) -> f64 {
        let count = u32::try_from(self.count).map_or(f64::INFINITY, f64::from);
        self.cpu_seconds * 1e6 / count
    }
}

/// The same rounds on the server and on the bare relay.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    pub(crate) what: String,
    pub(crate) server: Vec<Round>,
    pub(crate) bare: Vec<Round>,
    /// The median of the rounds' ratios of processor time for each message.
    pub(crate) ratio: Option<f64>,
}

impl Comparison {
    /// Compares rounds in which both took turns.
    pub(crate) fn new(what: String, server: Vec<Round>, bare: Vec<Round>) -> Comparison {
        let costs = |rounds: &[Round]| rounds.iter().map(Round::cost).collect::<Vec<_>>();
        let ratio = ratio(&costs(&server), &costs(&bare));
        Comparison { what, server, bare, ratio }
    }

    /// Returns the median processor time of a message in microseconds.
    pub(crate) fn cost(rounds: &[Round]) -> Option<f64> {
        median(&rounds.iter().map(Round::cost).collect::<Vec<_>>())
    }

    /// Returns a percentile of the time of a delivery in microseconds: the median of the rounds.
    pub(crate) fn latency(rounds: &[Round], percent: usize) -> Option<f64> {
        let of_each = rounds.iter().filter_map(|round| percentile(&round.microseconds, percent));
        median(&of_each.collect::<Vec<_>>())
    }
}

/// Rounds of the server alone, of a load that the bare relay does not support.
#[derive(Debug, Serialize)]
pub(crate) struct ServerRounds {
    pub(crate) what: String,
    pub(crate) rounds: Vec<Round>,
    /// Resident memory in bytes, before the first round that counts.
    pub(crate) resident_before: u64,
    /// Resident memory in bytes, after the last round.
    pub(crate) resident_after: u64,
}

/// A load that can be repeated on a target.
pub(crate) trait Load {
    /// Returns a description of the load.
    fn what(&self) -> String;
    /// Runs the load once. Returns its count, and the time of each delivery if it was measured.
    async fn run(&mut self) -> Result<(u64, Vec<f64>), BenchError>;
    /// Brings the target back to its state before [`Load::run`]. This is not measured.
    async fn restore(&mut self) -> Result<(), BenchError> {
        Ok(())
    }
}

/// The time limit of a round. It is reached only if something is broken.
const ROUND_TIMEOUT: Duration = Duration::from_secs(120);

/// Runs rounds of a load on both, which take turns, after one on each that does not count.
pub(crate) async fn compare<L: Load>(
    (server, on_server): (&Target, &mut L),
    (bare, on_bare): (&Target, &mut L),
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let (mut of_server, mut of_bare) = (Vec::new(), Vec::new());
    for number in 0..=rounds {
        let mut turns =
            [(server, &mut *on_server, &mut of_server), (bare, &mut *on_bare, &mut of_bare)];
        // The order changes with each round.
        if number % 2 == 1 {
            turns.reverse();
        }
        for (target, load, found) in turns {
            let round = run_round(target, load).await?;
            if number > 0 {
                found.push(round);
            }
        }
    }
    Ok(Comparison::new(on_server.what(), of_server, of_bare))
}

/// Runs rounds of a load on the server alone, after one that does not count.
pub(crate) async fn measure_server(
    server: &Target,
    load: &mut impl Load,
    rounds: usize,
) -> Result<ServerRounds, BenchError> {
    run_round(server, load).await?;
    let resident_before = server.process().resident()?;
    let mut found = Vec::new();
    for _ in 0..rounds {
        found.push(run_round(server, load).await?);
    }
    let resident_after = server.process().resident()?;
    Ok(ServerRounds { what: load.what(), rounds: found, resident_before, resident_after })
}

async fn run_round(target: &Target, load: &mut impl Load) -> Result<Round, BenchError> {
    let round = tokio::time::timeout(ROUND_TIMEOUT, Round::of(target.process(), load.run())).await;
    let round = round.map_err(|_| {
        let words = format!("{}: {}: something was lost", target.name(), load.what());
        BenchError::wrong(words)
    })??;
    load.restore().await?;
    Ok(round)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(count: u64, cpu_seconds: f64) -> Round {
        Round { count, cpu_seconds, seconds: 1.0, microseconds: vec![cpu_seconds] }
    }

    #[test]
    fn a_cost_is_processor_time_for_each() {
        assert!((round(1000, 0.5).cost() - 500.0).abs() < 1e-9);
    }

    #[test]
    fn rounds_are_compared_one_by_one() {
        let server = vec![round(10, 0.3), round(10, 8.0), round(10, 0.4)];
        let bare = vec![round(10, 0.1), round(10, 4.0), round(10, 0.1)];
        let compared = Comparison::new(String::from("a load"), server, bare);
        assert!((compared.ratio.unwrap() - 3.0).abs() < 1e-9);
        assert!((Comparison::cost(&compared.server).unwrap() - 40_000.0).abs() < 1e-6);
        assert_eq!(Comparison::latency(&compared.server, 50), Some(0.4));
    }
}
