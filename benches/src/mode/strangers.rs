//! Many who connect, each from an address of his own, and do not get further, while others sign in.
//! The limits are those that are built in.

use crate::client::{Session, Wire};
use crate::error::BenchError;
use crate::rig::{Bench, Limits, Population};
use clap::ValueEnum;
use serde::Serialize;
use std::collections::VecDeque;
use std::net::Ipv4Addr;

/// Who comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::Args)]
pub(crate) struct Strangers {
    /// How many come
    #[arg(long, default_value_t = 10_000)]
    pub(crate) count: usize,
    /// How far each gets
    #[arg(long, value_enum, default_value_t = Until::Challenge)]
    pub(crate) until: Until,
}

/// How far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
pub(crate) enum Until {
    /// They are challenged, and do not answer
    Challenge,
    /// The middle of a line
    Line,
}

impl Until {
    fn said(self) -> &'static [u8] {
        match self {
            Until::Challenge => b"VER 1 MSNP2\r\nINF 2\r\nUSR 3 MD5 I user0@example.com\r\n",
            Until::Line => b"VER 1 MSNP2 CV",
        }
    }

    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Until::Challenge => "half-open logins",
            Until::Line => "half-sent lines",
        }
    }
}

/// What was found.
#[derive(Debug, Serialize)]
pub(crate) struct Crowded {
    /// Who came.
    pub(crate) strangers: Strangers,
    /// Resident memory in bytes before.
    pub(crate) resident_before: u64,
    /// The most while they came.
    pub(crate) resident_most: u64,
    /// How many others signed in meanwhile.
    pub(crate) served: usize,
}

impl Crowded {
    /// By how many bytes the server grew.
    pub(crate) fn growth(&self) -> u64 {
        self.resident_most.saturating_sub(self.resident_before)
    }
}

/// How many of them keep their connections open here: more than the server keeps.
const OPEN: usize = 2_000;

/// After how many of them somebody signs in.
const BREATH: usize = 100;

/// On the server, which is asked for nothing else.
pub(crate) async fn measure(bench: &Bench, strangers: Strangers) -> Result<Crowded, BenchError> {
    let population = Population { count: 2, circle: 1 };
    let server = bench.installation_with(population, Limits::BuiltIn)?.start()?;
    let notification = server.child.address("Notification Server")?;
    let process = &server.child.process;
    Session::open(server.dispatch, 1).await?.wire.end().await?;
    let resident_before = process.resident()?;
    let (mut resident_most, mut served) = (resident_before, 0);
    let mut open = VecDeque::new();
    for number in 0..strangers.count {
        let from = source(number);
        let mut wire = Wire::open_from(from, notification, msnp::Server::Notification).await?;
        wire.write(strangers.until.said()).await?;
        open.push_back(wire);
        if open.len() > OPEN {
            open.pop_front();
        }
        if number % BREATH == BREATH - 1 {
            Session::open(server.dispatch, 1).await?.wire.end().await?;
            served += 1;
            resident_most = resident_most.max(process.resident()?);
        }
    }
    Ok(Crowded { strangers, resident_before, resident_most, served })
}

/// An address of the loopback network that is nobody else's.
fn source(number: usize) -> Ipv4Addr {
    // 127.1.0.0 and on: there are more than a crowd ever has.
    let host = u32::try_from(number).unwrap_or(0) % 0x00fe_0000;
    Ipv4Addr::from_bits(Ipv4Addr::new(127, 1, 0, 0).to_bits() + host)
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
