use super::OutOfRangeError;
use crate::line::number;

/// The number of a group of the forward list, 0 to 29. Since MSNP7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "u8", try_from = "u8"))]
pub struct GroupId(u8);

impl GroupId {
    /// The maximum number of groups (yellows111's wiki).
    pub const COUNT: u8 = 30;

    /// Group 0, "Other Contacts". It always exists. Clients show contacts without a group in it.
    pub const ZERO: GroupId = GroupId(0);

    /// Returns the group of this number, or `None` if it is above 29.
    pub const fn new(number: u8) -> Option<GroupId> {
        if number < GroupId::COUNT { Some(GroupId(number)) } else { None }
    }

    /// Parses a number such as `3`. Returns `None` if it is illegal.
    pub fn parse(word: &[u8]) -> Option<GroupId> {
        u8::try_from(number(word)?).ok().and_then(GroupId::new)
    }

    /// Returns all legal numbers of groups, in order.
    pub fn all() -> impl Iterator<Item = GroupId> {
        (0..GroupId::COUNT).map(GroupId)
    }

    /// Returns the number of the group.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl core::fmt::Display for GroupId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl From<GroupId> for u8 {
    fn from(group: GroupId) -> u8 {
        group.0
    }
}

impl TryFrom<u8> for GroupId {
    type Error = OutOfRangeError;
    fn try_from(number: u8) -> Result<GroupId, OutOfRangeError> {
        GroupId::new(number).ok_or(OutOfRangeError { rule: "a group has a number from 0 to 29" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_thirty_groups() {
        assert_eq!(GroupId::new(0), Some(GroupId::ZERO));
        assert_eq!(GroupId::new(29).map(GroupId::number), Some(29));
        assert_eq!(GroupId::new(30), None);
        assert_eq!(GroupId::all().count(), 30);
        assert_eq!(GroupId::parse(b"29"), GroupId::new(29));
        for word in [b"30".as_slice(), b"", b"-1", b"256", b"Friends"] {
            assert_eq!(GroupId::parse(word), None);
        }
    }
}
