//! Words of a line that was read, and a line that is being written.

use crate::command::DecodeError;
use crate::types::{FriendlyName, GroupId, Handle, TrId};

/// There is no room for the line; nothing of it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SinkFullError;

/// Where encoded bytes go: a buffer of fixed capacity.
pub trait Sink {
    /// Appends all of `bytes`, or nothing.
    fn put(&mut self, bytes: &[u8]) -> Result<(), SinkFullError>;
    /// How many bytes it holds.
    fn filled(&self) -> usize;
    /// Forgets what came after the first `length` bytes.
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

/// A line in the making: words with exactly one blank between them (`Quirk::CountsBlanks`). The first
/// failure is kept until [`Line::end`].
#[must_use = "a line is complete only after `end`"]
pub struct Line<'o> {
    out: &'o mut dyn Sink,
    start: usize,
    state: Result<(), SinkFullError>,
}

impl<'o> Line<'o> {
    /// Begins a line with its command name.
    pub fn new(out: &'o mut dyn Sink, command: &str) -> Line<'o> {
        let start = out.filled();
        let mut line = Line { out, start, state: Ok(()) };
        line.raw(command.as_bytes());
        line
    }

    /// Goes on with a line of which this is written elsewhere.
    pub fn resume(out: &'o mut dyn Sink, beginning: &[u8]) -> Line<'o> {
        let start = out.filled();
        let mut line = Line { out, start, state: Ok(()) };
        line.raw(beginning);
        line
    }

    fn raw(&mut self, bytes: &[u8]) {
        if self.state.is_ok() {
            self.state = self.out.put(bytes);
        }
    }

    /// A parameter without blanks in it.
    pub fn word(mut self, word: &str) -> Self {
        self.raw(b" ");
        self.raw(word.as_bytes());
        self
    }

    /// A parameter that may be missing.
    pub fn optional(self, word: Option<&str>) -> Self {
        match word {
            Some(word) => self.word(word),
            None => self,
        }
    }

    /// A transaction ID, with the digits it came with.
    pub fn trid(mut self, trid: TrId) -> Self {
        self.raw(b" ");
        for _ in 0..trid.leading_zeros() {
            self.raw(b"0");
        }
        self.digits(trid.value());
        self
    }

    /// A decimal number.
    pub fn number(mut self, number: u32) -> Self {
        self.raw(b" ");
        self.digits(number);
        self
    }

    fn digits(&mut self, number: u32) {
        let mut room = [0; DIGITS];
        self.raw(digits(number, &mut room));
    }

    /// The number of a group.
    pub fn group(self, group: GroupId) -> Self {
        self.number(group.number().into())
    }

    /// The number of a group that may be missing.
    pub fn optional_group(self, group: Option<GroupId>) -> Self {
        match group {
            Some(group) => self.group(group),
            None => self,
        }
    }

    /// A user handle.
    pub fn handle(self, handle: &Handle) -> Self {
        self.word(handle.as_str())
    }

    /// A friendly name, encoded.
    pub fn name(self, name: &FriendlyName) -> Self {
        self.encoded(name.encoded())
    }

    /// A text that is encoded already.
    pub fn encoded<'t>(mut self, pieces: impl Iterator<Item = &'t str>) -> Self {
        self.raw(b" ");
        for piece in pieces {
            self.raw(piece.as_bytes());
        }
        self
    }

    /// A parameter of the form `key=value`; the value is encoded already.
    pub fn field<'t>(mut self, key: &'static str, pieces: impl Iterator<Item = &'t str>) -> Self {
        for piece in [" ", key, "="].into_iter().chain(pieces) {
            self.raw(piece.as_bytes());
        }
        self
    }

    /// Ends the line. On failure the buffer is as it was before the line.
    pub fn end(mut self) -> Result<(), SinkFullError> {
        self.raw(b"\r\n");
        self.pause()
    }

    /// Ends the line with the length of its payload, which follows at once.
    pub fn payload(self, payload: &[u8]) -> Result<(), SinkFullError> {
        let mut line = match u32::try_from(payload.len()) {
            Ok(length) => self.number(length),
            Err(_) => Line { state: Err(SinkFullError), ..self },
        };
        line.raw(b"\r\n");
        line.raw(payload);
        line.pause()
    }

    /// Leaves the line as it is, for [`Line::resume`].
    pub fn pause(self) -> Result<(), SinkFullError> {
        if self.state.is_err() {
            self.out.truncate(self.start);
        }
        self.state
    }
}

/// The most digits of a 32-bit number.
const DIGITS: usize = 10;

/// The digits of a number, written from behind into `room`.
fn digits(mut number: u32, room: &mut [u8; DIGITS]) -> &[u8] {
    let mut start = DIGITS;
    for place in room.iter_mut().rev() {
        *place = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        start -= 1;
        if number == 0 {
            break;
        }
    }
    room.get(start..).unwrap_or_default()
}

/// The words of a line, split on runs of blanks (SP and TAB); leading and trailing blanks do not
/// count: old clients send `INF 2 ` (`Quirk::TrailingBlank`).
#[derive(Debug, Clone)]
pub struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    /// The words of `line`, which has no line end.
    pub fn new(line: &'a [u8]) -> Words<'a> {
        Words { rest: line }
    }

    /// The next word, or a fault that names what is missing.
    pub fn required(&mut self, what: &'static str) -> Result<&'a [u8], DecodeError> {
        self.next().ok_or(DecodeError::malformed(what))
    }

    /// The next word as a transaction ID.
    pub fn trid(&mut self) -> Result<TrId, DecodeError> {
        let word = self.required("transaction ID")?;
        TrId::parse(word).ok_or(DecodeError::malformed("transaction ID"))
    }

    /// The next word as a type that can tell whether it is legal.
    pub fn parse<T>(
        &mut self,
        what: &'static str,
        parse: impl FnOnce(&'a [u8]) -> Option<T>,
    ) -> Result<T, DecodeError> {
        parse(self.required(what)?).ok_or(DecodeError::malformed(what))
    }

    /// How many words are left.
    pub fn remaining(&self) -> usize {
        self.clone().count()
    }
}

fn blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.rest.iter().position(|byte| !blank(byte))?;
        let (_, rest) = self.rest.split_at_checked(start)?;
        let end = rest.iter().position(blank).unwrap_or(rest.len());
        let (word, rest) = rest.split_at_checked(end)?;
        self.rest = rest;
        Some(word)
    }

    // From behind: the length of a payload is looked for in each message.
    fn last(self) -> Option<&'a [u8]> {
        let end = self.rest.iter().rposition(|byte| !blank(byte))?;
        let line = self.rest.get(..=end)?;
        let start = line.iter().rposition(blank).map_or(0, |blank| blank + 1);
        line.get(start..)
    }
}

/// A word as a decimal number of at most ten digits.
pub fn number(word: &[u8]) -> Option<u32> {
    if word.is_empty() || word.len() > 10 {
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
    fn words_are_split_on_runs_of_blanks() {
        let words: std::vec::Vec<&[u8]> = Words::new(b"  INF \t 2  ").collect();
        assert_eq!(words, [b"INF".as_slice(), b"2"]);
        assert_eq!(Words::new(b" \t ").next(), None);
    }

    #[test]
    fn the_last_word_is_found_from_behind() {
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
    fn a_line_that_does_not_fit_leaves_nothing_behind() {
        let mut out = heapless::Vec::<u8, 8>::new();
        assert_eq!(Line::new(&mut out, "QNG").end(), Ok(()));
        assert_eq!(Line::new(&mut out, "FLN").end(), Err(SinkFullError));
        assert_eq!(out, b"QNG\r\n");
    }
}
