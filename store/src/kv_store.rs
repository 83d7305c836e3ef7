//! The logic of the store, over any key-value tables.

use crate::account_export;
use crate::backup;
use crate::change::{self, ChangeError, shown_numbers};
use crate::exclusions;
use crate::import;
use crate::record::{self, Account, Entry};
use crate::rows::{
    Backend, Meta, Records, RecordsMut, Rows, RowsMut, Table, account_key, handle_key,
    parse_account_key, parse_entry_key,
};
use crate::seal::{self, Key, Sealed};
use crate::verify;
use actors::port::store::{
    AccountId, Change, Changed, CheckedProof, CreateError, Detail, Found, ListEntry, NamedAccount,
    NewAccount, Password, Principal, Proof, Roster, Store, StoreState,
};
use actors::port::{
    AccountExport, ArchiveError, Clock, DenyError, Disabled, ExclusionLists, ExportPart,
    ImportStep, Imported, IntegrityReport, PhoneNumbers, ReadSeek, Restored, StoreError,
};
use actors::rules;
use ipnet::IpNet;
use msnp::auth::Digest;
use msnp::command::Search;
use msnp::{
    AddNotice, ErrorCode, FriendlyName, GroupIds, Handle, List, ListVersion, MemberProfile, Privacy,
};
use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

/// The format version of a store without profiles, disabled accounts and denied networks. The
/// format is the set of tables and the form of their keys.
pub(crate) const FORMAT: u8 = 1;

/// The format version since the first profile, which adds [`Table::Profiles`].
pub(crate) const WITH_PROFILES: u8 = 2;

/// The format version since the first disabled account or denied network, which adds
/// [`Table::Disabled`] and [`Table::Denied`].
pub(crate) const WITH_EXCLUSIONS: u8 = 3;

/// The format version with a complete [`Table::Permissions`]: that of new stores, and of older ones
/// since the first removal of an account.
pub(crate) const WITH_PERMISSIONS: u8 = 4;

/// The clock of the machine.
pub(crate) type StoreClock = Arc<dyn Clock + Send + Sync>;

/// The id of no account. The first account has number 1.
pub(crate) const NO_ACCOUNT: AccountId = AccountId(0);

/// A store over the tables of `B`.
pub struct KvStore<B> {
    rows: B,
    key: Key,
    clock: StoreClock,
    /// An encoded account record that takes the place of a missing one, so that both take the same
    /// time.
    dummy: Vec<u8>,
}

impl<B: Backend> KvStore<B> {
    /// Opens a store. `find_key` gets `true` if there are accounts, whose passwords only the right
    /// key unseals. Messages call the key `key_name`.
    pub(crate) fn with_backend(
        rows: B,
        key_name: &str,
        clock: StoreClock,
        find_key: impl FnOnce(bool) -> Result<Key, StoreError>,
    ) -> Result<KvStore<B>, StoreError> {
        let (has_format, check, has_accounts) = rows.read(|rows| {
            let has_format = has_known_format(rows, WITH_PERMISSIONS)?;
            let check: Option<Sealed> = rows.record(Table::Meta, Meta::KeyCheck.key())?;
            Ok((has_format, check, !rows.is_empty(Table::Accounts)?))
        })?;
        let key = find_key(has_accounts)?;
        match check {
            Some(check) if has_format && key.fits(&check) => {}
            Some(_) if has_accounts => return Err(StoreError::KeyWrong(key_name.to_owned())),
            None if has_accounts => {
                return rows.read(|rows| Err(rows.damaged("its key check is missing")));
            }
            Some(_) | None => {
                let check = key.make_check()?;
                let written = rows.write(|rows| {
                    // Without accounts, the index is complete.
                    rows.raise_format(WITH_PERMISSIONS)?;
                    rows.put_record(Table::Meta, Meta::KeyCheck.key(), &check)
                });
                match written {
                    // No password is sealed with this key yet. The next process that opens the
                    // store writes the key check.
                    Ok(()) | Err(StoreError::Unwritable(..)) => {}
                    Err(why) => return Err(why),
                }
            }
        }
        let dummy = dummy_account(&key)?;
        Ok(KvStore { rows, key, clock, dummy })
    }
}

/// Checks that the format version is at most `latest`. Returns `false` for a new store, which has
/// none yet.
pub(crate) fn has_known_format(rows: &dyn Rows, latest: u8) -> Result<bool, StoreError> {
    match rows.get(Table::Meta, Meta::Format.key())?.as_deref() {
        None => Ok(false),
        Some([version]) if (FORMAT..=latest).contains(version) => Ok(true),
        Some([version, ..]) if *version > latest => Err(StoreError::Newer(rows.name().to_owned())),
        Some(_) => Err(rows.damaged("its format version is unknown")),
    }
}

fn dummy_account(key: &Key) -> Result<Vec<u8>, StoreError> {
    let impossible = || StoreError::Io("making a record".to_owned(), "it is not valid".into());
    let handle = Handle::new("nobody@localhost.localdomain").map_err(|_| impossible())?;
    let password = Password::new("password").ok_or_else(impossible)?;
    let principal = Principal { name: FriendlyName::from_handle(&handle), handle };
    let version = ListVersion::from_entropy(0);
    let account = new_account(key, NO_ACCOUNT, &NewAccount { principal, password, version })?;
    record::encode(&account).ok_or_else(impossible)
}

fn new_account(key: &Key, id: AccountId, new: &NewAccount) -> Result<Account, StoreError> {
    Ok(Account {
        handle: new.principal.handle.clone(),
        name: new.principal.name.clone(),
        version: new.version,
        add_notice: AddNotice::default(),
        privacy: Privacy::default(),
        password: key.seal(id, &new.password)?,
        next_position: 0,
        groups: Vec::new(),
        numbers: PhoneNumbers::default(),
    })
}

#[cfg(test)]
impl<B> KvStore<B> {
    pub(crate) fn backend(&self) -> &B {
        &self.rows
    }

    pub(crate) fn into_backend(self) -> B {
        self.rows
    }
}

impl<B: Backend> KvStore<B> {
    /// Reads, and tries once more after a disk failure: the second try opens the store again.
    fn read<T>(&self, work: impl Fn(&dyn Rows) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match self.rows.read(&work) {
            Err(StoreError::Io(..)) => self.rows.read(work),
            read => read,
        }
    }
}

impl<B: Backend> Store for KvStore<B> {
    fn state(&self) -> StoreState {
        self.rows.state()
    }

    fn principals(&self, show: &mut dyn FnMut(AccountId, Principal)) -> Result<(), StoreError> {
        self.rows.read_once(|rows| {
            rows.scan(Table::Accounts, &[], &mut |key, value| {
                let account: Account = rows.decode(value)?;
                show(rows.account_of_key(key)?, account.principal());
                Ok(())
            })
        })
    }

    fn find(&self, handles: &[Handle]) -> Result<Vec<Option<NamedAccount>>, StoreError> {
        self.read(|rows| {
            let key = |handle: &Handle| (Table::Handles, handle_key(handle).to_vec());
            let found = rows.get_many(&handles.iter().map(key).collect::<Vec<_>>())?;
            let id = |row: Option<Vec<u8>>| row.map(|row| rows.account_of_key(&row)).transpose();
            let ids: Vec<Option<AccountId>> =
                found.into_iter().map(id).collect::<Result<_, _>>()?;
            let existing: Vec<AccountId> = ids.iter().copied().flatten().collect();
            // In the order of `existing`, without ids that have no account.
            let mut named = names(rows, &existing)?.into_iter().peekable();
            let next = |id: Option<AccountId>| named.next_if(|named| Some(named.account) == id);
            Ok(ids.into_iter().map(next).collect())
        })
    }

    fn names(&self, accounts: &[AccountId]) -> Result<Vec<NamedAccount>, StoreError> {
        self.read(|rows| names(rows, accounts))
    }

    fn count(&self) -> Result<usize, StoreError> {
        self.read(|rows| Ok(usize::try_from(rows.count(Table::Accounts)?).unwrap_or(usize::MAX)))
    }

    fn check_proof(&self, handle: &Handle, proof: &Proof) -> Result<CheckedProof, StoreError> {
        let Proof::Md5 { challenge, digest } = proof else { return Err(StoreError::UnknownProof) };
        self.read(|rows| {
            let id = rows.get(Table::Handles, handle_key(handle))?;
            let id = id.and_then(|row| parse_account_key(&row)).unwrap_or(NO_ACCOUNT);
            let found = rows.get(Table::Accounts, &account_key(id))?;
            let (id, record) =
                found.as_deref().map_or((NO_ACCOUNT, &*self.dummy), |found| (id, found));
            let account: Account = rows.decode(record)?;
            let password = self
                .key
                .unseal(id, &account.password)
                .ok_or_else(|| rows.damaged("a password cannot be unsealed"))?;
            let is_digest_right = Digest::of(challenge, password.as_bytes()) == *digest;
            // Looked up for missing accounts, too, so that every reply takes the same time.
            let is_enabled = rows.get(Table::Disabled, &account_key(id))?.is_none();
            // Also made for a missing account, and dropped then.
            let named = NamedAccount::new(id, &account.principal());
            let account = found.is_some().then_some(named);
            let is_right = account.is_some() && is_digest_right && is_enabled;
            Ok(CheckedProof { account, is_right })
        })
    }

    fn roster(&self, account: AccountId, detail: Detail) -> Result<Roster, StoreError> {
        self.read(|rows| roster(rows, account, detail))
    }

    fn search(&self, search: &Search, max: usize) -> Result<Option<Vec<Found>>, StoreError> {
        self.read(|rows| {
            let (mut found, mut fits, mut damaged) = (Vec::new(), true, 0_usize);
            rows.scan(Table::Profiles, &[], &mut |key, value| {
                if !fits {
                    return Ok(());
                }
                let profile = record::decode::<MemberProfile>(value).ok();
                let Some((account, profile)) = parse_account_key(key).zip(profile) else {
                    damaged += 1;
                    return Ok(());
                };
                if search.matches(&profile) {
                    fits = found.len() < max;
                    found.push((account, profile));
                }
                Ok(())
            })?;
            // A damaged profile must not hide the others. The integrity check finds which one it
            // is.
            if damaged > 0 {
                log::error!("{}: {damaged} profiles cannot be read", rows.name());
            }
            Ok(fits.then_some(found))
        })
    }

    fn change(
        &self,
        changes: &[(AccountId, Change)],
    ) -> Result<Vec<Result<Changed, ErrorCode>>, StoreError> {
        let now = self.clock.now();
        self.rows.write(|rows| {
            let mut results = Vec::with_capacity(changes.len());
            for (owner, change) in changes {
                results.push(match change::apply(rows, *owner, change, now) {
                    Ok(changed) => Ok(changed),
                    Err(ChangeError::Code(code)) => Err(code),
                    Err(ChangeError::Store(failure)) => return Err(failure),
                });
            }
            Ok(results)
        })
    }

    fn create(&self, account: &NewAccount) -> Result<AccountId, CreateError> {
        let created = self.rows.write(|rows| create(rows, &self.key, account))?;
        created.ok_or(CreateError::Exists)
    }

    fn remove(&self, account: AccountId) -> Result<Vec<(AccountId, ListVersion)>, StoreError> {
        self.rows.write(|rows| remove(rows, account))
    }

    fn set_password(&self, account: AccountId, password: &Password) -> Result<(), StoreError> {
        let sealed = self.key.seal(account, password)?;
        self.rows.write(|rows| {
            let mut changed = rows.account(account)?.ok_or(StoreError::NoSuchAccount)?;
            changed.password = sealed.clone();
            rows.put_account(account, &changed)
        })
    }

    fn set_disabled(
        &self,
        account: AccountId,
        disabled: Option<&Disabled>,
    ) -> Result<(), StoreError> {
        self.rows.write(|rows| {
            rows.account(account)?.ok_or(StoreError::NoSuchAccount)?;
            exclusions::set_disabled(rows, account, disabled)
        })
    }

    fn deny(&self, network: IpNet) -> Result<bool, DenyError> {
        let network = rules::check_deniable(network)?;
        let is_new = self.rows.write(|rows| exclusions::deny(rows, network))?;
        is_new.ok_or(DenyError::TooMany)
    }

    fn undeny(&self, network: IpNet) -> Result<bool, StoreError> {
        self.rows.write(|rows| exclusions::undeny(rows, network))
    }

    fn exclusions(&self) -> Result<ExclusionLists, StoreError> {
        self.read(exclusions::read_exclusions)
    }

    fn verify_integrity(&self) -> Result<IntegrityReport, StoreError> {
        self.read(|rows| verify::verify(rows, &self.key))
    }

    fn export_each(
        &self,
        passwords: bool,
        visit: &mut dyn FnMut(ExportPart) -> bool,
    ) -> Result<(), StoreError> {
        let key = passwords.then_some(&self.key);
        // No second try: parts of the first one were visited already.
        self.rows.read_once(|rows| account_export::export(rows, key, visit))
    }

    fn import_step(
        &self,
        accounts: &[AccountExport],
        step: ImportStep,
    ) -> Result<Imported, StoreError> {
        let now = self.clock.now();
        self.rows.write(|rows| {
            import::import(rows, &self.key, accounts, step, now, &seal::random_version)
        })
    }

    fn backup(&self, with_key: bool, to: &mut dyn Write) -> Result<(), ArchiveError> {
        backup::backup(&self.rows, &self.key, with_key, to)
    }

    fn restore(&self, from: &mut dyn ReadSeek) -> Result<Restored, ArchiveError> {
        backup::restore(&self.rows, &self.key, from, &seal::random_version)
    }
}

/// Returns the names of these accounts, in this order. Leaves out those that do not exist.
fn names(rows: &dyn Rows, ids: &[AccountId]) -> Result<Vec<NamedAccount>, StoreError> {
    let found = ids.iter().zip(rows.accounts(ids)?);
    let named = |(id, account): (&AccountId, Option<Account>)| {
        Some(NamedAccount::new(*id, &account?.principal()))
    };
    Ok(found.filter_map(named).collect())
}

/// The lists of an account. `detail` selects names and telephone numbers.
pub(crate) fn roster(rows: &dyn Rows, id: AccountId, detail: Detail) -> Result<Roster, StoreError> {
    let account = rows.account(id)?.ok_or(StoreError::NoSuchAccount)?;
    let mut entries = Vec::new();
    rows.entries(id, &mut |contact, entry| entries.push((contact, entry)))?;
    let mut contacts = Contacts::read(rows, id, &entries, detail)?;
    let mut positions: [Vec<(u64, ListEntry)>; 4] = Default::default();
    for (contact, mut entry) in entries {
        let name = if detail >= Detail::Names { entry.name.take() } else { None };
        // Left out if it has become the contact's own name since.
        let name = name.filter(|name| contacts.name(contact) != Some(name));
        let mut numbers = contacts.take_numbers(contact);
        let name: Option<Arc<str>> = name.as_deref().map(Arc::from);
        for (list, into) in List::ALL.into_iter().zip(&mut positions) {
            let Some(position) = entry.position(list) else { continue };
            let listed = if list == List::Forward {
                let (name, groups) = (name.clone(), entry.groups());
                ListEntry { contact, name, groups, numbers: std::mem::take(&mut numbers) }
            } else {
                let (name, groups) = (name.clone(), GroupIds::NONE);
                ListEntry { contact, name, groups, numbers: PhoneNumbers::default() }
            };
            into.push((position, listed));
        }
    }
    let lists = positions.map(|mut list| {
        list.sort_unstable_by_key(|(position, _)| *position);
        list.into_iter().map(|(_, listed)| listed).collect::<Vec<_>>()
    });
    Ok(Roster {
        version: account.version,
        add_notice: account.add_notice,
        privacy: account.privacy,
        groups: rules::shown_groups(&account.groups),
        numbers: account.numbers,
        lists,
    })
}

/// What the records of an account's contacts add to its lists.
#[derive(Default)]
struct Contacts {
    names: HashMap<AccountId, FriendlyName>,
    /// The telephone numbers that the account may see.
    numbers: HashMap<AccountId, PhoneNumbers>,
}

impl Contacts {
    fn read(
        rows: &dyn Rows,
        owner: AccountId,
        entries: &[(AccountId, Entry)],
        detail: Detail,
    ) -> Result<Contacts, StoreError> {
        let mut found = Contacts::default();
        let is_wanted = |(_, entry): &&(AccountId, Entry)| {
            let needs_numbers =
                detail >= Detail::Numbers && entry.position(List::Forward).is_some();
            needs_numbers || (detail >= Detail::Names && entry.name.is_some())
        };
        let ids: Vec<_> = entries.iter().filter(is_wanted).map(|(contact, _)| *contact).collect();
        if ids.is_empty() {
            return Ok(found);
        }
        let mut with_numbers = Vec::new();
        for ((contact, entry), account) in
            entries.iter().filter(is_wanted).zip(rows.accounts(&ids)?)
        {
            let Some(account) = account else { continue };
            if entry.name.is_some() {
                found.names.insert(*contact, account.name.clone());
            }
            let is_forward = entry.position(List::Forward).is_some();
            if detail >= Detail::Numbers && is_forward && !account.numbers.is_empty() {
                with_numbers.push((*contact, account));
            }
        }
        if with_numbers.is_empty() {
            return Ok(found);
        }
        let ids: Vec<_> = with_numbers.iter().map(|(contact, _)| *contact).collect();
        let mirrors = rows.entries_for(&ids, owner)?;
        for ((contact, account), mirror) in with_numbers.iter().zip(mirrors) {
            found.numbers.insert(*contact, shown_numbers(account, mirror.as_ref()));
        }
        Ok(found)
    }

    fn name(&self, contact: AccountId) -> Option<&str> {
        self.names.get(&contact).map(FriendlyName::as_str)
    }

    fn take_numbers(&mut self, contact: AccountId) -> PhoneNumbers {
        self.numbers.remove(&contact).unwrap_or_default()
    }
}

/// Creates an account. Returns `None` if the handle is taken.
pub(crate) fn create(
    rows: &mut dyn RowsMut,
    key: &Key,
    new: &NewAccount,
) -> Result<Option<AccountId>, StoreError> {
    let handle = handle_key(&new.principal.handle);
    if rows.get(Table::Handles, handle)?.is_some() {
        return Ok(None);
    }
    let next: u32 = rows.record(Table::Meta, Meta::NextAccount.key())?.unwrap_or(NO_ACCOUNT.0 + 1);
    let after = next.checked_add(1).ok_or_else(|| StoreError::NoMoreIds(rows.name().to_owned()))?;
    let id = AccountId(next);
    rows.put_record(Table::Meta, Meta::NextAccount.key(), &after)?;
    rows.put(Table::Handles, handle, &account_key(id))?;
    rows.put_account(id, &new_account(key, id, new)?)?;
    Ok(Some(id))
}

/// Removes an account. Returns the new list versions of those who were on its forward list.
fn remove(
    rows: &mut dyn RowsMut,
    id: AccountId,
) -> Result<Vec<(AccountId, ListVersion)>, StoreError> {
    let account = rows.account(id)?.ok_or(StoreError::NoSuchAccount)?;
    rows.complete_permissions()?;
    // The account's own entries, and the users who may have an entry for the account.
    let (mut own, mut others) = (Vec::new(), Vec::new());
    rows.entries(id, &mut |contact, entry| own.push((contact, entry)))?;
    rows.scan(Table::Permissions, &account_key(id), &mut |key, _| {
        let ids = parse_entry_key(key);
        let (_, owner) = ids.ok_or_else(|| rows.damaged("a row key cannot be read"))?;
        others.push(owner);
        Ok(())
    })?;
    others.extend(own.iter().map(|(contact, _)| *contact));
    others.sort_unstable();
    others.dedup();
    let entries = rows.entries_for(&others, id)?;
    let listed = others.into_iter().zip(entries).filter_map(|(other, entry)| Some((other, entry?)));
    let listed: Vec<(AccountId, Entry)> = listed.collect();
    let owners: Vec<AccountId> = listed.iter().map(|(owner, _)| *owner).collect();
    let (on_no_list, mut contacts) = (Entry::new(0), Vec::new());
    for ((owner, entry), record) in listed.iter().zip(rows.accounts(&owners)?) {
        rows.put_entry(*owner, id, entry.membership(), &on_no_list)?;
        if let Some(mut record) = record {
            record.bump_version();
            rows.put_account(*owner, &record)?;
            if entry.position(List::Reverse).is_some() {
                contacts.push((*owner, record.version));
            }
        }
    }
    for (contact, entry) in own {
        rows.put_entry(id, contact, entry.membership(), &on_no_list)?;
    }
    rows.put_profile(id, None)?;
    exclusions::set_disabled(rows, id, None)?;
    rows.delete(Table::Handles, handle_key(&account.handle))?;
    rows.delete(Table::Accounts, &account_key(id))?;
    Ok(contacts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::tests::{ALICE, BOB, intact_maps, key};
    use msnp::ProfileText;

    #[test]
    fn a_store_without_unused_account_numbers_refuses_new_accounts() {
        let maps = intact_maps();
        let (next, last) = (Meta::NextAccount.key(), u32::MAX - 1);
        maps.write(|rows| rows.put_record(Table::Meta, next, &last)).unwrap();
        let store = KvStore::with_backend(maps, "", Arc::new(|| 0), |_| Ok(key())).unwrap();
        let new = |who: &str| {
            let handle = Handle::new(who).unwrap();
            let principal = Principal { name: FriendlyName::from_handle(&handle), handle };
            let password = Password::new("secret").unwrap();
            NewAccount { principal, password, version: ListVersion::from_entropy(0) }
        };
        assert_eq!(store.create(&new("dave@b.cd")).unwrap(), AccountId(last));
        let refused = store.create(&new("eve@b.cd")).unwrap_err();
        assert!(matches!(refused, CreateError::Store(StoreError::NoMoreIds(_))), "{refused:?}");
        assert_eq!(refused.to_string(), "memory has no more account numbers to give");
        assert_eq!(store.export(false).unwrap().len(), 4);
    }

    #[test]
    fn a_search_skips_damaged_profiles() {
        let text = |text| ProfileText::new(text).unwrap();
        let (first, last) = (text("Bob"), text("Smith"));
        let search = Search::named(first.clone(), last.clone());
        let profile = MemberProfile { first, last, city: None, state: None, country: None };
        let rows = intact_maps();
        let put = rows.write(|rows| {
            rows.put_profile(BOB, Some(&profile))?;
            rows.put(Table::Profiles, &account_key(ALICE), b"\x01\x03Bob")?;
            rows.put(Table::Profiles, b"no", b"")
        });
        put.unwrap();
        let store = KvStore { rows, key: key(), clock: Arc::new(|| 0), dummy: Vec::new() };
        assert_eq!(store.search(&search, 1).unwrap(), Some(vec![(BOB, profile)]));
    }
}
