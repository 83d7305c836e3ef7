use super::encoded::{Encoded, TextError, check, counted_length, decode, encode, unescape};
use super::visible::{has_visible, is_all_visible, visible_characters};
use super::windows_1252::from_windows_1252;
use crate::types::Handle;
use heapless::{String, Vec};
use percent_encoding::percent_decode;

/// A friendly name: the display name of a user, stored decoded.
///
/// A name is not empty, has no control characters, and has at most [`FriendlyName::MAX_ENCODED`]
/// bytes in its percent-encoded form. Stored names may have invisible characters. Names that a user
/// chooses may not: check them with [`FriendlyName::new_visible`], or parse them as a
/// [`RequestedName`](super::RequestedName).
///
/// ```
/// use msnp::{FriendlyName, FriendlyNameError};
///
/// let name = FriendlyName::parse(b"Zo%C3%AB%20M.").unwrap();
/// assert_eq!(name.as_str(), "Zoë M.");
/// // Only spaces, controls and `%` are encoded when it is sent.
/// assert_eq!(name.encoded().to_string(), "Zoë%20M.");
///
/// assert_eq!(FriendlyName::new(""), Err(FriendlyNameError::Empty));
/// assert_eq!(FriendlyName::new_visible("\u{202E}boB"), Err(FriendlyNameError::Invisible));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FriendlyName(String<{ FriendlyName::MAX_ENCODED }, u16>);

/// Why a text is not a friendly name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FriendlyNameError {
    /// It is empty. An empty name would shift all later words of a line.
    Empty,
    /// It has more than [`FriendlyName::MAX_ENCODED`] bytes when encoded.
    TooLong,
    /// It has a `%` without two hexadecimal digits after it.
    BadEscape,
    /// It is not UTF-8, or has a control character.
    Malformed,
    /// It has only spaces, or a character that is invisible or changes the text direction.
    Invisible,
}

impl core::fmt::Display for FriendlyNameError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            FriendlyNameError::Empty => "a friendly name must not be empty",
            FriendlyNameError::TooLong => "a friendly name has at most 387 bytes when encoded",
            FriendlyNameError::BadEscape => {
                "a % in the friendly name is not followed by two hexadecimal digits"
            },
            FriendlyNameError::Malformed => "a friendly name is UTF-8 without control characters",
            FriendlyNameError::Invisible => {
                "a friendly name has a visible character, and no invisible or direction-changing characters"
            }
        })
    }
}

impl core::error::Error for FriendlyNameError {}

impl From<TextError> for FriendlyNameError {
    fn from(error: TextError) -> FriendlyNameError {
        match error {
            TextError::Empty => FriendlyNameError::Empty,
            TextError::TooLong => FriendlyNameError::TooLong,
            TextError::BadEscape => FriendlyNameError::BadEscape,
            TextError::Malformed => FriendlyNameError::Malformed,
        }
    }
}

impl FriendlyName {
    /// The maximum length of an encoded name, in bytes ([the draft](crate#sources) §7.1: three
    /// times the handle's 129). Every byte beyond ASCII counts as three.
    pub const MAX_ENCODED: usize = 387;

    /// Checks a decoded name.
    ///
    /// # Errors
    /// [`FriendlyNameError`] if the name is illegal. The error is never `BadEscape` or `Invisible`.
    pub fn new(text: &str) -> Result<FriendlyName, FriendlyNameError> {
        Ok(FriendlyName(check(text)?))
    }

    /// Checks a decoded name that a user chooses. It must be visible: see
    /// [`FriendlyName::is_visible`].
    ///
    /// # Errors
    /// [`FriendlyNameError`] if the name is illegal. The error is never `BadEscape`.
    pub fn new_visible(text: &str) -> Result<FriendlyName, FriendlyNameError> {
        FriendlyName::new(text)?.if_visible()
    }

    /// Decodes a name as it is sent: `%XX` in any case, and raw UTF-8.
    ///
    /// # Errors
    /// [`FriendlyNameError`] if the name is illegal. The error is never `Invisible`.
    pub fn parse(word: &[u8]) -> Result<FriendlyName, FriendlyNameError> {
        Ok(FriendlyName(decode(word)?))
    }

    /// Decodes a name that a user chooses for themselves. A name that is not UTF-8 is read as
    /// Windows-1252 (`Quirk::WritesItsCodePage`). Bytes that this code page does not define are
    /// dropped.
    pub(super) fn parse_visible(word: &[u8]) -> Result<FriendlyName, FriendlyNameError> {
        let bytes = unescape::<{ FriendlyName::MAX_ENCODED }>(word)?;
        if let Ok(text) = core::str::from_utf8(&bytes) {
            return FriendlyName::new_visible(text);
        }
        let mut text = String::<{ FriendlyName::MAX_ENCODED }, u16>::new();
        for character in bytes.iter().copied().map(from_windows_1252) {
            // An undefined byte is returned as a C1 control.
            let is_undefined = matches!(character, '\u{80}'..='\u{9F}');
            if !is_undefined {
                text.push(character).map_err(|_| FriendlyNameError::TooLong)?;
            }
        }
        FriendlyName::new_visible(&text)
    }

    /// Decodes the name that a user gives to another user. Such a name is decoration and no reason
    /// to refuse a command, so every word is accepted:
    ///
    /// * a `%` without digits is kept;
    /// * a name that is not UTF-8 is decoded as Windows-1252 (`Quirk::WritesItsCodePage`);
    /// * control characters and invisible characters are dropped;
    /// * a name that is too long is cut.
    ///
    /// Returns `None` if nothing visible is left.
    ///
    /// ```
    /// use msnp::FriendlyName;
    ///
    /// assert_eq!(FriendlyName::parse_lossy(b"Andr%E9%").unwrap().as_str(), "André%");
    /// assert_eq!(FriendlyName::parse_lossy(b"%20"), None);
    /// ```
    pub fn parse_lossy(word: &[u8]) -> Option<FriendlyName> {
        let mut bytes = Vec::<u8, { FriendlyName::MAX_ENCODED }>::new();
        let mut is_cut = false;
        for byte in percent_decode(word) {
            // Further bytes would not fit into a name: each takes at least one byte when encoded.
            if bytes.push(byte).is_err() {
                is_cut = true;
                break;
            }
        }
        match core::str::from_utf8(&bytes) {
            Ok(text) => FriendlyName::keep_visible(text.chars()),
            // The text is UTF-8, but was cut inside its last character.
            Err(error) if is_cut && error.error_len().is_none() => {
                let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
                FriendlyName::keep_visible(core::str::from_utf8(whole).unwrap_or_default().chars())
            }
            Err(_) => FriendlyName::keep_visible(bytes.iter().copied().map(from_windows_1252)),
        }
    }

    /// Makes a name of those characters that are visible, up to the maximum length. Returns `None`
    /// if there are none.
    fn keep_visible(characters: impl Iterator<Item = char>) -> Option<FriendlyName> {
        let (mut text, mut encoded_length) = (String::new(), 0);
        let printable = characters.filter(|character| !character.is_control());
        for character in visible_characters(printable) {
            encoded_length += counted_length(character.encode_utf8(&mut [0; 4]));
            if encoded_length > FriendlyName::MAX_ENCODED || text.push(character).is_err() {
                break;
            }
        }
        has_visible(&text).then_some(FriendlyName(text))
    }

    fn if_visible(self) -> Result<FriendlyName, FriendlyNameError> {
        if self.is_visible() { Ok(self) } else { Err(FriendlyNameError::Invisible) }
    }

    /// Whether the name is visible: it has no invisible or direction-changing characters, and at
    /// least one character that is no space. U+200C and U+200D are allowed between two characters.
    pub fn is_visible(&self) -> bool {
        is_all_visible(&self.0)
    }

    /// Whether a client got this name by misreading each UTF-8 byte of `name` as a character of
    /// Latin-1 or Windows-1252 (`Quirk::MisreadsEncodedUtf8`). The misread name may lack C1 controls,
    /// and its end if it would be too long.
    ///
    /// ```
    /// use msnp::FriendlyName;
    ///
    /// let misread = FriendlyName::new("BÃ©n").unwrap();
    /// assert!(misread.is_mojibake_of(&FriendlyName::new("Bén").unwrap()));
    /// ```
    pub fn is_mojibake_of(&self, name: &FriendlyName) -> bool {
        /// The maximum encoded length of a character of Latin-1 or Windows-1252 in bytes: three
        /// bytes of UTF-8, each as `%XX`.
        const MAX_CHARACTER: usize = 9;
        let mut unmatched = self.0.chars().peekable();
        for byte in name.0.bytes() {
            let is_misread =
                |next: &char| *next == char::from(byte) || *next == from_windows_1252(byte);
            let is_found = unmatched.next_if(is_misread).is_some();
            let may_be_missing = matches!(byte, 0x80..=0x9F);
            if !is_found && !may_be_missing {
                let may_be_cut =
                    counted_length(&self.0) + MAX_CHARACTER > FriendlyName::MAX_ENCODED;
                return may_be_cut && unmatched.peek().is_none();
            }
        }
        unmatched.peek().is_none()
    }

    /// Returns the handle as a name, for users without one.
    pub fn from_handle(handle: &Handle) -> FriendlyName {
        // A handle is shorter, and has no character that is encoded.
        FriendlyName(String::try_from(handle.as_str()).unwrap_or_default())
    }

    /// Returns the decoded name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name as it is sent, in pieces.
    pub fn encoded(&self) -> Encoded<'_> {
        encode(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};

    fn encoded(text: &str) -> String {
        FriendlyName::new(text).unwrap().encoded().to_string()
    }

    #[test]
    fn spaces_and_percent_signs_are_encoded_and_utf8_is_not() {
        assert_eq!(encoded("Bob B."), "Bob%20B.");
        assert_eq!(encoded("100%"), "100%25");
        assert_eq!(encoded("Zoë & Jürgen"), "Zoë%20&%20Jürgen");
        assert_eq!(encoded("a@b(c)"), "a@b(c)");
        assert_eq!(encoded("\u{a0}☃ 🙂"), "\u{a0}☃%20🙂");
    }

    #[test]
    fn escapes_of_any_case_and_raw_utf8_are_decoded() {
        assert_eq!(FriendlyName::parse(b"Zo%c3%AB").unwrap().as_str(), "Zoë");
        assert_eq!(FriendlyName::parse("Zoë".as_bytes()).unwrap().as_str(), "Zoë");
    }

    #[test]
    fn illegal_names_are_refused() {
        assert_eq!(FriendlyName::parse(b""), Err(FriendlyNameError::Empty));
        for word in ["%", "a%2", "%zz", "%+1"] {
            let refused = FriendlyName::parse(word.as_bytes());
            assert_eq!(refused, Err(FriendlyNameError::BadEscape), "{word}");
        }
        for word in [b"%00".as_slice(), b"%0d%0A", b"%ff", b"\xff", b"a\rb"] {
            assert_eq!(FriendlyName::parse(word), Err(FriendlyNameError::Malformed));
        }
    }

    #[test]
    fn the_limit_is_that_of_the_encoded_name() {
        assert!(FriendlyName::new(&"a".repeat(387)).is_ok());
        assert_eq!(FriendlyName::new(&"a".repeat(388)), Err(FriendlyNameError::TooLong));
        assert!(FriendlyName::new(&" ".repeat(129)).is_ok());
        assert_eq!(FriendlyName::new(&" ".repeat(130)), Err(FriendlyNameError::TooLong));
    }
    #[test]
    fn the_limit_counts_every_byte_beyond_ascii_as_three() {
        assert!(FriendlyName::new(&"é".repeat(64)).is_ok());
        assert_eq!(FriendlyName::new(&"é".repeat(65)), Err(FriendlyNameError::TooLong));
        assert_eq!(FriendlyName::parse("é".repeat(65).as_bytes()), Err(FriendlyNameError::TooLong));
        assert_eq!(
            FriendlyName::parse_lossy("é".repeat(65).as_bytes()).unwrap().as_str(),
            "é".repeat(64)
        );
    }

    #[test]
    fn a_users_own_name_is_windows_1252_if_it_is_not_utf8() {
        let read =
            |word: &[u8]| FriendlyName::parse_visible(word).map(|name| name.as_str().to_string());
        assert_eq!(read(b"Andr%E9"), Ok("André".into()));
        assert_eq!(read(b"\x93Andr\xe9\x94%81"), Ok("“André”".into()));
        assert_eq!(read(b"Andr%c3%a9"), Ok("André".into()));
        for word in [b"Andr%E".as_slice(), b"%zz", b"%"] {
            assert_eq!(read(word), Err(FriendlyNameError::BadEscape), "{}", word.escape_ascii());
        }
        for word in [b"%00".as_slice(), b"Andr%E9%0D", b"%0a", b"%C2%85", b"a\rb", b"\x7f"] {
            assert_eq!(read(word), Err(FriendlyNameError::Malformed), "{}", word.escape_ascii());
        }
        assert_eq!(read(b""), Err(FriendlyNameError::Empty));
        assert_eq!(read(b"%81%8d"), Err(FriendlyNameError::Empty));
        let longest = [b"%E9".as_slice(); 64].concat();
        assert_eq!(read(&longest), Ok("é".repeat(64)));
        assert_eq!(read(&[&longest, b"%E9".as_slice()].concat()), Err(FriendlyNameError::TooLong));
        assert_eq!(read(&[b'\x80'; 387]), Err(FriendlyNameError::TooLong));
    }

    #[test]
    fn a_name_for_a_contact_is_read_from_any_word() {
        let read =
            |word: &[u8]| FriendlyName::parse_lossy(word).map(|name| name.as_str().to_string());
        for (word, name) in [
            (b"Zo%eb%20%26%20J%fcrgen".as_slice(), "Zoë & Jürgen"),
            (b"Zo\xc3\xab", "Zoë"),
            (b"\xc3\x83\xc2\x84gidius", "Ãgidius"),
            (b"Bob%", "Bob%"),
            (b"%zzBob%4", "%zzBob%4"),
            (b"%00Bo%0D%0Ab", "Bob"),
            (b"\xe2\x80\x8eB\xe2\x80\xaeob", "Bob"),
            (b"\x93Bob\x94\x81", "“Bob”"),
        ] {
            assert_eq!(read(word).as_deref(), Some(name), "{}", word.escape_ascii());
        }
        for word in
            [b"".as_slice(), b"%20", b"%00", b"%c2%a0", b"\x81", b"%e2%80%8b", b"\xe2\x80\x8d"]
        {
            assert_eq!(read(word), None, "{}", word.escape_ascii());
        }
        assert_eq!(read(&[b'A'; 2000]).unwrap(), "A".repeat(387));
        assert_eq!(read(&[b'\x80'; 2000]).unwrap(), "€".repeat(43));
        assert_eq!(read("€".repeat(200).as_bytes()).unwrap(), "€".repeat(43));
    }

    #[test]
    fn a_name_whose_utf8_was_misread_as_latin_1_is_recognised() {
        let is_misread = |read: &[u8], name: &str| {
            FriendlyName::parse_lossy(read)
                .unwrap()
                .is_mojibake_of(&FriendlyName::new(name).unwrap())
        };
        assert!(is_misread(b"B\xc3\x83\xc2\xa9n", "Bén"));
        assert!(is_misread(b"\xc3\x83\xc2\x84gidius", "Ägidius"));
        // In Windows-1252, 0x84 is U+201E and 0x81 is undefined.
        assert!(is_misread("Ã„gidius".as_bytes(), "Ägidius"));
        assert!(is_misread("Ãlvaro".as_bytes(), "Álvaro"));
        assert!(is_misread("JosÃ".as_bytes(), "JosÀ"));
        assert!(is_misread(b"Zo\xc3\x83\xc2\xab%20&%20J\xc3\x83\xc2\xbcrgen", "Zoë & Jürgen"));
        assert!(!is_misread(b"B\xc3\xa9n", "Bén"));
        for (read, name) in
            [("BÃ©", "Bén"), ("BÃ©nn", "Bén"), ("BÃ©n", "Ben"), ("Ben", "Bén"), ("Ã", "Bén")]
        {
            assert!(!is_misread(read.as_bytes(), name), "{read}");
        }
        // A missing end is ignored.
        let (longest, other) = ("é".repeat(64), "è".repeat(64));
        let garbled = "Ã©".repeat(64);
        assert!(is_misread(garbled.as_bytes(), &longest));
        assert!(!is_misread(garbled.as_bytes(), &other));
    }

    #[test]
    fn invisible_names_cannot_be_chosen() {
        for text in [
            " ",
            "\u{a0}",
            "Bob\u{200b}",
            "\u{202e}boB",
            "B\u{2066}ob",
            "Bob\u{200d}",
            "\u{200c}Bob",
        ] {
            assert_eq!(
                FriendlyName::new_visible(text),
                Err(FriendlyNameError::Invisible),
                "{text:?}"
            );
            assert!(!FriendlyName::new(text).unwrap().is_visible(), "a stored name stays legal");
        }
        for text in ["می\u{200c}خواهم", "❤\u{fe0f}\u{200d}🔥", " Bob\u{a0}B. "] {
            assert_eq!(FriendlyName::new_visible(text).unwrap().as_str(), text);
        }
        assert_eq!(FriendlyName::new_visible(""), Err(FriendlyNameError::Empty));
    }
}
