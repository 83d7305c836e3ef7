//! Rounds, in which the builds of the server and the bare relay take turns.

use crate::error::BenchError;
use crate::figures::{median, percentile, ratio};
use crate::rig::{Process, Side, Target};
use serde::Serialize;
use std::time::{Duration, Instant};

/// The result of a round.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Round {
    /// The number of deliveries, or of what else the load counts.
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
    /// Runs a load, and measures the time and the processor time of the process meanwhile.
    pub(crate) async fn measure(
        process: &Process,
        load: impl Future<Output = Result<LoadResult, BenchError>>,
    ) -> Result<Round, BenchError> {
        let (cpu_before, start) = (process.cpu()?, Instant::now());
        let LoadResult { count, microseconds } = load.await?;
        let duration = start.elapsed();
        let cpu = process.cpu()?.saturating_sub(cpu_before);
        let (cpu_seconds, seconds) = (cpu.as_secs_f64(), duration.as_secs_f64());
        Ok(Round { count, cpu_seconds, seconds, microseconds })
    }

    /// Returns the processor time per delivery, in microseconds.
    pub(crate) fn cost(&self) -> f64 {
        let count = u32::try_from(self.count).map_or(f64::INFINITY, f64::from);
        self.cpu_seconds * 1e6 / count
    }
}

/// All rounds of one program.
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

    /// Returns the median of the rounds' processor time per delivery, in microseconds. `None` without rounds.
    pub(crate) fn median_cost(&self) -> Option<f64> {
        median(&self.costs())
    }

    /// Takes this percentile of the delivery times of each round, and returns the median of these, in
    /// microseconds. `None` if no delivery was timed.
    pub(crate) fn median_latency(&self, percent: usize) -> Option<f64> {
        let rounds = self.rounds.iter();
        let percentiles = rounds.filter_map(|round| percentile(&round.microseconds, percent));
        median(&percentiles.collect::<Vec<_>>())
    }

    fn costs(&self) -> Vec<f64> {
        self.rounds.iter().map(Round::cost).collect()
    }
}

/// The same rounds of several programs, which took turns.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    /// The description of the load.
    pub(crate) what: String,
    pub(crate) sides: Vec<Rounds>,
}

impl Comparison {
    /// Returns the rounds of a program; `None` if it was not measured.
    pub(crate) fn rounds_of(&self, side: Side) -> Option<&Rounds> {
        self.sides.iter().find(|rounds| rounds.side == side)
    }

    /// Divides, for each round, the processor time of one program by that of another. Returns the median of
    /// these.
    pub(crate) fn cost_ratio(&self, dividend: Side, divisor: Side) -> Option<f64> {
        ratio(&self.rounds_of(dividend)?.costs(), &self.rounds_of(divisor)?.costs())
    }

    /// Divides a percentile of the delivery times of one program by that of another.
    pub(crate) fn latency_ratio(
        &self,
        dividend: Side,
        divisor: Side,
        percent: usize,
    ) -> Option<f64> {
        let latency = |side| self.rounds_of(side)?.median_latency(percent);
        Some(latency(dividend)? / latency(divisor)?)
    }
}

/// What a load did in a round.
#[derive(Debug)]
pub(crate) struct LoadResult {
    /// The number of deliveries, or of what else the load counts.
    pub(crate) count: u64,
    /// Times of deliveries in microseconds; empty if they were not measured.
    pub(crate) microseconds: Vec<f64>,
}

/// A load that can be repeated on a target.
pub(crate) trait Load {
    /// Returns a description of the load, for reports.
    fn description(&self) -> String;
    /// Runs the load once.
    async fn run(&mut self) -> Result<LoadResult, BenchError>;
    /// Brings the target back to its state before [`Load::run`]. This is not measured.
    async fn restore(&mut self) -> Result<(), BenchError> {
        Ok(())
    }
}

/// The time limit of a round. It is reached only if something is broken.
const ROUND_TIMEOUT: Duration = Duration::from_secs(120);

/// Runs rounds of the same load on all targets in turn. The first round on each does not count.
pub(crate) async fn compare<L: Load>(
    mut targets: Vec<(Target, L)>,
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let mut sides: Vec<Rounds> = targets.iter().map(|(target, _)| Rounds::of(target)).collect();
    for number in 0..=rounds {
        let mut turns: Vec<_> = targets.iter_mut().zip(&mut sides).collect();
        // The order changes with each round.
        if number % 2 == 1 {
            turns.reverse();
        }
        for ((target, load), finished) in turns {
            let round = run_round(target, load).await?;
            let resident = target.process().resident()?;
            if number == 0 {
                finished.resident_before = resident;
            } else {
                finished.rounds.push(round);
            }
            finished.resident_after = resident;
        }
    }
    let what = targets.first().map(|(_, load)| load.description()).unwrap_or_default();
    Ok(Comparison { what, sides })
}

async fn run_round(target: &Target, load: &mut impl Load) -> Result<Round, BenchError> {
    let measuring = Round::measure(target.process(), load.run());
    let round = tokio::time::timeout(ROUND_TIMEOUT, measuring).await;
    let round = round.map_err(|_| {
        let (program, load) = (target.side().name(), load.description());
        let seconds = ROUND_TIMEOUT.as_secs();
        BenchError::wrong(format!("{program}: {load}: a round did not end within {seconds} s"))
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
    fn a_cost_is_processor_time_per_delivery() {
        assert!((round(1000, 0.5).cost() - 500.0).abs() < 1e-9);
    }

    #[test]
    fn rounds_are_compared_one_by_one() {
        let rounds = |side, rounds| Rounds { side, rounds, resident_before: 0, resident_after: 0 };
        let server = vec![round(10, 0.3), round(10, 8.0), round(10, 0.4)];
        let bare = vec![round(10, 0.1), round(10, 4.0), round(10, 0.1)];
        let sides = vec![rounds(Side::Bare, bare), rounds(Side::Now, server)];
        let compared = Comparison { what: String::from("a load"), sides };
        assert!((compared.cost_ratio(Side::Now, Side::Bare).unwrap() - 3.0).abs() < 1e-9);
        assert!((compared.latency_ratio(Side::Now, Side::Bare, 50).unwrap() - 4.0).abs() < 1e-9);
        assert_eq!(compared.cost_ratio(Side::Now, Side::Before), None);
        let server = compared.rounds_of(Side::Now).unwrap();
        assert!((server.median_cost().unwrap() - 40_000.0).abs() < 1e-6);
        assert_eq!(server.median_latency(50), Some(0.4));
    }
}
