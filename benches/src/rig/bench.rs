//! What everything is started with.

use super::{Bare, Cores, Installation, Limits, Population, Server, Target};
use crate::error::BenchError;
use std::path::{Path, PathBuf};

/// The program that is measured, and the cores.
#[derive(Debug)]
pub(crate) struct Bench {
    program: PathBuf,
    /// Who runs where.
    pub(crate) cores: Cores,
}

impl Bench {
    /// With a server program, or the one that lies beside this one.
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

    /// A folder with accounts.
    pub(crate) fn installation(&self, population: Population) -> Result<Installation, BenchError> {
        self.installation_with(population, Limits::FarAway)
    }

    /// The same, with limits.
    pub(crate) fn installation_with(
        &self,
        population: Population,
        limits: Limits,
    ) -> Result<Installation, BenchError> {
        Installation::with(&self.program, self.cores, population, limits)
    }

    /// The server with accounts.
    pub(crate) fn server(&self, population: Population) -> Result<Server, BenchError> {
        self.installation(population)?.start()
    }

    /// The same, and the bare relay.
    pub(crate) fn both(&self, population: Population) -> Result<(Target, Target), BenchError> {
        let server = Target::Server(self.server(population)?);
        Ok((server, Target::Bare(Bare::start(self.cores)?)))
    }
}
