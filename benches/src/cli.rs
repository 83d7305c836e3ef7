//! What can be asked for.

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

/// Measures msnpd, next to a bare relay that does the same without a protocol. Linux only.
///
/// The server is started with a folder of its own, on the loopback interface. Build it first:
/// `cargo build --release`.
#[derive(Debug, Parser)]
pub(crate) struct Cli {
    /// What to measure.
    #[command(subcommand)]
    pub(crate) mode: Mode,
    /// What is the same for all.
    #[command(flatten)]
    pub(crate) common: Common,
}

/// What is the same for all.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// The server; otherwise the msnpd that lies beside this program
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) server: Option<PathBuf>,
    /// How many rounds count, of server and bare relay in turn
    #[arg(long, global = true, default_value_t = 9)]
    pub(crate) rounds: usize,
    /// Print JSON instead of a table
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What is measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Mode {
    /// Pairs who talk
    Relay(Talk),
    /// One who speaks to many
    FanOut(Speech),
    /// Many who sign in
    Logins(Arrivals),
    /// Many who are signed in and do nothing
    Idle(Crowd),
    /// One whose state changes, and all who watch
    Presence(Watch),
    /// A lone message on a busy server
    Lone(Lone),
    /// Peers that never read
    Deaf(Deaf),
    /// Many who connect and do not sign in
    Strangers(Strangers),
    /// Instructions of a relayed message, by callgrind
    Instructions(Count),
    /// How long a start takes
    Start(Begin),
    /// All that has a bar, with pass or fail
    Bars,
    /// Pairs who come and go
    Churn(Visits),
    /// Be the bare relay; the other modes start it themselves
    Bare,
}
