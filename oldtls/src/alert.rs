//! Why a connection ends, and the alert that informs the client.

use crate::Version;

/// Why a connection ended. The server has queued the alert for the client, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The client has neither SSL 3.0 nor TLS 1.0.
    #[error("the client has neither SSL 3.0 nor TLS 1.0")]
    NoCommonVersion,
    /// The client has none of the cipher suites.
    #[error("the client has no cipher suite in common with this server")]
    NoCommonSuite,
    /// A record or a message is not formed as the protocol says.
    #[error("a malformed record or message")]
    Malformed,
    /// A record or a message is longer than allowed.
    #[error("a record or message is too long")]
    TooLong,
    /// A message is not allowed at this point. The server does not renegotiate.
    #[error("an unexpected message")]
    Unexpected,
    /// A record was changed on its way, or the client has other keys. The server deliberately does
    /// not distinguish these causes.
    #[error("a record cannot be authenticated")]
    BadRecord,
    /// The client has seen another handshake than the server.
    #[error("the handshake was changed on its way")]
    BadFinished,
    /// The client ended the connection by an alert with this number.
    #[error("the client reports alert {0}")]
    PeerAlert(u8),
    /// The source of random bytes failed.
    #[error("the source of random bytes failed")]
    Random,
    /// The connection has ended already.
    #[error("the connection has ended")]
    Ended,
}

impl TlsError {
    /// Returns the number of the alert, or `None` if the client gets none. SSL 3.0 has fewer alerts.
    pub(crate) fn alert(self, version: Version) -> Option<u8> {
        let (tls, ssl) = match self {
            TlsError::NoCommonVersion => (70, 40),
            TlsError::NoCommonSuite => (40, 40),
            TlsError::Malformed => (50, 47),
            TlsError::TooLong => (22, 47),
            TlsError::Unexpected => (10, 10),
            TlsError::BadRecord => (20, 20),
            TlsError::BadFinished => (51, 40),
            TlsError::Random => (80, 40),
            TlsError::PeerAlert(_) | TlsError::Ended => return None,
        };
        Some(match version {
            Version::Tls1 => tls,
            Version::Ssl3 => ssl,
        })
    }
}
