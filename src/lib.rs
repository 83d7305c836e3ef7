//! msnpd: an MSN Messenger server for home networks with old computers.
//!
//! The program is a library with the entry point [`main`], so that its parsers can be fuzzed.
#![forbid(unsafe_code)]
// `eprintln!` and `println!` panic if the disk is full; `stderr::line` and `stdout::print` do not.
#![deny(clippy::print_stderr, clippy::print_stdout)]

pub mod administrator;
mod cli;
mod commands;
pub mod config;
pub mod control;
mod domains;
mod error;
mod hints;
mod launch;
mod listener;
mod logging;
mod pages;
mod password;
mod run;
mod running;
mod service;
mod stderr;
mod stdout;
mod system;
mod text;
mod timestamp;

use crate::cli::{Cli, Command, ConfigCommand};
use crate::config::Loaded;
use crate::config::paths::CliOptions;
use crate::error::CommandError;
use clap::{CommandFactory, Parser};
use std::io::ErrorKind;
use std::process::ExitCode;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| cli::with_hint(error).exit());
    match run_command(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            stderr::line(format_args!("msnpd: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}

/// Returns the definition of the command line, from which manual pages and completions are generated.
#[must_use]
pub fn command_line() -> clap::Command {
    Cli::command()
}

fn run_command(cli: &Cli) -> Result<(), CommandError> {
    let options = CliOptions::new(cli.config.as_deref(), cli.data.as_deref());
    let load = || config::load(&options);
    match &cli.command {
        None | Some(Command::Run { .. }) => {
            let smoke = matches!(cli.command, Some(Command::Run { smoke: true }));
            run::run(&load()?, &options, smoke)
        }
        Some(Command::Init) => commands::init::init(&options),
        Some(Command::PasswdAdmin { password }) => {
            commands::passwd_admin::run(&load_or_running(&options)?, password)
        }
        Some(Command::Check { json }) => commands::check::run(&options, *json),
        Some(Command::Config(ConfigCommand::Default)) => commands::config::default(),
        Some(Command::Config(ConfigCommand::Show { json })) => {
            commands::config::show(&load()?, *json)
        }
        Some(command @ Command::Selftest(arguments)) if arguments.address.is_some() => {
            run::in_system(commands::run(command, &load_or_built_in(&options)?))?
        }
        Some(command) => run::in_system(commands::run(command, &load_or_running(&options)?))?,
    }
}

/// Loads the configuration. If it is invalid but a server is running, returns the built-in configuration
/// with the data folder of that server: a command needs no more to reach it.
fn load_or_running(options: &CliOptions) -> Result<Loaded, CommandError> {
    config::load(options).or_else(|failure| {
        let mut folders = options.possible_data_folders();
        let data_of_server = folders.find(|data| running::is_running(data));
        data_of_server.map(Loaded::built_in).ok_or(failure)
    })
}

/// Loads the configuration for a command to a remote server. Returns the built-in one if the user named
/// no file and may not read the one that was found.
fn load_or_built_in(options: &CliOptions) -> Result<Loaded, CommandError> {
    config::load(options).or_else(|failure| match failure {
        CommandError::Unreadable { error, .. }
            if options.config.is_none() && error.kind() == ErrorKind::PermissionDenied =>
        {
            Ok(Loaded::built_in(options.data()))
        }
        failure => Err(failure),
    })
}
