//! Many users are signed in and idle: the memory of the server.

use super::each::Each;
use super::logins::{Logins, LoginsArgs};
use super::round::Load;
use super::round::Round;
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
    /// Returns the sign-ins, of which several run at the same time.
    pub(crate) fn arrivals(self) -> LoginsArgs {
        LoginsArgs { sessions: self.sessions, contacts: self.contacts, at_once: 8 }
    }
}

/// The result.
#[derive(Debug, Serialize)]
pub(crate) struct IdleReport {
    pub(crate) crowd: IdleArgs,
    /// Resident memory in bytes when the server was ready.
    pub(crate) resident_before: u64,
    /// Resident memory in bytes when all were signed in.
    pub(crate) resident: u64,
    /// The sign-ins.
    pub(crate) arrival: Round,
}

/// Signs all users in and measures the memory. They stay signed in until the return value is dropped.
pub(crate) async fn sign_in_all(
    server: &Server,
    crowd: IdleArgs,
) -> Result<(IdleReport, Logins), BenchError> {
    let process = &server.child.process;
    let resident_before = process.resident()?;
    let mut logins = Logins::at(server.dispatch, crowd.arrivals());
    let arrival = Round::of(process, logins.run()).await?;
    let resident = process.resident()?;
    Ok((IdleReport { crowd, resident_before, resident, arrival }, logins))
}

impl IdleReport {
    /// Returns the bytes of memory of each user.
    pub(crate) fn bytes_per_user(&self) -> u64 {
        let sessions = u64::try_from(self.crowd.sessions.max(1)).unwrap_or(u64::MAX);
        self.resident.saturating_sub(self.resident_before) / sessions
    }
}

/// Measures each build once: memory does not vary between rounds.
pub(crate) async fn measure(
    bench: &Bench,
    crowd: IdleArgs,
) -> Result<Each<IdleReport>, BenchError> {
    Each::of(bench, async |build| {
        let server = bench.server(build, crowd.arrivals().population())?;
        let (found, _signed_in) = sign_in_all(&server, crowd).await?;
        Ok(found)
    })
    .await
}
