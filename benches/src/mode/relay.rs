//! Pairs of users talk. In each pair, a fixed number of messages is in flight: both users answer every
//! message with one of their own.

use super::round::{Comparison, Load, LoadResult, compare};
use crate::client::{Conversation, READ_SIZE};
use crate::error::BenchError;
use crate::rig::{Bench, Population, Target};
use serde::Serialize;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Instant;
use tokio::task::JoinSet;

/// The load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct RelayArgs {
    /// Number of pairs
    #[arg(long, default_value_t = 50)]
    pub(crate) pairs: usize,
    /// Messages of a pair in flight: 1 is talk, 16 is a file
    #[arg(long, default_value_t = 1)]
    pub(crate) window: usize,
    /// Bytes of a text: 10 to 1500
    #[arg(long, default_value_t = 100)]
    pub(crate) text: usize,
    /// Messages of a round
    #[arg(long, default_value_t = 20_000)]
    pub(crate) messages: u64,
}

/// The conversations.
#[derive(Debug)]
pub(crate) struct Pairs {
    args: RelayArgs,
    pairs: Vec<Conversation>,
}

/// The state that the pairs of a round share.
#[derive(Debug)]
struct Shared {
    /// The number of messages that are not sent yet.
    unsent: Cell<u64>,
    /// The time of each message, if only one is in flight.
    microseconds: RefCell<Vec<f64>>,
}

impl Pairs {
    /// Creates conversations of two accounts each, from the account `first` on.
    pub(crate) async fn open(
        target: &Target,
        first: usize,
        args: RelayArgs,
    ) -> Result<Pairs, BenchError> {
        let mut pairs = Vec::new();
        for pair in 0..args.pairs {
            pairs.push(target.conversation(first + 2 * pair, 2, args.text).await?);
        }
        for pair in &mut pairs {
            pair.settle().await?;
        }
        Ok(Pairs { args, pairs })
    }
}

impl Load for Pairs {
    fn description(&self) -> String {
        let RelayArgs { pairs, window, text, .. } = self.args;
        format!("{pairs} pairs, window {window}, texts of {text} bytes")
    }

    async fn run(&mut self) -> Result<LoadResult, BenchError> {
        let RelayArgs { messages, window, .. } = self.args;
        let shared = Shared { unsent: Cell::new(messages), microseconds: RefCell::default() };
        let shared = Rc::new(shared);
        let mut tasks = JoinSet::new();
        for pair in self.pairs.drain(..) {
            tasks.spawn_local(talk_in_pair(pair, window, shared.clone()));
        }
        while let Some(result) = tasks.join_next().await {
            let pair =
                result.map_err(|error| BenchError::wrong(format!("a pair failed: {error}")))?;
            self.pairs.push(pair?);
        }
        let (count, microseconds) = (messages - shared.unsent.get(), shared.microseconds.take());
        Ok(LoadResult { count, microseconds })
    }
}

/// Talks until all messages of the round were sent and received.
async fn talk_in_pair(
    mut pair: Conversation,
    window: usize,
    shared: Rc<Shared>,
) -> Result<Conversation, BenchError> {
    let [first, second] = pair.participants.as_mut_slice() else {
        return Err(BenchError::wrong("a pair is two"));
    };
    let mut buffer = Box::new([0; READ_SIZE]);
    let mut in_flight = shared.claim(window);
    first.compose(in_flight);
    first.flush().await?;
    let mut sent_at = Instant::now();
    while in_flight > 0 {
        let reading = poll_fn(|cx| {
            for (index, participant) in [&mut *first, &mut *second].into_iter().enumerate() {
                if let Poll::Ready(texts) = participant.poll_texts(cx, &mut buffer) {
                    return Poll::Ready(texts.map(|texts| (index, texts)));
                }
            }
            Poll::Pending
        });
        let (receiver, texts) = reading.await?;
        if window == 1 && texts > 0 {
            shared.microseconds.borrow_mut().push(sent_at.elapsed().as_secs_f64() * 1e6);
        }
        let answers = shared.claim(texts);
        in_flight = (in_flight + answers).saturating_sub(texts);
        let participant = if receiver == 0 { &mut *first } else { &mut *second };
        participant.compose(answers);
        sent_at = Instant::now();
        participant.flush().await?;
    }
    Ok(pair)
}

impl Shared {
    /// Takes this many of the unsent messages, or all that are left. Returns their number.
    fn claim(&self, wanted: usize) -> usize {
        let granted = u64::try_from(wanted).unwrap_or(u64::MAX).min(self.unsent.get());
        self.unsent.set(self.unsent.get() - granted);
        usize::try_from(granted).unwrap_or(0)
    }
}

/// Measures each build and the bare relay.
pub(crate) async fn measure(
    bench: &Bench,
    args: RelayArgs,
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let mut targets = Vec::new();
    for target in bench.all(Population { count: 2 * args.pairs, circle: 1 })? {
        let pairs = Pairs::open(&target, 0, args).await?;
        targets.push((target, pairs));
    }
    compare(targets, rounds).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_sent_than_a_round_has() {
        let shared = Shared { unsent: Cell::new(20), microseconds: RefCell::default() };
        assert_eq!([16, 16, 16].map(|wanted| shared.claim(wanted)), [16, 4, 0]);
    }
}
