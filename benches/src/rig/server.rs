//! The server, in a temporary folder.

use super::child::Child;
use super::{Build, Cores, Population};
use crate::error::BenchError;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The configuration, except for its key `limits`.
const CONFIGURATION: &str = r#"
    dispatch: Some((listen: "127.0.0.1:0")),
    notification: Some((listen: "127.0.0.1:0")),
    switchboard: Some((listen: "127.0.0.1:0")),
    web: None,
    domains: ["example.com"],
    greeter: None,
"#;

/// Limits that no measurement reaches: limits protect a server from strangers, and here all clients
/// are known.
const UNREACHED_LIMITS: &str = "    limits: (
        connections: 60000,
        per_address: 60000,
        half_open: 60001,
        buffers: 60002,
        sign_in_seconds: 600,
        failed_logins: (free: 10000, most: 10000, minutes: 1),
        states_per_second: 60000,
        lines_per_second: 1000000,
    ),
";

/// The file that callgrind writes.
const CALLGRIND_OUT: &str = "callgrind.out";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limits {
    /// Limits that are never reached.
    Unreached,
    /// The default limits.
    Default,
}

impl Limits {
    fn configuration(self) -> String {
        match self {
            Limits::Unreached => format!("({CONFIGURATION}{UNREACHED_LIMITS})\n"),
            Limits::Default => format!("({CONFIGURATION})\n"),
        }
    }
}

/// A folder with a configuration and accounts.
#[derive(Debug)]
pub(crate) struct Installation {
    folder: TempDir,
    build: Build,
    program: PathBuf,
    cores: Cores,
}

impl Installation {
    /// Creates a folder with accounts.
    pub(crate) fn create(
        (build, program): (Build, &Path),
        cores: Cores,
        population: Population,
        limits: Limits,
    ) -> Result<Installation, BenchError> {
        let folder = TempDir::with_prefix("msnpd-bench-")
            .map_err(BenchError::system("cannot make a temporary folder"))?;
        let installation = Installation { folder, build, program: program.to_owned(), cores };
        let write = |name: &str, text: &str| {
            let path = installation.folder.path().join(name);
            let written = std::fs::write(&path, text);
            written.map_err(BenchError::system(format!("cannot write {}", path.display())))
        };
        write("accounts.ron", &population.export())?;
        let mut configuration = limits.configuration();
        loop {
            write("config.ron", &configuration)?;
            let Err(errors) = installation.import()? else { return Ok(installation) };
            // An earlier build may not know every key: try again without the unknown one.
            let shortened = unknown_key(&errors)
                .filter(|_| build == Build::Before)
                .and_then(|key| without_key(&configuration, key));
            let Some(shortened) = shortened else {
                return Err(BenchError::wrong(format!("msnpd import: {errors}")));
            };
            configuration = shortened;
        }
    }

    /// Creates the accounts. The inner error is what the program printed.
    fn import(&self) -> Result<Result<(), String>, BenchError> {
        let import = self.command("import").arg("accounts.ron").stdin(Stdio::null()).output();
        let import =
            import.map_err(BenchError::system(format!("cannot run {}", self.program.display())))?;
        Ok(match import.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&import.stderr).into_owned()),
        })
    }

    pub(crate) fn start(self) -> Result<Server, BenchError> {
        let child = Child::start(&mut self.command("run"), self.cores)?;
        let dispatch = child.address("Dispatch Server")?;
        Ok(Server { child, dispatch, build: self.build, installation: self })
    }

    /// Starts the server under callgrind, which counts its instructions.
    pub(crate) fn start_under_callgrind(self) -> Result<Server, BenchError> {
        let run = self.command("run");
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--quiet"])
            .arg(format!("--callgrind-out-file={CALLGRIND_OUT}"))
            .arg(run.get_program())
            .args(run.get_args())
            .current_dir(self.folder.path());
        let child = Child::start(&mut command, self.cores)?;
        let dispatch = child.address("Dispatch Server")?;
        Ok(Server { child, dispatch, build: self.build, installation: self })
    }

    /// Starts the server and stops it. Returns the time until it was ready.
    pub(crate) fn startup(&self) -> Result<Duration, BenchError> {
        let child = Child::start(&mut self.command("run"), self.cores)?;
        let startup = child.startup;
        child.stop()?;
        Ok(startup)
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(subcommand)
            .args(["--config", "config.ron", "--data", "data"])
            .current_dir(self.folder.path())
            .env_remove("MSNPD_DATA")
            .env_remove("MSNPD_CONFIG")
            .env_remove("RUST_LOG");
        command
    }
}

/// The running server. Dropping it kills the process and removes the folder.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) child: Child,
    /// The address of its Dispatch Server, which refers clients to the others.
    pub(crate) dispatch: SocketAddr,
    pub(crate) build: Build,
    installation: Installation,
}

impl Server {
    /// Stops a server that runs under callgrind. Returns the number of its instructions.
    pub(crate) fn stop_and_count(self) -> Result<u64, BenchError> {
        self.child.stop()?;
        let path = self.installation.folder.path().join(CALLGRIND_OUT);
        let text = std::fs::read_to_string(&path)
            .map_err(BenchError::system(format!("cannot read {}", path.display())))?;
        callgrind_total(&text).ok_or_else(|| BenchError::wrong("callgrind has counted nothing"))
    }
}

/// Returns the key of the configuration that an earlier build does not know: it has no such limit.
fn unknown_key(errors: &str) -> Option<&str> {
    let (_, rest) = errors.split_once("Unexpected field named `")?;
    Some(rest.split_once('`')?.0)
}

/// Returns the configuration without the line of a key, if there is one.
fn without_key(configuration: &str, key: &str) -> Option<String> {
    let is_other = |line: &&str| !line.trim_start().starts_with(&format!("{key}:"));
    let rest: String = configuration.split_inclusive('\n').filter(is_other).collect();
    (rest != configuration).then_some(rest)
}

/// Returns the sum in the output of callgrind.
fn callgrind_total(text: &str) -> Option<u64> {
    let sum = text.lines().find_map(|line| line.strip_prefix("totals: "))?;
    sum.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_build_gets_a_configuration_without_what_it_does_not_know() {
        let errors =
            "msnpd: line 15, column 9: Unexpected field named `states_per_second` in `Limits`";
        let key = unknown_key(errors).unwrap();
        let known = without_key(&Limits::Unreached.configuration(), key).unwrap();
        assert!(!known.contains("states_per_second") && known.contains("lines_per_second"));
        assert_eq!(without_key(&known, key), None);
        assert_eq!(unknown_key("msnpd: no such file"), None);
    }

    #[test]
    fn the_sum_is_read_from_the_output_of_callgrind() {
        assert_eq!(
            callgrind_total("version: 1\nevents: Ir\nfn=(1)\n+3 7\n\ntotals: 1234\n"),
            Some(1234)
        );
        assert_eq!(callgrind_total("version: 1\n"), None);
    }
}
