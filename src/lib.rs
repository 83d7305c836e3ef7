//! msnpd: the MSN Messenger service for a home retro-computing network.
//!
//! The program is a library with one entrance, [`main`], so that what it reads from outside can be
//! fuzzed.
#![forbid(unsafe_code)]

pub mod administrator;
mod cli;
pub mod config;
pub mod control;
mod failure;
mod guide;
mod listener;
mod logging;
mod pages;
mod password;
mod run;
mod running;
mod service;
mod system;
mod verb;

use crate::cli::{Cli, ConfigVerb, Verb};
use crate::config::Loaded;
use crate::config::places::Named;
use crate::failure::Failure;
use clap::{CommandFactory, Parser};
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

/// The definition of the command line, from which manual pages and completions are made.
#[must_use]
pub fn command_line() -> clap::Command {
    Cli::command()
}

fn carry_out(cli: &Cli) -> Result<(), Failure> {
    let named = Named::new(cli.config.as_deref(), cli.data.as_deref());
    let load = || config::load(&named);
    match &cli.verb {
        None => run::run(&load()?, &named, false),
        Some(Verb::Run { smoke }) => run::run(&load()?, &named, *smoke),
        Some(Verb::Init) => verb::init::init(&named),
        Some(Verb::Check { json }) => verb::check::check(&named, *json),
        Some(Verb::Config(ConfigVerb::Default)) => verb::config::default(),
        Some(Verb::Config(ConfigVerb::Show { json })) => verb::config::show(&load()?, *json),
        Some(verb) => run::in_system(verb::run(verb, &load_or_running(&named)?))?,
    }
}

/// The configuration; if it is not valid any more and a server runs in the data folder, what it takes
/// to reach it.
fn load_or_running(named: &Named) -> Result<Loaded, Failure> {
    config::load(named).or_else(|failure| {
        if running::is_running(named.data()) {
            Ok(Loaded::of_folder(named.data()))
        } else {
            Err(failure)
        }
    })
}
