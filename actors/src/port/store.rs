//! The store of accounts and lists, as the actors need it.
//!
//! The calls block; the `Accounts` actor makes them on threads that
//! may. A change is durable when the call returns.

use super::Numbers;
use super::archive::{AccountExport, ArchiveError, Imported, IntegrityReport, Restored};
use super::shut_out::{DenyError, Disabled, ShutOut};
use crate::rules::{Group, Membership};
use ipnet::IpNet;
use msnp::auth::{Challenge, Digest};
use msnp::command::Search;
use msnp::{
    AddNotice, ErrorCode, FriendlyName, GroupId, GroupIds, GroupName, Handle, List, ListVersion,
    MemberProfile, Phone, PhoneNumber, Privacy,
};
use serde::{Deserialize, Serialize};
use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The stable number of an account. It is never given to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountId(pub u32);

/// Who somebody is on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// His user handle.
    pub handle: Handle,
    /// His friendly name.
    pub name: FriendlyName,
}

/// Proof that somebody knows an account's password. Passwords never leave the store.
#[derive(Debug, Clone)]
pub enum Proof {
    /// The answer to an MD5 challenge.
    Md5 {
        /// The challenge that he was sent.
        challenge: Challenge,
        /// What he answered.
        digest: Digest,
    },
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Who is on the list.
    pub contact: AccountId,
    /// The name that the owner gave him, if it is neither his handle nor his own friendly name.
    pub name: Option<Arc<str>>,
    /// In which of the owner's groups he is; in none, on other lists than the forward list.
    pub groups: GroupIds,
    /// His telephone numbers, if he lets the owner see them: none otherwise, and on other lists
    /// than the forward list, and if they were not asked for.
    pub numbers: Numbers,
}

/// An account's settings and lists at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The list version of that moment.
    pub version: ListVersion,
    /// `GTC`
    pub prompting: AddNotice,
    /// `BLP`
    pub privacy: Privacy,
    /// The groups as `LSG` shows them, in the order of their numbers. Group 0 is always the first:
    /// it is called `~` as long as it was given no name and there was no other.
    pub groups: Vec<Group>,
    /// The account's own telephone numbers.
    pub numbers: Numbers,
    /// The lists in the order of [`List::ALL`], each in the order in which the entries came.
    pub lists: [Vec<Listed>; 4],
}

/// A change that a principal makes to his own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// `ADD`
    Add {
        /// Forward, allow or block.
        list: List,
        /// Who is added.
        contact: AccountId,
        /// The name to show for him. One that equals his handle or his friendly name is not kept,
        /// so that he is shown as he calls himself.
        name: Option<FriendlyName>,
        /// How many entries the list may have.
        limit: u16,
        /// Into which group, on the forward list: somebody who is on it comes into one more with
        /// this. A new entry is in group 0 without it. On other lists it counts for nothing.
        group: Option<GroupId>,
    },
    /// `REM`
    Remove {
        /// Forward, allow or block.
        list: List,
        /// Who is removed.
        contact: AccountId,
        /// Out of which group only, on the forward list: he stays on that if he is in another one.
        /// On other lists it counts for nothing.
        group: Option<GroupId>,
    },
    /// `REA` of oneself.
    RenameSelf(FriendlyName),
    /// `REA` of a contact.
    RenameContact {
        /// Who is renamed: he is on one of the owner's lists.
        contact: AccountId,
        /// The name to show for him.
        name: FriendlyName,
    },
    /// `GTC`; the value that it has is [`ErrorCode::AlreadyInMode`].
    SetPrompting(AddNotice),
    /// `BLP`
    SetPrivacy {
        /// The setting.
        privacy: Privacy,
        /// Whether the value that it has is [`ErrorCode::AlreadyInMode`]; otherwise it changes
        /// nothing, not even the version.
        strict: bool,
    },
    /// `ADG`
    AddGroup(GroupName),
    /// `REG`
    RenameGroup {
        /// Which.
        group: GroupId,
        /// What it is called from now on; its own name is a change like any other.
        name: GroupName,
    },
    /// `RMG`: who is in this group only leaves the forward list.
    RemoveGroup(GroupId),
    /// `PRP` of a telephone number; one that it is already changes nothing, not even the version.
    SetPhone(Phone, Option<PhoneNumber>),
    /// What the member directory has of him; nothing takes him out of it. It is no part of his lists:
    /// nobody has a new list version.
    SetProfile(Option<MemberProfile>),
}

/// What a change came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The owner's list version.
    pub version: ListVersion,
    /// What it did to the owner's forward list.
    pub forward: Forward,
    /// Who else has a new list version, and which, in the order of their account numbers: those who
    /// came on the forward list or left it; after [`Change::SetPhone`] those on the owner's reverse
    /// list who may see his numbers; after a change of his allow list, block list or privacy
    /// setting, if he has numbers, those on his reverse list whom he lets see them from now on, or
    /// does not any more.
    pub contacts: Vec<(AccountId, ListVersion)>,
    /// The group that was made; or the one that was asked for in [`Change::Add`].
    pub group: Option<GroupId>,
    /// The telephone numbers of the contact of a [`Change::Add`] to the forward list, if he lets the
    /// owner see them; the owner's own, as `contacts` see them after a change of his allow list,
    /// block list or privacy setting: one change never lets some see them and others not any more.
    pub numbers: Numbers,
}

/// What a change did to a forward list, and so to the reverse lists of the contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forward {
    /// It has the same entries as before, though perhaps in other groups.
    Same,
    /// The contacts came on it.
    Came,
    /// The contacts left it.
    Left,
}

impl Changed {
    /// A change that nobody else's list version depends on.
    #[must_use]
    pub fn own(version: ListVersion) -> Changed {
        let (forward, contacts) = (Forward::Same, Vec::new());
        Changed { version, forward, contacts, group: None, numbers: Numbers::default() }
    }
}

/// A new account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Who.
    pub principal: Principal,
    /// The password in clear: MD5 sign-in needs it.
    pub password: Password,
    /// The first list version: a random one, so that no client has it from an earlier account of that
    /// handle.
    pub version: ListVersion,
}

/// A password: 1 to 16 characters of printable ASCII without blanks, since the sign-in dialogs of
/// MSN Messenger 1.0 to 4.7 take no more and other characters differ with the code page.
///
/// It is wiped from memory when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The most characters of a password.
    pub const MAX: usize = 16;

    /// Checks a password.
    pub fn new(text: &str) -> Option<Password> {
        let legal = text.bytes().all(|byte| byte.is_ascii_graphic());
        let fits = !text.is_empty() && text.len() <= Password::MAX;
        (legal && fits).then(|| Password(Zeroizing::new(text.to_owned())))
    }

    /// The password in clear.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Why a new account was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// There is an account of that handle.
    #[error("there is an account of that name already")]
    Exists,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the store cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another process has it open.
    #[error("{0} is in use by another process: is the server running?")]
    Locked(String),
    /// It is not a store, or it is damaged.
    #[error("{0} is damaged or not a store of msnpd: {1}")]
    Damaged(String, String),
    /// It was written by a later version of the program.
    #[error("{0} was written by a later version of msnpd")]
    Newer(String),
    /// The key file that unseals the passwords is missing.
    #[error("the key file {0} is missing: without it the passwords in the store cannot be read")]
    KeyMissing(String),
    /// The key file is not the one that sealed the passwords, or not a key file.
    #[error("the key file {0} does not fit the store")]
    KeyWrong(String),
    /// There is no such account.
    #[error("there is no such account")]
    NoSuchAccount,
    /// Every account number was given away: none is ever given again.
    #[error("{0} has no more account numbers to give")]
    NoNumbers(String),
    /// It cannot be written now, and takes no changes. It can be read.
    #[error("{0} cannot be written: {1}")]
    Unwritable(String, IoReason),
    /// The disk or the file system failed.
    #[error("{0}: {1}")]
    Io(String, IoReason),
}

/// Why the disk or the file system failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IoReason {
    /// What kind of failure it is, if the system reported it.
    pub kind: Option<ErrorKind>,
    /// The reason in words.
    pub words: String,
}

impl From<&std::io::Error> for IoReason {
    fn from(error: &std::io::Error) -> IoReason {
        IoReason { kind: Some(error.kind()), words: error.to_string() }
    }
}

impl From<String> for IoReason {
    fn from(words: String) -> IoReason {
        IoReason { kind: None, words }
    }
}

impl From<&str> for IoReason {
    fn from(words: &str) -> IoReason {
        words.to_owned().into()
    }
}

impl std::fmt::Display for IoReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

/// Why a store takes no changes now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unwritable {
    /// Since when, in seconds since 1970, as far as the machine knows.
    pub since: u64,
    /// Why, in words.
    pub why: String,
}

/// How a store is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreState {
    /// `None`, if it can be written.
    pub unwritable: Option<Unwritable>,
    /// How often another program was found to have changed it while it could not be written: what is
    /// known of accounts may be wrong then.
    pub replaced: u32,
}

/// How much of an account's lists is read. For all but [`Detail::Lists`] its contacts' own records are
/// looked up as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Who is on which list, and in which groups.
    Lists,
    /// And what they are called there, where that is not their own name.
    Names,
    /// And the telephone numbers that those on the forward list show.
    Numbers,
}

/// Somebody whom a search of the member directory found, and what it has of him.
pub type Found = (AccountId, MemberProfile);

/// The store of accounts and lists. It keeps, in one transaction for each call, that B is on A's
/// forward list exactly if A is on B's reverse list, that nobody is on both the allow and the block
/// list of one account, that whoever is in a group is on the forward list and the group is there,
/// and that each change makes a new list version for everybody whose lists it changed.
pub trait Store: Send + Sync {
    /// Whether it can be written. If it could not be, that is tried before.
    fn state(&self) -> StoreState {
        StoreState::default()
    }

    /// Shows every account. `show` may not call the store.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    fn principals(&self, show: &mut dyn FnMut(AccountId, Principal)) -> Result<(), StoreError>;

    /// Whether the proof is right. An account that does not exist, or is disabled, has no right proof,
    /// and the answer takes as long.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    fn check_proof(&self, account: Option<AccountId>, proof: &Proof) -> Result<bool, StoreError>;

    /// The settings and lists of an account.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read, or [`StoreError::NoSuchAccount`].
    fn roster(&self, account: AccountId, detail: Detail) -> Result<Roster, StoreError>;

    /// Those in the member directory who are meant by a search, in the order of their account
    /// numbers; `None`, if they are more than `most`. What the directory has of somebody and cannot be
    /// read is passed over.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    fn search(&self, search: &Search, most: usize) -> Result<Option<Vec<Found>>, StoreError>;

    /// Makes changes, in order, in one durable transaction; each is carried out or refused by
    /// itself.
    ///
    /// # Errors
    /// [`StoreError`] if none of them was made, as far as the store knows: after a failure of the
    /// disk they may be there all the same.
    fn change(
        &self,
        changes: &[(AccountId, Change)],
    ) -> Result<Vec<Result<Changed, ErrorCode>>, StoreError>;

    /// Makes an account.
    ///
    /// # Errors
    /// [`CreateError`] says why not.
    fn create(&self, account: &NewAccount) -> Result<AccountId, CreateError>;

    /// Removes an account, and takes it off everybody's lists, with a new list version for each of
    /// them.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was changed.
    fn remove(&self, account: AccountId) -> Result<(), StoreError>;

    /// Sets a password.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was changed.
    fn set_password(&self, account: AccountId, password: &Password) -> Result<(), StoreError>;

    /// Disables an account, or enables it: no proof is right for a disabled one.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was changed.
    fn set_disabled(
        &self,
        account: AccountId,
        disabled: Option<&Disabled>,
    ) -> Result<(), StoreError>;

    /// Denies a network. `false`: it is denied already.
    ///
    /// # Errors
    /// [`DenyError`] says why nothing was changed.
    fn deny(&self, network: IpNet) -> Result<bool, DenyError>;

    /// Denies a network no longer. `false`: it was not denied.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was changed.
    fn undeny(&self, network: IpNet) -> Result<bool, StoreError>;

    /// All who are shut out.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    fn shut_out(&self) -> Result<ShutOut, StoreError>;

    /// Checks everything that the store promises against what it has: that handles and accounts
    /// lead to each other, all that is said of lists above, that each entry has a place of its own
    /// on each of its lists, that everything can be read and every password unsealed. It takes
    /// time and changes nothing; others go on meanwhile, as far as the kind of store lets them.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read at all.
    fn verify_integrity(&self) -> Result<IntegrityReport, StoreError>;

    /// All accounts, in the order of their handles, with their passwords in clear if `passwords`.
    /// A name for a contact who calls himself so by now is not in it, nor one for somebody who is
    /// on the reverse list only.
    ///
    /// All of it is in memory at once: an entry takes its texts and some 40 bytes.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    fn export(&self, passwords: bool) -> Result<Vec<AccountExport>, StoreError>;

    /// Makes the accounts that are missing, with their settings and lists, all of them or none;
    /// one that is there is left as it is. What is made of each is in [`Imported`]. Entries that a
    /// rule forbids, or whose contact is neither in the store nor among `accounts`, are left out;
    /// lists have [`MAX_LIST_ENTRIES`](crate::settings::MAX_LIST_ENTRIES) at most.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was changed, as far as the store knows.
    fn import(&self, accounts: &[AccountExport]) -> Result<Imported, StoreError>;

    /// Writes one moment's state, while others read and change the store, as far as the kind of
    /// store lets them. `to` may not wait for ever, nor call the store. It is not flushed.
    ///
    /// With the key, **whoever has the backup has all passwords**. Without it, nobody learns one,
    /// and it can be restored only where the key is that sealed them.
    ///
    /// # Errors
    /// [`ArchiveError`]: what was written is of no use then.
    fn backup(&self, with_key: bool, to: &mut dyn Write) -> Result<(), ArchiveError>;

    /// Puts a backup in the place of everything that is there. All of it is read and checked
    /// before, 256 MiB at most, and then one transaction has the old state or the new. The
    /// passwords of a backup with key are sealed again, with this store's key. Every account has a
    /// list version that its clients have not seen.
    ///
    /// # Errors
    /// [`ArchiveError`] says why nothing was changed.
    fn restore(&self, from: &mut dyn Read) -> Result<Restored, ArchiveError>;
}

impl Roster {
    /// The entries of one list.
    pub fn list(&self, list: List) -> &[Listed] {
        let [forward, allow, block, reverse] = &self.lists;
        match list {
            List::Forward => forward,
            List::Allow => allow,
            List::Block => block,
            List::Reverse => reverse,
        }
    }

    /// On which lists each contact is, in no order.
    pub fn memberships(&self) -> Vec<(AccountId, Membership)> {
        let mut found: Vec<(AccountId, Membership)> = Vec::new();
        for list in List::ALL {
            found.extend(self.list(list).iter().map(|entry| (entry.contact, list.into())));
        }
        found.sort_unstable_by_key(|(contact, _)| *contact);
        found.dedup_by(|(contact, on), (first, all)| {
            let same = contact == first;
            if same {
                *all = all.union(*on);
            }
            same
        });
        found
    }
}
