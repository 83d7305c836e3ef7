//! Additions to the lists and removals from them.

use super::subject::{LIMIT, Subject, added, name, own, put, removed, version};
use actors::port::store::{AccountId, Change};
use msnp::List::{Allow, Block, Forward, Reverse};
use msnp::{ErrorCode, List, Privacy};

pub(crate) fn adding_to_the_forward_list_changes_two_accounts(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    assert_eq!(store.put(alice, Forward, bob), Ok(added(1, bob, 1)));
    store.now_and_later(|store| {
        assert_eq!(store.on(alice, Forward), [bob]);
        assert_eq!(store.on(bob, Reverse), [alice]);
        assert_eq!([alice, bob, carol].map(|who| store.changes(who)), [1, 1, 0]);
    });
}

pub(crate) fn adding_to_the_allow_or_block_list_changes_one_account(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    assert_eq!(store.put(alice, Allow, bob), Ok(own(1)));
    assert_eq!(store.put(alice, Block, carol), Ok(own(2)));
    store.now_and_later(|store| {
        assert_eq!(store.on(alice, Allow), [bob]);
        assert_eq!(store.on(alice, Block), [carol]);
        assert_eq!([alice, bob, carol].map(|who| store.changes(who)), [2, 0, 0]);
        assert_eq!(store.on(bob, Reverse), []);
    });
}

pub(crate) fn removing_from_the_forward_list_changes_two_accounts(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.put(alice, Forward, bob).unwrap();
    store.put(alice, Allow, bob).unwrap();
    assert_eq!(store.take(alice, Forward, bob), Ok(removed(3, bob, 2)));
    store.now_and_later(|store| {
        assert_eq!(
            List::ALL.map(|list| store.on(alice, list)),
            [vec![], vec![bob], vec![], vec![]]
        );
        assert_eq!(store.on(bob, Reverse), []);
    });
}

pub(crate) fn removing_from_the_allow_or_block_list_changes_one_account(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    store.put(alice, Forward, bob).unwrap();
    store.put(alice, Allow, bob).unwrap();
    store.put(alice, Block, carol).unwrap();
    assert_eq!(store.take(alice, Allow, bob), Ok(own(4)));
    assert_eq!(store.take(alice, Block, carol), Ok(own(5)));
    store.now_and_later(|store| {
        assert_eq!(
            List::ALL.map(|list| store.on(alice, list)),
            [vec![bob], vec![], vec![], vec![]]
        );
        assert_eq!(store.on(bob, Reverse), [alice]);
        assert_eq!([bob, carol].map(|who| store.changes(who)), [1, 0]);
    });
}

pub(crate) fn entries_are_in_the_order_of_their_addition(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    let [dave, eve] = ["dave", "eve"].map(|name| store.add(name));
    for contact in [dave, bob, eve, carol] {
        store.put(alice, Forward, contact).unwrap();
    }
    store.take(alice, Forward, bob).unwrap();
    store.now_and_later(|store| assert_eq!(store.on(alice, Forward), [dave, eve, carol]));
}

pub(crate) fn the_reverse_list_is_in_the_order_of_the_additions(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    let dave = store.add("dave");
    for owner in [dave, bob, carol] {
        store.put(owner, Forward, alice).unwrap();
    }
    store.now_and_later(|store| assert_eq!(store.on(alice, Reverse), [dave, bob, carol]));
    store.take(dave, Forward, alice).unwrap();
    store.put(dave, Forward, alice).unwrap();
    store.now_and_later(|store| assert_eq!(store.on(alice, Reverse), [bob, carol, dave]));
}

pub(crate) fn an_entry_added_again_goes_to_the_end(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    let dave = store.add("dave");
    for list in [Forward, Block] {
        for contact in [bob, carol, dave] {
            store.put(alice, list, contact).unwrap();
        }
        store.take(alice, list, bob).unwrap();
        store.put(alice, list, bob).unwrap();
    }
    store.now_and_later(|store| {
        assert_eq!(store.on(alice, Forward), [carol, dave, bob]);
        assert_eq!(store.on(alice, Block), [carol, dave, bob]);
    });
}

pub(crate) fn each_list_has_its_own_order(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    store.put(alice, Forward, bob).unwrap();
    store.put(alice, Forward, carol).unwrap();
    store.put(alice, Allow, carol).unwrap();
    store.put(alice, Allow, bob).unwrap();
    store.put(carol, Forward, alice).unwrap();
    store.put(bob, Forward, alice).unwrap();
    store.now_and_later(|store| {
        assert_eq!(store.on(alice, Forward), [bob, carol]);
        assert_eq!(store.on(alice, Allow), [carol, bob]);
        assert_eq!(store.on(alice, Reverse), [carol, bob]);
    });
}

pub(crate) fn no_contact_is_on_both_the_allow_and_the_block_list(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.put(alice, Allow, bob).unwrap();
    assert_eq!(store.put(alice, Block, bob), Err(ErrorCode::OppositeList));
    store.take(alice, Allow, bob).unwrap();
    store.put(alice, Block, bob).unwrap();
    assert_eq!(store.put(alice, Allow, bob), Err(ErrorCode::OppositeList));
    store.now_and_later(|store| {
        assert_eq!(store.on(alice, Allow), []);
        assert_eq!(store.on(alice, Block), [bob]);
    });
}

pub(crate) fn adding_a_listed_contact_or_removing_an_unlisted_one_is_refused(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    for list in [Forward, Allow] {
        assert_eq!(store.take(alice, list, bob), Err(ErrorCode::NotOnList));
        store.put(alice, list, bob).unwrap();
    }
    assert_eq!(store.put(alice, Forward, bob), Err(ErrorCode::AlreadyThere));
    assert_eq!(store.take(alice, Block, bob), Err(ErrorCode::NotOnList));
    assert_eq!((store.changes(alice), store.changes(bob)), (2, 1));
}

pub(crate) fn allowing_or_blocking_again_changes_nothing(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    let add_named = |list, contact, word| {
        let (name, group) = (Some(name(word)), None);
        Change::Add { list, contact, name, limit: 1, group }
    };
    for (list, contact, changes) in [(Allow, bob, 1), (Block, carol, 2)] {
        store.change_one(alice, add_named(list, contact, "First")).unwrap();
        let before = store.roster(alice).unwrap();
        // The list is full, and the name differs.
        let again = add_named(list, contact, "Second");
        assert_eq!(store.change_one(alice, again), Ok(own(changes)));
        store.now_and_later(|store| assert_eq!(store.roster(alice).unwrap(), before));
        assert_eq!(store.given_name(alice, list, contact).as_deref(), Some("First"));
    }
    assert_eq!([bob, carol].map(|who| store.changes(who)), [0, 0]);
}

pub(crate) fn a_full_list_refuses_additions(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    let limited = |list, contact| Change::Add { list, contact, name: None, limit: 1, group: None };
    for list in [Forward, Allow] {
        store.change_one(alice, limited(list, bob)).unwrap();
        assert_eq!(store.change_one(alice, limited(list, carol)), Err(ErrorCode::ListFull));
        let again = store.change_one(alice, limited(list, bob));
        assert_eq!(again.is_ok(), list == Allow, "{again:?}");
        store.take(alice, list, bob).unwrap();
        store.change_one(alice, limited(list, carol)).unwrap();
    }
    // Entries of other lists do not count.
    store.change_one(alice, limited(Block, bob)).unwrap();
    store.now_and_later(|store| {
        assert_eq!(
            [Forward, Allow, Block].map(|list| store.on(alice, list)),
            [[carol], [carol], [bob]]
        );
    });
}

pub(crate) fn the_reverse_list_has_no_limit(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    for owner in [bob, carol] {
        let add = Change::Add { list: Forward, contact: alice, name: None, limit: 1, group: None };
        store.change_one(owner, add).unwrap();
    }
    assert_eq!(store.on(alice, Reverse), [bob, carol]);
}

pub(crate) fn a_user_cannot_change_the_reverse_list(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.put(bob, Forward, alice).unwrap();
    assert_eq!(store.put(alice, Reverse, bob), Err(ErrorCode::InvalidParameter));
    assert_eq!(store.take(alice, Reverse, bob), Err(ErrorCode::InvalidParameter));
    assert_eq!(store.on(alice, Reverse), [bob]);
}

pub(crate) fn users_can_allow_or_block_themselves(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    assert_eq!(store.put(alice, Forward, alice), Err(ErrorCode::InvalidParameter));
    store.put(alice, Allow, alice).unwrap();
    store.put(bob, Block, bob).unwrap();
    store.now_and_later(|store| {
        assert_eq!(store.on(alice, Allow), [alice]);
        assert_eq!(store.on(bob, Block), [bob]);
        assert_eq!((store.on(alice, Reverse), store.changes(alice)), (vec![], 1));
    });
    store.take(alice, Allow, alice).unwrap();
    assert_eq!((store.on(alice, Allow), store.changes(alice)), (vec![], 2));
}

pub(crate) fn changes_for_and_of_missing_accounts_are_refused(store: &mut Subject) {
    let alice = store.add("alice");
    let missing = AccountId(99);
    let of = [
        put(Forward, alice),
        Change::Remove { list: Forward, contact: alice, group: None },
        Change::RenameSelf(name("X")),
        Change::RenameContact { contact: alice, name: name("X") },
        Change::SetPrivacy { privacy: Privacy::BlockOthers, strict: true },
    ];
    for change in of {
        assert_eq!(store.change_one(missing, change), Err(ErrorCode::InvalidUser));
    }
    let about = [
        put(Forward, missing),
        put(Allow, missing),
        Change::Remove { list: Forward, contact: missing, group: None },
        Change::RenameContact { contact: missing, name: name("X") },
    ];
    for change in about {
        assert_eq!(store.change_one(alice, change), Err(ErrorCode::InvalidUser));
    }
    assert_eq!(store.changes(alice), 0);
}

pub(crate) fn a_batch_is_applied_in_order_and_each_change_succeeds_or_fails_alone(
    store: &mut Subject,
) {
    let [alice, bob, carol] = store.three();
    let answers = store.change(&[
        (alice, put(Allow, bob)),
        (alice, put(Block, bob)),
        (AccountId(99), put(Allow, bob)),
        (alice, Change::Remove { list: Allow, contact: bob, group: None }),
        (alice, put(Block, bob)),
        (carol, put(Forward, alice)),
        (alice, put(Forward, carol)),
    ]);
    let expected = [
        Ok(own(1)),
        Err(ErrorCode::OppositeList),
        Err(ErrorCode::InvalidUser),
        Ok(own(2)),
        Ok(own(3)),
        Ok(added(1, alice, 4)),
        Ok(added(5, carol, 2)),
    ];
    assert_eq!(answers.unwrap(), expected);
    store.now_and_later(|store| {
        let lists = List::ALL.map(|list| store.on(alice, list));
        assert_eq!(lists, [vec![carol], vec![], vec![bob], vec![carol]]);
    });
    assert_eq!(store.change(&[]).unwrap(), []);
}

pub(crate) fn a_refused_change_leaves_no_trace(store: &mut Subject) {
    let [alice, bob, carol] = store.three();
    store.put(alice, Block, bob).unwrap();
    store.put(alice, Forward, bob).unwrap();
    let everything = |store: &Subject| {
        ([alice, bob, carol].map(|who| store.roster(who).unwrap()), store.all_accounts())
    };
    let before = everything(store);
    let add = |list, contact, limit| {
        let (name, group) = (Some(name("X")), None);
        Change::Add { list, contact, name, limit, group }
    };
    let refused = [
        add(Forward, bob, LIMIT),
        add(Allow, bob, LIMIT),
        add(Forward, carol, 1),
        add(Forward, alice, LIMIT),
        add(Reverse, carol, LIMIT),
        add(Allow, AccountId(99), LIMIT),
        Change::Remove { list: Allow, contact: bob, group: None },
        Change::Remove { list: Forward, contact: carol, group: None },
        Change::RenameContact { contact: carol, name: name("X") },
        Change::SetPrivacy { privacy: Privacy::AllowOthers, strict: true },
    ];
    // In one transaction with changes that succeed.
    let mut batch: Vec<_> = refused.into_iter().map(|change| (alice, change)).collect();
    batch.push((carol, Change::RenameSelf(name("Carol C."))));
    let answers = store.change(&batch).unwrap();
    let (last, refused) = answers.split_last().unwrap();
    assert!(refused.iter().all(Result::is_err));
    assert!(last.is_ok());
    store.change_one(carol, Change::RenameSelf(name("carol"))).unwrap();
    store.now_and_later(|store| {
        let (mut rosters, all_accounts) = everything(store);
        rosters[2].version = version(0);
        assert_eq!((rosters, all_accounts), before);
    });
}

pub(crate) fn two_users_who_add_each_other_are_on_each_others_lists(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.put(alice, Forward, bob).unwrap();
    store.put(bob, Forward, alice).unwrap();
    store.now_and_later(|store| {
        for (one, other) in [(alice, bob), (bob, alice)] {
            assert_eq!(store.on(one, Forward), [other]);
            assert_eq!(store.on(one, Reverse), [other]);
        }
    });
    store.take(alice, Forward, bob).unwrap();
    store.now_and_later(|store| {
        assert_eq!((store.on(alice, Forward), store.on(alice, Reverse)), (vec![], vec![bob]));
        assert_eq!((store.on(bob, Forward), store.on(bob, Reverse)), (vec![alice], vec![]));
    });
}
