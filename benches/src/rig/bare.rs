//! The bare relay (see [`crate::bare`]), as a process.

use super::Cores;
use super::child::Child;
use crate::error::BenchError;
use std::net::SocketAddr;
use std::process::Command;

/// The running bare relay. Dropping it kills the process.
#[derive(Debug)]
pub(crate) struct Bare {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

impl Bare {
    /// Starts this program a second time, as the bare relay.
    pub(crate) fn start(cores: Cores) -> Result<Bare, BenchError> {
        let program =
            std::env::current_exe().map_err(BenchError::system("cannot find this program"))?;
        let child = Child::start(Command::new(program).arg("bare"), cores)?;
        let address = child.address(crate::bare::TITLE)?;
        Ok(Bare { child, address })
    }
}
