//! Exclusions: disabled accounts and denied networks.

use super::StoreError;
use super::store::AccountId;
use crate::rules::{MAX_DENIED, NetworkError};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The operator's reason for disabling an account: one line of 1 to [`DisableReason::MAX`] bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisableReason(Box<str>);

/// A text is not a valid reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reason is one line of 1 to {} bytes, without control characters", DisableReason::MAX)]
pub struct DisableReasonError;

impl DisableReason {
    /// The maximum length in bytes.
    pub const MAX: usize = 200;

    /// Checks a reason. Spaces at both ends are removed.
    ///
    /// # Errors
    /// [`DisableReasonError`] if the text is not a valid reason.
    pub fn new(text: &str) -> Result<DisableReason, DisableReasonError> {
        let text = text.trim();
        let fits = (1..=DisableReason::MAX).contains(&text.len());
        if !fits || text.chars().any(char::is_control) {
            return Err(DisableReasonError);
        }
        Ok(DisableReason(text.into()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DisableReason {
    type Error = DisableReasonError;

    fn try_from(text: String) -> Result<DisableReason, DisableReasonError> {
        DisableReason::new(&text)
    }
}

impl From<DisableReason> for String {
    fn from(reason: DisableReason) -> String {
        reason.0.into()
    }
}

impl std::fmt::Display for DisableReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The mark of a disabled account: no password is accepted for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disabled {
    /// The operator's reason, if any.
    pub reason: Option<DisableReason>,
}

impl Disabled {
    const UNFILLED: &str = "its import was interrupted: import the same file again";

    /// The mark of an account that an import created, but that has no settings and lists yet.
    #[must_use]
    pub fn unfilled() -> Disabled {
        Disabled { reason: DisableReason::new(Disabled::UNFILLED).ok() }
    }

    #[must_use]
    pub fn is_unfilled(&self) -> bool {
        self.reason.as_ref().is_some_and(|reason| reason.as_str() == Disabled::UNFILLED)
    }
}

/// All exclusions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExclusionLists {
    /// Disabled accounts, sorted by account id.
    pub disabled: Vec<(AccountId, Disabled)>,
    /// Denied networks, IPv4 first, sorted by address. At most [`MAX_DENIED`].
    pub denied: Vec<IpNet>,
}

/// Why a network was not denied.
#[derive(Debug, thiserror::Error)]
pub enum DenyError {
    /// The network cannot be denied.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Too many networks are denied already.
    #[error("{MAX_DENIED} networks are denied already: remove one, or deny a larger one")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_short_line() {
        let longest = "x".repeat(DisableReason::MAX);
        for text in ["spam", " until Monday ", "Zoë: asked for it", &longest] {
            assert_eq!(DisableReason::new(text).unwrap().as_str(), text.trim());
        }
        for text in ["", "  ", "two\nlines", "\u{1b}[2J", &format!("{longest}x")] {
            assert_eq!(DisableReason::new(text), Err(DisableReasonError), "{text:?}");
        }
        assert_eq!(
            DisableReasonError.to_string(),
            "a reason is one line of 1 to 200 bytes, without control characters"
        );
    }
}
