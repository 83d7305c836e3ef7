use super::encoded::{Encoded, TextError, check, decode, encode};
use heapless::String;

/// A telephone number as its owner wrote it, stored decoded. Any text is allowed. Since MSNP5.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PhoneNumber(String<{ PhoneNumber::MAX_ENCODED }, u16>);

impl PhoneNumber {
    /// The maximum length of an encoded number, in bytes. If it was longer, the original servers
    /// closed the connection (hypothetic.org).
    pub const MAX_ENCODED: usize = 95;

    /// Checks a decoded number.
    ///
    /// # Errors
    /// [`TextError`] if it is illegal.
    pub fn new(text: &str) -> Result<PhoneNumber, TextError> {
        check(text).map(PhoneNumber)
    }

    /// Decodes a number as it is sent.
    ///
    /// # Errors
    /// [`TextError`] if it is illegal.
    pub fn parse(word: &[u8]) -> Result<PhoneNumber, TextError> {
        decode(word).map(PhoneNumber)
    }

    /// Returns the decoded number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the number as it is sent, in pieces.
    pub fn encoded(&self) -> Encoded<'_> {
        encode(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_at_most_95_bytes_when_encoded() {
        assert_eq!(PhoneNumber::parse(b"555%20123").unwrap().as_str(), "555 123");
        assert!(PhoneNumber::new(&"5".repeat(95)).is_ok());
        assert_eq!(PhoneNumber::new(&"5".repeat(96)), Err(TextError::TooLong));
        assert_eq!(PhoneNumber::parse(b"5%0d%0a5"), Err(TextError::Malformed));
    }
}
