//! How the measured programs are started.

use super::{Bare, Build, Cores, Installation, Limits, Population, Server, Target};
use crate::error::BenchError;
use std::path::{Path, PathBuf};

/// The programs to measure, and the processor cores on which they and this load generator run.
#[derive(Debug)]
pub(crate) struct Bench {
    /// The program of this build.
    now: PathBuf,
    /// The program of the earlier build, if there is one.
    before: Option<PathBuf>,
    pub(crate) cores: Cores,
}

impl Bench {
    /// Measures the server program `now` or, without it, `msnpd` in the folder of this program. Compares it
    /// with the earlier build `before`, if there is one.
    pub(crate) fn new(now: Option<&Path>, before: Option<&Path>) -> Result<Bench, BenchError> {
        let now = match now {
            Some(program) => program.to_owned(),
            None => std::env::current_exe()
                .map_err(BenchError::system("cannot find this program"))?
                .with_file_name("msnpd"),
        };
        Ok(Bench {
            now: absolute_path(&now)?,
            before: before.map(absolute_path).transpose()?,
            cores: Cores::assign()?,
        })
    }

    /// Returns the builds that are measured, the earlier one first.
    pub(crate) fn builds(&self) -> impl Iterator<Item = Build> + use<> {
        self.before.as_ref().map(|_| Build::Before).into_iter().chain([Build::Now])
    }

    /// Whether a build is measured.
    pub(crate) fn has(&self, build: Build) -> bool {
        self.builds().any(|measured| measured == build)
    }

    /// Returns the program of a build.
    pub(crate) fn program(&self, build: Build) -> Result<&Path, BenchError> {
        match build {
            Build::Before => {
                self.before.as_deref().ok_or_else(|| BenchError::wrong("there is no earlier build"))
            }
            Build::Now => Ok(&self.now),
        }
    }

    /// Creates a folder with accounts.
    pub(crate) fn installation(
        &self,
        build: Build,
        population: Population,
    ) -> Result<Installation, BenchError> {
        self.installation_with(build, population, Limits::Unreached)
    }

    /// Creates a folder with accounts and limits.
    pub(crate) fn installation_with(
        &self,
        build: Build,
        population: Population,
        limits: Limits,
    ) -> Result<Installation, BenchError> {
        Installation::create((build, self.program(build)?), self.cores, population, limits)
    }

    /// Starts a server with accounts.
    pub(crate) fn server(
        &self,
        build: Build,
        population: Population,
    ) -> Result<Server, BenchError> {
        self.installation(build, population)?.start()
    }

    /// Starts a server of each build, with accounts.
    pub(crate) fn servers(&self, population: Population) -> Result<Vec<Target>, BenchError> {
        self.builds().map(|build| Ok(Target::Server(self.server(build, population)?))).collect()
    }

    /// Starts the bare relay (a relay without a protocol, see [`crate::bare`]) and a server of each build,
    /// with accounts.
    pub(crate) fn all(&self, population: Population) -> Result<Vec<Target>, BenchError> {
        let mut targets = vec![Target::Bare(Bare::start(self.cores)?)];
        targets.extend(self.servers(population)?);
        Ok(targets)
    }
}

/// Returns the absolute path of a program, since it is started in another folder.
fn absolute_path(program: &Path) -> Result<PathBuf, BenchError> {
    std::fs::canonicalize(program)
        .map_err(BenchError::system(format!("no server at {}", program.display())))
}
