//! The changes that a principal makes. Each reads and checks everything before it writes
//! anything, so that one that is refused leaves no trace in a transaction that goes on.

use crate::record::{Account, Entry};
use crate::rows::{Records, RecordsMut, Rows, RowsMut};
use actors::port::StoreError;
use actors::port::store::{AccountId, Change, Changed};
use actors::rules::{self, Membership};
use msnp::{ErrorCode, FriendlyName, List, Privacy, Prompting};

/// Why a change was not made.
pub(crate) enum Refusal {
    /// It is not allowed.
    Code(ErrorCode),
    /// The store failed, and with it the whole transaction.
    Store(StoreError),
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Refusal {
        Refusal::Code(code)
    }
}

impl From<StoreError> for Refusal {
    fn from(failure: StoreError) -> Refusal {
        Refusal::Store(failure)
    }
}

/// Makes one change of `owner`'s at the moment `now`, in seconds since 1970.
pub(crate) fn carry_out(
    rows: &mut dyn RowsMut,
    owner: AccountId,
    change: &Change,
    now: u64,
) -> Result<Changed, Refusal> {
    let account = find(rows, owner)?;
    match change {
        Change::Add { list, contact, name, limit } => {
            let pair = Pair { owner, account, contact: *contact };
            pair.add(rows, *list, name.as_ref(), *limit, now)
        }
        Change::Remove { list, contact } => {
            Pair { owner, account, contact: *contact }.remove(rows, *list, now)
        }
        Change::RenameContact { contact, name } => {
            Pair { owner, account, contact: *contact }.rename(rows, name)
        }
        Change::RenameSelf(name) => {
            let account = Account { name: name.clone(), ..account };
            Ok(save(rows, owner, account)?)
        }
        Change::SetPrompting(prompting) => set_prompting(rows, owner, account, *prompting),
        Change::SetPrivacy { privacy, strict } => {
            set_privacy(rows, owner, account, *privacy, *strict)
        }
    }
}

fn find(rows: &(impl Rows + ?Sized), id: AccountId) -> Result<Account, Refusal> {
    Ok(rows.account(id)?.ok_or(ErrorCode::InvalidUser)?)
}

/// Writes a changed account under a new version.
fn save(
    rows: &mut dyn RowsMut,
    id: AccountId,
    mut account: Account,
) -> Result<Changed, StoreError> {
    account.changed();
    rows.put_account(id, &account)?;
    Ok(Changed { version: account.version, contact_version: None })
}

fn set_prompting(
    rows: &mut dyn RowsMut,
    owner: AccountId,
    account: Account,
    prompting: Prompting,
) -> Result<Changed, Refusal> {
    if account.prompting == prompting {
        return Err(ErrorCode::AlreadyInMode.into());
    }
    Ok(save(rows, owner, Account { prompting, ..account })?)
}

fn set_privacy(
    rows: &mut dyn RowsMut,
    owner: AccountId,
    account: Account,
    privacy: Privacy,
    strict: bool,
) -> Result<Changed, Refusal> {
    if account.privacy != privacy {
        Ok(save(rows, owner, Account { privacy, ..account })?)
    } else if strict {
        Err(ErrorCode::AlreadyInMode.into())
    } else {
        Ok(Changed { version: account.version, contact_version: None })
    }
}

/// Somebody and one who is, or shall be, on his lists.
struct Pair {
    owner: AccountId,
    account: Account,
    contact: AccountId,
}

impl Pair {
    fn add(
        mut self,
        rows: &mut dyn RowsMut,
        list: List,
        name: Option<&FriendlyName>,
        limit: u16,
        now: u64,
    ) -> Result<Changed, Refusal> {
        let contact = find(rows, self.contact)?;
        let mut entries = 0;
        rows.entries(self.owner, &mut |_, entry| {
            entries += usize::from(entry.place(list).is_some());
        })?;
        let found = rows.entry(self.owner, self.contact)?;
        let mut entry = found.unwrap_or_else(|| Entry::new(now));
        let oneself = self.owner == self.contact;
        let on = rules::add(entry.membership(), list, oneself, entries, limit)?;
        entry.set(on, self.account.next_place());
        // Gaim sends the handle as the name when it allows or blocks somebody: what he is called on
        // the forward list stays.
        if let Some(name) = name.filter(|_| list == List::Forward || entry.name.is_none()) {
            entry.name = contact.another_name(name.as_str());
        }
        rows.put_entry(self.owner, self.contact, &entry)?;
        self.finish(rows, list, contact, now, |on| on.with(List::Reverse))
    }

    fn remove(self, rows: &mut dyn RowsMut, list: List, now: u64) -> Result<Changed, Refusal> {
        let contact = find(rows, self.contact)?;
        let found = rows.entry(self.owner, self.contact)?;
        let mut entry = found.unwrap_or_else(|| Entry::new(now));
        let on = rules::remove(entry.membership(), list)?;
        entry.set(on, self.account.places);
        rows.put_entry(self.owner, self.contact, &entry)?;
        self.finish(rows, list, contact, now, |on| on.without(List::Reverse))
    }

    fn rename(self, rows: &mut dyn RowsMut, name: &FriendlyName) -> Result<Changed, Refusal> {
        let contact = find(rows, self.contact)?;
        let found = rows.entry(self.owner, self.contact)?;
        let mut entry = found.ok_or(ErrorCode::NotOnList)?;
        entry.name = contact.another_name(name.as_str());
        rows.put_entry(self.owner, self.contact, &entry)?;
        Ok(save(rows, self.owner, self.account)?)
    }

    /// Writes the owner's account and, if his forward list is what changed, the other side of it:
    /// the owner on the contact's reverse list, as `mirror` has it.
    fn finish(
        self,
        rows: &mut dyn RowsMut,
        list: List,
        mut contact: Account,
        now: u64,
        mirror: impl FnOnce(Membership) -> Membership,
    ) -> Result<Changed, Refusal> {
        let changed = save(rows, self.owner, self.account)?;
        if list != List::Forward {
            return Ok(changed);
        }
        let found = rows.entry(self.contact, self.owner)?;
        let mut entry = found.unwrap_or_else(|| Entry::new(now));
        entry.set(mirror(entry.membership()), contact.next_place());
        rows.put_entry(self.contact, self.owner, &entry)?;
        let contact = save(rows, self.contact, contact)?;
        Ok(Changed { contact_version: Some(contact.version), ..changed })
    }
}
