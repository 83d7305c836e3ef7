//! Rounds, in which the builds of the server and the bare relay take turns.

use crate::error::BenchError;
use crate::figures::{median, percentile, ratio};
use crate::rig::{Process, Side, Target};
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

/// The rounds of one side.
#[derive(Debug, Serialize)]
pub(crate) struct Rounds {
    pub(crate) side: Side,
    pub(crate) rounds: Vec<Round>,
    /// Resident memory in bytes, before the first round that counts.
    pub(crate) resident_before: u64,
    /// Resident memory in bytes, after the last round.
    pub(crate) resident_after: u64,
}

impl Rounds {
    fn of(target: &Target) -> Rounds {
        let side = target.side();
        Rounds { side, rounds: Vec::new(), resident_before: 0, resident_after: 0 }
    }

    /// Returns the median processor time of a message in microseconds.
    pub(crate) fn cost(&self) -> Option<f64> {
        median(&self.costs())
    }

    /// Returns a percentile of the time of a delivery in microseconds: the median of the rounds.
    pub(crate) fn latency(&self, percent: usize) -> Option<f64> {
        let rounds = self.rounds.iter();
        let of_each = rounds.filter_map(|round| percentile(&round.microseconds, percent));
        median(&of_each.collect::<Vec<_>>())
    }

    fn costs(&self) -> Vec<f64> {
        self.rounds.iter().map(Round::cost).collect()
    }
}

/// The same rounds on all sides, which took turns.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    pub(crate) what: String,
    pub(crate) sides: Vec<Rounds>,
}

impl Comparison {
    /// Returns the rounds of a side, if it was measured.
    pub(crate) fn of(&self, side: Side) -> Option<&Rounds> {
        self.sides.iter().find(|rounds| rounds.side == side)
    }

    /// Returns the median of the rounds' ratios of processor time for each message.
    pub(crate) fn ratio(&self, side: Side, to: Side) -> Option<f64> {
        ratio(&self.of(side)?.costs(), &self.of(to)?.costs())
    }

    /// Returns the ratio of a percentile of the time of a delivery.
    pub(crate) fn latency_ratio(&self, side: Side, to: Side, percent: usize) -> Option<f64> {
        Some(self.of(side)?.latency(percent)? / self.of(to)?.latency(percent)?)
    }
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

/// Runs rounds of a load on all targets, which take turns, after one on each that does not count.
pub(crate) async fn compare<L: Load>(
    mut contenders: Vec<(Target, L)>,
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let mut sides: Vec<Rounds> = contenders.iter().map(|(target, _)| Rounds::of(target)).collect();
    for number in 0..=rounds {
        let mut turns: Vec<_> = contenders.iter_mut().zip(&mut sides).collect();
        // The order changes with each round.
        if number % 2 == 1 {
            turns.reverse();
        }
        for ((target, load), found) in turns {
            let round = run_round(target, load).await?;
            let resident = target.process().resident()?;
            if number == 0 {
                found.resident_before = resident;
            } else {
                found.rounds.push(round);
            }
            found.resident_after = resident;
        }
    }
    let what = contenders.first().map(|(_, load)| load.what()).unwrap_or_default();
    Ok(Comparison { what, sides })
}

async fn run_round(target: &Target, load: &mut impl Load) -> Result<Round, BenchError> {
    let round = tokio::time::timeout(ROUND_TIMEOUT, Round::of(target.process(), load.run())).await;
    let round = round.map_err(|_| {
        let words = format!("{}: {}: something was lost", target.side().name(), load.what());
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
        let rounds = |side, rounds| Rounds { side, rounds, resident_before: 0, resident_after: 0 };
        let server = vec![round(10, 0.3), round(10, 8.0), round(10, 0.4)];
        let bare = vec![round(10, 0.1), round(10, 4.0), round(10, 0.1)];
        let sides = vec![rounds(Side::Bare, bare), rounds(Side::Now, server)];
        let compared = Comparison { what: String::from("a load"), sides };
        assert!((compared.ratio(Side::Now, Side::Bare).unwrap() - 3.0).abs() < 1e-9);
        assert!((compared.latency_ratio(Side::Now, Side::Bare, 50).unwrap() - 4.0).abs() < 1e-9);
        assert_eq!(compared.ratio(Side::Now, Side::Before), None);
        let server = compared.of(Side::Now).unwrap();
        assert!((server.cost().unwrap() - 40_000.0).abs() < 1e-6);
        assert_eq!(server.latency(50), Some(0.4));
    }
}
