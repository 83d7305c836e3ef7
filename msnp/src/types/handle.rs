use heapless::String;

/// A user handle: `local@domain`, at most [`Handle::MAX`] bytes (the draft §7.1), folded to lower
/// case: Gaim and ayttm compare handles with regard to case (`Quirk::ComparesHandlesWithCase`), and
/// the protocol does not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Handle(String<{ Handle::MAX }, u8>);

/// Why a text is not a user handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum HandleError {
    /// More than [`Handle::MAX`] bytes.
    TooLong,
    /// There is no `@` in it.
    NoDomain,
    /// Not of the form `local@domain.tld`, or a character that no address has.
    Malformed,
}

impl core::fmt::Display for HandleError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            HandleError::TooLong => "a user handle has at most 129 bytes",
            HandleError::NoDomain => "a user handle has the form name@domain: there is no @",
            HandleError::Malformed => {
                "a user handle has the form name@domain.tld, in plain letters"
            }
        })
    }
}

impl core::error::Error for HandleError {}

impl Handle {
    /// The most bytes of a handle.
    pub const MAX: usize = 129;

    /// Checks and folds a handle.
    ///
    /// # Errors
    /// [`HandleError`] says what is wrong with it.
    pub fn new(text: &str) -> Result<Handle, HandleError> {
        if text.len() > Handle::MAX {
            return Err(HandleError::TooLong);
        }
        let (local, domain) = text.split_once('@').ok_or(HandleError::NoDomain)?;
        if !legal_local(local) || !legal_domain(domain) {
            return Err(HandleError::Malformed);
        }
        let mut folded = String::try_from(text).map_err(|_| HandleError::TooLong)?;
        folded.make_ascii_lowercase();
        Ok(Handle(folded))
    }

    /// [`Handle::new`] for bytes of the wire.
    ///
    /// # Errors
    /// [`HandleError`] says what is wrong with it.
    pub fn parse(word: &[u8]) -> Result<Handle, HandleError> {
        Handle::new(core::str::from_utf8(word).map_err(|_| HandleError::Malformed)?)
    }

    /// The handle as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

fn legal_local(local: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'*+-/=?^_`{|}~.".contains(&byte);
    !local.is_empty() && local.bytes().all(legal)
}

/// `a@b` is refused with 201 by the Microsoft servers: a domain has a dot.
fn legal_domain(domain: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty() && label.bytes().all(legal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_folded_to_lower_case() {
        let handle = Handle::new("Alice@Example.COM").unwrap();
        assert_eq!(handle.as_str(), "alice@example.com");
        assert_eq!((handle.local(), handle.domain()), ("alice", "example.com"));
    }

    #[test]
    fn illegal_handles_are_refused() {
        assert_eq!(Handle::new("alice"), Err(HandleError::NoDomain));
        for text in ["a@b", "@@a", "@b.c", "a@", "a@b..c", "a@.c", "a b@c.d", "a@b@c.d", "ä@b.c"] {
            assert_eq!(Handle::new(text), Err(HandleError::Malformed), "{text}");
        }
        assert_eq!(Handle::parse(b"a\0@b.c"), Err(HandleError::Malformed));
    }

    #[test]
    fn a_handle_has_at_most_129_bytes() {
        let mut text = std::string::String::from("@b.cd");
        while text.len() < Handle::MAX {
            text.insert(0, 'a');
        }
        assert!(Handle::new(&text).is_ok());
        text.insert(0, 'a');
        assert_eq!(Handle::new(&text), Err(HandleError::TooLong));
    }
}
