//! Messages to the `Accounts` actor.

use crate::directory::AccountRef;
use crate::port::store::{
    AccountId, Change, Changed, CreateError, Detail, Found, NewAccount, Password, Principal, Proof,
    Roster,
};
use crate::port::{
    AccountExport, ArchiveError, DenyError, Disabled, ExportPart, ImportStep, Imported,
    IntegrityReport, ReadSeek, Restored, StoreError,
};
use actix::Message;
use ipnet::IpNet;
use msnp::command::Search;
use msnp::{ErrorCode, Handle, ListVersion};
use std::io::Write;

/// Checks a proof. A handle without an account is checked like any other.
#[derive(Debug, Message)]
#[rtype(result = "Result<ProofResult, StoreError>")]
pub struct CheckProof {
    pub handle: Handle,
    pub proof: Proof,
}

/// The result of [`CheckProof`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProofResult {
    /// The account with the handle, if it exists.
    pub account_ref: Option<AccountRef>,
    pub is_right: bool,
    /// The account's
    /// [`credentials_generation`](crate::directory::Directory::credentials_generation) when the
    /// password was checked. `None` if there is no account.
    pub credentials: Option<u64>,
}

/// Looks up the accounts with these handles, in this order.
#[derive(Debug, Message)]
#[rtype(result = "Result<Vec<Option<AccountRef>>, StoreError>")]
pub struct LookUp(pub Vec<Handle>);

/// Counts the accounts.
#[derive(Debug, Message)]
#[rtype(result = "Result<usize, StoreError>")]
pub struct Count;

/// Passes all accounts, in no particular order, to `select` on a thread that may block. Returns
/// what `select` returned.
#[derive(Message)]
#[rtype(result = "Result<Vec<T>, StoreError>")]
pub struct Select<T: 'static> {
    pub select: Box<dyn FnMut(AccountId, Principal) -> Option<T> + Send>,
}

/// Loads the settings and lists of an account.
#[derive(Debug, Message)]
#[rtype(result = "Result<Roster, StoreError>")]
pub struct Load {
    /// The account.
    pub account_ref: AccountRef,
    /// How much of the lists to load.
    pub detail: Detail,
}

/// Searches the member directory. Returns the hits sorted by account id, or `None` if there are more
/// than `max`.
#[derive(Debug, Message)]
#[rtype(result = "Result<Option<Vec<Found>>, StoreError>")]
pub struct Find {
    /// The account that searches. If a restore has replaced all accounts since, the search fails.
    pub account_ref: AccountRef,
    /// The search terms.
    pub search: Search,
    /// The maximum number of hits.
    pub max: usize,
}

/// Changes an account. When the result is returned, the change is durable.
#[derive(Debug, Message)]
#[rtype(result = "Result<Changed, EditError>")]
pub struct Edit {
    /// The account.
    pub owner: AccountRef,
    /// The change.
    pub change: Change,
}

/// The error of a request to the `Accounts` actor after it has stopped. The program ends then.
pub(crate) fn service_gone() -> StoreError {
    StoreError::Io("the server".to_owned(), "a part of it failed".into())
}

/// Why a change was not made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EditError {
    /// A rule refuses it.
    #[error("refused: {}", .0.description())]
    Refused(ErrorCode),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EditError {
    /// The error code for the client.
    pub fn code(&self) -> ErrorCode {
        match self {
            EditError::Refused(code) => *code,
            EditError::Store(_) => ErrorCode::DatabaseError,
        }
    }
}

/// Creates an account.
#[derive(Debug, Message)]
#[rtype(result = "Result<AccountId, CreateError>")]
pub struct Create(pub NewAccount);

/// Removes an account, also from the lists of all others. Returns the accounts that were on its
/// forward list, with their new list versions.
#[derive(Debug, Message)]
#[rtype(result = "Result<Vec<(AccountId, ListVersion)>, StoreError>")]
pub struct Remove(pub AccountId);

/// Sets the password of an account.
#[derive(Debug, Message)]
#[rtype(result = "Result<(), StoreError>")]
pub struct SetPassword {
    /// The account.
    pub account: AccountId,
    /// The new password.
    pub password: Password,
}

/// Disables or enables an account.
#[derive(Debug, Message)]
#[rtype(result = "Result<(), StoreError>")]
pub struct SetDisabled {
    /// The account.
    pub account: AccountId,
    /// The mark of a disabled account. `None` enables the account.
    pub disabled: Option<Disabled>,
}

/// Denies a network. Returns `false` if it is denied already.
#[derive(Debug, Message)]
#[rtype(result = "Result<bool, DenyError>")]
pub struct Deny(pub IpNet);

/// Allows a denied network again. Returns `false` if it was not denied.
#[derive(Debug, Message)]
#[rtype(result = "Result<bool, StoreError>")]
pub struct Undeny(pub IpNet);

/// Checks the integrity of the store.
#[derive(Debug, Message)]
#[rtype(result = "Result<IntegrityReport, StoreError>")]
pub struct VerifyIntegrity;

/// Exports all accounts, sorted by handle.
#[derive(Message)]
#[rtype(result = "Result<(), StoreError>")]
pub struct Export {
    /// Whether passwords are included.
    pub passwords: bool,
    /// Called with each part on a thread that may block, until it returns `false`.
    pub visit: Box<dyn FnMut(ExportPart) -> bool + Send>,
}

/// Makes a step of an import.
#[derive(Debug, Message)]
#[rtype(result = "Result<Imported, StoreError>")]
pub struct Import {
    pub accounts: Vec<AccountExport>,
    pub step: ImportStep,
}

/// Writes a consistent backup.
#[derive(Message)]
#[rtype(result = "Result<(), ArchiveError>")]
pub struct Backup {
    /// Whether the key that unseals the passwords is included.
    pub with_key: bool,
    /// Destination. A thread that may block writes to it.
    pub to: Box<dyn Write + Send>,
}

/// Replaces all data by a backup. Older account ids are invalid afterwards: see [`AccountRef`].
/// They are also invalid after a failure that leaves open whether the data was replaced.
#[derive(Message)]
#[rtype(result = "Result<Restored, ArchiveError>")]
pub struct Restore {
    /// Source. A thread that may block reads from it.
    pub from: Box<dyn ReadSeek + Send>,
}
