//! Messages relayed by a switchboard: encoded once, shared by all recipients.

use crate::port::store::Principal;
use msnp::command::Message;
use msnp::frame::MAX_PAYLOAD;
use msnp::{FriendlyName, Handle, SinkFullError};
use std::cell::RefCell;
use std::sync::Arc;

/// The capacity of a frame in bytes: enough for the longest payload with the longest handle and name.
pub const FRAME: usize = 4096;

/// The maximum number of free frames that an arbiter keeps for reuse, 4 KiB each.
const MAX_FREE: usize = 64;

const _: () = assert!(FRAME > MAX_PAYLOAD + Handle::MAX + FriendlyName::MAX_ENCODED + 32);

type Bytes = heapless::Vec<u8, FRAME>;

thread_local! {
    static FREE: RefCell<heapless::Vec<Arc<Bytes>, MAX_FREE>> = const { RefCell::new(heapless::Vec::new()) };
}

/// Encoded messages of one participant. Clones share the buffer. Dropping the last clone returns the
/// buffer to its arbiter.
#[derive(Clone)]
pub struct Frame {
    bytes: Option<Arc<Bytes>>,
}

impl Frame {
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
            // The buffer is freed if enough are kept, or if the thread ends.
            let _ = FREE.try_with(|free| free.borrow_mut().push(bytes));
        }
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({} bytes)", self.as_bytes().len())
    }
}

/// The start of every message of one participant: the command with handle and name.
#[derive(Debug)]
pub struct Prefix(Box<[u8]>);

impl Prefix {
    /// Encodes the handle and the name, which are those of the moment of joining.
    pub fn of(principal: &Principal) -> Prefix {
        let mut bytes = heapless::Vec::<u8, FRAME>::new();
        // This cannot fail: a frame has room for the prefix and a payload.
        let _ = Message::write_prefix(&principal.handle, &principal.name, &mut bytes);
        Prefix(bytes.as_slice().into())
    }
}

/// A frame under construction.
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
    /// [`SinkFullError`] if there is no room. An empty frame has room for any message.
    pub fn message(&mut self, of: &Prefix, payload: &[u8]) -> Result<(), SinkFullError> {
        let bytes = Arc::get_mut(&mut self.bytes).ok_or(SinkFullError)?;
        Message::relay(&of.0, payload, bytes)
    }

    /// Returns the complete frame.
    pub fn finish(self) -> Frame {
        Frame { bytes: Some(self.bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_message_fits_and_the_buffer_is_reused() {
        let handle = Handle::new(&format!("{}@example.com", "a".repeat(117))).unwrap();
        let name = FriendlyName::new(&" ".repeat(129)).unwrap();
        let prefix = Prefix::of(&Principal { handle, name });
        let payload = [b'x'; MAX_PAYLOAD];
        let mut builder = FrameBuilder::default();
        builder.message(&prefix, &payload).unwrap();
        assert_eq!(builder.message(&prefix, &payload), Err(SinkFullError));
        let frame = builder.finish();
        assert!(frame.as_bytes().ends_with(&payload));
        let buffer = frame.as_bytes().as_ptr();
        let other = frame.clone();
        drop(frame);
        assert!(other.as_bytes().ends_with(b"x"), "a shared frame stays");
        drop(other);
        let mut again = FrameBuilder::default();
        again.message(&prefix, b"").unwrap();
        assert_eq!(again.finish().as_bytes().as_ptr(), buffer);
    }
}
