//! One whose state changes, and all who watch.

use super::round::{Alone, Load, alone};
use crate::client::Session;
use crate::error::BenchError;
use crate::rig::{Bench, Population, Target};
use msnp::command::Chg;
use msnp::{Event, State, TrId};
use serde::Serialize;
use std::net::SocketAddr;

/// Who watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct Watch {
    /// How many watch: at most 150, as many as a list has
    #[arg(long, default_value_t = 150)]
    pub(crate) watchers: usize,
    /// How many changes a round has; each is told to all who watch before the next is made
    #[arg(long, default_value_t = 200)]
    pub(crate) changes: u64,
}

impl Watch {
    /// The accounts that this takes.
    pub(crate) fn population(self) -> Population {
        Population { count: self.watchers + 1, circle: self.watchers + 1 }
    }
}

/// What the state is changed to, one after the other.
const STATES: [State; 4] = [State::Busy, State::Idle, State::Away, State::OutToLunch];

/// Everybody.
#[derive(Debug)]
pub(crate) struct Watched {
    watch: Watch,
    changing: Session,
    watchers: Vec<Session>,
}

impl Watched {
    /// Everybody signs in: first the one who changes, so that nobody is told of his coming later.
    pub(crate) async fn at(dispatch: SocketAddr, watch: Watch) -> Result<Watched, BenchError> {
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
        format!("a state change is told to {}", self.watchers.len())
    }

    /// What is counted are the lines that watchers hear.
    async fn put(&mut self) -> Result<(u64, Vec<f64>), BenchError> {
        let mut told = 0;
        let states = (0..self.watch.changes).zip(STATES.into_iter().cycle());
        for (_, state) in states {
            self.changing.wire.say(Chg { trid: TrId::new(8), state }).await?;
            self.changing
                .wire
                .hear("the echo of CHG", |event| matches!(event, Event::Chg(_)).then_some(()))
                .await?;
            for watcher in &mut self.watchers {
                let who = &self.changing.principal;
                let heard = watcher.wire.hear("NLN", |event| match event {
                    Event::Nln(line) if line.handle == who.handle => Some(line),
                    // Of others who signed in.
                    _ => None,
                });
                let line = heard.await?;
                if line.state != state || line.name != who.name {
                    return Err(BenchError::wrong(format!("{state:?} was told as {line:?}")));
                }
                told += 1;
            }
        }
        Ok((told, Vec::new()))
    }
}

/// On the server.
pub(crate) async fn measure(
    bench: &Bench,
    watch: Watch,
    rounds: usize,
) -> Result<Alone, BenchError> {
    let server = bench.server(watch.population())?;
    let mut load = Watched::at(server.dispatch, watch).await?;
    alone(&Target::Server(server), &mut load, rounds).await
}
