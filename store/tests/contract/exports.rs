//! Exports and imports of accounts.

use super::subject::{
    LIMIT, Subject, account, group_name, id, name, password, phone, principal, profile, proof, put,
    version,
};
use actors::port::store::{AccountId, Change};
use actors::port::{
    AccountExport, Contact, Disabled, ImportStep, Imported, ListedContact, PhoneNumbers,
};
use actors::settings::MAX_LIST_ENTRIES;
use msnp::List::{Allow, Block, Forward, Reverse};
use msnp::{AddNotice, FriendlyName, GroupId, GroupIds, Handle, PhoneKind, PhoneNumber, Privacy};

fn handle(who: &str) -> Handle {
    principal(who).handle
}

fn plain(who: &str) -> Contact {
    Contact::new(&handle(who), None)
}

fn named(who: &str, called: &str) -> Contact {
    Contact::new(&handle(who), Some(&name(called)))
}

/// The contact as an entry of the forward list in group 0 only.
fn in_group_0(contact: Contact) -> Contact {
    contact.in_groups(GroupId::ZERO.into())
}

/// An item of [`Imported::omitted_entries`].
fn omitted_entries(owner: &str, who: &str) -> (Handle, Box<str>) {
    (handle(owner), handle(who).as_str().into())
}

fn export(who: &str, lists: [&[&str]; 3]) -> AccountExport {
    let [forward, allow, block] = lists.map(|list| list.iter().map(|who| plain(who)).collect());
    let forward = Vec::into_iter(forward).map(in_group_0).collect();
    AccountExport {
        principal: principal(who),
        add_notice: AddNotice::default(),
        privacy: Privacy::default(),
        password: Some(password("secret")),
        groups: Vec::new(),
        numbers: PhoneNumbers::default(),
        profile: None,
        disabled: None,
        lists: [forward, allow, block],
    }
}

fn clean(store: &Subject) {
    assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
}

pub(crate) fn an_export_has_all_accounts_and_passwords_only_on_request(store: &mut Subject) {
    let [carol, alice, bob] = ["carol", "alice", "bob"].map(|name| store.add(name));
    for (list, contact) in [(Forward, carol), (Forward, bob), (Allow, alice), (Block, bob)] {
        store.put(alice, list, contact).unwrap();
    }
    store.change_one(alice, Change::RenameContact { contact: bob, name: name("Bobby") }).unwrap();
    store.change_one(alice, Change::RenameSelf(name("Alice A."))).unwrap();
    store.change_one(alice, Change::SetAddNotice(AddNotice::Silent)).unwrap();
    let privacy = Privacy::BlockOthers;
    store.change_one(alice, Change::SetPrivacy { privacy, strict: true }).unwrap();
    store.set_password(alice, &password("new")).unwrap();
    let mut of_alice = export("alice", [&["carol", "bob"], &["alice"], &["bob"]]);
    of_alice.principal.name = name("Alice A.");
    (of_alice.add_notice, of_alice.privacy) = (AddNotice::Silent, privacy);
    of_alice.password = Some(password("new"));
    of_alice.lists[0][1] = in_group_0(named("bob", "Bobby"));
    of_alice.lists[2][0] = named("bob", "Bobby");
    let none: [&[&str]; 3] = [&[], &[], &[]];
    let mut expected = [of_alice, export("bob", none), export("carol", none)];
    store.now_and_later(|store| assert_eq!(store.export(true).unwrap(), expected));
    expected.iter_mut().for_each(|export| export.password = None);
    assert_eq!(store.export(false).unwrap(), expected);
}

pub(crate) fn a_given_name_that_became_the_own_name_is_not_exported(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.put(alice, Forward, bob).unwrap();
    store.change_one(alice, Change::RenameContact { contact: bob, name: name("Bobby") }).unwrap();
    store.change_one(bob, Change::RenameSelf(name("Bobby"))).unwrap();
    assert_eq!(store.export(false).unwrap()[0].lists[0], [in_group_0(plain("bob"))]);
}

pub(crate) fn an_import_restores_an_export(store: &mut Subject) {
    let who = ["alice", "bob", "carol", "dave", "eve"];
    let mut seed = 1_u64;
    let mut roll = |sides: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % sides
    };
    for shape in 0..12 {
        let ids: Vec<AccountId> = who.iter().map(|who| store.add(who)).collect();
        let pick = |roll: &mut dyn FnMut(usize) -> usize| ids[roll(5)];
        for _ in 0..shape * 8 {
            let (owner, contact) = (pick(&mut roll), pick(&mut roll));
            let list = [Forward, Allow, Block][roll(3)];
            let shown = name(["Zoë", "bob", "100 % ♥", "dave@example.com"][roll(4)]);
            // Some of the changes are refused.
            let group = id(u8::try_from(roll(4)).unwrap());
            let group_name = group_name(["Friends", "Family", "♥", "Other Contacts"][roll(4)]);
            let asked = [None, Some(group)][roll(2)];
            let _ = match roll(14) {
                0 => store.change_one(owner, Change::RenameContact { contact, name: shown }),
                1 => store.change_one(owner, Change::RenameSelf(shown)),
                2 => store.change_one(owner, Change::Remove { list, contact, group: asked }),
                3 => store.change_one(owner, Change::SetAddNotice(AddNotice::Silent)),
                4 => store.change_one(owner, Change::AddGroup(group_name)),
                5 => store.change_one(owner, Change::RenameGroup { group, name: group_name }),
                6 => store.change_one(owner, Change::RemoveGroup(group)),
                7 => store
                    .change_one(owner, phone(PhoneKind::ALL[roll(3)], ["1", "555 123"][roll(2)])),
                8 => store.change_one(
                    owner,
                    Change::SetProfile([None, Some(profile("A", "B"))][roll(2)].clone()),
                ),
                _ => {
                    let (name, limit, group) = (None, LIMIT, asked);
                    store.change_one(owner, Change::Add { list, contact, name, limit, group })
                }
            };
        }
        store.set_password(pick(&mut roll), &password("other")).unwrap();
        let exported = store.export(true).unwrap();
        for other in [Subject::memory(), Subject::file()] {
            let imported = other.import(&exported).unwrap();
            assert_eq!(imported.created.len(), 5);
            let rest = Imported { created: imported.created.clone(), ..Imported::default() };
            assert_eq!(imported, rest, "nothing else is to be said of it");
            assert_eq!(other.export(true).unwrap(), exported);
            clean(&other);
        }
        for id in ids {
            store.remove(id).unwrap();
        }
    }
}

pub(crate) fn imported_accounts_can_sign_in(store: &mut Subject) {
    let exports = [export("bob", [&["alice"], &[], &[]]), export("alice", [&[], &[], &[]])];
    let imported = store.import(&exports).unwrap();
    let [(bob, who), (alice, _)] = &imported.created[..] else { panic!("{imported:?}") };
    assert_eq!((*who).clone(), principal("bob"));
    assert_eq!(imported.listed, []);
    store.now_and_later(|store| {
        assert!(store.check_proof(Some(*bob), &proof("1", "secret")).unwrap());
        assert_eq!(store.on(*bob, Forward), [*alice]);
        assert_eq!(store.on(*alice, Reverse), [*bob]);
        clean(store);
    });
}

pub(crate) fn imported_accounts_have_unused_list_versions(store: &mut Subject) {
    let names: Vec<String> = (0..20).map(|number| format!("account{number}")).collect();
    let exports: Vec<_> = names.iter().map(|name| export(name, [&[], &[], &[]])).collect();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..2 {
        let imported = store.import(&exports).unwrap();
        for (id, _) in imported.created {
            assert!(seen.insert(store.roster(id).unwrap().version), "they are random");
            store.remove(id).unwrap();
        }
    }
}

pub(crate) fn an_import_does_not_change_existing_accounts(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    let mut other = export("alice", [&["bob"], &[], &[]]);
    other.principal.name = name("Somebody");
    other.password = Some(password("other"));
    let dave = export("dave", [&[], &[], &[]]);
    let imported = store.import(&[other, dave.clone(), dave]).unwrap();
    assert_eq!(imported.skipped, [handle("alice"), handle("dave")]);
    assert_eq!(imported.created.len(), 1);
    assert_eq!((imported.omitted_entries, imported.listed), (vec![], vec![]));
    assert_eq!((store.changes(alice), store.changes(bob)), (0, 0));
    assert!(store.check_proof(Some(alice), &proof("1", "secret")).unwrap());
    assert_eq!(store.on(alice, Forward), []);
}

pub(crate) fn an_import_that_lists_an_existing_account_changes_its_list_version(
    store: &mut Subject,
) {
    let [alice, bob, carol] = store.three();
    let lists: [&[&str]; 3] = [&["bob", "eve"], &["carol"], &[]];
    let imported = store.import(&[export("dave", lists), export("eve", lists)]).unwrap();
    let ids: Vec<AccountId> = imported.created.iter().map(|(id, _)| *id).collect();
    let [dave, eve] = ids[..] else { panic!("{ids:?}") };
    let listed_bob =
        |owner, changes| ListedContact { owner, contact: bob, version: version(changes) };
    assert_eq!(imported.listed, [listed_bob(dave, 1), listed_bob(eve, 2)]);
    assert_eq!([alice, bob, carol].map(|id| store.changes(id)), [0, 2, 0]);
    assert_eq!(store.on(bob, Reverse), [dave, eve]);
    assert_eq!(store.on(dave, Forward), [bob, eve]);
    assert_eq!(store.on(eve, Forward), [bob], "not himself");
    assert_eq!(imported.omitted_entries, [omitted_entries("eve", "eve")]);
    clean(store);
}

pub(crate) fn invalid_entries_are_not_imported(store: &mut Subject) {
    let [_, bob, carol] = store.three();
    let mut dave = export(
        "dave",
        [&["dave", "bob", "nobody", "bob", "carol"], &["bob", "dave"], &["carol", "bob", "dave"]],
    );
    dave.lists[0][1] = named("bob", "Bobby");
    dave.lists[0][3] = named("bob", "Robert");
    dave.lists[0][4] = named("carol", "carol");
    dave.lists[1][0] = named("bob", "Rob");
    let imported = store.import(&[dave]).unwrap();
    let dave = imported.created[0].0;
    let others = ["dave", "nobody", "bob", "bob", "dave"];
    assert_eq!(imported.omitted_entries, others.map(|who| omitted_entries("dave", who)));
    assert_eq!(store.on(dave, Forward), [bob, carol]);
    assert_eq!(store.on(dave, Allow), [bob, dave]);
    assert_eq!(store.on(dave, Block), [carol]);
    assert_eq!(
        store.given_name(dave, Allow, bob).as_deref(),
        Some("Bobby"),
        "as the forward list says"
    );
    assert_eq!(store.given_name(dave, Block, carol), None, "as she calls herself");
    clean(store);
}

pub(crate) fn groups_and_telephone_numbers_are_imported(store: &mut Subject) {
    let mut alice = export("alice", [&["bob", "carol", "dave"], &["bob"], &[]]);
    alice.groups = vec![(id(0), group_name("Rest")), (id(7), group_name("Friends"))];
    alice.numbers.set(PhoneKind::Mobile, Some(PhoneNumber::new("555 123").unwrap()));
    let groups = |word: &str| GroupIds::parse(word.as_bytes()).unwrap();
    alice.lists[0][0] = plain("bob").in_groups(groups("0,7"));
    alice.lists[0][1] = plain("carol").in_groups(GroupIds::NONE);
    let others = ["bob", "carol", "dave"].map(|who| export(who, [&[], &[], &[]]));
    let all = [&[alice.clone()], &others[..]].concat();
    let imported = store.import(&all).unwrap();
    assert_eq!(imported.omitted_entries, []);
    let [(alice_id, _), (bob, _), ..] = &imported.created[..] else { panic!("{imported:?}") };
    store.now_and_later(|store| {
        let roster = store.roster(*alice_id).unwrap();
        assert_eq!((roster.groups, roster.numbers), (alice.groups.clone(), alice.numbers.clone()));
        assert_eq!(store.groups_of(*alice_id, *bob), groups("0,7"));
        assert_eq!(store.export(true).unwrap(), all);
        clean(store);
    });
}

pub(crate) fn invalid_groups_are_not_imported(store: &mut Subject) {
    let mut alice = export("alice", [&["bob", "carol"], &["bob"], &[]]);
    alice.groups = vec![
        (id(5), group_name("Family")),
        (id(2), group_name("Friends")),
        (id(5), group_name("Work")),
        (id(6), group_name("Friends")),
        (id(7), group_name("Other Contacts")),
    ];
    let groups = |word: &str| GroupIds::parse(word.as_bytes()).unwrap();
    alice.lists[0][0] = plain("bob").in_groups(groups("2,6,9"));
    alice.lists[0][1] = plain("carol").in_groups(groups("7"));
    alice.lists[1][0] = plain("bob").in_groups(groups("2"));
    let [bob, carol] = ["bob", "carol"].map(|who| store.add(who));
    let imported = store.import(&[alice]).unwrap();
    let alice = imported.created[0].0;
    store.now_and_later(|store| {
        let shown = store.roster(alice).unwrap().groups;
        // The export has no name for group 0: the import gives it a free one.
        let expected =
            [(0, "Other Contacts 2"), (2, "Friends"), (5, "Family"), (7, "Other Contacts")];
        assert_eq!(shown, expected.map(|(group, name)| (id(group), group_name(name))));
        assert_eq!(store.groups_of(alice, bob), groups("2"));
        assert_eq!(store.groups_of(alice, carol), groups("7"));
        assert_eq!(store.groups_on_list(alice, Allow, bob), GroupIds::NONE);
        clean(store);
    });
}

pub(crate) fn an_imported_list_is_cut_to_its_limit(store: &mut Subject) {
    let max = usize::from(MAX_LIST_ENTRIES);
    let many: Vec<String> = (0..max + 2).map(|number| format!("c{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut exports: Vec<_> = many.iter().map(|who| export(who, [&[], &[], &[]])).collect();
    exports.push(export("alice", [&many, &many[2..], &[]]));
    let imported = store.import(&exports).unwrap();
    let behind = [max, max + 1].map(|number| omitted_entries("alice", many[number]));
    assert_eq!(imported.omitted_entries, behind);
    let alice = imported.created.last().unwrap().0;
    assert_eq!([Forward, Allow, Block].map(|list| store.on(alice, list).len()), [max, max, 0]);
    clean(store);
}

pub(crate) fn an_account_imported_without_password_gets_a_random_one(store: &mut Subject) {
    let mut alice = export("alice", [&[], &[], &[]]);
    alice.password = None;
    let imported = store.import(&[alice, export("bob", [&[], &[], &[]])]).unwrap();
    assert_eq!(imported.without_password, [handle("alice")]);
    let id = imported.created[0].0;
    assert!(!store.check_proof(Some(id), &proof("1", "")).unwrap());
    assert!(!store.check_proof(Some(id), &proof("1", "secret")).unwrap());
    store.set_password(id, &password("secret")).unwrap();
    assert!(store.check_proof(Some(id), &proof("1", "secret")).unwrap());
}

pub(crate) fn the_longest_names_are_imported(store: &mut Subject) {
    let long = Handle::new(&format!("{}@b.cd", "a".repeat(Handle::MAX - 5))).unwrap();
    let loud = FriendlyName::new(&"x".repeat(FriendlyName::MAX_ENCODED)).unwrap();
    let mut new = account("alice");
    (new.principal.handle, new.principal.name) = (long, loud.clone());
    new.password = password("0123456789abcdef");
    let (one, bob) = (store.create(&new).unwrap(), store.add("bob"));
    store.change_one(bob, Change::RenameSelf(name("b"))).unwrap();
    let add = Change::Add {
        list: Forward,
        contact: bob,
        name: Some(loud.clone()),
        limit: 1,
        group: None,
    };
    store.change_one(one, add).unwrap();
    store.change_one(bob, put(Forward, one)).unwrap();
    let exported = store.export(true).unwrap();
    assert_eq!(exported[0].lists[0], [in_group_0(Contact::new(&handle("bob"), Some(&loud)))]);
    let other = Subject::memory();
    other.import(&exported).unwrap();
    assert_eq!(other.export(true).unwrap(), exported);
}

/// The exports of accounts that have each other on their lists.
fn friends(names: [&str; 4]) -> Vec<AccountExport> {
    let mut exports: Vec<_> = names.iter().map(|who| export(who, [&names, &names, &[]])).collect();
    for (who, export) in names.iter().zip(&mut exports) {
        export.lists[0].retain(|contact| contact.handle() != handle(who).as_str());
    }
    exports
}

pub(crate) fn an_import_in_steps_gives_the_same_accounts_as_a_whole_one(store: &mut Subject) {
    let mut exports = friends(["alice", "bob", "carol", "dave"]);
    exports[1].disabled = Some(Disabled::default());
    exports[2].profile = Some(profile("A", "B"));
    exports[3].password = None;
    let created = store.import_step(&exports, ImportStep::Create).unwrap();
    assert_eq!((created.created.len(), created.without_password), (4, vec![]));
    store.now_and_later(|store| {
        clean(store);
        let disabled = store.exclusions().unwrap().disabled;
        assert_eq!(disabled.len(), 4);
        assert!(disabled.iter().all(|(_, disabled)| disabled.is_unfilled()));
        let (alice, _) = created.created[0];
        assert!(!store.check_proof(Some(alice), &proof("1", "secret")).unwrap());
        assert_eq!(store.on(alice, Forward), []);
    });
    let mut without_password = Vec::new();
    for batch in exports.chunks(2) {
        let filled = store.import_step(batch, ImportStep::Fill).unwrap();
        assert_eq!(filled.created.len(), 2);
        assert_eq!((filled.skipped, filled.omitted_entries), (vec![], vec![]));
        without_password.extend(filled.without_password);
        clean(store);
    }
    assert_eq!(without_password, [handle("dave")]);
    let (bob, _) = created.created[1];
    assert_eq!(store.exclusions().unwrap().disabled, [(bob, Disabled::default())]);
    exports.iter_mut().for_each(|export| export.password = None);
    store.now_and_later(|store| assert_eq!(store.export(false).unwrap(), exports));
}

pub(crate) fn the_same_import_again_completes_an_interrupted_one(store: &mut Subject) {
    let exports = friends(["alice", "bob", "carol", "dave"]);
    store.import_step(&exports[..3], ImportStep::Create).unwrap();
    store.import_step(&exports[..1], ImportStep::Fill).unwrap();
    clean(store);
    let whole = &store.export(true).unwrap()[0];
    assert_eq!(whole.disabled, None);
    // Dave does not exist yet, so Alice has three entries on her allow list.
    assert_eq!(whole.lists.each_ref().map(Vec::len), [2, 3, 0]);
    let again = store.import_step(&exports, ImportStep::Create).unwrap();
    assert_eq!(again.skipped, [handle("alice")]);
    assert_eq!(again.created.len(), 1);
    let filled = store.import_step(&exports, ImportStep::Fill).unwrap();
    assert_eq!(filled.created.len(), 3);
    assert_eq!(filled.listed.len(), 3, "alice may be signed in");
    clean(store);
    let exported = store.export(true).unwrap();
    assert_eq!(exported[1..], exports[1..]);
    assert_eq!(store.import_step(&exports, ImportStep::Fill).unwrap(), Imported::default());
}

pub(crate) fn an_import_of_more_than_fits_into_its_cache_is_whole(store: &mut Subject) {
    let names: Vec<String> = (0..100).map(|number| format!("account{number:02}")).collect();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let exports: Vec<_> = names.iter().map(|who| export(who, [&[], &all, &[]])).collect();
    let imported = store.import(&exports).unwrap();
    assert_eq!((imported.created.len(), imported.omitted_entries), (100, vec![]));
    clean(store);
    assert_eq!(store.export(true).unwrap(), exports);
}
