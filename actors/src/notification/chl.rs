//! `CHL`: does the client know the key of the program that it says it is? Whoever knows the password
//! has proved enough here, so it is asked only if it is configured.

use super::Session;
use msnp::TrId;
use msnp::auth::Challenge;
use msnp::command::{Chl, ChlReply};
use std::time::Duration;

/// How long a client may take for its answer (Escargot).
const ANSWER_TIME: Duration = Duration::from_secs(50);

/// How far the challenge to the client program has come.
#[derive(Debug, Default)]
pub(super) enum ClientChallenge {
    /// It was not challenged, or has answered.
    #[default]
    Unasked,
    /// It is to be challenged after what is being sent.
    Due,
    /// It was sent this challenge.
    Asked(Box<Challenge>),
}

impl ClientChallenge {
    pub(super) fn is_due(&self) -> bool {
        matches!(self, ClientChallenge::Due)
    }
}

impl Session {
    /// `CHL`: the client wants to be challenged.
    pub(super) fn chl(&mut self, chl: &Chl) {
        self.challenge_client(chl.trid);
    }

    /// The client has come online.
    pub(super) fn client_challenge_is_due(&mut self) {
        if self.link.node().settings().challenge && self.has("CHL") {
            self.client_challenge = ClientChallenge::Due;
        }
    }

    /// Sends a challenge. The answer is checked if that is configured. A client that is challenged
    /// already gets the same one, so that it may answer each, and no more time for it.
    pub(super) fn challenge_client(&mut self, trid: TrId) {
        if let ClientChallenge::Asked(challenge) = &self.client_challenge {
            let challenge = Challenge::clone(challenge);
            return self.emit(&ChlReply { trid, challenge }.into());
        }
        self.client_challenge = ClientChallenge::Unasked;
        let node = self.link.node().clone();
        let Some(challenge) = node.entropy.program_challenge() else { return };
        if node.settings().challenge {
            self.client_challenge = ClientChallenge::Asked(Box::new(challenge.clone()));
            self.link.set_reply_deadline(Some(ANSWER_TIME));
        }
        self.emit(&ChlReply { trid, challenge }.into());
    }
}
