//! Why the program could not do what it was asked to, and the exit code that says so.

use actors::port::StoreError;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A failure: one sentence, with the way out where there is one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Something else failed.
    #[error("{0}")]
    Other(String),
    /// The configuration file cannot be read, or what it says cannot be.
    #[error("the configuration {} is not valid: {reason}", file.display())]
    Configuration {
        /// Which file.
        file: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// A server cannot listen.
    #[error("cannot listen on {address} ({server}): {error}{hint}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Which server.
        server: &'static str,
        /// Why not.
        error: std::io::Error,
        /// What to do about it.
        hint: &'static str,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure {
    /// 1 failed, 3 configuration invalid, 4 address in use or not permitted, 5 store damaged,
    /// locked or without its key. (2, wrong usage, is the command line's own.)
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::Other(_) | Failure::Store(StoreError::NoSuchAccount) => 1,
            Failure::Configuration { .. } => 3,
            Failure::Listen { .. } => 4,
            Failure::Store(_) => 5,
        }
    }
}
