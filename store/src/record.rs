//! What a row says, and its bytes: a version, then the record in postcard's encoding. A record
//! that changes its fields changes its version; the older form is then read and brought up to date
//! in `record/earlier.rs`.

use crate::seal::Sealed;
use actors::port::Numbers;
use actors::port::store::Principal;
use actors::rules::{Group, Membership};
use msnp::{AddNotice, FriendlyName, GroupIds, Handle, List, ListVersion, MemberProfile, Privacy};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

mod earlier;

/// Why bytes are no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// A later version of the program wrote them.
    Newer,
    /// They make no sense.
    Damaged,
}

/// What is kept in a row.
pub(crate) trait Record: Serialize + DeserializeOwned {
    /// The version that is written.
    const VERSION: u8 = 1;

    /// Reads the bytes of an earlier version.
    fn earlier(_version: u8, _bytes: &[u8]) -> Result<Self, Unreadable> {
        Err(Unreadable::Damaged)
    }
}

/// An account number.
impl Record for u32 {}
impl Record for Sealed {}

/// What the member directory has of an account.
impl Record for MemberProfile {}

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) handle: Handle,
    pub(crate) name: FriendlyName,
    pub(crate) version: ListVersion,
    pub(crate) prompting: AddNotice,
    pub(crate) privacy: Privacy,
    pub(crate) password: Sealed,
    /// How many places the lists have given away; see [`Entry::set`].
    pub(crate) places: u64,
    /// In the order of their numbers. Without any there is group 0 all the same; with any, it is
    /// one of them.
    pub(crate) groups: Vec<Group>,
    pub(crate) numbers: Numbers,
}

impl Account {
    /// Whose it is.
    pub(crate) fn principal(&self) -> Principal {
        Principal { handle: self.handle.clone(), name: self.name.clone() }
    }

    /// A change was made: the lists get a new version.
    pub(crate) fn changed(&mut self) {
        self.version = self.version.next();
    }

    /// A place behind all others of the lists.
    pub(crate) fn next_place(&mut self) -> u64 {
        let place = self.places;
        self.places = place.saturating_add(1);
        place
    }

    /// A name to show for this principal that differs from what he is shown as without it.
    pub(crate) fn another_name(&self, name: &str) -> Option<Box<str>> {
        let known = name == self.name.as_str() || name == self.handle.as_str();
        (!known).then(|| name.into())
    }
}

/// What an owner's lists say of one contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// When he came on the first of them, in seconds since 1970.
    since: u64,
    /// The name that the owner gave him.
    pub(crate) name: Option<Box<str>>,
    /// Where he stands on each list of [`List::ALL`] that he is on.
    places: [Option<u64>; 4],
    /// In which of the owner's groups he is, as long as he is on the forward list.
    groups: GroupIds,
}

impl Entry {
    /// An entry on no list yet.
    pub(crate) fn new(now: u64) -> Entry {
        Entry { since: now, name: None, places: [None; 4], groups: GroupIds::NONE }
    }

    /// Where he stands on a list: entries are in the order of their places.
    pub(crate) fn place(&self, list: List) -> Option<u64> {
        let [forward, allow, block, reverse] = self.places;
        match list {
            List::Forward => forward,
            List::Allow => allow,
            List::Block => block,
            List::Reverse => reverse,
        }
    }

    /// On which lists he is.
    pub(crate) fn membership(&self) -> Membership {
        let on = List::ALL.into_iter().filter(|list| self.place(*list).is_some());
        on.fold(Membership::NONE, Membership::with)
    }

    pub(crate) fn is_on_no_list(&self) -> bool {
        self.membership() == Membership::NONE
    }

    /// In which groups he is.
    pub(crate) fn groups(&self) -> GroupIds {
        self.groups
    }

    /// Puts him in exactly these groups.
    pub(crate) fn set_groups(&mut self, groups: GroupIds) {
        self.groups = groups;
    }

    /// Puts him on exactly these lists: `end` is his place on those that he was not on. Without the
    /// forward list he is in no group.
    pub(crate) fn set(&mut self, on: Membership, end: u64) {
        for (list, place) in List::ALL.into_iter().zip(&mut self.places) {
            *place = if on.contains(list) { place.or(Some(end)) } else { None };
        }
        if !on.contains(List::Forward) {
            self.groups = GroupIds::NONE;
        }
    }
}

/// The bytes of a record.
pub(crate) fn encode<T: Record>(record: &T) -> Option<Vec<u8>> {
    postcard::to_extend(record, vec![T::VERSION]).ok()
}

/// The record of such bytes.
pub(crate) fn decode<T: Record>(bytes: &[u8]) -> Result<T, Unreadable> {
    let (version, record) = bytes.split_first().ok_or(Unreadable::Damaged)?;
    match version.cmp(&T::VERSION) {
        Ordering::Equal => whole(record),
        Ordering::Greater => Err(Unreadable::Newer),
        Ordering::Less => T::earlier(*version, record),
    }
}

/// What all of these bytes are in postcard's encoding.
fn whole<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unreadable> {
    match postcard::take_from_bytes(bytes) {
        Ok((found, [])) => Ok(found),
        Ok(_) | Err(_) => Err(Unreadable::Damaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Record for ListVersion {}
    impl Record for Handle {}

    fn entry() -> Entry {
        let mut entry = Entry::new(1_000_000_000);
        entry.name = Some("Bobby".into());
        entry.set(Membership::NONE.with(List::Forward).with(List::Reverse), 300);
        entry.set_groups(GroupIds::parse(b"1,8").unwrap());
        entry
    }

    #[test]
    fn a_record_is_its_version_and_postcard() {
        let bytes = encode(&entry()).unwrap();
        let expected = b"\x02\x80\x94\xeb\xdc\x03\x01\x05Bobby\x01\xac\x02\0\0\x01\xac\x02\x82\x02";
        assert_eq!(bytes, expected);
        assert_eq!(decode(&bytes), Ok(entry()));
    }

    #[test]
    fn a_later_version_is_told_from_damage() {
        let mut bytes = encode(&entry()).unwrap();
        bytes[0] = 3;
        assert_eq!(decode::<Entry>(&bytes), Err(Unreadable::Newer));
        bytes[0] = 0;
        assert_eq!(decode::<Entry>(&bytes), Err(Unreadable::Damaged));
    }

    #[test]
    fn a_record_cut_short_or_too_long_is_damaged() {
        let mut bytes = encode(&entry()).unwrap();
        for end in 0..bytes.len() {
            assert_eq!(decode::<Entry>(&bytes[..end]), Err(Unreadable::Damaged), "{end}");
        }
        bytes.push(0);
        assert_eq!(decode::<Entry>(&bytes), Err(Unreadable::Damaged));
    }

    #[test]
    fn values_that_cannot_be_are_damage() {
        let list_version_zero = [1, 0];
        assert_eq!(decode::<ListVersion>(&list_version_zero), Err(Unreadable::Damaged));
        let handle_without_domain = b"\x01\x05alice";
        assert_eq!(decode::<Handle>(handle_without_domain), Err(Unreadable::Damaged));
    }

    #[test]
    fn a_list_that_he_was_on_keeps_his_place() {
        let mut entry = entry();
        entry.set(Membership::NONE.with(List::Forward).with(List::Allow), 400);
        assert_eq!(entry.place(List::Forward), Some(300));
        assert_eq!(entry.place(List::Allow), Some(400));
        assert_eq!(entry.place(List::Reverse), None);
    }

    #[test]
    fn whoever_leaves_the_forward_list_leaves_the_groups() {
        let mut entry = entry();
        entry.set(Membership::NONE.with(List::Forward), 400);
        assert_eq!(entry.groups(), GroupIds::parse(b"1,8").unwrap());
        entry.set(Membership::NONE.with(List::Allow), 400);
        assert!(entry.groups().is_empty());
    }
}
