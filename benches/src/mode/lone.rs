//! The time of a single message, while thousands of users are signed in and idle and some sign in and
//! out each second. The bare relay serves the pair alone.

use super::each::Each;
use super::idle::{self, IdleArgs};
use super::relay::{Pairs, RelayArgs};
use super::round::{Comparison, Load, compare};
use crate::client::Session;
use crate::error::BenchError;
use crate::rig::{Bare, Bench, Population, Target};
use serde::Serialize;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

/// Accounts of those who sign in and out.
const CHURN_ACCOUNTS: usize = 210;

/// The load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct LoneArgs {
    /// Number of idle users
    #[arg(long, default_value_t = 10_000)]
    pub(crate) idle: usize,
    /// Contacts of each user
    #[arg(long, default_value_t = 20)]
    pub(crate) contacts: usize,
    /// Users who sign in and out each second
    #[arg(long, default_value_t = 20)]
    pub(crate) logins: u32,
    /// Messages of the pair in a round, one after the other
    #[arg(long, default_value_t = 20_000)]
    pub(crate) messages: u64,
}

impl LoneArgs {
    /// Returns the number of idle users, rounded to whole circles.
    pub(crate) fn crowd(self) -> IdleArgs {
        let sessions = self.idle.next_multiple_of(self.contacts + 1);
        IdleArgs { sessions, contacts: self.contacts }
    }

    /// Returns the accounts that this needs: the idle ones, the pair, those who sign in and out.
    pub(crate) fn population(self) -> Population {
        let pair = self.contacts + 1;
        Population {
            count: self.crowd().sessions + pair + CHURN_ACCOUNTS,
            circle: self.contacts + 1,
        }
    }

    fn talk(self) -> RelayArgs {
        RelayArgs { pairs: 1, window: 1, text: 100, messages: self.messages }
    }
}

/// The pair of users and, on the server, the users who sign in and out meanwhile.
#[derive(Debug)]
struct Pair {
    lone: LoneArgs,
    pairs: Pairs,
    /// The Dispatch Server. The bare relay has none.
    dispatch: Option<SocketAddr>,
}

impl Pair {
    pub(crate) async fn on(target: &Target, lone: LoneArgs) -> Result<Pair, BenchError> {
        let dispatch = match target {
            Target::Server(server) => Some(server.dispatch),
            Target::Bare(_) => None,
        };
        let pairs = Pairs::on(target, lone.crowd().sessions, lone.talk()).await?;
        Ok(Pair { lone, pairs, dispatch })
    }
}

impl Load for Pair {
    fn what(&self) -> String {
        let LoneArgs { logins, .. } = self.lone;
        let idle = self.lone.crowd().sessions;
        format!("a lone message; {idle} sessions are idle, {logins} sign in each second")
    }

    async fn run(&mut self) -> Result<(u64, Vec<f64>), BenchError> {
        let Some(dispatch) = self.dispatch else { return self.pairs.run().await };
        tokio::select! {
            done = self.pairs.run() => done,
            Err(failure) = come_and_go(dispatch, self.lone) => Err(failure),
        }
    }
}

/// Signs users in and out, one after the other, forever.
async fn come_and_go(dispatch: SocketAddr, lone: LoneArgs) -> Result<Infallible, BenchError> {
    let mut pace = tokio::time::interval(Duration::from_secs(1) / lone.logins.max(1));
    let first = lone.crowd().sessions + lone.contacts + 1;
    for number in (first..first + CHURN_ACCOUNTS).cycle() {
        pace.tick().await;
        Session::open(dispatch, number).await?.wire.end().await?;
    }
    Err(BenchError::wrong("no account is left"))
}

/// Measures each build, and the bare relay in turn with it. There are too few file descriptors for the idle users of
/// two builds.
pub(crate) async fn measure(
    bench: &Bench,
    lone: LoneArgs,
    rounds: usize,
) -> Result<Each<Comparison>, BenchError> {
    Each::of(bench, async |build| {
        let server = bench.server(build, lone.population())?;
        let (_, mut signed_in) = idle::sign_in_all(&server, lone.crowd()).await?;
        // Profiles arrive in the order of the sign-ins: after the last ones, nothing more comes.
        for session in signed_in.sessions.iter_mut().rev().take(lone.contacts + 1) {
            session.settle().await?;
        }
        let mut contenders = Vec::new();
        for target in [Target::Bare(Bare::start(bench.cores)?), Target::Server(server)] {
            let pair = Pair::on(&target, lone).await?;
            contenders.push((target, pair));
        }
        compare(contenders, rounds).await
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_whole() {
        let lone = LoneArgs { idle: 10_000, contacts: 20, logins: 20, messages: 1 };
        assert_eq!(lone.crowd().sessions, 10_017);
        assert_eq!(lone.population().count % 21, 0);
    }
}
