//! Users sign in: from `VER` on the Dispatch Server, through the referral and their lists, to the echo of
//! `CHG`. On average, half of their contacts are online and are notified.

use super::round::{Comparison, Load, LoadResult, compare};
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
    args: LoginsArgs,
    dispatch: SocketAddr,
    pub(crate) sessions: Vec<Session>,
}

impl Logins {
    /// Creates a load for the server with this Dispatch Server. No user is signed in yet.
    pub(crate) fn new(dispatch: SocketAddr, args: LoginsArgs) -> Logins {
        Logins { args, dispatch, sessions: Vec::new() }
    }
}

impl Load for Logins {
    fn description(&self) -> String {
        let LoginsArgs { sessions, contacts, at_once } = self.args;
        format!("{sessions} sign in with {contacts} contacts, {at_once} at a time")
    }

    async fn run(&mut self) -> Result<LoadResult, BenchError> {
        let next_account = Rc::new(Cell::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..self.args.at_once {
            tasks.spawn_local(sign_in_some(self.dispatch, self.args, next_account.clone()));
        }
        let mut microseconds = Vec::new();
        while let Some(result) = tasks.join_next().await {
            let sign_ins =
                result.map_err(|error| BenchError::wrong(format!("a client failed: {error}")))?;
            for (session, session_microseconds) in sign_ins? {
                self.sessions.push(session);
                microseconds.push(session_microseconds);
            }
        }
        let count = u64::try_from(self.sessions.len()).unwrap_or(0);
        Ok(LoadResult { count, microseconds })
    }

    async fn restore(&mut self) -> Result<(), BenchError> {
        for session in self.sessions.drain(..) {
            session.wire.end().await?;
        }
        Ok(())
    }
}

/// Signs in one account after the other, while some are left. Returns the sessions, each with the
/// microseconds that its sign-in took.
async fn sign_in_some(
    dispatch: SocketAddr,
    args: LoginsArgs,
    next_account: Rc<Cell<usize>>,
) -> Result<Vec<(Session, f64)>, BenchError> {
    let mut sign_ins = Vec::new();
    loop {
        let number = next_account.get();
        if number >= args.sessions {
            return Ok(sign_ins);
        }
        next_account.set(number + 1);
        let start = Instant::now();
        let mut session = Session::open(dispatch, number).await?;
        let microseconds = start.elapsed().as_secs_f64() * 1e6;
        let expected = args.population().contacts(number);
        if session.contacts != expected {
            let message = format!("{} of {expected} contacts were listed", session.contacts);
            return Err(BenchError::wrong(message));
        }
        session.wire.shrink_buffer();
        sign_ins.push((session, microseconds));
    }
}

/// Measures each build.
pub(crate) async fn measure(
    bench: &Bench,
    args: LoginsArgs,
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let mut targets = Vec::new();
    for build in bench.builds() {
        let server = bench.server(build, args.population())?;
        let load = Logins::new(server.dispatch, args);
        targets.push((Target::Server(server), load));
    }
    compare(targets, rounds).await
}
