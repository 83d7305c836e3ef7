//! Pools of fixed-size buffers. A connection holds a buffer only while it holds bytes.

use crate::settings::SharedSettings;
use std::cell::{Cell, RefCell};

/// The size of an input buffer in bytes: the maximum of a single read, and of the unread bytes of a
/// connection. It is larger than the longest frame, so a frame always fits.
pub(super) const INPUT_SIZE: usize = 8192;

/// The size of an output buffer in bytes: the maximum of unwritten bytes for a peer that does not
/// read. The roster of a full switchboard fits.
pub const OUTPUT_SIZE: usize = 16384;

/// The maximum number of free buffers of each kind that are kept for reuse.
const MAX_FREE: usize = 16;

const _: () = assert!(INPUT_SIZE > msnp::frame::MAX_FRAME);

/// Unread bytes of a connection.
pub(super) struct Input {
    bytes: [u8; INPUT_SIZE],
    start: usize,
    end: usize,
}

impl Default for Input {
    fn default() -> Input {
        Input { bytes: [0; INPUT_SIZE], start: 0, end: 0 }
    }
}

impl Input {
    pub(super) fn unread(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Removes the first `count` unread bytes.
    pub(super) fn advance(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }

    /// Returns all free space, to be filled from its start.
    pub(super) fn free_space(&mut self) -> &mut [u8] {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    /// Adds the first `count` bytes of [`Input::free_space`] to the unread ones.
    pub(super) fn add_filled(&mut self, count: usize) {
        self.end = self.end.saturating_add(count).min(INPUT_SIZE);
    }
}

/// Unwritten output of a connection.
#[derive(Default)]
pub(super) struct Output {
    bytes: heapless::Vec<u8, OUTPUT_SIZE>,
    written: usize,
}

impl Output {
    pub(super) fn unwritten(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    /// Removes the first `count` unwritten bytes.
    pub(super) fn advance(&mut self, count: usize) {
        self.written = self.written.saturating_add(count).min(self.bytes.len());
        if self.written == self.bytes.len() {
            self.bytes.clear();
            self.written = 0;
        }
    }

    /// Returns the buffer to append to, without the bytes that were written.
    pub(super) fn buffer(&mut self) -> &mut heapless::Vec<u8, OUTPUT_SIZE> {
        if self.written > 0 {
            let unwritten = self.bytes.len() - self.written;
            self.bytes.copy_within(self.written.., 0);
            self.bytes.truncate(unwritten);
            self.written = 0;
        }
        &mut self.bytes
    }

    /// Returns the free space in bytes.
    pub(super) fn room(&self) -> usize {
        OUTPUT_SIZE - self.unwritten().len()
    }
}

struct Pool<T> {
    free: RefCell<heapless::Vec<Box<T>, MAX_FREE>>,
    in_use: Cell<usize>,
}

impl<T: Default> Pool<T> {
    fn new() -> Pool<T> {
        Pool { free: RefCell::default(), in_use: Cell::new(0) }
    }

    fn acquire(&self, limit: usize) -> Option<Box<T>> {
        if self.in_use.get() >= limit {
            return None;
        }
        self.in_use.set(self.in_use.get() + 1);
        Some(self.free.borrow_mut().pop().unwrap_or_default())
    }

    fn release(&self, buffer: Box<T>) {
        self.in_use.set(self.in_use.get().saturating_sub(1));
        // The buffer is freed if enough are kept.
        let _ = self.free.borrow_mut().push(buffer);
    }
}

/// The buffers of all connections of an arbiter.
pub struct Buffers {
    inputs: Pool<Input>,
    outputs: Pool<Output>,
    settings: SharedSettings,
}

impl Buffers {
    /// Creates empty pools. At most `limits.buffers` of each kind are in use at once.
    pub fn new(settings: SharedSettings) -> Buffers {
        Buffers { inputs: Pool::new(), outputs: Pool::new(), settings }
    }

    /// Returns the numbers of input and output buffers in use.
    pub fn in_use(&self) -> (usize, usize) {
        (self.inputs.in_use.get(), self.outputs.in_use.get())
    }

    /// Returns a buffer, if the limit allows it. The limit is raised by `owed`: so many of the
    /// buffers in use come back at once.
    pub(super) fn acquire_input(&self, owed: usize) -> Option<Box<Input>> {
        self.inputs.acquire(self.settings.hot().buffers + owed)
    }

    /// Does the same as [`Buffers::acquire_input`] for an output buffer.
    pub(super) fn acquire_output(&self, owed: usize) -> Option<Box<Output>> {
        self.outputs.acquire(self.settings.hot().buffers + owed)
    }

    pub(super) fn release_input(&self, mut input: Box<Input>) {
        let unread = input.unread().len();
        input.advance(unread);
        self.inputs.release(input);
    }

    /// Records that an input buffer was lost in a panic.
    pub(super) fn forget_input(&self) {
        self.inputs.in_use.set(self.inputs.in_use.get().saturating_sub(1));
    }

    pub(super) fn release_output(&self, mut output: Box<Output>) {
        let unwritten = output.unwritten().len();
        output.advance(unwritten);
        self.outputs.release(output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::Limits;
    use crate::settings::Settings;

    #[test]
    fn read_and_written_bytes_free_space() {
        let mut input = Input::default();
        input.free_space()[..4].copy_from_slice(b"abcd");
        input.add_filled(4);
        input.advance(3);
        assert_eq!(input.unread(), b"d");
        assert_eq!(input.free_space().len(), INPUT_SIZE - 1);
        assert_eq!(input.unread(), b"d");

        let mut output = Output::default();
        output.buffer().extend_from_slice(b"abcd").unwrap();
        output.advance(3);
        assert_eq!(output.room(), OUTPUT_SIZE - 1);
        output.buffer().extend_from_slice(b"ef").unwrap();
        assert_eq!(output.unwritten(), b"def");
    }

    fn with_buffers(buffers: usize) -> Settings {
        let sample = Settings::sample();
        Settings { limits: Limits { buffers, ..sample.limits }, ..sample }
    }

    #[test]
    fn no_more_buffers_are_in_use_than_the_limit() {
        let settings = SharedSettings::new(with_buffers(2));
        let buffers = Buffers::new(settings.clone());
        let first = buffers.acquire_input(0).unwrap();
        let _second = buffers.acquire_input(0).unwrap();
        assert!(buffers.acquire_input(0).is_none());
        buffers.release_input(first);
        let _third = buffers.acquire_input(0).unwrap();
        assert!(buffers.acquire_input(0).is_none());
        settings.set(with_buffers(3));
        assert!(buffers.acquire_input(0).is_some());
        assert!(buffers.acquire_input(0).is_none());
        assert!(buffers.acquire_input(1).is_some(), "one is owed");
    }
}
