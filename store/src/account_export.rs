//! Accounts leave as portraits, and come back.

use crate::backup::Random;
use crate::kv_store::{create, roster};
use crate::record::{Account, Entry};
use crate::rows::{Records, RecordsMut, Rows, RowsMut, Table, account_key};
use crate::seal::{self, Key};
use crate::shut_out;
use actors::port::store::{AccountId, Detail, NewAccount};
use actors::port::{AccountExport, Contact, Imported, StoreError};
use actors::rules;
use actors::settings::MAX_LIST_ENTRIES;
use msnp::{FriendlyName, GroupIds, Handle, List};
use std::collections::{HashMap, HashSet};

/// All accounts, in the order of their handles; with their passwords, if `key` is there.
pub(crate) fn export(rows: &dyn Rows, key: Option<&Key>) -> Result<Vec<AccountExport>, StoreError> {
    let mut handles = HashMap::new();
    // Not by the table of handles, which may lack one: nobody is left out.
    rows.scan(Table::Accounts, &[], &mut |key, value| {
        let account: Account = rows.decode(value)?;
        handles.insert(rows.account_of_key(key)?, account.handle);
        Ok(())
    })?;
    let mut order: Vec<(&Handle, AccountId)> = handles.iter().map(|(id, who)| (who, *id)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, id)| portrait(rows, id, &handles, key)).collect()
}

fn portrait(
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
            let name = name.map_err(|_| rows.damaged("a name is not legal"))?;
            into.push(Contact::new(handle, name.as_ref()).in_groups(listed.groups));
        }
    }
    let unsealed = |key: &Key| {
        let password = key.password(id, &account.password);
        password.ok_or_else(|| rows.damaged("a password cannot be unsealed"))
    };
    Ok(AccountExport {
        principal: account.principal(),
        prompting: account.prompting,
        privacy: account.privacy,
        password: key.map(unsealed).transpose()?,
        groups: account.groups,
        numbers: account.numbers,
        profile: rows.profile(id)?,
        disabled: rows.record(Table::Disabled, &account_key(id))?,
        lists,
    })
}

/// Makes the accounts that are missing, at the moment `now`, in seconds since 1970. Their list versions
/// come from `random`.
pub(crate) fn import(
    rows: &mut dyn RowsMut,
    key: &Key,
    portraits: &[AccountExport],
    now: u64,
    random: Random<'_>,
) -> Result<Imported, StoreError> {
    let mut imported = Imported::default();
    let mut new = Vec::new();
    // All of them first: they may be on each other's lists.
    for portrait in portraits {
        let handle = &portrait.principal.handle;
        let password = match &portrait.password {
            Some(password) => password.clone(),
            None => seal::random_password()?,
        };
        let version = random()?;
        let principal = portrait.principal.clone();
        let Some(id) = create(rows, key, &NewAccount { principal, password, version })? else {
            imported.skipped.push(handle.clone());
            continue;
        };
        if portrait.password.is_none() {
            imported.made_up.push(handle.clone());
        }
        imported.created.push((id, portrait.principal.clone()));
        new.push((id, portrait));
    }
    let ids = new.iter().map(|(id, _)| *id).collect();
    let mut import = Import { rows, now, new: ids, imported };
    for (id, portrait) in new {
        import.fill(id, portrait)?;
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
    /// Gives a new account its settings, groups, telephone numbers, profile and lists.
    fn fill(&mut self, owner: AccountId, portrait: &AccountExport) -> Result<(), StoreError> {
        let mut account = self.rows.account(owner)?.ok_or(StoreError::NoSuchAccount)?;
        account.prompting = portrait.prompting;
        account.privacy = portrait.privacy;
        account.groups = rules::adopt(&portrait.groups);
        account.numbers = portrait.numbers.clone();
        if let Some(profile) = &portrait.profile {
            self.rows.put_profile(owner, Some(profile))?;
        }
        shut_out::set_disabled(self.rows, owner, portrait.disabled.as_ref())?;
        for (list, entries) in AccountExport::LISTS.into_iter().zip(&portrait.lists) {
            let mut count = 0;
            for contact in entries {
                let listed = self.list(owner, &mut account, list, count, contact)?;
                count += usize::from(listed);
                if !listed {
                    let whose = portrait.principal.handle.clone();
                    self.imported.left_out.push((whose, contact.handle().into()));
                }
            }
        }
        self.rows.put_account(owner, &account)
    }

    /// Puts somebody on a list that has `count` entries; `false` if that cannot be.
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
        let oneself = id == owner;
        let entry = self.rows.entry(owner, id)?;
        let mut entry = entry.unwrap_or_else(|| Entry::new(self.now));
        let on = rules::add(entry.membership(), list, oneself, count, MAX_LIST_ENTRIES);
        let Ok(on) = on else { return Ok(false) };
        let theirs = if oneself { Some(account.clone()) } else { self.rows.account(id)? };
        let theirs = theirs.ok_or(StoreError::NoSuchAccount)?;
        entry.set(on, account.next_place());
        // The forward list comes first: what somebody is called there counts.
        if let Some(name) = contact.name().filter(|_| entry.name.is_none()) {
            entry.name = theirs.another_name(name);
        }
        if list == List::Forward {
            let groups = contact.groups().iter();
            let there = groups.filter(|group| rules::has_group(&account.groups, *group));
            entry.set_groups(there.fold(GroupIds::NONE, GroupIds::with));
        }
        self.rows.put_entry(owner, id, &entry)?;
        if list == List::Forward {
            self.mirror(owner, id, theirs)?;
        }
        Ok(true)
    }

    /// Puts the owner of a forward list on the reverse list of one who came on it.
    fn mirror(
        &mut self,
        owner: AccountId,
        id: AccountId,
        mut contact: Account,
    ) -> Result<(), StoreError> {
        let entry = self.rows.entry(id, owner)?;
        let mut entry = entry.unwrap_or_else(|| Entry::new(self.now));
        entry.set(entry.membership().with(List::Reverse), contact.next_place());
        self.rows.put_entry(id, owner, &entry)?;
        // A new account's lists have been seen by nobody yet.
        if !self.new.contains(&id) {
            contact.changed();
            self.imported.listed.push((owner, id, contact.version));
        }
        self.rows.put_account(id, &contact)
    }
}

#[cfg(test)]
mod tests;
