//! The profile message: sent once, after the answer to the first command that follows `USR OK`.
//! Some clients lose one or the other when it shares a read with `USR OK`.

use super::Session;
use msnp::Phase;
use msnp::UserProfile;
use msnp::command::{Message, Sender};

/// How far the profile message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Profile {
    /// Not signed in, or no command since.
    #[default]
    Early,
    /// To be sent as soon as the command is answered.
    Due,
    /// Sent.
    Sent,
}

impl Profile {
    /// A command comes.
    pub(super) fn command(&mut self, phase: Phase) {
        if phase == Phase::SignedIn && *self == Profile::Early {
            *self = Profile::Due;
        }
    }

    pub(super) fn is_due(self) -> bool {
        self == Profile::Due
    }
}

impl Session {
    pub(super) fn send_profile(&mut self) {
        self.profile = Profile::Sent;
        let profile = UserProfile { login_time: self.link.node().clock.now() };
        let payload = profile.payload(self.link.dialect());
        self.emit(&Message { sender: Sender::Server, payload: payload.as_bytes() }.into());
    }
}
