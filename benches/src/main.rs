//! A load generator for msnpd, and the bare relay that it is compared with.

#![forbid(unsafe_code)]

mod bare;
mod cli;
mod client;
mod failure;
mod figures;
mod mode;
mod report;
mod rig;

use clap::Parser;
use cli::{Cli, Common, Mode};
use failure::Failure;
use mode::churn::Churn;
use mode::fan_out::Audience;
use mode::idle;
use mode::logins::Logins;
use mode::presence::Watched;
use mode::relay::Pairs;
use mode::{alone, compare};
use rig::{Bare, Cores, Installation, Population, Server, Target};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::path::PathBuf;
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

fn run(cli: Cli) -> Result<(), Failure> {
    raise_file_limit();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::system("cannot start"))?;
    if matches!(cli.mode, Mode::Bare) {
        return runtime.block_on(bare::run());
    }
    let rig = Rig { program: program(&cli.common)?, cores: Cores::take()? };
    eprintln!("{}", rig.cores.words());
    runtime.block_on(LocalSet::new().run_until(measure(cli, rig)))
}

/// Thousands of clients are as many files. If it stays as it is, a connection will say so.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// The server to be measured.
fn program(common: &Common) -> Result<PathBuf, Failure> {
    let program = match &common.server {
        Some(program) => program.clone(),
        None => std::env::current_exe()
            .map_err(Failure::system("cannot find this program"))?
            .with_file_name("msnpd"),
    };
    // The server is started in another folder.
    std::path::absolute(&program)
        .and_then(std::fs::canonicalize)
        .map_err(Failure::system(format!("no server at {}", program.display())))
}

/// What everything is started with.
struct Rig {
    program: PathBuf,
    cores: Cores,
}

impl Rig {
    /// The server with accounts.
    fn server(&self, population: Population) -> Result<Server, Failure> {
        Installation::with(&self.program, self.cores, population)?.start()
    }

    /// The same, and the bare relay.
    fn both(&self, population: Population) -> Result<(Target, Target), Failure> {
        let server = Target::Server(self.server(population)?);
        Ok((server, Target::Bare(Bare::start(self.cores)?)))
    }
}

async fn measure(cli: Cli, rig: Rig) -> Result<(), Failure> {
    let Common { rounds, json, .. } = cli.common;
    match cli.mode {
        Mode::Relay(talk) => {
            let (server, bare) = rig.both(Population { count: 2 * talk.pairs, circle: 1 })?;
            let mut pairs = Pairs::on(&server, 0, talk).await?;
            let mut bare_pairs = Pairs::on(&bare, 0, talk).await?;
            let found = compare((&server, &mut pairs), (&bare, &mut bare_pairs), rounds).await?;
            report::print(&found, json)
        }
        Mode::FanOut(speech) => {
            let (server, bare) = rig.both(Population { count: speech.members, circle: 1 })?;
            let mut audience = Audience::on(&server, 0, speech).await?;
            let mut room = Audience::on(&bare, 0, speech).await?;
            let found = compare((&server, &mut audience), (&bare, &mut room), rounds).await?;
            report::print(&found, json)
        }
        Mode::Logins(arrivals) => {
            let server = rig.server(arrivals.population())?;
            let mut logins = Logins::at(server.dispatch, arrivals);
            let found = alone(&Target::Server(server), &mut logins, rounds).await?;
            report::print(&found, json)
        }
        Mode::Idle(crowd) => {
            let server = rig.server(crowd.arrivals().population())?;
            let (found, _signed_in) = idle::sit(&server, crowd).await?;
            report::print(&found, json)
        }
        Mode::Presence(watch) => {
            let server = rig.server(watch.population())?;
            let mut watched = Watched::at(server.dispatch, watch).await?;
            let found = alone(&Target::Server(server), &mut watched, rounds).await?;
            report::print(&found, json)
        }
        Mode::Churn(visits) => {
            let server = rig.server(visits.population())?;
            let mut churn = Churn::at(server.dispatch, visits);
            let found = alone(&Target::Server(server), &mut churn, rounds).await?;
            report::print(&found, json)
        }
        Mode::Bare => Ok(()),
    }
}
