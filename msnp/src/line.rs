//! Reads the words of a line ([`Words`]), and writes a line ([`Line`]) to a buffer ([`Sink`]).
//!
//! The [commands](crate::command) are read and written with these types. They are public for
//! programs that need further commands.
//!
//! ```
//! use msnp::TrId;
//! use msnp::line::{Line, Words};
//!
//! let mut output = heapless::Vec::<u8, 64>::new();
//! Line::new(&mut output, "XYZ").trid(TrId::new(4)).word("on").number(17).end().unwrap();
//! assert_eq!(output, b"XYZ 4 on 17\r\n");
//!
//! let mut words = Words::new(b"4 on  17 ");
//! assert_eq!(words.trid(), Ok(TrId::new(4)));
//! assert_eq!(words.required("setting"), Ok(&b"on"[..]));
//! assert_eq!(words.remaining(), 1);
//! ```

use crate::command::DecodeError;
use crate::types::{FriendlyName, GroupId, Handle, TrId};

/// A line does not fit into the buffer. Nothing of the line was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SinkFullError;

impl core::fmt::Display for SinkFullError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the line does not fit into the buffer")
    }
}

impl core::error::Error for SinkFullError {}

/// A buffer for encoded bytes. Implemented for [`heapless::Vec`].
pub trait Sink {
    /// Appends all of `bytes`, or nothing.
    ///
    /// # Errors
    /// [`SinkFullError`] if they do not fit.
    fn put(&mut self, bytes: &[u8]) -> Result<(), SinkFullError>;
    /// Returns the number of bytes in the buffer.
    fn filled(&self) -> usize;
    /// Keeps the first `length` bytes and drops the rest.
    fn truncate(&mut self, length: usize);
}

impl<const N: usize, L: heapless::LenType> Sink for heapless::Vec<u8, N, L> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), SinkFullError> {
        self.extend_from_slice(bytes).map_err(|_| SinkFullError)
    }
    fn filled(&self) -> usize {
        self.len()
    }
    fn truncate(&mut self, length: usize) {
        self.truncate(length);
    }
}

/// A line that is being written: words with exactly one space between them (`Quirk::CountsBlanks`).
/// If it does not fit, [`Line::end`], [`Line::payload`] or [`Line::end_prefix`] return the error.
#[must_use = "a line is complete only after `end`"]
pub struct Line<'o> {
    out: &'o mut dyn Sink,
    start: usize,
    result: Result<(), SinkFullError>,
}

impl<'o> Line<'o> {
    /// Begins a line with the name of its command.
    pub fn new(out: &'o mut dyn Sink, command: impl AsRef<str>) -> Line<'o> {
        let start = out.filled();
        let mut line = Line { out, start, result: Ok(()) };
        line.append(command.as_ref().as_bytes());
        line
    }

    /// Begins a line with a copy of `prefix`: the bytes that [`Line::end_prefix`] has left in
    /// another buffer.
    pub fn from_prefix(out: &'o mut dyn Sink, prefix: &[u8]) -> Line<'o> {
        let start = out.filled();
        let mut line = Line { out, start, result: Ok(()) };
        line.append(prefix);
        line
    }

    fn append(&mut self, bytes: &[u8]) {
        if self.result.is_ok() {
            self.result = self.out.put(bytes);
        }
    }

    /// Adds a word. It must not be empty or contain spaces.
    pub fn word(mut self, word: &str) -> Self {
        self.append(b" ");
        self.append(word.as_bytes());
        self
    }

    /// Adds a word, if there is one.
    pub fn optional(self, word: Option<&str>) -> Self {
        match word {
            Some(word) => self.word(word),
            None => self,
        }
    }

    /// Adds a transaction ID, with its leading zeros.
    pub fn trid(mut self, trid: TrId) -> Self {
        self.append(b" ");
        for _ in 0..trid.leading_zeros() {
            self.append(b"0");
        }
        self.digits(trid.value());
        self
    }

    /// Adds a decimal number.
    pub fn number(mut self, number: u32) -> Self {
        self.append(b" ");
        self.digits(number);
        self
    }

    fn digits(&mut self, number: u32) {
        let mut buffer = [0; MAX_DIGITS];
        self.append(digits(number, &mut buffer));
    }

    /// Adds the number of a group.
    pub fn group(self, group: GroupId) -> Self {
        self.number(group.number().into())
    }

    /// Adds the number of a group, if there is one.
    pub fn optional_group(self, group: Option<GroupId>) -> Self {
        match group {
            Some(group) => self.group(group),
            None => self,
        }
    }

    /// Adds a user handle.
    pub fn handle(self, handle: &Handle) -> Self {
        self.word(handle.as_str())
    }

    /// Adds a friendly name in its encoded form.
    pub fn name(self, name: &FriendlyName) -> Self {
        self.encoded(name.encoded())
    }

    /// Adds a word in pieces, which must be encoded already.
    pub fn encoded<'t>(mut self, pieces: impl Iterator<Item = &'t str>) -> Self {
        self.append(b" ");
        for piece in pieces {
            self.append(piece.as_bytes());
        }
        self
    }

    /// Adds a word of the form `key=value`. The value comes in pieces, which must be encoded
    /// already.
    pub fn field<'t>(mut self, key: &'static str, value: impl Iterator<Item = &'t str>) -> Self {
        for piece in [" ", key, "="].into_iter().chain(value) {
            self.append(piece.as_bytes());
        }
        self
    }

    /// Ends the line.
    ///
    /// # Errors
    /// [`SinkFullError`] if the line does not fit. Then the buffer is unchanged.
    pub fn end(mut self) -> Result<(), SinkFullError> {
        self.append(b"\r\n");
        self.finish()
    }

    /// Ends the line with the length of its payload, and adds the payload.
    ///
    /// # Errors
    /// [`SinkFullError`] if they do not fit. Then the buffer is unchanged.
    pub fn payload(self, payload: &[u8]) -> Result<(), SinkFullError> {
        let mut line = match u32::try_from(payload.len()) {
            Ok(length) => self.number(length),
            Err(_) => Line { result: Err(SinkFullError), ..self },
        };
        line.append(b"\r\n");
        line.append(payload);
        line.finish()
    }

    /// Leaves the beginning of a line in the buffer, without a line end, for [`Line::from_prefix`].
    ///
    /// # Errors
    /// [`SinkFullError`] if the line does not fit. Then the buffer is unchanged.
    pub fn end_prefix(self) -> Result<(), SinkFullError> {
        self.finish()
    }

    fn finish(self) -> Result<(), SinkFullError> {
        if self.result.is_err() {
            self.out.truncate(self.start);
        }
        self.result
    }
}

/// The maximum number of digits of a 32-bit number.
const MAX_DIGITS: usize = 10;

/// Writes the digits of a number to the end of `buffer` and returns them.
fn digits(mut number: u32, buffer: &mut [u8; MAX_DIGITS]) -> &[u8] {
    let mut start = MAX_DIGITS;
    for digit in buffer.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        start -= 1;
        if number == 0 {
            break;
        }
    }
    buffer.get(start..).unwrap_or_default()
}

/// The words of a line, separated by runs of spaces and tabs. Spaces and tabs at either end are
/// ignored: old clients send `INF 2 ` (`Quirk::TrailingBlank`).
#[derive(Debug, Clone)]
pub struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    /// Splits `line`, which must have no line end.
    pub fn new(line: &'a [u8]) -> Words<'a> {
        Words { rest: line }
    }

    /// Returns the next word.
    ///
    /// # Errors
    /// [`DecodeError::malformed`] with `what` if there is none.
    pub fn required(&mut self, what: &'static str) -> Result<&'a [u8], DecodeError> {
        self.next().ok_or(DecodeError::malformed(what))
    }

    /// Checks that the next word is `expected`, such as `OK`.
    ///
    /// # Errors
    /// [`DecodeError::malformed`] with `expected` if it is missing or another word.
    pub fn literal(&mut self, expected: &'static str) -> Result<(), DecodeError> {
        match self.next() {
            Some(word) if word == expected.as_bytes() => Ok(()),
            Some(_) | None => Err(DecodeError::malformed(expected)),
        }
    }

    /// Parses the next word as a transaction ID.
    ///
    /// # Errors
    /// [`DecodeError::malformed`] if it is missing or illegal.
    pub fn trid(&mut self) -> Result<TrId, DecodeError> {
        let word = self.required("transaction ID")?;
        TrId::parse(word).ok_or(DecodeError::malformed("transaction ID"))
    }

    /// Parses the next word with `parse`.
    ///
    /// # Errors
    /// [`DecodeError::malformed`] with `what` if it is missing or illegal.
    pub fn parse<T>(
        &mut self,
        what: &'static str,
        parse: impl FnOnce(&'a [u8]) -> Option<T>,
    ) -> Result<T, DecodeError> {
        parse(self.required(what)?).ok_or(DecodeError::malformed(what))
    }

    /// Returns the number of words that are left.
    pub fn remaining(&self) -> usize {
        self.clone().count()
    }
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.rest.iter().position(|byte| !is_blank(byte))?;
        let from_word = self.rest.get(start..)?;
        let length = from_word.iter().position(is_blank).unwrap_or(from_word.len());
        let (word, after_word) = from_word.split_at_checked(length)?;
        self.rest = after_word;
        Some(word)
    }

    // Searches from the end: each message needs its last word, the length of its payload.
    fn last(self) -> Option<&'a [u8]> {
        let end = self.rest.iter().rposition(|byte| !is_blank(byte))?;
        let line = self.rest.get(..=end)?;
        let start = line.iter().rposition(is_blank).map_or(0, |blank| blank + 1);
        line.get(start..)
    }
}

/// Parses a decimal number of at most ten digits. Returns `None` if it is not one, or does not fit
/// in 32 bits.
pub fn number(word: &[u8]) -> Option<u32> {
    if word.is_empty() || word.len() > MAX_DIGITS {
        return None;
    }
    // Ten digits cannot overflow 64 bits.
    let mut sum = 0u64;
    for byte in word {
        if !byte.is_ascii_digit() {
            return None;
        }
        sum = sum * 10 + u64::from(byte - b'0');
    }
    u32::try_from(sum).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_on_runs_of_spaces() {
        let words: std::vec::Vec<&[u8]> = Words::new(b"  INF \t 2  ").collect();
        assert_eq!(words, [b"INF".as_slice(), b"2"]);
        assert_eq!(Words::new(b" \t ").next(), None);
    }

    #[test]
    fn the_last_word_of_a_line_is_found() {
        for (line, last) in [("a bc  def \t", "def"), ("a", "a"), (" a", "a"), ("a\tb", "b")] {
            assert_eq!(Words::new(line.as_bytes()).last(), Some(last.as_bytes()), "{line}");
        }
        assert_eq!(Words::new(b"").last(), None);
        assert_eq!(Words::new(b" \t ").last(), None);
    }

    #[test]
    fn numbers_fit_32_bits() {
        assert_eq!(number(b"4294967295"), Some(u32::MAX));
        assert_eq!(number(b"4294967296"), None);
        assert_eq!(number(b"00000000001"), None);
        assert_eq!(number(b"-1"), None);
        assert_eq!(number(b""), None);
    }

    #[test]
    fn a_line_that_does_not_fit_is_not_written() {
        let mut out = heapless::Vec::<u8, 8>::new();
        assert_eq!(Line::new(&mut out, "QNG").end(), Ok(()));
        assert_eq!(Line::new(&mut out, "FLN").end(), Err(SinkFullError));
        assert_eq!(out, b"QNG\r\n");
    }
}
