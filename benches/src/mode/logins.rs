//! Principals who sign in: from `VER` on the Dispatch Server, through the referral and their lists, to
//! the echo of `CHG`. In the mean half of their contacts are online and are told.

use super::round::{Alone, Load, alone};
use crate::client::Session;
use crate::error::BenchError;
use crate::rig::{Bench, Population, Target};
use serde::Serialize;
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;
use tokio::task::JoinSet;

/// Who signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct Arrivals {
    /// How many sign in in a round
    #[arg(long, default_value_t = 420)]
    pub(crate) sessions: usize,
    /// How many contacts each has
    #[arg(long, default_value_t = 20)]
    pub(crate) contacts: usize,
    /// How many are about it at the same time
    #[arg(long, default_value_t = 8)]
    pub(crate) at_once: usize,
}

impl Arrivals {
    /// The accounts that this takes.
    pub(crate) fn population(self) -> Population {
        Population { count: self.sessions, circle: self.contacts + 1 }
    }
}

/// Everybody who is to sign in, and whoever has.
#[derive(Debug)]
pub(crate) struct Logins {
    arrivals: Arrivals,
    dispatch: SocketAddr,
    /// Who is signed in.
    pub(crate) sessions: Vec<Session>,
}

impl Logins {
    /// At the server whose Dispatch Server this is.
    pub(crate) fn at(dispatch: SocketAddr, arrivals: Arrivals) -> Logins {
        Logins { arrivals, dispatch, sessions: Vec::new() }
    }
}

impl Load for Logins {
    fn what(&self) -> String {
        let Arrivals { sessions, contacts, at_once } = self.arrivals;
        format!("{sessions} sign in with {contacts} contacts, {at_once} at a time")
    }

    async fn put(&mut self) -> Result<(u64, Vec<f64>), BenchError> {
        let next = Rc::new(Cell::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..self.arrivals.at_once {
            tasks.spawn_local(arrive(self.dispatch, self.arrivals, next.clone()));
        }
        let mut microseconds = Vec::new();
        while let Some(ended) = tasks.join_next().await {
            let ended =
                ended.map_err(|error| BenchError::wrong(format!("a client failed: {error}")))?;
            for (session, taken) in ended? {
                self.sessions.push(session);
                microseconds.push(taken);
            }
        }
        Ok((u64::try_from(self.sessions.len()).unwrap_or(0), microseconds))
    }

    async fn clear(&mut self) -> Result<(), BenchError> {
        for session in self.sessions.drain(..) {
            session.wire.end().await?;
        }
        Ok(())
    }
}

/// One after the other, as long as there is somebody: who, and after how many microseconds.
async fn arrive(
    dispatch: SocketAddr,
    arrivals: Arrivals,
    next: Rc<Cell<usize>>,
) -> Result<Vec<(Session, f64)>, BenchError> {
    let mut arrived = Vec::new();
    loop {
        let number = next.get();
        if number >= arrivals.sessions {
            return Ok(arrived);
        }
        next.set(number + 1);
        let begun = Instant::now();
        let mut session = Session::open(dispatch, number).await?;
        let taken = begun.elapsed().as_secs_f64() * 1e6;
        let expected = arrivals.population().contacts(number);
        if session.contacts != expected {
            let words = format!("{} of {expected} contacts were listed", session.contacts);
            return Err(BenchError::wrong(words));
        }
        session.wire.rest();
        arrived.push((session, taken));
    }
}

/// On the server.
pub(crate) async fn measure(
    bench: &Bench,
    arrivals: Arrivals,
    rounds: usize,
) -> Result<Alone, BenchError> {
    let server = bench.server(arrivals.population())?;
    let mut load = Logins::at(server.dispatch, arrivals);
    alone(&Target::Server(server), &mut load, rounds).await
}
