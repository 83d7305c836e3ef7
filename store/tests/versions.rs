//! No list version is used twice. If a client has cached lists under a version, the store has the
//! same lists under that version.

#[cfg(test)]
#[path = "power_cut/dice.rs"]
mod dice;
#[cfg(test)]
#[path = "power_cut/edits.rs"]
#[allow(dead_code, reason = "the tests of power cuts need more of it")]
mod edits;

use actors::port::Store;
use actors::port::store::{AccountId, Detail, NewAccount, Password, Principal};
use dice::Dice;
use edits::{Edit, backup, forward};
use msnp::{FriendlyName, Handle, ListVersion};
use std::collections::HashMap;
use std::io::Cursor;
use store::Memory;

#[cfg(test)]
mod steps {
    use super::*;

    /// The lists that clients have cached, by handle and version.
    #[derive(Default)]
    pub(super) struct Kept(HashMap<(String, u32), String>);

    impl Kept {
        /// Synchronises every client.
        pub(super) fn compare(&mut self, store: &Memory) {
            let mut all = Vec::new();
            store.principals(&mut |id, who| all.push((id, who))).unwrap();
            let handles: HashMap<AccountId, String> =
                all.iter().map(|(id, who)| (*id, who.handle.to_string())).collect();
            for (id, handle) in &handles {
                let roster = store.roster(*id, Detail::Lists).unwrap();
                let lists = roster.lists.map(|list| {
                    let entries = list
                        .into_iter()
                        .map(|listed| format!("{} {}", handles[&listed.contact], listed.groups));
                    entries.collect::<Vec<_>>()
                });
                let lists = format!("{:?} {:?} {lists:?}", roster.groups, roster.privacy);
                let version = roster.version.value();
                let kept = self.0.entry((handle.clone(), version)).or_insert(lists.clone());
                assert_eq!(*kept, lists, "version {version} of {handle} is used twice");
            }
        }
    }

    /// Creates an account with one of a few handles and a random version.
    pub(super) fn create(store: &Memory, dice: &mut Dice) {
        let handle = Handle::new(dice.pick(&["alice@example.com", "bob@example.com"])).unwrap();
        let principal = Principal { name: FriendlyName::from_handle(&handle), handle };
        let version = ListVersion::from_entropy(u32::try_from(dice.roll(1 << 32)).unwrap());
        let password = Password::new("secret").unwrap();
        // The account may exist already.
        let _ = store.create(&NewAccount { principal, password, version });
    }

    pub(super) fn number(name: &str, default: u64) -> u64 {
        std::env::var(name).map_or(default, |text| text.parse().unwrap())
    }
}

use steps::{Kept, create, number};

/// `MSNPD_ROUNDS` sets the number of rounds, which is 40 by default. `MSNPD_SEED` sets the seed of
/// the first.
#[test]
fn no_list_version_is_used_twice() {
    let (rounds, first) = (number("MSNPD_ROUNDS", 40), number("MSNPD_SEED", 0));
    let mut restored = 0;
    for seed in first..first + rounds {
        let mut dice = Dice(seed);
        let store = Memory::new(|| 0).unwrap();
        let (mut kept, mut backups) = (Kept::default(), vec![backup(&store)]);
        for _ in 0..60 {
            match dice.roll(10) {
                0 => backups.push(backup(&store)),
                1 => {
                    let backup = dice.pick(&backups);
                    store.restore(&mut Cursor::new(&backup)).unwrap();
                    restored += 1;
                }
                2 => {
                    let _ = store.remove(AccountId(1 + u32::try_from(dice.roll(6)).unwrap()));
                }
                3 => create(&store, &mut dice),
                _ => {
                    let edit = Edit::random(&mut dice, &[]);
                    if !matches!(edit, Edit::Create(_)) {
                        edit.make(&store).unwrap();
                    }
                }
            }
            kept.compare(&store);
        }
    }
    println!("{restored} backups were restored, no version was used twice");
}

/// The client has cached the version after the backup's. The first change after the restore must
/// not use that version again, whatever the clock shows.
#[test]
fn the_version_after_that_of_a_backup_is_not_reused() {
    let store = Memory::new(|| 0).unwrap();
    let mut dice = Dice(1);
    for _ in 0..20 {
        create(&store, &mut dice);
    }
    let (alice, bob) = (AccountId(1), AccountId(2));
    let version = || store.roster(alice, Detail::Lists).unwrap().version;
    let (before, bytes) = (version(), backup(&store));
    store.change(&[(alice, forward(bob))]).unwrap().remove(0).unwrap();
    let cached = version();
    assert_eq!(cached, before.next());
    let card = Memory::new(|| 0).unwrap();
    card.restore(&mut Cursor::new(&bytes)).unwrap();
    let restored = card.roster(alice, Detail::Lists).unwrap();
    assert!(restored.version != cached && restored.version != before);
    assert_eq!(restored.lists, [const { Vec::new() }; 4]);
}
