//! Peers that never read, each with a sender that never stops, while two other users talk.

use super::each::Each;
use super::relay::{Pairs, RelayArgs};
use super::round::{Load, Round};
use crate::client::{Session, Wire, call, open_switchboard};
use crate::error::BenchError;
use crate::figures::percentile;
use crate::rig::{Bench, Build, Population, Process, Server, Target};
use msnp::Event;
use serde::Serialize;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::task::{JoinSet, LocalSet};

/// The load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct DeafArgs {
    /// Number of peers that never read
    #[arg(long, default_value_t = 8)]
    pub(crate) peers: usize,
    /// Seconds during which they are sent messages
    #[arg(long, default_value_t = 10)]
    pub(crate) seconds: u64,
}

/// The result.
#[derive(Debug, Serialize)]
pub(crate) struct DeafReport {
    pub(crate) deaf: DeafArgs,
    /// Resident memory in bytes when each peer had been closed once.
    pub(crate) resident_before: u64,
    /// The maximum afterwards.
    pub(crate) resident_most: u64,
    /// How often a peer was closed and connected again.
    pub(crate) closed: usize,
    /// Median time of the two users' messages, in microseconds.
    pub(crate) talk_p50: Option<f64>,
    /// The 99th percentile.
    pub(crate) talk_p99: Option<f64>,
}

impl DeafReport {
    /// Returns the growth of the server in bytes.
    pub(crate) fn growth(&self) -> u64 {
        self.resident_most.saturating_sub(self.resident_before)
    }
}

/// Messages between two measurements of the memory.
const MESSAGES: u64 = 100;

/// The time limit until each peer has been closed. It is reached only if something is broken.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(60);

/// Measures each build.
pub(crate) async fn measure(bench: &Bench, deaf: DeafArgs) -> Result<Each<DeafReport>, BenchError> {
    Each::of(bench, async |build| measure_build(bench, build, deaf).await).await
}

async fn measure_build(
    bench: &Bench,
    build: Build,
    deaf: DeafArgs,
) -> Result<DeafReport, BenchError> {
    let population = Population { count: 2 + 2 * deaf.peers, circle: 1 };
    let server = bench.server(build, population)?;
    let (dispatch, closed) = (server.dispatch, CloseCounts::of(deaf.peers));
    let first_failure = flood_all(dispatch, deaf.peers, closed.clone())?;
    tokio::select! {
        found = measure_talk(server, deaf, &closed) => found,
        failure = first_failure => Err(failure.unwrap_or_else(|_| BenchError::wrong("a sender failed"))),
    }
}

/// Starts all senders on a thread of their own, so that the two talking users wait for the server
/// only, never for a sender. The senders run until the server ends. Returns a channel for the error
/// of a sender that fails earlier.
fn flood_all(
    dispatch: SocketAddr,
    peers: usize,
    closed: Arc<CloseCounts>,
) -> Result<oneshot::Receiver<BenchError>, BenchError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(BenchError::system("cannot start"))?;
    let (sender, failure) = oneshot::channel();
    std::thread::spawn(move || {
        let ended = LocalSet::new().block_on(&runtime, async {
            let mut senders = JoinSet::new();
            for number in 0..peers {
                senders.spawn_local(flood(dispatch, 2 + 2 * number, closed.clone(), number));
            }
            senders.join_next().await
        });
        let failure = match ended {
            Some(Ok(Err(failure))) => failure,
            _ => BenchError::wrong("a sender failed"),
        };
        // The receiver is gone if the server was stopped.
        sender.send(failure).ok();
    });
    Ok(failure)
}

/// Counts how often each peer was closed.
#[derive(Debug)]
struct CloseCounts(Vec<AtomicUsize>);

impl CloseCounts {
    fn of(peers: usize) -> Arc<CloseCounts> {
        Arc::new(CloseCounts((0..peers).map(|_| AtomicUsize::new(0)).collect()))
    }

    fn count(&self, number: usize) {
        if let Some(closed) = self.0.get(number) {
            closed.fetch_add(1, Relaxed);
        }
    }

    fn is_each_closed(&self) -> bool {
        self.0.iter().all(|closed| closed.load(Relaxed) > 0)
    }

    fn sum(&self) -> usize {
        self.0.iter().map(|closed| closed.load(Relaxed)).sum()
    }
}

/// Lets two users talk, and measures their messages and the memory once each peer was closed.
async fn measure_talk(
    server: Server,
    deaf: DeafArgs,
    closed: &CloseCounts,
) -> Result<DeafReport, BenchError> {
    let talk = RelayArgs { pairs: 1, window: 1, text: 100, messages: MESSAGES };
    let server = Target::Server(server);
    let mut pair = Pairs::on(&server, 0, talk).await?;
    let process = server.process();
    let begun = Instant::now();
    while !closed.is_each_closed() {
        pair.run().await?;
        if begun.elapsed() > CLOSE_TIMEOUT {
            return Err(BenchError::wrong("a peer that does not read is not closed"));
        }
    }
    let (resident_before, closed_before) = (process.resident()?, closed.sum());
    let (round, resident_most) = measure_flood(process, &mut pair, deaf).await?;
    Ok(DeafReport {
        deaf,
        resident_before,
        resident_most,
        closed: closed.sum() - closed_before,
        talk_p50: percentile(&round.microseconds, 50),
        talk_p99: percentile(&round.microseconds, 99),
    })
}

/// Returns the conversation during the flood as one round, and the maximum of the memory.
async fn measure_flood(
    process: &Process,
    pair: &mut Pairs,
    deaf: DeafArgs,
) -> Result<(Round, u64), BenchError> {
    let mut most = 0;
    let begun = Instant::now();
    let work = async {
        let (mut count, mut microseconds) = (0, Vec::new());
        while begun.elapsed().as_secs() < deaf.seconds {
            let (more, taken) = pair.run().await?;
            count += more;
            microseconds.extend(taken);
            most = process.resident()?.max(most);
        }
        Ok((count, microseconds))
    };
    let round = Round::of(process, work).await?;
    Ok((round, most))
}

/// Sends without a pause. A peer that was closed for not reading connects again, and does not read
/// either.
async fn flood(
    dispatch: SocketAddr,
    first: usize,
    closed: Arc<CloseCounts>,
    number: usize,
) -> Result<Infallible, BenchError> {
    let mut sender = Session::open(dispatch, first).await?;
    let mut peer = Session::open(dispatch, first + 1).await?;
    let mut board = open_switchboard(&mut sender).await?;
    let mut message = b"MSG 9 U 1664\r\n".to_vec();
    message.resize(message.len() + 1664, b'x');
    loop {
        let _deaf: Wire = call(&mut board, &mut peer).await?;
        let mut position = 0;
        loop {
            let rest = message.get(position..).unwrap_or_default();
            let bye = |event: Event<'_>| matches!(event, Event::Bye(_)).then_some(());
            let (written, gone) = board.write_or_read(rest, "BYE", bye).await?;
            position = (position + written) % message.len();
            if gone.is_some() {
                break;
            }
        }
        // The next command must not begin within a message.
        if position > 0 {
            board.write(message.get(position..).unwrap_or_default()).await?;
        }
        closed.count(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_must_have_been_closed() {
        let closed = CloseCounts::of(2);
        closed.count(1);
        closed.count(1);
        assert!(!closed.is_each_closed());
        closed.count(0);
        assert!(closed.is_each_closed());
        assert_eq!(closed.sum(), 3);
    }
}
