//! Messages on their way through a switchboard: encoded once, shared by all recipients.

use crate::port::store::Principal;
use msnp::command::Message;
use msnp::frame::MAX_PAYLOAD;
use msnp::{FriendlyName, Handle, SinkFullError};
use std::cell::RefCell;
use std::sync::Arc;

/// How many bytes one frame holds: at least one message of the longest payload, handle and name.
pub const FRAME: usize = 4096;

/// How many free frames are kept by each arbiter, 4 KiB each.
const KEPT: usize = 64;

const _: () = assert!(FRAME > MAX_PAYLOAD + Handle::MAX + FriendlyName::MAX_ENCODED + 32);

type Bytes = heapless::Vec<u8, FRAME>;

thread_local! {
    static FREE: RefCell<heapless::Vec<Arc<Bytes>, KEPT>> = const { RefCell::new(heapless::Vec::new()) };
}

/// Encoded messages of one participant. Cloning shares them; the last clone to go gives the buffer
/// back to its arbiter.
#[derive(Clone)]
pub struct Frame {
    bytes: Option<Arc<Bytes>>,
}

impl Frame {
    /// The encoded messages.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_ref().map_or(&[], |bytes| bytes.as_slice())
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        if let Some(mut bytes) = self.bytes.take()
            && let Some(buffer) = Arc::get_mut(&mut bytes)
        {
            buffer.clear();
            // A full shelf, or a thread that ends, needs no more buffers.
            let _ = FREE.try_with(|free| free.borrow_mut().push(bytes));
        }
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({} bytes)", self.as_bytes().len())
    }
}

/// How all messages of one participant begin.
#[derive(Debug)]
pub struct Prefix(Box<[u8]>);

impl Prefix {
    /// With his handle and his name when he joined.
    pub fn of(principal: &Principal) -> Prefix {
        let mut bytes = heapless::Vec::<u8, FRAME>::new();
        // A frame has room for it and a payload.
        let _ = Message::write_prefix(&principal.handle, &principal.name, &mut bytes);
        Prefix(bytes.as_slice().into())
    }
}

/// A frame that is still being filled.
#[derive(Debug)]
pub struct FrameBuilder {
    bytes: Arc<Bytes>,
}

impl Default for FrameBuilder {
    fn default() -> FrameBuilder {
        let free = FREE.try_with(|free| free.borrow_mut().pop());
        FrameBuilder { bytes: free.ok().flatten().unwrap_or_default() }
    }
}

impl FrameBuilder {
    /// Appends a message.
    ///
    /// # Errors
    /// [`Full`] if there is no room; an empty draft has room for any message.
    pub fn message(&mut self, of: &Prefix, payload: &[u8]) -> Result<(), SinkFullError> {
        let bytes = Arc::get_mut(&mut self.bytes).ok_or(SinkFullError)?;
        Message::relay(&of.0, payload, bytes)
    }

    /// The frame, complete.
    pub fn finish(self) -> Frame {
        Frame { bytes: Some(self.bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_message_fits_and_the_buffer_is_used_again() {
        let handle = Handle::new(&format!("{}@example.com", "a".repeat(117))).unwrap();
        let name = FriendlyName::new(&" ".repeat(129)).unwrap();
        let beginning = Prefix::of(&Principal { handle, name });
        let payload = [b'x'; MAX_PAYLOAD];
        let mut draft = FrameBuilder::default();
        draft.message(&beginning, &payload).unwrap();
        assert_eq!(draft.message(&beginning, &payload), Err(SinkFullError));
        let frame = draft.finish();
        assert!(frame.as_bytes().ends_with(&payload));
        let buffer = frame.as_bytes().as_ptr();
        let other = frame.clone();
        drop(frame);
        assert!(other.as_bytes().ends_with(b"x"), "a shared frame stays");
        drop(other);
        let mut again = FrameBuilder::default();
        again.message(&beginning, b"").unwrap();
        assert_eq!(again.finish().as_bytes().as_ptr(), buffer);
    }
}
