//! The limits of all connections. Only the maximum size of a body is not here: each route sets its
//! own.

use std::time::Duration;

/// The maximum number of connections. Further ones are closed.
pub const MAX_CONNECTIONS: usize = 64;

/// The maximum number of connections from one address. A browser opens fewer at once. Public IPv6
/// addresses are counted by /64 network, others one by one.
pub const MAX_PER_ADDRESS: usize = 16;

/// The maximum number of connections from one IPv6 /64 network. A machine can have any number of
/// addresses in it, and must not take all connections.
pub const MAX_PER_NETWORK: usize = 48;

/// The maximum number of connections from refused addresses that get a page with the reason, in
/// addition to [`MAX_CONNECTIONS`]. Further ones are closed.
pub const MAX_REFUSED_CONNECTIONS: usize = 16;

/// The maximum size of the head of a request in bytes.
pub const MAX_HEAD: usize = 8 * 1024;

/// The maximum number of header lines.
pub const MAX_HEADERS: usize = 64;

/// The maximum time for a whole request to arrive.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// The maximum time from the start of a request to the end of its response.
pub const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a connection is kept open for its next request.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The maximum time that the server waits after the last response for the client to close the
/// connection. Until then, it reads what the client sends: unread bytes could make the client lose
/// the response.
pub const LINGER: Duration = Duration::from_secs(2);

/// The maximum number of bytes that the server reads during [`LINGER`].
pub const MAX_DRAIN: usize = 64 * 1024;
