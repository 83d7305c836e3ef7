//! What relays messages.

use super::{Bare, Process, Server};
use crate::client::{Conversation, Participant};
use crate::error::BenchError;

/// The server or the bare relay. Both get the same load.
#[derive(Debug)]
pub(crate) enum Target {
    /// msnpd.
    Server(Server),
    /// The bare relay.
    Bare(Bare),
}

impl Target {
    /// Returns its process.
    pub(crate) fn process(&self) -> &Process {
        match self {
            Target::Server(server) => &server.child.process,
            Target::Bare(bare) => &bare.child.process,
        }
    }

    /// Returns its name in reports.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Target::Server(_) => "msnpd",
            Target::Bare(_) => "bare",
        }
    }

    /// Creates a conversation of the accounts from `first` on, who send texts of `text_length`
    /// bytes.
    pub(crate) async fn conversation(
        &self,
        first: usize,
        members: usize,
        text_length: usize,
    ) -> Result<Conversation, BenchError> {
        match self {
            Target::Server(server) => {
                Conversation::on_switchboard(server.dispatch, first, members, text_length).await
            }
            Target::Bare(bare) => {
                let mut participants = Vec::new();
                for number in first..first + members {
                    participants.push(
                        Participant::in_bare_room(bare.address, first, number, text_length).await?,
                    );
                }
                Ok(Conversation::of(participants))
            }
        }
    }
}
