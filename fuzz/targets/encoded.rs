//! Encoded commands: written completely or not at all, in normal form, and decoded as the same value.

use msnp::frame::MAX_FRAME;
use msnp::line::{Sink, SinkFullError};

/// A sink with a limited capacity.
struct BoundedSink {
    bytes: Vec<u8>,
    capacity: usize,
}

impl Sink for BoundedSink {
    fn put(&mut self, bytes: &[u8]) -> Result<(), SinkFullError> {
        if self.bytes.len() + bytes.len() > self.capacity {
            return Err(SinkFullError);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
    fn filled(&self) -> usize {
        self.bytes.len()
    }
    fn truncate(&mut self, length: usize) {
        self.bytes.truncate(length);
    }
}

/// Returns what `encode` writes. It fits into a frame. A buffer that is one byte too short, or half as
/// long, stays unchanged.
pub(super) fn check_and_encode(
    encode: &dyn Fn(&mut dyn Sink) -> Result<(), SinkFullError>,
) -> Vec<u8> {
    let mut sink = BoundedSink { bytes: Vec::with_capacity(256), capacity: MAX_FRAME };
    assert_eq!(encode(&mut sink), Ok(()), "what was read can be written");
    let bytes = sink.bytes;
    for capacity in [bytes.len() - 1, bytes.len() / 2] {
        let mut small = BoundedSink { bytes: b"...".to_vec(), capacity: capacity + 3 };
        assert_eq!(encode(&mut small), Err(SinkFullError));
        assert_eq!(small.bytes, b"...", "a failed encode leaves nothing behind");
    }
    bytes
}

/// Checks the normal form: one blank between words, none elsewhere, CRLF, UTF-8 without controls; the
/// line has the length of the payload.
pub(super) fn assert_is_tidy(encoded: &[u8], has_payload: bool) {
    let end = encoded.iter().position(|byte| *byte == b'\n').expect("a line has an end");
    let (line, payload) = encoded.split_at(end + 1);
    let line = line.strip_suffix(b"\r\n").expect("CRLF");
    let line = std::str::from_utf8(line).expect("UTF-8");
    for word in line.split(' ') {
        let is_plain = |byte: u8| byte.is_ascii_graphic() || byte >= 0x80;
        assert!(!word.is_empty() && word.bytes().all(is_plain), "{line:?}");
    }
    if has_payload {
        let length = line.rsplit(' ').next().unwrap_or_default();
        assert_eq!(length, payload.len().to_string());
    } else {
        assert_eq!(payload, b"", "nothing follows the line");
    }
}
