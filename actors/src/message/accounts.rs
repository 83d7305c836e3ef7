//! To the `Accounts` actor.

use crate::port::StoreError;
use crate::port::store::{AccountId, Change, Changed, Proof, Roster};
use actix::Message;
use msnp::ErrorCode;

/// Is this proof right? An account that does not exist is asked about like any other.
#[derive(Debug, Message)]
#[rtype(result = "Result<bool, StoreError>")]
pub struct Verify {
    /// The account, if there is one.
    pub account: Option<AccountId>,
    /// The proof.
    pub proof: Proof,
}

/// The settings and lists of an account.
#[derive(Debug, Message)]
#[rtype(result = "Result<Roster, StoreError>")]
pub struct Load(pub AccountId);

/// A change of an account. When it is answered, it is durable.
#[derive(Debug, Message)]
#[rtype(result = "Result<Changed, EditError>")]
pub struct Edit {
    /// Whose account.
    pub owner: AccountId,
    /// What changes.
    pub change: Change,
}

/// Why a change was not made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EditError {
    /// A rule refuses it.
    #[error("refused with {0:?}")]
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
