use super::encoded::{Encoded, TextError, check, decode, encode};
use heapless::String;

/// The name of a group of the forward list, stored decoded. Since MSNP7.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GroupName(String<{ GroupName::MAX_ENCODED }, u16>);

impl GroupName {
    /// The maximum length of an encoded name, in bytes. More is error 229 (yellows111's wiki).
    pub const MAX_ENCODED: usize = 61;

    /// The maximum length of the word that has the name in a command, in bytes. If it was longer,
    /// the original servers closed the connection (yellows111's wiki).
    pub const MAX_WORD: usize = 127;

    /// Checks a decoded name.
    ///
    /// # Errors
    /// [`TextError`] if it is illegal.
    pub fn new(text: &str) -> Result<GroupName, TextError> {
        check(text).map(GroupName)
    }

    /// Decodes a name as it is sent.
    ///
    /// # Errors
    /// [`TextError`] if it is illegal.
    pub fn parse(word: &[u8]) -> Result<GroupName, TextError> {
        decode(word).map(GroupName)
    }

    /// Returns `~`, the name of group 0 for a user who never had other groups. An official client
    /// that sorts by groups then creates "Coworkers", "Friends" and "Family"
    /// (`Quirk::MakesGroupsWhenUnnamed`).
    pub fn unnamed() -> GroupName {
        GroupName::from_literal("~")
    }

    /// Returns `Other Contacts`, the name of group 0 once there are other groups.
    pub fn other_contacts() -> GroupName {
        GroupName::from_literal("Other Contacts")
    }

    fn from_literal(text: &str) -> GroupName {
        // The two names of group 0 are short enough.
        GroupName(String::try_from(text).unwrap_or_default())
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
    use std::string::ToString;

    #[test]
    fn a_name_has_at_most_61_bytes_when_encoded() {
        let name = GroupName::parse(b"Other%20Contacts").unwrap();
        assert_eq!(name, GroupName::other_contacts());
        assert_eq!(name.encoded().to_string(), "Other%20Contacts");
        assert_eq!(GroupName::unnamed().as_str(), "~");
        assert!(GroupName::new(&"a".repeat(61)).is_ok());
        assert_eq!(GroupName::new(&"a".repeat(62)), Err(TextError::TooLong));
        assert_eq!(GroupName::new(&" ".repeat(21)), Err(TextError::TooLong));
    }
}
