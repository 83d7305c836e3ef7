//! What the log is told of connections: what each is called, and how each ends.
//!
//! The end of a signed-in session is always told. Of the others the ordinary ends are told at the
//! level debug alone, and of those for any other reason only so many in a minute; the rest is
//! summed up. So a flood of connections is no flood of lines.

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

/// The time in which ends are counted, for each reason.
const WINDOW: Duration = Duration::from_secs(60);

/// How many ends for the same reason are told in that time.
const MAX_LOGGED: u32 = 16;

/// How many, if the reason is the server's own answer to a flood.
const ALOUD_OF_A_FLOOD: u32 = 1;

/// How many refusals are remembered, for `status`; about 200 bytes each.
pub const REFUSALS: usize = 16;

/// A connection, as the log calls it.
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

/// Whose connection it is.
pub(super) enum Identity {
    /// Nobody has said so, or all accounts were replaced since.
    Unknown,
    /// Somebody has said so.
    Claimed(Handle),
    /// He has proved it.
    Proved(Handle),
}

impl Identity {
    pub(super) fn of(place: &Slot, directory: &Directory) -> Identity {
        // After a restore its number may be somebody else's.
        let known = place.claimed.filter(|known| directory.is_current(*known));
        let principal = known.and_then(|known| directory.principal(known.account));
        match principal {
            Some(principal) if place.account.is_some() => Identity::Proved(principal.handle),
            Some(principal) => Identity::Claimed(principal.handle),
            None => Identity::Unknown,
        }
    }
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Identity::Unknown => Ok(()),
            Identity::Claimed(handle) => write!(f, ", said to be of {handle},"),
            Identity::Proved(handle) => write!(f, " of {handle}"),
        }
    }
}

/// How often the end for a reason was told, and not told.
struct Echo {
    reason: EndReason,
    since: Instant,
    told: u32,
    more: u64,
}

/// A connection that was refused.
struct Refusal {
    at: Instant,
    peer: IpAddr,
    whose: Option<Handle>,
    reason: EndReason,
}

/// What was told lately. There is one entry for each reason at most, and the last [`REFUSALS`] that
/// the log was told of.
#[derive(Default)]
pub(super) struct Report {
    echoes: RefCell<Vec<Echo>>,
    refusals: RefCell<VecDeque<Refusal>>,
}

impl Report {
    /// A new connection was turned away.
    pub(super) fn not_admitted(&self, peer: IpAddr, turned: AdmissionError) {
        let reason = EndReason::TurnedAway(turned);
        let level = self.level(reason);
        log::log!(level, "{peer} {reason}");
        self.record_refusal(level, peer, None, reason);
    }

    /// A connection has ended; `signed_in`: as a session that somebody had signed in on.
    pub(super) fn ended(
        &self,
        called: Label,
        whose: &Identity,
        signed_in: bool,
        reason: EndReason,
    ) {
        let level = if signed_in { Level::Info } else { self.level(reason) };
        log::log!(level, "{called}{whose} ended: {reason}");
        let whose = match whose {
            Identity::Unknown => None,
            Identity::Claimed(handle) | Identity::Proved(handle) => Some(handle.clone()),
        };
        self.record_refusal(level, called.peer, whose, reason);
    }

    /// Remembers a refusal that the log was told of: a flood does not sweep away the others.
    fn record_refusal(&self, level: Level, peer: IpAddr, whose: Option<Handle>, reason: EndReason) {
        if level == Level::Debug || !reason.is_refusal() {
            return;
        }
        let mut refusals = self.refusals.borrow_mut();
        if refusals.len() >= REFUSALS {
            refusals.pop_front();
        }
        refusals.push_back(Refusal { at: Instant::now(), peer, whose, reason });
    }

    /// The last refusals, the latest first.
    pub(super) fn refused(&self) -> Vec<Refused> {
        let refusals = self.refusals.borrow();
        let shown = refusals.iter().rev().map(|refusal| Refused {
            seconds: refusal.at.elapsed().as_secs(),
            address: refusal.peer.to_string(),
            handle: refusal.whose.as_ref().map(Handle::to_string),
            reason: refusal.reason.to_string(),
        });
        shown.collect()
    }

    fn level(&self, reason: EndReason) -> Level {
        if reason.is_ordinary() || !self.is_logged(reason) {
            Level::Debug
        } else if reason.is_flood() {
            Level::Warn
        } else {
            Level::Info
        }
    }

    /// Whether one more end for this reason is told.
    fn is_logged(&self, reason: EndReason) -> bool {
        let most = if reason.is_flood() { ALOUD_OF_A_FLOOD } else { MAX_LOGGED };
        let mut echoes = self.echoes.borrow_mut();
        let known = echoes.iter_mut().find(|echo| echo.reason.name() == reason.name());
        match known {
            Some(echo) if echo.told < most => echo.told += 1,
            Some(echo) => {
                echo.more += 1;
                return false;
            }
            None => echoes.push(Echo { reason, since: Instant::now(), told: 1, more: 0 }),
        }
        true
    }

    /// Says how many more there were.
    pub(super) fn sweep(&self) {
        for line in self.summaries() {
            log::warn!("{line}");
        }
    }

    fn summaries(&self) -> Vec<String> {
        let (now, mut lines) = (Instant::now(), Vec::new());
        self.echoes.borrow_mut().retain_mut(|echo| {
            if now.duration_since(echo.since) < WINDOW {
                return true;
            }
            let more = std::mem::take(&mut echo.more);
            if more == 0 {
                return false;
            }
            let connections = if more == 1 { "connection" } else { "connections" };
            lines.push(format!(
                "… and {more} more {connections} ended: {}",
                echo.reason.description()
            ));
            echo.since = now;
            true
        });
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_to_a_flood_is_told_once_and_then_summed_up_each_minute() {
        let report = Report::default();
        let crowded = EndReason::TurnedAway(AdmissionError::Crowded);
        assert!(report.is_logged(crowded));
        assert!(!report.is_logged(crowded) && !report.is_logged(crowded));
        assert!(report.is_logged(EndReason::TurnedAway(AdmissionError::Public)));
        assert!(report.summaries().is_empty());
        tokio::time::advance(WINDOW).await;
        let words = "turned away: there are too many connections";
        let line = format!("… and 2 more connections ended: {words}");
        assert_eq!(report.summaries(), [line]);
        // The flood goes on: it is summed up again. What was told once is told again.
        assert!(!report.is_logged(crowded));
        assert!(report.is_logged(EndReason::TurnedAway(AdmissionError::Public)));
        tokio::time::advance(WINDOW).await;
        let line = format!("… and 1 more connection ended: {words}");
        assert_eq!(report.summaries(), [line]);
        tokio::time::advance(WINDOW).await;
        assert!(report.summaries().is_empty());
        assert!(report.is_logged(crowded));
    }

    #[tokio::test(start_paused = true)]
    async fn of_other_ends_some_are_told() {
        let report = Report::default();
        for _ in 0..MAX_LOGGED {
            assert_eq!(report.level(EndReason::SignInTime), Level::Info);
        }
        for _ in 0..3 {
            assert_eq!(report.level(EndReason::SignInTime), Level::Debug);
        }
        assert_eq!(report.level(EndReason::TooSlow), Level::Info);
        assert_eq!(report.level(EndReason::Hangup), Level::Debug);
        tokio::time::advance(WINDOW).await;
        let line = "… and 3 more connections ended: it did not sign in in time";
        assert_eq!(report.summaries(), [line]);
    }
}
