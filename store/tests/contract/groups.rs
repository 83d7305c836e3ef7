//! The groups of the forward list, and their members.

use super::subject::{
    LIMIT, Subject, added, group_name, id, name, own, password, phone, principal, put, removed,
    version,
};
use actors::port::store::{AccountId, Change, Changed, ForwardChange};
use actors::port::{AccountExport, Contact, PhoneNumbers};
use msnp::List::{Allow, Block, Forward, Reverse};
use msnp::{AddNotice, ErrorCode, GroupId, GroupIds, PhoneKind, Privacy};

fn join(contact: AccountId, group: u8) -> Change {
    Change::Add { list: Forward, contact, name: None, limit: LIMIT, group: Some(id(group)) }
}

fn leave(contact: AccountId, group: u8) -> Change {
    Change::Remove { list: Forward, contact, group: Some(id(group)) }
}

fn groups(word: &str) -> GroupIds {
    GroupIds::parse(word.as_bytes()).unwrap()
}

/// The result of an addition to a group.
fn into(changed: Changed, group: u8) -> Changed {
    Changed { group: Some(id(group)), ..changed }
}

/// Creates three accounts. Alice has these groups, each created by one change.
fn with_groups(store: &Subject, names: &[&str]) -> [AccountId; 3] {
    let ids = store.three();
    for name in names {
        store.change_one(ids[0], Change::AddGroup(group_name(name))).unwrap();
    }
    ids
}

fn shown(store: &Subject, account: AccountId) -> String {
    let groups = store.roster(account).unwrap().groups;
    let words: Vec<_> = groups.iter().map(|(group, name)| format!("{group} {name}")).collect();
    words.join(", ")
}

pub(crate) fn group_0_has_no_name_until_it_is_named_or_there_is_another(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    assert_eq!(
        store.change_one(alice, Change::AddGroup(group_name("Friends"))),
        Ok(Changed { group: Some(id(1)), ..own(1) })
    );
    let rename = Change::RenameGroup { group: GroupId::ZERO, name: group_name("The rest") };
    assert_eq!(store.change_one(bob, rename), Ok(own(1)));
    store.now_and_later(|store| {
        assert_eq!(shown(store, alice), "0 Other Contacts, 1 Friends");
        assert_eq!(shown(store, bob), "0 The rest");
        assert_eq!(shown(store, carol), "0 ~");
    });
    assert_eq!(store.change_one(alice, Change::RemoveGroup(id(1))), Ok(own(2)));
    store.now_and_later(|store| assert_eq!(shown(store, alice), "0 Other Contacts"));
}

pub(crate) fn a_new_group_has_the_smallest_free_number(store: &mut Subject) {
    let [alice, ..] = with_groups(store, &["a", "b", "c"]);
    store.change_one(alice, Change::RemoveGroup(id(2))).unwrap();
    store.reopen();
    let made = store.change_one(alice, Change::AddGroup(group_name("d"))).unwrap();
    assert_eq!(made, Changed { group: Some(id(2)), ..own(5) });
    store.now_and_later(|store| {
        assert_eq!(shown(store, alice), "0 Other Contacts, 1 a, 2 d, 3 c");
    });
    for number in 4..30 {
        store.change_one(alice, Change::AddGroup(group_name(&format!("g{number}")))).unwrap();
    }
    let one_more = store.change_one(alice, Change::AddGroup(group_name("one more")));
    assert_eq!(one_more, Err(ErrorCode::TooManyGroups));
    store.now_and_later(|store| assert_eq!(store.roster(alice).unwrap().groups.len(), 30));
}

pub(crate) fn invalid_group_changes_are_refused(store: &mut Subject) {
    let [alice, bob, carol] = with_groups(store, &["Friends", "Family"]);
    store.change_one(alice, join(bob, 1)).unwrap();
    let before = store.roster(alice).unwrap();
    let rename = |group, name| Change::RenameGroup { group: id(group), name: group_name(name) };
    for (change, code) in [
        (Change::AddGroup(group_name("Family")), ErrorCode::GroupExists),
        (Change::AddGroup(group_name("Other Contacts")), ErrorCode::GroupExists),
        (rename(1, "Family"), ErrorCode::GroupExists),
        (rename(3, "New"), ErrorCode::InvalidGroup),
        (Change::RemoveGroup(id(3)), ErrorCode::InvalidGroup),
        (Change::RemoveGroup(id(0)), ErrorCode::CannotRemoveGroupZero),
        (join(bob, 1), ErrorCode::AlreadyThere),
        (put(Forward, bob), ErrorCode::AlreadyThere),
        (join(bob, 3), ErrorCode::InvalidGroup),
        (join(carol, 3), ErrorCode::InvalidGroup),
        (join(alice, 1), ErrorCode::InvalidParameter),
        (join(AccountId(99), 1), ErrorCode::InvalidUser),
        (leave(bob, 3), ErrorCode::InvalidGroup),
        (leave(bob, 2), ErrorCode::NotInGroup),
        (leave(bob, 0), ErrorCode::NotInGroup),
        (leave(carol, 1), ErrorCode::NotOnList),
        (leave(AccountId(99), 1), ErrorCode::InvalidUser),
    ] {
        assert_eq!(store.change_one(alice, change.clone()), Err(code), "{change:?}");
    }
    store.now_and_later(|store| assert_eq!(store.roster(alice).unwrap(), before));
    for change in [
        Change::AddGroup(group_name("x")),
        rename(0, "x"),
        Change::RemoveGroup(id(1)),
        join(alice, 0),
        leave(alice, 0),
    ] {
        assert_eq!(store.change_one(AccountId(99), change), Err(ErrorCode::InvalidUser));
    }
}

pub(crate) fn a_group_is_renamed(store: &mut Subject) {
    let [alice, bob, _] = with_groups(store, &["Friends"]);
    store.change_one(alice, join(bob, 1)).unwrap();
    for (group, name, changes) in [(1, "Pals", 3), (1, "Pals", 4), (0, "Others", 5)] {
        let rename = Change::RenameGroup { group: id(group), name: group_name(name) };
        assert_eq!(store.change_one(alice, rename), Ok(own(changes)));
    }
    store.now_and_later(|store| {
        assert_eq!(shown(store, alice), "0 Others, 1 Pals");
        assert_eq!(store.groups_of(alice, bob), groups("1"));
        assert_eq!(store.changes(bob), 1);
    });
}

pub(crate) fn a_contact_is_added_to_the_requested_group_or_to_group_0(store: &mut Subject) {
    let [alice, bob, carol] = with_groups(store, &["Friends"]);
    assert_eq!(store.put(alice, Forward, bob), Ok(added(2, bob, 1)));
    assert_eq!(store.change_one(alice, join(carol, 1)), Ok(into(added(3, carol, 1), 1)));
    store.now_and_later(|store| {
        assert_eq!(store.groups_of(alice, bob), groups("0"));
        assert_eq!(store.groups_of(alice, carol), groups("1"));
        assert_eq!([bob, carol].map(|who| store.on(who, Reverse)), [[alice], [alice]]);
    });
    // A user without groups has group 0.
    assert_eq!(store.change_one(bob, join(carol, 0)), Ok(into(added(2, carol, 2), 0)));
    assert_eq!(store.change_one(bob, join(alice, 1)), Err(ErrorCode::InvalidGroup));
}

pub(crate) fn adding_a_contact_to_another_group_changes_one_account(store: &mut Subject) {
    let [alice, bob, _] = with_groups(store, &["Friends", "Family"]);
    let add = Change::Add {
        list: Forward,
        contact: bob,
        name: Some(name("Bobby")),
        limit: 1,
        group: Some(id(1)),
    };
    store.change_one(alice, add).unwrap();
    // AYTTM sends the handle as the name when it moves a contact. The list is full.
    let add = Change::Add {
        list: Forward,
        contact: bob,
        name: Some(name("bob@example.com")),
        limit: 1,
        group: Some(id(2)),
    };
    let changed = store.change_one(alice, add);
    assert_eq!(changed, Ok(into(own(4), 2)));
    store.now_and_later(|store| {
        assert_eq!(store.groups_of(alice, bob), groups("1,2"));
        assert_eq!(store.given_name(alice, Forward, bob).as_deref(), Some("Bobby"));
        assert_eq!(store.changes(bob), 1);
    });
    assert_eq!(store.change_one(alice, leave(bob, 1)), Ok(own(5)));
    store.now_and_later(|store| {
        assert_eq!(store.groups_of(alice, bob), groups("2"));
        assert_eq!((store.on(bob, Reverse), store.changes(bob)), (vec![alice], 1));
    });
}

pub(crate) fn a_contact_removed_from_the_last_group_leaves_the_forward_list(store: &mut Subject) {
    let [alice, bob, _] = with_groups(store, &["Friends", "Family"]);
    store.put(alice, Allow, bob).unwrap();
    store.change_one(alice, join(bob, 1)).unwrap();
    assert_eq!(store.change_one(alice, leave(bob, 1)), Ok(removed(5, bob, 2)));
    store.now_and_later(|store| {
        assert_eq!((store.on(alice, Forward), store.on(alice, Allow)), (vec![], vec![bob]));
        assert_eq!((store.on(bob, Reverse), store.changes(bob)), (vec![], 2));
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    });
    assert_eq!(store.change_one(alice, leave(bob, 1)), Err(ErrorCode::NotOnList));
    // Gaim removes a contact from a group before it adds them to another.
    assert_eq!(store.change_one(alice, join(bob, 2)), Ok(into(added(6, bob, 3), 2)));
    store.now_and_later(|store| {
        assert_eq!(store.groups_of(alice, bob), groups("2"));
        assert_eq!(store.on(bob, Reverse), [alice]);
    });
    // Twisted, an Emacs client and Kopete have no other way to remove a contact.
    store.change_one(alice, leave(bob, 2)).unwrap();
    assert_eq!(store.put(alice, Forward, bob), Ok(added(8, bob, 5)));
    assert_eq!(store.change_one(alice, leave(bob, 0)), Ok(removed(9, bob, 6)));
    store.now_and_later(|store| assert_eq!(store.on(alice, Forward), []));
}

/// Creates a contact who is in no group: an older version left contacts there when it removed them
/// from their last group. Carol has the contact, and Bob is the contact.
fn in_no_group(store: &Subject) -> [AccountId; 2] {
    let bob = store.add("bob");
    let contact = |who: &str| Contact::new(&principal(who).handle, None);
    let carol = AccountExport {
        disabled: None,
        principal: principal("carol"),
        add_notice: AddNotice::default(),
        privacy: Privacy::default(),
        password: Some(password("secret")),
        groups: vec![(id(0), group_name("Other Contacts")), (id(1), group_name("Friends"))],
        numbers: PhoneNumbers::default(),
        profile: None,
        lists: [vec![contact("bob")], vec![], vec![]],
    };
    let imported = store.import(&[carol]).unwrap();
    let [(carol, _)] = imported.created[..] else { panic!("{imported:?}") };
    [carol, bob]
}

pub(crate) fn a_contact_in_no_group_is_kept_and_can_be_removed_from_group_0(store: &mut Subject) {
    let [carol, bob] = in_no_group(store);
    store.now_and_later(|store| {
        assert_eq!(store.on(carol, Forward), [bob]);
        assert_eq!(store.groups_of(carol, bob), GroupIds::NONE);
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    });
    assert_eq!(store.change_one(carol, leave(bob, 1)), Err(ErrorCode::NotInGroup));
    let before = store.roster(bob).unwrap().version;
    let changed = store.change_one(carol, leave(bob, 0)).unwrap();
    assert_eq!(
        (changed.forward, changed.contacts),
        (ForwardChange::Removed, vec![(bob, before.next())])
    );
    store.now_and_later(|store| {
        assert_eq!((store.on(carol, Forward), store.on(bob, Reverse)), (vec![], vec![]));
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    });
}

pub(crate) fn a_contact_in_no_group_can_be_added_to_one(store: &mut Subject) {
    let [carol, bob] = in_no_group(store);
    store.change_one(carol, join(bob, 0)).unwrap();
    store.change_one(carol, join(bob, 1)).unwrap();
    store.change_one(carol, leave(bob, 0)).unwrap();
    store.now_and_later(|store| {
        assert_eq!(store.on(carol, Forward), [bob]);
        assert_eq!(store.groups_of(carol, bob), groups("1"));
    });
}

pub(crate) fn a_removal_without_a_group_removes_the_contact_from_all_groups(store: &mut Subject) {
    let [alice, bob, _] = with_groups(store, &["Friends", "Family"]);
    store.put(alice, Allow, bob).unwrap();
    store.change_one(alice, join(bob, 1)).unwrap();
    store.change_one(alice, join(bob, 2)).unwrap();
    assert_eq!(store.take(alice, Forward, bob), Ok(removed(6, bob, 2)));
    store.now_and_later(|store| assert_eq!(store.on(alice, Forward), []));
    // When the contact is added again, they are not in the old groups.
    store.put(alice, Forward, bob).unwrap();
    store.now_and_later(|store| assert_eq!(store.groups_of(alice, bob), groups("0")));
}

pub(crate) fn a_contact_only_in_a_removed_group_leaves_the_forward_list(store: &mut Subject) {
    let [alice, bob, carol] = with_groups(store, &["Friends", "Family"]);
    let [dave, eve] = ["dave", "eve"].map(|name| store.add(name));
    for (contact, group) in [(carol, 1), (bob, 1), (dave, 1), (dave, 2), (eve, 2)] {
        store.change_one(alice, join(contact, group)).unwrap();
    }
    store.put(alice, Allow, bob).unwrap();
    store.put(carol, Forward, alice).unwrap();
    let contacts = vec![(bob, version(2)), (carol, version(3))];
    let expected = Changed { forward: ForwardChange::Removed, contacts, ..own(10) };
    assert_eq!(store.change_one(alice, Change::RemoveGroup(id(1))), Ok(expected));
    store.now_and_later(|store| {
        assert_eq!(store.on(alice, Forward), [dave, eve]);
        assert_eq!(store.groups_of(alice, dave), groups("2"));
        assert_eq!(store.on(alice, Allow), [bob], "bob stays on other lists");
        assert_eq!([bob, carol].map(|who| store.on(who, Reverse)), [[], []]);
        assert_eq!([dave, eve].map(|who| store.on(who, Reverse)), [[alice], [alice]]);
        assert_eq!(store.on(alice, Reverse), [carol]);
        assert_eq!([bob, carol, dave, eve].map(|who| store.changes(who)), [2, 3, 1, 1]);
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    });
}

pub(crate) fn a_contact_in_no_group_stays_when_a_group_is_removed(store: &mut Subject) {
    let [carol, bob] = in_no_group(store);
    let changed = store.change_one(carol, Change::RemoveGroup(id(1))).unwrap();
    assert_eq!((changed.forward, changed.contacts), (ForwardChange::Unchanged, vec![]));
    assert_eq!(store.on(carol, Forward), [bob]);
}

pub(crate) fn only_the_forward_list_has_groups(store: &mut Subject) {
    let [alice, bob, carol] = with_groups(store, &["Friends"]);
    for (list, contact) in [(Allow, bob), (Block, carol)] {
        let group = Some(id(7));
        store
            .change_one(alice, Change::Add { list, contact, name: None, limit: LIMIT, group })
            .unwrap();
        assert_eq!(store.on(alice, list), [contact]);
        assert_eq!(store.groups_on_list(alice, list, contact), GroupIds::NONE);
        store.change_one(alice, Change::Remove { list, contact, group }).unwrap();
        assert_eq!(store.on(alice, list), []);
    }
    store.change_one(bob, join(alice, 0)).unwrap();
    assert_eq!(store.groups_on_list(alice, Reverse, bob), GroupIds::NONE);
}

pub(crate) fn a_contact_shows_telephone_numbers_to_allowed_users_only(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.change_one(bob, phone(PhoneKind::Home, "555 123")).unwrap();
    let numbers = store.roster(bob).unwrap().numbers;
    // Either all numbers are visible, or none.
    let sees = |found: PhoneNumbers| {
        assert!(found.is_empty() || found == numbers);
        !found.is_empty()
    };
    let listed = |store: &Subject| {
        let roster = store.roster(alice).unwrap();
        sees(roster.list(Forward)[0].numbers.clone())
    };
    let adds = |store: &Subject| {
        let added = sees(store.put(alice, Forward, bob).unwrap().numbers);
        assert_eq!(listed(store), added);
        assert!(store.take(alice, Forward, bob).unwrap().numbers.is_empty());
        added
    };
    assert!(adds(store));
    store.put(bob, Block, alice).unwrap();
    assert!(!adds(store));
    store.take(bob, Block, alice).unwrap();
    let privacy = Privacy::BlockOthers;
    store.change_one(bob, Change::SetPrivacy { privacy, strict: true }).unwrap();
    assert!(!adds(store));
    store.put(bob, Allow, alice).unwrap();
    assert!(adds(store));
    store.put(alice, Forward, bob).unwrap();
    store.change_one(alice, Change::AddGroup(group_name("Friends"))).unwrap();
    assert!(sees(store.change_one(alice, join(bob, 1)).unwrap().numbers));
    store.take(bob, Allow, alice).unwrap();
    store.now_and_later(|store| assert!(!listed(store)));
    store.change_one(alice, leave(bob, 1)).unwrap();
    assert!(!sees(store.change_one(alice, join(bob, 1)).unwrap().numbers));
}
