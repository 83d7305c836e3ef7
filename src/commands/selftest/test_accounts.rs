//! The two accounts of a test, which the server creates and removes.

use super::error::SelftestError;
use super::report::Report;
use super::{Account, Target};
use crate::commands::user;
use crate::control::client::Client;
use crate::control::wire::{Answer, Request, Secret};
use crate::control::{Channel, Control};
use crate::error::CommandError;
use crate::{hints, password, system};
use actors::message::Create;
use actors::operator;
use actors::port::store::{AccountId, NewAccount, Principal};
use actors::rules::SELF_TEST_PREFIX;
use msnp::{FriendlyName, Handle, Server};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

/// The friendly name of both accounts. An account with another name belongs to a user.
const FRIENDLY_NAME: &str = "msnpd self-test";

/// The maximum lifetime of the accounts: more than all time limits of a test together.
const MAX_LIFETIME: Duration = Duration::from_secs(600);

/// What the server sends to the command after it has created the accounts.
#[derive(Serialize, Deserialize)]
struct Created {
    accounts: [TestAccount; 2],
    /// The address of the server that clients connect to first.
    listening: SocketAddr,
}

#[derive(Serialize, Deserialize)]
struct TestAccount {
    handle: Handle,
    password: Secret,
}

/// Asks the server to create two accounts.
pub(super) async fn create(
    client: &mut Client,
    report: &mut Report,
) -> Result<(Target, [Account; 2]), CommandError> {
    let request = async {
        let bytes =
            client.begin(&Request::Selftest).await.map_err(|failure| accounts_error(&failure))?;
        let created: Option<Created> = serde_json::from_slice(&bytes).ok();
        created.ok_or_else(|| accounts_error(&CommandError::unexpected()))
    };
    let created = report
        .step(request, |created| {
            let [first, second] = &created.accounts;
            format!("the server creates the accounts {} and {}", first.handle, second.handle)
        })
        .await?;
    let address = address_of(created.listening)?;
    let target = Target { address, name: None, is_local: true };
    let [first, second] = created.accounts;
    Ok((target, [first.into_account()?, second.into_account()?]))
}

/// Asks the server to remove the two accounts.
pub(super) async fn remove(client: &mut Client, report: &mut Report) -> Result<(), CommandError> {
    let request = async { client.finish().await.map_err(|failure| accounts_error(&failure)) };
    report.step(request, |_| "the server removes both accounts".to_owned()).await.map(drop)
}

fn accounts_error(failure: &CommandError) -> SelftestError {
    SelftestError::Accounts(failure.to_string())
}

impl TestAccount {
    fn into_account(self) -> Result<Account, CommandError> {
        Ok(Account { handle: self.handle, password: password::check(self.password.as_str())? })
    }
}

/// Returns the address at which the test connects to a listener. If the server listens on all addresses, this
/// is a private address of this machine, if it has one: then the server sends the same addresses as to
/// clients on other machines.
fn address_of(listening: SocketAddr) -> Result<SocketAddrV4, CommandError> {
    let ip = match listening.ip().to_canonical() {
        ip if ip.is_unspecified() => {
            let private = hints::own_addresses().into_iter().find(Ipv4Addr::is_private);
            private.unwrap_or(Ipv4Addr::LOCALHOST)
        }
        IpAddr::V4(ip) => ip,
        IpAddr::V6(ip) => {
            return Err(CommandError::Other(format!(
                "the server listens on {ip} only, but clients use IPv4 only: set `listen` to \
                 0.0.0.0 and the port"
            )));
        }
    };
    Ok(SocketAddrV4::new(ip, listening.port()))
}

/// Creates the accounts, and removes them when the test has ended or its connection is closed.
pub(in crate::commands) async fn serve(
    control: &Control,
    channel: &mut Channel,
) -> Result<Answer, CommandError> {
    let Ok(_one_at_a_time) = control.selftest_lock.try_lock() else {
        return Err(CommandError::Other(
            "another self-test is running: try again in a moment".to_owned(),
        ));
    };
    remove_leftovers(control).await?;
    let mut created = Vec::new();
    let outcome = provide_accounts(control, channel, &mut created).await;
    let mut removed = Ok(());
    for account in created {
        removed = removed.and(operator::remove(control.node.clone(), account).await);
    }
    outcome?;
    removed?;
    Ok(Answer::Words("both accounts are removed".to_owned()))
}

/// Creates the accounts, sends them to the command, and waits until the test has ended. `created` gets the
/// accounts, also if an error occurs later.
async fn provide_accounts(
    control: &Control,
    channel: &mut Channel,
    created: &mut Vec<AccountId>,
) -> Result<(), CommandError> {
    let listener_of = |wanted| control.listening.iter().find(|(server, _)| *server == wanted);
    let first = listener_of(Server::Dispatch).or(listener_of(Server::Notification));
    let Some((_, listening)) = first.copied() else {
        return Err(CommandError::Other(
            "this server has neither a Dispatch Server nor a Notification Server: test the server \
             that clients connect to"
                .to_owned(),
        ));
    };
    let accounts =
        [create_account(control, created).await?, create_account(control, created).await?];
    let bytes = serde_json::to_vec(&Created { accounts, listening });
    let bytes = bytes.map_err(|error| CommandError::Other(error.to_string()))?;
    channel.send_chunks(&bytes).await?;
    log::info!("self-test started, with two temporary accounts");
    // The command sends an empty chunk at the end of the test. If its connection is closed, that ends the
    // test too.
    match tokio::time::timeout(MAX_LIFETIME, channel.read_content()).await {
        Ok(_) => log::info!("self-test ended"),
        Err(_) => log::warn!("self-test timed out: its accounts are removed"),
    }
    Ok(())
}

async fn create_account(
    control: &Control,
    created: &mut Vec<AccountId>,
) -> Result<TestAccount, CommandError> {
    let _one_at_a_time = control.changes_lock.lock().await;
    let handle = user::full_handle(
        control,
        &format!("{SELF_TEST_PREFIX}{}", password::generate(system::random())),
    )?;
    let password = password::generate(system::random());
    let version = control.node.entropy.list_version();
    let principal = Principal { handle: handle.clone(), name: user::friendly_name(FRIENDLY_NAME)? };
    let account = NewAccount { principal, password: password::check(&password)?, version };
    let account_id = control.node.accounts.send(Create(account)).await?;
    created.push(account_id.map_err(|error| CommandError::Other(error.to_string()))?);
    Ok(TestAccount { handle, password: Secret::new(&password) })
}

/// Removes accounts left over from a test during which the server was killed.
async fn remove_leftovers(control: &Control) -> Result<(), CommandError> {
    let _one_at_a_time = control.changes_lock.lock().await;
    let all = control.node.directory.principals().into_iter();
    for leftover in all.filter(|principal| is_test_account(&principal.handle, &principal.name)) {
        if let Some(account) = control.node.directory.find(&leftover.handle) {
            operator::remove(control.node.clone(), account).await?;
            log::info!("account {} removed: it was left over from a self-test", leftover.handle);
        }
    }
    Ok(())
}

/// Whether an account belongs to a self-test, not to a user.
fn is_test_account(handle: &Handle, name: &FriendlyName) -> bool {
    let letters = handle.local().strip_prefix(SELF_TEST_PREFIX).unwrap_or_default();
    password::is_generated(letters) && name.as_str() == FRIENDLY_NAME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_accounts_of_a_test_are_recognized_as_such() {
        let is_test = |handle: &str, name: &str| {
            is_test_account(&Handle::new(handle).unwrap(), &FriendlyName::new(name).unwrap())
        };
        let made_up = format!("{SELF_TEST_PREFIX}{}@hotmail.com", password::generate(7));
        assert!(is_test(&made_up, FRIENDLY_NAME));
        assert!(!is_test(&made_up, "Sally"));
        assert!(!is_test("msnpd-selftest-sally@hotmail.com", FRIENDLY_NAME));
        assert!(!is_test("sally@hotmail.com", FRIENDLY_NAME));
    }

    #[test]
    fn a_server_that_listens_everywhere_is_reached_at_an_ipv4_address() {
        let at = |text: &str| address_of(text.parse().unwrap());
        assert_eq!(at("192.168.7.7:1863").unwrap().to_string(), "192.168.7.7:1863");
        assert_eq!(at("[::ffff:127.0.0.1]:1863").unwrap().to_string(), "127.0.0.1:1863");
        assert_eq!(at("0.0.0.0:1863").unwrap().port(), 1863);
        assert!(at("[fe80::1]:1863").unwrap_err().to_string().contains("IPv4 only"));
    }
}
