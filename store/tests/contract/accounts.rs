//! Accounts and passwords.

use super::subject::{Subject, account, name, password, principal, proof, put, version};
use actors::port::store::{AccountId, Change, CreateError, NewAccount, Roster};
use actors::port::{PhoneNumbers, StoreError};
use msnp::{AddNotice, ErrorCode, GroupId, GroupName, List, Privacy};

pub(crate) fn accounts_are_found_with_handle_and_name(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    store.change_one(bob, Change::RenameSelf(name("Bob B."))).unwrap();
    store.now_and_later(|store| {
        let mut bobs = principal("bob");
        bobs.name = name("Bob B.");
        let expected = [(alice, principal("alice")), (bob, bobs), (carol, principal("carol"))];
        assert_eq!(store.all_accounts(), expected);
    });
}

pub(crate) fn a_handle_is_taken_once(store: &mut Subject) {
    let alice = store.add("alice");
    store.now_and_later(|store| {
        let mut other = account("alice");
        other.principal.name = name("Another Alice");
        assert!(matches!(store.create(&other), Err(CreateError::Exists)));
        assert_eq!(store.all_accounts(), [(alice, principal("alice"))]);
    });
}

pub(crate) fn an_account_number_is_never_used_twice(store: &mut Subject) {
    let [_, bob, carol] = store.three();
    store.remove(carol).unwrap();
    store.reopen();
    let dave = store.add("dave");
    assert!(dave > carol);
    store.remove(bob).unwrap();
    assert!(store.add("bob") > dave);
}

pub(crate) fn a_new_account_has_the_given_version_empty_lists_and_the_default_settings(
    store: &mut Subject,
) {
    let alice = store.add("alice");
    store.now_and_later(|store| {
        let expected = Roster {
            version: version(0),
            add_notice: AddNotice::Ask,
            privacy: Privacy::AllowOthers,
            groups: vec![(GroupId::ZERO, GroupName::unnamed())],
            numbers: PhoneNumbers::default(),
            lists: Default::default(),
        };
        assert_eq!(store.roster(alice).unwrap(), expected);
    });
}

pub(crate) fn a_proof_succeeds_only_with_the_right_password(store: &mut Subject) {
    let alice = store.add("alice");
    let longest = NewAccount { password: password("0123456789abcde!"), ..account("bob") };
    let bob = store.create(&longest).unwrap();
    store.now_and_later(|store| {
        let right = |who, password| store.check_proof(Some(who), &proof("1013928519.1", password));
        assert!(right(alice, "secret").unwrap());
        assert!(store.check_proof(Some(alice), &proof("2", "secret")).unwrap());
        assert!(right(bob, "0123456789abcde!").unwrap());
        assert!(!right(bob, "0123456789abcde").unwrap());
        for wrong in ["Secret", "secre", "secret!", "", "0123456789abcde!"] {
            assert!(!right(alice, wrong).unwrap(), "{wrong}");
        }
    });
}

pub(crate) fn a_new_password_replaces_the_old_one(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.set_password(alice, &password("new")).unwrap();
    store.now_and_later(|store| {
        assert!(store.check_proof(Some(alice), &proof("1", "new")).unwrap());
        assert!(!store.check_proof(Some(alice), &proof("1", "secret")).unwrap());
        assert!(store.check_proof(Some(bob), &proof("1", "secret")).unwrap());
        assert_eq!(store.changes(alice), 0, "a password is on no list");
    });
}

pub(crate) fn no_proof_succeeds_for_a_missing_account(store: &mut Subject) {
    let alice = store.add("alice");
    store.remove(alice).unwrap();
    let never = AccountId(4_000_000_000);
    for who in [None, Some(alice), Some(never), Some(AccountId(0))] {
        for guess in ["secret", "password", ""] {
            assert!(!store.check_proof(who, &proof("1", guess)).unwrap(), "{who:?} {guess}");
        }
    }
}

pub(crate) fn a_missing_account_has_no_roster_and_cannot_be_changed(store: &mut Subject) {
    let never = AccountId(77);
    let missing = |failure| matches!(failure, StoreError::NoSuchAccount);
    assert!(missing(store.roster(never).unwrap_err()));
    assert!(missing(store.remove(never).unwrap_err()));
    assert!(missing(store.set_password(never, &password("x")).unwrap_err()));
    assert_eq!(store.all_accounts(), []);
}

pub(crate) fn a_removed_account_is_gone(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    store.remove(bob).unwrap();
    store.now_and_later(|store| {
        assert_eq!(
            store.all_accounts(),
            [(alice, principal("alice")), (carol, principal("carol"))]
        );
        assert!(matches!(store.roster(bob), Err(StoreError::NoSuchAccount)));
        assert!(matches!(store.remove(bob), Err(StoreError::NoSuchAccount)));
        assert_eq!(store.put(alice, List::Forward, bob), Err(ErrorCode::InvalidUser));
    });
}

pub(crate) fn a_removed_account_is_off_all_lists(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    let dave = store.add("dave");
    let changes = [
        (alice, put(List::Forward, bob)),
        (alice, put(List::Allow, bob)),
        (alice, put(List::Forward, carol)),
        (bob, put(List::Forward, carol)),
        (bob, put(List::Block, carol)),
        (bob, put(List::Allow, bob)),
        (carol, put(List::Block, bob)),
        (dave, put(List::Allow, bob)),
    ];
    assert!(store.change(&changes).unwrap().iter().all(Result::is_ok));
    store.remove(bob).unwrap();
    store.now_and_later(|store| {
        let lists = |who| List::ALL.map(|list| store.on(who, list));
        assert_eq!(lists(alice), [vec![carol], vec![], vec![], vec![]]);
        assert_eq!(lists(carol), [vec![], vec![], vec![], vec![alice]]);
        assert_eq!(lists(dave), [vec![], vec![], vec![], vec![]]);
    });
}

pub(crate) fn removing_an_account_changes_only_the_versions_of_lists_that_had_it(
    store: &mut Subject,
) {
    let [forwards, removed, reversed] = store.three();
    let [allows, blocked, stranger] = ["dave", "eve", "frank"].map(|name| store.add(name));
    let changes = [
        (forwards, put(List::Forward, removed)),
        (forwards, put(List::Allow, removed)),
        (removed, put(List::Forward, reversed)),
        (allows, put(List::Allow, removed)),
        (removed, put(List::Block, blocked)),
        (stranger, put(List::Forward, allows)),
    ];
    store.change(&changes).unwrap();
    let all_accounts = [forwards, reversed, allows, blocked, stranger];
    let before = all_accounts.map(|who| store.changes(who));
    store.remove(removed).unwrap();
    store.now_and_later(|store| {
        let [a, b, c, d, e] = before;
        // The users whom the removed account had blocked did not know it, and still do not.
        assert_eq!(all_accounts.map(|who| store.changes(who)), [a + 1, b + 1, c + 1, d, e]);
    });
}

pub(crate) fn the_handle_of_a_removed_account_can_be_used_again(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.put(alice, List::Allow, bob).unwrap();
    store.remove(bob).unwrap();
    let again = store.create(&NewAccount { password: password("new"), ..account("bob") }).unwrap();
    store.now_and_later(|store| {
        assert!(store.check_proof(Some(again), &proof("1", "new")).unwrap());
        assert!(!store.check_proof(Some(bob), &proof("1", "secret")).unwrap());
        assert_eq!(store.on(alice, List::Allow), []);
    });
}
