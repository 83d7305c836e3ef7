use super::{find_persons, handle_of, no_account};
use crate::cli::PasswordArgument;
use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request, Secret};
use crate::failure::Failure;
use crate::running::is_running;
use crate::{password, verb};
use actors::message::SetPassword;
use actors::port::Store;
use msnp::Handle;
use std::path::Path;
use store::File;

/// `user passwd`: sets a password.
pub(super) async fn run(
    loaded: &Loaded,
    handle: &str,
    argument: &PasswordArgument,
) -> Result<(), Failure> {
    // Nobody types a password for an account that there is not.
    let whose = handle_of(&loaded.config, handle)?;
    // While somebody types, nobody else could open the store of a server that is stopped.
    let early = match is_running(&loaded.config.data) {
        true => None,
        false if is_missing(&loaded.config.data, &whose) => return Err(no_account(&whose)),
        false => Some(password::obtain(argument)?),
    };
    let mut client = Client::connect(loaded, Needs::Accounts).await?;
    let request = |password| Request::UserPasswd { handle: handle.to_owned(), password };
    let password = match early {
        Some(password) => password,
        None => {
            client.ask(&request(None)).await?;
            password::obtain(argument)?
        }
    };
    let answer = client.ask(&request(Some(Secret::new(password.as_str())))).await?;
    verb::say(&answer);
    password::show_if_made_up(argument, &password)
}

/// Whether a store surely has no such account. One that cannot be read now may have it: that is said
/// later, or it is free then.
fn is_missing(data: &Path, handle: &Handle) -> bool {
    if !File::exists(data) {
        return true;
    }
    let mut found = false;
    let read = File::open(data).and_then(|store| {
        store.principals(&mut |_, principal| found |= principal.handle == *handle)
    });
    read.is_ok() && !found
}

/// Sets it. Whoever is signed in with the old one stays so.
pub(in crate::verb) async fn serve(
    control: &Control,
    handle: &str,
    password: Option<&Secret>,
) -> Result<Answer, Failure> {
    let _one_at_a_time = control.changes.lock().await;
    let (account, handle) = find_persons(control, handle).await?;
    let Some(password) = password else { return Ok(Answer::Words(String::new())) };
    let password = password::check(password.as_str())?;
    control.node.accounts.send(SetPassword { account, password }).await??;
    log::info!("{handle} has a new password");
    Ok(Answer::Words(format!("{handle} has a new password")))
}
