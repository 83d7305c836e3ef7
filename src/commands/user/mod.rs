//! `msnpd user`: accounts. One subcommand, one file: `run` is what the program of the command does,
//! `serve` what the server does.

pub(super) mod add;
pub(super) mod disable;
pub(super) mod enable;
pub(super) mod list;
pub(super) mod passwd;
pub(super) mod remove;
pub(super) mod rename;

use super::absolute_path;
use crate::cli::UserCommand;
use crate::config::{Config, Loaded};
use crate::control::Control;
use crate::error::CommandError;
use crate::text::invalid_sign_in_name;
use actors::port::store::AccountId;
use actors::{greeter, operator};
use msnp::{FriendlyName, Handle, HandleError};
use std::path::Path;

/// Runs a subcommand.
pub(crate) async fn run(command: &UserCommand, loaded: &Loaded) -> Result<(), CommandError> {
    match command {
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

/// Parses a handle. If it has no domain, the first configured one is appended.
pub(super) fn full_handle(control: &Control, text: &str) -> Result<Handle, CommandError> {
    parse_handle(&control.loaded.borrow().config, text)
}

/// Like [`full_handle`], for code without a [`Control`].
fn parse_handle(config: &Config, text: &str) -> Result<Handle, CommandError> {
    let handle = operator::full_handle(text, &config.domains);
    handle.map_err(|error| invalid_handle_error(text, &error))
}

/// Returns the error for a text that is not a handle.
pub(super) fn invalid_handle_error(text: &str, error: &HandleError) -> CommandError {
    CommandError::Other(invalid_sign_in_name(text, error))
}

pub(super) fn friendly_name(text: &str) -> Result<FriendlyName, CommandError> {
    FriendlyName::new_visible(text)
        .map_err(|error| CommandError::Other(format!("{text:?} is not a friendly name: {error}")))
}

/// Finds the account of a user. Refuses Greeter's account.
pub(super) async fn find_user(
    control: &Control,
    text: &str,
) -> Result<(AccountId, Handle), CommandError> {
    let (account, handle) = find(control, text).await?;
    match greeter::find(&control.node).await {
        Ok(Some(greeter)) if greeter.account == account => Err(greeter_account_error(&handle)),
        // If it is unknown which account is Greeter's, the command goes on.
        Ok(_) | Err(_) => Ok((account, handle)),
    }
}

/// Returns the error for Greeter's account.
pub(super) fn greeter_account_error(handle: &Handle) -> CommandError {
    CommandError::Other(format!(
        "{handle} is Greeter, the built-in contact: change or remove it with `greeter` in the \
         configuration"
    ))
}

/// Finds an account by its handle, which may be without a domain.
pub(super) async fn find(
    control: &Control,
    text: &str,
) -> Result<(AccountId, Handle), CommandError> {
    let handle = full_handle(control, text)?;
    let found = operator::find(&control.node, &handle).await?;
    let account_ref = found.ok_or_else(|| no_account_error(&control.data(), &handle))?;
    Ok((account_ref.account, handle))
}

/// Returns the error for an account that does not exist. The message names the data folder: the operator may
/// have meant another one.
fn no_account_error(data: &Path, handle: &Handle) -> CommandError {
    let folder = absolute_path(data);
    let hint = match data.exists() {
        true => ": `msnpd user list` shows all accounts",
        false => ", which does not exist: name another folder with --data",
    };
    CommandError::Other(format!("no account {handle} in the data folder {folder}{hint}"))
}
