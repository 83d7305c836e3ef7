//! `msnpd selftest`: two users sign in as clients do, add each other, talk and leave. It reports which
//! step fails, and why.

mod conversation;
mod error;
mod lists;
mod password;
mod remote;
mod report;
mod session;
mod steps;
mod test_accounts;
mod wire;

pub(in crate::commands) use test_accounts::serve;

use crate::cli::SelftestArguments;
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::error::{CommandError, USAGE};
use actors::port::store::Password;
use msnp::{Dialect, Handle};
use report::Report;
use std::net::SocketAddrV4;
use steps::OpenSessions;

/// The dialect of the test: it has every command that is tested, and all Messenger servers of its time
/// support it.
const DIALECT: Dialect = Dialect::Msnp2;

/// An account of the test.
struct Account {
    handle: Handle,
    password: Password,
}

/// The server under test.
#[derive(Debug, Clone)]
struct Target {
    /// The address to connect to.
    address: SocketAddrV4,
    /// The name that resolved to it, if a name was given.
    name: Option<String>,
    /// Whether it is the running server of the data folder, which reports its own address.
    is_local: bool,
}

/// Tests a server: the running one of the data folder, with temporary accounts, or a remote one. If the test
/// is interrupted, it undoes its changes before it ends.
pub(super) async fn run(
    loaded: &Loaded,
    arguments: &SelftestArguments,
    interruption: impl Future<Output = ()>,
) -> Result<(), CommandError> {
    let mut interruption = std::pin::pin!(interruption);
    let mut report = Report::new(arguments.json);
    let outcome = match (&arguments.address, arguments.accounts.as_slice()) {
        (None, []) => test_local(loaded, &mut report, interruption.as_mut()).await,
        (Some(address), [first, second]) => {
            let accounts = remote::accounts(loaded, [first, second])?;
            let target = tokio::select! {
                target = remote::target(&mut report, address) => target,
                () = interruption.as_mut() => Err(CommandError::Interrupted),
            };
            match target {
                Ok(target) => {
                    run_steps(&target, &accounts, &mut report, interruption.as_mut()).await
                }
                Err(failure) => Err(failure),
            }
        }
        _ => Err(CommandError::Refused {
            code: USAGE,
            message:
                "To test a server by its address, give --account twice. To test the server on this \
                 machine, give neither an address nor --account"
                    .to_owned(),
        }),
    };
    report.end(outcome)
}

/// Tests the running server of the data folder, with two accounts that it creates and removes.
async fn test_local(
    loaded: &Loaded,
    report: &mut Report,
    mut interruption: std::pin::Pin<&mut impl Future<Output = ()>>,
) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    let (target, accounts) = test_accounts::create(&mut client, report).await?;
    let outcome = run_steps(&target, &accounts, report, interruption.as_mut()).await;
    // The accounts are removed after an error too.
    let removed = test_accounts::remove(&mut client, report).await;
    outcome.and(removed)
}

/// Runs the steps between the two users. Afterwards, also after an error, they restore their lists and sign
/// off.
async fn run_steps(
    target: &Target,
    accounts: &[Account; 2],
    report: &mut Report,
    interruption: std::pin::Pin<&mut impl Future<Output = ()>>,
) -> Result<(), CommandError> {
    let mut sessions = OpenSessions::default();
    let outcome = tokio::select! {
        outcome = steps::run(target, accounts, &mut sessions, report) => outcome,
        () = interruption => Err(CommandError::Interrupted),
    };
    let signed_off = sessions.restore_and_sign_off(report).await;
    outcome.and(signed_off)
}
