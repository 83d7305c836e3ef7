use super::GroupId;
use core::fmt;

/// In which groups somebody on a forward list is (MSNP7). In none of them is the same as in group
/// 0 for all who look at it: the wire has no word for it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "u32", try_from = "u32"))]
pub struct GroupIds(u32);

impl GroupIds {
    /// The most characters of the word: all thirty numbers, with commas between.
    pub const MAX: usize = 79;

    /// In no group.
    pub const NONE: GroupIds = GroupIds(0);

    /// The groups of a word such as `0,3`.
    pub fn parse(word: &[u8]) -> Option<GroupIds> {
        word.split(|byte| *byte == b',')
            .try_fold(GroupIds::NONE, |groups, word| Some(groups.with(GroupId::parse(word)?)))
    }

    /// Whether this group is one of them.
    pub const fn contains(self, group: GroupId) -> bool {
        self.0 & GroupIds::bit(group) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// With this group.
    #[must_use]
    pub const fn with(self, group: GroupId) -> GroupIds {
        GroupIds(self.0 | GroupIds::bit(group))
    }

    /// Without this group.
    #[must_use]
    pub const fn without(self, group: GroupId) -> GroupIds {
        GroupIds(self.0 & !GroupIds::bit(group))
    }

    /// The word of the wire: numbers with commas between, `0` if there is none.
    pub fn text(self) -> heapless::String<{ GroupIds::MAX }> {
        let mut text = heapless::String::new();
        // All of them fit.
        let _ = fmt::write(&mut text, format_args!("{self}"));
        text
    }

    /// All of them, in their order.
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
    type Error = &'static str;
    fn try_from(bits: u32) -> Result<GroupIds, &'static str> {
        match bits >> GroupId::COUNT {
            0 => Ok(GroupIds(bits)),
            _ => Err("a group has a number from 0 to 29"),
        }
    }
}

/// The word of the wire: numbers with commas between.
impl fmt::Display for GroupIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return fmt::Display::fmt(&GroupId::OTHER, f);
        }
        for (place, group) in self.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
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
    fn all_of_them_are_one_word() {
        let all = GroupId::all().fold(GroupIds::NONE, GroupIds::with);
        assert_eq!(all.text().len(), GroupIds::MAX);
        assert_eq!(GroupIds::parse(all.text().as_bytes()), Some(all));
    }

    #[test]
    fn a_group_comes_and_goes() {
        let one = GroupId::new(1).unwrap();
        let both = GroupIds::from(GroupId::OTHER).with(one);
        assert!(both.contains(one) && both.without(one) == GroupIds::from(GroupId::OTHER));
        assert!(GroupIds::from(one).without(one).is_empty());
        assert_eq!(GroupIds::try_from(1 << 30).ok(), None);
    }
}
