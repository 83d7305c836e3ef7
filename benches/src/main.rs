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

/// Raises the limit of open files, since each client needs one. If that fails, connecting fails later.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

async fn measure(cli: Cli, bench: Bench) -> Result<(), BenchError> {
    let Common { rounds, json, .. } = cli.common;
    match cli.mode {
        Mode::Relay(args) => report::print(&relay::measure(&bench, args, rounds).await?, json),
        Mode::FanOut(args) => report::print(&fan_out::measure(&bench, args, rounds).await?, json),
        Mode::Logins(args) => report::print(&logins::measure(&bench, args, rounds).await?, json),
        Mode::Idle(args) => report::print(&idle::measure(&bench, args).await?, json),
        Mode::Presence(args) => {
            report::print(&presence::measure(&bench, args, rounds).await?, json)
        }
        Mode::Lone(args) => report::print(&lone::measure(&bench, args, rounds).await?, json),
        Mode::Deaf(args) => report::print(&deaf::measure(&bench, args).await?, json),
        Mode::Strangers(args) => report::print(&strangers::measure(&bench, args).await?, json),
        Mode::Instructions(args) => match instructions::measure(&bench).await? {
            Some(reports) => {
                report::print(&reports, json)?;
                args.check(&reports.now)
            }
            None => Err(BenchError::wrong("this mode needs valgrind, which is not installed")),
        },
        Mode::Start(args) => report::print(&start::measure(&bench, args, rounds)?, json),
        Mode::Churn(args) => report::print(&churn::measure(&bench, args, rounds).await?, json),
        Mode::Bars(args) => {
            let bars = bars::measure(&bench, &args, rounds).await?;
            report::print(&bars, json)?;
            eprintln!("{}", bars.machine);
            bars.check()
        }
        Mode::Bare => Ok(()),
    }
}
