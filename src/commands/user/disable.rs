use super::find_user;
use crate::commands;
use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::error::CommandError;
use actors::operator;
use actors::port::{DisableReason, Disabled};

/// `user disable`: no one can sign in with the account until it is enabled.
pub(super) async fn run(
    loaded: &Loaded,
    handle: &str,
    reason: Option<&str>,
) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Accounts).await?;
    let reason = reason.map(str::to_owned);
    let request = Request::UserDisable { handle: handle.to_owned(), reason };
    commands::print_answer(&client.ask(&request).await?);
    Ok(())
}

/// Disables the account; its connections end.
pub(in crate::commands) async fn serve(
    control: &Control,
    handle: &str,
    reason: Option<&str>,
) -> Result<Answer, CommandError> {
    let _one_at_a_time = control.changes_lock.lock().await;
    let (account, handle) = find_user(control, handle).await?;
    let reason = reason.map(DisableReason::new).transpose();
    let reason = reason.map_err(|error| CommandError::Other(error.to_string()))?;
    // Without a new reason the earlier one stays.
    let earlier = || control.node.exclusions.disabled(account).and_then(|earlier| earlier.reason);
    let disabled = Disabled { reason: reason.or_else(earlier) };
    let count = operator::disable(control.node.clone(), account, disabled).await?;
    log::info!("account {handle} disabled");
    let ended = commands::connections_closed(count);
    Ok(Answer::Words(format!("{handle} is disabled: no one can sign in with it{ended}")))
}
