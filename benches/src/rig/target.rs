//! The programs that are measured.

use super::{Bare, Process, Server};
use crate::client::{Conversation, Participant};
use crate::error::BenchError;
use serde::Serialize;

/// A measured program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Side {
    /// The bare relay.
    Bare,
    /// An earlier build of msnpd.
    Before,
    /// This build of msnpd.
    Now,
}

impl Side {
    /// Returns its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Side::Bare => "bare",
            Side::Before => "before",
            Side::Now => "msnpd",
        }
    }
}

/// A build of msnpd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// The earlier build.
    Before,
    /// This build.
    Now,
}

impl Build {
    pub(crate) fn side(self) -> Side {
        match self {
            Build::Before => Side::Before,
            Build::Now => Side::Now,
        }
    }
}

/// The server or the bare relay. Both get the same load.
#[derive(Debug)]
pub(crate) enum Target {
    /// A build of msnpd.
    Server(Server),
    /// The bare relay.
    Bare(Bare),
}

impl Target {
    /// Returns which program it is.
    pub(crate) fn side(&self) -> Side {
        match self {
            Target::Server(server) => server.build.side(),
            Target::Bare(_) => Side::Bare,
        }
    }

    /// Returns its process.
    pub(crate) fn process(&self) -> &Process {
        match self {
            Target::Server(server) => &server.child.process,
            Target::Bare(bare) => &bare.child.process,
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
                Ok(Conversation::without_sessions(participants))
            }
        }
    }
}
