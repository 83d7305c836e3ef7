//! To the `Accounts` actor.

use crate::directory::AccountRef;
use crate::port::store::{
    AccountId, Change, Changed, CreateError, Detail, Found, NewAccount, Password, Proof, Roster,
};
use crate::port::{
    AccountExport, ArchiveError, DenyError, Disabled, Imported, IntegrityReport, Restored,
    StoreError,
};
use actix::Message;
use ipnet::IpNet;
use msnp::ErrorCode;
use msnp::command::Search;
use std::io::{Read, Write};

/// Is this proof right? An account that does not exist is asked about like any other.
#[derive(Debug, Message)]
#[rtype(result = "Result<bool, StoreError>")]
pub struct CheckProof {
    /// The account, if there is one.
    pub account: Option<AccountId>,
    /// The proof.
    pub proof: Proof,
}

/// The settings and lists of an account.
#[derive(Debug, Message)]
#[rtype(result = "Result<Roster, StoreError>")]
pub struct Load {
    /// Whose.
    pub known: AccountRef,
    /// How much of the lists.
    pub detail: Detail,
}

/// Who in the member directory is meant, in the order of the account numbers? `None`, if they are more
/// than `most`.
#[derive(Debug, Message)]
#[rtype(result = "Result<Option<Vec<Found>>, StoreError>")]
pub struct Find {
    /// Who searches: the answer is of the accounts that he knows.
    pub known: AccountRef,
    /// Who is searched for.
    pub search: Search,
    /// How many are answered at most.
    pub most: usize,
}

/// A change of an account. When it is answered, it is durable.
#[derive(Debug, Message)]
#[rtype(result = "Result<Changed, EditError>")]
pub struct Edit {
    /// Whose account.
    pub owner: AccountRef,
    /// What changes.
    pub change: Change,
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
    /// What the client is told.
    pub fn code(&self) -> ErrorCode {
        match self {
            EditError::Refused(code) => *code,
            EditError::Store(_) => ErrorCode::DatabaseError,
        }
    }
}

/// Makes an account.
#[derive(Debug, Message)]
#[rtype(result = "Result<AccountId, CreateError>")]
pub struct Create(pub NewAccount);

/// Removes an account, and takes it off everybody's lists.
#[derive(Debug, Message)]
#[rtype(result = "Result<(), StoreError>")]
pub struct Remove(pub AccountId);

/// Sets a password.
#[derive(Debug, Message)]
#[rtype(result = "Result<(), StoreError>")]
pub struct SetPassword {
    /// Whose.
    pub account: AccountId,
    /// The new one.
    pub password: Password,
}

/// Disables an account, or enables it.
#[derive(Debug, Message)]
#[rtype(result = "Result<(), StoreError>")]
pub struct SetDisabled {
    /// Whose.
    pub account: AccountId,
    /// The mark; `None` enables it.
    pub disabled: Option<Disabled>,
}

/// Denies a network. `false`: it is denied already.
#[derive(Debug, Message)]
#[rtype(result = "Result<bool, DenyError>")]
pub struct Deny(pub IpNet);

/// Denies a network no longer. `false`: it was not denied.
#[derive(Debug, Message)]
#[rtype(result = "Result<bool, StoreError>")]
pub struct Undeny(pub IpNet);

/// Looks whether the store is as it must be.
#[derive(Debug, Message)]
#[rtype(result = "Result<IntegrityReport, StoreError>")]
pub struct VerifyIntegrity;

/// All accounts as text, by handle.
#[derive(Debug, Message)]
#[rtype(result = "Result<Vec<AccountExport>, StoreError>")]
pub struct Export {
    /// Whether with their passwords.
    pub passwords: bool,
}

/// Makes accounts that are missing, all or none.
#[derive(Debug, Message)]
#[rtype(result = "Result<Imported, StoreError>")]
pub struct Import(pub Vec<AccountExport>);

/// Writes one moment's state.
#[derive(Message)]
#[rtype(result = "Result<(), ArchiveError>")]
pub struct Backup {
    /// Whether with the key that unseals the passwords.
    pub with_key: bool,
    /// Where to; it is written by a thread that may block.
    pub to: Box<dyn Write + Send>,
}

/// Puts a backup in the place of everything. Nobody's account means anything then that was found
/// before: see [`AccountRef`]. The same holds if it fails in a way that leaves open whether it happened.
#[derive(Message)]
#[rtype(result = "Result<Restored, ArchiveError>")]
pub struct Restore {
    /// Where from; it is read by a thread that may block.
    pub from: Box<dyn Read + Send>,
}
