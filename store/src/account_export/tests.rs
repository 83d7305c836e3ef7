//! Exports of damaged stores.

use super::*;
use crate::memory::Maps;
use crate::rows::{Backend, account_key};
use crate::verify::tests::{BOB, intact_maps, key};

fn exported(maps: &Maps) -> Result<Vec<AccountExport>, StoreError> {
    let mut accounts = Vec::new();
    let mut visit = |part| {
        if let ExportPart::Account(account) = part {
            accounts.push(*account);
        }
        true
    };
    maps.read_once(|rows| export(rows, Some(&key()), &mut visit))?;
    Ok(accounts)
}

#[test]
fn an_account_without_its_handle_row_is_exported_too() {
    let maps = intact_maps();
    let whole = exported(&maps).unwrap();
    assert_eq!(whole.len(), 3);
    maps.write(|rows| rows.delete(Table::Handles, b"alice@b.cd")).unwrap();
    assert_eq!(exported(&maps).unwrap(), whole);
    maps.write(|rows| rows.put(Table::Handles, b"bob@b.cd", b"no")).unwrap();
    assert_eq!(exported(&maps).unwrap(), whole);
}

#[test]
fn a_damaged_account_is_an_error_of_the_export() {
    let maps = intact_maps();
    maps.write(|rows| rows.put(Table::Accounts, &account_key(BOB), b"\x01")).unwrap();
    assert!(matches!(exported(&maps), Err(StoreError::Damaged(..))));
    maps.write(|rows| rows.delete(Table::Accounts, &account_key(BOB))).unwrap();
    assert!(matches!(exported(&maps), Err(StoreError::Damaged(..))), "alice has bob on a list");
}
