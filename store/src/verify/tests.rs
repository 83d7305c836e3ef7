//! Each test puts a fault into an intact store, and expects it in the report.

use super::*;
use crate::change;
use crate::exclusions::{put_denied, set_disabled};
use crate::kv_store;
use crate::memory::Maps;
use crate::rows::{Backend, Records, RecordsMut, RowsMut};
use actors::port::DisableReason;
use actors::port::store::{Change, NewAccount, Password, Principal};
use actors::rules::Membership;
use msnp::{GroupIds, ListVersion, ProfileText};
use zeroize::Zeroizing;

pub(crate) const ALICE: AccountId = AccountId(1);
pub(crate) const BOB: AccountId = AccountId(2);
const CAROL: AccountId = AccountId(3);
const MISSING: AccountId = AccountId(9);

pub(crate) fn key() -> Key {
    Key::new(&Zeroizing::new([7; 32]))
}

fn new(name: &str) -> NewAccount {
    let handle = Handle::new(&format!("{name}@b.cd")).unwrap();
    NewAccount {
        principal: Principal { handle, name: FriendlyName::new(name).unwrap() },
        password: Password::new("secret").unwrap(),
        version: ListVersion::new(700_000_000).unwrap(),
    }
}

/// A store without faults. Alice has Bob on the forward list and Carol on the block list.
pub(crate) fn intact_maps() -> Maps {
    let maps = Maps::default();
    let made = maps.write(|rows| {
        rows.put(Table::Meta, Meta::Format.key(), &[FORMAT])?;
        rows.put_record(Table::Meta, Meta::KeyCheck.key(), &key().make_check()?)?;
        for name in ["alice", "bob", "carol"] {
            kv_store::create(rows, &key(), &new(name))?;
        }
        for (list, contact) in [(List::Forward, BOB), (List::Block, CAROL)] {
            let add = Change::Add { list, contact, name: None, limit: 150, group: None };
            assert!(change::apply(rows, ALICE, &add, 0).is_ok());
        }
        Ok(())
    });
    made.unwrap();
    maps
}

fn report(maps: &Maps) -> IntegrityReport {
    maps.read(|rows| verify(rows, &key())).unwrap()
}

/// Checks the faults of a store after a change.
#[track_caller]
fn expect_faults<T>(change: impl Fn(&mut dyn RowsMut) -> Result<T, StoreError>, faults: &[&str]) {
    let maps = intact_maps();
    maps.write(change).unwrap();
    assert_eq!(report(&maps).faults, faults);
}

pub(crate) fn put_entry(
    rows: &mut dyn RowsMut,
    owner: AccountId,
    contact: AccountId,
    entry: &Entry,
) -> Result<(), StoreError> {
    let was = rows.entry(owner, contact)?.map_or(Membership::NONE, |entry| entry.membership());
    rows.put_entry(owner, contact, was, entry)
}

pub(crate) fn delete_entry(
    rows: &mut dyn RowsMut,
    owner: AccountId,
    contact: AccountId,
) -> Result<(), StoreError> {
    put_entry(rows, owner, contact, &Entry::new(0))
}

fn entry(rows: &dyn RowsMut, owner: AccountId, contact: AccountId) -> Entry {
    let bytes = rows.get(Table::Entries, &entry_key(owner, contact)).unwrap().unwrap();
    record::decode(&bytes).unwrap()
}

fn account(rows: &dyn RowsMut, id: AccountId) -> Account {
    record::decode(&rows.get(Table::Accounts, &account_key(id)).unwrap().unwrap()).unwrap()
}

/// An entry on these lists, at this position.
fn on(lists: &[List], position: u64) -> Entry {
    let mut entry = Entry::new(0);
    entry.set(lists.iter().fold(Membership::NONE, |on, list| on.with(*list)), position);
    entry
}

#[test]
fn a_store_in_order_has_no_faults() {
    let faults = Vec::new();
    assert_eq!(
        report(&intact_maps()),
        IntegrityReport { accounts: 3, entries: 3, faults, notes: Vec::new() }
    );
}

#[test]
fn the_format_the_key_and_the_next_number() {
    let format = Meta::Format.key();
    expect_faults(
        |rows| rows.put(Table::Meta, format, &[9]),
        &["the format version of the store is unknown"],
    );
    expect_faults(
        |rows| rows.delete(Table::Meta, format),
        &["the format version of the store is missing"],
    );
    let no_key = ["the key check of the store is missing or does not fit its key"];
    expect_faults(|rows| rows.delete(Table::Meta, Meta::KeyCheck.key()), &no_key);
    expect_faults(
        |rows| {
            let other = Key::new(&Zeroizing::new([8; 32]));
            rows.put_record(Table::Meta, Meta::KeyCheck.key(), &other.make_check()?)
        },
        &no_key,
    );
    let next = Meta::NextAccount.key();
    let too_low = |number| {
        format!("the next account would have number {number}, but carol@b.cd has number 3")
    };
    expect_faults(|rows| rows.put_record(Table::Meta, next, &3_u32), &[&too_low(3)]);
    expect_faults(|rows| rows.delete(Table::Meta, next), &[&too_low(1)]);
    expect_faults(
        |rows| rows.put(Table::Meta, next, b"\x07"),
        &["the number of the next account was written by a later version of msnpd"],
    );
}

#[test]
fn a_next_account_number_near_the_maximum() {
    let next = Meta::NextAccount.key();
    let put =
        |number: u32| move |rows: &mut dyn RowsMut| rows.put_record(Table::Meta, next, &number);
    expect_faults(put(u32::MAX - SPARE_NUMBERS), &[]);
    expect_faults(
        put(u32::MAX - SPARE_NUMBERS + 1),
        &["the next account would have number 4293967296, which leaves too few unused numbers"],
    );
    expect_faults(
        put(u32::MAX),
        &["the next account would have number 4294967295, which leaves too few unused numbers"],
    );
}

#[test]
fn an_unknown_row_in_the_meta_table() {
    let words = r"the meta table has an unknown row: next\x00";
    expect_faults(|rows| rows.put(Table::Meta, b"next\0", b"\x01"), &[words]);
}

#[test]
fn handles_that_point_to_the_wrong_account_or_to_none() {
    let put = |rows: &mut dyn RowsMut, handle: &str, id: AccountId| {
        rows.put(Table::Handles, handle.as_bytes(), &account_key(id))
    };
    expect_faults(
        |rows| put(rows, "dave@b.cd", MISSING),
        &["the handle dave@b.cd points to an account that does not exist"],
    );
    expect_faults(
        |rows| put(rows, "dave@b.cd", BOB),
        &["the handle dave@b.cd points to the account of bob@b.cd"],
    );
    expect_faults(
        |rows| put(rows, "alice@b.cd", BOB),
        &[
            "the handle alice@b.cd points to another account",
            "the handle alice@b.cd points to the account of bob@b.cd",
        ],
    );
    expect_faults(
        |rows| rows.delete(Table::Handles, b"alice@b.cd"),
        &["the handle alice@b.cd is missing from the handles table"],
    );
    expect_faults(
        |rows| put(rows, "Alice@b.cd", ALICE),
        &["the handles table has a row that is not a valid handle: Alice@b.cd"],
    );
    expect_faults(
        |rows| put(rows, "\r\n", ALICE),
        &[r"the handles table has a row that is not a valid handle: \r\n"],
    );
    expect_faults(
        |rows| rows.put(Table::Handles, b"dave@b.cd", b"no"),
        &["the account number of the handle dave@b.cd cannot be read"],
    );
}

#[test]
fn unreadable_accounts_and_reserved_account_numbers() {
    let set = |rows: &mut dyn RowsMut, id: AccountId, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = rows.get(Table::Accounts, &account_key(id))?.unwrap();
        change(&mut bytes);
        rows.put(Table::Accounts, &account_key(id), &bytes)
    };
    expect_faults(
        |rows| set(rows, BOB, &|bytes| bytes.truncate(20)),
        &["the account of bob@b.cd cannot be read"],
    );
    expect_faults(
        |rows| set(rows, BOB, &|bytes| bytes[0] = 3),
        &["the account of bob@b.cd was written by a later version of msnpd"],
    );
    // The list version follows the record version, the handle and the name.
    let list_version = 1 + 1 + "bob@b.cd".len() + 1 + "bob".len();
    let zero = move |bytes: &mut Vec<u8>| {
        bytes.splice(list_version..list_version + 5, [0]);
    };
    expect_faults(|rows| set(rows, BOB, &zero), &["the account of bob@b.cd cannot be read"]);
    expect_faults(
        |rows| {
            set(rows, BOB, &|bytes| bytes.clear())?;
            rows.delete(Table::Handles, b"bob@b.cd")
        },
        &["the account of number 2 cannot be read"],
    );
    expect_faults(
        |rows| rows.put(Table::Accounts, b"no", b""),
        &["the accounts table has a row without an account number"],
    );
    expect_faults(
        |rows| {
            let mut unnumbered = account(rows, CAROL);
            unnumbered.password = key().seal(NO_ACCOUNT, &Password::new("x").unwrap())?;
            rows.delete(Table::Accounts, &account_key(CAROL))?;
            rows.delete(Table::Entries, &entry_key(ALICE, CAROL))?;
            rows.put(Table::Handles, b"carol@b.cd", &account_key(NO_ACCOUNT))?;
            rows.put_account(NO_ACCOUNT, &unnumbered)
        },
        &["carol@b.cd has account number 0, which is reserved"],
    );
}

#[test]
fn a_password_of_another_account_or_another_key() {
    let words = ["the password of bob@b.cd cannot be unsealed"];
    expect_faults(
        |rows| {
            let bob = Account { password: account(rows, ALICE).password, ..account(rows, BOB) };
            rows.put_account(BOB, &bob)
        },
        &words,
    );
    expect_faults(
        |rows| {
            let other = Key::new(&Zeroizing::new([8; 32]));
            let password = other.seal(BOB, &Password::new("secret").unwrap())?;
            let bob = Account { password, ..account(rows, BOB) };
            rows.put_account(BOB, &bob)
        },
        &words,
    );
}

#[test]
fn forward_and_reverse_lists_that_do_not_agree() {
    expect_faults(
        |rows| delete_entry(rows, BOB, ALICE),
        &["alice@b.cd has bob@b.cd on the forward list, but is not on the reverse list of \
             bob@b.cd"],
    );
    expect_faults(
        |rows| delete_entry(rows, ALICE, BOB),
        &["bob@b.cd has alice@b.cd on the reverse list, but is not on the forward list of \
             alice@b.cd"],
    );
    expect_faults(
        |rows| put_entry(rows, BOB, BOB, &on(&[List::Forward, List::Reverse], 0)),
        &[
            "bob@b.cd is on their own forward list",
            "bob@b.cd is on their own reverse list",
            "two entries have the same position on the reverse list of bob@b.cd",
        ],
    );
}

#[test]
fn entries_on_no_list_or_on_both_allow_and_block() {
    expect_faults(
        |rows| {
            let bytes = record::encode(&Entry::new(0)).unwrap();
            rows.put(Table::Entries, &entry_key(BOB, CAROL), &bytes)
        },
        &["the entry of bob@b.cd for carol@b.cd is on no list"],
    );
    expect_faults(
        |rows| put_entry(rows, ALICE, CAROL, &on(&[List::Allow, List::Block], 1)),
        &["alice@b.cd has carol@b.cd on both the allow and the block list"],
    );
}

#[test]
fn entries_of_or_for_missing_accounts_and_unreadable_entries() {
    expect_faults(
        |rows| put_entry(rows, ALICE, MISSING, &on(&[List::Allow], 0)),
        &["alice@b.cd has an entry for an account that does not exist: number 9"],
    );
    expect_faults(
        |rows| {
            put_entry(rows, MISSING, ALICE, &on(&[List::Allow], 0))?;
            put_entry(rows, MISSING, BOB, &on(&[List::Allow], 1))
        },
        &["an account that does not exist has entries: number 9"],
    );
    expect_faults(
        |rows| rows.put(Table::Entries, &entry_key(ALICE, CAROL), b"\x01"),
        &["the entry of alice@b.cd for carol@b.cd cannot be read"],
    );
    expect_faults(
        |rows| rows.put(Table::Entries, b"no", b""),
        &["the entries table has a row without account numbers"],
    );
}

#[test]
fn places_that_are_taken_twice_or_were_never_assigned() {
    expect_faults(
        |rows| put_entry(rows, ALICE, CAROL, &on(&[List::Block], 2)),
        &["the position of carol@b.cd on the block list of alice@b.cd was never assigned"],
    );
    expect_faults(
        |rows| put_entry(rows, ALICE, BOB, &on(&[List::Forward, List::Block], 1)),
        &["two entries have the same position on the block list of alice@b.cd"],
    );
}

#[test]
fn an_invalid_name() {
    expect_faults(
        |rows| {
            let mut entry = entry(rows, ALICE, CAROL);
            entry.name = Some("a\nb".into());
            put_entry(rows, ALICE, CAROL, &entry)
        },
        &["alice@b.cd calls carol@b.cd by a name that is not valid"],
    );
}

#[test]
fn invisible_names_are_notes_not_faults() {
    let maps = intact_maps();
    let changed = maps.write(|rows| {
        let name = FriendlyName::new("B\u{200b}ob").unwrap();
        let bob = Account { name, ..account(rows, BOB) };
        rows.put_account(BOB, &bob)?;
        let mut entry = entry(rows, ALICE, CAROL);
        entry.name = Some("\u{202e}loraC".into());
        put_entry(rows, ALICE, CAROL, &entry)
    });
    assert!(changed.is_ok());
    let found = report(&maps);
    assert_eq!(found.faults, [""; 0]);
    assert_eq!(
        found.notes,
        [
            "the friendly name of bob@b.cd has invisible characters or only spaces: `msnpd user rename` \
             gives another one",
            "alice@b.cd calls carol@b.cd by a name that has invisible characters or only spaces",
        ]
    );
}

#[test]
fn invalid_groups() {
    let groups = |numbers: &'static [(u8, &str)]| {
        move |rows: &mut dyn RowsMut| {
            let group = |(number, name): &(u8, &str)| {
                (GroupId::new(*number).unwrap(), GroupName::new(name).unwrap())
            };
            let groups = numbers.iter().map(group).collect();
            let carol = Account { groups, ..account(rows, CAROL) };
            rows.put_account(CAROL, &carol)
        }
    };
    expect_faults(groups(&[(0, "~")]), &[]);
    expect_faults(groups(&[(0, "Other Contacts"), (1, "a"), (29, "b")]), &[]);
    expect_faults(groups(&[(1, "a")]), &["carol@b.cd has groups, but no group 0"]);
    expect_faults(groups(&[(0, "a"), (1, "a")]), &["two groups of carol@b.cd have the same name"]);
    let order = ["the groups of carol@b.cd are not in order"];
    expect_faults(groups(&[(0, "a"), (2, "b"), (1, "c")]), &order);
    expect_faults(groups(&[(0, "a"), (1, "b"), (1, "c")]), &order);
}

#[test]
fn entries_in_invalid_groups() {
    let put = |contact, groups: &'static [u8]| {
        move |rows: &mut dyn RowsMut| {
            let mut entry = entry(rows, ALICE, contact);
            entry.set_groups(GroupIds::parse(groups).unwrap());
            put_entry(rows, ALICE, contact, &entry)
        }
    };
    expect_faults(
        put(BOB, b"0,3,7"),
        &["alice@b.cd has bob@b.cd in group 3, which does not exist"],
    );
    expect_faults(
        put(CAROL, b"0"),
        &["alice@b.cd has carol@b.cd in a group, but not on the forward list"],
    );
}

#[test]
fn invalid_profiles() {
    let text = |text| ProfileText::new(text).unwrap();
    let (first, last) = (text("Bob"), text("Smith"));
    let profile = MemberProfile { first, last, city: None, state: None, country: None };
    expect_faults(|rows| rows.put_profile(BOB, Some(&profile)), &[]);
    expect_faults(
        |rows| rows.put_profile(MISSING, Some(&profile)),
        &["there is a profile of an account that does not exist: number 9"],
    );
    let format =
        |rows: &mut dyn RowsMut, version| rows.put(Table::Meta, Meta::Format.key(), &[version]);
    expect_faults(
        |rows| {
            rows.put_profile(ALICE, Some(&profile))?;
            rows.put_profile(BOB, Some(&profile))?;
            format(rows, FORMAT)
        },
        &["there are profiles, but the format version allows none"],
    );
    let put = |rows: &mut dyn RowsMut, key: &[u8], value: &[u8]| {
        format(rows, WITH_PROFILES)?;
        rows.put(Table::Profiles, key, value)
    };
    expect_faults(
        |rows| put(rows, &account_key(BOB), b"\x01\x03Bob"),
        &["the profile of bob@b.cd cannot be read"],
    );
    let star = b"\x01\x03Bob\x01*\0\0\0";
    expect_faults(
        |rows| put(rows, &account_key(BOB), star),
        &["the profile of bob@b.cd cannot be read"],
    );
    expect_faults(
        |rows| put(rows, &account_key(BOB), b"\x02"),
        &["the profile of bob@b.cd was written by a later version of msnpd"],
    );
    expect_faults(
        |rows| put(rows, b"no", b""),
        &["the profiles table has a row without an account number"],
    );
}

#[test]
fn disabled_marks_of_missing_accounts_and_unreadable_ones() {
    let disabled = Disabled { reason: DisableReason::new("spam").ok() };
    expect_faults(|rows| set_disabled(rows, BOB, Some(&disabled)), &[]);
    expect_faults(
        |rows| set_disabled(rows, MISSING, Some(&disabled)),
        &["an account that does not exist is disabled: number 9"],
    );
    let hidden = "there are disabled accounts or denied networks, but the format version allows \
                  none";
    expect_faults(
        |rows| {
            set_disabled(rows, ALICE, Some(&disabled))?;
            set_disabled(rows, BOB, Some(&disabled))?;
            put_denied(rows, "10.0.0.0/8".parse().unwrap())?;
            rows.put(Table::Meta, Meta::Format.key(), &[WITH_PROFILES])
        },
        &[hidden],
    );
    let put = |rows: &mut dyn RowsMut, table: Table, key: &[u8], value: &[u8]| {
        rows.put(Table::Meta, Meta::Format.key(), &[WITH_EXCLUSIONS])?;
        rows.put(table, key, value)
    };
    let bob = account_key(BOB);
    for (value, fault) in [
        (b"\x01\x01".as_slice(), "the record of the disabled account bob@b.cd cannot be read"),
        // A reason with a line break.
        (b"\x01\x01\x03a\nb", "the record of the disabled account bob@b.cd cannot be read"),
        (
            b"\x02",
            "the record of the disabled account bob@b.cd was written by a later version of msnpd",
        ),
    ] {
        expect_faults(|rows| put(rows, Table::Disabled, &bob, value), &[fault]);
    }
    expect_faults(
        |rows| put(rows, Table::Disabled, b"no", b""),
        &["the disabled accounts table has a row without an account number"],
    );
}

#[test]
fn invalid_denied_networks_and_too_many() {
    expect_faults(|rows| put_denied(rows, "203.0.113.0/24".parse().unwrap()), &[]);
    let put = |rows: &mut dyn RowsMut, key: &[u8], value: &[u8]| {
        rows.put(Table::Meta, Meta::Format.key(), &[WITH_EXCLUSIONS])?;
        rows.put(Table::Denied, key, value)
    };
    let none = "the denied networks table has a row that is not a valid network";
    expect_faults(|rows| put(rows, b"no", b"\x01"), &[&format!("{none}: no")]);
    // Loopback.
    let loopback = b"\x04\x7f\0\0\0\x08";
    expect_faults(
        |rows| put(rows, loopback, b"\x01"),
        &[&format!("{none}: {}", loopback.escape_ascii())],
    );
    expect_faults(
        |rows| put(rows, b"\x04\x0a\0\0\0\x08", b"\x02"),
        &["the record of the denied network 10.0.0.0/8 was written by a later version of msnpd"],
    );
    let fill = |count: u32| {
        move |rows: &mut dyn RowsMut| {
            for number in 0..count {
                let address = std::net::Ipv4Addr::from_bits(0x0a00_0000 + number);
                put_denied(rows, std::net::IpAddr::V4(address).into())?;
            }
            Ok(())
        }
    };
    expect_faults(fill(1024), &[]);
    expect_faults(fill(1025), &["1025 networks are denied, but at most 1024 are allowed"]);
}

#[test]
fn a_list_that_is_too_long() {
    let maps = intact_maps();
    let filled = maps.write(|rows| {
        let max = u64::from(MAX_LIST_ENTRIES);
        for position in 0..=max {
            let id = kv_store::create(rows, &key(), &new(&format!("c{position}")))?.unwrap();
            put_entry(rows, CAROL, id, &on(&[List::Allow], position))?;
        }
        let carol = Account { next_position: max + 1, ..account(rows, CAROL) };
        rows.put_account(CAROL, &carol)
    });
    filled.unwrap();
    let words = "the allow list of carol@b.cd has 601 entries, but at most 600 are allowed";
    assert_eq!(report(&maps).faults, [words]);
}

#[test]
fn a_report_has_at_most_a_hundred_faults() {
    let maps = intact_maps();
    let damaged = maps.write(|rows| {
        for number in 0..250 {
            let handle = format!("x{number:03}@b.cd");
            rows.put(Table::Handles, handle.as_bytes(), &account_key(MISSING))?;
        }
        Ok(())
    });
    damaged.unwrap();
    let faults = report(&maps).faults;
    assert_eq!(faults.len(), IntegrityReport::MAX_FAULTS);
    assert_eq!(faults[98], "the handle x098@b.cd points to an account that does not exist");
    assert_eq!(faults[99], "there are 151 more");
}

#[test]
fn the_index_of_permissions() {
    let format =
        |rows: &mut dyn RowsMut| rows.put(Table::Meta, Meta::Format.key(), &[WITH_PERMISSIONS]);
    expect_faults(format, &[]);
    expect_faults(
        |rows| {
            rows.delete(Table::Permissions, &entry_key(CAROL, ALICE))?;
            format(rows)
        },
        &["the permission of alice@b.cd for carol@b.cd is missing from its index"],
    );
    // An older format has no such index.
    expect_faults(|rows| rows.delete(Table::Permissions, &entry_key(CAROL, ALICE)), &[]);
    expect_faults(
        |rows| {
            rows.put(Table::Permissions, &entry_key(BOB, ALICE), b"")?;
            rows.put(Table::Permissions, &entry_key(MISSING, BOB), b"")?;
            rows.put(Table::Permissions, b"no", b"")?;
            format(rows)
        },
        &[
            "the index of permissions is wrong about alice@b.cd and bob@b.cd",
            "the index of permissions is wrong about bob@b.cd and number 9",
            "the permissions table has a row without account numbers",
        ],
    );
}
