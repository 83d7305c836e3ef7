//! Messages that a participant sends to a conversation: encoded once, shared by all recipients.

use crate::port::store::Principal;
use msnp::command::Message;
use msnp::frame::MAX_PAYLOAD;
use msnp::{FriendlyName, Handle, SinkFullError};
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

/// The maximum length of the encoded messages in bytes: enough for the longest payload with the
/// longest handle and name.
pub const MAX_ENCODED: usize = 4096;

/// The maximum number of messages that are sent together: those of one turn of a connection.
const MAX_MESSAGES: usize = 64;

/// The maximum number of free buffers that a thread keeps for reuse, 4 KiB each.
const MAX_FREE: usize = 64;

const _: () = assert!(MAX_ENCODED > MAX_PAYLOAD + Handle::MAX + FriendlyName::MAX_ENCODED + 32);

#[derive(Default)]
struct Buffer {
    /// `None` while the buffer is free.
    sender: Option<Arc<Principal>>,
    /// The encoded messages.
    bytes: heapless::Vec<u8, MAX_ENCODED>,
    /// Where in `bytes` the payloads are.
    payloads: heapless::Vec<Range<u16>, MAX_MESSAGES>,
}

thread_local! {
    static FREE: RefCell<heapless::Vec<Arc<Buffer>, MAX_FREE>> = const { RefCell::new(heapless::Vec::new()) };
}

/// Messages of one participant. Clones share the buffer. Dropping the last clone returns the buffer
/// to the free ones of the thread.
#[derive(Clone)]
pub struct Said {
    buffer: Option<Arc<Buffer>>,
}

impl Said {
    /// Returns the participant who sent the messages.
    pub fn sender(&self) -> Option<&Principal> {
        self.buffer.as_ref().and_then(|buffer| buffer.sender.as_deref())
    }

    /// Returns the payload of each message.
    pub fn payloads(&self) -> impl Iterator<Item = &[u8]> {
        self.buffer.iter().flat_map(|buffer| {
            buffer.payloads.iter().map(|range| {
                let range = usize::from(range.start)..usize::from(range.end);
                buffer.bytes.get(range).unwrap_or_default()
            })
        })
    }

    /// Returns the messages as `MSG` commands, which are the same in all dialects.
    pub fn encoded(&self) -> &[u8] {
        self.buffer.as_ref().map_or(&[], |buffer| buffer.bytes.as_slice())
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        if let Some(mut buffer) = self.buffer.take()
            && let Some(unshared) = Arc::get_mut(&mut buffer)
        {
            unshared.sender = None;
            unshared.bytes.clear();
            unshared.payloads.clear();
            // The buffer is freed if enough are kept, or if the thread ends.
            let _ = FREE.try_with(|free| free.borrow_mut().push(buffer));
        }
    }
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Said({} bytes)", self.encoded().len())
    }
}

/// A participant as the sender of messages.
#[derive(Debug)]
pub struct Speaker {
    principal: Arc<Principal>,
    /// The start of each message: the command with handle and name.
    prefix: Box<[u8]>,
}

impl Speaker {
    /// Encodes the handle and the name, which are those of the moment of joining.
    pub fn new(principal: Arc<Principal>) -> Speaker {
        let mut bytes = heapless::Vec::<u8, MAX_ENCODED>::new();
        // This cannot fail: there is room for the prefix and a payload.
        let _ = Message::write_prefix(&principal.handle, &principal.name, &mut bytes);
        Speaker { principal, prefix: bytes.as_slice().into() }
    }

    pub fn principal(&self) -> &Arc<Principal> {
        &self.principal
    }
}

/// Messages under construction, all of one speaker.
pub struct SaidBuilder {
    buffer: Arc<Buffer>,
}

impl SaidBuilder {
    /// Starts without a message.
    pub fn new(speaker: &Speaker) -> SaidBuilder {
        let free = FREE.try_with(|free| free.borrow_mut().pop());
        let mut buffer: Arc<Buffer> = free.ok().flatten().unwrap_or_default();
        if let Some(buffer) = Arc::get_mut(&mut buffer) {
            buffer.sender = Some(speaker.principal.clone());
        }
        SaidBuilder { buffer }
    }

    /// Appends a message.
    ///
    /// # Errors
    /// [`SinkFullError`] if there is no room. The first message always has room, if its payload is
    /// legal.
    pub fn push(&mut self, speaker: &Speaker, payload: &[u8]) -> Result<(), SinkFullError> {
        let buffer = Arc::get_mut(&mut self.buffer).ok_or(SinkFullError)?;
        if payload.len() > MAX_PAYLOAD || buffer.payloads.is_full() {
            return Err(SinkFullError);
        }
        Message::relay(&speaker.prefix, payload, &mut buffer.bytes)?;
        let end = u16::try_from(buffer.bytes.len()).map_err(|_| SinkFullError)?;
        let start = buffer.bytes.len().saturating_sub(payload.len());
        let start = u16::try_from(start).map_err(|_| SinkFullError)?;
        buffer.payloads.push(start..end).map_err(|_| SinkFullError)
    }

    /// Returns the complete messages.
    pub fn finish(self) -> Said {
        Said { buffer: Some(self.buffer) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speaker(handle: &str, name: &str) -> Speaker {
        let (handle, name) = (Handle::new(handle).unwrap(), FriendlyName::new(name).unwrap());
        Speaker::new(Arc::new(Principal { handle, name }))
    }

    #[test]
    fn the_longest_message_fits_and_the_buffer_is_reused() {
        let speaker = speaker(&format!("{}@example.com", "a".repeat(117)), &" ".repeat(129));
        let payload = [b'x'; MAX_PAYLOAD];
        let mut builder = SaidBuilder::new(&speaker);
        builder.push(&speaker, &payload).unwrap();
        assert_eq!(builder.push(&speaker, &payload), Err(SinkFullError));
        let said = builder.finish();
        assert!(said.encoded().ends_with(&payload));
        let buffer = said.encoded().as_ptr();
        let other = said.clone();
        drop(said);
        assert!(other.encoded().ends_with(b"x"), "a shared buffer stays");
        drop(other);
        let mut again = SaidBuilder::new(&speaker);
        again.push(&speaker, b"").unwrap();
        assert_eq!(again.finish().encoded().as_ptr(), buffer);
    }

    #[test]
    fn payloads_and_their_sender_are_known_without_decoding() {
        let speaker = speaker("alice@example.com", "Alice");
        let mut builder = SaidBuilder::new(&speaker);
        for payload in [b"hello".as_slice(), b"", b"MSG x x 3\r\nxxx"] {
            builder.push(&speaker, payload).unwrap();
        }
        let said = builder.finish();
        let payloads: Vec<&[u8]> = said.payloads().collect();
        assert_eq!(payloads, [b"hello".as_slice(), b"", b"MSG x x 3\r\nxxx"]);
        assert_eq!(said.sender().map(|sender| sender.handle.as_str()), Some("alice@example.com"));
    }

    #[test]
    fn the_messages_of_one_turn_are_sent_together() {
        let speaker = speaker("a@b.c", "A");
        let mut builder = SaidBuilder::new(&speaker);
        for _ in 0..MAX_MESSAGES {
            builder.push(&speaker, b"x").unwrap();
        }
        assert_eq!(builder.push(&speaker, b"x"), Err(SinkFullError));
        assert_eq!(builder.finish().payloads().count(), MAX_MESSAGES);
    }
}
