//! A load generator for msnpd, and the bare relay that it is compared with.

#![forbid(unsafe_code)]

mod bare;
mod cli;
mod client;
mod error;
mod figures;
mod mode;
mod report;
mod rig;

use clap::Parser;
use cli::{Cli, Common, Mode};
use error::BenchError;
use mode::{
    bars, churn, deaf, fan_out, idle, instructions, logins, lone, presence, relay, start, strangers,
};
use rig::Bench;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::process::ExitCode;
use tokio::task::LocalSet;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), BenchError> {
    raise_file_limit();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(BenchError::system("cannot start"))?;
    if matches!(cli.mode, Mode::Bare) {
        return runtime.block_on(bare::run());
    }
    let bench = Bench::new(cli.common.server.as_deref(), cli.common.before.as_deref())?;
    eprintln!("{}", bench.cores.description()?);
    runtime.block_on(LocalSet::new().run_until(measure(cli, bench)))
}

/// Raises the limit of open files: each client is one. If that fails, connecting fails later.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

async fn measure(cli: Cli, bench: Bench) -> Result<(), BenchError> {
    let Common { rounds, json, .. } = cli.common;
    match cli.mode {
        Mode::Relay(talk) => report::print(&relay::measure(&bench, talk, rounds).await?, json),
        Mode::FanOut(speech) => {
            report::print(&fan_out::measure(&bench, speech, rounds).await?, json)
        }
        Mode::Logins(arrivals) => {
            report::print(&logins::measure(&bench, arrivals, rounds).await?, json)
        }
        Mode::Idle(crowd) => report::print(&idle::measure(&bench, crowd).await?, json),
        Mode::Presence(watch) => {
            report::print(&presence::measure(&bench, watch, rounds).await?, json)
        }
        Mode::Lone(lone) => report::print(&lone::measure(&bench, lone, rounds).await?, json),
        Mode::Deaf(deaf) => report::print(&deaf::measure(&bench, deaf).await?, json),
        Mode::Strangers(strangers) => {
            report::print(&strangers::measure(&bench, strangers).await?, json)
        }
        Mode::Instructions(limit) => match instructions::measure(&bench).await? {
            Some(found) => {
                report::print(&found, json)?;
                limit.check(&found.now)
            }
            None => Err(BenchError::wrong("valgrind is needed for it")),
        },
        Mode::Start(accounts) => report::print(&start::measure(&bench, accounts, rounds)?, json),
        Mode::Churn(visits) => report::print(&churn::measure(&bench, visits, rounds).await?, json),
        Mode::Bars(which) => {
            let found = bars::measure(&bench, &which, rounds).await?;
            report::print(&found, json)?;
            eprintln!("{}", found.machine);
            found.check()
        }
        Mode::Bare => Ok(()),
    }
}
