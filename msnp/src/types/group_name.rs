use super::encoded::{Encoded, TextError, check, decode, encode};
use heapless::String;

/// The name of a group of the forward list (MSNP7), kept decoded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GroupName(String<{ GroupName::MAX_ENCODED }, u16>);

impl GroupName {
    /// The most bytes of a name as it is sent; more is 229 (yellows111's wiki).
    pub const MAX_ENCODED: usize = 61;

    /// More bytes than these closed the connection on the original servers (yellows111's wiki).
    pub const MAX_WORD: usize = 127;

    /// Checks a name that is not encoded.
    ///
    /// # Errors
    /// [`TextError`] says what is wrong with it.
    pub fn new(text: &str) -> Result<GroupName, TextError> {
        check(text).map(GroupName)
    }

    /// Decodes a name of the wire.
    ///
    /// # Errors
    /// [`TextError`] says what is wrong with it.
    pub fn parse(word: &[u8]) -> Result<GroupName, TextError> {
        decode(word).map(GroupName)
    }

    /// The name of group 0 for somebody who never had groups: seeing it, an official client that
    /// sorts by groups makes "Coworkers", "Friends" and "Family" (`Quirk::MakesGroupsWhenUnnamed`).
    pub fn unnamed() -> GroupName {
        GroupName::known("~")
    }

    /// What group 0 is called as soon as there are others.
    pub fn other_contacts() -> GroupName {
        GroupName::known("Other Contacts")
    }

    fn known(text: &str) -> GroupName {
        // Both are shorter than a name may be.
        GroupName(String::try_from(text).unwrap_or_default())
    }

    /// The name, decoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it is sent, in pieces.
    pub fn encoded(&self) -> Encoded<'_> {
        encode(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn names_are_encoded_and_at_most_61_bytes_then() {
        let name = GroupName::parse(b"Other%20Contacts").unwrap();
        assert_eq!(name, GroupName::other_contacts());
        assert_eq!(name.encoded().to_string(), "Other%20Contacts");
        assert_eq!(GroupName::unnamed().as_str(), "~");
        assert!(GroupName::new(&"a".repeat(61)).is_ok());
        assert_eq!(GroupName::new(&"a".repeat(62)), Err(TextError::TooLong));
        assert_eq!(GroupName::new(&" ".repeat(21)), Err(TextError::TooLong));
    }
}
