//! Pairs of users sign in, talk, leave and sign out repeatedly: each time is a visit. The memory of the
//! server before and after shows whether a visit leaks memory.

use super::per_build::PerBuild;
use super::round::{Comparison, Load, LoadResult, compare};
use crate::client::{Conversation, READ_SIZE};
use crate::error::BenchError;
use crate::rig::{Bench, Population, Target};
use serde::Serialize;
use std::cell::Cell;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;
use tokio::task::JoinSet;

/// The load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct ChurnArgs {
    /// Number of pairs at the same time
    #[arg(long, default_value_t = 8)]
    pub(crate) pairs: usize,
    /// Number of visits of a round
    #[arg(long, default_value_t = 200)]
    pub(crate) visits: usize,
}

/// Bytes of the text that a pair exchanges.
const TEXT_LENGTH: usize = 100;

impl ChurnArgs {
    /// Returns the accounts that this needs.
    pub(crate) fn population(self) -> Population {
        Population { count: 2 * self.pairs, circle: 1 }
    }
}

/// The pairs.
#[derive(Debug)]
pub(crate) struct Churn {
    args: ChurnArgs,
    dispatch: SocketAddr,
}

impl Churn {
    /// Creates a load for the server with this Dispatch Server.
    pub(crate) fn new(dispatch: SocketAddr, args: ChurnArgs) -> Churn {
        Churn { args, dispatch }
    }
}

impl Load for Churn {
    fn description(&self) -> String {
        let ChurnArgs { pairs, .. } = self.args;
        format!("a visit of a pair: sign in, one message, sign out; {pairs} at a time")
    }

    async fn run(&mut self) -> Result<LoadResult, BenchError> {
        let visits_left = Rc::new(Cell::new(self.args.visits));
        let mut tasks = JoinSet::new();
        for pair in 0..self.args.pairs {
            tasks.spawn_local(make_visits(self.dispatch, 2 * pair, visits_left.clone()));
        }
        let mut microseconds = Vec::new();
        while let Some(result) = tasks.join_next().await {
            let visits =
                result.map_err(|error| BenchError::wrong(format!("a pair failed: {error}")))?;
            microseconds.extend(visits?);
        }
        Ok(LoadResult { count: u64::try_from(microseconds.len()).unwrap_or(0), microseconds })
    }
}

/// Makes visits of the pair of the accounts `first` and `first + 1`, while visits are left. Returns the
/// microseconds of each.
async fn make_visits(
    dispatch: SocketAddr,
    first: usize,
    visits_left: Rc<Cell<usize>>,
) -> Result<Vec<f64>, BenchError> {
    let mut microseconds = Vec::new();
    let mut buffer = Box::new([0; READ_SIZE]);
    while let Some(still_left) = visits_left.get().checked_sub(1) {
        visits_left.set(still_left);
        let start = Instant::now();
        let mut pair = Conversation::on_switchboard(dispatch, first, 2, TEXT_LENGTH).await?;
        let [one, other] = pair.participants.as_mut_slice() else {
            return Err(BenchError::wrong("a pair is two"));
        };
        one.compose(1);
        one.flush().await?;
        while poll_fn(|cx| other.poll_texts(cx, &mut buffer)).await? == 0 {}
        pair.end().await?;
        microseconds.push(start.elapsed().as_secs_f64() * 1e6);
    }
    Ok(microseconds)
}

/// After how many visits the memory is measured for the first time. A visit is two sign-ins.
const VISITS_AT_FIRST_MEASUREMENT: usize = 100_000;

/// After how many visits the memory is measured for the second time.
const VISITS_AT_SECOND_MEASUREMENT: usize = 1_000_000;

/// How many visits are made between two reports of progress.
const VISITS_PER_REPORT: usize = 50_000;

/// Returns the growth of the resident memory of each build between 200 000 and 2 000 000 sign-ins, in bytes.
pub(crate) async fn growth(bench: &Bench, pairs: usize) -> Result<PerBuild<u64>, BenchError> {
    PerBuild::measure(bench, async |build| {
        let args = ChurnArgs { pairs, visits: VISITS_PER_REPORT };
        let server = bench.server(build, args.population())?;
        let mut churn = Churn::new(server.dispatch, args);
        let mut first_resident = 0;
        let mut resident = 0;
        let reports = VISITS_PER_REPORT..=VISITS_AT_SECOND_MEASUREMENT;
        for visits in reports.step_by(VISITS_PER_REPORT) {
            churn.run().await?;
            resident = server.child.process.resident()?;
            eprintln!("{}: {} sign-ins, {} KiB", build.side().name(), 2 * visits, resident / 1024);
            if visits == VISITS_AT_FIRST_MEASUREMENT {
                first_resident = resident;
            }
        }
        Ok(resident.saturating_sub(first_resident))
    })
    .await
}

/// Measures each build.
pub(crate) async fn measure(
    bench: &Bench,
    args: ChurnArgs,
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let mut targets = Vec::new();
    for build in bench.builds() {
        let server = bench.server(build, args.population())?;
        let load = Churn::new(server.dispatch, args);
        targets.push((Target::Server(server), load));
    }
    compare(targets, rounds).await
}
