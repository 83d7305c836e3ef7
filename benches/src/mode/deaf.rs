//! Peers that never read, each with a sender that never stops, while two other users talk.

use super::relay::{Pairs, RelayArgs};
use super::round::{Comparison, Load, Round};
use crate::client::{Session, Wire, begin, call};
use crate::error::BenchError;
use crate::rig::{Bench, Population, Process, Server, Target};
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

/// Measures the server.
pub(crate) async fn measure(bench: &Bench, deaf: DeafArgs) -> Result<DeafReport, BenchError> {
    let population = Population { count: 2 + 2 * deaf.peers, circle: 1 };
    let server = bench.server(population)?;
    let (dispatch, closed) = (server.dispatch, Closed::of(deaf.peers));
    let failed = flood_all(dispatch, deaf.peers, closed.clone())?;
    tokio::select! {
        found = talk(server, deaf, &closed) => found,
        failure = failed => Err(failure.unwrap_or_else(|_| BenchError::wrong("a sender failed"))),
    }
}

/// Starts all senders, on another thread: they never stop, and the two users must wait for the server,
/// not for them. They end with the server. Returns a channel with the error of one that failed before.
fn flood_all(
    dispatch: SocketAddr,
    peers: usize,
    closed: Arc<Closed>,
) -> Result<oneshot::Receiver<BenchError>, BenchError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(BenchError::system("cannot start"))?;
    let (tell, failed) = oneshot::channel();
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
        tell.send(failure).ok();
    });
    Ok(failed)
}

/// Counts how often each peer was closed.
#[derive(Debug)]
struct Closed(Vec<AtomicUsize>);

impl Closed {
    fn of(peers: usize) -> Arc<Closed> {
        Arc::new(Closed((0..peers).map(|_| AtomicUsize::new(0)).collect()))
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

async fn talk(server: Server, deaf: DeafArgs, closed: &Closed) -> Result<DeafReport, BenchError> {
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
    let (rounds, resident_most) = measure_flood(process, &mut pair, deaf).await?;
    Ok(DeafReport {
        deaf,
        resident_before,
        resident_most,
        closed: closed.sum() - closed_before,
        talk_p50: Comparison::latency(&rounds, 50),
        talk_p99: Comparison::latency(&rounds, 99),
    })
}

/// Returns the conversation during the flood as one round, and the maximum of the memory.
async fn measure_flood(
    process: &Process,
    pair: &mut Pairs,
    deaf: DeafArgs,
) -> Result<(Vec<Round>, u64), BenchError> {
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
    Ok((vec![round], most))
}

/// Sends without a pause. A peer that was closed for not reading connects again, and does not read
/// either.
async fn flood(
    dispatch: SocketAddr,
    first: usize,
    closed: Arc<Closed>,
    number: usize,
) -> Result<Infallible, BenchError> {
    let mut sender = Session::open(dispatch, first).await?;
    let mut peer = Session::open(dispatch, first + 1).await?;
    let mut board = begin(&mut sender).await?;
    let mut message = b"MSG 9 U 1664\r\n".to_vec();
    message.resize(message.len() + 1664, b'x');
    loop {
        let _deaf: Wire = call(&mut board, &mut peer).await?;
        let mut at = 0;
        loop {
            let rest = message.get(at..).unwrap_or_default();
            let bye = |event: Event<'_>| matches!(event, Event::Bye(_)).then_some(());
            let (written, gone) = board.write_or_read(rest, "BYE", bye).await?;
            at = (at + written) % message.len();
            if gone.is_some() {
                break;
            }
        }
        if at > 0 {
            board.write(message.get(at..).unwrap_or_default()).await?;
        }
        closed.count(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_must_have_been_closed() {
        let closed = Closed::of(2);
        closed.count(1);
        closed.count(1);
        assert!(!closed.is_each_closed());
        closed.count(0);
        assert!(closed.is_each_closed());
        assert_eq!(closed.sum(), 3);
    }
}
