//! Telephone numbers.

use super::subject::{Subject, own, phone, principal, put, version};
use actors::port::PhoneNumbers;
use actors::port::store::{AccountId, Change, Changed};
use msnp::List::{Allow, Block, Forward};
use msnp::{ErrorCode, PhoneKind, PhoneNumber, Privacy};

fn numbers(of: &[(PhoneKind, &str)]) -> PhoneNumbers {
    let mut numbers = PhoneNumbers::default();
    for (which, text) in of {
        numbers.set(*which, Some(PhoneNumber::new(text).unwrap()));
    }
    numbers
}

pub(crate) fn a_telephone_number_is_set_changed_and_removed(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    let long = "5".repeat(PhoneNumber::MAX_ENCODED);
    for (change, changes) in [
        (phone(PhoneKind::Home, "555 123"), 1),
        (phone(PhoneKind::Mobile, "+49 (0) ☎"), 2),
        (phone(PhoneKind::Work, &long), 3),
        (phone(PhoneKind::Mobile, "+49"), 4),
        (Change::SetPhone(PhoneKind::Home, None), 5),
    ] {
        assert_eq!(store.change_one(alice, change), Ok(own(changes)));
    }
    let expected = numbers(&[(PhoneKind::Work, &long), (PhoneKind::Mobile, "+49")]);
    store.now_and_later(|store| {
        assert_eq!(store.roster(alice).unwrap().numbers, expected);
        assert!(store.roster(bob).unwrap().numbers.is_empty());
        assert_eq!(store.all_accounts()[0].1, principal("alice"));
    });
    store.change_one(alice, Change::SetPhone(PhoneKind::Work, None)).unwrap();
    store.change_one(alice, Change::SetPhone(PhoneKind::Mobile, None)).unwrap();
    store.now_and_later(|store| assert!(store.roster(alice).unwrap().numbers.is_empty()));
    let missing = store.change_one(AccountId(99), phone(PhoneKind::Home, "1"));
    assert_eq!(missing, Err(ErrorCode::InvalidUser));
}

pub(crate) fn setting_the_same_telephone_number_changes_nothing(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.put(bob, Forward, alice).unwrap();
    assert_eq!(store.change_one(alice, Change::SetPhone(PhoneKind::Work, None)), Ok(own(1)));
    store.change_one(alice, phone(PhoneKind::Work, "1")).unwrap();
    assert_eq!(store.change_one(alice, phone(PhoneKind::Work, "1")), Ok(own(2)));
    assert_eq!([alice, bob].map(|who| store.changes(who)), [2, 2]);
}

pub(crate) fn users_who_may_see_a_new_number_get_a_new_list_version(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    let [dave, eve] = ["dave", "eve"].map(|name| store.add(name));
    for (owner, list, contact) in [
        (carol, Forward, alice),
        (bob, Forward, alice),
        (bob, Forward, carol),
        (alice, Forward, dave),
        (eve, Allow, alice),
        // A blocked contact does not see the number.
        (alice, Block, carol),
    ] {
        store.put(owner, list, contact).unwrap();
    }
    let before = [alice, bob, carol, dave, eve].map(|who| store.changes(who));
    assert_eq!(before, [4, 2, 2, 1, 1]);
    let contacts = vec![(bob, version(3))];
    let expected = Changed { contacts, ..own(5) };
    assert_eq!(store.change_one(alice, phone(PhoneKind::Home, "1")), Ok(expected));
    store.now_and_later(|store| {
        let after = [alice, bob, carol, dave, eve].map(|who| store.changes(who));
        assert_eq!(after, [5, 3, 2, 1, 1]);
        assert_eq!(store.on(bob, Forward), [alice, carol]);
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    });
}

/// A change of Alice's lists or privacy, and the contact who starts or stops seeing her numbers,
/// with the number of changes of the contact and whether they see the numbers now.
type Step = (Change, Option<(u32, u32)>, bool);

pub(crate) fn users_who_start_or_stop_seeing_numbers_get_a_new_list_version(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    let dave = store.add("dave");
    // Dave is on no forward list, so nothing changes for him.
    for owner in [bob, carol] {
        store.put(owner, Forward, alice).unwrap();
    }
    let privacy = |privacy| Change::SetPrivacy { privacy, strict: true };
    let take = |list, contact| Change::Remove { list, contact, group: None };
    // Without telephone numbers, no other list version changes.
    for change in [put(Block, bob), take(Block, bob), privacy(Privacy::BlockOthers)] {
        assert_eq!(store.change_one(alice, change).unwrap().contacts, []);
    }
    store.change_one(alice, privacy(Privacy::AllowOthers)).unwrap();
    store.change_one(alice, phone(PhoneKind::Home, "1")).unwrap();
    store.change_one(alice, phone(PhoneKind::Mobile, "2")).unwrap();
    let visible = numbers(&[(PhoneKind::Home, "1"), (PhoneKind::Mobile, "2")]);
    let steps: [Step; 12] = [
        (put(Block, bob), Some((2, 4)), false),
        (put(Allow, carol), None, false),
        (put(Block, dave), None, false),
        (take(Block, dave), None, false),
        (take(Block, bob), Some((2, 5)), true),
        (privacy(Privacy::BlockOthers), Some((2, 6)), false),
        (put(Allow, bob), Some((2, 7)), true),
        (take(Allow, carol), Some((3, 4)), false),
        (put(Block, carol), None, false),
        (take(Allow, bob), Some((2, 8)), false),
        (put(Allow, dave), None, false),
        (privacy(Privacy::AllowOthers), Some((2, 9)), true),
    ];
    for (change, who, sees) in steps {
        let now = store.changes(alice) + 1;
        let contacts = who.map(|(who, changes)| (AccountId(who), version(changes)));
        let numbers = if sees { visible.clone() } else { PhoneNumbers::default() };
        let expected = Changed { contacts: contacts.into_iter().collect(), numbers, ..own(now) };
        assert_eq!(store.change_one(alice, change.clone()), Ok(expected), "{change:?}");
    }
    store.now_and_later(|store| {
        assert_eq!([bob, carol, dave].map(|who| store.changes(who)), [9, 4, 0]);
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    });
}

pub(crate) fn the_privacy_setting_applies_to_users_on_neither_list(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    for (owner, list, contact) in
        [(bob, Forward, alice), (carol, Forward, alice), (alice, Block, carol)]
    {
        store.put(owner, list, contact).unwrap();
    }
    store.change_one(alice, phone(PhoneKind::Work, "1")).unwrap();
    let set = |privacy| Change::SetPrivacy { privacy, strict: false };
    let changed = |store: &Subject, privacy| store.change_one(alice, set(privacy)).unwrap();
    let hidden = changed(store, Privacy::BlockOthers);
    assert_eq!(
        (hidden.contacts, hidden.numbers),
        (vec![(bob, version(3))], PhoneNumbers::default())
    );
    // Setting the same value again changes nothing.
    assert_eq!(changed(store, Privacy::BlockOthers), own(5));
    let shown = changed(store, Privacy::AllowOthers);
    let visible = numbers(&[(PhoneKind::Work, "1")]);
    assert_eq!((shown.contacts, shown.numbers), (vec![(bob, version(4))], visible));
    store.now_and_later(|store| {
        assert_eq!([alice, bob, carol].map(|who| store.changes(who)), [6, 4, 1]);
    });
}
