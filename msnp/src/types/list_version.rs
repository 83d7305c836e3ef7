use super::OutOfRangeError;

/// The version of an account's stored lists and settings ("Ser#"). Each change makes a new one.
///
/// A version is positive and below 2³¹, since clients parse it with `atoi`. It is never 0: Gaim
/// sends `SYN 0`, and would wait forever for lists if 0 were the current version
/// (`Quirk::AsksForVersionZero`).
///
/// Clients only compare versions for equality. A server should start an account with a random
/// version, also after a restore, so that no client has the same version in its cache. Versions
/// have no `Ord`, since the one after [`ListVersion::MAX`] is 1.
///
/// ```
/// use msnp::ListVersion;
///
/// let version = ListVersion::new(66_000_021).unwrap();
/// assert_eq!(version.next().value(), 66_000_022);
///
/// let last = ListVersion::new(ListVersion::MAX).unwrap();
/// assert_eq!(last.next().value(), 1);
/// assert!(last.next().is_after(last));
/// assert_eq!(ListVersion::new(0), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u32", into = "u32"))]
pub struct ListVersion(u32);

impl ListVersion {
    /// The largest list version.
    pub const MAX: u32 = i32::MAX.unsigned_abs();

    /// Returns a list version, or `None` if `value` is out of range.
    pub const fn new(value: u32) -> Option<ListVersion> {
        if value == 0 || value > ListVersion::MAX { None } else { Some(ListVersion(value)) }
    }

    /// Makes a version from 32 random bits. All versions have almost the same probability.
    ///
    /// ```
    /// assert_eq!(msnp::ListVersion::from_entropy(0x1234).value(), 0x1235);
    /// ```
    pub const fn from_entropy(random: u32) -> ListVersion {
        ListVersion(random % ListVersion::MAX + 1)
    }

    /// Returns the number of changes from an earlier version to this one.
    pub const fn distance_from(self, earlier: ListVersion) -> u32 {
        if self.0 >= earlier.0 { self.0 - earlier.0 } else { ListVersion::MAX - earlier.0 + self.0 }
    }

    /// Whether this version is later than another one of the same account. The numbers may have
    /// restarted at 1 since. The result is right if there were fewer than `ListVersion::MAX / 2`
    /// changes between the two.
    pub const fn is_after(self, other: ListVersion) -> bool {
        let changes = self.distance_from(other);
        changes != 0 && changes < ListVersion::MAX / 2
    }

    /// Returns the version after this one.
    #[must_use]
    pub const fn next(self) -> ListVersion {
        if self.0 < ListVersion::MAX { ListVersion(self.0 + 1) } else { ListVersion(1) }
    }

    /// Returns the version before this one.
    #[must_use]
    pub const fn previous(self) -> ListVersion {
        if self.0 > 1 { ListVersion(self.0 - 1) } else { ListVersion(ListVersion::MAX) }
    }

    /// Returns the number.
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
    type Error = OutOfRangeError;
    fn try_from(value: u32) -> Result<ListVersion, OutOfRangeError> {
        ListVersion::new(value)
            .ok_or(OutOfRangeError { rule: "a list version is between 1 and 2147483647" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_version_is_in_range() {
        for bits in [0, 1, ListVersion::MAX - 1, ListVersion::MAX, ListVersion::MAX + 1, u32::MAX] {
            let version = ListVersion::from_entropy(bits);
            assert_eq!(ListVersion::new(version.value()), Some(version), "{bits}");
        }
        assert_eq!(ListVersion::from_entropy(ListVersion::MAX - 1).value(), ListVersion::MAX);
    }

    #[test]
    fn versions_stay_in_order_when_the_numbers_restart() {
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
