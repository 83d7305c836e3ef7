use super::find_user;
use crate::commands;
use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::error::CommandError;
use actors::operator;

/// `user remove`: removes an account, also from the lists of other users.
pub(super) async fn run(loaded: &Loaded, handle: &str) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Accounts).await?;
    let request = Request::UserRemove { handle: handle.to_owned() };
    commands::print_answer(&client.ask(&request).await?);
    Ok(())
}

/// Removes the account; its connections end.
pub(in crate::commands) async fn serve(
    control: &Control,
    handle: &str,
) -> Result<Answer, CommandError> {
    let _one_at_a_time = control.changes_lock.lock().await;
    let (account, handle) = find_user(control, handle).await?;
    operator::remove(control.node.clone(), account).await?;
    log::info!("account {handle} removed");
    Ok(Answer::Words(format!("{handle} is removed, also from the lists of other users")))
}
