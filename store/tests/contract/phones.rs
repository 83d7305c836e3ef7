//! Telephone numbers.

use super::subject::{Subject, own, phone, principal, version};
use actors::port::Numbers;
use actors::port::store::{AccountId, Change, Changed};
use msnp::List::{Allow, Block, Forward};
use msnp::{ErrorCode, Phone, PhoneNumber};

fn numbers(of: &[(Phone, &str)]) -> Numbers {
    let mut numbers = Numbers::default();
    for (which, text) in of {
        numbers.set(*which, Some(PhoneNumber::new(text).unwrap()));
    }
    numbers
}

fn everybodys(store: &Subject) -> Vec<Numbers> {
    let mut found = Vec::new();
    store.principals(&mut |_, _, numbers| found.push(numbers)).unwrap();
    found
}

pub(crate) fn a_number_is_set_changed_and_taken_away(store: &mut Subject) {
    let [alice, ..] = store.three();
    let long = "5".repeat(PhoneNumber::MAX_ENCODED);
    for (change, changes) in [
        (phone(Phone::Home, "555 123"), 1),
        (phone(Phone::Mobile, "+49 (0) ☎"), 2),
        (phone(Phone::Work, &long), 3),
        (phone(Phone::Mobile, "+49"), 4),
        (Change::SetPhone(Phone::Home, None), 5),
    ] {
        assert_eq!(store.one(alice, change), Ok(own(changes)));
    }
    let expected = numbers(&[(Phone::Work, &long), (Phone::Mobile, "+49")]);
    store.now_and_later(|store| {
        assert_eq!(store.roster(alice).unwrap().numbers, expected);
        assert_eq!(everybodys(store), [expected.clone(), Numbers::default(), Numbers::default()]);
        assert_eq!(store.everybody()[0].1, principal("alice"));
    });
    store.one(alice, Change::SetPhone(Phone::Work, None)).unwrap();
    store.one(alice, Change::SetPhone(Phone::Mobile, None)).unwrap();
    store.now_and_later(|store| assert!(store.roster(alice).unwrap().numbers.is_empty()));
    let missing = store.one(AccountId(99), phone(Phone::Home, "1"));
    assert_eq!(missing, Err(ErrorCode::InvalidUser));
}

pub(crate) fn a_number_that_is_the_same_changes_nothing(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.put(bob, Forward, alice).unwrap();
    assert_eq!(store.one(alice, Change::SetPhone(Phone::Work, None)), Ok(own(1)));
    store.one(alice, phone(Phone::Work, "1")).unwrap();
    assert_eq!(store.one(alice, phone(Phone::Work, "1")), Ok(own(2)));
    assert_eq!([alice, bob].map(|who| store.changes(who)), [2, 2]);
}

pub(crate) fn whoever_may_see_it_on_the_forward_list_has_a_new_version(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    let [dave, eve] = ["dave", "eve"].map(|name| store.add(name));
    for (owner, list, contact) in [
        (carol, Forward, alice),
        (bob, Forward, alice),
        (bob, Forward, carol),
        (alice, Forward, dave),
        (eve, Allow, alice),
        // Whom he blocks sees nothing of it.
        (alice, Block, carol),
    ] {
        store.put(owner, list, contact).unwrap();
    }
    let before = [alice, bob, carol, dave, eve].map(|who| store.changes(who));
    assert_eq!(before, [4, 2, 2, 1, 1]);
    let contacts = vec![(bob, version(3))];
    let expected = Changed { contacts, ..own(5) };
    assert_eq!(store.one(alice, phone(Phone::Home, "1")), Ok(expected));
    store.now_and_later(|store| {
        let after = [alice, bob, carol, dave, eve].map(|who| store.changes(who));
        assert_eq!(after, [5, 3, 2, 1, 1]);
        assert_eq!(store.on(bob, Forward), [alice, carol]);
        assert_eq!(store.examine().unwrap().faults, [""; 0]);
    });
}
