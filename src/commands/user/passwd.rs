use super::{find_persons, handle_of, no_account, of_greeter};
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
    // Nobody types a password for an account that there is not.
    let whose = handle_of(&loaded.config, handle)?;
    // While somebody types, nobody else could open the store of a server that is stopped.
    let early = match is_running(&loaded.config.data) {
        true => None,
        false => {
            look(&loaded.config, &whose)?;
            Some(password::obtain(argument)?)
        }
    };
    let mut client = Client::connect(loaded, Needs::Accounts).await?;
    let handle = || handle.to_owned();
    let request = |password| Request::UserPasswd { handle: handle(), password, keep_sessions };
    let password = match early {
        Some(password) => password,
        None => {
            client.ask(&request(None)).await?;
            password::obtain(argument)?
        }
    };
    let answer = client.ask(&request(Some(Secret::new(password.as_str())))).await?;
    commands::say(&answer);
    password::show_if_made_up(argument, password.as_str(), "user passwd")
}

/// What speaks against it as far as the store shows. One that cannot be read now may have the account:
/// that is said later, or it is free then.
fn look(config: &Config, handle: &Handle) -> Result<(), CommandError> {
    if !File::exists(&config.data) {
        return Err(no_account(handle));
    }
    let Ok(store) = File::look(&config.data) else { return Ok(()) };
    let mut found = None;
    let read = store.principals(&mut |account, principal| {
        if principal.handle == *handle {
            found = Some(account);
        }
    });
    let is_his = |account| {
        let roster = store.roster(account, Detail::Lists);
        config.is_greeter(handle) && roster.is_ok_and(|roster| greeter::is_marked(&roster))
    };
    match found {
        None if read.is_ok() => Err(no_account(handle)),
        Some(account) if is_his(account) => Err(of_greeter(handle)),
        _ => Ok(()),
    }
}

/// Sets it. The account's connections end: they came with the old one.
pub(in crate::commands) async fn serve(
    control: &Control,
    handle: &str,
    password: Option<&Secret>,
    keep_sessions: bool,
) -> Result<Answer, CommandError> {
    let _one_at_a_time = control.changes.lock().await;
    let (account, handle) = find_persons(control, handle).await?;
    let Some(password) = password else { return Ok(Answer::Words(String::new())) };
    let password = password::check(password.as_str())?;
    let node = control.node.clone();
    let count = operator::set_password(node, account, password, keep_sessions).await?;
    log::info!("{handle} has a new password");
    let ended = if keep_sessions { String::new() } else { commands::ended(count) };
    Ok(Answer::Words(format!("{handle} has a new password{ended}")))
}
