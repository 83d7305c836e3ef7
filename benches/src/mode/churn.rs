//! Pairs of users sign in, talk, leave and sign out repeatedly: each time is a visit. The memory
//! before and after shows whether a visit leaves some behind.

use super::each::Each;
use super::round::{Comparison, Load, compare};
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

/// Bytes of the text.
const TEXT: usize = 100;

impl ChurnArgs {
    /// Returns the accounts that this needs.
    pub(crate) fn population(self) -> Population {
        Population { count: 2 * self.pairs, circle: 1 }
    }
}

/// The pairs.
#[derive(Debug)]
pub(crate) struct Churn {
    visits: ChurnArgs,
    dispatch: SocketAddr,
}

impl Churn {
    /// Creates them for the server with this Dispatch Server.
    pub(crate) fn at(dispatch: SocketAddr, visits: ChurnArgs) -> Churn {
        Churn { visits, dispatch }
    }
}

impl Load for Churn {
    fn what(&self) -> String {
        let ChurnArgs { pairs, .. } = self.visits;
        format!("a visit of a pair: sign in, one message, sign out; {pairs} at a time")
    }

    async fn run(&mut self) -> Result<(u64, Vec<f64>), BenchError> {
        let left = Rc::new(Cell::new(self.visits.visits));
        let mut tasks = JoinSet::new();
        for pair in 0..self.visits.pairs {
            tasks.spawn_local(visit(self.dispatch, 2 * pair, left.clone()));
        }
        let mut microseconds = Vec::new();
        while let Some(ended) = tasks.join_next().await {
            let ended =
                ended.map_err(|error| BenchError::wrong(format!("a pair failed: {error}")))?;
            microseconds.extend(ended?);
        }
        Ok((u64::try_from(microseconds.len()).unwrap_or(0), microseconds))
    }
}

/// Makes visits of one pair while some are left. Returns the microseconds of each.
async fn visit(
    dispatch: SocketAddr,
    first: usize,
    left: Rc<Cell<usize>>,
) -> Result<Vec<f64>, BenchError> {
    let mut taken = Vec::new();
    let mut buffer = Box::new([0; READ_SIZE]);
    while let Some(rest) = left.get().checked_sub(1) {
        left.set(rest);
        let begun = Instant::now();
        let mut pair = Conversation::on_switchboard(dispatch, first, 2, TEXT).await?;
        let [one, other] = pair.participants.as_mut_slice() else {
            return Err(BenchError::wrong("a pair is two"));
        };
        one.compose(1);
        one.flush().await?;
        while poll_fn(|cx| other.poll_texts(cx, &mut buffer)).await? == 0 {}
        pair.end().await?;
        taken.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    Ok(taken)
}

/// Visits before the memory is measured first: two sign-ins each.
const VISITS_BEFORE: usize = 100_000;

/// Visits before it is measured again, these included.
const VISITS_IN_ALL: usize = 1_000_000;

/// Visits between two reports of progress.
const STEP: usize = 50_000;

/// Returns the growth of the resident memory of each build between 200 000 and 2 000 000 sign-ins, in bytes.
pub(crate) async fn growth(bench: &Bench, pairs: usize) -> Result<Each<u64>, BenchError> {
    Each::of(bench, async |build| {
        let visits = ChurnArgs { pairs, visits: STEP };
        let server = bench.server(build, visits.population())?;
        let mut churn = Churn::at(server.dispatch, visits);
        let mut before = 0;
        let mut resident = 0;
        for done in (STEP..=VISITS_IN_ALL).step_by(STEP) {
            churn.run().await?;
            resident = server.child.process.resident()?;
            eprintln!("{}: {} sign-ins, {} KiB", build.side().name(), 2 * done, resident / 1024);
            if done == VISITS_BEFORE {
                before = resident;
            }
        }
        Ok(resident.saturating_sub(before))
    })
    .await
}

/// Measures each build.
pub(crate) async fn measure(
    bench: &Bench,
    visits: ChurnArgs,
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let mut contenders = Vec::new();
    for build in bench.builds() {
        let server = bench.server(build, visits.population())?;
        let load = Churn::at(server.dispatch, visits);
        contenders.push((Target::Server(server), load));
    }
    compare(contenders, rounds).await
}
