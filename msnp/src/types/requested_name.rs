use super::{FriendlyName, FriendlyNameError, Handle};

/// A friendly name in a command, before it is known whose name it is. A user's own name must be
/// valid. A name for a contact is decoded as well as possible.
///
/// ```
/// use msnp::{FriendlyNameError, RequestedName};
///
/// let name = RequestedName::parse(b"Bob%00");
/// assert_eq!(name.lossy().unwrap().as_str(), "Bob");
/// assert_eq!(name.strict(), Err(FriendlyNameError::Malformed));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RequestedName {
    /// A name that a user may choose for themselves.
    Valid(FriendlyName),
    /// A name that a user may not choose for themselves.
    Invalid {
        /// Why not.
        error: FriendlyNameError,
        /// The name for a contact, by [`FriendlyName::parse_lossy`].
        lossy: Option<FriendlyName>,
    },
}

impl RequestedName {
    /// Decodes a name as it is sent. Never fails.
    pub fn parse(word: &[u8]) -> RequestedName {
        match FriendlyName::parse_visible(word) {
            Ok(name) => RequestedName::Valid(name),
            Err(error) => RequestedName::Invalid { error, lossy: FriendlyName::parse_lossy(word) },
        }
    }

    /// Returns the name for the user themselves.
    ///
    /// # Errors
    /// [`FriendlyNameError`] if a user may not choose it.
    pub fn strict(self) -> Result<FriendlyName, FriendlyNameError> {
        match self {
            RequestedName::Valid(name) => Ok(name),
            RequestedName::Invalid { error, .. } => Err(error),
        }
    }

    /// Returns the name for a contact, or `None` if nothing in it is visible.
    pub fn lossy(&self) -> Option<&FriendlyName> {
        match self {
            RequestedName::Valid(name) => Some(name),
            RequestedName::Invalid { lossy, .. } => lossy.as_ref(),
        }
    }

    /// Returns the name for a contact, or the contact's handle if nothing in it is visible.
    pub fn lossy_or_handle(&self, handle: &Handle) -> FriendlyName {
        self.lossy().cloned().unwrap_or_else(|| FriendlyName::from_handle(handle))
    }
}

impl From<FriendlyName> for RequestedName {
    fn from(name: FriendlyName) -> RequestedName {
        RequestedName::Valid(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_invalid_for_the_user_is_read_for_a_contact() {
        let valid = RequestedName::parse(b"Andr%E9");
        assert_eq!(valid.lossy(), FriendlyName::new("André").ok().as_ref());
        assert_eq!(valid.strict(), FriendlyName::new("André"));
        let invalid = RequestedName::parse(b"Bob%00");
        assert_eq!(invalid.lossy(), FriendlyName::new("Bob").ok().as_ref());
        assert_eq!(invalid.strict(), Err(FriendlyNameError::Malformed));
        let handle = Handle::new("bob@example.com").unwrap();
        let nothing = RequestedName::parse(b"%20");
        assert_eq!(nothing.lossy_or_handle(&handle), FriendlyName::from_handle(&handle));
        assert_eq!(nothing.strict(), Err(FriendlyNameError::Invisible));
    }
}
