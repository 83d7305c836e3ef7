//! Everything that the store promises, checked against its rows one by one: nothing is kept in
//! memory but what is said of one account.

use crate::kv_store::{FORMAT, NOBODY, WITH_PROFILES, WITH_SHUT_OUT};
use crate::record::{self, Account, Entry, Unreadable};
use crate::rows::{Meta, Rows, Table, account_key, account_of, entry_of, handle_key};
use crate::seal::{Key, Sealed};
use crate::shut_out::{Denied, network_of};
use actors::port::store::AccountId;
use actors::port::{Disabled, IntegrityReport, StoreError};
use actors::rules::{self, Group, MAX_DENIED};
use actors::settings::MAX_LIST_ENTRIES;
use msnp::{FriendlyName, GroupId, GroupName, Handle, List, MemberProfile};
use std::collections::HashSet;

/// How many account numbers are left, at least. One account after the other never comes so far: a
/// number near the last is damage, and once it was taken over it would be so for good.
pub(crate) const SPARE_NUMBERS: u32 = 1_000_000;

/// Examines the rows of a store whose passwords were sealed with `key`.
pub(crate) fn verify(rows: &dyn Rows, key: &Key) -> Result<IntegrityReport, StoreError> {
    let mut examiner = Verifier {
        rows,
        key,
        accounts: 0,
        entries: 0,
        last: NOBODY,
        hides_profiles: false,
        hides_shut_out: false,
        denied: 0,
        faults: Found::default(),
        notes: Found::default(),
    };
    examiner.format()?;
    rows.scan(Table::Accounts, &[], &mut |key, value| examiner.account(key, value))?;
    examiner.next_account()?;
    rows.scan(Table::Handles, &[], &mut |key, value| examiner.handle(key, value))?;
    let mut owner = None;
    rows.scan(Table::Entries, &[], &mut |key, value| examiner.entry(&mut owner, key, value))?;
    if let Some(owner) = owner {
        examiner.finish(owner);
    }
    rows.scan(Table::Profiles, &[], &mut |key, value| examiner.profile(key, value))?;
    rows.scan(Table::Disabled, &[], &mut |key, value| examiner.disabled(key, value))?;
    rows.scan(Table::Denied, &[], &mut |key, value| examiner.denied(key, value))?;
    examiner.count_denied();
    Ok(examiner.report())
}

struct Verifier<'a> {
    rows: &'a dyn Rows,
    key: &'a Key,
    accounts: usize,
    entries: usize,
    /// The account with the highest number.
    last: AccountId,
    /// Whether the format says that there are no profiles. It is said once that there are.
    hides_profiles: bool,
    /// The same of disabled accounts and denied networks.
    hides_shut_out: bool,
    /// How many networks are denied.
    denied: usize,
    faults: Found,
    notes: Found,
}

/// What was found of one kind, in words.
#[derive(Default)]
struct Found {
    words: Vec<String>,
    /// What is counted only.
    more: usize,
}

impl Found {
    fn is_full(&self) -> bool {
        self.words.len() + 1 >= IntegrityReport::MOST_FAULTS
    }

    fn push(&mut self, words: String) {
        if self.is_full() {
            self.more += 1;
        } else {
            self.words.push(words);
        }
    }

    fn into_lines(mut self) -> Vec<String> {
        if self.more > 0 {
            self.words.push(format!("there are {} more", self.more));
        }
        self.words
    }
}

/// The owner of the entries that are being looked at.
struct Owner {
    id: AccountId,
    called: String,
    /// `None` if he cannot be read, which was said already.
    account: Option<Account>,
    /// The places that were found taken, by [`List::ALL`].
    places: [Vec<u64>; 4],
}

impl Verifier<'_> {
    fn report(self) -> IntegrityReport {
        let (faults, notes) = (self.faults.into_lines(), self.notes.into_lines());
        IntegrityReport { accounts: self.accounts, entries: self.entries, faults, notes }
    }

    fn fault(&mut self, words: String) {
        self.faults.push(words);
    }

    fn format(&mut self) -> Result<(), StoreError> {
        match self.rows.get(Table::Meta, Meta::Format.key())?.as_deref() {
            Some([FORMAT]) => (self.hides_profiles, self.hides_shut_out) = (true, true),
            Some([WITH_PROFILES]) => self.hides_shut_out = true,
            Some([WITH_SHUT_OUT]) => {}
            Some(_) => self.fault("the format of the store is unknown".to_owned()),
            None => self.fault("the format of the store is not said".to_owned()),
        }
        let check = self.rows.get(Table::Meta, Meta::KeyCheck.key())?;
        let check = check.and_then(|bytes| record::decode::<Sealed>(&bytes).ok());
        if !check.is_some_and(|check| self.key.fits(&check)) {
            self.fault("the store does not say that its key fits".to_owned());
        }
        self.rows.scan(Table::Meta, &[], &mut |key, _| {
            if !Meta::ALL.map(Meta::key).contains(&key) {
                let row = key.escape_ascii();
                self.fault(format!("there is a row about the store itself that is unknown: {row}"));
            }
            Ok(())
        })
    }

    fn next_account(&mut self) -> Result<(), StoreError> {
        let next = match self.rows.get(Table::Meta, Meta::NextAccount.key())? {
            None => NOBODY.0 + 1,
            Some(bytes) => match record::decode(&bytes) {
                Ok(next) => next,
                Err(why) => {
                    self.fault(format!("the number of the next account {}", unreadable(why)));
                    return Ok(());
                }
            },
        };
        if self.last.0 >= next {
            let (last, called) = (self.last.0, self.label(self.last)?);
            self.fault(format!(
                "the next account would have number {next}, but {called} has number {last}"
            ));
        }
        if u32::MAX - next < SPARE_NUMBERS {
            self.fault(format!(
                "the next account would have number {next}, which leaves too few for others"
            ));
        }
        Ok(())
    }

    fn account(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let Some(id) = account_of(key) else {
            self.fault("there is a row among the accounts without an account number".to_owned());
            return Ok(());
        };
        self.accounts += 1;
        self.last = self.last.max(id);
        let account: Account = match record::decode(value) {
            Ok(account) => account,
            Err(why) => {
                let called = self.label(id)?;
                self.fault(format!("the account of {called} {}", unreadable(why)));
                return Ok(());
            }
        };
        let handle = account.handle.as_str();
        self.groups(handle, &account.groups);
        if !account.name.is_visible() {
            self.notes.push(format!(
                "the friendly name of {handle} has invisible characters or only spaces: \
                 `msnpd user rename` gives another one"
            ));
        }
        if id == NOBODY {
            self.fault(format!("{handle} has number {}, which is nobody's", id.0));
        }
        match self.rows.get(Table::Handles, handle_key(&account.handle))? {
            Some(row) if row == account_key(id) => {}
            Some(_) => self.fault(format!("the handle {handle} leads to another account")),
            None => self.fault(format!("the handle {handle} does not lead to its account")),
        }
        if self.key.password(id, &account.password).is_none() {
            self.fault(format!("the password of {handle} cannot be unsealed"));
        }
        Ok(())
    }

    fn groups(&mut self, who: &str, groups: &[Group]) {
        if groups.first().is_some_and(|(group, _)| *group != GroupId::OTHER) {
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

    fn handle(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        // Handles are folded: one with a capital letter in it would never be found.
        let handle = Handle::parse(key).ok().filter(|handle| handle_key(handle) == key);
        let Some(handle) = handle else {
            let row = key.escape_ascii();
            self.fault(format!("there is a row among the handles that is no handle: {row}"));
            return Ok(());
        };
        let handle = handle.as_str();
        let Some(id) = account_of(value) else {
            self.fault(format!("where the handle {handle} leads to cannot be read"));
            return Ok(());
        };
        match self.look(id)? {
            Look::Missing => {
                self.fault(format!("the handle {handle} leads to an account that does not exist"));
            }
            Look::Readable(account) if account.handle.as_str() != handle => {
                let other = account.handle.as_str();
                self.fault(format!("the handle {handle} leads to the account of {other}"));
            }
            Look::Readable(_) | Look::Unreadable => {}
        }
        Ok(())
    }

    fn entry(
        &mut self,
        current: &mut Option<Owner>,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), StoreError> {
        let Some((id, contact)) = entry_of(key) else {
            self.fault("there is a row among the entries without account numbers".to_owned());
            return Ok(());
        };
        self.entries += 1;
        if let Some(done) = current.take_if(|owner| owner.id != id) {
            self.finish(done);
        }
        let owner = match current {
            Some(owner) => owner,
            None => current.insert(self.owner(id)?),
        };
        let look = self.look(contact)?;
        let called = match &look {
            Look::Readable(account) => account.handle.as_str().to_owned(),
            Look::Unreadable | Look::Missing => self.label(contact)?,
        };
        if matches!(look, Look::Missing) {
            let words = "has an entry for an account that does not exist";
            self.fault(format!("{} {words}, {called}", owner.called));
        }
        match record::decode(value) {
            Ok(entry) => self.on_lists(owner, contact, &called, &entry),
            Err(why) => {
                self.fault(format!(
                    "the entry of {} for {called} {}",
                    owner.called,
                    unreadable(why)
                ));
                Ok(())
            }
        }
    }

    fn owner(&mut self, id: AccountId) -> Result<Owner, StoreError> {
        let called = self.label(id)?;
        let account = match self.look(id)? {
            Look::Readable(account) => Some(*account),
            Look::Unreadable => None,
            Look::Missing => {
                self.fault(format!(
                    "there are entries of an account that does not exist, {called}"
                ));
                None
            }
        };
        Ok(Owner { id, called, account, places: Default::default() })
    }

    fn on_lists(
        &mut self,
        owner: &mut Owner,
        contact: AccountId,
        called: &str,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        let who = &owner.called;
        let on = entry.membership();
        if entry.is_on_no_list() {
            self.fault(format!("the entry of {who} for {called} is on no list"));
        }
        if on.contains(List::Allow) && on.contains(List::Block) {
            self.fault(format!("{who} has {called} on both the allow and the block list"));
        }
        match entry.name.as_deref().map(FriendlyName::new) {
            Some(Err(_)) => self.fault(format!("{who} calls {called} by a name that is not legal")),
            Some(Ok(name)) if !name.is_visible() => self.notes.push(format!(
                "{who} calls {called} by a name that has invisible characters or only spaces"
            )),
            Some(Ok(_)) | None => {}
        }
        if !entry.groups().is_empty() && !on.contains(List::Forward) {
            self.fault(format!("{who} has {called} in a group, but not on the forward list"));
        }
        if let Some(account) = &owner.account {
            let missing = |group: &GroupId| !rules::has_group(&account.groups, *group);
            if let Some(group) = entry.groups().iter().find(missing) {
                self.fault(format!("{who} has {called} in group {group}, which does not exist"));
            }
        }
        for (list, taken) in List::ALL.into_iter().zip(&mut owner.places) {
            let Some(place) = entry.place(list) else { continue };
            taken.push(place);
            if owner.account.as_ref().is_some_and(|account| place >= account.places) {
                let list = word(list);
                self.fault(format!(
                    "the place of {called} on the {list} list of {who} is not given away yet"
                ));
            }
        }
        for (list, other) in [(List::Forward, List::Reverse), (List::Reverse, List::Forward)] {
            if !on.contains(list) {
                continue;
            }
            let (here, there) = (word(list), word(other));
            if owner.id == contact {
                self.fault(format!("{who} is on his own {here} list"));
            } else if !self.mirrored(contact, owner.id, other)? {
                self.fault(format!(
                    "{who} has {called} on the {here} list, but is not on the {there} list of {called}"
                ));
            }
        }
        Ok(())
    }

    /// Whether `owner` has `contact` on this list; also if that cannot be read, which is said by
    /// itself.
    fn mirrored(
        &self,
        owner: AccountId,
        contact: AccountId,
        list: List,
    ) -> Result<bool, StoreError> {
        let found = self.rows.get(Table::Entries, &crate::rows::entry_key(owner, contact))?;
        Ok(match found.map(|bytes| record::decode::<Entry>(&bytes)) {
            Some(Ok(entry)) => entry.place(list).is_some(),
            Some(Err(_)) => true,
            None => false,
        })
    }

    /// What can be said of an account's lists when all their entries were seen.
    fn finish(&mut self, owner: Owner) {
        for (list, mut places) in List::ALL.into_iter().zip(owner.places) {
            let (who, word, count) = (&owner.called, word(list), places.len());
            places.sort_unstable();
            places.dedup();
            if places.len() < count {
                self.fault(format!("two entries have the same place on the {word} list of {who}"));
            }
            if list != List::Reverse && count > usize::from(MAX_LIST_ENTRIES) {
                self.fault(format!(
                    "the {word} list of {who} has {count} entries: {MAX_LIST_ENTRIES} is the most"
                ));
            }
        }
    }

    fn profile(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        if std::mem::take(&mut self.hides_profiles) {
            self.fault("there are profiles, but the format says that there are none".to_owned());
        }
        let Some(id) = account_of(key) else {
            self.fault("there is a row among the profiles without an account number".to_owned());
            return Ok(());
        };
        let called = self.label(id)?;
        if matches!(self.look(id)?, Look::Missing) {
            self.fault(format!("there is a profile of an account that does not exist, {called}"));
        }
        if let Err(why) = record::decode::<MemberProfile>(value) {
            self.fault(format!("the profile of {called} {}", unreadable(why)));
        }
        Ok(())
    }

    fn shut_out(&mut self) {
        if std::mem::take(&mut self.hides_shut_out) {
            let what = "there are disabled accounts or denied networks";
            self.fault(format!("{what}, but the format says that there are none"));
        }
    }

    fn disabled(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.shut_out();
        let Some(id) = account_of(key) else {
            let row = "there is a row among the disabled accounts without an account number";
            self.fault(row.to_owned());
            return Ok(());
        };
        let called = self.label(id)?;
        if matches!(self.look(id)?, Look::Missing) {
            self.fault(format!("an account is disabled that does not exist, {called}"));
        }
        if let Err(why) = record::decode::<Disabled>(value) {
            self.fault(format!("that {called} is disabled {}", unreadable(why)));
        }
        Ok(())
    }

    fn denied(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.shut_out();
        self.denied += 1;
        let Some(network) = network_of(key) else {
            let row = key.escape_ascii();
            let what = "there is a row among the denied networks that is no such network";
            self.fault(format!("{what}: {row}"));
            return Ok(());
        };
        if let Err(why) = record::decode::<Denied>(value) {
            self.fault(format!("that {network} is denied {}", unreadable(why)));
        }
        Ok(())
    }

    fn count_denied(&mut self) {
        let count = self.denied;
        if count > MAX_DENIED {
            self.fault(format!("{count} networks are denied: {MAX_DENIED} is the most"));
        }
    }

    fn look(&self, id: AccountId) -> Result<Look, StoreError> {
        let found = self.rows.get(Table::Accounts, &account_key(id))?;
        Ok(match found.map(|bytes| record::decode(&bytes)) {
            Some(Ok(account)) => Look::Readable(Box::new(account)),
            Some(Err(_)) => Look::Unreadable,
            None => Look::Missing,
        })
    }

    /// An account's handle, if there is a way to know it.
    fn label(&self, id: AccountId) -> Result<String, StoreError> {
        if let Look::Readable(account) = self.look(id)? {
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

/// What an account number leads to.
enum Look {
    Readable(Box<Account>),
    Unreadable,
    Missing,
}

const fn word(list: List) -> &'static str {
    match list {
        List::Forward => "forward",
        List::Allow => "allow",
        List::Block => "block",
        List::Reverse => "reverse",
    }
}

const fn unreadable(why: Unreadable) -> &'static str {
    match why {
        Unreadable::Newer => "was written by a later version of msnpd",
        Unreadable::Damaged => "cannot be read",
    }
}

#[cfg(test)]
pub(crate) mod tests;
