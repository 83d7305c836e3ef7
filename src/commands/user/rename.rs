use super::{find_user, friendly_name};
use crate::commands;
use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::error::CommandError;
use actors::message::EditError;
use actors::operator;

/// `user rename`: changes a friendly name.
pub(super) async fn run(loaded: &Loaded, handle: &str, name: &str) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Accounts).await?;
    let request = Request::UserRename { handle: handle.to_owned(), name: name.to_owned() };
    commands::print_answer(&client.ask(&request).await?);
    Ok(())
}

/// Changes the friendly name; users who see the account are notified.
pub(in crate::commands) async fn serve(
    control: &Control,
    handle: &str,
    name: &str,
) -> Result<Answer, CommandError> {
    let _one_at_a_time = control.changes_lock.lock().await;
    let (account, handle) = find_user(control, handle).await?;
    let name = friendly_name(name)?;
    match operator::rename(control.node.clone(), account, name.clone()).await {
        Ok(()) => Ok(Answer::Words(format!("{handle} is now called {name}"))),
        Err(EditError::Refused(code)) => {
            Err(CommandError::Other(format!("the name was refused with error {}", code.number())))
        }
        Err(EditError::Store(error)) => Err(error.into()),
    }
}
