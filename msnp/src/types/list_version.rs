/// The version of an account's stored lists and settings ("Ser#"): each change makes a new one.
/// Positive and below 2³¹, since clients read it with `atoi`; never 0, since Gaim waits for ever
/// when its `SYN 0` is answered with "up to date" (`Quirk::AsksForVersionZero`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// The version that the first one of an account has: seconds since 2000-01-01, so that it
    /// does not collide with one that a client cached from another server. A clock that stands
    /// before `floor` (both in seconds since 1970) is not believed: small boards have no battery.
    pub const fn from_clock(now: u64, floor: u64) -> ListVersion {
        let now = if now < floor { floor } else { now };
        let since_2000 = now.saturating_sub(946_684_800);
        if since_2000 == 0 || since_2000 > ListVersion::MAX as u64 {
            ListVersion(ListVersion::MAX / 2)
        } else {
            #[expect(clippy::cast_possible_truncation, reason = "it is below 2^31, just checked")]
            ListVersion(since_2000 as u32)
        }
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
    fn the_first_version_comes_from_the_clock_but_not_from_a_wrong_one() {
        let build = 1_790_000_000;
        assert_eq!(ListVersion::from_clock(1_795_405_482, build).value(), 848_720_682);
        assert_eq!(ListVersion::from_clock(0, build).value(), 843_315_200);
    }

    #[test]
    fn versions_stay_positive() {
        assert_eq!(ListVersion::new(0), None);
        assert_eq!(ListVersion::new(1 << 31), None);
        assert_eq!(ListVersion::new(ListVersion::MAX).map(ListVersion::next), ListVersion::new(1));
    }
}
