/// The version of an account's stored lists and settings ("Ser#"): each change makes a new one.
/// Positive and below 2³¹, since clients read it with `atoi`; never 0, since Gaim waits for ever
/// when its `SYN 0` is answered with "up to date" (`Quirk::AsksForVersionZero`).
///
/// Clients compare versions for equality only. So the first one is random, and so is the one after a
/// restore: no client has it from before. Versions are not ordered by their numbers, since the one
/// after the largest is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u32", into = "u32"))]
pub struct ListVersion(u32);

impl ListVersion {
    /// The largest list version.
    pub const MAX: u32 = i32::MAX.unsigned_abs();

    /// A list version, if it is in range.
    pub const fn new(value: u32) -> Option<ListVersion> {
        if value == 0 || value > ListVersion::MAX { None } else { Some(ListVersion(value)) }
    }

    /// A version made of 32 random bits. All versions are equally likely, as far as that is possible.
    ///
    /// ```
    /// assert_eq!(msnp::ListVersion::from_entropy(0x1234).value(), 0x1235);
    /// ```
    pub const fn from_entropy(word: u32) -> ListVersion {
        ListVersion(word % ListVersion::MAX + 1)
    }

    /// How many changes lead from an earlier version to this one, if it came so.
    pub const fn distance_from(self, earlier: ListVersion) -> u32 {
        if self.0 >= earlier.0 { self.0 - earlier.0 } else { ListVersion::MAX - earlier.0 + self.0 }
    }

    /// Whether this version came after another one of the same account, also if the numbers began again
    /// at 1 in between.
    pub const fn is_after(self, earlier: ListVersion) -> bool {
        let changes = self.distance_from(earlier);
        changes != 0 && changes < ListVersion::MAX / 2
    }

    /// The version after this one.
    #[must_use]
    pub const fn next(self) -> ListVersion {
        if self.0 < ListVersion::MAX { ListVersion(self.0 + 1) } else { ListVersion(1) }
    }

    /// The version before this one.
    #[must_use]
    pub const fn previous(self) -> ListVersion {
        if self.0 > 1 { ListVersion(self.0 - 1) } else { ListVersion(ListVersion::MAX) }
    }

    /// Its number.
    pub const fn value(self) -> u32 {
        self.0
    }
}

impl From<ListVersion> for u32 {
    fn from(version: ListVersion) -> u32 {
        version.0
    }
}

impl TryFrom<u32> for ListVersion {
    type Error = &'static str;
    fn try_from(value: u32) -> Result<ListVersion, &'static str> {
        ListVersion::new(value).ok_or("a list version is between 1 and 2147483647")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_version_is_legal() {
        for word in [0, 1, ListVersion::MAX - 1, ListVersion::MAX, ListVersion::MAX + 1, u32::MAX] {
            let version = ListVersion::from_entropy(word);
            assert_eq!(ListVersion::new(version.value()), Some(version), "{word}");
        }
        assert_eq!(ListVersion::from_entropy(ListVersion::MAX - 1).value(), ListVersion::MAX);
    }

    #[test]
    fn versions_are_in_order_although_the_numbers_begin_again() {
        let version = |value| ListVersion::new(value).unwrap();
        let (last, first) = (version(ListVersion::MAX), version(1));
        assert!(first.is_after(last) && !last.is_after(first));
        assert!(!first.is_after(first));
        assert!(version(5).is_after(version(4)) && !version(4).is_after(version(5)));
        assert_eq!(version(3).distance_from(version(ListVersion::MAX - 1)), 4);
        assert_eq!(last.next().distance_from(last), 1);
    }

    #[test]
    fn versions_stay_positive() {
        assert_eq!(ListVersion::new(0), None);
        assert_eq!(ListVersion::new(1 << 31), None);
        assert_eq!(ListVersion::new(ListVersion::MAX).map(ListVersion::next), ListVersion::new(1));
    }
}
