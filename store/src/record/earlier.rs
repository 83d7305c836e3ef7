//! Older versions of the records, and their conversion.

use super::{Account, Entry, Record, RecordError, decode_all};
use crate::seal::Sealed;
use actors::port::PhoneNumbers;
use msnp::{AddNotice, FriendlyName, GroupId, GroupIds, Handle, ListVersion, Privacy};
use serde::Deserialize;

/// Version 1 of an account, without groups and telephone numbers.
#[derive(Deserialize)]
struct FirstAccount {
    handle: Handle,
    name: FriendlyName,
    version: ListVersion,
    add_notice: AddNotice,
    privacy: Privacy,
    password: Sealed,
    next_position: u64,
}

impl Record for Account {
    const VERSION: u8 = 2;

    fn decode_older(version: u8, bytes: &[u8]) -> Result<Account, RecordError> {
        if version != 1 {
            return Err(RecordError::Damaged);
        }
        let FirstAccount { handle, name, version, add_notice, privacy, password, next_position } =
            decode_all(bytes)?;
        let (groups, numbers) = (Vec::new(), PhoneNumbers::default());
        Ok(Account {
            handle,
            name,
            version,
            add_notice,
            privacy,
            password,
            next_position,
            groups,
            numbers,
        })
    }
}

/// Version 1 of an entry, without groups.
#[derive(Deserialize)]
struct FirstEntry {
    added_at: u64,
    name: Option<Box<str>>,
    positions: [Option<u64>; 4],
}

impl Record for Entry {
    const VERSION: u8 = 2;

    fn decode_older(version: u8, bytes: &[u8]) -> Result<Entry, RecordError> {
        if version != 1 {
            return Err(RecordError::Damaged);
        }
        let FirstEntry { added_at, name, positions } = decode_all(bytes)?;
        let [forward, ..] = positions;
        let groups = forward.map_or(GroupIds::NONE, |_| GroupId::ZERO.into());
        Ok(Entry { added_at, name, positions, groups })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{decode, encode};
    use super::*;
    use msnp::List;

    #[test]
    fn an_entry_of_the_first_version_is_in_group_0_if_it_is_on_the_forward_list() {
        let forward = b"\x01\x80\x94\xeb\xdc\x03\x01\x05Bobby\x01\xac\x02\0\0\x01\xac\x02";
        let entry: Entry = decode(forward).unwrap();
        assert_eq!(entry.name.as_deref(), Some("Bobby"));
        assert_eq!((entry.position(List::Forward), entry.position(List::Allow)), (Some(300), None));
        assert_eq!(entry.groups(), GroupId::ZERO.into());
        assert_eq!(encode(&entry).unwrap()[0], 2);
        let reverse = b"\x01\x07\0\0\0\0\x01\x05";
        let entry: Entry = decode(reverse).unwrap();
        assert_eq!((entry.position(List::Reverse), entry.groups()), (Some(5), GroupIds::NONE));
    }

    #[test]
    fn malformed_older_records_are_damaged() {
        let entry = b"\x01\x07\0\0\0\0\x01\x05";
        for end in 0..entry.len() {
            assert_eq!(decode::<Entry>(&entry[..end]), Err(RecordError::Damaged), "{end}");
        }
        assert_eq!(decode::<Entry>(&[entry, b"\0".as_slice()].concat()), Err(RecordError::Damaged));
        assert_eq!(decode::<Entry>(b"\0\x07\0\0\0\0\x01\x05"), Err(RecordError::Damaged));
        for account in [b"\x01".as_slice(), b"\0", b"\x01\x06a@b.cd\x01a\x01\0\0"] {
            assert_eq!(decode::<Account>(account).err(), Some(RecordError::Damaged));
        }
    }
}
