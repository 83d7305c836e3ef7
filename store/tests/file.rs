//! The store on disk: its files, its key, its lock, damage and sudden ends of the process.

use actors::port::Store;
use actors::port::StoreError;
use actors::port::store::{AccountId, Change, Detail, NewAccount, Password, Principal, Proof};
use msnp::auth::{Challenge, Digest};
use msnp::{FriendlyName, Handle, List, ListVersion};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::fs;
use std::path::{Path, PathBuf};
use store::File;
use tempfile::TempDir;

#[cfg(test)]
mod steps {
    use super::*;

    pub(super) fn open(directory: &TempDir) -> Result<File, StoreError> {
        File::open(directory.path(), || 0)
    }

    pub(super) fn store_of(directory: &Path) -> PathBuf {
        directory.join("msnpd.redb")
    }

    pub(super) fn key_of(directory: &Path) -> PathBuf {
        directory.join("msnpd.key")
    }

    pub(super) fn add(store: &File, name: &str) -> AccountId {
        let handle = Handle::new(&format!("{name}@example.com")).unwrap();
        let principal = Principal { handle, name: FriendlyName::new(name).unwrap() };
        let version = ListVersion::new(700_000_000).unwrap();
        let password = Password::new("secret").unwrap();
        store.create(&NewAccount { principal, password, version }).unwrap()
    }

    /// A directory with a closed store of two accounts: Alice has Bob on her forward list.
    pub(super) fn filled() -> (TempDir, [AccountId; 2]) {
        let directory = TempDir::new().unwrap();
        let store = open(&directory).unwrap();
        let [alice, bob] = ["alice", "bob"].map(|name| add(&store, name));
        let list = List::Forward;
        let change = Change::Add { list, contact: bob, name: None, limit: 150, group: None };
        store.change(&[(alice, change)]).unwrap().remove(0).unwrap();
        (directory, [alice, bob])
    }

    pub(super) fn knows_password(store: &File, account: AccountId) -> bool {
        let challenge = Challenge::parse(b"1013928519.1").unwrap();
        let digest = Digest::of(&challenge, b"secret");
        check_proof(store, account, &Proof::Md5 { challenge, digest }).unwrap()
    }

    pub(super) fn check_proof(
        store: &File,
        account: AccountId,
        proof: &Proof,
    ) -> Result<bool, StoreError> {
        let named = store.names(&[account]).unwrap().pop().unwrap();
        let handle = named.principal().unwrap().handle;
        Ok(store.check_proof(&handle, proof)?.is_right)
    }

    pub(super) fn count(store: &File) -> usize {
        let mut count = 0;
        store.principals(&mut |_, _| count += 1).unwrap();
        count
    }

    /// Changes a table without the store.
    pub(super) fn tamper(directory: &Path, table: &str, change: impl Fn(&[u8], &mut Vec<u8>)) {
        let database = Database::open(store_of(directory)).unwrap();
        let definition: TableDefinition<&[u8], &[u8]> = TableDefinition::new(table);
        let rows: Vec<(Vec<u8>, Vec<u8>)> = {
            let reading = database.begin_read().unwrap();
            let table = reading.open_table(definition).unwrap();
            let rows = table.iter().unwrap().map(Result::unwrap);
            rows.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())).collect()
        };
        let writing = database.begin_write().unwrap();
        {
            let mut table = writing.open_table(definition).unwrap();
            for (key, mut value) in rows {
                change(&key, &mut value);
                table.insert(key.as_slice(), value.as_slice()).unwrap();
            }
        }
        writing.commit().unwrap();
    }
}

use steps::{add, count, filled, key_of, knows_password, open, store_of, tamper};

#[test]
fn a_new_store_is_made_with_a_key_for_the_owner_only() {
    let directory = TempDir::new().unwrap();
    let inner = directory.path().join("var/lib/msnpd");
    drop(File::open(&inner, || 0).unwrap());
    let key = fs::read_to_string(key_of(&inner)).unwrap();
    let digits = key.strip_suffix('\n').unwrap();
    assert_eq!(digits.len(), 64);
    assert!(digits.bytes().all(|digit| b"0123456789abcdef".contains(&digit)));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&inner), 0o700);
        assert_eq!(mode(&key_of(&inner)), 0o600);
        assert_eq!(mode(&store_of(&inner)), 0o600);
    }
    let mut names: Vec<_> =
        fs::read_dir(&inner).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["msnpd.key", "msnpd.redb"]);
}

#[test]
fn every_store_has_a_key_of_its_own() {
    let key = || {
        let directory = TempDir::new().unwrap();
        drop(open(&directory).unwrap());
        fs::read(key_of(directory.path())).unwrap()
    };
    assert_ne!(key(), key());
}

#[test]
fn a_password_is_not_in_the_file() {
    let (directory, _) = filled();
    let bytes = fs::read(store_of(directory.path())).unwrap();
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(holds(b"alice@example.com"));
    assert!(!holds(b"secret"));
}

#[test]
fn a_second_process_cannot_open_the_store() {
    let (directory, _) = filled();
    let first = open(&directory).unwrap();
    let Err(StoreError::Locked(what)) = open(&directory) else { panic!("it opened twice") };
    assert_eq!(Path::new(&what), store_of(directory.path()));
    drop(first);
    assert!(open(&directory).is_ok());
}

#[test]
fn a_missing_key_is_never_replaced_while_there_are_accounts() {
    let (directory, _) = filled();
    let key = key_of(directory.path());
    let text = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    for _ in 0..2 {
        let Err(StoreError::KeyMissing(what)) = open(&directory) else { panic!("it opened") };
        assert_eq!(Path::new(&what), key);
        assert!(!key.exists());
    }
    fs::write(&key, text).unwrap();
    assert!(open(&directory).is_ok());
}

#[test]
fn a_wrong_key_is_refused() {
    let (directory, [alice, _]) = filled();
    let key = key_of(directory.path());
    let right = fs::read_to_string(&key).unwrap();
    let other = "0123456789abcdef".repeat(4);
    let (short, long) = (right.get(..62).unwrap(), format!("00{right}"));
    for wrong in [other.as_str(), "", "no key", short, &long] {
        fs::write(&key, wrong).unwrap();
        assert!(matches!(open(&directory), Err(StoreError::KeyWrong(_))), "{wrong}");
        assert_eq!(fs::read_to_string(&key).unwrap(), wrong, "it is left alone");
    }
    // An administrator may have copied the key by hand.
    fs::write(&key, format!("{}\r\n\n", right.trim().to_uppercase())).unwrap();
    assert!(knows_password(&open(&directory).unwrap(), alice));
}

#[test]
fn a_store_without_accounts_takes_a_new_key() {
    let directory = TempDir::new().unwrap();
    let first = open(&directory).unwrap();
    let alice = add(&first, "alice");
    first.remove(alice).unwrap();
    drop(first);
    fs::remove_file(key_of(directory.path())).unwrap();
    let second = open(&directory).unwrap();
    let bob = add(&second, "bob");
    assert!(bob > alice);
    drop(second);
    assert!(knows_password(&open(&directory).unwrap(), bob));
}

#[test]
fn an_existing_key_is_used() {
    let directory = TempDir::new().unwrap();
    let text = "0123456789abcdef".repeat(4);
    fs::write(key_of(directory.path()), &text).unwrap();
    let alice = add(&open(&directory).unwrap(), "alice");
    assert_eq!(fs::read_to_string(key_of(directory.path())).unwrap(), text);
    assert!(knows_password(&open(&directory).unwrap(), alice));
}

#[test]
fn an_unfinished_key_file_is_replaced() {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("msnpd.key.new"), "0123").unwrap();
    drop(open(&directory).unwrap());
    assert!(!directory.path().join("msnpd.key.new").exists());
}

#[test]
fn a_password_moved_to_another_account_cannot_be_unsealed() {
    let (directory, [alice, bob]) = filled();
    let reading = Database::open(store_of(directory.path())).unwrap();
    let definition: TableDefinition<&[u8], &[u8]> = TableDefinition::new("accounts");
    let alices = {
        let table = reading.begin_read().unwrap().open_table(definition).unwrap();
        table.get(alice.0.to_be_bytes().as_slice()).unwrap().unwrap().value().to_vec()
    };
    drop(reading);
    tamper(directory.path(), "accounts", |key, value| {
        if key == bob.0.to_be_bytes() {
            value.clone_from(&alices);
        }
    });
    let store = open(&directory).unwrap();
    assert!(knows_password(&store, alice));
    let challenge = Challenge::parse(b"1").unwrap();
    let proof = Proof::Md5 { digest: Digest::of(&challenge, b"secret"), challenge };
    let handle = Handle::new("bob@example.com").unwrap();
    assert!(matches!(store.check_proof(&handle, &proof), Err(StoreError::Damaged(..))));
}

#[test]
fn confirmed_changes_survive_a_kill() {
    let (directory, [alice, bob]) = filled();
    let store = open(&directory).unwrap();
    let carol = add(&store, "carol");
    let remove = Change::Remove { list: List::Forward, contact: bob, group: None };
    store.change(&[(alice, remove)]).unwrap();
    store.remove(bob).unwrap();
    // The files of a process that is killed now: nothing is flushed or closed.
    let copy = TempDir::new().unwrap();
    for name in ["msnpd.redb", "msnpd.key"] {
        fs::copy(directory.path().join(name), copy.path().join(name)).unwrap();
    }
    let after = open(&copy).unwrap();
    assert_eq!(count(&after), 2);
    assert!(knows_password(&after, carol));
    assert_eq!(
        after.roster(alice, Detail::Numbers).unwrap(),
        store.roster(alice, Detail::Numbers).unwrap()
    );
}

#[test]
fn a_removed_account_leaves_no_rows() {
    let (directory, [alice, bob]) = filled();
    let store = open(&directory).unwrap();
    let carol = add(&store, "carol");
    let put = |list| Change::Add { list, contact: carol, name: None, limit: 150, group: None };
    let changes = [(alice, put(List::Block)), (bob, put(List::Forward))];
    assert!(store.change(&changes).unwrap().iter().all(Result::is_ok));
    store.remove(alice).unwrap();
    store.remove(bob).unwrap();
    drop(store);
    let rows = |table| {
        let rows = std::cell::Cell::new(0);
        tamper(directory.path(), table, |_, _| rows.set(rows.get() + 1));
        rows.get()
    };
    assert_eq!(["accounts", "handles", "entries"].map(rows), [1, 1, 0]);
}

#[test]
fn a_restore_does_not_make_the_file_larger() {
    let directory = TempDir::new().unwrap();
    let store = open(&directory).unwrap();
    let accounts: Vec<AccountId> =
        (0..300).map(|number| add(&store, &format!("user{number}"))).collect();
    let list = List::Forward;
    let changes = accounts.iter().flat_map(|owner| {
        let contacts = accounts.iter().filter(move |contact| *contact != owner).take(20);
        contacts.map(|contact| {
            let contact = *contact;
            (*owner, Change::Add { list, contact, name: None, limit: 150, group: None })
        })
    });
    store.change(&changes.collect::<Vec<_>>()).unwrap();
    let size = || fs::metadata(store_of(directory.path())).unwrap().len();
    let before = size();
    let mut backup = Vec::new();
    store.backup(false, &mut backup).unwrap();
    for _ in 0..3 {
        store.restore(&mut std::io::Cursor::new(&backup)).unwrap();
        assert!(size() <= before, "{} bytes, and {before} before", size());
    }
    assert!(store.verify_integrity().unwrap().faults.is_empty());
}

#[test]
fn a_file_that_is_not_a_store_is_reported_as_damaged() {
    let garbage: Vec<u8> = (0..20_000_u32).map(|place| (place * 7 % 251) as u8).collect();
    for bytes in [b"x".as_slice(), b"redb", b"SQLite format 3\0", &garbage] {
        let directory = TempDir::new().unwrap();
        fs::write(store_of(directory.path()), bytes).unwrap();
        assert!(matches!(open(&directory), Err(StoreError::Damaged(..))), "{}", bytes.len());
        assert_eq!(fs::read(store_of(directory.path())).unwrap(), bytes, "it is left alone");
    }
}

#[test]
fn an_unfinished_store_is_created_again_unless_it_has_a_key() {
    let (filled, _) = filled();
    let mut unfinished = fs::read(store_of(filled.path())).unwrap();
    // redb writes its magic number last.
    unfinished[..9].fill(0);
    for bytes in [b"".as_slice(), &[0; 4096], &unfinished] {
        let directory = TempDir::new().unwrap();
        fs::write(store_of(directory.path()), bytes).unwrap();
        let alice = add(&open(&directory).unwrap(), "alice");
        assert!(knows_password(&open(&directory).unwrap(), alice));
        fs::write(store_of(directory.path()), bytes).unwrap();
        assert!(matches!(open(&directory), Err(StoreError::Damaged(..))), "{}", bytes.len());
        assert_eq!(fs::read(store_of(directory.path())).unwrap(), bytes, "it is left alone");
    }
}

#[test]
fn checking_for_a_store_does_not_create_one() {
    let directory = TempDir::new().unwrap();
    let inner = directory.path().join("data");
    assert!(!File::exists(&inner));
    assert!(!inner.exists());
    let store = File::open(&inner, || 0).unwrap();
    assert!(File::exists(&inner), "also while it is in use");
    drop(store);
    assert!(!File::exists(directory.path()));
}

#[test]
fn a_truncated_file_is_reported_as_damaged() {
    let (directory, _) = filled();
    let path = store_of(directory.path());
    let whole = fs::read(&path).unwrap();
    let ends = (0..whole.len()).step_by(1009).chain([1, 9, 512, 4096, whole.len() - 1]);
    for end in ends {
        fs::write(&path, &whole[..end]).unwrap();
        assert!(matches!(open(&directory), Err(StoreError::Damaged(..))), "{end}");
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(count(&open(&directory).unwrap()), 2);
}

#[test]
fn an_overwritten_page_is_damage_or_was_unused() {
    let (directory, [alice, _]) = filled();
    let path = store_of(directory.path());
    let whole = fs::read(&path).unwrap();
    let roster = open(&directory).unwrap().roster(alice, Detail::Numbers).unwrap();
    let mut damaged = 0;
    for page in 0..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..4096].fill(0xA5);
        fs::write(&path, &bytes).unwrap();
        match open(&directory) {
            Ok(store) => assert_eq!(store.roster(alice, Detail::Numbers).unwrap(), roster),
            Err(StoreError::Damaged(..)) => damaged += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(damaged > 3);
}

#[test]
fn a_redb_file_of_another_program_is_refused() {
    let directory = TempDir::new().unwrap();
    let database = Database::create(store_of(directory.path())).unwrap();
    let writing = database.begin_write().unwrap();
    writing.open_table(TableDefinition::<&str, u64>::new("accounts")).unwrap();
    writing.commit().unwrap();
    drop(database);
    assert!(matches!(open(&directory), Err(StoreError::Damaged(..))));
    assert!(!key_of(directory.path()).exists());
}

#[test]
fn a_store_of_a_newer_version_is_not_changed() {
    let (directory, _) = filled();
    let set_format = |format: &[u8]| {
        tamper(directory.path(), "meta", |key, value| {
            if key == b"format" {
                *value = format.to_vec();
            }
        });
    };
    for later in [b"\x05".as_slice(), b"\x05 and more"] {
        set_format(later);
        assert!(matches!(open(&directory), Err(StoreError::Newer(_))));
    }
    for damaged in [b"".as_slice(), b"\0", b"\x01\x01", b"\x02\x02", b"\x03\x03", b"\x04\x04"] {
        set_format(damaged);
        assert!(matches!(open(&directory), Err(StoreError::Damaged(..))));
    }
    set_format(b"\x01");
    assert_eq!(count(&open(&directory).unwrap()), 2);
}

#[test]
fn newer_records_are_distinguished_from_damaged_ones() {
    let (directory, [alice, bob]) = filled();
    tamper(directory.path(), "accounts", |key, value| {
        if key == alice.0.to_be_bytes() {
            value[0] = 3;
        } else {
            value.truncate(9);
        }
    });
    let store = open(&directory).unwrap();
    assert!(matches!(store.roster(alice, Detail::Numbers), Err(StoreError::Newer(_))));
    assert!(matches!(store.roster(bob, Detail::Numbers), Err(StoreError::Damaged(..))));
    assert!(store.principals(&mut |_, _| {}).is_err());
    let rename = Change::RenameSelf(FriendlyName::new("X").unwrap());
    assert!(store.change(&[(bob, rename)]).is_err());
}

#[test]
fn a_directory_that_cannot_be_created_is_an_error() {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("file"), "").unwrap();
    let Err(StoreError::Io(what, _)) = File::open(&directory.path().join("file/data"), || 0) else {
        panic!("it opened")
    };
    assert!(what.ends_with("file/data"));
}
