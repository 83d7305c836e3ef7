//! Backups: their content, where they can be restored, and when they are refused.

use super::subject::{Subject, account, group_name, id, name, password, phone, proof, put};
use actors::port::store::{AccountId, Change};
use actors::port::{ArchiveError, Restored};
use msnp::List::{Block, Forward};
use msnp::{ListVersion, PhoneKind, Privacy};
use std::io::{Cursor, Error, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

fn backup(store: &Subject, with_key: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.backup(with_key, &mut bytes).unwrap();
    bytes
}

fn restore(store: &Subject, backup: &[u8]) -> Result<Restored, ArchiveError> {
    store.restore(&mut Cursor::new(backup))
}

fn clean(store: &Subject) {
    assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
}

/// Creates three accounts with lists, names, a setting and different passwords.
fn filled(store: &Subject) -> [AccountId; 3] {
    let ids @ [alice, bob, carol] = store.three();
    for (owner, list, contact) in
        [(alice, Forward, bob), (bob, Forward, alice), (carol, Block, bob)]
    {
        store.put(owner, list, contact).unwrap();
    }
    store.change_one(alice, Change::RenameContact { contact: bob, name: name("Bobby") }).unwrap();
    store
        .change_one(bob, Change::SetPrivacy { privacy: Privacy::BlockOthers, strict: true })
        .unwrap();
    store.change_one(alice, Change::AddGroup(group_name("Friends"))).unwrap();
    let (list, group) = (Forward, Some(id(1)));
    store
        .change_one(alice, Change::Add { list, contact: bob, name: None, limit: 1, group })
        .unwrap();
    store.change_one(carol, phone(PhoneKind::Home, "555 123")).unwrap();
    store.set_password(bob, &password("bobs")).unwrap();
    ids
}

pub(crate) fn a_backup_with_its_key_can_be_restored_anywhere(store: &mut Subject) {
    let [alice, bob, _] = filled(store);
    let (bytes, exported) = (backup(store, true), store.export(true).unwrap());
    for mut other in [Subject::memory(), Subject::file()] {
        other.add("dave");
        assert_eq!(restore(&other, &bytes).unwrap(), Restored { accounts: 3 });
        other.now_and_later(|other| {
            assert_eq!(other.export(true).unwrap(), exported);
            assert_eq!(other.all_accounts(), store.all_accounts());
            assert!(other.check_proof(Some(bob), &proof("1", "bobs")).unwrap());
            assert_eq!(other.roster(alice).unwrap().lists, store.roster(alice).unwrap().lists);
            clean(other);
        });
    }
    store.now_and_later(|store| assert_eq!(store.export(true).unwrap(), exported));
}

pub(crate) fn a_backup_without_its_key_can_be_restored_where_the_key_is(store: &mut Subject) {
    filled(store);
    let (bytes, exported) = (backup(store, false), store.export(true).unwrap());
    for other in [Subject::memory(), Subject::file()] {
        other.add("dave");
        let before = other.export(true).unwrap();
        assert!(matches!(restore(&other, &bytes), Err(ArchiveError::OtherKey)));
        assert_eq!(other.export(true).unwrap(), before);
    }
    store.set_password(AccountId(1), &password("changed")).unwrap();
    store.remove(AccountId(2)).unwrap();
    restore(store, &bytes).unwrap();
    store.now_and_later(|store| assert_eq!(store.export(true).unwrap(), exported));
    clean(store);
}

pub(crate) fn a_backup_has_no_plain_passwords_and_the_key_only_on_request(store: &mut Subject) {
    filled(store);
    let holds = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|found| found == text);
    for with_key in [false, true] {
        let bytes = backup(store, with_key);
        assert!(holds(&bytes, b"alice@example.com"));
        assert!(!holds(&bytes, b"secret"));
        assert_eq!(bytes[14], u8::from(with_key));
    }
    if let Subject::File(directory, _) = store {
        let digits = std::fs::read_to_string(directory.path().join("msnpd.key")).unwrap();
        let pairs = digits.trim().as_bytes().chunks(2);
        let key: Vec<u8> = pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        assert!(holds(&backup(store, true), &key));
        assert!(!holds(&backup(store, false), &key));
    }
}

pub(crate) fn a_restore_replaces_everything(store: &mut Subject) {
    let other = Subject::memory();
    other.add("dave");
    let bytes = backup(&other, true);
    filled(store);
    restore(store, &bytes).unwrap();
    store.now_and_later(|store| {
        assert_eq!(store.export(true).unwrap(), other.export(true).unwrap());
        clean(store);
    });
    // An empty backup can be restored, too.
    restore(store, &backup(&Subject::memory(), true)).unwrap();
    store.now_and_later(|store| assert_eq!(store.all_accounts(), []));
    clean(store);
}

pub(crate) fn a_restore_does_not_reuse_account_numbers(store: &mut Subject) {
    let alice = store.add("alice");
    let bytes = backup(store, true);
    let bob = store.add("bob");
    restore(store, &bytes).unwrap();
    assert!(store.add("carol") > bob);
    assert_eq!(store.all_accounts()[0].0, alice);
    let other = Subject::memory();
    restore(&other, &bytes).unwrap();
    assert!(other.add("carol") > alice);
}

pub(crate) fn restored_accounts_have_unused_list_versions(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    // As if the clock had been wrong by years.
    let mut ahead = account("dave");
    ahead.version = ListVersion::new(ListVersion::MAX).unwrap();
    let dave = store.create(&ahead).unwrap();
    let versions = |store: &Subject| {
        [alice, bob, carol, dave].map(|id| store.roster(id).unwrap().version.value())
    };
    let mut seen: Vec<_> = versions(store).map(|version| vec![version]).into();
    let bytes = backup(store, true);
    // The client has cached the version after the one in the backup.
    store.put(alice, Forward, bob).unwrap();
    store.put(dave, Forward, carol).unwrap();
    let other = Subject::memory();
    for _ in 0..5 {
        for store in [&*store, &other] {
            for (seen, version) in seen.iter_mut().zip(versions_of(store, &versions)) {
                seen.push(version);
            }
            restore(store, &bytes).unwrap();
            for (seen, version) in seen.iter().zip(versions(store)) {
                assert!(!seen.contains(&version), "{version} of {seen:?}");
                assert!((1..=ListVersion::MAX).contains(&version));
            }
            store.put(alice, Forward, bob).unwrap();
        }
    }
}

/// The versions of the accounts, if there are any.
fn versions_of(store: &Subject, versions: &dyn Fn(&Subject) -> [u32; 4]) -> Vec<u32> {
    if store.all_accounts().is_empty() { Vec::new() } else { versions(store).into() }
}

pub(crate) fn a_damaged_backup_changes_nothing(store: &mut Subject) {
    filled(store);
    let bytes = backup(store, true);
    store.add("dave");
    let before = (store.export(true).unwrap(), store.roster(AccountId(1)).unwrap().version);
    let refused = |bytes: &[u8]| {
        assert!(matches!(restore(store, bytes), Err(ArchiveError::NotABackup(_))));
    };
    for end in (0..bytes.len()).step_by(7) {
        refused(&bytes[..end]);
        let mut changed = bytes.clone();
        changed[end] ^= 0x10;
        match restore(store, &changed) {
            Err(ArchiveError::NotABackup(_) | ArchiveError::Newer) => {}
            other => panic!("{other:?}"),
        }
    }
    refused(&[&bytes[..], b"\n"].concat());
    let mut later = bytes;
    later[13] = 4;
    assert!(matches!(restore(store, &later), Err(ArchiveError::Newer)));
    assert!(matches!(store.restore(&mut Broken), Err(ArchiveError::Io(_))));
    let after = (store.export(true).unwrap(), store.roster(AccountId(1)).unwrap().version);
    assert_eq!(after, before);
}

/// Reading fails. Writing fails after the first bytes.
struct Broken;

impl std::io::Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(Error::other("broken"))
    }
}

impl Seek for Broken {
    fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
        Ok(1 << 20)
    }
}

impl Write for Broken {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Err(Error::other(format!("broken at {}", bytes.len())))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Err(Error::other("broken"))
    }
}

pub(crate) fn a_failed_write_of_a_backup_is_an_error(store: &mut Subject) {
    filled(store);
    assert!(matches!(store.backup(true, &mut Broken), Err(ArchiveError::Io(_))));
    // More than the buffer holds.
    for number in 0..200 {
        store.add(&format!("account{number}"));
    }
    assert!(matches!(store.backup(true, &mut Broken), Err(ArchiveError::Io(_))));
    clean(store);
}

pub(crate) fn a_backup_during_edits_is_consistent(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    store.change_one(alice, Change::RenameSelf(name("0"))).unwrap();
    store.change_one(bob, Change::RenameSelf(name("0"))).unwrap();
    let (done, made) = (AtomicBool::new(false), AtomicU32::new(0));
    let backups: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let store: &Subject = store;
        let (done, made) = (&done, &made);
        scope.spawn(move || {
            let mut number = 0;
            while !done.load(Ordering::Acquire) {
                number += 1;
                let same = |who| (who, Change::RenameSelf(name(&format!("{number}"))));
                let turn = |contact| match number % 2 {
                    0 => (carol, Change::Remove { list: Forward, contact, group: None }),
                    _ => (carol, put(Forward, contact)),
                };
                let changes = [same(alice), turn(alice), turn(bob), same(bob)];
                assert!(store.change(&changes).unwrap().iter().all(Result::is_ok));
                made.store(number, Ordering::Release);
            }
        });
        scope.spawn(move || {
            while !done.load(Ordering::Acquire) {
                let dave = store.add("dave");
                store.put(dave, Forward, carol).unwrap();
                store.put(carol, Block, dave).unwrap();
                store.remove(dave).unwrap();
            }
        });
        let take = |number| {
            while made.load(Ordering::Acquire) < number {
                std::thread::yield_now();
            }
            backup(store, number > 0)
        };
        let backups = (0..8).map(take).collect();
        done.store(true, Ordering::Release);
        backups
    });
    for bytes in &backups[1..] {
        let others = [Subject::memory(), Subject::file()];
        let [one, other] = others.each_ref().map(|other| {
            restore(other, bytes).unwrap();
            clean(other);
            other.export(true).unwrap()
        });
        assert_eq!(one, other);
        assert_eq!(one[0].principal.name, one[1].principal.name, "both or none of one transaction");
        let carols = one[2].lists[0].len();
        assert!(carols == 0 || carols == 2, "{carols}");
    }
    restore(store, &backups[0]).unwrap();
    clean(store);
}
