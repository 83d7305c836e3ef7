//! Peers that never read, each with a sender that never stops, while two other users talk.

use super::per_build::PerBuild;
use super::relay::{Pairs, RelayArgs};
use super::round::{Load, LoadResult, Round};
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
    #[serde(rename = "deaf")]
    pub(crate) args: DeafArgs,
    /// Resident memory in bytes after the server closed each peer for the first time.
    pub(crate) resident_before: u64,
    /// The maximum of the resident memory in bytes afterwards.
    #[serde(rename = "resident_most")]
    pub(crate) max_resident: u64,
    /// How often the server closed a peer, which then connected again.
    pub(crate) closed: usize,
    /// Median time of the two users' messages, in microseconds.
    pub(crate) talk_p50: Option<f64>,
    /// The 99th percentile of their times, in microseconds.
    pub(crate) talk_p99: Option<f64>,
}

impl DeafReport {
    /// Returns the growth of the server in bytes.
    pub(crate) fn growth(&self) -> u64 {
        self.max_resident.saturating_sub(self.resident_before)
    }
}

/// How many messages the two users exchange between two measurements of the memory.
const MESSAGES: u64 = 100;

/// The time limit until each peer has been closed. It is reached only if something is broken.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(60);

/// Measures each build.
pub(crate) async fn measure(
    bench: &Bench,
    args: DeafArgs,
) -> Result<PerBuild<DeafReport>, BenchError> {
    PerBuild::measure(bench, async |build| measure_build(bench, build, args).await).await
}

async fn measure_build(
    bench: &Bench,
    build: Build,
    args: DeafArgs,
) -> Result<DeafReport, BenchError> {
    let population = Population { count: 2 + 2 * args.peers, circle: 1 };
    let server = bench.server(build, population)?;
    let (dispatch, close_counts) = (server.dispatch, CloseCounts::new(args.peers));
    let first_failure = flood_all(dispatch, args.peers, close_counts.clone())?;
    tokio::select! {
        report = measure_conversation(server, args, &close_counts) => report,
        failure = first_failure => Err(failure.unwrap_or_else(|_| BenchError::wrong("a sender failed"))),
    }
}

/// Starts all senders on a thread of their own, so that the two users who talk never wait for a sender. The
/// senders run until the server ends. If one fails earlier, the returned channel receives its error.
fn flood_all(
    dispatch: SocketAddr,
    peers: usize,
    close_counts: Arc<CloseCounts>,
) -> Result<oneshot::Receiver<BenchError>, BenchError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(BenchError::system("cannot start"))?;
    let (failure_sender, first_failure) = oneshot::channel();
    std::thread::spawn(move || {
        let first_result = LocalSet::new().block_on(&runtime, async {
            let mut senders = JoinSet::new();
            for number in 0..peers {
                senders.spawn_local(flood(dispatch, 2 + 2 * number, close_counts.clone(), number));
            }
            senders.join_next().await
        });
        let failure = match first_result {
            Some(Ok(Err(failure))) => failure,
            _ => BenchError::wrong("a sender failed"),
        };
        // The receiver is gone if the server was stopped.
        failure_sender.send(failure).ok();
    });
    Ok(first_failure)
}

/// Counts how often the server closed each peer.
#[derive(Debug)]
struct CloseCounts(Vec<AtomicUsize>);

impl CloseCounts {
    fn new(peers: usize) -> Arc<CloseCounts> {
        Arc::new(CloseCounts((0..peers).map(|_| AtomicUsize::new(0)).collect()))
    }

    fn increment(&self, number: usize) {
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

/// Lets two users talk. As soon as the server has closed each peer once, measures their messages and the
/// memory.
async fn measure_conversation(
    server: Server,
    args: DeafArgs,
    close_counts: &CloseCounts,
) -> Result<DeafReport, BenchError> {
    let pair_args = RelayArgs { pairs: 1, window: 1, text: 100, messages: MESSAGES };
    let server = Target::Server(server);
    let mut pair = Pairs::open(&server, 0, pair_args).await?;
    let process = server.process();
    let start = Instant::now();
    while !close_counts.is_each_closed() {
        pair.run().await?;
        if start.elapsed() > CLOSE_TIMEOUT {
            return Err(BenchError::wrong("a peer that does not read is not closed"));
        }
    }
    let (resident_before, closed_before) = (process.resident()?, close_counts.sum());
    let (round, max_resident) = measure_flood(process, &mut pair, args).await?;
    Ok(DeafReport {
        args,
        resident_before,
        max_resident,
        closed: close_counts.sum() - closed_before,
        talk_p50: percentile(&round.microseconds, 50),
        talk_p99: percentile(&round.microseconds, 99),
    })
}

/// Lets two users talk during the flood. Returns their messages as one round, and the maximum of the resident
/// memory in bytes.
async fn measure_flood(
    process: &Process,
    pair: &mut Pairs,
    args: DeafArgs,
) -> Result<(Round, u64), BenchError> {
    let mut max_resident = 0;
    let start = Instant::now();
    let load = async {
        let mut total = LoadResult { count: 0, microseconds: Vec::new() };
        while start.elapsed().as_secs() < args.seconds {
            let LoadResult { count, microseconds } = pair.run().await?;
            total.count += count;
            total.microseconds.extend(microseconds);
            max_resident = process.resident()?.max(max_resident);
        }
        Ok(total)
    };
    let round = Round::measure(process, load).await?;
    Ok((round, max_resident))
}

/// Signs in the account `first` as a sender and the next one as its peer. The sender sends without a pause;
/// the peer does not read. When the server closes the peer, the sender calls the peer again.
/// `peer_number` is the number of the peer in `close_counts`.
async fn flood(
    dispatch: SocketAddr,
    first: usize,
    close_counts: Arc<CloseCounts>,
    peer_number: usize,
) -> Result<Infallible, BenchError> {
    let mut sender = Session::open(dispatch, first).await?;
    let mut peer = Session::open(dispatch, first + 1).await?;
    let mut switchboard = open_switchboard(&mut sender).await?;
    let mut message = b"MSG 9 U 1664\r\n".to_vec();
    message.resize(message.len() + 1664, b'x');
    loop {
        let _deaf: Wire = call(&mut switchboard, &mut peer).await?;
        let mut position = 0;
        loop {
            let rest = message.get(position..).unwrap_or_default();
            let bye = |event: Event<'_>| matches!(event, Event::Bye(_)).then_some(());
            let (written, peer_left) = switchboard.write_or_read(rest, "BYE", bye).await?;
            position = (position + written) % message.len();
            if peer_left.is_some() {
                break;
            }
        }
        // The next command must not begin within a message.
        if position > 0 {
            switchboard.write(message.get(position..).unwrap_or_default()).await?;
        }
        close_counts.increment(peer_number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_must_have_been_closed() {
        let close_counts = CloseCounts::new(2);
        close_counts.increment(1);
        close_counts.increment(1);
        assert!(!close_counts.is_each_closed());
        close_counts.increment(0);
        assert!(close_counts.is_each_closed());
        assert_eq!(close_counts.sum(), 3);
    }
}
