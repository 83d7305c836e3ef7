//! One who speaks to all others of a conversation.

use super::round::{Compared, Load, compare};
use crate::client::{Conversation, READ};
use crate::error::BenchError;
use crate::rig::{Bench, Population, Target};
use serde::Serialize;
use std::future::poll_fn;
use std::task::Poll;

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct Speech {
    /// How many are in the conversation, with the one who speaks
    #[arg(long, default_value_t = 20)]
    pub(crate) members: usize,
    /// How many messages are on their way to all others
    #[arg(long, default_value_t = 4)]
    pub(crate) window: usize,
    /// How many bytes a text has: 10 to 1500
    #[arg(long, default_value_t = 100)]
    pub(crate) text: usize,
    /// How many messages are said in a round; each is delivered to all others
    #[arg(long, default_value_t = 5_000)]
    pub(crate) messages: u64,
}

/// The conversation on one target.
#[derive(Debug)]
pub(crate) struct Audience {
    speech: Speech,
    conversation: Conversation,
}

impl Audience {
    /// The accounts from `first` on in one conversation on a target.
    pub(crate) async fn on(
        target: &Target,
        first: usize,
        speech: Speech,
    ) -> Result<Audience, BenchError> {
        let mut conversation = target.conversation(first, speech.members, speech.text).await?;
        conversation.settle().await?;
        Ok(Audience { speech, conversation })
    }
}

impl Load for Audience {
    fn what(&self) -> String {
        let Speech { members, window, text, .. } = self.speech;
        format!("one of {members} speaks, window {window}, texts of {text} bytes")
    }

    /// What is counted are deliveries.
    async fn put(&mut self) -> Result<(u64, Vec<f64>), BenchError> {
        let Speech { window, messages, .. } = self.speech;
        let Some((speaker, others)) = self.conversation.seats.split_first_mut() else {
            return Err(BenchError::wrong("nobody speaks"));
        };
        let mut room = Box::new([0; READ]);
        // How many each has heard in this round; a message is done when the last has heard it.
        let mut heard = vec![0u64; others.len()];
        let (mut said, mut done) = (0, 0);
        let window = u64::try_from(window).unwrap_or(u64::MAX);
        while done < messages {
            let next = messages.min(done + window);
            speaker.compose(usize::try_from(next - said).unwrap_or(0));
            said = next;
            speaker.flush().await?;
            poll_fn(|cx| {
                let mut any = false;
                for (seat, heard) in others.iter_mut().zip(&mut heard) {
                    while let Poll::Ready(texts) = seat.poll_texts(cx, &mut room) {
                        *heard += u64::try_from(texts?).unwrap_or(0);
                        any = true;
                    }
                }
                if any { Poll::Ready(Ok::<_, BenchError>(())) } else { Poll::Pending }
            })
            .await?;
            done = heard.iter().copied().min().unwrap_or(messages);
        }
        Ok((heard.iter().sum(), Vec::new()))
    }
}

/// On the server and on the bare relay.
pub(crate) async fn measure(
    bench: &Bench,
    speech: Speech,
    rounds: usize,
) -> Result<Compared, BenchError> {
    let (server, bare) = bench.both(Population { count: speech.members, circle: 1 })?;
    let mut on_server = Audience::on(&server, 0, speech).await?;
    let mut on_bare = Audience::on(&bare, 0, speech).await?;
    compare((&server, &mut on_server), (&bare, &mut on_bare), rounds).await
}
