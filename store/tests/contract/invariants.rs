//! Random changes: rules that always hold, and a comparison of the stores.

use super::subject::{Subject, account, name, password, principal, profile, proof, text};
use actors::port::store::{AccountId, Change, CreateError, Found, ListEntry, Roster};
use msnp::List::{Allow, Block, Forward, Reverse};
use msnp::command::Search;
use msnp::{AddNotice, GroupId, GroupIds, GroupName, List, PhoneKind, PhoneNumber, Privacy};
use std::collections::{BTreeMap, HashSet};

/// Pseudo-random numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }
}

const NAMES: [&str; 9] =
    ["alice", "bob", "carol", "dave", "eve", "frank", "grace", "heidi", "ivan"];

fn random_change(dice: &mut Dice) -> (AccountId, Change) {
    // Account numbers start at 1. Some of these were removed or do not exist yet.
    let random_account = |dice: &mut Dice| AccountId(1 + u32::try_from(dice.roll(12)).unwrap());
    let (owner, contact) = (random_account(dice), random_account(dice));
    let list = dice.pick(&List::ALL);
    let shown = name(dice.pick(&["alice", "bob", "Bobby", "carol@example.com", "Zoë"]));
    let called = dice.pick(&["Friends", "Family", "Work", "Other Contacts"]);
    let called = GroupName::new(called).unwrap();
    let group = GroupId::new(u8::try_from(dice.roll(4)).unwrap()).unwrap();
    let asked = (dice.roll(2) == 0).then_some(group);
    let change = match dice.roll(17) {
        0..=5 => {
            let name = (dice.roll(2) == 0).then_some(shown);
            Change::Add { list, contact, name, limit: 4, group: asked }
        }
        6..=7 => Change::Remove { list, contact, group: asked },
        8 => Change::RenameContact { contact, name: shown },
        9 => Change::RenameSelf(shown),
        10..=11 => Change::AddGroup(called),
        12 => Change::RenameGroup { group, name: called },
        13 => Change::RemoveGroup(group),
        14 => {
            let number = dice.pick(&[None, Some("1"), Some("555 123")]);
            let number = number.map(|text| PhoneNumber::new(text).unwrap());
            Change::SetPhone(dice.pick(&PhoneKind::ALL), number)
        }
        15 => {
            let sought = dice.pick(&[None, Some("Smith"), Some("Jones")]);
            Change::SetProfile(sought.map(|last| profile("Bob", last)))
        }
        _ if dice.roll(2) == 0 => {
            Change::SetAddNotice(dice.pick(&[AddNotice::Ask, AddNotice::Silent]))
        }
        _ => Change::SetPrivacy {
            privacy: dice.pick(&[Privacy::AllowOthers, Privacy::BlockOthers]),
            strict: dice.roll(2) == 0,
        },
    };
    (owner, change)
}

fn rosters(store: &Subject) -> BTreeMap<AccountId, Roster> {
    store.all_accounts().into_iter().map(|(id, _)| (id, store.roster(id).unwrap())).collect()
}

fn check(store: &Subject) {
    let rosters = rosters(store);
    let names: BTreeMap<_, _> = store.all_accounts().into_iter().collect();
    let on = |owner: &AccountId, list, contact| {
        rosters[owner].list(list).iter().any(|listed: &ListEntry| listed.contact == contact)
    };
    for (owner, roster) in &rosters {
        let numbers: Vec<GroupId> = roster.groups.iter().map(|(group, _)| *group).collect();
        assert!(numbers.is_sorted_by(|one, next| one < next) && numbers[0] == GroupId::ZERO);
        let called: HashSet<&GroupName> = roster.groups.iter().map(|(_, name)| name).collect();
        assert_eq!(called.len(), numbers.len());
        for list in List::ALL {
            let entries = roster.list(list);
            let contacts: HashSet<_> = entries.iter().map(|listed| listed.contact).collect();
            assert_eq!(contacts.len(), entries.len(), "no contact is twice on a list");
            for ListEntry { contact, name, groups, numbers: seen } in entries {
                let live = &names.get(contact).expect("all_accounts on a list exists");
                if let Some(name) = name {
                    assert_ne!(&**name, live.name.as_str());
                    assert_ne!(&**name, live.handle.as_str());
                }
                assert!(groups.iter().all(|group| numbers.contains(&group)));
                assert!(list == Forward || (*groups == GroupIds::NONE && seen.is_empty()));
                match list {
                    Forward => {
                        assert!(on(contact, Reverse, *owner));
                        let admits = match rosters[contact].privacy {
                            Privacy::AllowOthers => !on(contact, Block, *owner),
                            Privacy::BlockOthers => on(contact, Allow, *owner),
                        };
                        let theirs = Some(rosters[contact].numbers.clone());
                        assert_eq!(*seen, theirs.filter(|_| admits).unwrap_or_default());
                    }
                    Reverse => assert!(on(contact, Forward, *owner)),
                    Allow => assert!(!on(owner, Block, *contact)),
                    Block => assert!(!on(owner, Allow, *contact)),
                }
            }
            assert!(list == Reverse || entries.len() <= 4);
        }
        assert!(!on(owner, Forward, *owner));
    }
}

/// All users with one name in the member directory.
fn in_directory(store: &Subject) -> Vec<Found> {
    store.search(&Search::named(text("bob"), text("smith")), usize::MAX).unwrap().unwrap()
}

/// Makes the same random change in both stores and compares the results.
fn step(dice: &mut Dice, store: &Subject, reference: &Subject) {
    match dice.roll(20) {
        0..=1 => {
            let new = account(dice.pick(&NAMES));
            match (store.create(&new), reference.create(&new)) {
                (Ok(one), Ok(other)) => assert_eq!(one, other),
                (Err(CreateError::Exists), Err(CreateError::Exists)) => {}
                (one, other) => panic!("{one:?}, {other:?}"),
            }
        }
        2 => {
            let who = AccountId(1 + u32::try_from(dice.roll(20)).unwrap());
            assert_eq!(store.remove(who).is_ok(), reference.remove(who).is_ok());
        }
        3 => {
            let who = AccountId(1 + u32::try_from(dice.roll(12)).unwrap());
            let new = dice.pick(&["secret", "new"]);
            let set = |store: &Subject| store.set_password(who, &password(new)).is_ok();
            assert_eq!(set(store), set(reference));
            let verified =
                |store: &Subject| store.check_proof(Some(who), &proof("1", "new")).unwrap();
            assert_eq!(verified(store), verified(reference));
        }
        _ => {
            let batch: Vec<_> = (0..=dice.roll(5)).map(|_| random_change(dice)).collect();
            assert_eq!(store.change(&batch).unwrap(), reference.change(&batch).unwrap());
        }
    }
}

pub(crate) fn random_changes_keep_the_rules(store: &mut Subject) {
    let reference = Subject::memory();
    let mut dice = Dice(0x6d73_6e70_6437);
    for name in NAMES {
        assert_eq!(store.add(name), reference.add(name));
    }
    let (mut before, mut most_found) = (rosters(store), 0);
    for steps in 1..=300 {
        step(&mut dice, store, &reference);
        if steps % 100 == 0 {
            store.reopen();
        }
        check(store);
        let after = rosters(store);
        assert_eq!(after, rosters(&reference));
        assert_eq!(store.all_accounts(), reference.all_accounts());
        let found = in_directory(store);
        most_found = most_found.max(found.len());
        assert_eq!(found, in_directory(&reference));
        assert!(found.iter().all(|(id, _)| after.contains_key(id)), "every result is an account");
        for (who, roster) in &after {
            // A contact's own name may hide the name given to them, without a change here.
            let contacts = |roster: &Roster| {
                roster.lists.clone().map(|list| {
                    let shown = |it: ListEntry| (it.contact, it.groups, it.numbers);
                    list.into_iter().map(shown).collect::<Vec<_>>()
                })
            };
            let Some(before) = before.get(who) else { continue };
            let same = contacts(before) == contacts(roster)
                && (before.add_notice, before.privacy) == (roster.add_notice, roster.privacy)
                && (&before.groups, &before.numbers) == (&roster.groups, &roster.numbers);
            assert!(same || before.version != roster.version, "a change makes a new version");
        }
        before = after;
    }
    let entries: usize = before.values().flat_map(|roster| &roster.lists).map(Vec::len).sum();
    assert!(entries > 20, "the changes made something: {entries}");
    let in_other_groups = |listed: &ListEntry| ![0, 1].contains(&u32::from(listed.groups));
    let grouped = before.values().flat_map(|roster| roster.list(Forward));
    assert!(grouped.filter(|listed| in_other_groups(listed)).count() > 2);
    assert!(before.values().filter(|roster| !roster.numbers.is_empty()).count() > 2);
    assert!(most_found > 2, "{most_found}");
    assert!(store.all_accounts().iter().any(|(_, who)| who.name != principal("x").name));
}
