//! Friendly names: a user's own name, and the names given to contacts.

use super::subject::{LIMIT, Subject, name, own, principal};
use actors::port::store::{AccountId, Change};
use msnp::List::{Allow, Block, Forward, Reverse};
use msnp::{ErrorCode, List};

fn put_as(list: List, contact: AccountId, shown: &str) -> Change {
    Change::Add { list, contact, name: Some(name(shown)), limit: LIMIT, group: None }
}

fn rename(contact: AccountId, shown: &str) -> Change {
    Change::RenameContact { contact, name: name(shown) }
}

pub(crate) fn a_contact_has_the_name_given_by_the_owner(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    store.change_one(alice, put_as(Forward, bob, "Bobby")).unwrap();
    store.change_one(alice, put_as(Allow, carol, "Caz")).unwrap();
    store.now_and_later(|store| {
        assert_eq!(store.given_name(alice, Forward, bob).as_deref(), Some("Bobby"));
        assert_eq!(store.given_name(alice, Allow, carol).as_deref(), Some("Caz"));
        // Bob's own name is unchanged, and his own lists do not have the given name.
        assert_eq!(store.all_accounts()[1].1, principal("bob"));
        assert_eq!(store.given_name(bob, Reverse, alice), None);
    });
}

pub(crate) fn a_given_name_equal_to_the_handle_or_own_name_is_not_stored(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    // Gaim sends the handle as the name. The Microsoft clients send the friendly name that they
    // know.
    store.change_one(alice, put_as(Forward, bob, "bob@example.com")).unwrap();
    store.change_one(alice, put_as(Forward, carol, "carol")).unwrap();
    for contact in [bob, carol] {
        store.change_one(contact, Change::RenameSelf(name("Somebody else"))).unwrap();
    }
    store.now_and_later(|store| {
        assert_eq!(store.given_name(alice, Forward, bob), None);
        assert_eq!(store.given_name(alice, Forward, carol), None);
    });
}

pub(crate) fn adding_again_replaces_the_name_and_adding_without_one_keeps_it(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.change_one(alice, put_as(Forward, bob, "Bobby")).unwrap();
    store.put(alice, Allow, bob).unwrap();
    assert_eq!(store.given_name(alice, Allow, bob).as_deref(), Some("Bobby"));
    // CCMSN removes a contact and adds them again to get rid of an outdated name.
    store.take(alice, Forward, bob).unwrap();
    store.change_one(alice, put_as(Forward, bob, "bob")).unwrap();
    store.now_and_later(|store| {
        assert_eq!(store.given_name(alice, Forward, bob), None);
        assert_eq!(store.given_name(alice, Allow, bob), None);
    });
}

pub(crate) fn allowing_or_blocking_a_contact_keeps_the_given_name(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    for (list, contact) in [(Allow, bob), (Block, carol)] {
        store.change_one(alice, put_as(Forward, contact, "Somebody")).unwrap();
        // Gaim sends the handle as the name. Others send the name that they know.
        for shown in ["bob@example.com", "carol@example.com", "bob", "carol", "Another"] {
            store.change_one(alice, put_as(list, contact, shown)).unwrap();
            store.take(alice, list, contact).unwrap();
        }
        store.change_one(alice, put_as(list, contact, "Another")).unwrap();
    }
    store.now_and_later(|store| {
        for (list, contact) in [(Forward, bob), (Allow, bob), (Forward, carol), (Block, carol)] {
            assert_eq!(store.given_name(alice, list, contact).as_deref(), Some("Somebody"));
        }
    });
}

pub(crate) fn an_addition_to_any_list_names_a_contact_without_a_given_name(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    store.put(alice, Forward, bob).unwrap();
    store.change_one(alice, put_as(Allow, bob, "Bobby")).unwrap();
    store.change_one(alice, put_as(Block, carol, "Caz")).unwrap();
    store.now_and_later(|store| {
        assert_eq!(store.given_name(alice, Forward, bob).as_deref(), Some("Bobby"));
        assert_eq!(store.given_name(alice, Allow, bob).as_deref(), Some("Bobby"));
        assert_eq!(store.given_name(alice, Block, carol).as_deref(), Some("Caz"));
    });
}

pub(crate) fn a_name_given_on_the_forward_list_replaces_an_earlier_one(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    for contact in [bob, carol] {
        store.change_one(alice, put_as(Allow, contact, "Somebody")).unwrap();
    }
    store.change_one(alice, put_as(Forward, bob, "Bobby")).unwrap();
    store.change_one(alice, put_as(Forward, carol, "carol@example.com")).unwrap();
    store.now_and_later(|store| {
        for list in [Forward, Allow] {
            assert_eq!(store.given_name(alice, list, bob).as_deref(), Some("Bobby"));
            assert_eq!(store.given_name(alice, list, carol), None);
        }
    });
}

pub(crate) fn only_listed_contacts_can_be_renamed(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    let [dave, eve] = ["dave", "eve"].map(|name| store.add(name));
    store.put(alice, Forward, bob).unwrap();
    store.put(alice, Allow, carol).unwrap();
    store.put(alice, Block, dave).unwrap();
    store.put(eve, Forward, alice).unwrap();
    let before = [bob, carol, dave, eve].map(|who| store.changes(who));
    for (contact, changes) in [(bob, 5), (carol, 6), (dave, 7), (eve, 8)] {
        let changed = store.change_one(alice, rename(contact, "Some Name"));
        assert_eq!(changed, Ok(own(changes)));
    }
    assert_eq!(store.change_one(bob, rename(carol, "X")), Err(ErrorCode::NotOnList));
    store.take(alice, Allow, carol).unwrap();
    assert_eq!(store.change_one(alice, rename(carol, "X")), Err(ErrorCode::NotOnList));
    store.now_and_later(|store| {
        for (list, contact) in [(Forward, bob), (Block, dave), (Reverse, eve)] {
            assert_eq!(store.given_name(alice, list, contact).as_deref(), Some("Some Name"));
        }
        assert_eq!([bob, carol, dave, eve].map(|who| store.changes(who)), before);
    });
    for shown in ["bob", "bob@example.com"] {
        store.change_one(alice, rename(bob, "Bobby")).unwrap();
        store.change_one(alice, rename(bob, shown)).unwrap();
        assert_eq!(store.given_name(alice, Forward, bob), None);
    }
}

pub(crate) fn a_rename_of_the_own_account_changes_one_account(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.put(alice, Forward, bob).unwrap();
    let changed = store.change_one(bob, Change::RenameSelf(name("Bob B.")));
    assert_eq!(changed, Ok(own(2)));
    store.now_and_later(|store| {
        assert_eq!(store.all_accounts()[1].1.name, name("Bob B."));
        assert_eq!(store.changes(alice), 1);
        assert_eq!(store.given_name(alice, Forward, bob), None);
    });
}

pub(crate) fn a_contact_who_takes_the_given_name_has_no_given_name(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.change_one(alice, put_as(Forward, bob, "Bobby")).unwrap();
    store.change_one(bob, Change::RenameSelf(name("Bobby"))).unwrap();
    store.now_and_later(|store| assert_eq!(store.given_name(alice, Forward, bob), None));
}

pub(crate) fn names_of_any_script_and_length_are_stored(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.put(alice, Forward, bob).unwrap();
    let longest = "x".repeat(387);
    for shown in ["Zoë 100%", "Ωmega (☎)", "日本語", longest.as_str()] {
        store.change_one(alice, Change::RenameSelf(name(shown))).unwrap();
        store.change_one(alice, rename(bob, shown)).unwrap();
        store.now_and_later(|store| {
            assert_eq!(store.all_accounts()[0].1.name.as_str(), shown);
            assert_eq!(store.given_name(alice, Forward, bob).as_deref(), Some(shown));
        });
    }
}

pub(crate) fn users_can_rename_their_own_entry(store: &mut Subject) {
    let alice = store.add("alice");
    store.put(alice, Allow, alice).unwrap();
    store.change_one(alice, rename(alice, "Me")).unwrap();
    store.now_and_later(|store| {
        assert_eq!(store.given_name(alice, Allow, alice).as_deref(), Some("Me"));
        assert_eq!(store.all_accounts()[0].1, principal("alice"));
        assert_eq!(store.changes(alice), 2);
    });
}
