//! `msnpd selftest`: two principals sign in as clients do, add each other, talk and leave; says what is
//! wrong if something is.

mod conversation;
mod error;
mod guests;
mod lists;
mod password;
mod remote;
mod report;
mod session;
mod steps;
mod wire;

pub(in crate::commands) use guests::serve;

use crate::cli::SelftestArguments;
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::error::{CommandError, USAGE};
use actors::port::store::Password;
use msnp::{Dialect, Handle};
use report::Report;
use std::net::SocketAddrV4;
use steps::Pair;

/// The dialect that is spoken: every client and every server of the time has it, and it has all that
/// is tried here.
const DIALECT: Dialect = Dialect::Msnp2;

/// One of the two who talk.
struct Account {
    handle: Handle,
    password: Password,
}

/// Where the server is, and how that is known.
#[derive(Debug, Clone)]
struct Way {
    /// The address that is dialled.
    address: SocketAddrV4,
    /// The name that led there, if it was one.
    name: Option<String>,
    /// Whether it is this machine's server, which says itself where it listens.
    is_here: bool,
}

/// Tries the server: the one that runs on these data, with accounts of its own, or one elsewhere.
/// If it is broken off, what it has changed is put back first.
pub(super) async fn run(
    loaded: &Loaded,
    arguments: &SelftestArguments,
    broken_off: impl Future<Output = ()>,
) -> Result<(), CommandError> {
    let mut broken_off = std::pin::pin!(broken_off);
    let mut report = Report::new(arguments.json);
    let outcome = match (&arguments.address, arguments.accounts.as_slice()) {
        (None, []) => here(loaded, &mut report, broken_off.as_mut()).await,
        (Some(address), [first, second]) => {
            let accounts = remote::accounts(loaded, [first, second])?;
            let work = async {
                let way = remote::way(&mut report, address).await?;
                Ok::<_, CommandError>(way)
            };
            let way = tokio::select! {
                way = work => way,
                () = broken_off.as_mut() => Err(CommandError::Interrupted),
            };
            match way {
                Ok(way) => between(&way, &accounts, &mut report, broken_off.as_mut()).await,
                Err(failure) => Err(failure),
            }
        }
        _ => Err(CommandError::Refused {
            code: USAGE,
            message:
                "name two accounts, each with --account, for a server elsewhere, and none for \
                    the one that runs here"
                    .to_owned(),
        }),
    };
    report.end(outcome)
}

/// Tries the server that runs on these data, with two accounts that it makes and removes.
async fn here(
    loaded: &Loaded,
    report: &mut Report,
    mut broken_off: std::pin::Pin<&mut impl Future<Output = ()>>,
) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    let (way, accounts) = guests::invite(&mut client, report).await?;
    let outcome = between(&way, &accounts, report, broken_off.as_mut()).await;
    // Whatever it came to.
    let removed = guests::dismiss(&mut client, report).await;
    outcome.and(removed)
}

/// The two talk; then, whatever came of it, they leave, with their lists as they were.
async fn between(
    way: &Way,
    accounts: &[Account; 2],
    report: &mut Report,
    broken_off: std::pin::Pin<&mut impl Future<Output = ()>>,
) -> Result<(), CommandError> {
    let mut pair = Pair::default();
    let outcome = tokio::select! {
        outcome = steps::play(way, accounts, &mut pair, report) => outcome,
        () = broken_off => Err(CommandError::Interrupted),
    };
    let left = pair.leave(report).await;
    outcome.and(left)
}
