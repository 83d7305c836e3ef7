//! What the logic of the store asks of an engine.

use super::*;
use crate::kv_store::KvStore;
use crate::memory::Maps;
use crate::seal::Key;
use actors::port::store::{Change, Detail, NewAccount, Password, Principal, Proof, Roster};
use actors::port::{Disabled, ImportStep, Store};
use msnp::auth::{Challenge, Digest};
use msnp::command::Search;
use msnp::{
    FriendlyName, GroupId, GroupName, ListVersion, PhoneKind, PhoneNumber, Privacy, ProfileText,
};
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use zeroize::Zeroizing;

/// An engine that runs each transaction several times: the first `conflicts` attempts at it fail.
struct Conflicting {
    maps: Maps,
    conflicts: usize,
    attempts: AtomicUsize,
}

fn conflict<T>() -> Result<T, StoreError> {
    Err(StoreError::Conflict("the engine".to_owned()))
}

impl Backend for Conflicting {
    fn read_once<T>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.maps.read_once(work)
    }

    fn read<T>(&self, work: impl Fn(&dyn Rows) -> Result<T, StoreError>) -> Result<T, StoreError> {
        drop(self.maps.read_once(&work)?);
        self.maps.read_once(work)
    }

    fn try_write<T>(
        &self,
        work: impl FnOnce(&mut dyn RowsMut) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.attempts.fetch_add(1, Relaxed) % (self.conflicts + 1) < self.conflicts {
            // Everything is done, and then undone.
            return self.maps.try_write(|rows| work(rows).and_then(|_| conflict()));
        }
        self.maps.try_write(work)
    }
}

fn open<B: Backend>(rows: B) -> KvStore<B> {
    let key = Key::new(&Zeroizing::new([7; 32]));
    KvStore::with_backend(rows, "the key", Arc::new(|| 1_700_000_000), |_| Ok(key)).unwrap()
}

fn conflicting(conflicts: usize) -> KvStore<Conflicting> {
    open(Conflicting { maps: Maps::default(), conflicts, attempts: AtomicUsize::new(0) })
}

fn name(text: &str) -> FriendlyName {
    FriendlyName::new(text).unwrap()
}

fn new(text: &str) -> NewAccount {
    NewAccount {
        principal: Principal {
            handle: Handle::new(&format!("{text}@b.cd")).unwrap(),
            name: name(text),
        },
        password: Password::new("secret").unwrap(),
        version: ListVersion::new(700_000_000).unwrap(),
    }
}

fn number() -> PhoneNumber {
    PhoneNumber::new("555 1234").unwrap()
}

fn add(list: List, contact: AccountId) -> Change {
    Change::Add { list, contact, name: Some(name("a friend")), limit: 600, group: None }
}

fn profile() -> MemberProfile {
    let text = |text| ProfileText::new(text).unwrap();
    MemberProfile {
        first: text("Bob"),
        last: text("Smith"),
        city: None,
        state: None,
        country: None,
    }
}

const A: AccountId = AccountId(1);
const B: AccountId = AccountId(2);
const C: AccountId = AccountId(3);
const D: AccountId = AccountId(4);

/// Makes each kind of change, and returns all results and what the store contains after them. List
/// versions of an import are random, so they are left out.
fn story(store: &dyn Store) -> Vec<String> {
    let mut results = Vec::new();
    let mut add_result = |what: &dyn std::fmt::Debug| results.push(format!("{what:?}"));
    for who in ["a", "b", "c", "d", "a"] {
        add_result(&store.create(&new(who)).map_err(|why| why.to_string()));
    }
    let group = GroupName::new("Friends").unwrap();
    let one = GroupId::new(1).unwrap();
    let changes = [
        (A, Change::SetPhone(PhoneKind::Home, Some(number()))),
        (A, add(List::Forward, B)),
        (B, add(List::Forward, A)),
        (A, add(List::Allow, B)),
        (A, add(List::Block, C)),
        (A, add(List::Block, C)),
        (D, add(List::Allow, A)),
        (B, Change::AddGroup(group)),
        (
            B,
            Change::Add { list: List::Forward, contact: C, name: None, limit: 9, group: Some(one) },
        ),
        (B, Change::RenameContact { contact: C, name: name("Carol") }),
        (A, Change::SetPrivacy { privacy: Privacy::BlockOthers, strict: true }),
        (A, Change::Remove { list: List::Allow, contact: B, group: None }),
        (B, Change::RenameGroup { group: one, name: GroupName::new("Others").unwrap() }),
        (B, Change::RemoveGroup(one)),
        (C, Change::RenameSelf(name("Cees"))),
        (C, Change::SetProfile(Some(profile()))),
    ];
    for change in changes {
        add_result(&store.change(&[change]));
    }
    add_result(&store.set_password(B, &Password::new("another").unwrap()).is_ok());
    add_result(&store.set_disabled(C, Some(&Disabled::default())).is_ok());
    add_result(&store.deny("10.0.0.0/8".parse().unwrap()).unwrap());
    add_result(&store.undeny("10.0.0.0/8".parse().unwrap()).unwrap());
    add_result(&store.deny("10.1.0.0/16".parse().unwrap()).unwrap());
    let mut export = store.export(true).unwrap();
    for account in &mut export {
        account.principal.handle = Handle::new(&format!("x{}", account.principal.handle)).unwrap();
    }
    for step in [ImportStep::Create, ImportStep::Fill] {
        let imported = store.import_step(&export, step).unwrap();
        add_result(&(imported.created, imported.skipped, imported.omitted_entries));
    }
    add_result(&store.remove(A).is_ok());
    add_result(&store.remove(A).is_ok());
    let (challenge, search) = (Challenge::parse(b"1").unwrap(), profile());
    let proof =
        Proof::Md5 { challenge: challenge.clone(), digest: Digest::of(&challenge, b"another") };
    add_result(&store.check_proof(&new("b").principal.handle, &proof).unwrap());
    add_result(&store.search(&Search::named(search.first, search.last), 9).unwrap());
    let mut backup = Vec::new();
    store.backup(true, &mut backup).unwrap();
    add_result(&store.restore(&mut Cursor::new(backup)).is_ok());
    let mut all = Vec::new();
    store.principals(&mut |account, _| all.push(account)).unwrap();
    for account in all {
        let Roster { lists, groups, numbers, privacy, .. } =
            store.roster(account, Detail::Numbers).unwrap();
        add_result(&(account, lists, groups, numbers, privacy));
    }
    add_result(&store.export(true).unwrap());
    add_result(&store.exclusions().unwrap());
    add_result(&store.verify_integrity().unwrap());
    results
}

#[test]
fn a_transaction_that_runs_twice_has_the_result_of_one() {
    let once = story(&open(Maps::default()));
    assert_eq!(story(&conflicting(1)), once);
    assert_eq!(story(&conflicting(MAX_ATTEMPTS - 1)), once);
    let faults = "faults: []";
    assert!(once.last().unwrap().contains(faults), "{once:#?}");
}

#[test]
fn a_transaction_with_endless_conflicts_is_given_up_and_changes_nothing() {
    let maps = Conflicting { maps: Maps::default(), conflicts: MAX_ATTEMPTS, attempts: 0.into() };
    let put = |rows: &mut dyn RowsMut| rows.put(Table::Handles, b"a", b"1");
    assert!(matches!(maps.write(put), Err(StoreError::Conflict(_))));
    assert_eq!(maps.attempts.load(Relaxed), MAX_ATTEMPTS);
    assert!(maps.read(|rows| rows.is_empty(Table::Handles)).unwrap());
}

/// An engine that counts its requests, and the rows that it reads.
#[derive(Default)]
struct Counting {
    maps: Maps,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    reads: AtomicUsize,
    rows: AtomicUsize,
}

impl Counts {
    fn add(&self, rows: usize) {
        self.reads.fetch_add(1, Relaxed);
        self.rows.fetch_add(rows, Relaxed);
    }
}

impl Backend for Counting {
    fn read_once<T>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.maps.read_once(|rows| work(&Counted { rows, counts: &self.counts }))
    }

    fn try_write<T>(
        &self,
        work: impl FnOnce(&mut dyn RowsMut) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.maps.try_write(|rows| work(&mut CountedMut { rows, counts: &self.counts }))
    }
}

struct Counted<'a> {
    rows: &'a dyn Rows,
    counts: &'a Counts,
}

struct CountedMut<'a> {
    rows: &'a mut dyn RowsMut,
    counts: &'a Counts,
}

macro_rules! count_reads {
    ($counted:ident) => {
        impl Rows for $counted<'_> {
            fn name(&self) -> &str {
                self.rows.name()
            }

            fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
                self.counts.add(1);
                self.rows.get(table, key)
            }

            fn get_many(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
                self.counts.add(keys.len());
                self.rows.get_many(keys)
            }

            fn count(&self, table: Table) -> Result<u64, StoreError> {
                self.counts.add(1);
                self.rows.count(table)
            }

            fn is_empty(&self, table: Table) -> Result<bool, StoreError> {
                self.counts.add(1);
                self.rows.is_empty(table)
            }

            fn scan(
                &self,
                table: Table,
                prefix: &[u8],
                visit: &mut Visit<'_>,
            ) -> Result<(), StoreError> {
                self.counts.add(0);
                self.rows.scan(table, prefix, &mut |key, value| {
                    self.counts.rows.fetch_add(1, Relaxed);
                    visit(key, value)
                })
            }
        }
    };
}

count_reads!(Counted);
count_reads!(CountedMut);

impl RowsMut for CountedMut<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.rows.put(table, key, value)
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        self.rows.delete(table, key)
    }

    fn replace(&mut self, table: Table, source: &mut Source<'_>) -> Result<(), StoreError> {
        self.rows.replace(table, source)
    }
}

/// Returns how many requests `work` makes, and how many rows it reads.
fn counted<T>(store: &KvStore<Counting>, work: impl FnOnce(&dyn Store) -> T) -> (usize, usize) {
    let counts = &store.backend().counts;
    counts.reads.store(0, Relaxed);
    counts.rows.store(0, Relaxed);
    work(store);
    (counts.reads.load(Relaxed), counts.rows.load(Relaxed))
}

/// The first account and its `contacts` have each other on the forward list, and telephone numbers.
fn circle(contacts: u32) -> KvStore<Counting> {
    let store = open(Counting::default());
    let ids: Vec<AccountId> =
        (0..=contacts).map(|who| store.create(&new(&format!("u{who}"))).unwrap()).collect();
    let mut changes = Vec::new();
    let group = GroupId::new(1).unwrap();
    changes.push((A, Change::AddGroup(GroupName::new("Friends").unwrap())));
    for id in &ids[1..] {
        changes.push((*id, Change::SetPhone(PhoneKind::Home, Some(number()))));
        changes.push((*id, add(List::Forward, A)));
        changes.push((*id, add(List::Allow, A)));
        let name = Some(name("a friend"));
        let list = List::Forward;
        changes.push((A, Change::Add { list, contact: *id, name, limit: 600, group: Some(group) }));
    }
    for done in store.change(&changes).unwrap() {
        done.unwrap();
    }
    store
}

#[test]
fn requests_do_not_grow_with_the_contacts() {
    let (few, many) = (circle(20), circle(500));
    let roster = |store: &dyn Store| {
        let roster = store.roster(A, Detail::Numbers).unwrap();
        assert!(roster.list(List::Forward).iter().all(|listed| !listed.numbers.is_empty()));
    };
    assert_eq!(counted(&few, roster).0, 4);
    assert_eq!(counted(&many, roster).0, 4);
    let group = GroupId::new(1).unwrap();
    let changes = [
        Change::SetPhone(PhoneKind::Home, Some(number())),
        Change::SetPrivacy { privacy: Privacy::BlockOthers, strict: true },
        Change::Remove { list: List::Allow, contact: B, group: None },
        add(List::Allow, C),
        Change::RemoveGroup(group),
    ];
    for change in changes {
        let make = |store: &dyn Store| drop(store.change(&[(A, change.clone())]).unwrap());
        assert_eq!(counted(&few, make).0, counted(&many, make).0, "{change:?}");
    }
    let remove = |store: &dyn Store| store.remove(A).unwrap();
    assert_eq!(counted(&few, remove).0, counted(&many, remove).0);
    for store in [few, many] {
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    }
}

#[test]
fn opening_a_store_and_removing_an_account_read_no_whole_table() {
    let removal = |others: u32| {
        let store = open(Counting::default());
        for who in ["a", "b", "c", "d"] {
            store.create(&new(who)).unwrap();
        }
        for who in 0..others {
            let id = store.create(&new(&format!("u{who}"))).unwrap();
            drop(store.change(&[(id, add(List::Allow, B))]).unwrap());
        }
        // B, C and D each have A on one list. A has added none of them.
        let changes =
            [(B, add(List::Forward, A)), (C, add(List::Allow, A)), (D, add(List::Block, A))];
        drop(store.change(&changes).unwrap());
        let counts = counted(&store, |store| store.remove(A).unwrap());
        for owner in [B, C, D] {
            let roster = store.roster(owner, Detail::Numbers).unwrap();
            assert!(roster.memberships().is_empty(), "{owner:?}");
        }
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
        let Counting { maps, counts: _ } = store.into_backend();
        let store = open(Counting { maps, ..Counting::default() });
        let opening = store.backend().counts.rows.load(Relaxed);
        (counts, opening)
    };
    assert_eq!(removal(1), removal(100));
}
