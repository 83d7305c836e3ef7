use super::GroupId;

/// The identifier of a contact or a group since MSNP10: 36 characters.
///
/// Clients store these identifiers, so they must not change. The GUID of a contact contains the
/// number of the contact's account. The GUID of a group contains the number of the owner's account
/// and the number of the group. So a server need not store GUIDs. The form is that of a UUID of
/// version 8, whose bits can be chosen freely (RFC 9562, section 5.8).
///
/// ```
/// use msnp::{GroupId, Guid};
///
/// let bob = Guid::contact(42);
/// assert_eq!(bob.to_string(), "0000002a-0000-8000-8000-6d736e706463");
/// assert_eq!(Guid::parse(bob.to_string().as_bytes()), Some(bob));
/// assert_eq!(bob.as_contact(), Some(42));
/// assert_eq!(Guid::group(42, GroupId::ZERO).as_contact(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Guid(u128);

/// The lower bits of the GUID of a contact: version 8, variant 10 (binary), and `msnpdc` in ASCII.
const CONTACT: u128 = 0x8000_8000_6d73_6e70_6463;
/// The lower bits of the GUID of a group: version 8, variant 10 (binary), and `msnpdg` in ASCII.
const GROUP: u128 = 0x8000_8000_6d73_6e70_6467;

/// The number of bits below the number of the account.
const ACCOUNT_SHIFT: u32 = 96;
/// The number of bits below the number of the group.
const GROUP_SHIFT: u32 = 80;

impl Guid {
    /// The length as text, in characters.
    pub const LEN: usize = 36;

    /// Returns the GUID of the contact whose account has this number.
    pub const fn contact(account: u32) -> Guid {
        Guid((account as u128) << ACCOUNT_SHIFT | CONTACT)
    }

    /// Returns the GUID of a group. `owner` is the number of the account that has the group.
    pub const fn group(owner: u32, group: GroupId) -> Guid {
        Guid((owner as u128) << ACCOUNT_SHIFT | (group.number() as u128) << GROUP_SHIFT | GROUP)
    }

    /// Returns the number of the account, if this is the GUID of a contact.
    pub fn as_contact(self) -> Option<u32> {
        let account = u32::try_from(self.0 >> ACCOUNT_SHIFT).ok()?;
        (self == Guid::contact(account)).then_some(account)
    }

    /// Returns the number of the owner's account and the group, if this is the GUID of a group.
    pub fn as_group(self) -> Option<(u32, GroupId)> {
        let owner = u32::try_from(self.0 >> ACCOUNT_SHIFT).ok()?;
        let number = u8::try_from(self.0 >> GROUP_SHIFT & 0xffff).ok()?;
        let group = GroupId::new(number)?;
        (self == Guid::group(owner, group)).then_some((owner, group))
    }

    /// Parses any GUID, in either case, without braces. Returns `None` for anything else.
    pub fn parse(word: &[u8]) -> Option<Guid> {
        if word.len() != Guid::LEN {
            return None;
        }
        let value = word.iter().enumerate().try_fold(0u128, |value, (index, byte)| {
            match (HYPHENS.contains(&index), char::from(*byte)) {
                (true, '-') => Some(value),
                (true, _) => None,
                (false, digit) => Some(value << 4 | u128::from(digit.to_digit(16)?)),
            }
        });
        value.map(Guid)
    }
}

/// The indexes of the hyphens in the text.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

impl core::fmt::Display for Guid {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The value of `bits` bits, above the lowest `shift` ones.
        let part = |shift: u32, bits: u32| self.0 >> shift & ((1 << bits) - 1);
        let (first, second, third) = (part(96, 32), part(80, 16), part(64, 16));
        write!(f, "{first:08x}-{second:04x}-{third:04x}-{:04x}-{:012x}", part(48, 16), part(0, 48))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn numbers_are_read_back() {
        for account in [0, 1, 42, u32::MAX] {
            let contact = Guid::contact(account);
            assert_eq!(contact.as_contact(), Some(account));
            assert_eq!(contact.as_group(), None);
            for group in GroupId::all() {
                let guid = Guid::group(account, group);
                assert_eq!((guid.as_group(), guid.as_contact()), (Some((account, group)), None));
                assert_eq!(Guid::parse(guid.to_string().as_bytes()), Some(guid));
            }
        }
    }

    /// Clients have GUIDs in their caches: a later version of the server must make the same ones.
    #[test]
    fn guids_never_change() {
        let group = GroupId::new(29).unwrap();
        let texts = [Guid::contact(1), Guid::group(1, GroupId::ZERO), Guid::group(u32::MAX, group)];
        assert_eq!(
            texts.map(|guid| guid.to_string()),
            [
                "00000001-0000-8000-8000-6d736e706463",
                "00000001-0000-8000-8000-6d736e706467",
                "ffffffff-001d-8000-8000-6d736e706467",
            ]
        );
    }

    #[test]
    fn a_foreign_guid_stands_for_nothing() {
        for text in [
            "bcad589c-ca2d-4aa7-88fd-a998ddd2afcc",
            "BCAD589C-CA2D-4AA7-88FD-A998DDD2AFCC",
            "00000001-0001-8000-8000-6d736e706463",
            "00000001-001e-8000-8000-6d736e706467",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ] {
            let guid = Guid::parse(text.as_bytes()).unwrap();
            assert_eq!(guid.to_string(), text.to_ascii_lowercase());
            assert_eq!((guid.as_contact(), guid.as_group()), (None, None), "{text}");
        }
    }

    #[test]
    fn other_words_are_no_guids() {
        for word in [
            "",
            "New%20Group",
            "bcad589cca2d4aa788fda998ddd2afcc",
            "{cad589c-ca2d-4aa7-88fd-a998ddd2afc}",
            "bcad589c-ca2d-4aa7-88fd-a998ddd2afcg",
            "bcad589c-ca2d-4aa7-88fda-998ddd2afcc",
            "bcad589c-ca2d-4aa7-88fd-a998ddd2afccc",
            "+cad589c-ca2d-4aa7-88fd-a998ddd2afcc",
        ] {
            assert_eq!(Guid::parse(word.as_bytes()), None, "{word}");
        }
    }
}
