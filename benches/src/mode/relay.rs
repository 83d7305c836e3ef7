//! Pairs of users talk. In each pair, a fixed number of messages is in flight: each side answers every
//! message with one.

use super::round::{Comparison, Load, compare};
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

#[derive(Debug)]
pub(crate) struct Pairs {
    talk: RelayArgs,
    pairs: Vec<Conversation>,
}

/// The state that the pairs of a round share.
#[derive(Debug)]
struct Shared {
    /// Messages that may still be sent.
    left: Cell<u64>,
    /// The time of each message, if only one is in flight.
    microseconds: RefCell<Vec<f64>>,
}

impl Pairs {
    /// Creates conversations of two accounts each, from `first` on.
    pub(crate) async fn on(
        target: &Target,
        first: usize,
        talk: RelayArgs,
    ) -> Result<Pairs, BenchError> {
        let mut pairs = Vec::new();
        for pair in 0..talk.pairs {
            pairs.push(target.conversation(first + 2 * pair, 2, talk.text).await?);
        }
        for pair in &mut pairs {
            pair.settle().await?;
        }
        Ok(Pairs { talk, pairs })
    }
}

impl Load for Pairs {
    fn what(&self) -> String {
        let RelayArgs { pairs, window, text, .. } = self.talk;
        format!("{pairs} pairs, window {window}, texts of {text} bytes")
    }

    async fn run(&mut self) -> Result<(u64, Vec<f64>), BenchError> {
        let RelayArgs { messages, window, .. } = self.talk;
        let shared = Shared { left: Cell::new(messages), microseconds: RefCell::default() };
        let shared = Rc::new(shared);
        let mut tasks = JoinSet::new();
        for pair in self.pairs.drain(..) {
            tasks.spawn_local(talk_in_pair(pair, window, shared.clone()));
        }
        while let Some(ended) = tasks.join_next().await {
            let pair =
                ended.map_err(|error| BenchError::wrong(format!("a pair failed: {error}")))?;
            self.pairs.push(pair?);
        }
        Ok((messages - shared.left.get(), shared.microseconds.take()))
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
    let mut sent = Instant::now();
    while in_flight > 0 {
        let read = poll_fn(|cx| {
            for (number, participant) in [&mut *first, &mut *second].into_iter().enumerate() {
                if let Poll::Ready(texts) = participant.poll_texts(cx, &mut buffer) {
                    return Poll::Ready(texts.map(|texts| (number, texts)));
                }
            }
            Poll::Pending
        });
        let (number, texts) = read.await?;
        if window == 1 && texts > 0 {
            shared.microseconds.borrow_mut().push(sent.elapsed().as_secs_f64() * 1e6);
        }
        let answers = shared.claim(texts);
        in_flight = (in_flight + answers).saturating_sub(texts);
        let participant = if number == 0 { &mut *first } else { &mut *second };
        participant.compose(answers);
        sent = Instant::now();
        participant.flush().await?;
    }
    Ok(pair)
}

impl Shared {
    /// Returns how many of these messages may be sent.
    fn claim(&self, wanted: usize) -> usize {
        let granted = u64::try_from(wanted).unwrap_or(u64::MAX).min(self.left.get());
        self.left.set(self.left.get() - granted);
        usize::try_from(granted).unwrap_or(0)
    }
}

/// Measures each build and the bare relay.
pub(crate) async fn measure(
    bench: &Bench,
    talk: RelayArgs,
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let mut contenders = Vec::new();
    for target in bench.all(Population { count: 2 * talk.pairs, circle: 1 })? {
        let pairs = Pairs::on(&target, 0, talk).await?;
        contenders.push((target, pairs));
    }
    compare(contenders, rounds).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_sent_than_a_round_has() {
        let shared = Shared { left: Cell::new(20), microseconds: RefCell::default() };
        assert_eq!([16, 16, 16].map(|wanted| shared.claim(wanted)), [16, 4, 0]);
    }
}
