//! Many connections, each from another address, do not sign in, while other users do. The limits are the
//! default ones.

use super::per_build::PerBuild;
use crate::client::{Session, Wire};
use crate::error::BenchError;
use crate::rig::{Bench, Build, Limits, Population};
use clap::ValueEnum;
use serde::Serialize;
use std::collections::VecDeque;
use std::net::Ipv4Addr;

/// The load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct StrangersArgs {
    /// Number of connections
    #[arg(long, default_value_t = 10_000)]
    pub(crate) count: usize,
    /// How far each connection gets
    #[arg(long, value_enum, default_value_t = Until::Challenge)]
    pub(crate) until: Until,
}

/// How far a connection gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
pub(crate) enum Until {
    /// The server has sent a challenge, which is not answered
    Challenge,
    /// Half a line was sent
    Line,
}

impl Until {
    fn bytes_to_send(self) -> &'static [u8] {
        match self {
            Until::Challenge => b"VER 1 MSNP2\r\nINF 2\r\nUSR 3 MD5 I user0@example.com\r\n",
            Until::Line => b"VER 1 MSNP2 CV",
        }
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Until::Challenge => "half-open logins",
            Until::Line => "half-sent lines",
        }
    }
}

/// The result.
#[derive(Debug, Serialize)]
pub(crate) struct StrangersReport {
    #[serde(rename = "strangers")]
    pub(crate) args: StrangersArgs,
    /// Resident memory in bytes before the connections.
    pub(crate) resident_before: u64,
    /// The maximum of the resident memory in bytes while the connections were made.
    #[serde(rename = "resident_most")]
    pub(crate) max_resident: u64,
    /// Number of users who signed in meanwhile.
    pub(crate) served: usize,
}

impl StrangersReport {
    /// Returns the growth of the server in bytes.
    pub(crate) fn growth(&self) -> u64 {
        self.max_resident.saturating_sub(self.resident_before)
    }
}

/// How many connections this program keeps open. The server keeps fewer open.
const MAX_OPEN: usize = 2_000;

/// How many connections are made before the next user signs in.
const CONNECTIONS_PER_SIGN_IN: usize = 100;

/// Measures each build without other load.
pub(crate) async fn measure(
    bench: &Bench,
    args: StrangersArgs,
) -> Result<PerBuild<StrangersReport>, BenchError> {
    PerBuild::measure(bench, async |build| measure_build(bench, build, args).await).await
}

async fn measure_build(
    bench: &Bench,
    build: Build,
    args: StrangersArgs,
) -> Result<StrangersReport, BenchError> {
    let population = Population { count: 2, circle: 1 };
    let server = bench.installation_with(build, population, Limits::Default)?.start()?;
    let notification = server.child.address("Notification Server")?;
    let process = &server.child.process;
    Session::open(server.dispatch, 1).await?.wire.end().await?;
    let resident_before = process.resident()?;
    let (mut max_resident, mut served) = (resident_before, 0);
    let mut open = VecDeque::new();
    for number in 0..args.count {
        let from = source(number);
        let mut wire = Wire::open_from(from, notification, msnp::Server::Notification).await?;
        wire.write(args.until.bytes_to_send()).await?;
        open.push_back(wire);
        if open.len() > MAX_OPEN {
            open.pop_front();
        }
        if number % CONNECTIONS_PER_SIGN_IN == CONNECTIONS_PER_SIGN_IN - 1 {
            Session::open(server.dispatch, 1).await?.wire.end().await?;
            served += 1;
            max_resident = max_resident.max(process.resident()?);
        }
    }
    Ok(StrangersReport { args, resident_before, max_resident, served })
}

/// Returns the address of the loopback network from which this connection comes.
fn source(number: usize) -> Ipv4Addr {
    // The addresses from 127.1.0.0 to 127.254.255.255: more than a measurement needs.
    let offset = u32::try_from(number).unwrap_or(0) % 0x00fe_0000;
    Ipv4Addr::from_bits(Ipv4Addr::new(127, 1, 0, 0).to_bits() + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_from_another_address_of_this_machine() {
        assert_eq!(source(0), Ipv4Addr::new(127, 1, 0, 0));
        assert_eq!(source(9_999), Ipv4Addr::new(127, 1, 39, 15));
        assert!(source(usize::MAX).is_loopback() && source(0x00fd_ffff).is_loopback());
    }
}
