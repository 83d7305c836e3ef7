//! Text from an operator's editor: UTF-8, or the encoding that a byte order mark at its start names. Notepad
//! writes such a mark into each file that it saves as UTF-8 or as Unicode (UTF-16).

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use msnp::{Handle, HandleError};
use std::io::{self, BufRead, Read};
use zeroize::Zeroizing;

/// The limit of a line of standard input, in bytes.
const MAX_LINE: u64 = 4096;

/// Bytes that are not text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not UTF-8 text")]
pub(crate) struct TextError;

impl From<TextError> for io::Error {
    fn from(error: TextError) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, error.to_string())
    }
}

/// Returns the text of a whole file, without its byte order mark.
///
/// # Errors
/// [`TextError`] if the bytes are not text in the encoding of the mark, or in UTF-8 without one.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, TextError> {
    let (encoding, length) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let rest = bytes.get(length..).unwrap_or_default();
    let text = encoding.decode_without_bom_handling_and_without_replacement(rest);
    text.map(std::borrow::Cow::into_owned).ok_or(TextError)
}

/// Returns the message for a text that is not a handle, with what is wrong with it.
pub(crate) fn invalid_sign_in_name(text: &str, error: &HandleError) -> String {
    format!("{text:?} is not a valid sign-in name: {}", handle_fault(text, error))
}

fn handle_fault(text: &str, error: &HandleError) -> String {
    match error {
        HandleError::TooLong => format!("it has more than {} bytes", Handle::MAX),
        _ if text.is_empty() => "it is empty".to_owned(),
        _ if text.contains(char::is_whitespace) => "it contains a space".to_owned(),
        HandleError::NoDomain => "the @ and the domain are missing".to_owned(),
        HandleError::Malformed => match text.split_once('@') {
            Some((_, domain)) if domain.contains('@') => "it has more than one @".to_owned(),
            Some(("", _)) => "nothing is before the @".to_owned(),
            Some((_, "")) => "the domain after the @ is missing".to_owned(),
            Some((_, domain)) if domain.chars().all(|letter| letter.is_ascii_alphanumeric()) => {
                format!("the domain {domain} has no dot")
            }
            _ => {
                "use letters, digits and . _ + - only, and a domain such as example.com".to_owned()
            }
        },
    }
}

/// Returns the ending of a noun after this count: `s`, or nothing after 1.
pub(crate) fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Reads a text file.
///
/// # Errors
/// Any error of reading, and `InvalidData` for a file that is not text.
pub(crate) fn read(file: &std::path::Path) -> io::Result<String> {
    Ok(decode(&std::fs::read(file)?)?)
}

/// The lines of a stream, whose first bytes may be a byte order mark.
pub(crate) struct Lines<R> {
    from: R,
    /// `None` before the first line.
    encoding: Option<&'static Encoding>,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(from: R) -> Lines<R> {
        Lines { from, encoding: None }
    }

    /// Returns the next line without its end; `None` at the end of the stream. Bytes that are not text
    /// become U+FFFD.
    ///
    /// # Errors
    /// Any error of reading.
    pub(crate) fn next(&mut self) -> io::Result<Option<Zeroizing<String>>> {
        let mut line = Zeroizing::new(Vec::new());
        let mut from = Read::take(&mut self.from, MAX_LINE);
        let mut total = 0;
        loop {
            let read = from.read_until(b'\n', &mut line)?;
            total += read;
            let encoding = *self.encoding.get_or_insert_with(|| {
                let (encoding, length) = Encoding::for_bom(&line).unwrap_or((UTF_8, 0));
                line.drain(..length);
                encoding
            });
            if encoding != UTF_16LE && encoding != UTF_16BE {
                break;
            }
            // In UTF-16, the line end that was found may be the first half of a unit: read the other half.
            if line.len() % 2 == 1 {
                total += from.by_ref().take(1).read_to_end(&mut line)?;
            }
            let end: &[u8] = if encoding == UTF_16LE { b"\n\0" } else { b"\0\n" };
            if read == 0 || line.ends_with(end) {
                break;
            }
        }
        if total == 0 {
            return Ok(None);
        }
        let encoding = self.encoding.unwrap_or(UTF_8);
        let (text, _) = encoding.decode_without_bom_handling(&line);
        Ok(Some(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fault_of_a_sign_in_name_is_named() {
        for (text, fault) in [
            ("", "it is empty"),
            ("alice smith", "it contains a space"),
            ("alice smith@example.com", "it contains a space"),
            ("alice", "the @ and the domain are missing"),
            ("@example.com", "nothing is before the @"),
            ("alice@", "the domain after the @ is missing"),
            ("a@b@example.com", "it has more than one @"),
            ("alice@localhost", "the domain localhost has no dot"),
            (
                "\u{e4}@example.com",
                "use letters, digits and . _ + - only, and a domain such as example.com",
            ),
        ] {
            let error = Handle::new(text).unwrap_err();
            let message = format!("{text:?} is not a valid sign-in name: {fault}");
            assert_eq!(invalid_sign_in_name(text, &error), message);
        }
        let long = format!("{}@example.com", "a".repeat(Handle::MAX));
        let error = Handle::new(&long).unwrap_err();
        assert!(invalid_sign_in_name(&long, &error).ends_with("it has more than 129 bytes"));
    }

    /// The same text as Notepad saves it: plain, UTF-8, Unicode, Unicode big endian.
    fn saved(text: &str) -> [Vec<u8>; 4] {
        let units = || text.encode_utf16();
        [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe".to_vec(), units().flat_map(u16::to_le_bytes).collect()].concat(),
            [b"\xfe\xff".to_vec(), units().flat_map(u16::to_be_bytes).collect()].concat(),
        ]
    }

    #[test]
    fn a_byte_order_mark_sets_the_encoding_and_is_removed() {
        for text in ["", "(log: warn)", "Zoë 日本語 \u{10a} \u{a0a}\r\n"] {
            for bytes in saved(text) {
                assert_eq!(decode(&bytes).as_deref(), Ok(text), "{}", bytes.escape_ascii());
            }
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        for bytes in
            [b"caf\xe9" as &[u8], b"\xef\xbb\xbfcaf\xe9", b"\xff\xfe\x00\xd8", b"\xff\xfea"]
        {
            assert_eq!(decode(bytes), Err(TextError), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn lines_are_read_one_by_one_in_every_encoding() {
        let text = "secret\r\n\u{10a}\u{a0a}x\n\nlast";
        for bytes in saved(text) {
            let mut lines = Lines::new(bytes.as_slice());
            for expected in ["secret", "\u{10a}\u{a0a}x", "", "last"] {
                let line = lines.next().unwrap().unwrap();
                assert_eq!(line.as_str(), expected, "{}", bytes.escape_ascii());
            }
            assert_eq!(lines.next().unwrap(), None);
        }
        assert_eq!(Lines::new(b"" as &[u8]).next().unwrap(), None);
        assert_eq!(Lines::new(b"\xe9\n" as &[u8]).next().unwrap().unwrap().as_str(), "\u{fffd}");
    }
}
