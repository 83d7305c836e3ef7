use super::encoded::{Encoded, TextError, check, decode, encode};
use heapless::String;

/// A telephone number as its owner wrote it (MSNP5), kept decoded. Nothing is made of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PhoneNumber(String<{ PhoneNumber::MAX_ENCODED }, u16>);

impl PhoneNumber {
    /// The most bytes of a number as it is sent; more closed the connection (hypothetic.org).
    pub const MAX_ENCODED: usize = 95;

    /// Checks a number that is not encoded.
    ///
    /// # Errors
    /// [`TextError`] says what is wrong with it.
    pub fn new(text: &str) -> Result<PhoneNumber, TextError> {
        check(text).map(PhoneNumber)
    }

    /// Decodes a number of the wire.
    ///
    /// # Errors
    /// [`TextError`] says what is wrong with it.
    pub fn parse(word: &[u8]) -> Result<PhoneNumber, TextError> {
        decode(word).map(PhoneNumber)
    }

    /// The number, decoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as it is sent, in pieces.
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
