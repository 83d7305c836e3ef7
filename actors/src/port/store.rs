//! The interface of the store of accounts and lists.
//!
//! Calls block, so the `Accounts` actor makes them on blocking threads. A change is durable when its
//! call returns.

use super::PhoneNumbers;
use super::archive::{
    AccountExport, ArchiveError, ExportPart, ImportStep, Imported, IntegrityReport, ReadSeek,
    Restored,
};
use super::exclusions::{DenyError, Disabled, ExclusionLists};
use crate::rules::{Group, Membership};
use ipnet::IpNet;
use msnp::auth::{Challenge, Digest};
use msnp::command::Search;
use msnp::{
    AddNotice, ErrorCode, FriendlyName, GroupId, GroupIds, GroupName, Handle, List, ListVersion,
    MemberProfile, PhoneKind, PhoneNumber, Privacy,
};
use serde::{Deserialize, Serialize};
use std::io::{ErrorKind, Write};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The id of an account. It never changes and is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountId(pub u32);

/// The handle and the friendly name of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub handle: Handle,
    pub name: FriendlyName,
}

/// A proof that a client knows the password of an account. Passwords never leave the store. Later
/// dialects have other proofs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Proof {
    /// The response to an MD5 challenge.
    Md5 {
        /// The challenge that was sent to the client.
        challenge: Challenge,
        /// The client's response.
        digest: Digest,
    },
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntry {
    pub contact: AccountId,
    /// The name that the owner chose, if it is neither the contact's handle nor its friendly name.
    pub name: Option<Arc<str>>,
    /// The owner's groups that the contact is in. Only entries of the forward list are in groups.
    pub groups: GroupIds,
    /// The contact's telephone numbers. Filled only on the forward list, with [`Detail::Numbers`],
    /// and if the owner may see them.
    pub numbers: PhoneNumbers,
}

/// An account's settings and lists at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The list version at that moment.
    pub version: ListVersion,
    /// `GTC`
    pub add_notice: AddNotice,
    /// `BLP`
    pub privacy: Privacy,
    /// The groups as in `LSG`, sorted by number. Group 0 is always the first. Its name is `~` until it
    /// gets a name or there is another group.
    pub groups: Vec<Group>,
    /// The account's own telephone numbers.
    pub numbers: PhoneNumbers,
    /// The lists in the order of [`List::ALL`], each in the order of addition.
    pub lists: [Vec<ListEntry>; 4],
}

/// A change that a principal makes to their own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// `ADD`
    Add {
        /// Forward, allow or block list.
        list: List,
        contact: AccountId,
        /// The name that the owner chose. It is not stored if it equals the contact's handle or friendly
        /// name: then later changes of the friendly name are shown.
        name: Option<FriendlyName>,
        /// The maximum number of entries of the list.
        limit: u16,
        /// The group, on the forward list. An existing entry is added to this group too. `None`
        /// puts a new entry into group 0. On other lists the group is ignored.
        group: Option<GroupId>,
    },
    /// `REM`
    Remove {
        /// Forward, allow or block list.
        list: List,
        contact: AccountId,
        /// On the forward list, the group to remove the contact from: a contact that is also in
        /// another group stays on the list. `None` removes the contact from the list and all its
        /// groups. On other lists the group is ignored.
        group: Option<GroupId>,
    },
    /// `REA` of the own name.
    RenameSelf(FriendlyName),
    /// `REA` of a contact.
    RenameContact {
        /// An account on one of the owner's lists.
        contact: AccountId,
        name: FriendlyName,
    },
    /// `GTC`. Refused with [`ErrorCode::AlreadyInMode`] if the setting has this value already.
    SetAddNotice(AddNotice),
    /// `BLP`
    SetPrivacy {
        privacy: Privacy,
        /// Whether a setting that has this value already is refused with [`ErrorCode::AlreadyInMode`].
        /// Otherwise it succeeds and changes nothing, not even the version.
        strict: bool,
    },
    /// `ADG`
    AddGroup(GroupName),
    /// `REG`
    RenameGroup {
        group: GroupId,
        /// The new name. Setting the current name counts as a change too.
        name: GroupName,
    },
    /// `RMG`. Contacts that are only in this group leave the forward list.
    RemoveGroup(GroupId),
    /// `PRP` of a telephone number. Setting the current number changes nothing, not even the
    /// version.
    SetPhone(PhoneKind, Option<PhoneNumber>),
    /// Sets or removes the entry in the member directory. It is not part of the lists, so no list
    /// version changes.
    SetProfile(Option<MemberProfile>),
}

/// The result of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The owner's list version.
    pub version: ListVersion,
    /// The effect on the owner's forward list.
    pub forward: ForwardChange,
    /// The other accounts with a new list version, and that version, sorted by account id:
    ///
    /// * accounts that were added to the forward list or left it;
    /// * after [`Change::SetPhone`], accounts on the owner's reverse list that may see the numbers;
    /// * after a change of the allow list, the block list or the privacy setting, if the owner has
    ///   numbers: accounts on the reverse list that may see them now, or no longer may.
    pub contacts: Vec<(AccountId, ListVersion)>,
    /// The new group of [`Change::AddGroup`], or the requested group of [`Change::Add`].
    pub group: Option<GroupId>,
    /// After a [`Change::Add`] to the forward list, the contact's telephone numbers, if the owner
    /// may see them. After a change of the allow list, the block list or the privacy setting, the
    /// owner's numbers as `contacts` now see them: the numbers if `contacts` have gained access,
    /// none if they have lost it. A single change never does both.
    pub numbers: PhoneNumbers,
}

/// The effect of a change on a forward list, and so on the reverse lists of the contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardChange {
    /// The entries are the same, but may be in other groups.
    Unchanged,
    /// The contacts were added.
    Added,
    /// The contacts were removed.
    Removed,
}

impl Changed {
    /// A change that affects only the owner's list version.
    #[must_use]
    pub fn own(version: ListVersion) -> Changed {
        let (forward, contacts) = (ForwardChange::Unchanged, Vec::new());
        Changed { version, forward, contacts, group: None, numbers: PhoneNumbers::default() }
    }
}

/// A new account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub principal: Principal,
    /// The password in clear, since MD5 sign-in needs it.
    pub password: Password,
    /// The first list version. It is random, so that no client has it from an earlier account with the
    /// same handle.
    pub version: ListVersion,
}

/// A password: 1 to 16 characters of printable ASCII without spaces. The sign-in dialogs of MSN
/// Messenger 1.0 to 4.7 accept no more, and other characters depend on the code page.
///
/// Dropping a password wipes it from memory.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The maximum number of characters.
    pub const MAX: usize = 16;

    /// Checks a password. Returns `None` if it is not valid.
    pub fn new(text: &str) -> Option<Password> {
        let legal = text.bytes().all(|byte| byte.is_ascii_graphic());
        let fits = !text.is_empty() && text.len() <= Password::MAX;
        (legal && fits).then(|| Password(Zeroizing::new(text.to_owned())))
    }

    /// Returns the password in clear.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Why an account was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// An account with this handle exists already.
    #[error("an account with this sign-in name exists already")]
    Exists,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the store cannot be used. In each variant with texts, the first text names the file or the
/// part of the server that the error is about, and the second one is the reason.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another process has opened the store.
    #[error("{0} is in use by another process: is the server running?")]
    Locked(String),
    /// The file is not a store, or it is damaged.
    #[error("{0} is damaged or not a store of msnpd: {1}")]
    Damaged(String, String),
    /// The store was written by a later version of the program.
    #[error("{0} was written by a later version of msnpd")]
    Newer(String),
    /// The key file, which unseals the passwords, is missing.
    #[error("the key file {0} is missing: without it the passwords in the store cannot be read")]
    KeyMissing(String),
    /// The file is not the key file that sealed the passwords, or not a key file at all.
    #[error("the key file {0} does not fit the store")]
    KeyWrong(String),
    /// There is no such account.
    #[error("there is no such account")]
    NoSuchAccount,
    /// The store cannot check this kind of proof.
    #[error("the store cannot check this kind of sign-in")]
    UnknownProof,
    /// All account ids were used. Ids are never reused.
    #[error("{0} has no more account numbers to give")]
    NoMoreIds(String),
    /// Another transaction has changed the same rows. Nothing was changed; the transaction may be tried
    /// again.
    #[error("{0} is busy: try again")]
    Conflict(String),
    /// The store accepts no changes now, since it cannot be written. It can be read.
    #[error("{0} cannot be written: {1}")]
    Unwritable(String, IoReason),
    /// The disk or the file system failed.
    #[error("{0}: {1}")]
    Io(String, IoReason),
}

/// Why the disk or the file system failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IoReason {
    /// The kind of failure, if the operating system reported it.
    pub kind: Option<ErrorKind>,
    pub message: String,
}

impl From<&std::io::Error> for IoReason {
    fn from(error: &std::io::Error) -> IoReason {
        IoReason { kind: Some(error.kind()), message: error.to_string() }
    }
}

impl From<String> for IoReason {
    fn from(message: String) -> IoReason {
        IoReason { kind: None, message }
    }
}

impl From<&str> for IoReason {
    fn from(message: &str) -> IoReason {
        message.to_owned().into()
    }
}

impl std::fmt::Display for IoReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// Why a store accepts no changes now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unwritable {
    /// The start of this state in seconds since 1970, according to the clock of the machine.
    pub since: u64,
    pub why: String,
}

/// The state of a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreState {
    /// `None` if the store can be written.
    pub unwritable: Option<Unwritable>,
    /// Counts how often another program has changed the store while it could not be written. What the
    /// server knows of accounts may be wrong then.
    pub foreign_changes: u32,
}

/// How much of an account's lists is read. [`Detail::Names`] and [`Detail::Numbers`] also read the
/// records of the contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The entries of each list, with their groups.
    Lists,
    /// In addition, the names that the owner chose, where they differ from the contacts' own.
    Names,
    /// In addition, the visible telephone numbers of the forward list.
    Numbers,
}

/// An account with the handle and the friendly name of its owner, as text: a [`Principal`] takes five
/// times the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAccount {
    pub account: AccountId,
    pub handle: Box<str>,
    pub name: Box<str>,
}

impl NamedAccount {
    pub fn new(account: AccountId, principal: &Principal) -> NamedAccount {
        let (handle, name) = (principal.handle.as_str().into(), principal.name.as_str().into());
        NamedAccount { account, handle, name }
    }

    /// Returns the principal, or `None` if a text is not valid.
    pub fn principal(&self) -> Option<Principal> {
        let handle = Handle::new(&self.handle).ok()?;
        let name = FriendlyName::new(&self.name).ok()?;
        Some(Principal { handle, name })
    }
}

/// The result of a check of a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedProof {
    /// The account with the handle, if it exists. It is returned even if the proof is wrong.
    pub account: Option<NamedAccount>,
    pub is_right: bool,
}

/// A result of a search of the member directory.
pub type Found = (AccountId, MemberProfile);

/// The store of accounts and lists. Each call is one transaction, which keeps these invariants:
///
/// * B is on A's forward list exactly if A is on B's reverse list.
/// * No account is on both the allow list and the block list of another one.
/// * A contact that is in a group is on the forward list, and the group exists.
/// * Each change gives a new list version to all accounts whose lists it changes.
pub trait Store: Send + Sync {
    /// Returns the state of the store. A store that could not be written tries a write first.
    fn state(&self) -> StoreState {
        StoreState::default()
    }

    /// Calls `visit` for each account. `visit` must not call the store.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn principals(&self, visit: &mut dyn FnMut(AccountId, Principal)) -> Result<(), StoreError>;

    /// Returns the accounts with these handles, in this order: `None` for a handle without an
    /// account.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn find(&self, handles: &[Handle]) -> Result<Vec<Option<NamedAccount>>, StoreError>;

    /// Returns the accounts with these ids, in this order. Ids without an account are left out.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn names(&self, accounts: &[AccountId]) -> Result<Vec<NamedAccount>, StoreError>;

    /// Returns the number of accounts.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn count(&self) -> Result<usize, StoreError>;

    /// Checks a proof. A proof for an account that does not exist or is disabled is never right,
    /// but the check takes as long as for any other.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn check_proof(&self, handle: &Handle, proof: &Proof) -> Result<CheckedProof, StoreError>;

    /// Returns the settings and lists of an account.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`], or another [`StoreError`] if the store cannot be read.
    fn roster(&self, account: AccountId, detail: Detail) -> Result<Roster, StoreError>;

    /// Returns the matching entries of the member directory, sorted by account id, or `None` if
    /// there are more than `max`. Entries that cannot be read are skipped.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn search(&self, search: &Search, max: usize) -> Result<Option<Vec<Found>>, StoreError>;

    /// Makes changes, in order, in one durable transaction. Each is made or refused independently.
    ///
    /// # Errors
    /// [`StoreError`] if no change was made. After a disk failure the changes may be stored
    /// nevertheless.
    fn change(
        &self,
        changes: &[(AccountId, Change)],
    ) -> Result<Vec<Result<Changed, ErrorCode>>, StoreError>;

    /// Creates an account.
    ///
    /// # Errors
    /// [`CreateError`] if the account was not created.
    fn create(&self, account: &NewAccount) -> Result<AccountId, CreateError>;

    /// Removes an account, also from the lists of all other accounts. Each account whose lists
    /// change gets a new list version. Returns the accounts that were on the forward list of the
    /// removed one, with their new versions.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was changed.
    fn remove(&self, account: AccountId) -> Result<Vec<(AccountId, ListVersion)>, StoreError>;

    /// Sets a password.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was changed.
    fn set_password(&self, account: AccountId, password: &Password) -> Result<(), StoreError>;

    /// Disables an account, or enables it with `None`. No proof is right for a disabled account.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was changed.
    fn set_disabled(
        &self,
        account: AccountId,
        disabled: Option<&Disabled>,
    ) -> Result<(), StoreError>;

    /// Denies a network. Returns `false` if it is denied already.
    ///
    /// # Errors
    /// [`DenyError`] if nothing was changed.
    fn deny(&self, network: IpNet) -> Result<bool, DenyError>;

    /// Stops denying a network. Returns `false` if it was not denied.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was changed.
    fn undeny(&self, network: IpNet) -> Result<bool, StoreError>;

    /// Returns the disabled accounts and denied networks.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn exclusions(&self) -> Result<ExclusionLists, StoreError>;

    /// Checks the whole store, without changing it:
    ///
    /// * Handles and accounts refer to each other.
    /// * The invariants above hold.
    /// * Each entry has its own position on each of its lists.
    /// * All records can be read, and all passwords unsealed.
    ///
    /// This takes time. Other calls continue meanwhile, if the kind of store allows it.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read at all.
    fn verify_integrity(&self) -> Result<IntegrityReport, StoreError>;

    /// Calls `visit` with a summary and then with each account, sorted by handle. Stops when
    /// `visit` returns `false`. The accounts have their passwords, in clear, only if `passwords`.
    /// The name of a contact is left out if it equals the contact's current friendly name, or if
    /// the contact is only on the reverse list.
    ///
    /// Other calls continue meanwhile, if the kind of store allows it. `visit` must not block forever, nor
    /// call the store. The memory needed grows with the number of accounts, but not with their lists.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn export_each(
        &self,
        passwords: bool,
        visit: &mut dyn FnMut(ExportPart) -> bool,
    ) -> Result<(), StoreError>;

    /// Returns all accounts, like [`Store::export_each`]. They are in memory at once: a list entry
    /// takes its texts and about 40 bytes.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn export(&self, passwords: bool) -> Result<Vec<AccountExport>, StoreError> {
        let mut accounts = Vec::new();
        self.export_each(passwords, &mut |part| {
            if let ExportPart::Account(account) = part {
                accounts.push(*account);
            }
            true
        })?;
        Ok(accounts)
    }

    /// Creates the accounts that do not exist yet, with their settings and lists, all of them or none.
    /// Existing ones are not changed. [`Imported`] lists the result for each account.
    ///
    /// Entries are left out if a rule forbids them, or if the contact is neither in the store nor among
    /// `accounts`. Lists have at most [`MAX_LIST_ENTRIES`](crate::settings::MAX_LIST_ENTRIES).
    ///
    /// # Errors
    /// [`StoreError`] if nothing was changed. After a disk failure the import may be stored nevertheless.
    fn import(&self, accounts: &[AccountExport]) -> Result<Imported, StoreError> {
        self.import_step(accounts, ImportStep::Whole)
    }

    /// Makes one step of an import, in a single transaction.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was changed. After a disk failure the step may be stored nevertheless.
    fn import_step(
        &self,
        accounts: &[AccountExport],
        step: ImportStep,
    ) -> Result<Imported, StoreError>;

    /// Writes a consistent snapshot. Other calls continue meanwhile, if the kind of store allows it. `to`
    /// must not block forever, nor call the store. It is not flushed.
    ///
    /// With the key, **anyone who has the backup has all passwords**. Without the key, the backup reveals
    /// no password, and it can be restored only with the key that sealed them.
    ///
    /// # Errors
    /// [`ArchiveError`]. The written data is useless then.
    fn backup(&self, with_key: bool, to: &mut dyn Write) -> Result<(), ArchiveError>;

    /// Replaces the whole contents by a backup, in a single transaction. Before that, the whole
    /// backup is read and checked. It must not change meanwhile, and may have at most 256 MiB. The
    /// passwords of a backup with key are sealed again with this store's key. Each account gets a
    /// list version that its clients have not seen.
    ///
    /// # Errors
    /// [`ArchiveError`] if nothing was changed. After [`ArchiveError::Store`] from a disk failure, the
    /// backup may be restored nevertheless.
    fn restore(&self, from: &mut dyn ReadSeek) -> Result<Restored, ArchiveError>;
}

impl Roster {
    /// Returns the entries of a list.
    pub fn list(&self, list: List) -> &[ListEntry] {
        let [forward, allow, block, reverse] = &self.lists;
        match list {
            List::Forward => forward,
            List::Allow => allow,
            List::Block => block,
            List::Reverse => reverse,
        }
    }

    /// Returns the lists that each contact is on, sorted by contact.
    pub fn memberships(&self) -> Vec<(AccountId, Membership)> {
        let mut found: Vec<(AccountId, Membership)> = Vec::new();
        for list in List::ALL {
            found.extend(self.list(list).iter().map(|entry| (entry.contact, list.into())));
        }
        found.sort_unstable_by_key(|(contact, _)| *contact);
        found.dedup_by(|(contact, lists), (kept, kept_lists)| {
            let is_same = contact == kept;
            if is_same {
                *kept_lists = kept_lists.union(*lists);
            }
            is_same
        });
        found
    }
}
