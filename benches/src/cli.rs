//! The command line.

use crate::mode::bars::BarsArgs;
use crate::mode::churn::ChurnArgs;
use crate::mode::deaf::DeafArgs;
use crate::mode::fan_out::FanOutArgs;
use crate::mode::idle::IdleArgs;
use crate::mode::instructions::InstructionsArgs;
use crate::mode::logins::LoginsArgs;
use crate::mode::lone::LoneArgs;
use crate::mode::presence::PresenceArgs;
use crate::mode::relay::RelayArgs;
use crate::mode::start::StartArgs;
use crate::mode::strangers::StrangersArgs;
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
    /// An earlier program, which is measured in turns with the server
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) before: Option<PathBuf>,
    /// Number of rounds that count; the programs take turns
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
    Relay(RelayArgs),
    /// One user sends messages to many
    FanOut(FanOutArgs),
    /// Many users sign in
    Logins(LoginsArgs),
    /// Many users are signed in and idle
    Idle(IdleArgs),
    /// One user changes state; many watch
    Presence(PresenceArgs),
    /// A single message on a busy server
    Lone(LoneArgs),
    /// Peers that never read
    Deaf(DeafArgs),
    /// Many connections that do not sign in
    Strangers(StrangersArgs),
    /// Instructions for a relayed message, counted by callgrind
    Instructions(InstructionsArgs),
    /// The server starts, without clients
    Start(StartArgs),
    /// Everything that has a limit. Fails if a figure is more than tolerated
    Bars(BarsArgs),
    /// Pairs of users sign in, talk and sign out
    Churn(ChurnArgs),
    /// Run the bare relay; the other modes start it themselves
    Bare,
}
