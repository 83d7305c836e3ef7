//! Exporting and importing accounts.

use crate::backup::Random;
use crate::exclusions;
use crate::kv_store::{create, roster};
use crate::record::{Account, Entry};
use crate::rows::{Records, RecordsMut, Rows, RowsMut, Table, account_key};
use crate::seal::{self, Key};
use actors::port::store::{AccountId, Detail, NewAccount};
use actors::port::{AccountExport, Contact, Imported, StoreError};
use actors::rules;
use actors::settings::MAX_LIST_ENTRIES;
use msnp::{FriendlyName, GroupIds, Handle, List};
use std::collections::{HashMap, HashSet};

/// Exports all accounts, sorted by handle. With `key`, the exports include the passwords.
pub(crate) fn export(rows: &dyn Rows, key: Option<&Key>) -> Result<Vec<AccountExport>, StoreError> {
    let mut handles = HashMap::new();
    // Scans the accounts, not the handles: a damaged handle table must not hide an account.
    rows.scan(Table::Accounts, &[], &mut |key, value| {
        let account: Account = rows.decode(value)?;
        handles.insert(rows.account_of_key(key)?, account.handle);
        Ok(())
    })?;
    let mut order: Vec<(&Handle, AccountId)> = handles.iter().map(|(id, who)| (who, *id)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, id)| export_account(rows, id, &handles, key)).collect()
}

fn export_account(
    rows: &dyn Rows,
    id: AccountId,
    handles: &HashMap<AccountId, Handle>,
    key: Option<&Key>,
) -> Result<AccountExport, StoreError> {
    let account = rows.account(id)?.ok_or_else(|| rows.damaged("an account is missing"))?;
    let roster = roster(rows, id, Detail::Names)?;
    let mut lists: [Vec<_>; 3] = Default::default();
    for (list, into) in AccountExport::LISTS.into_iter().zip(&mut lists) {
        for listed in roster.list(list) {
            let handle = handles.get(&listed.contact);
            let handle = handle.ok_or_else(|| rows.damaged("a contact is missing"))?;
            let name = listed.name.as_deref().map(FriendlyName::new).transpose();
            let name = name.map_err(|_| rows.damaged("a name is not valid"))?;
            into.push(Contact::new(handle, name.as_ref()).in_groups(listed.groups));
        }
    }
    let unsealed = |key: &Key| {
        let password = key.password(id, &account.password);
        password.ok_or_else(|| rows.damaged("a password cannot be unsealed"))
    };
    Ok(AccountExport {
        principal: account.principal(),
        add_notice: account.add_notice,
        privacy: account.privacy,
        password: key.map(unsealed).transpose()?,
        groups: account.groups,
        numbers: account.numbers,
        profile: rows.profile(id)?,
        disabled: rows.record(Table::Disabled, &account_key(id))?,
        lists,
    })
}

/// Creates the accounts that do not exist yet. `now` is in seconds since 1970. `random` returns
/// their list versions.
pub(crate) fn import(
    rows: &mut dyn RowsMut,
    key: &Key,
    accounts: &[AccountExport],
    now: u64,
    random: Random<'_>,
) -> Result<Imported, StoreError> {
    let mut imported = Imported::default();
    let mut new = Vec::new();
    // Creates all accounts first: they may be on each other's lists.
    for export in accounts {
        let handle = &export.principal.handle;
        let password = match &export.password {
            Some(password) => password.clone(),
            None => seal::random_password()?,
        };
        let version = random()?;
        let principal = export.principal.clone();
        let Some(id) = create(rows, key, &NewAccount { principal, password, version })? else {
            imported.skipped.push(handle.clone());
            continue;
        };
        if export.password.is_none() {
            imported.without_password.push(handle.clone());
        }
        imported.created.push((id, export.principal.clone()));
        new.push((id, export));
    }
    let ids = new.iter().map(|(id, _)| *id).collect();
    let mut import = Import { rows, now, new: ids, imported };
    for (id, export) in new {
        import.fill_account(id, export)?;
    }
    Ok(import.imported)
}

struct Import<'a> {
    rows: &'a mut dyn RowsMut,
    now: u64,
    new: HashSet<AccountId>,
    imported: Imported,
}

impl Import<'_> {
    fn fill_account(&mut self, owner: AccountId, export: &AccountExport) -> Result<(), StoreError> {
        let mut account = self.rows.account(owner)?.ok_or(StoreError::NoSuchAccount)?;
        account.add_notice = export.add_notice;
        account.privacy = export.privacy;
        account.groups = rules::sanitize_imported(&export.groups);
        account.numbers = export.numbers.clone();
        if let Some(profile) = &export.profile {
            self.rows.put_profile(owner, Some(profile))?;
        }
        exclusions::set_disabled(self.rows, owner, export.disabled.as_ref())?;
        for (list, entries) in AccountExport::LISTS.into_iter().zip(&export.lists) {
            let mut count = 0;
            for contact in entries {
                let listed = self.list(owner, &mut account, list, count, contact)?;
                count += usize::from(listed);
                if !listed {
                    let owner_handle = export.principal.handle.clone();
                    self.imported.omitted_entries.push((owner_handle, contact.handle().into()));
                }
            }
        }
        self.rows.put_account(owner, &account)
    }

    /// Adds a contact to a list that has `count` entries. Returns `false` if the contact does not
    /// exist or the rules refuse it.
    fn list(
        &mut self,
        owner: AccountId,
        account: &mut Account,
        list: List,
        count: usize,
        contact: &Contact,
    ) -> Result<bool, StoreError> {
        let Some(found) = self.rows.get(Table::Handles, contact.handle().as_bytes())? else {
            return Ok(false);
        };
        let id = self.rows.account_of_key(&found)?;
        let is_self = id == owner;
        let entry = self.rows.entry(owner, id)?;
        let mut entry = entry.unwrap_or_else(|| Entry::new(self.now));
        let on = rules::add(entry.membership(), list, is_self, count, MAX_LIST_ENTRIES);
        let Ok(on) = on else { return Ok(false) };
        let contact_account =
            if is_self { Some(account.clone()) } else { self.rows.account(id)? };
        let contact_account = contact_account.ok_or(StoreError::NoSuchAccount)?;
        entry.set(on, account.take_position());
        // The forward list is imported first: the name given there wins.
        if let Some(name) = contact.name().filter(|_| entry.name.is_none()) {
            entry.name = contact_account.custom_name(name);
        }
        if list == List::Forward {
            let groups = contact.groups().iter();
            let existing = groups.filter(|group| rules::has_group(&account.groups, *group));
            entry.set_groups(existing.fold(GroupIds::NONE, GroupIds::with));
        }
        self.rows.put_entry(owner, id, &entry)?;
        if list == List::Forward {
            self.add_reverse(owner, id, contact_account)?;
        }
        Ok(true)
    }

    /// Adds the owner of a forward list to the reverse list of a contact on it.
    fn add_reverse(
        &mut self,
        owner: AccountId,
        id: AccountId,
        mut contact: Account,
    ) -> Result<(), StoreError> {
        let entry = self.rows.entry(id, owner)?;
        let mut entry = entry.unwrap_or_else(|| Entry::new(self.now));
        entry.set(entry.membership().with(List::Reverse), contact.take_position());
        self.rows.put_entry(id, owner, &entry)?;
        // No client has seen the lists of a new account, so only older accounts need a new version.
        if !self.new.contains(&id) {
            contact.bump_version();
            self.imported.listed.push((owner, id, contact.version));
        }
        self.rows.put_account(id, &contact)
    }
}

#[cfg(test)]
mod tests;
