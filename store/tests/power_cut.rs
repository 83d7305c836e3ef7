//! A store on a disk that fails: the power fails, the disk is full, or pages are damaged.

#[cfg(test)]
#[path = "power_cut/dice.rs"]
mod dice;
#[cfg(test)]
#[path = "power_cut/disk.rs"]
mod disk;
#[cfg(test)]
#[path = "power_cut/edits.rs"]
mod edits;

use actors::port::store::{AccountId, CreateError, Detail, StoreState};
use actors::port::{AccountExport, Store, StoreError};
use dice::Dice;
use disk::{Disk, Leaves};
use edits::{Edit, backup, forward, newcomer, shown, strange_profile, stranger, versions};
use msnp::MemberProfile;
use msnp::command::Search;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use store::{File, Memory};

#[cfg(test)]
mod steps {
    use super::*;

    pub(super) fn open(disk: &Arc<Disk>) -> Result<File, StoreError> {
        let disk = disk.clone();
        File::on_medium("the disk", &[7; 32], || 0, move || disk.medium())
    }

    pub(super) fn clean(store: &dyn Store) {
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    }

    /// A store on the disk, and one in memory that gets the same edits.
    pub(super) struct Pair {
        pub(super) disk: Arc<Disk>,
        pub(super) store: Option<File>,
        pub(super) reference: Memory,
        pub(super) backups: Vec<Vec<u8>>,
    }

    impl Pair {
        pub(super) fn new() -> Pair {
            let disk = Arc::new(Disk::default());
            let store = Some(open(&disk).unwrap());
            Pair { disk, store, reference: Memory::new(|| 0).unwrap(), backups: Vec::new() }
        }

        pub(super) fn store(&self) -> &File {
            self.store.as_ref().unwrap()
        }

        /// Makes an edit in both stores. Returns the edit if the disk did not acknowledge it.
        pub(super) fn edit(&mut self, dice: &mut Dice) -> Result<(), Edit> {
            if dice.roll(8) == 0 && !self.disk.is_off() {
                self.backups.truncate(2);
                self.backups.push(backup(self.store()));
            }
            let edit = Edit::random(dice, &self.backups);
            let Ok(answer) = edit.make(self.store()) else { return Err(edit) };
            assert_eq!(answer, edit.make(&self.reference).unwrap());
            Ok(())
        }

        /// Edits until the power fails. Afterwards the store has every acknowledged edit, and the
        /// last edit either completely or not at all.
        pub(super) fn cut(&mut self, dice: &mut Dice) {
            self.disk.cut_after(1 + dice.roll(60));
            let (mut acknowledged, mut tries) = (versions(self.store()), 0);
            let last = loop {
                match self.edit(dice) {
                    Ok(()) => acknowledged = versions(self.store()),
                    Err(last) => break last,
                }
                tries += 1;
                assert!(tries < 1000, "the power does not go");
            };
            assert!(self.disk.is_off(), "{last:?} failed for another reason");
            self.store = None;
            self.restart(dice);
            let before = shown(&self.reference);
            last.make(&self.reference).unwrap();
            let after = shown(&self.reference);
            let found = shown(self.store());
            assert!(found == before || found == after, "{last:?}\n{before:?}\n{found:?}");
            clean(self.store());
            if found != after {
                assert_eq!(versions(self.store()), acknowledged);
                self.reference = Memory::new(|| 0).unwrap();
                self.reference.restore(&mut Cursor::new(backup(self.store()))).unwrap();
            }
        }

        /// Edits until the disk turns read-only. The store then shows exactly the acknowledged
        /// edits, and refuses changes until the disk can be written again.
        pub(super) fn turn_read_only(&mut self, dice: &mut Dice) {
            self.disk.turn_read_only_after(1 + dice.roll(60));
            let mut tries = 0;
            let last = loop {
                match self.edit(dice) {
                    Ok(()) => {}
                    Err(last) => break last,
                }
                tries += 1;
                assert!(tries < 1000, "the disk does not turn read-only");
            };
            assert!(self.disk.is_read_only(), "{last:?} failed for another reason");
            let before = (shown(&self.reference), versions(&self.reference).len());
            for _ in 0..3 {
                let found = (shown(self.store()), versions(self.store()).len());
                assert!(found == before, "{last:?}\n{before:?}\n{found:?}");
                clean(self.store());
                drop(backup(self.store()));
                let why = last.make(self.store()).unwrap_err();
                assert!(matches!(why, StoreError::Unwritable(..)), "{why:?}");
                assert!(self.store().state().unwritable.is_some());
            }
            match dice.roll(3) {
                0 => self.disk.protect(false),
                // The bytes of the failed change may be on the disk completely, in part, or not at
                // all.
                _ => {
                    let leaves = some_of_it(dice);
                    self.disk.restart(dice, leaves);
                }
            }
            if dice.coin() {
                assert_eq!(self.store().state().unwritable, None);
                assert!(shown(self.store()) == before.0);
            }
            assert_eq!(last.make(self.store()).unwrap(), last.make(&self.reference).unwrap());
            assert_eq!(self.store().state(), StoreState::default());
            let after = shown(&self.reference);
            assert!(shown(self.store()) == after);
            clean(self.store());
            self.disk.cut_after(1);
            self.store = None;
            self.disk.restart(dice, Leaves::Nothing);
            self.store = Some(open(&self.disk).unwrap());
            assert!(shown(self.store()) == after);
        }

        fn restart(&mut self, dice: &mut Dice) {
            let (first, second) = (some_of_it(dice), some_of_it(dice));
            self.disk.restart(dice, first);
            if dice.roll(3) == 0 {
                // The power may fail again while the store is checked.
                self.disk.cut_after(1 + dice.roll(8));
                drop(open(&self.disk));
                self.disk.restart(dice, second);
            }
            self.store = Some(open(&self.disk).unwrap());
        }
    }

    fn some_of_it(dice: &mut Dice) -> Leaves {
        match dice.roll(6) {
            0 => Leaves::Nothing,
            1 => Leaves::Everything,
            2 => Leaves::Some(1),
            3 => Leaves::Some(9),
            _ => Leaves::Some(5),
        }
    }

    /// The number of rounds, and the seed of the first one.
    pub(super) fn rounds(default: u64) -> (u64, u64) {
        let number = |name, default| match std::env::var(name) {
            Ok(text) => text.parse().unwrap(),
            Err(_) => default,
        };
        (number("MSNPD_ROUNDS", default), number("MSNPD_SEED", 0))
    }
}

use steps::{Pair, clean, open, rounds};

/// `MSNPD_ROUNDS` sets the number of rounds, which is 40 by default. `MSNPD_SEED` sets the seed of
/// the first one.
#[test]
fn acknowledged_edits_survive_power_cuts() {
    let (rounds, first) = rounds(40);
    for seed in first..first + rounds {
        let round = catch_unwind(AssertUnwindSafe(|| {
            let mut dice = Dice(seed);
            let mut pair = Pair::new();
            for _ in 0..dice.roll(40) {
                pair.edit(&mut dice).unwrap();
            }
            for _ in 0..=dice.roll(3) {
                pair.cut(&mut dice);
            }
        }));
        assert!(round.is_ok(), "the seed is {seed}: MSNPD_SEED={seed} MSNPD_ROUNDS=1");
    }
}

#[test]
fn a_read_only_disk_shows_acknowledged_edits_and_accepts_changes_later() {
    let (rounds, first) = rounds(10);
    for seed in first..first + rounds {
        let round = catch_unwind(AssertUnwindSafe(|| {
            let mut dice = Dice(seed);
            let mut pair = Pair::new();
            for _ in 0..dice.roll(40) {
                pair.edit(&mut dice).unwrap();
            }
            for _ in 0..=dice.roll(2) {
                pair.turn_read_only(&mut dice);
            }
        }));
        assert!(round.is_ok(), "the seed is {seed}: MSNPD_SEED={seed} MSNPD_ROUNDS=1");
    }
}

#[test]
fn a_full_disk_loses_nothing_and_accepts_edits_when_it_has_space() {
    let disk = Arc::new(Disk::default());
    let store = open(&disk).unwrap();
    let first = store.create(&newcomer(0)).unwrap();
    type Fill = fn(&Disk, bool);
    let fills: [Fill; 2] = [Disk::limit, Disk::fill];
    let mut made = 1;
    for (fill, backup_before) in fills.into_iter().zip([backup(&store), backup(&store)]) {
        fill(&disk, true);
        let refused = loop {
            assert!(made < 100_000, "the disk is never full");
            match store.create(&newcomer(made)) {
                Ok(_) => made += 1,
                Err(why) => break why,
            }
        };
        assert!(matches!(refused, CreateError::Store(StoreError::Io(..))), "{refused}");
        for _ in 0..3 {
            assert!(store.change(&[(first, forward(AccountId(2)))]).is_err());
            assert!(store.restore(&mut Cursor::new(&backup_before)).is_err());
        }
        fill(&disk, false);
        assert_eq!(store.verify_integrity().unwrap().accounts, made);
        clean(&store);
        store.create(&newcomer(made)).unwrap();
        made += 1;
    }
    let answers = store.change(&[(first, forward(AccountId(2)))]).unwrap();
    assert!(answers.iter().all(Result::is_ok));
    let before = shown(&store);
    disk.cut_after(1);
    drop(store);
    disk.restart(&mut Dice(1), Leaves::Nothing);
    assert!(shown(&open(&disk).unwrap()) == before);
}

#[test]
fn damage_after_opening_is_an_error_not_a_panic() {
    let disk = Arc::new(Disk::default());
    let store = open(&disk).unwrap();
    // More than the cache holds, so no change succeeds with cached pages alone.
    let exports: Vec<AccountExport> = (0..2000).map(stranger).collect();
    assert_eq!(store.import(&exports).unwrap().created.len(), 2000);
    let before = shown(&store);
    let mut whole = Vec::new();
    disk.tamper(|bytes| whole.clone_from(bytes));
    let mut damaged = 0;
    let MemberProfile { first, last, .. } = strange_profile();
    let all = Search::named(first, last);
    for (salt, step) in [(0xA5, 1), (0, 1), (0xFF, 3), (0x01, 7)] {
        disk.tamper(|bytes| {
            // The first page points to the other pages.
            for page in bytes.chunks_mut(4096).skip(1).step_by(step) {
                page.fill(salt);
            }
        });
        let mut trouble = |why: StoreError| {
            assert!(matches!(why, StoreError::Damaged(..)), "{why}");
            damaged += 1;
        };
        let _ = store.export(true).map(drop).map_err(&mut trouble);
        let _ = store.principals(&mut |_, _| {}).map_err(&mut trouble);
        let _ = store.roster(AccountId(750), Detail::Numbers).map(drop).map_err(&mut trouble);
        let _ = store.search(&all, 2000).map(drop).map_err(&mut trouble);
        let _ = store.change(&[(AccountId(7), forward(AccountId(1200)))]).map_err(&mut trouble);
        disk.tamper(|bytes| bytes.clone_from(&whole));
        // The store is opened again, if necessary.
        let _ = store.principals(&mut |_, _| {});
        assert!(shown(&store) == before);
    }
    assert!(damaged > 8, "{damaged}");
}
