//! `msnpd user`: accounts. One verb, one file: what the operator's side asks, and what the server
//! does.

pub(super) mod add;
pub(super) mod disable;
pub(super) mod enable;
pub(super) mod list;
pub(super) mod passwd;
pub(super) mod remove;
pub(super) mod rename;

use crate::cli::UserCommand;
use crate::config::{Config, Loaded};
use crate::control::Control;
use crate::error::CommandError;
use actors::port::store::AccountId;
use actors::{greeter, operator};
use msnp::{FriendlyName, Handle, HandleError};
use std::path::Path;

/// Carries out a verb.
pub(crate) async fn run(verb: &UserCommand, loaded: &Loaded) -> Result<(), CommandError> {
    match verb {
        UserCommand::Add { handle, name, password } => {
            add::run(loaded, &handle.handle, name.as_deref(), password).await
        }
        UserCommand::Passwd { handle, password, keep_sessions } => {
            passwd::run(loaded, &handle.handle, password, *keep_sessions).await
        }
        UserCommand::Disable { handle, reason } => {
            disable::run(loaded, &handle.handle, reason.as_deref()).await
        }
        UserCommand::Enable { handle } => enable::run(loaded, &handle.handle).await,
        UserCommand::Rename { handle, name } => rename::run(loaded, &handle.handle, name).await,
        UserCommand::Remove { handle } => remove::run(loaded, &handle.handle).await,
        UserCommand::List { json } => list::run(loaded, *json).await,
    }
}

/// The handle that is meant: without a domain the first configured one is taken.
pub(super) fn full_handle(control: &Control, text: &str) -> Result<Handle, CommandError> {
    handle_of(&control.loaded.borrow().config, text)
}

/// The same by a configuration.
fn handle_of(config: &Config, text: &str) -> Result<Handle, CommandError> {
    let handle = operator::full_handle(text, &config.domains);
    handle.map_err(|error| not_a_handle(text, &error))
}

/// What is said of a text that is no handle.
pub(super) fn not_a_handle(text: &str, error: &HandleError) -> CommandError {
    CommandError::Other(format!("{text:?} is not a user handle: {error}"))
}

/// The full path of a folder, as far as it can be had.
fn full(folder: &Path) -> String {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()).display().to_string()
}

pub(super) fn friendly_name(text: &str) -> Result<FriendlyName, CommandError> {
    FriendlyName::new_visible(text)
        .map_err(|error| CommandError::Other(format!("{text:?} is not a friendly name: {error}")))
}

/// The account that is meant, which there must be, and which is not the greeter's.
pub(super) async fn find_persons(
    control: &Control,
    text: &str,
) -> Result<(AccountId, Handle), CommandError> {
    let (account, handle) = find(control, text)?;
    match greeter::find(&control.node).await {
        Ok(Some(greeter)) if greeter.account == account => Err(of_greeter(&handle)),
        Ok(_) | Err(_) => Ok((account, handle)),
    }
}

/// What is said of the greeter's account.
pub(super) fn of_greeter(handle: &Handle) -> CommandError {
    CommandError::Other(format!(
        "{handle} is the server's own greeter: `greeter` in the configuration says what he is called, \
         and whether there is one"
    ))
}

/// The account that is meant, which there must be.
pub(super) fn find(control: &Control, text: &str) -> Result<(AccountId, Handle), CommandError> {
    let handle = full_handle(control, text)?;
    let account = control.node.directory.find(&handle);
    let account = account.ok_or_else(|| no_account(&handle))?;
    Ok((account, handle))
}

fn no_account(handle: &Handle) -> CommandError {
    CommandError::Other(format!("there is no account {handle}"))
}
