use super::{List, OutOfRangeError};
use crate::line::number;

/// The lists of a user that a contact is on. Since MSNP8, these lists are sent as a sum of bits: 1 for
/// the forward list, 2 for the allow list, 4 for the block list and 8 for the reverse list.
///
/// ```
/// use msnp::{List, Membership};
///
/// let membership = Membership::parse(b"11").unwrap();
/// assert!(membership.contains(List::Reverse) && !membership.contains(List::Block));
/// assert_eq!(membership.without(List::Forward).bits(), 10);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "u8", try_from = "u8"))]
pub struct Membership(u8);

impl Membership {
    /// On no list.
    pub const NONE: Membership = Membership(0);

    /// On all four lists.
    const ALL: Membership = Membership(15);

    /// Parses a sum such as `11`. Returns `None` if it is illegal.
    pub fn parse(word: &[u8]) -> Option<Membership> {
        u8::try_from(number(word)?).ok().and_then(|bits| Membership::try_from(bits).ok())
    }

    /// Returns the sum.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Returns whether the contact is on this list.
    pub fn contains(self, list: List) -> bool {
        self.0 & Membership::from(list).0 != 0
    }

    /// Returns the lists with this one added.
    #[must_use]
    pub fn with(self, list: List) -> Membership {
        self.union(list.into())
    }

    /// Returns the lists with this one removed.
    #[must_use]
    pub fn without(self, list: List) -> Membership {
        Membership(self.0 & !Membership::from(list).0)
    }

    /// Returns the lists of both memberships together.
    #[must_use]
    pub fn union(self, other: Membership) -> Membership {
        Membership(self.0 | other.0)
    }
}

impl From<List> for Membership {
    fn from(list: List) -> Membership {
        Membership(match list {
            List::Forward => 1,
            List::Allow => 2,
            List::Block => 4,
            List::Reverse => 8,
        })
    }
}

impl From<Membership> for u8 {
    fn from(membership: Membership) -> u8 {
        membership.0
    }
}

impl TryFrom<u8> for Membership {
    type Error = OutOfRangeError;
    fn try_from(bits: u8) -> Result<Membership, OutOfRangeError> {
        let is_legal = bits <= Membership::ALL.0;
        is_legal.then_some(Membership(bits)).ok_or(OutOfRangeError { rule: "there are four lists" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_has_its_bit() {
        let all = List::ALL.map(|list| Membership::from(list).bits());
        assert_eq!(all, [1, 2, 4, 8]);
        let on_all = List::ALL.into_iter().fold(Membership::NONE, Membership::with);
        assert_eq!(on_all, Membership::ALL);
        assert_eq!(Membership::parse(b"0"), Some(Membership::NONE));
        for word in [b"16".as_slice(), b"256", b"267", b"", b"-1", b"FL"] {
            assert_eq!(Membership::parse(word), None);
        }
    }
}
