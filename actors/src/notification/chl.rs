//! `CHL`: checks whether the client knows the key of the program that it claims to be. The check is
//! off unless configured, because the password is proof enough.

use super::Session;
use msnp::TrId;
use msnp::auth::Challenge;
use msnp::command::{Chl, ChlReply, CommandName};
use std::time::Duration;

/// How long a client may take to respond: as long as on Escargot, another MSN server.
const ANSWER_TIME: Duration = Duration::from_secs(50);

/// Progress of the challenge to the client program.
#[derive(Debug, Default)]
pub(super) enum ClientChallenge {
    /// No challenge is open: none was sent, or the client has responded.
    #[default]
    Idle,
    /// A challenge is still to be sent, after the output that is in progress.
    Due,
    /// This challenge was sent.
    Sent(Box<Challenge>),
}

impl ClientChallenge {
    pub(super) fn is_due(&self) -> bool {
        matches!(self, ClientChallenge::Due)
    }
}

impl Session {
    /// `CHL`: the client asks for a challenge.
    pub(super) fn chl(&mut self, chl: &Chl) {
        self.challenge_client(chl.trid);
    }

    /// Schedules a challenge when the client comes online, if that is configured.
    pub(super) fn schedule_client_challenge(&mut self) {
        if self.link.node().settings().challenge && self.has_event(CommandName::Chl) {
            self.client_challenge = ClientChallenge::Due;
        }
    }

    /// Sends a challenge. The response is checked only if that is configured. A client with an open
    /// challenge gets the same challenge again, so it may respond to either. Its time to respond
    /// does not start anew.
    pub(super) fn challenge_client(&mut self, trid: TrId) {
        if let ClientChallenge::Sent(challenge) = &self.client_challenge {
            let challenge = Challenge::clone(challenge);
            return self.emit(&ChlReply { trid, challenge }.into());
        }
        self.client_challenge = ClientChallenge::Idle;
        let node = self.link.node().clone();
        let Some(challenge) = node.entropy.client_challenge() else { return };
        if node.settings().challenge {
            self.client_challenge = ClientChallenge::Sent(Box::new(challenge.clone()));
            self.link.set_reply_deadline(Some(ANSWER_TIME));
        }
        self.emit(&ChlReply { trid, challenge }.into());
    }
}
