//! msnpd: the MSN Messenger service for a home retro-computing network.
//!
//! The program is a library with one entrance, [`main`], so that what it reads from outside can be
//! fuzzed.
#![forbid(unsafe_code)]

mod cli;
pub mod config;
pub mod control;
mod failure;
mod listener;
mod logging;
mod password;
mod run;
mod system;
mod verb;

use crate::cli::{Cli, Verb};
use crate::failure::Failure;
use clap::Parser;
use std::process::ExitCode;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    match carry_out(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("msnpd: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn carry_out(cli: &Cli) -> Result<(), Failure> {
    let loaded = config::load(cli.config.as_deref(), cli.data.as_deref())?;
    match &cli.verb {
        None | Some(Verb::Run) => run::run(&loaded),
        Some(verb) => run::in_system(verb::run(verb, &loaded))?,
    }
}
