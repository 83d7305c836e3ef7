//! The command line.

use crate::mode::churn::Visits;
use crate::mode::deaf::Deaf;
use crate::mode::fan_out::Speech;
use crate::mode::idle::Crowd;
use crate::mode::instructions::Count;
use crate::mode::logins::Arrivals;
use crate::mode::lone::Lone;
use crate::mode::presence::Watch;
use crate::mode::relay::Talk;
use crate::mode::start::Begin;
use crate::mode::strangers::Strangers;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Measures msnpd, and compares it with a bare relay that does the same without a protocol. Linux only.
///
/// The server is started in a temporary folder, on the loopback interface. Build it first:
/// `cargo build --release`.
#[derive(Debug, Parser)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) mode: Mode,
    /// Options of all modes.
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Options of all modes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// The server program [default: msnpd in the folder of this program]
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) server: Option<PathBuf>,
    /// Number of rounds that count; server and bare relay take turns
    #[arg(long, global = true, default_value_t = 9)]
    pub(crate) rounds: usize,
    /// Print JSON instead of a table
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// The modes.
#[derive(Debug, Subcommand)]
pub(crate) enum Mode {
    /// Pairs of users exchange messages
    Relay(Talk),
    /// One user sends messages to many
    FanOut(Speech),
    /// Many users sign in
    Logins(Arrivals),
    /// Many users are signed in and idle
    Idle(Crowd),
    /// One user changes state; many watch
    Presence(Watch),
    /// A single message on a busy server
    Lone(Lone),
    /// Peers that never read
    Deaf(Deaf),
    /// Many connections that do not sign in
    Strangers(Strangers),
    /// Instructions for a relayed message, counted by callgrind
    Instructions(Count),
    /// Duration of a start
    Start(Begin),
    /// Everything that has a limit, with pass or fail
    Bars,
    /// Pairs of users sign in, talk and sign out
    Churn(Visits),
    /// Run the bare relay; the other modes start it themselves
    Bare,
}
