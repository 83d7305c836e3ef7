use heapless::String;

/// A user handle: `local@domain` in lower case, at most [`Handle::MAX`] bytes
/// ([the draft](crate#sources) §7.1).
///
/// Case does not matter in the protocol, but Gaim and ayttm compare handles case-sensitively
/// (`Quirk::ComparesHandlesWithCase`). So handles are converted to lower case.
///
/// ```
/// use msnp::{Handle, HandleError};
///
/// let handle = Handle::new("Alice@Example.com").unwrap();
/// assert_eq!(handle.as_str(), "alice@example.com");
/// assert_eq!((handle.local(), handle.domain()), ("alice", "example.com"));
///
/// assert_eq!(Handle::new("alice"), Err(HandleError::NoDomain));
/// assert_eq!(Handle::new("alice@localhost"), Err(HandleError::Malformed));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Handle(String<{ Handle::MAX }, u8>);

/// Why a text is not a user handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum HandleError {
    /// It has more than [`Handle::MAX`] bytes.
    TooLong,
    /// It has no `@`.
    NoDomain,
    /// It does not have the form `local@domain.tld`, or has a character that no address has.
    Malformed,
}

impl core::fmt::Display for HandleError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            HandleError::TooLong => "a user handle has at most 129 bytes",
            HandleError::NoDomain => "a user handle has the form name@domain: there is no @",
            HandleError::Malformed => {
                "a user handle has the form name@domain.tld, with ASCII characters and no spaces"
            }
        })
    }
}

impl core::error::Error for HandleError {}

impl Handle {
    /// The maximum length of a handle, in bytes.
    pub const MAX: usize = 129;

    /// Checks a handle and converts it to lower case.
    ///
    /// # Errors
    /// [`HandleError`] if it is illegal.
    pub fn new(text: &str) -> Result<Handle, HandleError> {
        if text.len() > Handle::MAX {
            return Err(HandleError::TooLong);
        }
        let (local, domain) = text.split_once('@').ok_or(HandleError::NoDomain)?;
        if !is_legal_local(local) || !is_legal_domain(domain) {
            return Err(HandleError::Malformed);
        }
        let mut handle = String::try_from(text).map_err(|_| HandleError::TooLong)?;
        handle.make_ascii_lowercase();
        Ok(Handle(handle))
    }

    /// Like [`Handle::new`], for bytes.
    ///
    /// # Errors
    /// [`HandleError`] if it is illegal.
    pub fn parse(word: &[u8]) -> Result<Handle, HandleError> {
        Handle::new(core::str::from_utf8(word).map_err(|_| HandleError::Malformed)?)
    }

    /// Returns the handle as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the `@`.
    pub fn local(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }

    /// Returns the part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

fn is_legal_local(local: &str) -> bool {
    let is_legal =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'*+-/=?^_`{|}~.".contains(&byte);
    !local.is_empty() && local.bytes().all(is_legal)
}

/// A domain must have a dot: the Microsoft servers refused `a@b` with error 201.
fn is_legal_domain(domain: &str) -> bool {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty() && label.bytes().all(is_legal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_converted_to_lower_case() {
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
