use super::{FriendlyName, FriendlyNameError, Handle};

/// A friendly name as a client gives it, when it is not known yet for whom: a user's own name must be
/// legal, a name for another user is read as well as it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum GivenName {
    /// A name that a user may choose.
    Legal(FriendlyName),
    /// One that a user may not choose.
    Faulty {
        /// Why not.
        why: FriendlyNameError,
        /// What it is for another user: [`FriendlyName::read`].
        read: Option<FriendlyName>,
    },
}

impl GivenName {
    /// Decodes a name of the wire.
    pub fn parse(word: &[u8]) -> GivenName {
        match FriendlyName::parse_visible(word) {
            Ok(name) => GivenName::Legal(name),
            Err(why) => GivenName::Faulty { why, read: FriendlyName::read(word) },
        }
    }

    /// The name, if a user may choose it.
    ///
    /// # Errors
    /// [`FriendlyNameError`] says what is wrong with it.
    pub fn own(self) -> Result<FriendlyName, FriendlyNameError> {
        match self {
            GivenName::Legal(name) => Ok(name),
            GivenName::Faulty { why, .. } => Err(why),
        }
    }

    /// The name for another user, if there is anything to show.
    pub fn read(&self) -> Option<&FriendlyName> {
        match self {
            GivenName::Legal(name) => Some(name),
            GivenName::Faulty { read, .. } => read.as_ref(),
        }
    }

    /// The name for another user, or else their handle.
    pub fn or_handle(&self, handle: &Handle) -> FriendlyName {
        self.read().cloned().unwrap_or_else(|| FriendlyName::from_handle(handle))
    }
}

impl From<FriendlyName> for GivenName {
    fn from(name: FriendlyName) -> GivenName {
        GivenName::Legal(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_legal_for_oneself_is_read_for_another_user() {
        let legal = GivenName::parse(b"Andr%E9");
        assert_eq!(legal.read(), FriendlyName::new("André").ok().as_ref());
        assert_eq!(legal.own(), FriendlyName::new("André"));
        let faulty = GivenName::parse(b"Bob%00");
        assert_eq!(faulty.read(), FriendlyName::new("Bob").ok().as_ref());
        assert_eq!(faulty.own(), Err(FriendlyNameError::Malformed));
        let handle = Handle::new("bob@example.com").unwrap();
        let nothing = GivenName::parse(b"%20");
        assert_eq!(nothing.or_handle(&handle), FriendlyName::from_handle(&handle));
        assert_eq!(nothing.own(), Err(FriendlyNameError::Invisible));
    }
}
