//! The control socket: through it commands reach a running server or, if none is running, a node in their
//! own process on the same data.
//!
//! One line of JSON is one message; `{"chunk":N}` is followed by N bytes. [`server`] answers both over the
//! socket `msnpd.sock` in the data folder and inside the process of a command, so a command does the same
//! whether the server runs or not.

mod channel;
pub(crate) mod client;
pub(crate) mod pipe;
pub(crate) mod server;
pub mod wire;

pub(crate) use channel::{Channel, ChannelError, Stream};
pub(crate) use server::Control;

/// The name of the socket in the data folder. Only the owner of the folder can use it.
pub(crate) const SOCKET: &str = "msnpd.sock";
