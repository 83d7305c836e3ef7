//! Writing and restoring backups.

use crate::archive::{Archive, MAX_SIZE, Writer, backup_error};
use crate::exclusions::{put_denied, read_exclusions, set_disabled};
use crate::kv_store::{FORMAT, WITH_EXCLUSIONS, WITH_PROFILES, has_known_format};
use crate::record::{self, Account, Entry};
use crate::rows::{
    Backend, Meta, Records, RecordsMut, Rows, RowsMut, Table, account_key, handle_key,
    parse_account_key, parse_entry_key,
};
use crate::seal::{Key, Sealed};
use crate::verify::{SPARE_NUMBERS, verify};
use actors::port::{ArchiveError, ExclusionLists, ReadSeek, Restored, StoreError};
use msnp::{Handle, ListVersion, MemberProfile};
use std::io::{BufWriter, Write};

/// Writes all rows of a store, whose passwords are sealed with `key`. The store is verified first,
/// because a damaged backup could not be restored.
pub(crate) fn backup(
    rows: &impl Backend,
    key: &Key,
    with_key: bool,
    to: &mut dyn Write,
) -> Result<(), ArchiveError> {
    let mut to = BufWriter::new(to);
    rows.read_once(|rows| Ok(write(rows, key, with_key, &mut to)))?
}

fn write(
    rows: &dyn Rows,
    key: &Key,
    with_key: bool,
    to: &mut dyn Write,
) -> Result<(), ArchiveError> {
    if let Some(fault) = verify(rows, key)?.faults.first() {
        return Err(rows.damaged(fault).into());
    }
    let format = archive_format(rows)?;
    let mut writer = Writer::new(to, with_key.then(|| key.bytes()), format, MAX_SIZE)?;
    for table in Table::ALL.into_iter().filter(|table| !table.is_index()) {
        let mut failure = None;
        let scanned = rows.scan(table, &[], &mut |key, value| {
            let is_format = (table, key) == (Table::Meta, Meta::Format.key());
            let value = if is_format { &[format] } else { value };
            writer.row(table, key, value).map_err(|why| {
                let error = StoreError::Io("the backup".to_owned(), why.to_string().into());
                failure = Some(why);
                error
            })
        });
        failure.map_or(Ok(()), Err)?;
        scanned?;
    }
    writer.finish()
}

/// Returns the oldest format version that has all tables with rows, so that older programs can
/// restore the backup. [`Table::Permissions`] does not count: a restore makes it again.
fn archive_format(rows: &dyn Rows) -> Result<u8, StoreError> {
    if !rows.is_empty(Table::Disabled)? || !rows.is_empty(Table::Denied)? {
        return Ok(WITH_EXCLUSIONS);
    }
    Ok(if rows.is_empty(Table::Profiles)? { FORMAT } else { WITH_PROFILES })
}

/// Reads and verifies a backup, then replaces all rows of the store with it, and compacts the store.
/// Passwords are sealed with `key`. `random` returns the new list versions.
pub(crate) fn restore(
    rows: &impl Backend,
    key: &Key,
    from: &mut dyn ReadSeek,
    random: Random<'_>,
) -> Result<Restored, ArchiveError> {
    let archive = Archive::open(from, MAX_SIZE)?;
    let check = decode_all(&archive).map_err(backup_error)?;
    let archive_key = archive.key().map(Key::new);
    let sealed_with = match &archive_key {
        Some(archive_key) if archive_key.fits(&check) => archive_key,
        Some(_) => {
            let why = "its key does not fit its passwords";
            return Err(ArchiveError::NotABackup(why.to_owned()));
        }
        None if key.fits(&check) => key,
        None => return Err(ArchiveError::OtherKey),
    };
    let report = verify(&archive, sealed_with).map_err(backup_error)?;
    if let Some(fault) = report.faults.into_iter().next() {
        return Err(ArchiveError::NotABackup(fault));
    }
    rows.write(|rows| replace(rows, &archive, sealed_with, key, random))?;
    // The old rows were kept until the new ones were complete, so half of the file is unused now.
    rows.compact();
    Ok(Restored { accounts: report.accounts })
}

/// Checks that every row can be decoded. Returns the key check, a value that is sealed with the key
/// of the passwords.
fn decode_all(rows: &Archive<'_>) -> Result<Sealed, StoreError> {
    if !has_known_format(rows, WITH_EXCLUSIONS)? {
        return Err(rows.damaged("its format version is missing"));
    }
    let known = Meta::ALL.map(Meta::key);
    let unreadable_row = || rows.damaged("a row key cannot be read");
    rows.scan(Table::Meta, &[], &mut |key, _| {
        known.contains(&key).then_some(()).ok_or_else(unreadable_row)
    })?;
    let _: Option<u32> = rows.record(Table::Meta, Meta::NextAccount.key())?;
    rows.scan(Table::Accounts, &[], &mut |key, value| {
        parse_account_key(key).ok_or_else(unreadable_row)?;
        rows.decode::<Account>(value).map(drop)
    })?;
    rows.scan(Table::Handles, &[], &mut |key, value| {
        Handle::parse(key).map_err(|_| unreadable_row())?;
        parse_account_key(value).ok_or_else(unreadable_row).map(drop)
    })?;
    rows.scan(Table::Entries, &[], &mut |key, value| {
        parse_entry_key(key).ok_or_else(unreadable_row)?;
        rows.decode::<Entry>(value).map(drop)
    })?;
    rows.scan(Table::Profiles, &[], &mut |key, value| {
        parse_account_key(key).ok_or_else(unreadable_row)?;
        rows.decode::<MemberProfile>(value).map(drop)
    })?;
    read_exclusions(rows)?;
    let check = rows.record(Table::Meta, Meta::KeyCheck.key())?;
    check.ok_or_else(|| rows.damaged("its key check is missing"))
}

/// Replaces all rows with those of a verified archive. The old rows may be damaged.
fn replace(
    rows: &mut dyn RowsMut,
    archive: &Archive<'_>,
    sealed_with: &Key,
    key: &Key,
    random: Random<'_>,
) -> Result<(), StoreError> {
    let mut versions = Vec::new();
    archive.scan(Table::Accounts, &[], &mut |_, value| {
        versions.push(unused_version(rows, &archive.decode(value)?, random)?);
        Ok(())
    })?;
    let next = next_account(rows)?.max(next_account(archive)?);
    let check = archive.encode(&key.make_check()?)?;
    let next = next.map(|next| archive.encode(&next)).transpose()?;
    rows.replace(Table::Meta, &mut |put| {
        // In the order of their keys.
        put(Meta::Format.key(), &[FORMAT])?;
        put(Meta::KeyCheck.key(), &check)?;
        next.iter().try_for_each(|next| put(Meta::NextAccount.key(), next))
    })?;
    let mut versions = versions.into_iter();
    rows.replace(Table::Accounts, &mut |put| {
        archive.scan(Table::Accounts, &[], &mut |id, value| {
            let mut account: Account = archive.decode(value)?;
            // Without a key in the archive, `key` has sealed the passwords already.
            if archive.key().is_some() {
                let id = archive.account_of_key(id)?;
                let password = sealed_with.unseal_password(id, &account.password);
                let password =
                    password.ok_or_else(|| archive.damaged("a password is not valid"))?;
                account.password = key.seal(id, &password)?;
            }
            account.version = versions.next().unwrap_or(account.version);
            put(id, &archive.encode(&account)?)
        })
    })?;
    for table in [Table::Handles, Table::Entries] {
        rows.replace(table, &mut |put| archive.scan(table, &[], put))?;
    }
    // Emptied, then filled by functions that raise the format version.
    for table in [Table::Profiles, Table::Disabled, Table::Denied, Table::Permissions] {
        rows.replace(table, &mut |_| Ok(()))?;
    }
    archive.scan(Table::Profiles, &[], &mut |key, value| {
        rows.put_profile(archive.account_of_key(key)?, Some(&archive.decode(value)?))
    })?;
    let ExclusionLists { disabled, denied } = read_exclusions(archive)?;
    for (account, disabled) in disabled {
        set_disabled(rows, account, Some(&disabled))?;
    }
    denied.into_iter().try_for_each(|network| put_denied(rows, network))?;
    rows.complete_permissions()
}

/// A source of random list versions.
pub(crate) type Random<'a> = &'a dyn Fn() -> Result<ListVersion, StoreError>;

/// How many random versions are tried. About one random version in a thousand is too close to a
/// used one.
const MAX_TRIES: u32 = 100;

/// How many changes an account can make before it reaches a version that it had before the restore.
const MIN_DISTANCE: u32 = 1_000_000;

/// A list version that no client of the account has seen, before or after the backup was made.
/// Otherwise a client would take its cached lists for the restored ones. The versions of the next
/// [`MIN_DISTANCE`] changes are unused, too.
fn unused_version(
    rows: &dyn RowsMut,
    account: &Account,
    random: Random<'_>,
) -> Result<ListVersion, StoreError> {
    let id = rows.get(Table::Handles, handle_key(&account.handle))?;
    let record = match id.and_then(|row| parse_account_key(&row)) {
        Some(id) => rows.get(Table::Accounts, &account_key(id))?,
        None => None,
    };
    let current = record.and_then(|bytes| record::decode::<Account>(&bytes).ok());
    let current = current.map_or(account.version, |current| current.version);
    for _ in 0..MAX_TRIES {
        let version = random()?;
        if [account.version, current].iter().all(|seen| seen.distance_from(version) > MIN_DISTANCE)
        {
            return Ok(version);
        }
    }
    let why = "they are not random".into();
    Err(StoreError::Io("the system's random numbers".to_owned(), why))
}

/// Returns the number of the next account, or `None` if it cannot be decoded or is implausibly
/// high. A restore never lowers it, so no account number is used twice.
fn next_account(rows: &(impl Rows + ?Sized)) -> Result<Option<u32>, StoreError> {
    let found = rows.get(Table::Meta, Meta::NextAccount.key())?;
    let next: Option<u32> = found.and_then(|bytes| record::decode(&bytes).ok());
    Ok(next.filter(|next| u32::MAX - next >= SPARE_NUMBERS))
}

#[cfg(test)]
mod tests;
