//! Stores and backups that older versions of the program wrote can be read and changed.
//!
//! * `earlier/before-groups` is from before groups and telephone numbers: a store with its key, a
//!   backup of it with the key, and an export, which the tests of `src/commands/account_file.rs`
//!   read.
//! * `earlier/before-profiles` is from before the member directory: a store with its key, and a
//!   backup.
//! * `earlier/before-exclusions` is from before accounts could be disabled and networks denied, when
//!   new accounts could have any handle: a store with profiles and its key, and a backup with the
//!   key.
//! * `earlier/before-permissions` is from before the index of who allows or blocks whom: a store with
//!   a disabled account, and its key. Bob is only blocked by Alice, and only allowed by Carol.

use actors::port::store::{
    AccountId, Change, Detail, ForwardChange, NewAccount, Password, Principal, Proof, Roster,
};
use actors::port::{DisableReason, Disabled, ExclusionLists, IntegrityReport, Restored, Store};
use msnp::auth::{Challenge, Digest};
use msnp::command::Search;
use msnp::{
    AddNotice, FriendlyName, GroupId, GroupIds, GroupName, Handle, List, ListVersion,
    MemberProfile, PhoneKind, PhoneNumber, Privacy, ProfileText,
};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::fs;
use std::io::Cursor;
use std::path::Path;
use store::{File, Memory};
use tempfile::TempDir;

#[cfg(test)]
mod steps {
    use super::*;

    pub(super) const ALICE: AccountId = AccountId(1);
    pub(super) const BOB: AccountId = AccountId(2);
    pub(super) const CAROL: AccountId = AccountId(3);
    pub(super) const DAVE: AccountId = AccountId(4);
    /// Account number 5 was removed.
    pub(super) const FRANK: AccountId = AccountId(6);

    /// The accounts: name and password.
    pub(super) const ACCOUNTS: [(AccountId, &str, &str, &str); 5] = [
        (ALICE, "alice", "Zoë 日本語", "secret"),
        (BOB, "bob", "Bob B.", "0123456789abcdef"),
        (CAROL, "carol", "carol@example.com", "x"),
        (DAVE, "dave", "Dave D.", "secret"),
        (FRANK, "frank", "Frank", "!#$%&'()*+,-./:;"),
    ];

    pub(super) fn earlier(when: &str, name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/earlier").join(when).join(name)
    }

    /// A copy of the store `before-groups`, in a directory that the test may change.
    pub(super) fn copy() -> TempDir {
        copy_of("before-groups")
    }

    pub(super) fn copy_of(when: &str) -> TempDir {
        let directory = TempDir::new().unwrap();
        for name in ["msnpd.redb", "msnpd.key"] {
            fs::write(directory.path().join(name), fs::read(earlier(when, name)).unwrap()).unwrap();
        }
        directory
    }

    pub(super) fn handle(who: &str) -> Handle {
        Handle::new(&format!("{who}@example.com")).unwrap()
    }

    pub(super) fn name(text: &str) -> FriendlyName {
        FriendlyName::new(text).unwrap()
    }

    pub(super) fn group(number: u8) -> GroupId {
        GroupId::new(number).unwrap()
    }

    pub(super) fn knows_password(store: &dyn Store, who: AccountId, password: &str) -> bool {
        let challenge = Challenge::parse(b"1013928519.1").unwrap();
        let digest = Digest::of(&challenge, password.as_bytes());
        let named = store.names(&[who]).unwrap().pop().unwrap();
        let handle = named.principal().unwrap().handle;
        store.check_proof(&handle, &Proof::Md5 { challenge, digest }).unwrap().is_right
    }

    /// A list in words: handles, groups and given names.
    pub(super) fn list(roster: &Roster, list: List) -> Vec<String> {
        let local = |id| ACCOUNTS.iter().find(|(other, ..)| *other == id).unwrap().1;
        let entries = roster.list(list).iter().map(|listed| {
            let groups = if listed.groups == GroupIds::NONE {
                String::new()
            } else {
                format!(" {}", listed.groups)
            };
            let called = listed.name.as_deref().map(|name| format!(" {name}"));
            assert!(listed.numbers.is_empty());
            format!("{}{groups}{}", local(listed.contact), called.unwrap_or_default())
        });
        entries.collect()
    }

    /// Checks that everything is unchanged, except for the list versions.
    pub(super) fn check_unchanged(store: &dyn Store) {
        let mut found = Vec::new();
        store.principals(&mut |id, who| found.push((id, who))).unwrap();
        let expected = ACCOUNTS.map(|(id, who, called, _)| {
            (id, Principal { handle: handle(who), name: name(called) })
        });
        assert_eq!(found, expected);
        for (id, _, _, password) in ACCOUNTS {
            assert!(knows_password(store, id, password));
            assert!(!knows_password(store, id, "secret") || password == "secret");
            let roster = store.roster(id, Detail::Numbers).unwrap();
            assert_eq!(roster.groups, [(GroupId::ZERO, GroupName::unnamed())]);
            assert!(roster.numbers.is_empty());
        }
        let long = "x".repeat(FriendlyName::MAX_ENCODED);
        let lists = |id| {
            let roster = store.roster(id, Detail::Numbers).unwrap();
            List::ALL.map(|of| list(&roster, of).join(", "))
        };
        assert_eq!(
            lists(ALICE),
            [
                format!("bob 0 Bobby ♥ 100 %, carol 0 {long}, dave 0"),
                format!("carol {long}, alice"),
                String::new(),
                format!("bob Bobby ♥ 100 %, carol {long}, dave"),
            ]
        );
        let in_w = "alice Alice in W.";
        let both = format!("{in_w}, carol C.");
        assert_eq!(lists(BOB), ["alice 0 Alice in W.", "", &both, &both]);
        assert_eq!(lists(CAROL), ["bob 0, alice 0", "bob", "", "alice"]);
        assert_eq!(lists(DAVE), ["alice 0", "frank", "", "alice"]);
        assert_eq!(lists(FRANK), [""; 4]);
        let settings = |id| {
            let roster = store.roster(id, Detail::Numbers).unwrap();
            (roster.add_notice, roster.privacy)
        };
        assert_eq!(settings(ALICE), (AddNotice::Ask, Privacy::BlockOthers));
        assert_eq!(settings(BOB), (AddNotice::Silent, Privacy::AllowOthers));
        assert_eq!(settings(FRANK), (AddNotice::Ask, Privacy::BlockOthers));
        let examination =
            IntegrityReport { accounts: 5, entries: 10, faults: Vec::new(), notes: Vec::new() };
        assert_eq!(store.verify_integrity().unwrap(), examination);
    }

    /// Checks that everything is unchanged, and the member directory is empty.
    pub(super) fn before_profiles(store: &dyn Store) {
        let roster = store.roster(ALICE, Detail::Numbers).unwrap();
        assert_eq!(list(&roster, List::Forward), ["bob 0,1"]);
        assert_eq!(roster.numbers.get(PhoneKind::Home), PhoneNumber::new("555 123").ok().as_ref());
        assert_eq!(list(&store.roster(BOB, Detail::Lists).unwrap(), List::Block), ["carol"]);
        for (id, _, _, password) in ACCOUNTS.iter().filter(|(id, ..)| *id <= BOB) {
            assert!(knows_password(store, *id, password));
        }
        assert_eq!(store.search(&search(), 9).unwrap(), Some(Vec::new()));
        assert!(store.export(false).unwrap().iter().all(|portrait| portrait.profile.is_none()));
        let examination =
            IntegrityReport { accounts: 3, entries: 3, faults: Vec::new(), notes: Vec::new() };
        assert_eq!(store.verify_integrity().unwrap(), examination);
    }

    /// Checks that everything is unchanged, no account is disabled, and no network is denied.
    pub(super) fn before_exclusions(store: &dyn Store) {
        for (id, password) in [(ALICE, "secret"), (BOB, "0123456789abcdef"), (CAROL, "x")] {
            assert!(knows_password(store, id, password));
        }
        let mut handles = Vec::new();
        store.principals(&mut |_, who| handles.push(who.handle.to_string())).unwrap();
        assert_eq!(handles[2], "o'neil#1@example.com", "its handle stays");
        let roster = store.roster(ALICE, Detail::Numbers).unwrap();
        assert_eq!(list(&roster, List::Forward), ["bob 0"]);
        assert_eq!(roster.groups[1].1, GroupName::new("Friends").unwrap());
        assert_eq!(list(&store.roster(BOB, Detail::Lists).unwrap(), List::Block), ["carol"]);
        assert_eq!(store.search(&search(), 9).unwrap().unwrap().len(), 1);
        assert_eq!(store.exclusions().unwrap(), ExclusionLists::default());
        let examination =
            IntegrityReport { accounts: 3, entries: 5, faults: Vec::new(), notes: Vec::new() };
        assert_eq!(store.verify_integrity().unwrap(), examination);
    }

    pub(super) fn profile() -> MemberProfile {
        let text = |text| ProfileText::new(text).unwrap();
        let (first, last) = (text("Alice"), text("Smith"));
        MemberProfile { first, last, city: None, state: None, country: None }
    }

    pub(super) fn search() -> Search {
        let MemberProfile { first, last, .. } = profile();
        Search::named(first, last)
    }

    /// The format version of a store.
    pub(super) fn format(directory: &Path) -> u8 {
        let meta = records(directory, "meta");
        assert_eq!(meta.len(), 3);
        // The rows are sorted by key.
        meta[0]
    }

    /// The versions of the records of a table, sorted by key.
    pub(super) fn records(directory: &Path, table: &str) -> Vec<u8> {
        let database = Database::open(directory.join("msnpd.redb")).unwrap();
        let definition: TableDefinition<&[u8], &[u8]> = TableDefinition::new(table);
        let table = database.begin_read().unwrap().open_table(definition).unwrap();
        let versions: Vec<u8> =
            table.iter().unwrap().map(|row| row.unwrap().1.value()[0]).collect();
        versions
    }
}

use steps::{
    ALICE, BOB, CAROL, DAVE, FRANK, before_exclusions, before_profiles, check_unchanged, copy,
    copy_of, earlier, format, group, handle, knows_password, list, name, profile, records, search,
};

#[test]
fn a_store_from_before_groups_is_unchanged() {
    let directory = copy();
    for _ in 0..2 {
        let store = File::open(directory.path(), || 0).unwrap();
        check_unchanged(&store);
        let versions = [ALICE, BOB, CAROL, DAVE, FRANK]
            .map(|id| store.roster(id, Detail::Numbers).unwrap().version.value());
        assert_eq!(versions, [700_000_017, 700_000_106, 700_000_204, 7, 700_000_401]);
    }
}

#[test]
fn a_store_from_before_groups_accepts_every_change() {
    let directory = copy();
    let store = File::open(directory.path(), || 0).unwrap();
    let put = |list, contact, group| Change::Add { list, contact, name: None, limit: 150, group };
    let take = |contact, group| Change::Remove { list: List::Forward, contact, group };
    let (friends, other) = (Some(group(1)), Some(GroupId::ZERO));
    let number = PhoneNumber::new("555 123").unwrap();
    let changes = [
        (ALICE, Change::AddGroup(GroupName::new("Friends").unwrap())),
        (ALICE, put(List::Forward, BOB, friends)),
        (ALICE, put(List::Forward, DAVE, friends)),
        (ALICE, take(DAVE, other)),
        (ALICE, put(List::Forward, FRANK, friends)),
        (ALICE, take(CAROL, None)),
        (ALICE, Change::SetPhone(PhoneKind::Home, Some(number.clone()))),
        (BOB, Change::RenameSelf(name("Bob"))),
        (DAVE, Change::SetAddNotice(AddNotice::Silent)),
        (FRANK, put(List::Allow, ALICE, None)),
    ];
    let answers = store.change(&changes).unwrap();
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let made = NewAccount {
        principal: Principal { handle: handle("grace"), name: name("Grace") },
        password: Password::new("secret").unwrap(),
        version: ListVersion::new(700_000_000).unwrap(),
    };
    assert_eq!(store.create(&made).unwrap(), AccountId(7), "no number is given twice");
    store.set_password(CAROL, &Password::new("new").unwrap()).unwrap();
    drop(store);

    let store = File::open(directory.path(), || 0).unwrap();
    assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    let roster = store.roster(ALICE, Detail::Numbers).unwrap();
    let expected = [
        (GroupId::ZERO, GroupName::other_contacts()),
        (group(1), GroupName::new("Friends").unwrap()),
    ];
    assert_eq!(roster.groups, expected);
    assert_eq!(roster.numbers.get(PhoneKind::Home), Some(&number));
    let forward = ["bob 0,1 Bobby ♥ 100 %", "dave 1", "frank 1"];
    assert_eq!(list(&roster, List::Forward), forward);
    assert_eq!(list(&store.roster(CAROL, Detail::Numbers).unwrap(), List::Reverse), [""; 0]);
    assert_eq!(list(&store.roster(FRANK, Detail::Numbers).unwrap(), List::Reverse), ["alice"]);
    assert!(knows_password(&store, CAROL, "new") && knows_password(&store, AccountId(7), "secret"));
    let removed =
        store.change(&[(ALICE, Change::RemoveGroup(group(1)))]).unwrap().remove(0).unwrap();
    assert_eq!(removed.forward, ForwardChange::Removed);
    assert_eq!(removed.contacts.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [DAVE, FRANK]);
    store.remove(ALICE).unwrap();
    assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
}

#[test]
fn changed_records_have_a_version_that_older_programs_refuse() {
    let directory = copy();
    assert_eq!(records(directory.path(), "accounts"), [1; 5]);
    assert_eq!(records(directory.path(), "entries"), [1; 10]);
    let store = File::open(directory.path(), || 0).unwrap();
    let change = Change::Remove { list: List::Forward, contact: DAVE, group: None };
    store.change(&[(ALICE, change)]).unwrap().remove(0).unwrap();
    drop(store);
    assert_eq!(records(directory.path(), "accounts"), [2, 1, 1, 2, 1]);
    // Dave still has her on his forward list.
    let entries = records(directory.path(), "entries");
    assert_eq!(entries.iter().filter(|version| **version == 2).count(), 2, "{entries:?}");
}

#[test]
fn a_backup_from_before_groups_is_restored() {
    let backup = fs::read(earlier("before-groups", "all.backup")).unwrap();
    let directory = TempDir::new().unwrap();
    let file = File::open(directory.path(), || 0).unwrap();
    let memory = Memory::new(|| 0).unwrap();
    let stores: [&dyn Store; 2] = [&file, &memory];
    for store in stores {
        assert_eq!(store.restore(&mut Cursor::new(&backup)).unwrap(), Restored { accounts: 5 });
        check_unchanged(store);
    }
    let here = File::open(copy().path(), || 0).unwrap().export(true).unwrap();
    assert_eq!(memory.export(true).unwrap(), here);
    // Also into a store that has groups by now, and from a backup of that store again.
    let change = Change::AddGroup(GroupName::new("Friends").unwrap());
    file.change(&[(ALICE, change)]).unwrap().remove(0).unwrap();
    let mut later = Vec::new();
    file.backup(true, &mut later).unwrap();
    file.restore(&mut Cursor::new(&backup)).unwrap();
    check_unchanged(&file);
    file.restore(&mut Cursor::new(&later)).unwrap();
    assert_eq!(file.roster(ALICE, Detail::Numbers).unwrap().groups.len(), 2);
}

#[test]
fn a_store_from_before_profiles_is_unchanged_and_accepts_profiles() {
    let directory = copy_of("before-profiles");
    for _ in 0..2 {
        before_profiles(&File::open(directory.path(), || 0).unwrap());
        assert_eq!(format(directory.path()), 1, "an earlier program may have it back");
    }
    let store = File::open(directory.path(), || 0).unwrap();
    store.change(&[(BOB, Change::RenameSelf(name("Bob")))]).unwrap().remove(0).unwrap();
    store.change(&[(BOB, Change::SetProfile(None))]).unwrap().remove(0).unwrap();
    drop(store);
    assert_eq!(format(directory.path()), 1);
    let store = File::open(directory.path(), || 0).unwrap();
    before_profiles(&store);
    store.change(&[(ALICE, Change::SetProfile(Some(profile())))]).unwrap().remove(0).unwrap();
    drop(store);
    assert_eq!(format(directory.path()), 2, "it would lose the profiles");
    let store = File::open(directory.path(), || 0).unwrap();
    assert_eq!(store.search(&search(), 9).unwrap(), Some(vec![(ALICE, profile())]));
    store.remove(ALICE).unwrap();
    assert_eq!(store.search(&search(), 9).unwrap(), Some(Vec::new()));
    assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
}

#[test]
fn a_backup_from_before_profiles_is_restored() {
    let backup = fs::read(earlier("before-profiles", "all.backup")).unwrap();
    let directory = TempDir::new().unwrap();
    let file = File::open(directory.path(), || 0).unwrap();
    let memory = Memory::new(|| 0).unwrap();
    let stores: [&dyn Store; 2] = [&file, &memory];
    for store in stores {
        for _ in 0..2 {
            assert_eq!(store.restore(&mut Cursor::new(&backup)).unwrap(), Restored { accounts: 3 });
            before_profiles(store);
            let change = Change::SetProfile(Some(profile()));
            store.change(&[(ALICE, change)]).unwrap().remove(0).unwrap();
        }
    }
}

#[test]
fn a_store_from_before_disabled_accounts_is_unchanged_and_accepts_them() {
    let directory = copy_of("before-exclusions");
    for _ in 0..2 {
        before_exclusions(&File::open(directory.path(), || 0).unwrap());
        assert_eq!(format(directory.path()), 2, "an earlier program may have it back");
    }
    let store = File::open(directory.path(), || 0).unwrap();
    store.change(&[(BOB, Change::RenameSelf(name("Bob")))]).unwrap().remove(0).unwrap();
    // These change nothing in the store.
    store.set_disabled(BOB, None).unwrap();
    assert!(!store.undeny("10.0.0.0/8".parse().unwrap()).unwrap());
    drop(store);
    assert_eq!(format(directory.path()), 2);
    let store = File::open(directory.path(), || 0).unwrap();
    let disabled = Disabled { reason: DisableReason::new("spam").ok() };
    store.set_disabled(BOB, Some(&disabled)).unwrap();
    store.change(&[(BOB, Change::SetProfile(Some(profile())))]).unwrap().remove(0).unwrap();
    drop(store);
    assert_eq!(format(directory.path()), 3, "an earlier program would let bob in");
    // The account records are still in the older version.
    assert_eq!(records(directory.path(), "accounts"), [2; 3]);
    let store = File::open(directory.path(), || 0).unwrap();
    assert!(!knows_password(&store, BOB, "0123456789abcdef"));
    assert!(store.deny("203.0.113.0/24".parse().unwrap()).unwrap());
    assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
}

#[test]
fn a_removal_in_a_store_from_before_the_index_reaches_all_lists() {
    let directory = copy_of("before-permissions");
    drop(File::open(directory.path(), || 0).unwrap());
    assert_eq!(format(directory.path()), 3, "an earlier program may have it back");
    let store = File::open(directory.path(), || 0).unwrap();
    let on_list = |account, list| -> Vec<AccountId> {
        let roster = store.roster(account, Detail::Lists).unwrap();
        roster.list(list).iter().map(|entry| entry.contact).collect()
    };
    assert_eq!(on_list(ALICE, List::Block), [BOB]);
    assert_eq!(on_list(CAROL, List::Allow), [BOB]);
    assert_eq!(store.exclusions().unwrap().disabled.len(), 1);
    store.remove(BOB).unwrap();
    assert_eq!(on_list(ALICE, List::Block), []);
    assert_eq!(on_list(ALICE, List::Reverse), []);
    assert_eq!(on_list(CAROL, List::Allow), []);
    assert_eq!(on_list(ALICE, List::Forward), [CAROL]);
    assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    drop(store);
    assert_eq!(format(directory.path()), 4);
    let store = File::open(directory.path(), || 0).unwrap();
    assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
}

#[test]
fn a_backup_from_before_disabled_accounts_is_restored() {
    let backup = fs::read(earlier("before-exclusions", "all.backup")).unwrap();
    let directory = TempDir::new().unwrap();
    let file = File::open(directory.path(), || 0).unwrap();
    let memory = Memory::new(|| 0).unwrap();
    let stores: [&dyn Store; 2] = [&file, &memory];
    for store in stores {
        for _ in 0..2 {
            assert_eq!(store.restore(&mut Cursor::new(&backup)).unwrap(), Restored { accounts: 3 });
            before_exclusions(store);
            store.set_disabled(ALICE, Some(&Disabled::default())).unwrap();
            store.deny("10.0.0.0/8".parse().unwrap()).unwrap();
        }
    }
}

#[test]
fn a_backup_has_the_oldest_version_that_can_hold_it() {
    let version = |store: &dyn Store| {
        let mut backup = Vec::new();
        store.backup(false, &mut backup).unwrap();
        backup[b"msnpd backup\n".len()]
    };
    let store = Memory::new(|| 0).unwrap();
    let made = NewAccount {
        principal: Principal { handle: handle("alice"), name: name("Alice") },
        password: Password::new("secret").unwrap(),
        version: ListVersion::new(700_000_000).unwrap(),
    };
    store.create(&made).unwrap();
    assert_eq!(version(&store), 1);
    store.change(&[(ALICE, Change::SetProfile(Some(profile())))]).unwrap().remove(0).unwrap();
    assert_eq!(version(&store), 2);
    store.deny("10.0.0.0/8".parse().unwrap()).unwrap();
    assert_eq!(version(&store), 3);
}
