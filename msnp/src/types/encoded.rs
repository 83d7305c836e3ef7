//! Percent-encoding of texts. Texts are stored decoded and sent encoded.

use heapless::{String, Vec};
use percent_encoding::{AsciiSet, CONTROLS, percent_encode, percent_encode_byte};

/// Why a text is illegal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TextError {
    /// It is empty. An empty word would shift all later words of a line.
    Empty,
    /// It has too many bytes when encoded.
    TooLong,
    /// It has a `%` without two hexadecimal digits after it.
    BadEscape,
    /// It is not UTF-8, or has a control character.
    Malformed,
}

impl core::fmt::Display for TextError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            TextError::Empty => "the text is empty",
            TextError::TooLong => "the text is too long when encoded",
            TextError::BadEscape => "a % in the text is not followed by two hexadecimal digits",
            TextError::Malformed => "the text is not UTF-8, or has a control character",
        })
    }
}

impl core::error::Error for TextError {}

/// The ASCII characters that are encoded: spaces, controls and `%`. [`encode`] leaves all others as
/// they are, also those beyond ASCII.
const MUST_BE_ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'%');

/// Checks a decoded text: its [`counted_length`] is at most `MAX`.
pub(super) fn check<const MAX: usize>(text: &str) -> Result<String<MAX, u16>, TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().any(char::is_control) {
        return Err(TextError::Malformed);
    }
    if counted_length(text) > MAX {
        return Err(TextError::TooLong);
    }
    String::try_from(text).map_err(|_| TextError::TooLong)
}

/// Returns the length in bytes that counts for the limits: each byte beyond ASCII counts as three,
/// as if it were sent as `%XX`, although [`encode`] sends it as it is.
pub(super) fn counted_length(text: &str) -> usize {
    percent_encode(text.as_bytes(), MUST_BE_ENCODED).map(str::len).sum()
}

/// Decodes a word: `%XX` in upper or lower case, and raw UTF-8.
pub(super) fn decode<const MAX: usize>(word: &[u8]) -> Result<String<MAX, u16>, TextError> {
    let decoded = unescape::<MAX>(word)?;
    check(core::str::from_utf8(&decoded).map_err(|_| TextError::Malformed)?)
}

/// Returns the bytes of a word, with the escapes decoded.
pub(super) fn unescape<const MAX: usize>(word: &[u8]) -> Result<Vec<u8, MAX>, TextError> {
    let mut decoded = Vec::<u8, MAX>::new();
    let mut bytes = word.iter().copied();
    while let Some(byte) = bytes.next() {
        let decoded_byte = match byte {
            b'%' => {
                let digits = (bytes.next().and_then(hex_value), bytes.next().and_then(hex_value));
                let (Some(high), Some(low)) = digits else {
                    return Err(TextError::BadEscape);
                };
                high << 4 | low
            }
            plain => plain,
        };
        decoded.push(decoded_byte).map_err(|_| TextError::TooLong)?;
    }
    Ok(decoded)
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Encodes a text, in pieces.
pub(super) fn encode(text: &str) -> Encoded<'_> {
    Encoded { rest: text }
}

/// The encoded form of a text, as an iterator of pieces and by `Display`. Spaces, controls and `%`
/// become `%XX`, everything else stays: clients of 2002 cannot read encoded UTF-8
/// (`Quirk::MisreadsEncodedUtf8`).
#[derive(Debug, Clone)]
pub struct Encoded<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Encoded<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let plain_length = self.rest.bytes().position(must_be_encoded).unwrap_or(self.rest.len());
        let (plain, rest) = self.rest.split_at_checked(plain_length)?;
        if !plain.is_empty() {
            self.rest = rest;
            return Some(plain);
        }
        // The next byte must be encoded, or the text ends. Only ASCII is encoded: one byte.
        let byte = rest.bytes().next()?;
        self.rest = rest.get(1..)?;
        Some(percent_encode_byte(byte))
    }
}

impl core::fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.clone().try_for_each(|piece| f.write_str(piece))
    }
}

/// Whether [`MUST_BE_ENCODED`] has this byte.
const fn must_be_encoded(byte: u8) -> bool {
    matches!(byte, 0..=b' ' | b'%' | 0x7F)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn the_encoder_and_the_limit_agree_on_ascii() {
        for byte in 0..=0x7F_u8 {
            let text = char::from(byte).to_string();
            assert_eq!(encode(&text).to_string().len(), counted_length(&text), "{text:?}");
        }
        assert_eq!(encode(" %\u{7f}").to_string(), "%20%25%7F");
        assert_eq!(encode("").next(), None);
    }
}
