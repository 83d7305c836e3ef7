//! How the measured programs are started.

use super::{Bare, Cores, Installation, Limits, Population, Server, Target};
use crate::error::BenchError;
use std::path::{Path, PathBuf};

/// The measured program, and the cores.
#[derive(Debug)]
pub(crate) struct Bench {
    program: PathBuf,
    pub(crate) cores: Cores,
}

impl Bench {
    /// Uses this server program, or the one in the folder of this program.
    pub(crate) fn new(program: Option<&Path>) -> Result<Bench, BenchError> {
        let program = match program {
            Some(program) => program.to_owned(),
            None => std::env::current_exe()
                .map_err(BenchError::system("cannot find this program"))?
                .with_file_name("msnpd"),
        };
        // The server is started in another folder.
        let program = std::fs::canonicalize(&program)
            .map_err(BenchError::system(format!("no server at {}", program.display())))?;
        Ok(Bench { program, cores: Cores::take()? })
    }

    /// Creates a folder with accounts.
    pub(crate) fn installation(&self, population: Population) -> Result<Installation, BenchError> {
        self.installation_with(population, Limits::Unreached)
    }

    /// Creates a folder with accounts and limits.
    pub(crate) fn installation_with(
        &self,
        population: Population,
        limits: Limits,
    ) -> Result<Installation, BenchError> {
        Installation::create(&self.program, self.cores, population, limits)
    }

    /// Starts the server with accounts.
    pub(crate) fn server(&self, population: Population) -> Result<Server, BenchError> {
        self.installation(population)?.start()
    }

    /// Starts the server with accounts, and the bare relay.
    pub(crate) fn both(&self, population: Population) -> Result<(Target, Target), BenchError> {
        let server = Target::Server(self.server(population)?);
        Ok((server, Target::Bare(Bare::start(self.cores)?)))
    }
}
