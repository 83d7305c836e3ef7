use super::{GroupId, OutOfRangeError};
use core::fmt;

/// The groups of a contact on the forward list. Since MSNP7.
///
/// A contact in no group is sent as one in group 0: the protocol has no form for "no group".
///
/// ```
/// use msnp::{GroupId, GroupIds};
///
/// let groups = GroupIds::parse(b"0,3").unwrap();
/// assert!(groups.contains(GroupId::ZERO));
/// assert_eq!(groups.without(GroupId::ZERO).text(), "3");
/// assert_eq!(GroupIds::NONE.text(), "0");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "u32", try_from = "u32"))]
pub struct GroupIds(u32);

impl GroupIds {
    /// The maximum length as text, in characters: all thirty numbers, with commas between them.
    pub const MAX: usize = 79;

    /// No group.
    pub const NONE: GroupIds = GroupIds(0);

    /// Parses a word such as `0,3`. Returns `None` if it is illegal.
    pub fn parse(word: &[u8]) -> Option<GroupIds> {
        word.split(|byte| *byte == b',')
            .try_fold(GroupIds::NONE, |groups, word| Some(groups.with(GroupId::parse(word)?)))
    }

    /// Whether the contact is in this group.
    pub const fn contains(self, group: GroupId) -> bool {
        self.0 & GroupIds::bit(group) != 0
    }

    /// Whether the contact is in no group.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the groups with this one added.
    #[must_use]
    pub const fn with(self, group: GroupId) -> GroupIds {
        GroupIds(self.0 | GroupIds::bit(group))
    }

    /// Returns the groups with this one removed.
    #[must_use]
    pub const fn without(self, group: GroupId) -> GroupIds {
        GroupIds(self.0 & !GroupIds::bit(group))
    }

    /// Returns the groups as they are sent: numbers with commas between them, `0` for no group.
    pub fn text(self) -> heapless::String<{ GroupIds::MAX }> {
        let mut text = heapless::String::new();
        // Even all thirty groups fit.
        let _ = fmt::write(&mut text, format_args!("{self}"));
        text
    }

    /// Returns an iterator over the groups, in order.
    pub fn iter(self) -> impl Iterator<Item = GroupId> {
        GroupId::all().filter(move |group| self.contains(*group))
    }

    const fn bit(group: GroupId) -> u32 {
        1 << group.number()
    }
}

impl From<GroupId> for GroupIds {
    fn from(group: GroupId) -> GroupIds {
        GroupIds::NONE.with(group)
    }
}

impl From<GroupIds> for u32 {
    fn from(groups: GroupIds) -> u32 {
        groups.0
    }
}

impl TryFrom<u32> for GroupIds {
    type Error = OutOfRangeError;
    fn try_from(bits: u32) -> Result<GroupIds, OutOfRangeError> {
        match bits >> GroupId::COUNT {
            0 => Ok(GroupIds(bits)),
            _ => Err(OutOfRangeError { rule: "a group has a number from 0 to 29" }),
        }
    }
}

/// The groups as they are sent: see [`GroupIds::text`].
impl fmt::Display for GroupIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return fmt::Display::fmt(&GroupId::ZERO, f);
        }
        for (index, group) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{group}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for GroupIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(GroupId::number)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn the_word_has_commas() {
        for word in ["0", "4", "1,4", "0,28,29"] {
            assert_eq!(GroupIds::parse(word.as_bytes()).unwrap().to_string(), word);
        }
        assert_eq!(GroupIds::NONE.to_string(), "0");
        for word in ["", "30", "1,", "a", "1,,2", "300"] {
            assert_eq!(GroupIds::parse(word.as_bytes()), None, "{word}");
        }
    }

    #[test]
    fn all_groups_are_one_word() {
        let all = GroupId::all().fold(GroupIds::NONE, GroupIds::with);
        assert_eq!(all.text().len(), GroupIds::MAX);
        assert_eq!(GroupIds::parse(all.text().as_bytes()), Some(all));
    }

    #[test]
    fn a_group_is_added_and_removed() {
        let one = GroupId::new(1).unwrap();
        let both = GroupIds::from(GroupId::ZERO).with(one);
        assert!(both.contains(one) && both.without(one) == GroupIds::from(GroupId::ZERO));
        assert!(GroupIds::from(one).without(one).is_empty());
        assert_eq!(GroupIds::try_from(1 << 30).ok(), None);
    }
}
