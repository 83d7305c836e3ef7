//! Many users are signed in and idle: the memory of the server.

use super::logins::{Logins, LoginsArgs};
use super::per_build::PerBuild;
use super::round::{Load, Round};
use crate::error::BenchError;
use crate::rig::{Bench, Server};
use serde::Serialize;

/// The load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct IdleArgs {
    /// Number of signed-in users
    #[arg(long, default_value_t = 10_000)]
    pub(crate) sessions: usize,
    /// Contacts of each user
    #[arg(long, default_value_t = 20)]
    pub(crate) contacts: usize,
}

impl IdleArgs {
    /// Returns the sign-ins that this needs. Eight run at the same time.
    pub(crate) fn logins(self) -> LoginsArgs {
        LoginsArgs { sessions: self.sessions, contacts: self.contacts, at_once: 8 }
    }
}

/// The result.
#[derive(Debug, Serialize)]
pub(crate) struct IdleReport {
    #[serde(rename = "crowd")]
    pub(crate) args: IdleArgs,
    /// Resident memory in bytes when the server was ready.
    pub(crate) resident_before: u64,
    /// Resident memory in bytes when all were signed in.
    pub(crate) resident: u64,
    /// The sign-ins, measured as one round.
    #[serde(rename = "arrival")]
    pub(crate) sign_ins: Round,
}

/// Signs all users in and measures the memory. The users stay signed in until the `Logins` are dropped.
pub(crate) async fn sign_in_all(
    server: &Server,
    args: IdleArgs,
) -> Result<(IdleReport, Logins), BenchError> {
    let process = &server.child.process;
    let resident_before = process.resident()?;
    let mut logins = Logins::new(server.dispatch, args.logins());
    let sign_ins = Round::measure(process, logins.run()).await?;
    let resident = process.resident()?;
    Ok((IdleReport { args, resident_before, resident, sign_ins }, logins))
}

impl IdleReport {
    /// Returns by how many bytes of memory each user made the server grow.
    pub(crate) fn bytes_per_user(&self) -> u64 {
        let sessions = u64::try_from(self.args.sessions.max(1)).unwrap_or(u64::MAX);
        self.resident.saturating_sub(self.resident_before) / sessions
    }
}

/// Measures each build once: memory does not vary between rounds.
pub(crate) async fn measure(
    bench: &Bench,
    args: IdleArgs,
) -> Result<PerBuild<IdleReport>, BenchError> {
    PerBuild::measure(bench, async |build| {
        let server = bench.server(build, args.logins().population())?;
        let (report, _signed_in) = sign_in_all(&server, args).await?;
        Ok(report)
    })
    .await
}
