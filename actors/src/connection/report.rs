//! Log lines about the ends of connections.
//!
//! The end of a signed-in session is always logged at level info. Ordinary ends of other connections
//! are logged at level debug. For each other reason, a limited number of ends is logged in a minute,
//! and then a summary of the rest. So a flood of connections does not flood the log.

use crate::connection::admission::AdmissionError;
use crate::connection::slot::{ConnectionId, Slot};
use crate::directory::Directory;
use crate::end::EndReason;
use crate::stats::Refused;
use log::Level;
use msnp::{Handle, Server};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::IpAddr;
use tokio::time::{Duration, Instant};

/// The time in which the ends for a reason are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// How many ends for a reason are logged within the window.
const MAX_LOGGED: u32 = 16;

/// The same for a reason that is the server's answer to a flood.
const MAX_LOGGED_OF_FLOOD: u32 = 1;

/// How many refused connections are kept for `msnpd status`, about 200 bytes each.
pub const MAX_REFUSED: usize = 16;

/// The name of a connection in the log.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    pub(super) server: Server,
    pub(super) id: ConnectionId,
    pub(super) peer: IpAddr,
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.server {
            Server::Dispatch => "dispatch connection",
            Server::Notification => "session",
            Server::Switchboard => "switchboard connection",
        };
        write!(f, "{kind} {} {}", self.id, self.peer)
    }
}

/// The user of a connection, as far as it is known.
pub(super) enum Identity {
    /// No user was named, or all accounts were replaced since.
    Unknown,
    /// The client named the user without proof.
    Claimed(Handle),
    /// The user is authenticated.
    Proved(Handle),
}

impl Identity {
    pub(super) fn of(slot: &Slot, directory: &Directory) -> Identity {
        // After a restore the account id may belong to another user.
        let claimed = slot.claimed.get().filter(|claimed| directory.is_current(*claimed));
        let principal = claimed.and_then(|claimed| directory.principal(claimed.account));
        match principal {
            Some(principal) if slot.is_proved.get() => Identity::Proved(principal.handle),
            Some(principal) => Identity::Claimed(principal.handle),
            None => Identity::Unknown,
        }
    }
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Identity::Unknown => Ok(()),
            Identity::Claimed(handle) => write!(f, " (claims to be {handle})"),
            Identity::Proved(handle) => write!(f, " of {handle}"),
        }
    }
}

/// The numbers of ends for a reason within the window.
struct EndCount {
    reason: EndReason,
    since: Instant,
    logged: u32,
    suppressed: u64,
}

/// A connection that was refused.
struct RefusedConnection {
    at: Instant,
    peer: IpAddr,
    user: Option<Handle>,
    reason: EndReason,
}

/// What was logged lately: at most one count for each reason, and the last [`MAX_REFUSED`] refused
/// connections.
#[derive(Default)]
pub(super) struct Report {
    counts: RefCell<Vec<EndCount>>,
    refused: RefCell<VecDeque<RefusedConnection>>,
}

impl Report {
    /// Logs a new connection that was not admitted.
    pub(super) fn log_not_admitted(&self, peer: IpAddr, error: AdmissionError) {
        let reason = EndReason::TurnedAway(error);
        let level = self.count_for_level(reason);
        log::log!(level, "{peer} {reason}");
        self.record_refusal(level, peer, None, reason);
    }

    /// Logs the end of a connection. `signed_in` is true for a session that was signed in.
    pub(super) fn log_end(
        &self,
        label: Label,
        user: &Identity,
        signed_in: bool,
        reason: EndReason,
    ) {
        let level = if signed_in { Level::Info } else { self.count_for_level(reason) };
        log::log!(level, "{label}{user} ended: {reason}");
        let user = match user {
            Identity::Unknown => None,
            Identity::Claimed(handle) | Identity::Proved(handle) => Some(handle.clone()),
        };
        self.record_refusal(level, label.peer, user, reason);
    }

    /// Keeps a refused connection whose end was logged above level debug. Others are not kept, so
    /// that a flood does not displace the rest.
    fn record_refusal(&self, level: Level, peer: IpAddr, user: Option<Handle>, reason: EndReason) {
        if level == Level::Debug || !reason.is_refusal() {
            return;
        }
        let mut refused = self.refused.borrow_mut();
        if refused.len() >= MAX_REFUSED {
            refused.pop_front();
        }
        refused.push_back(RefusedConnection { at: Instant::now(), peer, user, reason });
    }

    /// Returns the last refused connections, the latest first.
    pub(super) fn refused(&self) -> Vec<Refused> {
        let refused = self.refused.borrow();
        let shown = refused.iter().rev().map(|connection| Refused {
            seconds: connection.at.elapsed().as_secs(),
            address: connection.peer.to_string(),
            handle: connection.user.as_ref().map(Handle::to_string),
            reason: connection.reason.to_string(),
        });
        shown.collect()
    }

    /// Counts an end, unless it is an ordinary one, and returns the level at which it is logged.
    fn count_for_level(&self, reason: EndReason) -> Level {
        if reason.is_ordinary() || !self.count(reason) {
            Level::Debug
        } else if reason.is_flood() {
            Level::Warn
        } else {
            Level::Info
        }
    }

    /// Counts an end, and returns whether it is within the number that is logged.
    fn count(&self, reason: EndReason) -> bool {
        let limit = if reason.is_flood() { MAX_LOGGED_OF_FLOOD } else { MAX_LOGGED };
        let mut counts = self.counts.borrow_mut();
        let found = counts.iter_mut().find(|count| count.reason.name() == reason.name());
        match found {
            Some(count) if count.logged < limit => count.logged += 1,
            Some(count) => {
                count.suppressed += 1;
                return false;
            }
            None => {
                counts.push(EndCount { reason, since: Instant::now(), logged: 1, suppressed: 0 });
            }
        }
        true
    }

    /// Logs the summaries of the windows that are over.
    pub(super) fn sweep(&self) {
        for line in self.summaries() {
            log::warn!("{line}");
        }
    }

    fn summaries(&self) -> Vec<String> {
        let (now, mut lines) = (Instant::now(), Vec::new());
        self.counts.borrow_mut().retain_mut(|count| {
            if now.duration_since(count.since) < WINDOW {
                return true;
            }
            let suppressed = std::mem::take(&mut count.suppressed);
            if suppressed == 0 {
                return false;
            }
            let connections = if suppressed == 1 { "connection" } else { "connections" };
            lines.push(format!(
                "… and {suppressed} more {connections} ended: {}",
                count.reason.description()
            ));
            count.since = now;
            true
        });
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn flood_ends_are_logged_once_and_then_summed_up_each_minute() {
        let report = Report::default();
        let crowded = EndReason::TurnedAway(AdmissionError::Crowded);
        assert!(report.count(crowded));
        assert!(!report.count(crowded) && !report.count(crowded));
        assert!(report.count(EndReason::TurnedAway(AdmissionError::Public)));
        assert!(report.summaries().is_empty());
        tokio::time::advance(WINDOW).await;
        let words = "turned away: too many connections";
        let line = format!("… and 2 more connections ended: {words}");
        assert_eq!(report.summaries(), [line]);
        // The flood goes on and is summed up again. The single end of the last window is logged again.
        assert!(!report.count(crowded));
        assert!(report.count(EndReason::TurnedAway(AdmissionError::Public)));
        tokio::time::advance(WINDOW).await;
        let line = format!("… and 1 more connection ended: {words}");
        assert_eq!(report.summaries(), [line]);
        tokio::time::advance(WINDOW).await;
        assert!(report.summaries().is_empty());
        assert!(report.count(crowded));
    }

    #[tokio::test(start_paused = true)]
    async fn a_limited_number_of_other_ends_is_logged() {
        let report = Report::default();
        for _ in 0..MAX_LOGGED {
            assert_eq!(report.count_for_level(EndReason::SignInTimeout), Level::Info);
        }
        for _ in 0..3 {
            assert_eq!(report.count_for_level(EndReason::SignInTimeout), Level::Debug);
        }
        assert_eq!(report.count_for_level(EndReason::TooSlow), Level::Info);
        assert_eq!(report.count_for_level(EndReason::Hangup), Level::Debug);
        tokio::time::advance(WINDOW).await;
        let line = "… and 3 more connections ended: sign-in timed out";
        assert_eq!(report.summaries(), [line]);
    }
}
