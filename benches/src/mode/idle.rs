//! Many who are signed in and do nothing: what they keep of the server's memory.

use super::Round;
use super::logins::{Arrivals, Logins};
use super::round::Load;
use crate::error::BenchError;
use crate::rig::{Bench, Server};
use serde::Serialize;

/// Who sits there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct Crowd {
    /// How many are signed in
    #[arg(long, default_value_t = 10_000)]
    pub(crate) sessions: usize,
    /// How many contacts each has
    #[arg(long, default_value_t = 20)]
    pub(crate) contacts: usize,
}

impl Crowd {
    /// They come in some at a time.
    pub(crate) fn arrivals(self) -> Arrivals {
        Arrivals { sessions: self.sessions, contacts: self.contacts, at_once: 8 }
    }
}

/// What they took.
#[derive(Debug, Serialize)]
pub(crate) struct Idle {
    /// Who sat there.
    pub(crate) crowd: Crowd,
    /// Resident memory in bytes when the server was ready.
    pub(crate) resident_before: u64,
    /// And when all were signed in.
    pub(crate) resident: u64,
    /// Their signing in.
    pub(crate) arrival: Round,
}

/// Signs everybody in, and looks at the memory. They stay as long as what is returned.
pub(crate) async fn sit(server: &Server, crowd: Crowd) -> Result<(Idle, Logins), BenchError> {
    let process = &server.child.process;
    let resident_before = process.resident()?;
    let mut logins = Logins::at(server.dispatch, crowd.arrivals());
    let arrival = Round::of(process, logins.put()).await?;
    let resident = process.resident()?;
    Ok((Idle { crowd, resident_before, resident, arrival }, logins))
}

impl Idle {
    /// How many bytes of memory each took.
    pub(crate) fn each(&self) -> u64 {
        let sessions = u64::try_from(self.crowd.sessions.max(1)).unwrap_or(u64::MAX);
        self.resident.saturating_sub(self.resident_before) / sessions
    }
}

/// Measures them once: memory is not a matter of chance.
pub(crate) async fn measure(bench: &Bench, crowd: Crowd) -> Result<Idle, BenchError> {
    let server = bench.server(crowd.arrivals().population())?;
    let (found, _signed_in) = sit(&server, crowd).await?;
    Ok(found)
}
