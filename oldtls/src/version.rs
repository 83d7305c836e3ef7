//! The protocol versions.

/// A protocol version that the server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// SSL 3.0 (RFC 6101)
    Ssl3,
    /// TLS 1.0 (RFC 2246)
    Tls1,
}

impl Version {
    /// Returns the version for a client whose highest one is `offered`, as major and minor number.
    /// Returns `None` if the client has none of these versions.
    pub(crate) fn negotiate(offered: [u8; 2]) -> Option<Version> {
        match offered {
            [3, 0] => Some(Version::Ssl3),
            [3, _] => Some(Version::Tls1),
            _ => None,
        }
    }

    /// Returns the major and the minor number.
    pub(crate) fn number(self) -> [u8; 2] {
        match self {
            Version::Ssl3 => [3, 0],
            Version::Tls1 => [3, 1],
        }
    }
}
