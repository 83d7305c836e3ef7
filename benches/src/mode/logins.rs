//! Users sign in: from `VER` on the Dispatch Server, through the referral and their lists, to the echo of
//! `CHG`. On average, half of their contacts are online and are notified.

use super::round::{Comparison, Load, compare};
use crate::client::Session;
use crate::error::BenchError;
use crate::rig::{Bench, Population, Target};
use serde::Serialize;
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;
use tokio::task::JoinSet;

/// The load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct LoginsArgs {
    /// Number of sign-ins of a round
    #[arg(long, default_value_t = 420)]
    pub(crate) sessions: usize,
    /// Contacts of each user
    #[arg(long, default_value_t = 20)]
    pub(crate) contacts: usize,
    /// Number of sign-ins at the same time
    #[arg(long, default_value_t = 8)]
    pub(crate) at_once: usize,
}

impl LoginsArgs {
    /// Returns the accounts that this needs.
    pub(crate) fn population(self) -> Population {
        Population { count: self.sessions, circle: self.contacts + 1 }
    }
}

/// The users who are to sign in, and those who have.
#[derive(Debug)]
pub(crate) struct Logins {
    arrivals: LoginsArgs,
    dispatch: SocketAddr,
    pub(crate) sessions: Vec<Session>,
}

impl Logins {
    /// Creates them for the server with this Dispatch Server.
    pub(crate) fn at(dispatch: SocketAddr, arrivals: LoginsArgs) -> Logins {
        Logins { arrivals, dispatch, sessions: Vec::new() }
    }
}

impl Load for Logins {
    fn what(&self) -> String {
        let LoginsArgs { sessions, contacts, at_once } = self.arrivals;
        format!("{sessions} sign in with {contacts} contacts, {at_once} at a time")
    }

    async fn run(&mut self) -> Result<(u64, Vec<f64>), BenchError> {
        let next = Rc::new(Cell::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..self.arrivals.at_once {
            tasks.spawn_local(sign_in_some(self.dispatch, self.arrivals, next.clone()));
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

    async fn restore(&mut self) -> Result<(), BenchError> {
        for session in self.sessions.drain(..) {
            session.wire.end().await?;
        }
        Ok(())
    }
}

/// Signs users in, one after the other. Returns their sessions, and the microseconds of each.
async fn sign_in_some(
    dispatch: SocketAddr,
    arrivals: LoginsArgs,
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
        session.wire.shrink_buffer();
        arrived.push((session, taken));
    }
}

/// Measures each build.
pub(crate) async fn measure(
    bench: &Bench,
    arrivals: LoginsArgs,
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let mut contenders = Vec::new();
    for build in bench.builds() {
        let server = bench.server(build, arrivals.population())?;
        let load = Logins::at(server.dispatch, arrivals);
        contenders.push((Target::Server(server), load));
    }
    compare(contenders, rounds).await
}
