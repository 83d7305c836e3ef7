//! The commands before a sign-in. They are the same on the Dispatch Server and the Notification
//! Server. Each command has its own file.

mod cvq;
mod cvr;
mod inf;
mod ver;

pub(crate) use cvq::cvq;
pub(crate) use cvr::cvr;
pub(crate) use inf::inf;
pub(crate) use ver::ver;
