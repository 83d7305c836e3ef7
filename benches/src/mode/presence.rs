//! One user changes state; many watch.

use super::round::{Comparison, Load, LoadResult, compare};
use crate::client::Session;
use crate::error::BenchError;
use crate::rig::{Bench, Population, Target};
use msnp::command::Chg;
use msnp::{Event, State, TrId};
use serde::Serialize;
use std::net::SocketAddr;

/// The load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct PresenceArgs {
    /// Number of watchers: at most 150, the size of a list
    #[arg(long, default_value_t = 150)]
    pub(crate) watchers: usize,
    /// Changes of a round; all watchers receive each before the next is made
    #[arg(long, default_value_t = 200)]
    pub(crate) changes: u64,
}

impl PresenceArgs {
    /// Returns the accounts that this needs.
    pub(crate) fn population(self) -> Population {
        Population { count: self.watchers + 1, circle: self.watchers + 1 }
    }
}

/// The states that the user changes to, one after the other.
const STATES: [State; 4] = [State::Busy, State::Idle, State::Away, State::OutToLunch];

/// The user who changes state, and those who watch.
#[derive(Debug)]
pub(crate) struct Watched {
    args: PresenceArgs,
    watched_user: Session,
    watchers: Vec<Session>,
}

impl Watched {
    /// Signs all users in. The user who changes state is first, so that no watcher is notified of that
    /// sign-in.
    pub(crate) async fn sign_in(
        dispatch: SocketAddr,
        args: PresenceArgs,
    ) -> Result<Watched, BenchError> {
        let mut watched_user = Session::open(dispatch, 0).await?;
        let mut watchers = Vec::new();
        for number in 1..=args.watchers {
            watchers.push(Session::open(dispatch, number).await?);
        }
        watched_user.settle().await?;
        for watcher in &mut watchers {
            watcher.settle().await?;
        }
        Ok(Watched { args, watched_user, watchers })
    }
}

impl Load for Watched {
    fn description(&self) -> String {
        format!("a state change is sent to {}", self.watchers.len())
    }

    /// Counts the lines that the watchers receive.
    async fn run(&mut self) -> Result<LoadResult, BenchError> {
        let mut received = 0;
        let changes = (0..self.args.changes).zip(STATES.into_iter().cycle());
        for (_, state) in changes {
            self.watched_user.wire.send(Chg { trid: TrId::new(8), state }).await?;
            self.watched_user
                .wire
                .receive("the echo of CHG", |event| matches!(event, Event::Chg(_)).then_some(()))
                .await?;
            for watcher in &mut self.watchers {
                let principal = &self.watched_user.principal;
                let notice = watcher.wire.receive("NLN", |event| match event {
                    Event::Nln(line) if line.handle == principal.handle => Some(line),
                    // A notice of another user who signed in.
                    _ => None,
                });
                let line = notice.await?;
                if line.state != state || line.name != principal.name {
                    return Err(BenchError::wrong(format!("{state:?} was sent as {line:?}")));
                }
                received += 1;
            }
        }
        Ok(LoadResult { count: received, microseconds: Vec::new() })
    }
}

/// Measures each build.
pub(crate) async fn measure(
    bench: &Bench,
    args: PresenceArgs,
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let mut targets = Vec::new();
    for build in bench.builds() {
        let server = bench.server(build, args.population())?;
        let load = Watched::sign_in(server.dispatch, args).await?;
        targets.push((Target::Server(server), load));
    }
    compare(targets, rounds).await
}
