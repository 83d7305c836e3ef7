//! The records in the rows, and their encoding: a version byte, then the record in postcard's
//! encoding. When the fields of a record change, its version changes. Older versions are read and
//! converted in `record/earlier.rs`.

use crate::seal::Sealed;
use actors::port::PhoneNumbers;
use actors::port::store::Principal;
use actors::rules::{Group, Membership};
use msnp::{AddNotice, FriendlyName, GroupIds, Handle, List, ListVersion, MemberProfile, Privacy};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

mod earlier;

/// Why bytes cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordError {
    /// A later version of the program wrote them.
    Newer,
    /// They are not a record.
    Damaged,
}

/// A type that is stored in rows.
pub(crate) trait Record: Serialize + DeserializeOwned {
    /// The version that is written.
    const VERSION: u8 = 1;

    /// Decodes an older version.
    fn decode_older(_version: u8, _bytes: &[u8]) -> Result<Self, RecordError> {
        Err(RecordError::Damaged)
    }
}

/// The number of the next account.
impl Record for u32 {}
impl Record for Sealed {}

/// The profile of an account in the member directory.
impl Record for MemberProfile {}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) handle: Handle,
    pub(crate) name: FriendlyName,
    pub(crate) version: ListVersion,
    pub(crate) add_notice: AddNotice,
    pub(crate) privacy: Privacy,
    pub(crate) password: Sealed,
    /// The next free position on the lists; see [`Entry::set`].
    pub(crate) next_position: u64,
    /// Sorted by number. If it is empty, there is only group 0, without a name. Otherwise it
    /// contains group 0.
    pub(crate) groups: Vec<Group>,
    pub(crate) numbers: PhoneNumbers,
}

impl Account {
    pub(crate) fn principal(&self) -> Principal {
        Principal { handle: self.handle.clone(), name: self.name.clone() }
    }

    /// Sets a new list version, after a change.
    pub(crate) fn bump_version(&mut self) {
        self.version = self.version.next();
    }

    /// Returns a new position, after all others on the lists.
    pub(crate) fn take_position(&mut self) -> u64 {
        let position = self.next_position;
        self.next_position = position.saturating_add(1);
        position
    }

    /// Returns `name` if it differs from the user's own name and handle. Otherwise returns `None`:
    /// there is nothing to store.
    pub(crate) fn custom_name(&self, name: &str) -> Option<Box<str>> {
        let is_known = name == self.name.as_str() || name == self.handle.as_str();
        (!is_known).then(|| name.into())
    }
}

/// The entry of one contact on an owner's lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// When the contact was added to the first of the lists, in seconds since 1970.
    added_at: u64,
    /// The name that the owner gave the contact.
    pub(crate) name: Option<Box<str>>,
    /// The contact's position on each list of [`List::ALL`], if they are on it.
    positions: [Option<u64>; 4],
    /// The owner's groups that the contact is in. Empty unless they are on the forward list.
    groups: GroupIds,
}

impl Entry {
    /// An entry that is on no list yet.
    pub(crate) fn new(now: u64) -> Entry {
        Entry { added_at: now, name: None, positions: [None; 4], groups: GroupIds::NONE }
    }

    /// The position on a list. Lists are sorted by position.
    pub(crate) fn position(&self, list: List) -> Option<u64> {
        let [forward, allow, block, reverse] = self.positions;
        match list {
            List::Forward => forward,
            List::Allow => allow,
            List::Block => block,
            List::Reverse => reverse,
        }
    }

    pub(crate) fn membership(&self) -> Membership {
        let on = List::ALL.into_iter().filter(|list| self.position(*list).is_some());
        on.fold(Membership::NONE, Membership::with)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.membership() == Membership::NONE
    }

    pub(crate) fn groups(&self) -> GroupIds {
        self.groups
    }

    pub(crate) fn set_groups(&mut self, groups: GroupIds) {
        self.groups = groups;
    }

    /// Sets the lists that the contact is on. `new_position` is their position on the lists that
    /// they were not on before. Off the forward list, they are in no group.
    pub(crate) fn set(&mut self, lists: Membership, new_position: u64) {
        for (list, position) in List::ALL.into_iter().zip(&mut self.positions) {
            *position = if lists.contains(list) { position.or(Some(new_position)) } else { None };
        }
        if !lists.contains(List::Forward) {
            self.groups = GroupIds::NONE;
        }
    }
}

/// Encodes a record.
pub(crate) fn encode<T: Record>(record: &T) -> Option<Vec<u8>> {
    postcard::to_extend(record, vec![T::VERSION]).ok()
}

/// Decodes a record.
pub(crate) fn decode<T: Record>(bytes: &[u8]) -> Result<T, RecordError> {
    let (version, record) = bytes.split_first().ok_or(RecordError::Damaged)?;
    match version.cmp(&T::VERSION) {
        Ordering::Equal => decode_all(record),
        Ordering::Greater => Err(RecordError::Newer),
        Ordering::Less => T::decode_older(*version, record),
    }
}

/// Decodes a value in postcard's encoding that must use up all bytes.
fn decode_all<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, RecordError> {
    match postcard::take_from_bytes(bytes) {
        Ok((found, [])) => Ok(found),
        Ok(_) | Err(_) => Err(RecordError::Damaged),
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
    fn a_record_is_encoded_as_its_version_and_postcard() {
        let bytes = encode(&entry()).unwrap();
        let expected = b"\x02\x80\x94\xeb\xdc\x03\x01\x05Bobby\x01\xac\x02\0\0\x01\xac\x02\x82\x02";
        assert_eq!(bytes, expected);
        assert_eq!(decode(&bytes), Ok(entry()));
    }

    #[test]
    fn a_newer_version_is_distinguished_from_damage() {
        let mut bytes = encode(&entry()).unwrap();
        bytes[0] = 3;
        assert_eq!(decode::<Entry>(&bytes), Err(RecordError::Newer));
        bytes[0] = 0;
        assert_eq!(decode::<Entry>(&bytes), Err(RecordError::Damaged));
    }

    #[test]
    fn a_record_cut_short_or_too_long_is_damaged() {
        let mut bytes = encode(&entry()).unwrap();
        for end in 0..bytes.len() {
            assert_eq!(decode::<Entry>(&bytes[..end]), Err(RecordError::Damaged), "{end}");
        }
        bytes.push(0);
        assert_eq!(decode::<Entry>(&bytes), Err(RecordError::Damaged));
    }

    #[test]
    fn invalid_values_are_damage() {
        let list_version_zero = [1, 0];
        assert_eq!(decode::<ListVersion>(&list_version_zero), Err(RecordError::Damaged));
        let handle_without_domain = b"\x01\x05alice";
        assert_eq!(decode::<Handle>(handle_without_domain), Err(RecordError::Damaged));
    }

    #[test]
    fn an_entry_keeps_its_place_on_a_list() {
        let mut entry = entry();
        entry.set(Membership::NONE.with(List::Forward).with(List::Allow), 400);
        assert_eq!(entry.position(List::Forward), Some(300));
        assert_eq!(entry.position(List::Allow), Some(400));
        assert_eq!(entry.position(List::Reverse), None);
    }

    #[test]
    fn an_entry_off_the_forward_list_is_in_no_group() {
        let mut entry = entry();
        entry.set(Membership::NONE.with(List::Forward), 400);
        assert_eq!(entry.groups(), GroupIds::parse(b"1,8").unwrap());
        entry.set(Membership::NONE.with(List::Allow), 400);
        assert!(entry.groups().is_empty());
    }
}
