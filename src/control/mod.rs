//! The control socket `msnpd.sock` in the data folder, through which commands reach a running server. If none
//! is running, a command starts a node on the same data in its own process, and reaches it through an
//! in-memory pipe.
//!
//! One line of JSON is one message; the bytes of a chunk follow the line that announces it, `{"chunk":N}`.
//! `server.rs` answers at the other end of the socket and of the pipe, so a command does the same whether the
//! server runs or not.

mod channel;
pub(crate) mod client;
pub(crate) mod pipe;
pub(crate) mod server;
pub mod wire;

pub(crate) use channel::{Channel, ChannelError, Stream};
pub(crate) use server::Control;

/// The name of the socket in the data folder. Only the owner of the folder can use it.
pub(crate) const SOCKET: &str = "msnpd.sock";
