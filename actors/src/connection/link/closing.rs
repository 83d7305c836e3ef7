//! The end of a connection.

use super::Link;
use crate::end::EndReason;
use msnp::{Phase, Server};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a connection that ends still does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Writes the remaining output; reads nothing.
    Flushing,
    /// Has shut down its write side, or leaves the close to the peer. Reads and discards until the peer
    /// closes. A close with unread input would send a reset, which can destroy the last lines in
    /// transit.
    Draining,
    /// Does nothing.
    Over,
}

/// The state of a connection that ends.
pub(super) struct Closing {
    stage: Stage,
    reason: EndReason,
    is_logged: bool,
    /// Whether to leave the close to the peer, and not to shut down the write side.
    peer_closes_first: bool,
}

impl Link {
    /// Returns whether requests are still handled and events still sent.
    pub fn is_open(&self) -> bool {
        self.closing.is_none()
    }

    /// Ends the connection after all output is written. Waits for the peer to close too, for
    /// `Settings::linger` at most. Only the first reason is recorded.
    pub fn close(&mut self, reason: EndReason) {
        let linger = self.node.settings().linger;
        self.end(reason, linger, false);
    }

    /// Ends the connection after the client has closed it, as one that was referred to another
    /// server does by itself. The server closes after `Settings::referral_linger` at the latest.
    pub fn close_after_peer(&mut self, reason: EndReason) {
        let linger = self.node.settings().referral_linger;
        self.end(reason, linger, true);
    }

    fn end(&mut self, reason: EndReason, linger: Duration, peer_closes_first: bool) {
        if self.is_open() {
            let stage = Stage::Flushing;
            self.closing =
                Some(Box::new(Closing { stage, reason, is_logged: false, peer_closes_first }));
            self.slot.is_ending.set(true);
            self.unwatch();
            self.set_deadline(Some(linger));
            self.wake();
        }
    }

    /// Ends the connection at once. Unwritten output is lost.
    pub fn abort(&mut self, reason: EndReason) {
        let stage = Stage::Over;
        let closing = self.closing.get_or_insert_with(|| {
            Box::new(Closing { stage, reason, is_logged: false, peer_closes_first: false })
        });
        closing.stage = stage;
        self.wake();
    }

    /// Logs and counts the end, if there is one and it was not logged before. Returns whether this
    /// call did so.
    pub(in crate::connection) fn log_end(&mut self) -> bool {
        let Some(closing) = self.closing.as_mut().filter(|closing| !closing.is_logged) else {
            return false;
        };
        closing.is_logged = true;
        let mut reason = closing.reason;
        if self.offered_only_later_versions() {
            reason = reason.for_later_client(self.slot.later_dialects.get());
        }
        self.node.endings.count(reason);
        let signed_in = self.slot.server == Server::Notification && self.phase == Phase::SignedIn;
        let (label, identity) = (self.label(), self.identity());
        self.node.connections.report.log_end(label, &identity, signed_in, reason);
        true
    }

    /// Logs and counts the end of a connection that is dropped before its end was logged.
    pub(super) fn log_unexpected_end(&self) {
        let reason = match &self.closing {
            Some(closing) if closing.is_logged => return,
            Some(closing) => closing.reason,
            None => EndReason::Failed,
        };
        log::error!("{}{} ended: {reason}", self.label(), self.identity());
        self.node.endings.count(reason);
    }

    /// Continues the end of the connection. Returns ready when it is over.
    pub(in crate::connection) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.slot.is_overdue() {
            self.set_stage(Stage::Over);
        }
        if self.is_at(Stage::Flushing) {
            std::task::ready!(self.poll_flush(cx));
        }
        if self.is_at(Stage::Flushing) {
            let peer_closes_first =
                self.closing.as_ref().is_some_and(|closing| closing.peer_closes_first);
            let is_shut = peer_closes_first
                || std::task::ready!(Pin::new(&mut self.transport).poll_shutdown(cx)).is_ok();
            self.set_stage(if is_shut { Stage::Draining } else { Stage::Over });
        }
        while self.is_at(Stage::Draining) {
            let mut rest = [0; 512];
            let mut room = ReadBuf::new(&mut rest);
            let read = std::task::ready!(Pin::new(&mut self.transport).poll_read(cx, &mut room));
            if read.is_err() || room.filled().is_empty() {
                self.set_stage(Stage::Over);
            }
        }
        Poll::Ready(())
    }

    fn is_at(&self, stage: Stage) -> bool {
        self.closing.as_ref().is_some_and(|closing| closing.stage == stage)
    }

    fn set_stage(&mut self, stage: Stage) {
        if let Some(closing) = &mut self.closing {
            closing.stage = stage;
        }
    }
}
