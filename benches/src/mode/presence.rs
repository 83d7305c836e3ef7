//! One user changes state; many watch.

use super::round::{Comparison, Load, compare};
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

/// The states, one after the other.
const STATES: [State; 4] = [State::Busy, State::Idle, State::Away, State::OutToLunch];

/// The user who changes state, and those who watch.
#[derive(Debug)]
pub(crate) struct Watched {
    watch: PresenceArgs,
    changing: Session,
    watchers: Vec<Session>,
}

impl Watched {
    /// Signs all users in. The one who changes is first, so that no watcher receives that sign-in later.
    pub(crate) async fn at(
        dispatch: SocketAddr,
        watch: PresenceArgs,
    ) -> Result<Watched, BenchError> {
        let mut changing = Session::open(dispatch, 0).await?;
        let mut watchers = Vec::new();
        for number in 1..=watch.watchers {
            watchers.push(Session::open(dispatch, number).await?);
        }
        changing.settle().await?;
        for watcher in &mut watchers {
            watcher.settle().await?;
        }
        Ok(Watched { watch, changing, watchers })
    }
}

impl Load for Watched {
    fn what(&self) -> String {
        format!("a state change is sent to {}", self.watchers.len())
    }

    /// Returns the number of lines that the watchers received.
    async fn run(&mut self) -> Result<(u64, Vec<f64>), BenchError> {
        let mut received = 0;
        let states = (0..self.watch.changes).zip(STATES.into_iter().cycle());
        for (_, state) in states {
            self.changing.wire.send(Chg { trid: TrId::new(8), state }).await?;
            self.changing
                .wire
                .receive("the echo of CHG", |event| matches!(event, Event::Chg(_)).then_some(()))
                .await?;
            for watcher in &mut self.watchers {
                let who = &self.changing.principal;
                let next = watcher.wire.receive("NLN", |event| match event {
                    Event::Nln(line) if line.handle == who.handle => Some(line),
                    // A notice of another user who signed in.
                    _ => None,
                });
                let line = next.await?;
                if line.state != state || line.name != who.name {
                    return Err(BenchError::wrong(format!("{state:?} was sent as {line:?}")));
                }
                received += 1;
            }
        }
        Ok((received, Vec::new()))
    }
}

/// Measures each build.
pub(crate) async fn measure(
    bench: &Bench,
    watch: PresenceArgs,
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let mut contenders = Vec::new();
    for build in bench.builds() {
        let server = bench.server(build, watch.population())?;
        let load = Watched::at(server.dispatch, watch).await?;
        contenders.push((Target::Server(server), load));
    }
    compare(contenders, rounds).await
}
