//! The time of a single message, while thousands of users are signed in and idle and some sign in and
//! out each second. The bare relay serves the pair alone.

use super::idle::{self, IdleArgs};
use super::per_build::PerBuild;
use super::relay::{Pairs, RelayArgs};
use super::round::{Comparison, Load, LoadResult, compare};
use crate::client::Session;
use crate::error::BenchError;
use crate::rig::{Bare, Bench, Population, Target};
use serde::Serialize;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

/// The number of accounts of users who sign in and out.
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
    /// Returns the idle users, rounded up to whole circles of contacts (see [`Population`]).
    pub(crate) fn idle_users(self) -> IdleArgs {
        let sessions = self.idle.next_multiple_of(self.contacts + 1);
        IdleArgs { sessions, contacts: self.contacts }
    }

    /// Returns the accounts that this needs: of the idle users, then a circle with the pair, then of the
    /// users who sign in and out.
    pub(crate) fn population(self) -> Population {
        let circle_size = self.contacts + 1;
        Population {
            count: self.idle_users().sessions + circle_size + CHURN_ACCOUNTS,
            circle: circle_size,
        }
    }

    fn pair(self) -> RelayArgs {
        RelayArgs { pairs: 1, window: 1, text: 100, messages: self.messages }
    }
}

/// The pair of users and, on the server, the users who sign in and out meanwhile.
#[derive(Debug)]
struct Pair {
    args: LoneArgs,
    pairs: Pairs,
    /// The Dispatch Server. The bare relay has none.
    dispatch: Option<SocketAddr>,
}

impl Pair {
    async fn open(target: &Target, args: LoneArgs) -> Result<Pair, BenchError> {
        let dispatch = match target {
            Target::Server(server) => Some(server.dispatch),
            Target::Bare(_) => None,
        };
        let pairs = Pairs::open(target, args.idle_users().sessions, args.pair()).await?;
        Ok(Pair { args, pairs, dispatch })
    }
}

impl Load for Pair {
    fn description(&self) -> String {
        let LoneArgs { logins, .. } = self.args;
        let idle = self.args.idle_users().sessions;
        format!("a lone message; {idle} sessions are idle, {logins} sign in each second")
    }

    async fn run(&mut self) -> Result<LoadResult, BenchError> {
        let Some(dispatch) = self.dispatch else { return self.pairs.run().await };
        tokio::select! {
            result = self.pairs.run() => result,
            Err(failure) = sign_in_and_out(dispatch, self.args) => Err(failure),
        }
    }
}

/// Signs users in and out, one after the other, forever.
async fn sign_in_and_out(dispatch: SocketAddr, args: LoneArgs) -> Result<Infallible, BenchError> {
    let mut pace = tokio::time::interval(Duration::from_secs(1) / args.logins.max(1));
    let first = args.idle_users().sessions + args.contacts + 1;
    for number in (first..first + CHURN_ACCOUNTS).cycle() {
        pace.tick().await;
        Session::open(dispatch, number).await?.wire.end().await?;
    }
    Err(BenchError::wrong("no account is left"))
}

/// Measures one build after the other, each in turn with a bare relay: there are too few file descriptors for
/// the idle users of two builds at the same time.
pub(crate) async fn measure(
    bench: &Bench,
    args: LoneArgs,
    rounds: usize,
) -> Result<PerBuild<Comparison>, BenchError> {
    PerBuild::measure(bench, async |build| {
        let server = bench.server(build, args.population())?;
        let (_, mut signed_in) = idle::sign_in_all(&server, args.idle_users()).await?;
        // The server sends profiles in the order of the sign-ins. After those of the last users, it sends
        // nothing more by itself.
        for session in signed_in.sessions.iter_mut().rev().take(args.contacts + 1) {
            session.settle().await?;
        }
        let mut targets = Vec::new();
        for target in [Target::Bare(Bare::start(bench.cores)?), Target::Server(server)] {
            let pair = Pair::open(&target, args).await?;
            targets.push((target, pair));
        }
        compare(targets, rounds).await
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_whole() {
        let args = LoneArgs { idle: 10_000, contacts: 20, logins: 20, messages: 1 };
        assert_eq!(args.idle_users().sessions, 10_017);
        assert_eq!(args.population().count % 21, 0);
    }
}
