//! Pools of fixed buffers, lent to connections that hold bytes.

use crate::settings::SharedSettings;
use std::cell::{Cell, RefCell};

/// How many bytes one read takes at most, and how many unread bytes a connection can hold: more
/// than the longest frame, so that a frame always fits.
pub(super) const INPUT: usize = 8192;

/// How much output a connection can hold for a peer that does not read. The roster of a full
/// switchboard fits.
pub const OUTPUT: usize = 16384;

/// How many free buffers of each kind are kept.
const MAX_FREE: usize = 16;

const _: () = assert!(INPUT > msnp::frame::MAX_FRAME);

/// Unread bytes of a connection.
pub(super) struct Input {
    bytes: [u8; INPUT],
    start: usize,
    end: usize,
}

impl Default for Input {
    fn default() -> Input {
        Input { bytes: [0; INPUT], start: 0, end: 0 }
    }
}

impl Input {
    /// What is unread.
    pub(super) fn unread(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The first `count` unread bytes are done with.
    pub(super) fn advance(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }

    /// Where further bytes go: all the room behind the unread ones.
    pub(super) fn room(&mut self) -> &mut [u8] {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    /// `count` bytes were put into the room.
    pub(super) fn filled(&mut self, count: usize) {
        self.end = self.end.saturating_add(count).min(INPUT);
    }
}

/// Output of a connection that was not written yet.
#[derive(Default)]
pub(super) struct Output {
    bytes: heapless::Vec<u8, OUTPUT>,
    written: usize,
}

impl Output {
    /// What is unwritten.
    pub(super) fn unwritten(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    /// The first `count` unwritten bytes were written.
    pub(super) fn advance(&mut self, count: usize) {
        self.written = self.written.saturating_add(count).min(self.bytes.len());
        if self.written == self.bytes.len() {
            self.bytes.clear();
            self.written = 0;
        }
    }

    /// The buffer to append to; what was written makes room.
    pub(super) fn buffer(&mut self) -> &mut heapless::Vec<u8, OUTPUT> {
        if self.written > 0 {
            let unwritten = self.bytes.len() - self.written;
            self.bytes.copy_within(self.written.., 0);
            self.bytes.truncate(unwritten);
            self.written = 0;
        }
        &mut self.bytes
    }

    /// How many more bytes fit.
    pub(super) fn room(&self) -> usize {
        OUTPUT - self.unwritten().len()
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

    fn acquire(&self, most: usize) -> Option<Box<T>> {
        if self.in_use.get() >= most {
            return None;
        }
        self.in_use.set(self.in_use.get() + 1);
        Some(self.free.borrow_mut().pop().unwrap_or_default())
    }

    fn release(&self, buffer: Box<T>) {
        self.in_use.set(self.in_use.get().saturating_sub(1));
        // A full shelf means that the buffer is not needed any more.
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
    /// Pools that lend at most [`Settings::buffers`](crate::Settings::buffers) of each kind at a
    /// time.
    pub fn new(settings: SharedSettings) -> Buffers {
        Buffers { inputs: Pool::new(), outputs: Pool::new(), settings }
    }

    /// How many input and output buffers are lent.
    pub fn in_use(&self) -> (usize, usize) {
        (self.inputs.in_use.get(), self.outputs.in_use.get())
    }

    /// Lends one, if there is one left, with `owed` more that are lent but come back at once.
    pub(super) fn acquire_input(&self, owed: usize) -> Option<Box<Input>> {
        self.inputs.acquire(self.settings.get().buffers + owed)
    }

    /// Lends one, as [`Buffers::acquire_input`] does.
    pub(super) fn acquire_output(&self, owed: usize) -> Option<Box<Output>> {
        self.outputs.acquire(self.settings.get().buffers + owed)
    }

    pub(super) fn release_input(&self, mut input: Box<Input>) {
        let unread = input.unread().len();
        input.advance(unread);
        self.inputs.release(input);
    }

    /// An input buffer was lost.
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
    use crate::settings::Settings;

    #[test]
    fn what_was_read_and_written_makes_room() {
        let mut input = Input::default();
        input.room()[..4].copy_from_slice(b"abcd");
        input.filled(4);
        input.advance(3);
        assert_eq!(input.unread(), b"d");
        assert_eq!(input.room().len(), INPUT - 1);
        assert_eq!(input.unread(), b"d");

        let mut output = Output::default();
        output.buffer().extend_from_slice(b"abcd").unwrap();
        output.advance(3);
        assert_eq!(output.room(), OUTPUT - 1);
        output.buffer().extend_from_slice(b"ef").unwrap();
        assert_eq!(output.unwritten(), b"def");
    }

    #[test]
    fn no_more_buffers_are_lent_than_there_are() {
        let settings = SharedSettings::new(Settings { buffers: 2, ..Settings::sample() });
        let buffers = Buffers::new(settings.clone());
        let first = buffers.acquire_input(0).unwrap();
        let _second = buffers.acquire_input(0).unwrap();
        assert!(buffers.acquire_input(0).is_none());
        buffers.release_input(first);
        let _third = buffers.acquire_input(0).unwrap();
        assert!(buffers.acquire_input(0).is_none());
        settings.set(Settings { buffers: 3, ..Settings::sample() });
        assert!(buffers.acquire_input(0).is_some());
        assert!(buffers.acquire_input(0).is_none());
        assert!(buffers.acquire_input(1).is_some(), "one is owed");
    }
}
