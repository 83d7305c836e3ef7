//! One user sends messages to all others of a conversation.

use super::round::{Comparison, Load, compare};
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

#[derive(Debug)]
pub(crate) struct Audience {
    speech: FanOutArgs,
    conversation: Conversation,
}

impl Audience {
    /// Creates a conversation of the accounts from `first` on.
    pub(crate) async fn on(
        target: &Target,
        first: usize,
        speech: FanOutArgs,
    ) -> Result<Audience, BenchError> {
        let mut conversation = target.conversation(first, speech.members, speech.text).await?;
        conversation.settle().await?;
        Ok(Audience { speech, conversation })
    }
}

impl Load for Audience {
    fn what(&self) -> String {
        let FanOutArgs { members, window, text, .. } = self.speech;
        format!("one of {members} speaks, window {window}, texts of {text} bytes")
    }

    /// Returns the number of deliveries: each message is delivered to all others.
    async fn run(&mut self) -> Result<(u64, Vec<f64>), BenchError> {
        let FanOutArgs { window, messages, .. } = self.speech;
        let Some((speaker, others)) = self.conversation.participants.split_first_mut() else {
            return Err(BenchError::wrong("there is no sender"));
        };
        let mut buffer = Box::new([0; READ_SIZE]);
        // Messages that each has received in this round. A message is done when all have received it.
        let mut received = vec![0u64; others.len()];
        let (mut sent, mut done) = (0, 0);
        let window = u64::try_from(window).unwrap_or(u64::MAX);
        while done < messages {
            let next = messages.min(done + window);
            speaker.compose(usize::try_from(next - sent).unwrap_or(0));
            sent = next;
            speaker.flush().await?;
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
            done = received.iter().copied().min().unwrap_or(messages);
        }
        Ok((received.iter().sum(), Vec::new()))
    }
}

/// Measures each build and the bare relay.
pub(crate) async fn measure(
    bench: &Bench,
    speech: FanOutArgs,
    rounds: usize,
) -> Result<Comparison, BenchError> {
    let mut contenders = Vec::new();
    for target in bench.all(Population { count: speech.members, circle: 1 })? {
        let audience = Audience::on(&target, 0, speech).await?;
        contenders.push((target, audience));
    }
    compare(contenders, rounds).await
}
