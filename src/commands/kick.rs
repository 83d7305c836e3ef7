use super::user::find;
use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::error::CommandError;
use actors::EndReason;

/// `kick`: ends the connections of a user.
pub(super) async fn run(loaded: &Loaded, handle: &str) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    super::print_answer(&client.ask(&Request::Kick { handle: handle.to_owned() }).await?);
    Ok(())
}

/// Ends the user's connections. The user can sign in again.
pub(super) async fn serve(control: &Control, handle: &str) -> Result<Answer, CommandError> {
    let (account, handle) = find(control, handle).await?;
    match control.node.connections.end(account, EndReason::Kicked) {
        0 => Err(CommandError::Other(format!("{handle} is not signed in"))),
        count => {
            let s = super::plural(count);
            Ok(Answer::Words(format!("{handle} is signed off ({count} connection{s} closed)")))
        }
    }
}
