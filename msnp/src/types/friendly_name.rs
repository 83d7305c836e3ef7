use super::encoded::{BadText, check, decode, encode};
use crate::types::Handle;
use heapless::String;
use percent_encoding::PercentEncode;

/// A friendly name: what a principal calls himself. It is never empty, has no control character
/// and at most [`FriendlyName::MAX_ENCODED`] bytes percent-encoded; it is kept decoded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FriendlyName(String<{ FriendlyName::MAX_ENCODED }, u16>);

/// Why a text is not a friendly name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BadFriendlyName {
    /// An empty name would shift every later field of a line.
    Empty,
    /// More than [`FriendlyName::MAX_ENCODED`] bytes when encoded.
    TooLong,
    /// A `%` without two hexadecimal digits behind it.
    BadEscape,
    /// Not UTF-8, or a control character in it.
    Malformed,
}

impl core::fmt::Display for BadFriendlyName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            BadFriendlyName::Empty => "a friendly name is not empty",
            BadFriendlyName::TooLong => "a friendly name has at most 387 bytes when encoded",
            BadFriendlyName::BadEscape => "a % in it is not followed by two hexadecimal digits",
            BadFriendlyName::Malformed => "a friendly name is UTF-8 without control characters",
        })
    }
}

impl core::error::Error for BadFriendlyName {}

impl From<BadText> for BadFriendlyName {
    fn from(bad: BadText) -> BadFriendlyName {
        match bad {
            BadText::Empty => BadFriendlyName::Empty,
            BadText::TooLong => BadFriendlyName::TooLong,
            BadText::BadEscape => BadFriendlyName::BadEscape,
            BadText::Malformed => BadFriendlyName::Malformed,
        }
    }
}

impl FriendlyName {
    /// The most bytes of a name as it is sent (the draft §7.1: three times the handle's 129).
    pub const MAX_ENCODED: usize = 387;

    /// Checks a name that is not encoded.
    ///
    /// # Errors
    /// [`BadFriendlyName`] says what is wrong with it.
    pub fn new(text: &str) -> Result<FriendlyName, BadFriendlyName> {
        Ok(FriendlyName(check(text)?))
    }

    /// Decodes a name of the wire: `%XX` in any case; raw UTF-8 is taken too.
    ///
    /// # Errors
    /// [`BadFriendlyName`] says what is wrong with it.
    pub fn parse(word: &[u8]) -> Result<FriendlyName, BadFriendlyName> {
        Ok(FriendlyName(decode(word)?))
    }

    /// The name that stands in for a missing one.
    pub fn from_handle(handle: &Handle) -> FriendlyName {
        // A handle has no character that is encoded but `%`, which it cannot have, and is shorter.
        FriendlyName(String::try_from(handle.as_str()).unwrap_or_default())
    }

    /// The name, decoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it is sent, in pieces.
    pub fn encoded(&self) -> PercentEncode<'_> {
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
    fn blanks_percent_signs_and_utf8_are_encoded() {
        assert_eq!(encoded("Bob B."), "Bob%20B.");
        assert_eq!(encoded("100%"), "100%25");
        assert_eq!(encoded("Zoë"), "Zo%C3%AB");
        assert_eq!(encoded("a@b(c)"), "a@b(c)");
    }

    #[test]
    fn escapes_of_any_case_and_raw_utf8_are_decoded() {
        assert_eq!(FriendlyName::parse(b"Zo%c3%AB").unwrap().as_str(), "Zoë");
        assert_eq!(FriendlyName::parse("Zoë".as_bytes()).unwrap().as_str(), "Zoë");
    }

    #[test]
    fn illegal_names_are_refused() {
        assert_eq!(FriendlyName::parse(b""), Err(BadFriendlyName::Empty));
        for word in ["%", "a%2", "%zz", "%+1"] {
            let refused = FriendlyName::parse(word.as_bytes());
            assert_eq!(refused, Err(BadFriendlyName::BadEscape), "{word}");
        }
        for word in [b"%00".as_slice(), b"%0d%0A", b"%ff", b"\xff", b"a\rb"] {
            assert_eq!(FriendlyName::parse(word), Err(BadFriendlyName::Malformed));
        }
    }

    #[test]
    fn the_limit_is_that_of_the_encoded_name() {
        assert!(FriendlyName::new(&"a".repeat(387)).is_ok());
        assert_eq!(FriendlyName::new(&"a".repeat(388)), Err(BadFriendlyName::TooLong));
        assert!(FriendlyName::new(&" ".repeat(129)).is_ok());
        assert_eq!(FriendlyName::new(&" ".repeat(130)), Err(BadFriendlyName::TooLong));
    }
}
