//! The profile message: sent once, after the answer to the first command that follows `USR OK`, when
//! the connection is quiet. Some clients lose it, or what stands before it, when it shares a read with
//! something else: Gaim with `USR OK`, an Emacs client of 2002 with any answer. A gap behind it does
//! not matter.

use super::Session;
use crate::connection::ConnectionActor;
use msnp::Phase;
use msnp::UserProfile;
use msnp::command::{Message, Sender};
use std::task::Context;
use std::time::Duration;
use tokio::time::Instant;

/// How long nothing is read or written before the profile.
const QUIET_TIME: Duration = Duration::from_millis(200);

/// After this time from `USR OK` it is sent although the connection was never quiet.
const LATEST: Duration = Duration::from_secs(5);

/// How long all other output is held back before it then.
const SILENCE: Duration = Duration::from_millis(150);

/// How far the profile message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ProfileDelivery {
    /// Not signed in, or no command since.
    #[default]
    Early,
    /// To be sent when the connection is quiet.
    Due,
    /// To be sent after a silence that the server makes.
    Held,
    /// Sent, or never to be sent.
    Sent,
}

impl Session {
    /// The client is signed in from now on.
    pub(super) fn profile_follows(&mut self) {
        self.link.watch(LATEST);
    }

    /// A command comes.
    pub(super) fn profile_is_due(&mut self) {
        if self.link.phase() == Phase::SignedIn && self.profile == ProfileDelivery::Early {
            self.profile = ProfileDelivery::Due;
            // A client that begins late has the time to be quiet as well.
            self.link.postpone(QUIET_TIME);
        }
    }

    /// Sends the profile if its time has come, which is never inside a burst. Returns whether it did.
    pub(super) fn poll_profile(&mut self, cx: &mut Context<'_>) -> bool {
        if !matches!(self.profile, ProfileDelivery::Due | ProfileDelivery::Held) {
            return false;
        }
        while let Some((last, deadline)) = self.link.activity() {
            if self.profile == ProfileDelivery::Due {
                if self.has_more_output() {
                    return false;
                }
                if deadline <= Instant::now() {
                    self.profile = ProfileDelivery::Held;
                }
            }
            if !self.link.is_flushed() {
                return false;
            }
            let (silent, wake) = match self.profile {
                ProfileDelivery::Held => (last + SILENCE, last + SILENCE),
                _ => (last + QUIET_TIME, deadline.min(last + QUIET_TIME)),
            };
            if self.link.poll_timer(wake, cx).is_pending() {
                return false;
            }
            if silent <= Instant::now() {
                self.send_profile();
                return true;
            }
        }
        false
    }

    /// The profile is not sent any more; what was held back for it is.
    pub(super) fn skip_profile(&mut self) {
        self.link.unwatch();
        if std::mem::replace(&mut self.profile, ProfileDelivery::Sent) == ProfileDelivery::Held {
            self.produce_output();
        }
    }

    fn send_profile(&mut self) {
        self.profile = ProfileDelivery::Sent;
        self.link.unwatch();
        let profile = UserProfile { login_time: self.link.node().clock.now() };
        let payload = profile.payload(self.link.dialect());
        self.emit(&Message { sender: Sender::Server, payload: payload.as_bytes() }.into());
    }
}
