//! The member directory.

use super::subject::{Subject, own, password, principal, profile, text};
use actors::port::store::{AccountId, Change};
use msnp::command::Search;
use msnp::{Country, ErrorCode, MemberProfile, ProfileText};
use std::io::Cursor;

fn search(first: &str, last: &str) -> Search {
    Search::named(text(first), text(last))
}

/// The accounts that a search finds.
fn found(store: &Subject, search: &Search) -> Vec<AccountId> {
    let found = store.search(search, 10).unwrap().unwrap();
    found.into_iter().map(|(id, _)| id).collect()
}

fn set(store: &Subject, who: AccountId, profile: Option<MemberProfile>) {
    store.change_one(who, Change::SetProfile(profile)).unwrap();
}

pub(crate) fn only_users_with_a_profile_are_found(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    assert_eq!(found(store, &search("alice", "alice")), []);
    set(store, bob, Some(profile("Bob", "Smith")));
    set(store, alice, None);
    store.now_and_later(|store| {
        assert_eq!(found(store, &search("Bob", "Smith")), [bob]);
        assert_eq!(found(store, &search("alice", "alice")), []);
    });
}

pub(crate) fn a_profile_is_set_replaced_and_removed(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    let long = ProfileText::new(&"x".repeat(ProfileText::MAX_ENCODED)).unwrap();
    let whole = MemberProfile {
        city: Some(text("Zürich ♥")),
        state: Some(long),
        country: Country::parse(b"CH"),
        ..profile("Zoë", "van M.")
    };
    set(store, bob, Some(profile("zoë", "VAN M.")));
    set(store, alice, Some(whole.clone()));
    store.now_and_later(|store| {
        let both = store.search(&search("ZOË", "van m."), 10).unwrap();
        let expected = vec![(alice, whole.clone()), (bob, profile("zoë", "VAN M."))];
        assert_eq!(both, Some(expected), "as they wrote it, in the order of their numbers");
        let there = search("Zoë", "van M.").in_country(Country::parse(b"CH").unwrap());
        assert_eq!(found(store, &there), [alice]);
    });
    set(store, bob, Some(profile("Bob", "Smith")));
    set(store, alice, None);
    store.now_and_later(|store| {
        assert_eq!(found(store, &search("Zoë", "van M.")), []);
        assert_eq!(found(store, &search("Bob", "Smith")), [bob]);
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
        assert_eq!(store.all_accounts()[2], (carol, principal("carol")));
    });
}

pub(crate) fn a_profile_does_not_change_the_list_version(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.put(bob, msnp::List::Forward, alice).unwrap();
    for profile in [Some(profile("A", "B")), Some(profile("A", "B")), None, None] {
        assert_eq!(store.change_one(alice, Change::SetProfile(profile)), Ok(own(1)));
    }
    assert_eq!([alice, bob].map(|who| store.changes(who)), [1, 1]);
    let missing = store.change_one(AccountId(99), Change::SetProfile(Some(profile("A", "B"))));
    assert_eq!(missing, Err(ErrorCode::InvalidUser));
    assert_eq!(found(store, &search("A", "B")), []);
}

pub(crate) fn a_search_with_too_many_results_returns_none(store: &mut Subject) {
    let ids = store.three();
    for who in ids {
        set(store, who, Some(profile("A", "B")));
    }
    let count = |max| store.search(&search("a", "b"), max).unwrap().map(|found| found.len());
    assert_eq!([0, 2, 3, 4].map(count), [None, None, Some(3), Some(3)]);
    assert_eq!(store.search(&search("a", "c"), 0).unwrap(), Some(Vec::new()));
}

pub(crate) fn a_removed_account_is_not_found(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    set(store, alice, Some(profile("A", "B")));
    set(store, bob, Some(profile("A", "B")));
    store.remove(alice).unwrap();
    let again = store.add("alice");
    store.now_and_later(|store| {
        assert_eq!(found(store, &search("A", "B")), [bob]);
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    });
    set(store, again, Some(profile("A", "B")));
    assert_eq!(found(store, &search("A", "B")), [bob, again]);
}

pub(crate) fn backups_and_exports_contain_profiles(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    set(store, alice, Some(profile("A", "B")));
    set(store, bob, Some(MemberProfile { country: Country::parse(b"DE"), ..profile("A", "B") }));
    let mut backup = Vec::new();
    store.backup(true, &mut backup).unwrap();
    let exported = store.export(true).unwrap();
    assert_eq!(exported[0].profile, Some(profile("A", "B")));
    assert_eq!(exported[2].profile, None);
    for mut other in [Subject::memory(), Subject::file()] {
        let dave = other.add("dave");
        set(&other, dave, Some(profile("A", "B")));
        other.restore(&mut Cursor::new(&backup)).unwrap();
        other.now_and_later(|other| {
            assert_eq!(found(other, &search("A", "B")), [alice, bob], "only the restored ones");
            assert_eq!(other.export(true).unwrap(), exported);
            assert_eq!(other.verify_integrity().unwrap().faults, [""; 0]);
        });
        other.set_password(alice, &password("other")).unwrap();
    }
    for mut other in [Subject::memory(), Subject::file()] {
        other.add("dave");
        let imported = other.import(&exported).unwrap();
        let ids: Vec<_> = imported.created.iter().map(|(id, _)| *id).collect();
        other.now_and_later(|other| {
            assert_eq!(found(other, &search("A", "B")), ids[..2]);
            assert_eq!(other.verify_integrity().unwrap().faults, [""; 0]);
        });
    }
}
