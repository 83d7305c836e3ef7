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
