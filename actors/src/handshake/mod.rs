//! The commands with which a client introduces itself, the same on the Dispatch Server and on the
//! Notification Server. One command, one file.

mod cvq;
mod cvr;
mod inf;
mod ver;

pub(crate) use cvq::cvq;
pub(crate) use cvr::cvr;
pub(crate) use inf::inf;
pub(crate) use ver::ver;

use crate::connection::Served;
use msnp::{Dialect, Phase};

/// A connection on which a dialect is agreed.
pub(crate) trait Handshake: Served {
    /// The connection speaks this dialect from now on, and is in this phase.
    fn agree(&mut self, dialect: Dialect, phase: Phase);
}
