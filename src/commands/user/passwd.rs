use super::{find_user, greeter_account_error, no_account_error, parse_handle};
use crate::cli::PasswordArgument;
use crate::config::{Config, Loaded};
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request, Secret};
use crate::error::CommandError;
use crate::running::is_running;
use crate::{commands, password};
use actors::port::Store;
use actors::port::store::Detail;
use actors::{greeter, operator};
use msnp::Handle;
use store::File;

/// `user passwd`: sets a password.
pub(super) async fn run(
    loaded: &Loaded,
    handle: &str,
    argument: &PasswordArgument,
    keep_sessions: bool,
) -> Result<(), CommandError> {
    // Check before the user types a password.
    let full_handle = parse_handle(&loaded.config, handle)?;
    // If no server is running, this process opens the store. Read the password before that: while the user
    // types it, other processes can use the store.
    let early_password = match is_running(&loaded.config.data) {
        true => None,
        false => {
            check(&loaded.config, &full_handle)?;
            Some(password::read_or_generate(argument)?)
        }
    };
    let mut client = Client::connect(loaded, Needs::Accounts).await?;
    let request =
        |password| Request::UserPasswd { handle: handle.to_owned(), password, keep_sessions };
    let password = match early_password {
        Some(password) => password,
        None => {
            client.ask(&request(None)).await?;
            password::read_or_generate(argument)?
        }
    };
    let answer = client.ask(&request(Some(Secret::new(password.as_str())))).await?;
    commands::print_answer(&answer);
    password::print_if_generated(argument, password.as_str(), "user passwd")
}

/// Checks that the store has the account, and that it is not Greeter's. A store that cannot be read is no
/// error here: the command opens it again later, and then reports why it cannot.
fn check(config: &Config, handle: &Handle) -> Result<(), CommandError> {
    if !File::exists(&config.data) {
        return Err(no_account_error(&config.data, handle));
    }
    let Ok(store) = File::open_or_read_only(&config.data) else { return Ok(()) };
    let mut found = None;
    let search = store.principals(&mut |account, principal| {
        if principal.handle == *handle {
            found = Some(account);
        }
    });
    let is_greeter = |account| {
        let roster = store.roster(account, Detail::Lists);
        config.is_greeter(handle) && roster.is_ok_and(|roster| greeter::is_marked(&roster))
    };
    match found {
        None if search.is_ok() => Err(no_account_error(&config.data, handle)),
        Some(account) if is_greeter(account) => Err(greeter_account_error(handle)),
        _ => Ok(()),
    }
}

/// Sets the password. Ends the account's connections, which signed in with the old password, unless
/// `keep_sessions`. Without a password, only checks that the account exists.
pub(in crate::commands) async fn serve(
    control: &Control,
    handle: &str,
    password: Option<&Secret>,
    keep_sessions: bool,
) -> Result<Answer, CommandError> {
    let _one_at_a_time = control.changes_lock.lock().await;
    let (account, handle) = find_user(control, handle).await?;
    let Some(password) = password else { return Ok(Answer::Words(String::new())) };
    let password = password::check(password.as_str())?;
    let node = control.node.clone();
    let count = operator::set_password(node, account, password, keep_sessions).await?;
    log::info!("password of {handle} changed");
    let ended = if keep_sessions { String::new() } else { commands::connections_closed(count) };
    Ok(Answer::Words(format!("{handle} has a new password{ended}")))
}
