//! A backup is written, and put in the place of everything.

use crate::archive::{Archive, MOST, Writer};
use crate::kv_store::{FORMAT, format};
use crate::record::{self, Account, Entry};
use crate::rows::{
    Backend, Meta, Records, RecordsMut, Rows, RowsMut, Table, account_of, entry_of, handle_key,
};
use crate::seal::{Key, Sealed};
use crate::shut_out::{put_denied, set_disabled, shut_out};
use crate::verify::{SPARE_NUMBERS, verify};
use actors::port::{ArchiveError, Restored, ShutOut, StoreError};
use msnp::{Handle, ListVersion, MemberProfile};
use std::io::{BufWriter, Read, Write};

/// Writes the rows of a store whose passwords were sealed with `key`. They are examined before: a
/// backup that could not be restored is not worth having.
pub(crate) fn backup(
    rows: &impl Backend,
    key: &Key,
    with_key: bool,
    to: &mut dyn Write,
) -> Result<(), ArchiveError> {
    let mut to = BufWriter::new(to);
    rows.read(|rows| Ok(write(rows, key, with_key, &mut to)))?
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
    let format = rows.get(Table::Meta, Meta::Format.key())?;
    let format = format.and_then(|format| format.first().copied()).unwrap_or(FORMAT);
    let mut writer = Writer::new(to, with_key.then(|| key.bytes()), format, MOST)?;
    for table in Table::ALL {
        let mut failure = None;
        let scanned = rows.scan(table, &[], &mut |key, value| {
            writer.row(table, key, value).map_err(|why| {
                let told = StoreError::Io("the backup".to_owned(), why.to_string().into());
                failure = Some(why);
                told
            })
        });
        failure.map_or(Ok(()), Err)?;
        scanned?;
    }
    writer.finish()
}

/// Reads and checks a backup, and puts it in the place of all rows of a store whose passwords are
/// sealed with `key`. Their list versions come from `random`.
pub(crate) fn restore(
    rows: &impl Backend,
    key: &Key,
    from: &mut dyn Read,
    random: Random<'_>,
) -> Result<Restored, ArchiveError> {
    let archive = Archive::read(from, MOST)?;
    let check = readable(&archive).map_err(of_the_backup)?;
    let its_own = archive.key().map(Key::new);
    let sealed_with = match &its_own {
        Some(its_own) if its_own.fits(&check) => its_own,
        Some(_) => {
            let why = "the key in it did not seal its passwords";
            return Err(ArchiveError::NotABackup(why.to_owned()));
        }
        None if key.fits(&check) => key,
        None => return Err(ArchiveError::OtherKey),
    };
    let examination = verify(&archive, sealed_with).map_err(of_the_backup)?;
    if let Some(fault) = examination.faults.into_iter().next() {
        return Err(ArchiveError::NotABackup(fault));
    }
    rows.write(|rows| replace(rows, &archive, sealed_with, key, random))?;
    Ok(Restored { accounts: examination.accounts })
}

/// What is wrong with rows that are in memory is wrong with the backup.
fn of_the_backup(why: StoreError) -> ArchiveError {
    match why {
        StoreError::Newer(_) => ArchiveError::Newer,
        StoreError::Damaged(_, why) => ArchiveError::NotABackup(why),
        other => ArchiveError::Store(other),
    }
}

/// Whether every row can be read; answers with what only the key unseals that sealed its passwords.
fn readable(rows: &Archive) -> Result<Sealed, StoreError> {
    if !format(rows)? {
        return Err(rows.damaged("it does not say its format"));
    }
    let known = Meta::ALL.map(Meta::key);
    let no_key = || rows.damaged("a key cannot be read");
    rows.scan(Table::Meta, &[], &mut |key, _| {
        known.contains(&key).then_some(()).ok_or_else(no_key)
    })?;
    let _: Option<u32> = rows.record(Table::Meta, Meta::NextAccount.key())?;
    rows.scan(Table::Accounts, &[], &mut |key, value| {
        account_of(key).ok_or_else(no_key)?;
        rows.decode::<Account>(value).map(drop)
    })?;
    rows.scan(Table::Handles, &[], &mut |key, value| {
        Handle::parse(key).map_err(|_| no_key())?;
        account_of(value).ok_or_else(no_key).map(drop)
    })?;
    rows.scan(Table::Entries, &[], &mut |key, value| {
        entry_of(key).ok_or_else(no_key)?;
        rows.decode::<Entry>(value).map(drop)
    })?;
    rows.scan(Table::Profiles, &[], &mut |key, value| {
        account_of(key).ok_or_else(no_key)?;
        rows.decode::<MemberProfile>(value).map(drop)
    })?;
    shut_out(rows)?;
    let check = rows.record(Table::Meta, Meta::KeyCheck.key())?;
    check.ok_or_else(|| rows.damaged("it does not say which key fits"))
}

/// Puts an archive that was found in order in the place of all rows. What is there may be damaged.
fn replace(
    rows: &mut dyn RowsMut,
    archive: &Archive,
    sealed_with: &Key,
    key: &Key,
    random: Random<'_>,
) -> Result<(), StoreError> {
    let mut versions = Vec::new();
    archive.scan(Table::Accounts, &[], &mut |_, value| {
        versions.push(unseen(rows, &archive.decode(value)?, random)?);
        Ok(())
    })?;
    let next = next_account(rows)?.max(next_account(archive)?);
    for table in Table::ALL {
        rows.clear(table)?;
    }
    rows.put(Table::Meta, Meta::Format.key(), &[FORMAT])?;
    rows.put_record(Table::Meta, Meta::KeyCheck.key(), &key.check()?)?;
    if let Some(next) = next {
        rows.put_record(Table::Meta, Meta::NextAccount.key(), &next)?;
    }
    let mut versions = versions.into_iter();
    archive.scan(Table::Accounts, &[], &mut |id, value| {
        let id = archive.account_of_key(id)?;
        let mut account: Account = archive.decode(value)?;
        if archive.key().is_some() {
            let password = sealed_with.password(id, &account.password);
            let password = password.ok_or_else(|| archive.damaged("a password is not one"))?;
            account.password = key.seal(id, &password)?;
        }
        account.version = versions.next().unwrap_or(account.version);
        rows.put_account(id, &account)
    })?;
    for table in [Table::Handles, Table::Entries] {
        archive.scan(table, &[], &mut |key, value| rows.put(table, key, value))?;
    }
    archive.scan(Table::Profiles, &[], &mut |key, value| {
        rows.put_profile(archive.account_of_key(key)?, Some(&archive.decode(value)?))
    })?;
    let ShutOut { disabled, denied } = shut_out(archive)?;
    for (account, disabled) in disabled {
        set_disabled(rows, account, Some(&disabled))?;
    }
    denied.into_iter().try_for_each(|network| put_denied(rows, network))
}

/// Where random list versions come from.
pub(crate) type Random<'a> = &'a mut dyn FnMut() -> Result<ListVersion, StoreError>;

/// How many random versions are looked at: each is near to one that was seen once in a thousand times.
const TRIES: u32 = 100;

/// How many changes of an account do not lead to a version that it had before a restore.
const FAR: u32 = 1_000_000;

/// A list version that no client of the account has seen, neither before the backup nor after it: a
/// client would take its old lists for the restored ones. Nor do the next changes lead to one.
fn unseen(
    rows: &dyn RowsMut,
    account: &Account,
    random: Random<'_>,
) -> Result<ListVersion, StoreError> {
    let here = rows.get(Table::Handles, handle_key(&account.handle))?;
    let here = match here.and_then(|row| account_of(&row)) {
        Some(id) => rows.get(Table::Accounts, &crate::rows::account_key(id))?,
        None => None,
    };
    let here = here.and_then(|bytes| record::decode::<Account>(&bytes).ok());
    let here = here.map_or(account.version, |here| here.version);
    for _ in 0..TRIES {
        let version = random()?;
        if [account.version, here].iter().all(|seen| seen.distance_from(version) > FAR) {
            return Ok(version);
        }
    }
    let why = "they are not random".into();
    Err(StoreError::Io("the system's random numbers".to_owned(), why))
}

/// The number of the next account, if it can be read and is no damage. Numbers that were given away
/// here since the backup stay so.
fn next_account(rows: &(impl Rows + ?Sized)) -> Result<Option<u32>, StoreError> {
    let found = rows.get(Table::Meta, Meta::NextAccount.key())?;
    let next: Option<u32> = found.and_then(|bytes| record::decode(&bytes).ok());
    Ok(next.filter(|next| u32::MAX - next >= SPARE_NUMBERS))
}

#[cfg(test)]
mod tests;
