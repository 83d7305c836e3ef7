//! The output of a connection.

use super::Link;
use crate::connection::buffers::{Buffers, OUTPUT_SIZE, Output};
use crate::connection::slot::BufferKind;
use crate::end::EndReason;
use msnp::command::ErrorReply;
use msnp::{ErrorCode, Event, SinkFullError, TrId};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;

impl Link {
    /// Sends an event. If there is no space for it, the connection ends: the peer does not read.
    pub fn emit(&mut self, event: &Event<'_>) {
        let dialect = self.dialect();
        self.append(|output| event.encode(dialect, output));
    }

    /// Sends an error line.
    pub fn error(&mut self, trid: TrId, code: ErrorCode) {
        log::debug!("{} is answered {}: {}", self.label(), code.number(), code.description());
        self.emit(&Event::Error(ErrorReply { code, trid }));
    }

    /// Sends an error line and closes.
    pub fn refuse(&mut self, trid: TrId, code: ErrorCode, reason: EndReason) {
        self.error(trid, code);
        self.close(reason);
    }

    /// Sends encoded bytes, all or none, like [`Link::emit`].
    pub fn emit_encoded(&mut self, bytes: &[u8]) {
        self.append(|output| output.extend_from_slice(bytes).map_err(|_| SinkFullError));
    }

    fn append(
        &mut self,
        encode: impl Fn(&mut heapless::Vec<u8, OUTPUT_SIZE>) -> Result<(), SinkFullError>,
    ) {
        if !self.is_open() {
            return;
        }
        let put = |output: &mut Output| {
            let start = output.buffer().len();
            encode(output.buffer()).map(|()| start)
        };
        let Some(output) = self.output() else {
            return self.abort(EndReason::Overloaded);
        };
        let mut done = put(output);
        if done.is_err() {
            // The socket may accept data again since the last write.
            self.flush_now();
            done = self.output().map_or(Err(SinkFullError), put);
        }
        match done {
            Ok(start) if !self.node.traces.is_idle() => self.trace_sent(start),
            Ok(_) => {}
            Err(SinkFullError) => self.abort(EndReason::TooSlow),
        }
    }

    /// Returns the output buffer, and acquires one if necessary. It stays in the link, so that a panic
    /// does not lose it.
    fn output(&mut self) -> Option<&mut Output> {
        if self.output.is_none() {
            self.output = self.acquire(BufferKind::Output, Buffers::acquire_output);
            self.set_held(BufferKind::Output, self.output.is_some());
        }
        self.output.as_deref_mut()
    }

    /// Releases the output buffer.
    pub(super) fn release_output(&mut self) {
        if let Some(output) = self.output.take() {
            self.node.buffers.release_output(output);
            self.set_held(BufferKind::Output, false);
        }
    }

    fn flush_now(&mut self) {
        if let Some(waker) = self.slot.signal.waker() {
            // An error shows again when the pump writes.
            let _ = self.poll_flush(&mut Context::from_waker(&waker));
        }
    }

    /// Returns the free output space in bytes.
    pub fn room(&self) -> usize {
        self.output.as_ref().map_or(OUTPUT_SIZE, |output| output.room())
    }

    /// Returns whether all output was written.
    pub fn is_flushed(&self) -> bool {
        self.output.is_none()
    }

    /// Writes all output. An error ends the connection.
    pub(in crate::connection) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(output) = &mut self.output {
            if output.unwritten().is_empty() {
                self.release_output();
                break;
            }
            match Pin::new(&mut self.transport).poll_write(cx, output.unwritten()) {
                Poll::Ready(Ok(count)) if count > 0 => {
                    output.advance(count);
                    self.record_activity();
                }
                Poll::Ready(result) => {
                    self.release_output();
                    let kind = result.err().map_or(std::io::ErrorKind::WriteZero, |e| e.kind());
                    self.abort(EndReason::Lost(kind));
                    return Poll::Ready(());
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(())
    }
}
