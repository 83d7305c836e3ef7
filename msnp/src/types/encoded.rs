//! Texts that are percent-encoded on the wire and kept decoded.

use heapless::{String, Vec};
use percent_encoding::{AsciiSet, CONTROLS, PercentEncode, percent_encode};

/// Why a text is not legal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BadText {
    /// An empty word would shift every later field of a line.
    Empty,
    /// It has too many bytes when encoded.
    TooLong,
    /// A `%` without two hexadecimal digits behind it.
    BadEscape,
    /// Not UTF-8, or a control character in it.
    Malformed,
}

/// What is encoded: blanks, controls, `%` and, by the encoder itself, everything beyond ASCII:
/// Gaim and Miranda of 2001 cannot read raw UTF-8 (`Quirk::CannotReadUtf8`).
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'%');

/// Checks a text that is not encoded: it has at most `MAX` bytes when it is.
pub(super) fn check<const MAX: usize>(text: &str) -> Result<String<MAX, u16>, BadText> {
    if text.is_empty() {
        return Err(BadText::Empty);
    }
    if text.chars().any(char::is_control) {
        return Err(BadText::Malformed);
    }
    let length: usize = encode(text).map(str::len).sum();
    if length > MAX {
        return Err(BadText::TooLong);
    }
    String::try_from(text).map_err(|_| BadText::TooLong)
}

/// Decodes a word of the wire: `%XX` in any case; raw UTF-8 is taken too.
pub(super) fn decode<const MAX: usize>(word: &[u8]) -> Result<String<MAX, u16>, BadText> {
    let mut decoded = Vec::<u8, MAX>::new();
    let mut bytes = word.iter().copied();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => {
                let digits = (bytes.next().and_then(hex), bytes.next().and_then(hex));
                let (Some(high), Some(low)) = digits else {
                    return Err(BadText::BadEscape);
                };
                high << 4 | low
            }
            byte => byte,
        };
        decoded.push(byte).map_err(|_| BadText::TooLong)?;
    }
    check(core::str::from_utf8(&decoded).map_err(|_| BadText::Malformed)?)
}

/// A text as it is sent, in pieces.
pub(super) fn encode(text: &str) -> PercentEncode<'_> {
    percent_encode(text.as_bytes(), ENCODED)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
