//! Splits a byte stream into commands: a line, and a payload if the command has one.
//!
//! A line ends with CRLF or a bare LF. Both may be mixed; a bare CR ends no line. Gaim up to 0.46
//! always sends LF, CCMSN in some commands (`Quirk::BareLineFeed`), and the Microsoft servers
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

use crate::gate::{PayloadRule, Server};
use crate::line::{Words, number};

/// The maximum length of a line in bytes, without its line end. The longest line that a client of
/// MSNP2 to MSNP7 sends is below 1 KiB.
pub const MAX_LINE: usize = 2046;

/// The maximum length of a client's payload in bytes (hypothetic.org: 1664, observed 2003-04-30).
pub const MAX_PAYLOAD: usize = 1664;

/// The maximum length of a server's payload in bytes. A profile message of the later dialects has
/// about 1.5 KiB.
pub const MAX_SERVER_PAYLOAD: usize = 2048;

/// The maximum length of a frame in bytes, including its line end.
pub const MAX_FRAME: usize = MAX_LINE + 2 + MAX_SERVER_PAYLOAD;

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
    /// The words after the name.
    pub words: Words<'a>,
    /// The payload, empty for a command that has none.
    pub payload: &'a [u8],
}

/// What [`next`] found at the start of the input.
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    /// The first frame, if it is complete.
    pub frame: Option<Frame<'a>>,
    /// The number of bytes to drop from the input: the frame, and the empty lines before it.
    pub consumed: usize,
    /// The number of empty lines among them. They cost as much work as others, so rate limits
    /// should count them.
    pub empty_lines: usize,
    /// A frame whose line is complete and whose payload is not; its `payload` is empty. Allows to
    /// refuse a command before its payload has arrived.
    pub partial: Option<Frame<'a>>,
}

/// Why the stream cannot be read. The position in the stream is lost, so the connection has to
/// close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FrameError {
    /// A line of more than [`MAX_LINE`] bytes.
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
    let (mut used, mut empty) = (0, 0);
    loop {
        let rest = input.get(used..).unwrap_or_default();
        let Some(end) = memchr::memchr(b'\n', rest) else {
            // The byte after the longest line may be the CR of its line end.
            let too_long = rest.len() > MAX_LINE + 1;
            return if too_long {
                Err(FrameError::LineTooLong)
            } else {
                Ok(Scan { frame: None, consumed: used, empty_lines: empty, partial: None })
            };
        };
        let line = rest.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > MAX_LINE {
            return Err(FrameError::LineTooLong);
        }
        let mut words = Words::new(line);
        let Some(name) = words.next() else {
            used += end + 1;
            empty += 1;
            continue;
        };
        let length = payload_length(name, &words, origin, server)?;
        let start = end + 1;
        let Some(payload) = rest.get(start..start + length) else {
            let partial = Frame { name, words, payload: &[] };
            return Ok(Scan {
                frame: None,
                consumed: used,
                empty_lines: empty,
                partial: Some(partial),
            });
        };
        return Ok(Scan {
            frame: Some(Frame { name, words, payload }),
            consumed: used + start + length,
            empty_lines: empty,
            partial: None,
        });
    }
}

fn payload_length(
    name: &[u8],
    words: &Words<'_>,
    origin: Origin,
    server: Server,
) -> Result<usize, FrameError> {
    let most = match crate::gate::payload(name, origin, server) {
        PayloadRule::None => return Ok(0),
        PayloadRule::UpTo(most) => most,
    };
    let last = words.clone().last().ok_or(FrameError::BadLength)?;
    match number(last).and_then(|length| usize::try_from(length).ok()) {
        Some(length) if length <= most => Ok(length),
        None if last.iter().any(|byte| !byte.is_ascii_digit()) => Err(FrameError::BadLength),
        // A number of more than 32 bits is too long as well.
        _ => Err(FrameError::PayloadTooLong),
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
}
