//! Pairs who sign in, talk, leave and sign out, again and again: whether anything is left behind.

use super::round::{Alone, Load, alone};
use crate::client::{Conversation, READ};
use crate::error::BenchError;
use crate::rig::{Bench, Population, Target};
use serde::Serialize;
use std::cell::Cell;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;
use tokio::task::JoinSet;

/// Who comes and goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct Visits {
    /// How many pairs are there at the same time
    #[arg(long, default_value_t = 8)]
    pub(crate) pairs: usize,
    /// How many visits of pairs a round has
    #[arg(long, default_value_t = 200)]
    pub(crate) visits: usize,
}

/// How many bytes the text has.
const TEXT: usize = 100;

impl Visits {
    /// The accounts that this takes.
    pub(crate) fn population(self) -> Population {
        Population { count: 2 * self.pairs, circle: 1 }
    }
}

/// Those who come and go.
#[derive(Debug)]
pub(crate) struct Churn {
    visits: Visits,
    dispatch: SocketAddr,
}

impl Churn {
    /// At the server whose Dispatch Server this is.
    pub(crate) fn at(dispatch: SocketAddr, visits: Visits) -> Churn {
        Churn { visits, dispatch }
    }
}

impl Load for Churn {
    fn what(&self) -> String {
        let Visits { pairs, .. } = self.visits;
        format!("a visit of a pair: sign in, one message, sign out; {pairs} at a time")
    }

    async fn put(&mut self) -> Result<(u64, Vec<f64>), BenchError> {
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

/// Visits of one pair, as long as some are left: how many microseconds each took.
async fn visit(
    dispatch: SocketAddr,
    first: usize,
    left: Rc<Cell<usize>>,
) -> Result<Vec<f64>, BenchError> {
    let mut taken = Vec::new();
    let mut room = Box::new([0; READ]);
    while let Some(rest) = left.get().checked_sub(1) {
        left.set(rest);
        let begun = Instant::now();
        let mut pair = Conversation::on_switchboard(dispatch, first, 2, TEXT).await?;
        let [one, other] = pair.seats.as_mut_slice() else {
            return Err(BenchError::wrong("a pair is two"));
        };
        one.compose(1);
        one.flush().await?;
        while poll_fn(|cx| other.poll_texts(cx, &mut room)).await? == 0 {}
        pair.end().await?;
        taken.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    Ok(taken)
}

/// On the server.
pub(crate) async fn measure(
    bench: &Bench,
    visits: Visits,
    rounds: usize,
) -> Result<Alone, BenchError> {
    let server = bench.server(visits.population())?;
    let mut load = Churn::at(server.dispatch, visits);
    alone(&Target::Server(server), &mut load, rounds).await
}
