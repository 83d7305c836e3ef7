//! Complete backups that must not be restored.

use super::*;
use crate::kv_store::WITH_EXCLUSIONS;
use crate::memory::Maps;
use crate::rows::{account_key, entry_key};
use crate::verify::tests::{ALICE, BOB, delete_entry, intact_maps, key};
use msnp::ProfileText;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::io::Cursor;
use zeroize::Zeroizing;

fn version(value: u32) -> ListVersion {
    ListVersion::new(value).unwrap()
}

/// Always returns the same version.
fn always() -> Result<ListVersion, StoreError> {
    Ok(version(7))
}

fn other_key() -> Key {
    Key::new(&Zeroizing::new([8; 32]))
}

/// A store with one row that a restore would remove.
fn target() -> Maps {
    let maps = Maps::default();
    maps.write(|rows| rows.put(Table::Handles, b"here", b"damaged")).unwrap();
    maps
}

fn untouched(maps: &Maps) -> bool {
    maps.read(|rows| rows.get(Table::Handles, b"here")).unwrap().is_some()
}

/// A backup of these rows. They are not verified.
fn written(maps: &Maps, with_key: Option<&Key>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer =
        Writer::new(&mut bytes, with_key.map(Key::bytes), WITH_EXCLUSIONS, MAX_SIZE).unwrap();
    let all = maps.read_once(|rows| {
        for table in Table::ALL.into_iter().filter(|table| !table.is_index()) {
            rows.scan(table, &[], &mut |key, value| {
                writer.row(table, key, value).unwrap();
                Ok(())
            })?;
        }
        Ok(())
    });
    all.unwrap();
    writer.finish().unwrap();
    bytes
}

/// Changes an intact store, and restores its backup into a store with another key.
fn restored<T>(
    change: impl Fn(&mut dyn RowsMut) -> Result<T, StoreError>,
) -> Result<Restored, ArchiveError> {
    let maps = intact_maps();
    maps.write(change).unwrap();
    let target = target();
    let bytes = written(&maps, Some(&key()));
    let restored = restore(&target, &other_key(), &mut Cursor::new(&bytes), &always);
    assert_eq!(untouched(&target), restored.is_err());
    restored
}

#[track_caller]
fn refused<T>(change: impl Fn(&mut dyn RowsMut) -> Result<T, StoreError>, words: &str) {
    match restored(change) {
        Err(ArchiveError::NotABackup(why)) => assert_eq!(why, words),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_older_program_reads_a_backup_without_profiles() {
    let maps = intact_maps();
    let version = |maps: &Maps| {
        let mut bytes = Vec::new();
        backup(maps, &key(), false, &mut bytes).unwrap();
        bytes["msnpd backup\n".len()]
    };
    assert_eq!(version(&maps), 1);
    let text = || ProfileText::new("Bob").unwrap();
    let profile =
        MemberProfile { first: text(), last: text(), city: None, state: None, country: None };
    maps.write(|rows| rows.put_profile(BOB, Some(&profile))).unwrap();
    assert_eq!(version(&maps), 2);
}

#[test]
fn a_restore_replaces_damaged_rows_and_seals_with_the_local_key() {
    let maps = intact_maps();
    let target = Maps::default();
    let damaged = target.write(|rows| {
        for table in Table::ALL {
            rows.put(table, b"no", b"no")?;
        }
        rows.put(Table::Meta, Meta::NextAccount.key(), b"no")?;
        rows.put(Table::Accounts, &account_key(ALICE), b"no")?;
        rows.put(Table::Handles, b"alice@b.cd", &account_key(ALICE))
    });
    damaged.unwrap();
    let mut bytes = Vec::new();
    backup(&maps, &key(), true, &mut bytes).unwrap();
    let restored = restore(&target, &other_key(), &mut Cursor::new(&bytes), &always).unwrap();
    assert_eq!(restored, Restored { accounts: 3 });
    let report = target.read(|rows| verify(rows, &other_key())).unwrap();
    assert_eq!((report.accounts, report.entries, report.faults), (3, 3, vec![]));
    let version = target.read(|rows| Ok(rows.account(ALICE)?.unwrap().version)).unwrap();
    assert_eq!(version.value(), 7);
}

#[test]
fn backups_that_break_a_rule_of_the_store_are_refused() {
    refused(
        |rows| delete_entry(rows, BOB, ALICE),
        "alice@b.cd has bob@b.cd on the forward list, but is not on the reverse list of bob@b.cd",
    );
    refused(
        |rows| rows.delete(Table::Handles, b"bob@b.cd"),
        "the handle bob@b.cd is missing from the handles table",
    );
    refused(|rows| rows.delete(Table::Meta, Meta::Format.key()), "its format version is missing");
    refused(|rows| rows.delete(Table::Meta, Meta::KeyCheck.key()), "its key check is missing");
    refused(
        |rows| rows.put_record(Table::Meta, Meta::KeyCheck.key(), &other_key().make_check()?),
        "its key does not fit its passwords",
    );
    refused(
        |rows| rows.delete(Table::Meta, Meta::NextAccount.key()),
        "the next account would have number 1, but carol@b.cd has number 3",
    );
    refused(
        |rows| rows.put_record(Table::Meta, Meta::NextAccount.key(), &u32::MAX),
        "the next account would have number 4294967295, which leaves too few unused numbers",
    );
}

#[test]
fn an_implausible_next_account_number_is_not_kept() {
    let target = intact_maps();
    let next = Meta::NextAccount.key();
    target.write(|rows| rows.put_record(Table::Meta, next, &u32::MAX)).unwrap();
    let bytes = written(&intact_maps(), Some(&key()));
    restore(&target, &key(), &mut Cursor::new(&bytes), &always).unwrap();
    let next: Option<u32> = target.read(|rows| rows.record(Table::Meta, next)).unwrap();
    assert_eq!(next, Some(4));
}

#[test]
fn a_store_with_an_unknown_row_is_not_backed_up() {
    let maps = intact_maps();
    maps.write(|rows| rows.put(Table::Meta, b"no", b"\x01")).unwrap();
    let failed = backup(&maps, &key(), true, &mut Vec::new());
    assert!(matches!(failed, Err(ArchiveError::Store(StoreError::Damaged(..)))), "{failed:?}");
}

#[test]
fn backups_with_unreadable_rows_are_refused() {
    let unreadable = "a record cannot be read";
    refused(|rows| rows.put(Table::Accounts, &account_key(BOB), b"\x01"), unreadable);
    refused(|rows| rows.put(Table::Entries, &entry_key(ALICE, BOB), b"\x01"), unreadable);
    refused(|rows| rows.put(Table::Profiles, &account_key(BOB), b"\x01"), unreadable);
    refused(|rows| rows.put(Table::Meta, Meta::NextAccount.key(), b""), unreadable);
    for table in Table::ALL.into_iter().filter(|table| !table.is_index()) {
        refused(|rows| rows.put(table, b"no", b"\x01"), "a row key cannot be read");
    }
    refused(|rows| rows.put(Table::Handles, b"bob@b.cd", b"no"), "a row key cannot be read");
    let later = |table: Table, key: &[u8]| restored(|rows| rows.put(table, key, b"\x04"));
    for later in [
        later(Table::Meta, Meta::Format.key()),
        later(Table::Accounts, &account_key(BOB)),
        later(Table::Entries, &entry_key(ALICE, BOB)),
        later(Table::Profiles, &account_key(BOB)),
        later(Table::Disabled, &account_key(BOB)),
        later(Table::Denied, b"\x04\x0a\0\0\0\x08"),
    ] {
        assert!(matches!(later, Err(ArchiveError::Newer)), "{later:?}");
    }
}

#[test]
fn a_store_with_faults_is_not_backed_up() {
    let maps = intact_maps();
    maps.write(|rows| delete_entry(rows, BOB, ALICE)).unwrap();
    let failed = backup(&maps, &key(), true, &mut Vec::new());
    let Err(ArchiveError::Store(StoreError::Damaged(_, why))) = failed else {
        panic!("{failed:?}")
    };
    assert!(why.starts_with("alice@b.cd has bob@b.cd on the forward list"), "{why}");
}

#[test]
fn random_bytes_with_a_valid_checksum_are_refused_or_restored_in_order() {
    let whole = written(&intact_maps(), Some(&key()));
    let body = &whole[..whole.len() - 32];
    let mut seed = 7_u64;
    let mut roll = |sides: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % sides
    };
    let mut accepted = 0;
    for round in 0..4_000 {
        let mut bytes = body.to_vec();
        for _ in 0..=roll(3) {
            let at = roll(bytes.len());
            match round % 4 {
                0 => bytes[at] ^= 1 << roll(8),
                1 => bytes[at] = [0, 1, 0x7F, 0xFF][roll(4)],
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, u8::try_from(roll(256)).unwrap()),
            }
        }
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(sum.as_slice());
        let target = target();
        let restored = restore(&target, &other_key(), &mut Cursor::new(&bytes), &always);
        assert_eq!(untouched(&target), restored.is_err(), "round {round}");
        if restored.is_ok() {
            accepted += 1;
            let report = target.read(|rows| verify(rows, &other_key())).unwrap();
            assert_eq!(report.faults, [""; 0], "round {round}");
        }
    }
    assert!(accepted > 10, "some changes are harmless: {accepted}");
}

#[test]
fn a_version_that_was_used_or_is_used_soon_is_not_chosen() {
    let maps = intact_maps();
    let mut bytes = Vec::new();
    backup(&maps, &key(), true, &mut bytes).unwrap();
    let set = |value| {
        let set = maps.write(|rows| {
            let mut account = rows.account(ALICE)?.unwrap();
            account.version = version(value);
            rows.put_account(ALICE, &account)
        });
        set.unwrap();
    };
    let in_backup = maps.read(|rows| Ok(rows.account(ALICE)?.unwrap().version)).unwrap();
    for here in [in_backup.next().value(), 5, ListVersion::MAX] {
        set(here);
        // Alice's account is the first in the backup.
        let near = if here == 5 { ListVersion::MAX - 3 } else { here - 4 };
        let offered = [in_backup.value(), here, near, 900_000_000].map(version);
        // The middle of the range: far from both ends.
        let others = (0..).map(|number| version(1_000_000_000 + 10_000_000 * number));
        let offered = RefCell::new(offered.into_iter().chain(others));
        let chosen = RefCell::new(Vec::new());
        let random = || {
            let next = offered.borrow_mut().next().unwrap();
            chosen.borrow_mut().push(next.value());
            Ok(next)
        };
        restore(&maps, &key(), &mut Cursor::new(&bytes), &random).unwrap();
        assert_eq!(chosen.borrow()[3], 900_000_000);
        let now = maps.read(|rows| Ok(rows.account(ALICE)?.unwrap().version)).unwrap();
        assert_eq!(now.value(), 900_000_000);
    }
}
