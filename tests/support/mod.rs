//! What several test programs share: a server in a directory of its own, clients, and an operator.

pub(crate) mod configure;
pub(crate) mod connection;
pub(crate) mod conversation;
pub(crate) mod crowd;
pub(crate) mod digest;
pub(crate) mod ending;
pub(crate) mod memory;
pub(crate) mod operator;
pub(crate) mod server;
pub(crate) mod stored_data;
