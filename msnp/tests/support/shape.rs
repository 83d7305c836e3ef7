//! The form of a written command, and the forms in which a command may be read.

use super::wire;
use msnp::{Sink, SinkFullError};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Splits a command into its line and what follows the LF.
pub(crate) fn header(encoded: &[u8]) -> (&[u8], &[u8]) {
    encoded.split_at(encoded.iter().position(|byte| *byte == b'\n').unwrap() + 1)
}

/// Asserts: one space between words, none elsewhere, CRLF, no control characters.
pub(crate) fn assert_is_tidy(encoded: &[u8], has_payload: bool) {
    let (line, payload) = header(encoded);
    let text = std::str::from_utf8(line).unwrap().strip_suffix("\r\n").unwrap();
    for word in text.split(' ') {
        assert!(!word.is_empty(), "an empty parameter in {text:?}");
        let is_plain = |byte: u8| byte.is_ascii_graphic() || byte >= 0x80;
        assert!(word.bytes().all(is_plain), "a stray byte in {text:?}");
    }
    if has_payload {
        let length = text.rsplit(' ').next().unwrap();
        assert_eq!(length, payload.len().to_string());
    } else {
        assert_eq!(payload, b"", "something follows {text:?}");
    }
}

/// Encodes into buffers that are too small and into one that is just large enough. Each buffer has
/// some content before. Asserts that all or nothing is written.
pub(crate) fn assert_is_all_or_nothing(
    encode: &dyn Fn(&mut dyn Sink) -> Result<(), SinkFullError>,
) {
    let whole = wire::encode_to_vec(encode);
    // Every length in the line; in a long payload, a few are enough.
    let last = header(&whole).0.len() + 2;
    let capacities = (0..last.min(whole.len())).chain([whole.len() - 1, whole.len()]);
    for capacity in capacities {
        let before = &FULL[capacity..];
        let mut out = heapless::Vec::<u8, { FULL.len() }>::from_slice(before).unwrap();
        if capacity < whole.len() {
            assert_eq!(encode(&mut out), Err(SinkFullError));
            assert!(out == before, "a failed encode changed the buffer");
        } else {
            assert_eq!(encode(&mut out), Ok(()));
            assert_eq!(&out[before.len()..], whole);
        }
    }
}

/// The content of a buffer before a command is written.
static FULL: [u8; 4096] = [b'.'; 4096];

/// Other spaces before, between and after the words, and another line end.
#[derive(Debug, Clone)]
pub(crate) struct Spacing {
    empty_lines: &'static str,
    gaps: Vec<&'static str>,
    around: (&'static str, &'static str),
    end: &'static str,
}

pub(crate) fn spacing() -> impl Strategy<Value = Spacing> {
    let blanks = || select(vec!["", " ", "\t", " \t  "]);
    let gaps = vec(select(vec![" ", "  ", "\t", "\t \t"]), 1..6);
    let empty_lines = select(vec!["", "\r\n", "\n", " \t\r\n\n\r\n"]);
    (empty_lines, gaps, (blanks(), blanks()), select(vec!["\n", "\r\n"]))
        .prop_map(|(empty_lines, gaps, around, end)| Spacing { empty_lines, gaps, around, end })
}

impl Spacing {
    pub(crate) fn applied_to(&self, encoded: &[u8]) -> Vec<u8> {
        let (line, payload) = header(encoded);
        let mut text = format!("{}{}", self.empty_lines, self.around.0);
        let mut gaps = self.gaps.iter().cycle();
        for character in std::str::from_utf8(line).unwrap().trim_end_matches("\r\n").chars() {
            match character {
                ' ' => text.push_str(gaps.next().unwrap()),
                other => text.push(other),
            }
        }
        text.push_str(self.around.1);
        text.push_str(self.end);
        [text.as_bytes(), payload].concat()
    }
}
