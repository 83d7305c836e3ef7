//! The store under test, and helpers for its use.

use std::ops::Deref;

use actors::port::store::{
    AccountId, Change, Changed, Detail, ForwardChange, NewAccount, Password, Principal, Proof,
    Roster,
};
use actors::port::{Store, StoreError};
use msnp::auth::{Challenge, Digest};
use msnp::{
    ErrorCode, FriendlyName, GroupId, GroupIds, GroupName, Handle, List, ListVersion,
    MemberProfile, PhoneKind, PhoneNumber, ProfileText,
};
use tempfile::TempDir;

/// The first list version of every account here.
pub(crate) const START: u32 = 700_000_000;

/// A limit that no list here reaches.
pub(crate) const LIMIT: u16 = 150;

/// A store that may be closed and opened again.
pub(crate) enum Subject {
    Memory(store::Memory),
    File(TempDir, Option<store::File>),
}

impl Subject {
    pub(crate) fn memory() -> Subject {
        Subject::Memory(store::Memory::new(|| 0).unwrap())
    }

    pub(crate) fn file() -> Subject {
        let directory = TempDir::new().unwrap();
        let file = store::File::open(directory.path(), || 0).unwrap();
        Subject::File(directory, Some(file))
    }

    /// Closes the store and opens it again, unless it is in memory.
    pub(crate) fn reopen(&mut self) {
        if let Subject::File(directory, file) = self {
            drop(file.take());
            *file = Some(store::File::open(directory.path(), || 0).unwrap());
        }
    }

    /// Runs a check now, and again after the store was closed and opened.
    pub(crate) fn now_and_later(&mut self, check: impl Fn(&Subject)) {
        check(self);
        self.reopen();
        check(self);
    }

    /// Creates the account `name@example.com` with the friendly name `name` and the password
    /// `secret`.
    pub(crate) fn add(&self, name: &str) -> AccountId {
        self.create(&account(name)).unwrap()
    }

    pub(crate) fn three(&self) -> [AccountId; 3] {
        ["alice", "bob", "carol"].map(|name| self.add(name))
    }

    /// The settings and lists of an account, with all details.
    pub(crate) fn roster(&self, account: AccountId) -> Result<Roster, StoreError> {
        Store::roster(&**self, account, Detail::Numbers)
    }

    pub(crate) fn change_one(
        &self,
        owner: AccountId,
        change: Change,
    ) -> Result<Changed, ErrorCode> {
        let mut answers = self.change(&[(owner, change)]).unwrap();
        assert_eq!(answers.len(), 1);
        answers.remove(0)
    }

    pub(crate) fn put(
        &self,
        owner: AccountId,
        list: List,
        contact: AccountId,
    ) -> Result<Changed, ErrorCode> {
        self.change_one(owner, put(list, contact))
    }

    pub(crate) fn take(
        &self,
        owner: AccountId,
        list: List,
        contact: AccountId,
    ) -> Result<Changed, ErrorCode> {
        self.change_one(owner, Change::Remove { list, contact, group: None })
    }

    /// How often the account's lists were changed.
    pub(crate) fn changes(&self, account: AccountId) -> u32 {
        self.roster(account).unwrap().version.value() - START
    }

    pub(crate) fn on(&self, owner: AccountId, list: List) -> Vec<AccountId> {
        self.roster(owner).unwrap().list(list).iter().map(|listed| listed.contact).collect()
    }

    /// The groups of a contact on the forward list.
    pub(crate) fn groups_of(&self, owner: AccountId, contact: AccountId) -> GroupIds {
        self.groups_on_list(owner, List::Forward, contact)
    }

    /// The groups of an entry on any list.
    pub(crate) fn groups_on_list(
        &self,
        owner: AccountId,
        list: List,
        contact: AccountId,
    ) -> GroupIds {
        let roster = self.roster(owner).unwrap();
        let listed = roster.list(list).iter().find(|listed| listed.contact == contact);
        listed.unwrap().groups
    }

    /// The name that the owner gave a contact.
    pub(crate) fn given_name(
        &self,
        owner: AccountId,
        list: List,
        contact: AccountId,
    ) -> Option<String> {
        let roster: Roster = self.roster(owner).unwrap();
        let listed = roster.list(list).iter().find(|listed| listed.contact == contact);
        listed.unwrap().name.as_deref().map(str::to_owned)
    }

    /// Checks a proof for the handle of an account. Without such an account, it is for another handle.
    pub(crate) fn check_proof(
        &self,
        account: Option<AccountId>,
        proof: &Proof,
    ) -> Result<bool, StoreError> {
        check_proof(&**self, account, proof)
    }

    pub(crate) fn all_accounts(&self) -> Vec<(AccountId, Principal)> {
        let mut found = Vec::new();
        self.principals(&mut |id, principal| found.push((id, principal))).unwrap();
        found
    }
}

impl Deref for Subject {
    type Target = dyn Store;
    fn deref(&self) -> &(dyn Store + 'static) {
        match self {
            Subject::Memory(memory) => memory,
            Subject::File(_, file) => file.as_ref().unwrap(),
        }
    }
}

pub(crate) fn check_proof(
    store: &dyn Store,
    account: Option<AccountId>,
    proof: &Proof,
) -> Result<bool, StoreError> {
    let named = store.names(&Vec::from_iter(account))?.pop();
    let handle = named.as_ref().map_or("nobody@example.com", |named| &named.handle);
    let checked = store.check_proof(&Handle::new(handle).unwrap(), proof)?;
    assert_eq!(checked.account, named);
    Ok(checked.is_right)
}

pub(crate) fn principal(name: &str) -> Principal {
    Principal {
        handle: Handle::new(&format!("{name}@example.com")).unwrap(),
        name: FriendlyName::new(name).unwrap(),
    }
}

pub(crate) fn account(name: &str) -> NewAccount {
    NewAccount { principal: principal(name), password: password("secret"), version: version(0) }
}

pub(crate) fn version(changes: u32) -> ListVersion {
    ListVersion::new(START + changes).unwrap()
}

pub(crate) fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

pub(crate) fn name(text: &str) -> FriendlyName {
    FriendlyName::new(text).unwrap()
}

/// A result that changes only the owner's list version.
pub(crate) fn own(changes: u32) -> Changed {
    Changed::own(version(changes))
}

/// The result of an addition to the forward list: `theirs` is the contact's number of changes.
pub(crate) fn added(changes: u32, contact: AccountId, theirs: u32) -> Changed {
    let contacts = vec![(contact, version(theirs))];
    Changed { forward: ForwardChange::Added, contacts, ..own(changes) }
}

/// The result of a removal from the forward list.
pub(crate) fn removed(changes: u32, contact: AccountId, theirs: u32) -> Changed {
    Changed { forward: ForwardChange::Removed, ..added(changes, contact, theirs) }
}

pub(crate) fn group_name(text: &str) -> GroupName {
    GroupName::new(text).unwrap()
}

pub(crate) fn id(group: u8) -> GroupId {
    GroupId::new(group).unwrap()
}

pub(crate) fn phone(which: PhoneKind, number: &str) -> Change {
    Change::SetPhone(which, Some(PhoneNumber::new(number).unwrap()))
}

pub(crate) fn text(text: &str) -> ProfileText {
    ProfileText::new(text).unwrap()
}

/// A profile with a first and a last name only.
pub(crate) fn profile(first: &str, last: &str) -> MemberProfile {
    let (first, last) = (text(first), text(last));
    MemberProfile { first, last, city: None, state: None, country: None }
}

/// The proof of a password, for a challenge.
pub(crate) fn proof(challenge: &str, password: &str) -> Proof {
    let challenge = Challenge::parse(challenge.as_bytes()).unwrap();
    let digest = Digest::of(&challenge, password.as_bytes());
    Proof::Md5 { challenge, digest }
}

pub(crate) fn put(list: List, contact: AccountId) -> Change {
    Change::Add { list, contact, name: None, limit: LIMIT, group: None }
}
