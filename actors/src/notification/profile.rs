//! The profile message. It is sent once, after the reply to the first command that follows `USR
//! OK`, when the connection is quiet.
//!
//! Some clients lose the profile, or the output before it, if one read returns both. For Gaim that
//! output is `USR OK`, for an Emacs client of 2002 any reply. Output directly after the profile
//! does no harm.

use super::Session;
use crate::connection::ConnectionActor;
use msnp::Phase;
use msnp::UserProfile;
use msnp::command::{Message, Sender};
use std::task::Context;
use std::time::Duration;
use tokio::time::Instant;

/// How long the connection must be quiet, in both directions, before the profile is sent.
const QUIET_TIME: Duration = Duration::from_millis(200);

/// The profile is sent at the latest this long after `USR OK`, even if the connection was never
/// quiet.
const LATEST: Duration = Duration::from_secs(5);

/// How long all other output is held back before the profile, if [`LATEST`] has passed.
const SILENCE: Duration = Duration::from_millis(150);

/// Progress of the profile message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ProfileDelivery {
    /// Not signed in, or no command since the sign-in.
    #[default]
    Early,
    /// The profile is sent when the connection is quiet.
    Due,
    /// The server holds back all other output, and sends the profile after a silence.
    OutputHeld,
    /// The profile was sent, or will never be sent.
    Sent,
}

impl Session {
    /// Starts the time limit for the profile, at sign-in.
    pub(super) fn start_profile_timer(&mut self) {
        self.link.watch(LATEST);
    }

    /// Schedules the profile when the first command comes.
    pub(super) fn schedule_profile(&mut self) {
        if self.link.phase() == Phase::SignedIn && self.profile == ProfileDelivery::Early {
            self.profile = ProfileDelivery::Due;
            // A client that sends its first command late gets the same quiet time.
            self.link.postpone(QUIET_TIME);
        }
    }

    /// Sends the profile if it is time, and never inside a burst. Returns whether it was sent.
    pub(super) fn poll_profile(&mut self, cx: &mut Context<'_>) -> bool {
        if !matches!(self.profile, ProfileDelivery::Due | ProfileDelivery::OutputHeld) {
            return false;
        }
        while let Some((last, deadline)) = self.link.activity() {
            if self.profile == ProfileDelivery::Due {
                if self.has_more_output() {
                    return false;
                }
                if deadline <= Instant::now() {
                    self.profile = ProfileDelivery::OutputHeld;
                }
            }
            if !self.link.is_flushed() {
                return false;
            }
            let (send_at, wake_at) = match self.profile {
                ProfileDelivery::OutputHeld => (last + SILENCE, last + SILENCE),
                _ => (last + QUIET_TIME, deadline.min(last + QUIET_TIME)),
            };
            if self.link.poll_timer(wake_at, cx).is_pending() {
                return false;
            }
            if send_at <= Instant::now() {
                self.send_profile();
                return true;
            }
        }
        false
    }

    /// Gives up sending the profile, and releases the output that was held back for it.
    pub(super) fn skip_profile(&mut self) {
        self.link.unwatch();
        if std::mem::replace(&mut self.profile, ProfileDelivery::Sent)
            == ProfileDelivery::OutputHeld
        {
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
