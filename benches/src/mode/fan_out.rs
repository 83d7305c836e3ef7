//! One user sends messages to all others of a conversation.

use super::round::{Comparison, Load, LoadResult, compare};
use crate::client::{Conversation, READ_SIZE};
use crate::error::BenchError;
use crate::rig::{Bench, Population, Target};
use serde::Serialize;
use std::future::poll_fn;
use std::task::Poll;

/// The load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct FanOutArgs {
    /// Number of participants, the sender included
    #[arg(long, default_value_t = 20)]
    pub(crate) members: usize,
    /// Number of messages in flight
    #[arg(long, default_value_t = 4)]
    pub(crate) window: usize,
    /// Bytes of a text: 10 to 1500
    #[arg(long, default_value_t = 100)]
    pub(crate) text: usize,
    /// Messages of a round; each is delivered to all others
    #[arg(long, default_value_t = 5_000)]
    pub(crate) messages: u64,
}

/// The conversation of the sender and all others.
#[derive(Debug)]
pub(crate) struct Audience {
    args: FanOutArgs,
    conversation: Conversation,
}

impl Audience {
    /// Creates a conversation of the accounts from `first` on, which is the sender.
    pub(crate) async fn open(
        target: &Target,
        first: usize,
        args: FanOutArgs,
    ) -> Result<Audience, BenchError> {
        let mut conversation = target.conversation(first, args.members, args.text).await?;
        conversation.settle().await?;
        Ok(Audience { args, conversation })
    }
}

impl Load for Audience {
    fn description(&self) -> String {
        let FanOutArgs { members, window, text, .. } = self.args;
        format!("one of {members} speaks, window {window}, texts of {text} bytes")
    }

    /// Counts deliveries: each message is delivered to all others.
    async fn run(&mut self) -> Result<LoadResult, BenchError> {
        let FanOutArgs { window, messages, .. } = self.args;
        let Some((sender, others)) = self.conversation.participants.split_first_mut() else {
            return Err(BenchError::wrong("there is no sender"));
        };
        let mut buffer = Box::new([0; READ_SIZE]);
        // How many messages each has received in this round.
        let mut received = vec![0u64; others.len()];
        let (mut sent, mut received_by_all) = (0, 0);
        let window = u64::try_from(window).unwrap_or(u64::MAX);
        while received_by_all < messages {
            let send_until = messages.min(received_by_all + window);
            sender.compose(usize::try_from(send_until - sent).unwrap_or(0));
            sent = send_until;
            sender.flush().await?;
            poll_fn(|cx| {
                let mut has_progress = false;
                for (participant, received) in others.iter_mut().zip(&mut received) {
                    while let Poll::Ready(texts) = participant.poll_texts(cx, &mut buffer) {
                        *received += u64::try_from(texts?).unwrap_or(0);
                        has_progress = true;
                    }
                }
                if has_progress { Poll::Ready(Ok::<_, BenchError>(())) } else { Poll::Pending }
            })
            .await?;
            received_by_all = received.iter().copied().min().unwrap_or(messages);
        }
        Ok(LoadResult { count: received.iter().sum(), microseconds: Vec::new() })
    }
}

/// Measures each build and the bare relay.
pub(crate) async fn measure(
    bench: &Bench,
    args: FanOutArgs,
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let mut targets = Vec::new();
    for target in bench.all(Population { count: args.members, circle: 1 })? {
        let audience = Audience::open(&target, 0, args).await?;
        targets.push((target, audience));
    }
    compare(targets, rounds).await
}
