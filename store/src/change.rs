//! The changes that a principal makes to their account and lists. Each change reads and checks
//! everything before it writes. So a refused change leaves no trace, even if its transaction goes
//! on.

use crate::record::{Account, Entry};
use crate::rows::{Records, RecordsMut, Rows, RowsMut};
use actors::port::store::{AccountId, Change, Changed, ForwardChange};
use actors::port::{PhoneNumbers, StoreError};
use actors::rules::{self, Membership};
use msnp::{
    AddNotice, ErrorCode, FriendlyName, GroupId, List, ListVersion, PhoneKind, PhoneNumber, Privacy,
};

/// Why a change failed.
pub(crate) enum ChangeError {
    /// The rules refuse it.
    Code(ErrorCode),
    /// The store failed, which aborts the whole transaction.
    Store(StoreError),
}

impl From<ErrorCode> for ChangeError {
    fn from(code: ErrorCode) -> ChangeError {
        ChangeError::Code(code)
    }
}

impl From<StoreError> for ChangeError {
    fn from(failure: StoreError) -> ChangeError {
        ChangeError::Store(failure)
    }
}

/// Applies one change of `owner`. `now` is in seconds since 1970.
pub(crate) fn apply(
    rows: &mut dyn RowsMut,
    owner: AccountId,
    change: &Change,
    now: u64,
) -> Result<Changed, ChangeError> {
    let account = find(rows, owner)?;
    match change {
        Change::Add { list, contact, name, limit, group } => {
            let pair = Pair { owner, account, contact: *contact };
            match (list, group) {
                (List::Forward, Some(group)) => {
                    pair.add_to_group(rows, *group, name.as_ref(), *limit, now)
                }
                _ => pair.add(rows, *list, GroupId::ZERO, name.as_ref(), *limit, now),
            }
        }
        Change::Remove { list, contact, group } => {
            let pair = Pair { owner, account, contact: *contact };
            match (list, group) {
                (List::Forward, Some(group)) => pair.remove_from_group(rows, *group, now),
                _ => pair.remove(rows, *list, now),
            }
        }
        Change::RenameContact { contact, name } => {
            Pair { owner, account, contact: *contact }.rename(rows, name)
        }
        Change::RenameSelf(name) => {
            let account = Account { name: name.clone(), ..account };
            Ok(save(rows, owner, account)?)
        }
        Change::SetAddNotice(add_notice) => set_add_notice(rows, owner, account, *add_notice),
        Change::SetPrivacy { privacy, strict } => {
            set_privacy(rows, owner, account, *privacy, *strict)
        }
        Change::AddGroup(name) => {
            let (groups, group) = rules::add_group(&account.groups, name)?;
            let changed = save(rows, owner, Account { groups, ..account })?;
            Ok(Changed { group: Some(group), ..changed })
        }
        Change::RenameGroup { group, name } => {
            let groups = rules::rename_group(&account.groups, *group, name)?;
            Ok(save(rows, owner, Account { groups, ..account })?)
        }
        Change::RemoveGroup(group) => remove_group(rows, owner, account, *group),
        Change::SetPhone(phone, number) => {
            Ok(set_phone(rows, owner, account, *phone, number.as_ref())?)
        }
        Change::SetProfile(profile) => {
            if rows.profile(owner)? != *profile {
                rows.put_profile(owner, profile.as_ref())?;
            }
            Ok(Changed::own(account.version))
        }
    }
}

fn find(rows: &(impl Rows + ?Sized), id: AccountId) -> Result<Account, ChangeError> {
    Ok(rows.account(id)?.ok_or(ErrorCode::InvalidUser)?)
}

/// Writes an account under a new list version.
fn save(
    rows: &mut dyn RowsMut,
    id: AccountId,
    mut account: Account,
) -> Result<Changed, StoreError> {
    account.bump_version();
    rows.put_account(id, &account)?;
    Ok(Changed::own(account.version))
}

fn set_add_notice(
    rows: &mut dyn RowsMut,
    owner: AccountId,
    account: Account,
    add_notice: AddNotice,
) -> Result<Changed, ChangeError> {
    if account.add_notice == add_notice {
        return Err(ErrorCode::AlreadyInMode.into());
    }
    Ok(save(rows, owner, Account { add_notice, ..account })?)
}

fn set_privacy(
    rows: &mut dyn RowsMut,
    owner: AccountId,
    account: Account,
    privacy: Privacy,
    strict: bool,
) -> Result<Changed, ChangeError> {
    if account.privacy == privacy {
        return if strict {
            Err(ErrorCode::AlreadyInMode.into())
        } else {
            Ok(Changed::own(account.version))
        };
    }
    let (old_privacy, numbers) = (account.privacy, account.numbers.clone());
    let changed = save(rows, owner, Account { privacy, ..account })?;
    if numbers.is_empty() {
        return Ok(changed);
    }
    let differs =
        |membership| rules::admits(privacy, membership) != rules::admits(old_privacy, membership);
    let watchers = watchers(rows, owner, differs)?;
    let contacts = bump_versions(rows, &watchers)?;
    // The privacy setting applies to contacts on neither the allow nor the block list.
    let numbers = visible_numbers(numbers, privacy, Membership::NONE);
    Ok(Changed { contacts, numbers, ..changed })
}

/// The users who have `owner` on their forward list and whose membership on the lists of `owner`
/// passes `filter`.
fn watchers(
    rows: &dyn RowsMut,
    owner: AccountId,
    filter: impl Fn(Membership) -> bool,
) -> Result<Vec<AccountId>, StoreError> {
    let mut watchers = Vec::new();
    rows.entries(owner, &mut |contact, entry| {
        let membership = entry.membership();
        if membership.contains(List::Reverse) && filter(membership) {
            watchers.push(contact);
        }
    })?;
    Ok(watchers)
}

/// Gives these accounts new list versions, because the telephone numbers that they see changed.
fn bump_versions(
    rows: &mut dyn RowsMut,
    watchers: &[AccountId],
) -> Result<Vec<(AccountId, ListVersion)>, StoreError> {
    let mut contacts = Vec::with_capacity(watchers.len());
    for (contact, account) in watchers.iter().copied().zip(rows.accounts(watchers)?) {
        let account = account.ok_or_else(|| rows.damaged("a contact is missing"))?;
        contacts.push((contact, save(rows, contact, account)?.version));
    }
    Ok(contacts)
}

/// Removes a group. Contacts who were in no other group leave the forward list.
fn remove_group(
    rows: &mut dyn RowsMut,
    owner: AccountId,
    account: Account,
    group: GroupId,
) -> Result<Changed, ChangeError> {
    let groups = rules::remove_group(&account.groups, group)?;
    let account = Account { groups, ..account };
    let mut members = Vec::new();
    rows.entries(owner, &mut |contact, entry| {
        if entry.groups().contains(group) {
            members.push((contact, entry));
        }
    })?;
    let mut leaving = Vec::new();
    for (contact, mut entry) in members {
        let before = entry.membership();
        entry.set_groups(entry.groups().without(group));
        let leaves = entry.groups().is_empty();
        if leaves {
            entry.set(entry.membership().without(List::Forward), account.next_position);
        }
        rows.put_entry(owner, contact, before, &entry)?;
        if leaves {
            leaving.push(contact);
        }
    }
    let contacts = remove_reverse(rows, owner, &leaving)?;
    let changed = save(rows, owner, account)?;
    let forward =
        if contacts.is_empty() { ForwardChange::Unchanged } else { ForwardChange::Removed };
    Ok(Changed { forward, contacts, ..changed })
}

/// Removes the owner of a forward list from the reverse lists of contacts. Returns the contacts' new
/// list versions.
fn remove_reverse(
    rows: &mut dyn RowsMut,
    owner: AccountId,
    contacts: &[AccountId],
) -> Result<Vec<(AccountId, ListVersion)>, StoreError> {
    let (accounts, entries) = (rows.accounts(contacts)?, rows.entries_for(contacts, owner)?);
    let mut versions = Vec::with_capacity(contacts.len());
    for (contact, (account, entry)) in contacts.iter().zip(accounts.into_iter().zip(entries)) {
        let (account, mut entry) =
            account.zip(entry).ok_or_else(|| rows.damaged("a contact is missing"))?;
        let before = entry.membership();
        entry.set(before.without(List::Reverse), account.next_position);
        rows.put_entry(*contact, owner, before, &entry)?;
        versions.push((*contact, save(rows, *contact, account)?.version));
    }
    Ok(versions)
}

/// Sets a telephone number. Users with `owner` on their forward list get a new list version, if
/// they may see the number.
fn set_phone(
    rows: &mut dyn RowsMut,
    owner: AccountId,
    mut account: Account,
    phone: PhoneKind,
    number: Option<&PhoneNumber>,
) -> Result<Changed, StoreError> {
    if account.numbers.get(phone) == number {
        return Ok(Changed::own(account.version));
    }
    account.numbers.set(phone, number.cloned());
    let privacy = account.privacy;
    let changed = save(rows, owner, account)?;
    let watchers = watchers(rows, owner, |membership| rules::admits(privacy, membership))?;
    let contacts = bump_versions(rows, &watchers)?;
    Ok(Changed { contacts, ..changed })
}

/// An owner, and a contact who is or will be on their lists.
struct Pair {
    owner: AccountId,
    account: Account,
    contact: AccountId,
}

impl Pair {
    /// Adds the contact to a list; on the forward list, to this group.
    fn add(
        mut self,
        rows: &mut dyn RowsMut,
        list: List,
        group: GroupId,
        name: Option<&FriendlyName>,
        limit: u16,
        now: u64,
    ) -> Result<Changed, ChangeError> {
        let contact = find(rows, self.contact)?;
        let mut entries = 0;
        rows.entries(self.owner, &mut |_, entry| {
            entries += usize::from(entry.position(list).is_some());
        })?;
        let found = rows.entry(self.owner, self.contact)?;
        let mut entry = found.unwrap_or_else(|| Entry::new(now));
        let is_self = self.owner == self.contact;
        let before = entry.membership();
        if rules::is_repeated(before, list) {
            return Ok(Changed::own(self.account.version));
        }
        let after = rules::add(before, list, is_self, entries, limit)?;
        entry.set(after, self.account.take_position());
        if list == List::Forward {
            entry.set_groups(group.into());
        }
        // Gaim sends the handle as the name when it allows or blocks a user. So the name from the
        // forward list is kept.
        if let Some(name) = name.filter(|_| list == List::Forward || entry.name.is_none()) {
            entry.name = contact.custom_name(name.as_str());
        }
        rows.put_entry(self.owner, self.contact, before, &entry)?;
        match list {
            List::Forward => self.save_and_update_reverse(rows, ForwardChange::Added, contact, now),
            _ => self.save_permission(rows, before, after, contact),
        }
    }

    /// Adds the contact to the forward list. If they are on it already, adds them to one more group
    /// and keeps their name.
    fn add_to_group(
        self,
        rows: &mut dyn RowsMut,
        group: GroupId,
        name: Option<&FriendlyName>,
        limit: u16,
        now: u64,
    ) -> Result<Changed, ChangeError> {
        let contact = find(rows, self.contact)?;
        if !rules::has_group(&self.account.groups, group) {
            return Err(ErrorCode::InvalidGroup.into());
        }
        let entry = rows.entry(self.owner, self.contact)?;
        let listed = entry.filter(|entry| entry.membership().contains(List::Forward));
        let changed = match listed {
            None => self.add(rows, List::Forward, group, name, limit, now)?,
            Some(mut entry) => {
                entry.set_groups(rules::add_to_group(entry.groups(), group)?);
                rows.put_entry(self.owner, self.contact, entry.membership(), &entry)?;
                let mirror = rows.entry(self.contact, self.owner)?;
                let numbers = shown_numbers(&contact, mirror.as_ref());
                Changed { numbers, ..save(rows, self.owner, self.account)? }
            }
        };
        Ok(Changed { group: Some(group), ..changed })
    }

    fn remove(self, rows: &mut dyn RowsMut, list: List, now: u64) -> Result<Changed, ChangeError> {
        let contact = find(rows, self.contact)?;
        let found = rows.entry(self.owner, self.contact)?;
        let mut entry = found.unwrap_or_else(|| Entry::new(now));
        let before = entry.membership();
        let after = rules::remove(before, list)?;
        entry.set(after, self.account.next_position);
        rows.put_entry(self.owner, self.contact, before, &entry)?;
        match list {
            List::Forward => {
                self.save_and_update_reverse(rows, ForwardChange::Removed, contact, now)
            }
            _ => self.save_permission(rows, before, after, contact),
        }
    }

    /// Removes the contact from a group. If it was their last group, they leave the forward list.
    fn remove_from_group(
        self,
        rows: &mut dyn RowsMut,
        group: GroupId,
        now: u64,
    ) -> Result<Changed, ChangeError> {
        find(rows, self.contact)?;
        let entry = rows.entry(self.owner, self.contact)?;
        let listed = entry.filter(|entry| entry.membership().contains(List::Forward));
        let mut entry = listed.ok_or(ErrorCode::NotOnList)?;
        if !rules::has_group(&self.account.groups, group) {
            return Err(ErrorCode::InvalidGroup.into());
        }
        let remaining = rules::remove_from_group(entry.groups(), group)?;
        if remaining.is_empty() {
            return self.remove(rows, List::Forward, now);
        }
        entry.set_groups(remaining);
        rows.put_entry(self.owner, self.contact, entry.membership(), &entry)?;
        Ok(save(rows, self.owner, self.account)?)
    }

    fn rename(self, rows: &mut dyn RowsMut, name: &FriendlyName) -> Result<Changed, ChangeError> {
        let contact = find(rows, self.contact)?;
        let found = rows.entry(self.owner, self.contact)?;
        let mut entry = found.ok_or(ErrorCode::NotOnList)?;
        entry.name = contact.custom_name(name.as_str());
        rows.put_entry(self.owner, self.contact, entry.membership(), &entry)?;
        Ok(save(rows, self.owner, self.account)?)
    }

    /// Writes the owner's account after a change to their allow or block list. If the change shows
    /// the owner's telephone numbers to the contact, or hides them, the contact gets a new list
    /// version.
    fn save_permission(
        self,
        rows: &mut dyn RowsMut,
        before: Membership,
        after: Membership,
        contact: Account,
    ) -> Result<Changed, ChangeError> {
        let (privacy, numbers) = (self.account.privacy, self.account.numbers.clone());
        let changed = save(rows, self.owner, self.account)?;
        let is_same = rules::admits(privacy, after) == rules::admits(privacy, before);
        if is_same || numbers.is_empty() || !after.contains(List::Reverse) {
            return Ok(changed);
        }
        let contacts = vec![(self.contact, save(rows, self.contact, contact)?.version)];
        let numbers = visible_numbers(numbers, privacy, after);
        Ok(Changed { contacts, numbers, ..changed })
    }

    /// Writes the owner's account after a change to their forward list, and updates the contact's
    /// reverse list.
    fn save_and_update_reverse(
        self,
        rows: &mut dyn RowsMut,
        forward: ForwardChange,
        mut contact: Account,
        now: u64,
    ) -> Result<Changed, ChangeError> {
        let changed = save(rows, self.owner, self.account)?;
        let found = rows.entry(self.contact, self.owner)?;
        let mut entry = found.unwrap_or_else(|| Entry::new(now));
        let before = entry.membership();
        let is_added = forward == ForwardChange::Added;
        let after =
            if is_added { before.with(List::Reverse) } else { before.without(List::Reverse) };
        entry.set(after, contact.take_position());
        rows.put_entry(self.contact, self.owner, before, &entry)?;
        let numbers =
            if is_added { shown_numbers(&contact, Some(&entry)) } else { PhoneNumbers::default() };
        let contacts = vec![(self.contact, save(rows, self.contact, contact)?.version)];
        Ok(Changed { forward, contacts, numbers, ..changed })
    }
}

/// The telephone numbers that `contact` shows to another user. `entry` is the contact's entry for
/// that user.
pub(crate) fn shown_numbers(contact: &Account, entry: Option<&Entry>) -> PhoneNumbers {
    let membership = entry.map_or(Membership::NONE, Entry::membership);
    visible_numbers(contact.numbers.clone(), contact.privacy, membership)
}

/// The numbers that are visible to a user with this membership on the owner's lists.
fn visible_numbers(
    numbers: PhoneNumbers,
    privacy: Privacy,
    membership: Membership,
) -> PhoneNumbers {
    if rules::admits(privacy, membership) { numbers } else { PhoneNumbers::default() }
}
