use super::{FriendlyName, FriendlyNameError, Handle};

/// A friendly name as a client gives it, when it is not known yet for whom: a user's own name must be
/// legal, a name for another user is read as well as it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RequestedName {
    /// A name that a user may choose.
    Valid(FriendlyName),
    /// One that a user may not choose.
    Invalid {
        /// Why not.
        error: FriendlyNameError,
        /// What it is for another user: [`FriendlyName::read`].
        lossy: Option<FriendlyName>,
    },
}

impl RequestedName {
    /// Decodes a name of the wire.
    pub fn parse(word: &[u8]) -> RequestedName {
        match FriendlyName::parse_visible(word) {
            Ok(name) => RequestedName::Valid(name),
            Err(why) => {
                RequestedName::Invalid { error: why, lossy: FriendlyName::parse_lossy(word) }
            }
        }
    }

    /// The name, if a user may choose it.
    ///
    /// # Errors
    /// [`FriendlyNameError`] says what is wrong with it.
    pub fn strict(self) -> Result<FriendlyName, FriendlyNameError> {
        match self {
            RequestedName::Valid(name) => Ok(name),
            RequestedName::Invalid { error: why, .. } => Err(why),
        }
    }

    /// The name for another user, if there is anything to show.
    pub fn lossy(&self) -> Option<&FriendlyName> {
        match self {
            RequestedName::Valid(name) => Some(name),
            RequestedName::Invalid { lossy: read, .. } => read.as_ref(),
        }
    }

    /// The name for another user, or else their handle.
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
    fn a_name_that_is_not_legal_for_oneself_is_read_for_another_user() {
        let legal = RequestedName::parse(b"Andr%E9");
        assert_eq!(legal.lossy(), FriendlyName::new("André").ok().as_ref());
        assert_eq!(legal.strict(), FriendlyName::new("André"));
        let faulty = RequestedName::parse(b"Bob%00");
        assert_eq!(faulty.lossy(), FriendlyName::new("Bob").ok().as_ref());
        assert_eq!(faulty.strict(), Err(FriendlyNameError::Malformed));
        let handle = Handle::new("bob@example.com").unwrap();
        let nothing = RequestedName::parse(b"%20");
        assert_eq!(nothing.lossy_or_handle(&handle), FriendlyName::from_handle(&handle));
        assert_eq!(nothing.strict(), Err(FriendlyNameError::Invisible));
    }
}
