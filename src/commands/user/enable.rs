use super::find_user;
use crate::commands;
use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::error::CommandError;
use actors::operator;

/// `user enable`: a disabled account can sign in again.
pub(super) async fn run(loaded: &Loaded, handle: &str) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Accounts).await?;
    let request = Request::UserEnable { handle: handle.to_owned() };
    commands::print_answer(&client.ask(&request).await?);
    Ok(())
}

/// Enables the account.
pub(in crate::commands) async fn serve(
    control: &Control,
    handle: &str,
) -> Result<Answer, CommandError> {
    let _one_at_a_time = control.changes_lock.lock().await;
    let (account, handle) = find_user(control, handle).await?;
    if operator::enable(control.node.clone(), account).await? {
        log::info!("account {handle} enabled");
        Ok(Answer::Words(format!("{handle} is enabled: it can sign in with its password")))
    } else {
        Ok(Answer::Words(format!("{handle} is not disabled")))
    }
}
