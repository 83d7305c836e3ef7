//! The integrity check: it checks every row against the rules of the store.
//!
//! It keeps the findings, the data of one account and the ids of all accounts in memory, and reads
//! each row once. Each forward entry needs a reverse entry at the contact, and each reverse entry a
//! forward entry. To find out, each forward entry adds a hash to a sum, and its reverse entry
//! subtracts the same hash. If the sum is not zero, a second pass looks up the counterpart of each
//! entry, to name the faulty ones.

use crate::exclusions::{Denied, network_of};
use crate::kv_store::{FORMAT, NO_ACCOUNT, WITH_EXCLUSIONS, WITH_PERMISSIONS, WITH_PROFILES};
use crate::record::{self, Account, Entry, RecordError};
use crate::rows::{
    Meta, Rows, Table, account_key, entry_key, handle_key, is_only_permission, parse_account_key,
    parse_entry_key,
};
use crate::seal::{Key, Sealed};
use actors::port::store::AccountId;
use actors::port::{Disabled, IntegrityReport, StoreError};
use actors::rules::{self, Group, MAX_DENIED};
use actors::settings::MAX_LIST_ENTRIES;
use msnp::{FriendlyName, GroupId, GroupName, Handle, List, MemberProfile};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// The minimum number of unused account numbers. Normal use never gets this close to the last
/// number, so a higher number is damage. If it were accepted, no account could be created any more.
pub(crate) const SPARE_NUMBERS: u32 = 1_000_000;

/// Verifies the rows of a store, whose passwords are sealed with `key`.
pub(crate) fn verify(rows: &dyn Rows, key: &Key) -> Result<IntegrityReport, StoreError> {
    let verifier = Verifier::check_all(rows, key, ReverseCheck::Sum(ReverseSum::default()))?;
    let needs_second_pass = match &verifier.reverse_check {
        ReverseCheck::Sum(sum) => !sum.is_zero(),
        ReverseCheck::LookUp => false,
    };
    let verifier = if needs_second_pass {
        Verifier::check_all(rows, key, ReverseCheck::LookUp)?
    } else {
        verifier
    };
    Ok(verifier.report())
}

/// How forward entries are compared with reverse entries.
enum ReverseCheck {
    Sum(ReverseSum),
    /// Looks up the counterpart of each entry.
    LookUp,
}

/// The sum of a hash of each forward entry minus that of each reverse entry. If it is zero, the
/// entries match: the key of the hash is random, so entries that do not match give zero only once
/// in 2^64 times.
#[derive(Default)]
struct ReverseSum {
    hasher: RandomState,
    sum: u64,
    /// Whether an entry was left out, because it cannot be read.
    is_partial: bool,
}

impl ReverseSum {
    fn add(&mut self, owner: AccountId, contact: AccountId, entry: &Entry) {
        if entry.position(List::Forward).is_some() {
            self.sum = self.sum.wrapping_add(self.hasher.hash_one((owner, contact)));
        }
        if entry.position(List::Reverse).is_some() {
            self.sum = self.sum.wrapping_sub(self.hasher.hash_one((contact, owner)));
        }
    }

    const fn is_zero(&self) -> bool {
        self.sum == 0 && !self.is_partial
    }
}

struct Verifier<'a> {
    rows: &'a dyn Rows,
    key: &'a Key,
    /// All accounts, sorted.
    accounts: Vec<AccountId>,
    /// The number of entries.
    entries: usize,
    reverse_check: ReverseCheck,
    /// Whether the format has no profiles. Reset after the first profile was reported.
    format_lacks_profiles: bool,
    /// The same for disabled accounts and denied networks.
    format_lacks_exclusions: bool,
    /// Whether the format has a complete index of permissions.
    has_permissions: bool,
    /// The number of denied networks.
    denied: usize,
    faults: Findings,
    notes: Findings,
}

/// Findings of one kind, in words.
#[derive(Default)]
struct Findings {
    lines: Vec<String>,
    /// How many more findings were only counted.
    more: usize,
}

impl Findings {
    fn is_full(&self) -> bool {
        self.lines.len() + 1 >= IntegrityReport::MAX_FAULTS
    }

    fn push(&mut self, words: String) {
        if self.is_full() {
            self.more += 1;
        } else {
            self.lines.push(words);
        }
    }

    fn into_lines(mut self) -> Vec<String> {
        if self.more > 0 {
            self.lines.push(format!("there are {} more", self.more));
        }
        self.lines
    }
}

/// The owner of the entries that are being checked.
struct Owner {
    id: AccountId,
    label: String,
    /// `None` if the account cannot be read, which is reported elsewhere.
    account: Option<Account>,
    /// The positions that are taken, for each list of [`List::ALL`].
    positions: [Vec<u64>; 4],
}

impl<'a> Verifier<'a> {
    fn check_all(
        rows: &'a dyn Rows,
        key: &'a Key,
        reverse_check: ReverseCheck,
    ) -> Result<Verifier<'a>, StoreError> {
        let mut verifier = Verifier {
            rows,
            key,
            accounts: Vec::new(),
            entries: 0,
            reverse_check,
            format_lacks_profiles: false,
            format_lacks_exclusions: false,
            has_permissions: false,
            denied: 0,
            faults: Findings::default(),
            notes: Findings::default(),
        };
        verifier.check_format()?;
        rows.scan(Table::Accounts, &[], &mut |key, value| verifier.check_account(key, value))?;
        verifier.check_next_account()?;
        rows.scan(Table::Handles, &[], &mut |key, value| verifier.check_handle(key, value))?;
        let mut owner = None;
        rows.scan(Table::Entries, &[], &mut |key, value| {
            verifier.check_entry_row(&mut owner, key, value)
        })?;
        if let Some(owner) = owner {
            verifier.check_lists(owner);
        }
        rows.scan(Table::Profiles, &[], &mut |key, value| verifier.check_profile(key, value))?;
        rows.scan(Table::Disabled, &[], &mut |key, value| verifier.check_disabled(key, value))?;
        rows.scan(Table::Denied, &[], &mut |key, value| verifier.check_denied(key, value))?;
        verifier.check_denied_count();
        if verifier.has_permissions {
            rows.scan(Table::Permissions, &[], &mut |key, _| verifier.check_permission(key))?;
        }
        Ok(verifier)
    }

    fn report(self) -> IntegrityReport {
        let (faults, notes) = (self.faults.into_lines(), self.notes.into_lines());
        IntegrityReport { accounts: self.accounts.len(), entries: self.entries, faults, notes }
    }

    fn fault(&mut self, words: String) {
        self.faults.push(words);
    }

    fn check_format(&mut self) -> Result<(), StoreError> {
        match self.rows.get(Table::Meta, Meta::Format.key())?.as_deref() {
            Some([FORMAT]) => {
                (self.format_lacks_profiles, self.format_lacks_exclusions) = (true, true);
            }
            Some([WITH_PROFILES]) => self.format_lacks_exclusions = true,
            Some([WITH_EXCLUSIONS]) => {}
            Some([WITH_PERMISSIONS]) => self.has_permissions = true,
            Some(_) => self.fault("the format version of the store is unknown".to_owned()),
            None => self.fault("the format version of the store is missing".to_owned()),
        }
        let check = self.rows.get(Table::Meta, Meta::KeyCheck.key())?;
        let check = check.and_then(|bytes| record::decode::<Sealed>(&bytes).ok());
        if !check.is_some_and(|check| self.key.fits(&check)) {
            self.fault("the key check of the store is missing or does not fit its key".to_owned());
        }
        self.rows.scan(Table::Meta, &[], &mut |key, _| {
            if !Meta::ALL.map(Meta::key).contains(&key) {
                let row = key.escape_ascii();
                self.fault(format!("the meta table has an unknown row: {row}"));
            }
            Ok(())
        })
    }

    fn check_next_account(&mut self) -> Result<(), StoreError> {
        let next = match self.rows.get(Table::Meta, Meta::NextAccount.key())? {
            None => NO_ACCOUNT.0 + 1,
            Some(bytes) => match record::decode(&bytes) {
                Ok(next) => next,
                Err(error) => {
                    self.fault(format!("the number of the next account {}", describe(error)));
                    return Ok(());
                }
            },
        };
        if let Some(last) = self.accounts.last().copied().filter(|last| last.0 >= next) {
            let (last, label) = (last.0, self.label(last)?);
            self.fault(format!(
                "the next account would have number {next}, but {label} has number {last}"
            ));
        }
        if u32::MAX - next < SPARE_NUMBERS {
            self.fault(format!(
                "the next account would have number {next}, which leaves too few unused numbers"
            ));
        }
        Ok(())
    }

    fn check_account(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let Some(id) = parse_account_key(key) else {
            self.fault("the accounts table has a row without an account number".to_owned());
            return Ok(());
        };
        self.accounts.push(id);
        let account: Account = match record::decode(value) {
            Ok(account) => account,
            Err(error) => {
                let label = self.label(id)?;
                self.fault(format!("the account of {label} {}", describe(error)));
                return Ok(());
            }
        };
        let handle = account.handle.as_str();
        self.check_groups(handle, &account.groups);
        if !account.name.is_visible() {
            self.notes.push(format!(
                "the friendly name of {handle} has invisible characters or only spaces: \
                 `msnpd user rename` gives another one"
            ));
        }
        if id == NO_ACCOUNT {
            self.fault(format!("{handle} has account number {}, which is reserved", id.0));
        }
        match self.rows.get(Table::Handles, handle_key(&account.handle))? {
            Some(row) if row == account_key(id) => {}
            Some(_) => self.fault(format!("the handle {handle} points to another account")),
            None => self.fault(format!("the handle {handle} is missing from the handles table")),
        }
        if self.key.unseal_password(id, &account.password).is_none() {
            self.fault(format!("the password of {handle} cannot be unsealed"));
        }
        Ok(())
    }

    fn check_groups(&mut self, who: &str, groups: &[Group]) {
        if groups.first().is_some_and(|(group, _)| *group != GroupId::ZERO) {
            self.fault(format!("{who} has groups, but no group 0"));
        }
        if !groups.is_sorted_by(|(one, _), (next, _)| one < next) {
            self.fault(format!("the groups of {who} are not in order"));
        }
        let names: HashSet<&GroupName> = groups.iter().map(|(_, name)| name).collect();
        if names.len() < groups.len() {
            self.fault(format!("two groups of {who} have the same name"));
        }
    }

    fn check_handle(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        // Handles are stored in lower case. Lookups would never find one with a capital letter.
        let handle = Handle::parse(key).ok().filter(|handle| handle_key(handle) == key);
        let Some(handle) = handle else {
            let row = key.escape_ascii();
            self.fault(format!("the handles table has a row that is not a valid handle: {row}"));
            return Ok(());
        };
        let handle = handle.as_str();
        let Some(id) = parse_account_key(value) else {
            self.fault(format!("the account number of the handle {handle} cannot be read"));
            return Ok(());
        };
        match self.look_up(id)? {
            Lookup::Missing => {
                self.fault(format!("the handle {handle} points to an account that does not exist"));
            }
            Lookup::Readable(account) if account.handle.as_str() != handle => {
                let other = account.handle.as_str();
                self.fault(format!("the handle {handle} points to the account of {other}"));
            }
            Lookup::Readable(_) | Lookup::Unreadable => {}
        }
        Ok(())
    }

    /// Checks a row of [`Table::Entries`]. If it is the first one of another owner, finishes the
    /// check of the current owner's lists before.
    fn check_entry_row(
        &mut self,
        current: &mut Option<Owner>,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), StoreError> {
        let Some((id, contact)) = parse_entry_key(key) else {
            self.fault("the entries table has a row without account numbers".to_owned());
            return Ok(());
        };
        self.entries += 1;
        if let Some(done) = current.take_if(|owner| owner.id != id) {
            self.check_lists(done);
        }
        let owner = match current {
            Some(owner) => owner,
            None => current.insert(self.owner(id)?),
        };
        if !self.exists(contact) {
            let (words, label) =
                ("has an entry for an account that does not exist", self.label(contact)?);
            self.fault(format!("{} {words}: {label}", owner.label));
        }
        match record::decode(value) {
            Ok(entry) => self.check_entry(owner, contact, &entry),
            Err(error) => {
                if let ReverseCheck::Sum(sum) = &mut self.reverse_check {
                    sum.is_partial = true;
                }
                let label = self.label(contact)?;
                self.fault(format!("the entry of {} for {label} {}", owner.label, describe(error)));
                Ok(())
            }
        }
    }

    fn owner(&mut self, id: AccountId) -> Result<Owner, StoreError> {
        let label = self.label(id)?;
        let account = match self.look_up(id)? {
            Lookup::Readable(account) => Some(*account),
            Lookup::Unreadable => None,
            Lookup::Missing => {
                self.fault(format!("an account that does not exist has entries: {label}"));
                None
            }
        };
        Ok(Owner { id, label, account, positions: Default::default() })
    }

    fn check_entry(
        &mut self,
        owner: &mut Owner,
        contact: AccountId,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        let who = &owner.label;
        let on = entry.membership();
        if entry.is_empty() {
            let label = self.label(contact)?;
            self.fault(format!("the entry of {who} for {label} is on no list"));
        }
        if on.contains(List::Allow) && on.contains(List::Block) {
            let label = self.label(contact)?;
            self.fault(format!("{who} has {label} on both the allow and the block list"));
        }
        match entry.name.as_deref().map(FriendlyName::new) {
            Some(Err(_)) => {
                let label = self.label(contact)?;
                self.fault(format!("{who} calls {label} by a name that is not valid"));
            }
            Some(Ok(name)) if !name.is_visible() => {
                let label = self.label(contact)?;
                self.notes.push(format!(
                    "{who} calls {label} by a name that has invisible characters or only spaces"
                ));
            }
            Some(Ok(_)) | None => {}
        }
        if !entry.groups().is_empty() && !on.contains(List::Forward) {
            let label = self.label(contact)?;
            self.fault(format!("{who} has {label} in a group, but not on the forward list"));
        }
        if let Some(account) = &owner.account {
            let missing = |group: &GroupId| !rules::has_group(&account.groups, *group);
            if let Some(group) = entry.groups().iter().find(missing) {
                let label = self.label(contact)?;
                self.fault(format!("{who} has {label} in group {group}, which does not exist"));
            }
        }
        for (list, taken) in List::ALL.into_iter().zip(&mut owner.positions) {
            let Some(position) = entry.position(list) else { continue };
            taken.push(position);
            if owner.account.as_ref().is_some_and(|account| position >= account.next_position) {
                let (list, label) = (list_name(list), self.label(contact)?);
                self.fault(format!(
                    "the position of {label} on the {list} list of {who} was never assigned"
                ));
            }
        }
        if self.has_permissions
            && is_only_permission(on)
            && self.rows.get(Table::Permissions, &entry_key(contact, owner.id))?.is_none()
        {
            let label = self.label(contact)?;
            self.fault(format!("the permission of {who} for {label} is missing from its index"));
        }
        self.check_reverse(owner, contact, entry)
    }

    fn check_permission(&mut self, key: &[u8]) -> Result<(), StoreError> {
        let Some((contact, owner)) = parse_entry_key(key) else {
            self.fault("the permissions table has a row without account numbers".to_owned());
            return Ok(());
        };
        let found = self.rows.get(Table::Entries, &entry_key(owner, contact))?;
        let is_right = match found.map(|bytes| record::decode::<Entry>(&bytes)) {
            Some(Ok(entry)) => is_only_permission(entry.membership()),
            Some(Err(_)) => true,
            None => false,
        };
        if !is_right {
            let (owner, contact) = (self.label(owner)?, self.label(contact)?);
            self.fault(format!("the index of permissions is wrong about {owner} and {contact}"));
        }
        Ok(())
    }

    /// Compares a forward entry with the contact's reverse entry, and a reverse entry with the
    /// contact's forward entry.
    fn check_reverse(
        &mut self,
        owner: &Owner,
        contact: AccountId,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        let who = &owner.label;
        if owner.id != contact
            && let ReverseCheck::Sum(sum) = &mut self.reverse_check
        {
            sum.add(owner.id, contact, entry);
            return Ok(());
        }
        for (list, other) in [(List::Forward, List::Reverse), (List::Reverse, List::Forward)] {
            if entry.position(list).is_none() {
                continue;
            }
            let (list, opposite) = (list_name(list), list_name(other));
            if owner.id == contact {
                self.fault(format!("{who} is on their own {list} list"));
            } else if !self.has_on_list(contact, owner.id, other)? {
                let label = self.label(contact)?;
                self.fault(format!(
                    "{who} has {label} on the {list} list, but is not on the {opposite} list of {label}"
                ));
            }
        }
        Ok(())
    }

    /// Whether `owner` has `contact` on this list. Also `true` if the entry cannot be read, which
    /// is reported elsewhere.
    fn has_on_list(
        &self,
        owner: AccountId,
        contact: AccountId,
        list: List,
    ) -> Result<bool, StoreError> {
        let found = self.rows.get(Table::Entries, &entry_key(owner, contact))?;
        Ok(match found.map(|bytes| record::decode::<Entry>(&bytes)) {
            Some(Ok(entry)) => entry.position(list).is_some(),
            Some(Err(_)) => true,
            None => false,
        })
    }

    /// Reports faults of an account's lists, after all their entries were checked.
    fn check_lists(&mut self, owner: Owner) {
        for (list, mut positions) in List::ALL.into_iter().zip(owner.positions) {
            let (who, word, count) = (&owner.label, list_name(list), positions.len());
            positions.sort_unstable();
            positions.dedup();
            if positions.len() < count {
                self.fault(format!(
                    "two entries have the same position on the {word} list of {who}"
                ));
            }
            if list != List::Reverse && count > usize::from(MAX_LIST_ENTRIES) {
                self.fault(format!(
                    "the {word} list of {who} has {count} entries, but at most {MAX_LIST_ENTRIES} \
                     are allowed"
                ));
            }
        }
    }

    fn check_profile(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        if std::mem::take(&mut self.format_lacks_profiles) {
            self.fault("there are profiles, but the format version allows none".to_owned());
        }
        let Some(id) = parse_account_key(key) else {
            self.fault("the profiles table has a row without an account number".to_owned());
            return Ok(());
        };
        let label = self.label(id)?;
        if !self.exists(id) {
            self.fault(format!("there is a profile of an account that does not exist: {label}"));
        }
        if let Err(error) = record::decode::<MemberProfile>(value) {
            self.fault(format!("the profile of {label} {}", describe(error)));
        }
        Ok(())
    }

    fn check_format_has_exclusions(&mut self) {
        if std::mem::take(&mut self.format_lacks_exclusions) {
            let what = "there are disabled accounts or denied networks";
            self.fault(format!("{what}, but the format version allows none"));
        }
    }

    fn check_disabled(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.check_format_has_exclusions();
        let Some(id) = parse_account_key(key) else {
            let row = "the disabled accounts table has a row without an account number";
            self.fault(row.to_owned());
            return Ok(());
        };
        let label = self.label(id)?;
        if !self.exists(id) {
            self.fault(format!("an account that does not exist is disabled: {label}"));
        }
        if let Err(error) = record::decode::<Disabled>(value) {
            self.fault(format!("the record of the disabled account {label} {}", describe(error)));
        }
        Ok(())
    }

    fn check_denied(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.check_format_has_exclusions();
        self.denied += 1;
        let Some(network) = network_of(key) else {
            let row = key.escape_ascii();
            let what = "the denied networks table has a row that is not a valid network";
            self.fault(format!("{what}: {row}"));
            return Ok(());
        };
        if let Err(error) = record::decode::<Denied>(value) {
            self.fault(format!("the record of the denied network {network} {}", describe(error)));
        }
        Ok(())
    }

    fn check_denied_count(&mut self) {
        let count = self.denied;
        if count > MAX_DENIED {
            self.fault(format!(
                "{count} networks are denied, but at most {MAX_DENIED} are allowed"
            ));
        }
    }

    fn exists(&self, id: AccountId) -> bool {
        self.accounts.binary_search(&id).is_ok()
    }

    fn look_up(&self, id: AccountId) -> Result<Lookup, StoreError> {
        let found = self.rows.get(Table::Accounts, &account_key(id))?;
        Ok(match found.map(|bytes| record::decode(&bytes)) {
            Some(Ok(account)) => Lookup::Readable(Box::new(account)),
            Some(Err(_)) => Lookup::Unreadable,
            None => Lookup::Missing,
        })
    }

    /// The handle of an account, or its number if the handle is unknown.
    fn label(&self, id: AccountId) -> Result<String, StoreError> {
        if let Lookup::Readable(account) = self.look_up(id)? {
            return Ok(account.handle.as_str().to_owned());
        }
        let mut found = None;
        if !self.faults.is_full() {
            self.rows.scan(Table::Handles, &[], &mut |key, value| {
                if value == account_key(id) {
                    found = found.take().or(Handle::parse(key).ok());
                }
                Ok(())
            })?;
        }
        Ok(found.map_or_else(|| format!("number {}", id.0), |handle| handle.as_str().to_owned()))
    }
}

/// The result of looking up an account.
enum Lookup {
    Readable(Box<Account>),
    Unreadable,
    Missing,
}

const fn list_name(list: List) -> &'static str {
    match list {
        List::Forward => "forward",
        List::Allow => "allow",
        List::Block => "block",
        List::Reverse => "reverse",
    }
}

const fn describe(error: RecordError) -> &'static str {
    match error {
        RecordError::Newer => "was written by a later version of msnpd",
        RecordError::Damaged => "cannot be read",
    }
}

#[cfg(test)]
pub(crate) mod tests;
