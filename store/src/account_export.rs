//! Exporting accounts.

use crate::record::Account;
use crate::rows::{Records, Rows, Table, account_key};
use crate::seal::Key;
use actors::port::store::AccountId;
use actors::port::{AccountExport, Contact, ExportPart, StoreError};
use msnp::{FriendlyName, GroupIds, Handle, List};

/// Exports all accounts, sorted by handle. With `key`, the exports include the passwords.
pub(crate) fn export(
    rows: &dyn Rows,
    key: Option<&Key>,
    visit: &mut dyn FnMut(ExportPart) -> bool,
) -> Result<(), StoreError> {
    let mut handles = Handles(Vec::new());
    // Scans the accounts, not the handles: a damaged handle table must not hide an account.
    rows.scan(Table::Accounts, &[], &mut |row_key, value| {
        let account: Account = rows.decode(value)?;
        handles.0.push((rows.account_of_key(row_key)?, account.handle));
        Ok(())
    })?;
    let mut has_disabled = false;
    rows.scan(Table::Disabled, &[], &mut |_, _| {
        has_disabled = true;
        Ok(())
    })?;
    let mut order: Vec<&(AccountId, Handle)> = handles.0.iter().collect();
    order.sort_unstable_by_key(|(_, handle)| handle);
    if !visit(ExportPart::Summary { accounts: order.len(), has_disabled }) {
        return Ok(());
    }
    for (id, _) in order {
        let account = export_account(rows, *id, &handles, key)?;
        if !visit(ExportPart::Account(Box::new(account))) {
            break;
        }
    }
    Ok(())
}

/// The handles of all accounts, sorted by id.
struct Handles(Vec<(AccountId, Handle)>);

impl Handles {
    fn get(&self, id: AccountId) -> Option<&Handle> {
        let index = self.0.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.0.get(index).map(|(_, handle)| handle)
    }
}

fn export_account(
    rows: &dyn Rows,
    id: AccountId,
    handles: &Handles,
    key: Option<&Key>,
) -> Result<AccountExport, StoreError> {
    let account = rows.account(id)?.ok_or_else(|| rows.damaged("an account is missing"))?;
    let lists = export_lists(rows, id, handles)?;
    let unseal = |key: &Key| {
        let password = key.unseal_password(id, &account.password);
        password.ok_or_else(|| rows.damaged("a password cannot be unsealed"))
    };
    Ok(AccountExport {
        principal: account.principal(),
        add_notice: account.add_notice,
        privacy: account.privacy,
        password: key.map(unseal).transpose()?,
        groups: account.groups,
        numbers: account.numbers,
        profile: rows.profile(id)?,
        disabled: rows.record(Table::Disabled, &account_key(id))?,
        lists,
    })
}

/// Exports the lists of [`AccountExport::LISTS`].
fn export_lists(
    rows: &dyn Rows,
    id: AccountId,
    handles: &Handles,
) -> Result<[Vec<Contact>; 3], StoreError> {
    let mut entries = Vec::new();
    rows.entries(id, &mut |contact, entry| entries.push((contact, entry)))?;
    let mut lists: [Vec<(u64, Contact)>; 3] = Default::default();
    for (contact, entry) in entries {
        let positions = AccountExport::LISTS.map(|list| entry.position(list));
        if positions.iter().all(Option::is_none) {
            // On the reverse list only.
            continue;
        }
        let handle = handles.get(contact).ok_or_else(|| rows.damaged("a contact is missing"))?;
        let name = match &entry.name {
            // Left out if it has become the contact's own name since.
            Some(name) => {
                let account = rows.account(contact)?;
                let is_own = account.is_some_and(|account| account.name.as_str() == &**name);
                (!is_own).then(|| FriendlyName::new(name)).transpose()
            }
            None => Ok(None),
        };
        let name = name.map_err(|_| rows.damaged("a name is not valid"))?;
        for ((list, position), into) in
            AccountExport::LISTS.into_iter().zip(positions).zip(&mut lists)
        {
            let Some(position) = position else { continue };
            let groups = if list == List::Forward { entry.groups() } else { GroupIds::NONE };
            into.push((position, Contact::new(handle, name.as_ref()).in_groups(groups)));
        }
    }
    Ok(lists.map(|mut list| {
        list.sort_unstable_by_key(|(position, _)| *position);
        list.into_iter().map(|(_, contact)| contact).collect()
    }))
}

#[cfg(test)]
mod tests;
