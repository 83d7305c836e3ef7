//! Cutting a byte stream into lines and payloads.
//!
//! Line ends are CRLF or a bare LF, mixed at will, never a bare CR: Gaim up to 0.46 sends LF
//! everywhere, CCMSN in some commands (`Quirk::BareLineFeed`), and the Microsoft servers took both
//! (hypothetic.org, "General/Commands"). A payload begins right after the LF of its header and has
//! exactly the stated length; nothing follows it.

use crate::gate::{PayloadRule, Server};
use crate::line::{Words, number};

/// The longest line that is read, in bytes, without its line end. The longest line that a client
/// of MSNP2 to MSNP7 sends is below 1 KiB.
pub const MAX_LINE: usize = 2046;

/// The longest payload that a client may send (hypothetic.org: 1664, observed 2003-04-30).
pub const MAX_PAYLOAD: usize = 1664;

/// The longest payload that a server sends: a profile message of the later dialects is about
/// 1.5 KiB.
pub const MAX_SERVER_PAYLOAD: usize = 2048;

/// The most bytes that one frame can take, its line end included.
pub const MAX_FRAME: usize = MAX_LINE + 2 + MAX_SERVER_PAYLOAD;

/// Who wrote the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Origin {
    /// A client: its bytes are requests.
    Client,
    /// A server: its bytes are events.
    Server,
}

/// One command as it came: its name, its words, its payload.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    /// The command name, as sent: case matters.
    pub name: &'a [u8],
    /// The words after the name.
    pub words: Words<'a>,
    /// The payload, empty for a command that has none.
    pub payload: &'a [u8],
}

/// What the start of the input holds.
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    /// The first frame, if all of it is there.
    pub frame: Option<Frame<'a>>,
    /// How many bytes are done with: the frame and empty lines before it.
    pub consumed: usize,
    /// How many of these lines were empty: they cost whoever reads them no less than others.
    pub empty_lines: usize,
    /// If there is no frame: one whose line is there and whose payload is not, without its
    /// payload. Whoever sends a line that closes the connection need not send more.
    pub partial: Option<Frame<'a>>,
}

/// Why the stream cannot be read on. The connection is of no use after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FrameError {
    /// A line of more than [`MAX_LINE`] bytes.
    LineTooLong,
    /// A payload of more than the command may have.
    PayloadTooLong,
    /// The length of a payload is missing or not a number.
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

/// Looks for the first frame in `input`, the unread bytes of a connection to `server` that
/// `origin` wrote. Empty lines are passed over.
pub fn next(input: &[u8], origin: Origin, server: Server) -> Result<Scan<'_>, FrameError> {
    let (mut used, mut empty) = (0, 0);
    loop {
        let rest = input.get(used..).unwrap_or_default();
        let Some(end) = memchr::memchr(b'\n', rest) else {
            // One more byte than a line may have could still be the CR of its line end.
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
            let begun = Frame { name, words, payload: &[] };
            return Ok(Scan {
                frame: None,
                consumed: used,
                empty_lines: empty,
                partial: Some(begun),
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
        // A number that does not fit is too much as well.
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
            let cut = frames(line.as_bytes(), Server::Switchboard);
            assert_eq!(cut, Err(FrameError::PayloadTooLong), "{line}");
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
