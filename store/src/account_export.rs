//! Exporting accounts.

use crate::kv_store::roster;
use crate::record::Account;
use crate::rows::{Records, Rows, Table, account_key};
use crate::seal::Key;
use actors::port::store::{AccountId, Detail};
use actors::port::{AccountExport, Contact, ExportPart, StoreError};
use msnp::{FriendlyName, Handle};

/// Exports all accounts, sorted by handle. With `key`, the exports include the passwords.
pub(crate) fn export(
    rows: &dyn Rows,
    key: Option<&Key>,
    visit: &mut dyn FnMut(ExportPart) -> bool,
) -> Result<(), StoreError> {
    let mut handles = Handles(Vec::new());
    // Scans the accounts, not the handles: a damaged handle table must not hide an account.
    rows.scan(Table::Accounts, &[], &mut |key, value| {
        let account: Account = rows.decode(value)?;
        handles.0.push((rows.account_of_key(key)?, account.handle));
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
    let roster = roster(rows, id, Detail::Names)?;
    let mut lists: [Vec<_>; 3] = Default::default();
    for (list, into) in AccountExport::LISTS.into_iter().zip(&mut lists) {
        for listed in roster.list(list) {
            let handle = handles.get(listed.contact);
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

#[cfg(test)]
mod tests;
