//! Messages to the `Dispatcher` actor.

use crate::settings::Advertised;
use actix::Message;
use msnp::{Dialect, Handle};

/// Announces that a Notification Server is live.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Announce(pub Advertised);

/// Asks for the Notification Server of a handle.
#[derive(Debug, Message)]
#[rtype(result = "Option<Advertised>")]
pub struct Refer {
    /// The handle that wants to sign in.
    pub handle: Handle,
    /// The dialect that the client agreed on with the Dispatch Server. Gaim up to 0.43 does not
    /// negotiate again with the Notification Server.
    pub dialect: Dialect,
}
