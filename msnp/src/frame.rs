//! Splits a byte stream into commands: a line, and a payload if the command has one.
//!
//! A line ends with CRLF or a bare LF. A stream may have both; a bare CR ends no line. Gaim up to
//! 0.46 always sends LF, CCMSN in some commands (`Quirk::BareLineFeed`), and the Microsoft servers
//! accepted both (hypothetic.org, "General/Commands"). A payload begins right after the LF of its
//! line. It has exactly the stated length, and no line end.
//!
//! ```
//! use msnp::Server;
//! use msnp::frame::{self, Origin};
//!
//! // One whole message, and the first bytes of the next command.
//! let mut input = &b"MSG 5 N 2\r\nhiOU"[..];
//!
//! let scan = frame::next(input, Origin::Client, Server::Switchboard).unwrap();
//! let frame = scan.frame.unwrap();
//! assert_eq!((frame.name, frame.payload), (&b"MSG"[..], &b"hi"[..]));
//! assert!(frame.words.eq([b"5", b"N", b"2"]));
//!
//! input = &input[scan.consumed..];
//! let scan = frame::next(input, Origin::Client, Server::Switchboard).unwrap();
//! assert!(scan.frame.is_none(), "more bytes are needed");
//! assert_eq!(input, b"OU");
//! ```

use crate::command::CommandName;
use crate::gate::{self, Bounds, PayloadRule, Server};
use crate::line::{Words, number};
use core::num::NonZeroU32;

/// The maximum length of a line in bytes, without its line end, unless the [gate] states another
/// one for its command. The longest line that a client of MSNP2 to MSNP7 sends is below 1 KiB.
pub const MAX_LINE: usize = 2046;

/// The maximum length of a client's message in bytes (hypothetic.org: 1664, observed 2003-04-30).
pub const MAX_PAYLOAD: usize = 1664;

/// The maximum length of a server's message in bytes. A profile message of the later dialects has
/// about 1.5 KiB.
pub const MAX_SERVER_PAYLOAD: usize = 2048;

/// The maximum length of a frame in bytes, including its line end. A payload that is passed on in
/// pieces is no part of it.
pub const MAX_FRAME: usize = gate::longest_frame();

/// The side that sent the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Origin {
    /// A client: its bytes are requests.
    Client,
    /// A server: its bytes are events.
    Server,
}

/// One command, not yet decoded: its name, its words, its payload.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    /// The name of the command as sent: case matters.
    pub name: &'a [u8],
    /// The command of this name, or `None` if no command has it. It is looked up only once, when
    /// the frame is found.
    pub command: Option<CommandName>,
    /// The words after the name.
    pub words: Words<'a>,
    /// The payload. It is empty if the command has none, or if its payload is passed on in pieces.
    pub payload: &'a [u8],
}

/// The pieces of a payload that have not been taken yet. The payload of a command is passed on in
/// pieces if the gate says so ([`PayloadRule::InPieces`]).
///
/// ```
/// use msnp::frame;
/// use msnp::gate::{Bounds, PayloadRule};
///
/// // A command XYZ with a payload of up to 64 KiB.
/// let bounds = |_: &[u8]| Bounds { payload: PayloadRule::InPieces(65_536), ..Bounds::DEFAULT };
/// let input = b"XYZ 1 5\r\nhe";
/// let scan = frame::next_with(input, bounds).unwrap();
/// assert_eq!(scan.frame.unwrap().name, b"XYZ");
///
/// let (piece, later) = scan.pieces.unwrap().split(&input[scan.consumed..]);
/// assert_eq!(piece, b"he");
/// // The next read has the last piece of the payload, and the next command.
/// let (piece, later) = later.unwrap().split(b"lloOUT\r\n");
/// assert_eq!((piece, later), (&b"llo"[..], None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PayloadPieces {
    left: NonZeroU32,
}

impl PayloadPieces {
    fn new(length: usize) -> Option<PayloadPieces> {
        let left = NonZeroU32::new(u32::try_from(length).ok()?)?;
        Some(PayloadPieces { left })
    }

    /// Returns the number of bytes of the payload that have not been taken yet.
    pub const fn left(self) -> u32 {
        self.left.get()
    }

    /// Returns the bytes at the start of `input` that belong to the payload, and the pieces that
    /// follow later: `None` if the payload is complete with these bytes.
    pub fn split(self, input: &[u8]) -> (&[u8], Option<PayloadPieces>) {
        let left = usize::try_from(self.left()).unwrap_or(usize::MAX);
        match input.get(..left) {
            Some(piece) => (piece, None),
            None => (input, PayloadPieces::new(left - input.len())),
        }
    }
}

/// What [`next`] found at the start of the input.
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    /// The first frame, if it is complete.
    pub frame: Option<Frame<'a>>,
    /// The number of bytes to drop from the input: the frame, and the empty lines before it.
    pub consumed: usize,
    /// The number of empty lines in the consumed bytes. An empty line costs as much work as any
    /// other, so rate limits should count it.
    pub empty_lines: usize,
    /// If the line of the first frame is complete and its payload is not: the frame with an empty
    /// payload. With it, a command can be refused before its payload has arrived.
    pub partial: Option<Frame<'a>>,
    /// The payload of `frame`, if it is passed on in pieces. It begins after the consumed bytes.
    /// Take all of it before the next call of [`next`].
    pub pieces: Option<PayloadPieces>,
}

/// Why the stream cannot be read. The position in the stream is lost, so the connection has to
/// close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FrameError {
    /// A line that is longer than the command allows, by default [`MAX_LINE`] bytes.
    LineTooLong,
    /// A payload that is longer than the command allows.
    PayloadTooLong,
    /// The payload length is missing or not a number.
    BadLength,
}

impl core::fmt::Display for FrameError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            FrameError::LineTooLong => "a line is too long",
            FrameError::PayloadTooLong => "a payload is too long",
            FrameError::BadLength => "a payload length is not a number",
        })
    }
}

impl core::error::Error for FrameError {}

/// Finds the first frame in `input`. Empty lines are skipped.
///
/// `input` is the unread bytes that `origin` sent on a connection to `server`. Drop
/// [`Scan::consumed`] bytes from it before the next call. If there is no frame, call again when
/// more bytes have arrived; at most [`MAX_FRAME`] bytes need to be kept.
///
/// # Errors
/// [`FrameError`] if the line or the payload is too long, or its length is illegal.
pub fn next(input: &[u8], origin: Origin, server: Server) -> Result<Scan<'_>, FrameError> {
    scan(input, |command, _| gate::bounds(command, origin, server))
}

/// Like [`next`], with other bounds: for programs that have further commands, or longer ones.
///
/// `bounds` returns the maximum lengths of the command with this name.
///
/// # Errors
/// [`FrameError`] if the line or the payload is too long, or its length is illegal.
pub fn next_with(input: &[u8], bounds: impl Fn(&[u8]) -> Bounds) -> Result<Scan<'_>, FrameError> {
    scan(input, |_, name| bounds(name))
}

fn scan(
    input: &[u8],
    bounds_of: impl Fn(Option<CommandName>, &[u8]) -> Bounds,
) -> Result<Scan<'_>, FrameError> {
    let (mut consumed, mut empty_lines) = (0, 0);
    loop {
        let rest = input.get(consumed..).unwrap_or_default();
        let incomplete = Scan { frame: None, consumed, empty_lines, partial: None, pieces: None };
        let Some(line_end) = memchr::memchr(b'\n', rest) else {
            return match is_too_long_already(rest, bounds_of) {
                true => Err(FrameError::LineTooLong),
                false => Ok(incomplete),
            };
        };
        let line = rest.get(..line_end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut words = Words::new(line);
        let Some(name) = words.next() else {
            if line.len() > MAX_LINE {
                return Err(FrameError::LineTooLong);
            }
            consumed += line_end + 1;
            empty_lines += 1;
            continue;
        };
        let command = CommandName::parse(name);
        let bounds = bounds_of(command, name);
        if line.len() > bounds.line {
            return Err(FrameError::LineTooLong);
        }
        let payload_start = line_end + 1;
        let frame = |words, payload| Frame { name, command, words, payload };
        let length = match bounds.payload {
            PayloadRule::None => 0,
            PayloadRule::UpTo(max) => payload_length(&words, max)?,
            PayloadRule::InPieces(max) => {
                let pieces = PayloadPieces::new(payload_length(&words, max)?);
                let frame = Some(frame(words, &[]));
                consumed += payload_start;
                return Ok(Scan { frame, consumed, pieces, ..incomplete });
            }
        };
        let payload_end = payload_start + length;
        let Some(payload) = rest.get(payload_start..payload_end) else {
            return Ok(Scan { partial: Some(frame(words, &[])), ..incomplete });
        };
        let frame = Some(frame(words, payload));
        consumed += payload_end;
        return Ok(Scan { frame, consumed, ..incomplete });
    }
}

/// Whether a line whose LF has not arrived is longer than its command allows. A line of up to
/// [`MAX_LINE`] bytes is checked when its LF has arrived: until then, the command's name may be
/// cut.
fn is_too_long_already(
    line: &[u8],
    bounds_of: impl Fn(Option<CommandName>, &[u8]) -> Bounds,
) -> bool {
    // The last byte may be the CR of the line end, which does not count.
    let length = line.len().saturating_sub(1);
    if length <= MAX_LINE {
        return false;
    }
    match Words::new(line).next() {
        Some(name) => length > bounds_of(CommandName::parse(name), name).line,
        None => true,
    }
}

/// Parses the last word of a line: the length of the payload.
fn payload_length(words: &Words<'_>, max: usize) -> Result<usize, FrameError> {
    let last = words.clone().last().ok_or(FrameError::BadLength)?;
    match number(last).and_then(|length| usize::try_from(length).ok()) {
        Some(length) if length <= max => Ok(length),
        Some(_) => Err(FrameError::PayloadTooLong),
        // A number that does not fit in 32 bits.
        None if last.iter().all(u8::is_ascii_digit) => Err(FrameError::PayloadTooLong),
        None => Err(FrameError::BadLength),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    fn frames(mut input: &[u8], server: Server) -> Result<Vec<(String, Vec<u8>)>, FrameError> {
        let mut found = Vec::new();
        loop {
            let scan = next(input, Origin::Client, server)?;
            let Some(frame) = scan.frame else { return Ok(found) };
            let mut text = String::from_utf8_lossy(frame.name).into_owned();
            for word in frame.words {
                text.push(' ');
                text.push_str(&String::from_utf8_lossy(word));
            }
            found.push((text, frame.payload.to_vec()));
            input = &input[scan.consumed..];
        }
    }

    #[test]
    fn both_line_ends_and_empty_lines_are_read() {
        let found = frames(b"\r\n\nVER 1 MSNP2\nINF  2 \r\n \r\nPNG\r\n", Server::Notification);
        let names: Vec<String> = found.unwrap().into_iter().map(|(text, _)| text).collect();
        assert_eq!(names, ["VER 1 MSNP2", "INF 2", "PNG"]);
    }

    #[test]
    fn empty_lines_are_counted() {
        for (input, empty) in
            [(&b"PNG\r\n\r\n"[..], 0), (b"\r\n\n \r\nPNG\r\n\r\n", 3), (b"\n\n\nPN", 3)]
        {
            let scan = next(input, Origin::Client, Server::Notification).unwrap();
            assert_eq!(scan.empty_lines, empty, "{}", input.escape_ascii());
        }
        let scan = next(b"\nMSG 1 N 4\nab", Origin::Client, Server::Switchboard).unwrap();
        assert_eq!((scan.consumed, scan.empty_lines), (1, 1));
        assert!(scan.partial.is_some());
    }

    #[test]
    fn a_bare_cr_ends_no_line() {
        let scan = next(b"PNG\rPNG\r", Origin::Client, Server::Notification).unwrap();
        assert!(scan.frame.is_none());
    }

    #[test]
    fn a_payload_has_exactly_its_length_and_no_separator() {
        let found = frames(b"MSG 1 N 4\na\r\nbMSG 2 U 0\r\nMSG 3 A 2\n\n\n", Server::Switchboard);
        let found = found.unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], (String::from("MSG 1 N 4"), b"a\r\nb".to_vec()));
        assert_eq!(found[1].1, b"");
        assert_eq!(found[2].1, b"\n\n");
    }

    #[test]
    fn the_longest_payload_is_read_and_one_byte_more_is_refused() {
        let mut input = b"MSG 1 N 1664\r\n".to_vec();
        input.extend((0..=255u8).cycle().take(1664));
        assert_eq!(frames(&input, Server::Switchboard).unwrap()[0].1.len(), 1664);
        for line in ["MSG 1 N 1665\n", "MSG 1 N 4294967296\n", "MSG 1 N 99999999999\n"] {
            let found = frames(line.as_bytes(), Server::Switchboard);
            assert_eq!(found, Err(FrameError::PayloadTooLong), "{line}");
        }
    }

    #[test]
    fn a_bad_length_is_refused() {
        for line in ["MSG\n", "MSG 1 N -1\n", "MSG 1 N x\n"] {
            assert_eq!(frames(line.as_bytes(), Server::Switchboard), Err(FrameError::BadLength));
        }
    }

    #[test]
    fn a_line_is_bounded_with_and_without_its_end() {
        let longest = [b'A'; MAX_LINE];
        let mut input = longest.to_vec();
        input.push(b'\r');
        assert!(next(&input, Origin::Client, Server::Dispatch).unwrap().frame.is_none());
        input.push(b'\n');
        assert!(next(&input, Origin::Client, Server::Dispatch).unwrap().frame.is_some());
        let input = [b'A'; MAX_LINE + 2];
        let refused = next(&input, Origin::Client, Server::Dispatch);
        assert_eq!(refused.unwrap_err(), FrameError::LineTooLong);
    }

    /// The bounds of two made-up commands: XYZ has a payload of up to 64 KiB, LNG a line of up to
    /// 4096 bytes.
    fn made_up(name: &[u8]) -> Bounds {
        match name {
            b"XYZ" => Bounds { payload: PayloadRule::InPieces(65_536), ..Bounds::DEFAULT },
            b"LNG" => Bounds { line: 4096, ..Bounds::DEFAULT },
            _ => Bounds::DEFAULT,
        }
    }

    #[test]
    fn a_long_payload_arrives_in_pieces_wherever_the_stream_is_cut() {
        let payload: Vec<u8> = (0..=255_u8).cycle().take(65_536).collect();
        let stream = [b"XYZ 1 65536\r\n", payload.as_slice(), b"PNG\r\n"].concat();
        for size in [1, 7, 1460, 8192, stream.len()] {
            let (mut unread, mut pieces, mut names) = (Vec::new(), None, Vec::new());
            let mut received = Vec::new();
            for bytes in stream.chunks(size) {
                unread.extend_from_slice(bytes);
                loop {
                    if let Some(more) = pieces.take() {
                        let (piece, rest) = PayloadPieces::split(more, &unread);
                        received.extend_from_slice(piece);
                        let used = piece.len();
                        unread.drain(..used);
                        pieces = rest;
                        if rest.is_some() {
                            break;
                        }
                    }
                    let scan = next_with(&unread, made_up).unwrap();
                    let Some(frame) = scan.frame else { break };
                    assert_eq!(frame.payload, b"");
                    names.push(String::from_utf8_lossy(frame.name).into_owned());
                    pieces = scan.pieces;
                    unread.drain(..scan.consumed);
                }
                assert!(unread.len() < MAX_LINE, "no payload is kept");
            }
            assert!(received == payload, "pieces of {size} bytes");
            assert_eq!((names.join(" ").as_str(), unread.len()), ("XYZ PNG", 0));
        }
        let scan = next_with(b"XYZ 1 0\r\nPNG\r\n", made_up).unwrap();
        assert_eq!((scan.consumed, scan.pieces), (9, None));
        let error = next_with(b"XYZ 1 65537\r\n", made_up).unwrap_err();
        assert_eq!(error, FrameError::PayloadTooLong);
        assert_eq!(next_with(b"XYZ 1 x\r\n", made_up).unwrap_err(), FrameError::BadLength);
    }

    #[test]
    fn each_command_has_its_own_longest_line() {
        for (name, most) in [("LNG", 4096), ("QQQ", MAX_LINE)] {
            let line = |length: usize| std::format!("{name} {}", "a".repeat(length - 4));
            for end in ["\r\n", "\n"] {
                let whole = line(most) + end;
                assert!(next_with(whole.as_bytes(), made_up).unwrap().frame.is_some());
                let long = line(most + 1) + end;
                let error = next_with(long.as_bytes(), made_up).unwrap_err();
                assert_eq!(error, FrameError::LineTooLong);
            }
            let mut rest = line(most) + "\r";
            assert!(next_with(rest.as_bytes(), made_up).is_ok(), "its LF may follow");
            rest.push('a');
            assert!(next_with(rest.as_bytes(), made_up).is_err());
        }
        // A line without a word, and one whose first word has no end.
        for byte in [" ", "L"] {
            let rest = byte.repeat(MAX_LINE + 2);
            assert!(next_with(rest.as_bytes(), made_up).is_err());
        }
    }
}
