//! What the traces get of a connection.

use super::Link;
use crate::connection::trace::{self, TraceTarget};
use msnp::{Frame, Request};

impl Link {
    /// Passes a received frame, and the request if it is a valid one, to the traces.
    pub(in crate::connection) fn trace_received(
        &self,
        frame: &Frame<'_>,
        request: Option<&Request<'_>>,
    ) {
        if self.node.traces.is_idle() {
            return;
        }
        let mut target = TraceTarget::of(&self.slot);
        // This command may be the one that names the account.
        target.account = trace::claimed_handle(frame, target.server)
            .and_then(|handle| self.node.directory.find(&handle))
            .or(target.account);
        self.node.traces.received(target, frame, request);
    }

    /// Passes the output from `start` on to the traces.
    pub(super) fn trace_sent(&mut self, start: usize) {
        let target = TraceTarget::of(&self.slot);
        if let Some(output) = &mut self.output {
            let bytes = output.buffer().get(start..).unwrap_or_default();
            self.node.traces.sent(target, bytes);
        }
    }
}
