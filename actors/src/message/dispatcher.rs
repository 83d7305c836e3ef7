//! To the `Dispatcher` actor.

use crate::settings::Advertised;
use actix::Message;
use msnp::{Dialect, Handle};

/// A Notification Server is live from now on.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Announce(pub Advertised);

/// Which Notification Server is this handle's?
#[derive(Debug, Message)]
#[rtype(result = "Option<Advertised>")]
pub struct Refer {
    /// Who wants to sign in.
    pub handle: Handle,
    /// What he agreed on with the Dispatch Server: Gaim up to 0.43 does not say it again.
    pub dialect: Dialect,
}
