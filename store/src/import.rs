//! Importing accounts.

use crate::backup::Random;
use crate::exclusions;
use crate::kv_store::create;
use crate::record::{Account, Entry};
use crate::rows::{
    Records, RecordsMut, RowsMut, Table, account_key, handle_key, parse_account_key,
};
use crate::seal::{self, Key};
use actors::port::store::{AccountId, NewAccount};
use actors::port::{
    AccountExport, Contact, Disabled, ImportStep, Imported, ListedContact, StoreError,
};
use actors::rules::{self, Membership};
use actors::settings::MAX_LIST_ENTRIES;
use msnp::{GroupIds, List};
use std::collections::btree_map::{self, BTreeMap};
use std::collections::{HashMap, HashSet};

/// The number of records that are kept in memory before they are written. A record takes up to a
/// KiB.
const MAX_CACHED: usize = 8192;

/// Makes a step of an import. [`ImportStep::Create`] marks its accounts as unfilled, and
/// [`ImportStep::Fill`] fills them with settings and lists. `now` is in seconds since 1970.
/// `random` returns list versions.
pub(crate) fn import(
    rows: &mut dyn RowsMut,
    key: &Key,
    accounts: &[AccountExport],
    step: ImportStep,
    now: u64,
    random: Random<'_>,
) -> Result<Imported, StoreError> {
    let mut imported = Imported::default();
    let unfilled = match step {
        ImportStep::Whole => create_missing(rows, key, accounts, random, &mut imported)?,
        ImportStep::Create => {
            for (id, _) in create_missing(rows, key, accounts, random, &mut imported)? {
                exclusions::set_disabled(rows, id, Some(&Disabled::unfilled()))?;
            }
            return Ok(imported);
        }
        ImportStep::Fill => find_unfilled(rows, accounts)?,
    };
    if step == ImportStep::Fill {
        let principal =
            |(id, export): &(AccountId, &AccountExport)| (*id, export.principal.clone());
        imported.created = unfilled.iter().map(principal).collect();
    }
    let has_no_password = |(_, export): &&(AccountId, &AccountExport)| export.password.is_none();
    let without_password = unfilled.iter().filter(has_no_password);
    imported.without_password =
        without_password.map(|(_, export)| export.principal.handle.clone()).collect();
    let new = unfilled.iter().map(|(id, _)| *id).collect();
    let mut import = Import { cache: Cache::new(rows), now, new, imported };
    for (id, export) in unfilled {
        import.fill_account(id, export)?;
    }
    import.cache.flush()?;
    Ok(import.imported)
}

/// Creates the accounts that do not exist yet, without their settings and lists. Returns these
/// accounts.
fn create_missing<'a>(
    rows: &mut dyn RowsMut,
    key: &Key,
    accounts: &'a [AccountExport],
    random: Random<'_>,
    imported: &mut Imported,
) -> Result<Vec<(AccountId, &'a AccountExport)>, StoreError> {
    let mut new = Vec::new();
    for export in accounts {
        let principal = export.principal.clone();
        if let Some(found) = rows.get(Table::Handles, handle_key(&principal.handle))? {
            let id = rows.account_of_key(&found)?;
            // An unfilled account is from an interrupted import: `ImportStep::Fill` fills it.
            if !is_unfilled(rows, id)? {
                imported.skipped.push(principal.handle);
            }
            continue;
        }
        let password = match &export.password {
            Some(password) => password.clone(),
            None => seal::random_password()?,
        };
        let version = random()?;
        if let Some(id) = create(rows, key, &NewAccount { principal, password, version })? {
            imported.created.push((id, export.principal.clone()));
            new.push((id, export));
        }
    }
    Ok(new)
}

/// Finds the accounts that a step created and no step has filled with settings and lists yet.
fn find_unfilled<'a>(
    rows: &dyn RowsMut,
    accounts: &'a [AccountExport],
) -> Result<Vec<(AccountId, &'a AccountExport)>, StoreError> {
    let mut unfilled = Vec::new();
    for export in accounts {
        let found = rows.get(Table::Handles, handle_key(&export.principal.handle))?;
        if let Some(id) = found.and_then(|row| parse_account_key(&row))
            && is_unfilled(rows, id)?
        {
            unfilled.push((id, export));
        }
    }
    Ok(unfilled)
}

fn is_unfilled(rows: &dyn RowsMut, id: AccountId) -> Result<bool, StoreError> {
    let disabled: Option<Disabled> = rows.record(Table::Disabled, &account_key(id))?;
    Ok(disabled.is_some_and(|disabled| disabled.is_unfilled()))
}

/// Records of a transaction that change many times. Each is read and written once, in the order of
/// the rows, unless there are more than [`MAX_CACHED`].
struct Cache<'a> {
    rows: &'a mut dyn RowsMut,
    ids: HashMap<Box<str>, Option<AccountId>>,
    accounts: BTreeMap<AccountId, Box<Account>>,
    /// By owner and contact. Each has the membership that is stored, for
    /// [`RecordsMut::put_entry`].
    entries: BTreeMap<(AccountId, AccountId), (Membership, Entry)>,
}

impl Cache<'_> {
    fn new(rows: &mut dyn RowsMut) -> Cache<'_> {
        let (ids, accounts, entries) = (HashMap::new(), BTreeMap::new(), BTreeMap::new());
        Cache { rows, ids, accounts, entries }
    }

    /// Returns the account of a handle in lower case.
    fn id_of(&mut self, handle: &str) -> Result<Option<AccountId>, StoreError> {
        if let Some(known) = self.ids.get(handle) {
            return Ok(*known);
        }
        let found = self.rows.get(Table::Handles, handle.as_bytes())?;
        let id = found.map(|row| self.rows.account_of_key(&row)).transpose()?;
        self.ids.insert(handle.into(), id);
        Ok(id)
    }

    fn account(&mut self, id: AccountId) -> Result<&mut Account, StoreError> {
        match self.accounts.entry(id) {
            btree_map::Entry::Occupied(cached) => Ok(cached.into_mut()),
            btree_map::Entry::Vacant(missing) => {
                let account = self.rows.account(id)?.ok_or(StoreError::NoSuchAccount)?;
                Ok(missing.insert(Box::new(account)))
            }
        }
    }

    /// Returns the entry for a contact. A new one is on no list.
    fn entry(
        &mut self,
        owner: AccountId,
        contact: AccountId,
        now: u64,
    ) -> Result<&mut Entry, StoreError> {
        match self.entries.entry((owner, contact)) {
            btree_map::Entry::Occupied(cached) => Ok(&mut cached.into_mut().1),
            btree_map::Entry::Vacant(missing) => {
                let entry = self.rows.entry(owner, contact)?;
                let entry = entry.unwrap_or_else(|| Entry::new(now));
                Ok(&mut missing.insert((entry.membership(), entry)).1)
            }
        }
    }

    /// Writes the records if there are too many.
    fn flush_if_full(&mut self) -> Result<(), StoreError> {
        let count = self.ids.len() + self.accounts.len() + self.entries.len();
        if count > MAX_CACHED { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        for (id, account) in std::mem::take(&mut self.accounts) {
            self.rows.put_account(id, &account)?;
        }
        for ((owner, contact), (stored, entry)) in std::mem::take(&mut self.entries) {
            // The rules may have refused a new entry, which is on no list then.
            if !entry.is_empty() {
                self.rows.put_entry(owner, contact, stored, &entry)?;
            }
        }
        self.ids.clear();
        Ok(())
    }
}

struct Import<'a> {
    cache: Cache<'a>,
    now: u64,
    /// The accounts that this step fills. No client has seen their lists.
    new: HashSet<AccountId>,
    imported: Imported,
}

impl Import<'_> {
    fn fill_account(&mut self, owner: AccountId, export: &AccountExport) -> Result<(), StoreError> {
        let account = self.cache.account(owner)?;
        account.add_notice = export.add_notice;
        account.privacy = export.privacy;
        account.groups = rules::sanitize_imported(&export.groups);
        account.numbers = export.numbers.clone();
        if let Some(profile) = &export.profile {
            self.cache.rows.put_profile(owner, Some(profile))?;
        }
        exclusions::set_disabled(self.cache.rows, owner, export.disabled.as_ref())?;
        for (list, entries) in AccountExport::LISTS.into_iter().zip(&export.lists) {
            let mut count = 0;
            for contact in entries {
                let is_added = self.add_to_list(owner, list, count, contact)?;
                count += usize::from(is_added);
                if !is_added {
                    let owner_handle = export.principal.handle.clone();
                    self.imported.omitted_entries.push((owner_handle, contact.handle().into()));
                }
                self.cache.flush_if_full()?;
            }
        }
        Ok(())
    }

    /// Adds a contact to a list that has `count` entries. Returns `false` if the contact does not
    /// exist or the rules refuse it.
    fn add_to_list(
        &mut self,
        owner: AccountId,
        list: List,
        count: usize,
        contact: &Contact,
    ) -> Result<bool, StoreError> {
        let cache = &mut self.cache;
        let Some(id) = cache.id_of(contact.handle())? else {
            return Ok(false);
        };
        let is_self = id == owner;
        let membership = cache.entry(owner, id, self.now)?.membership();
        let after = rules::add(membership, list, is_self, count, MAX_LIST_ENTRIES);
        let Ok(after) = after else { return Ok(false) };
        let name = match contact.name() {
            Some(name) => cache.account(id)?.custom_name(name),
            None => None,
        };
        let account = cache.account(owner)?;
        let position = account.take_position();
        let groups = contact.groups().iter();
        let existing = groups.filter(|group| rules::has_group(&account.groups, *group));
        let groups = existing.fold(GroupIds::NONE, GroupIds::with);
        let entry = cache.entry(owner, id, self.now)?;
        entry.set(after, position);
        // The forward list is imported first: the name given there wins.
        if let Some(name) = name
            && entry.name.is_none()
        {
            entry.name = Some(name);
        }
        if list == List::Forward {
            entry.set_groups(groups);
            self.add_reverse(owner, id)?;
        }
        Ok(true)
    }

    /// Adds the owner of a forward list to the reverse list of a contact on it.
    fn add_reverse(&mut self, owner: AccountId, id: AccountId) -> Result<(), StoreError> {
        let contact = self.cache.account(id)?;
        let position = contact.take_position();
        // No client has seen the lists of a new account, so only older accounts need a new version.
        if !self.new.contains(&id) {
            contact.bump_version();
            let version = contact.version;
            self.imported.listed.push(ListedContact { owner, contact: id, version });
        }
        let entry = self.cache.entry(id, owner, self.now)?;
        entry.set(entry.membership().with(List::Reverse), position);
        Ok(())
    }
}
