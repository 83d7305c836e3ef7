//! The input of a connection.

use super::Link;
use crate::connection::buffers::{Buffers, Input};
use crate::connection::slot::BufferKind;
use crate::end::EndReason;
use std::pin::Pin;
use std::task::Poll;
use tokio::io::{AsyncRead, ReadBuf};

impl Link {
    /// Returns how many more requests may be handled in this second.
    pub(in crate::connection) fn lines_left(&mut self) -> usize {
        let connections = &self.node.connections;
        if self.second != connections.second() {
            (self.second, self.lines) = (connections.second(), 0);
        }
        let lines = usize::try_from(self.lines).unwrap_or(usize::MAX);
        connections.lines_per_second().saturating_sub(lines)
    }

    /// Counts handled lines.
    pub(in crate::connection) fn count_lines(&mut self, count: usize) {
        self.lines = self.lines.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Counts a refused request. Returns the new count, at most 255.
    pub(in crate::connection) fn count_refusal(&mut self) -> u8 {
        self.refusals = self.refusals.saturating_add(1);
        self.refusals
    }

    /// Pauses reading until the next second.
    pub(in crate::connection) fn pause(&self) {
        self.slot.is_paused.set(true);
    }

    /// Lends out the buffer of unread bytes, if there are any. [`Link::put_back_input`] ends the
    /// loan.
    pub(in crate::connection) fn take_input(&mut self) -> Option<Box<Input>> {
        let input = self.input.take_if(|input| !input.unread().is_empty());
        self.input_taken = input.is_some();
        input
    }

    /// Puts back the buffer that [`Link::take_input`] has lent out.
    pub(in crate::connection) fn put_back_input(&mut self, input: Box<Input>) {
        self.input_taken = false;
        self.input = Some(input);
    }

    /// Releases the input buffer at the end of a turn, if it is empty.
    pub(in crate::connection) fn release_input(&mut self) {
        if let Some(input) = self.input.take_if(|input| input.unread().is_empty()) {
            self.node.buffers.release_input(input);
            self.set_held(BufferKind::Input, false);
        }
    }

    /// Releases the input buffer at the end of the connection.
    pub(super) fn drop_input(&mut self) {
        if let Some(input) = self.input.take() {
            self.node.buffers.release_input(input);
        }
        if self.input_taken {
            // A handler has panicked, and the buffer is lost.
            self.node.buffers.forget_input();
        }
    }

    /// Reads input. Returns `false` if the peer has closed, or if an error or a lack of buffers has
    /// ended the connection.
    pub(in crate::connection) fn poll_fill(&mut self) -> Poll<bool> {
        if !self.slot.signal.is_read_ready() {
            return Poll::Pending;
        }
        if self.input.is_none() {
            self.input = self.acquire(BufferKind::Input, Buffers::acquire_input);
            self.set_held(BufferKind::Input, self.input.is_some());
        }
        // The buffer stays in the link meanwhile, so that a panic does not lose it.
        let Some(input) = &mut self.input else {
            self.abort(EndReason::Overloaded);
            return Poll::Ready(false);
        };
        let mut room = ReadBuf::new(input.free_space());
        let transport = Pin::new(&mut self.transport);
        let read = self.slot.signal.poll_read(|cx| transport.poll_read(cx, &mut room));
        let count = room.filled().len();
        input.add_filled(count);
        match read {
            Poll::Pending => {
                let is_inside_command =
                    !input.unread().is_empty() || self.pending_payload.is_some();
                if std::mem::take(&mut self.has_read) && is_inside_command {
                    self.transport.read_ended_inside_command();
                }
                Poll::Pending
            }
            Poll::Ready(Ok(())) if count > 0 => {
                self.has_read = true;
                self.record_activity();
                Poll::Ready(true)
            }
            Poll::Ready(Ok(())) => Poll::Ready(false),
            Poll::Ready(Err(error)) => {
                self.abort(EndReason::Lost(error.kind()));
                Poll::Ready(false)
            }
        }
    }
}
