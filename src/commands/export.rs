use super::account_file;
use super::file::Target;
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::control::{Channel, Control};
use crate::error::CommandError;
use actors::message::Export;
use actors::stats::AccountCount;
use std::path::Path;
use tokio::task::spawn_blocking;

/// `export`: writes all accounts as text.
pub(super) async fn run(
    loaded: &Loaded,
    path: &Path,
    with_passwords: bool,
) -> Result<(), CommandError> {
    let mut target = Target::new(path)?;
    let mut client = Client::connect(loaded, Needs::Store).await?;
    let request = Request::Export { with_passwords };
    let answer = client.ask_for(&request, &mut |bytes| target.write(bytes)).await?;
    target.finish()?;
    super::print_answer(&answer);
    Ok(())
}

/// Sends the accounts.
pub(super) async fn serve(
    control: &Control,
    with_passwords: bool,
    channel: &mut Channel,
) -> Result<Answer, CommandError> {
    let exports = control.node.accounts.send(Export { passwords: with_passwords }).await??;
    let denied = control.node.exclusions.denied();
    let AccountCount { greeter, .. } = AccountCount::of(&control.node).await;
    let accounts = AccountCount::among(exports.len(), greeter);
    // There may be many; this thread must keep serving clients.
    let text = spawn_blocking(move || account_file::write(&exports, &denied, with_passwords)).await;
    let text = text.map_err(|error| {
        CommandError::Other(format!("an internal part of the server failed: {error}"))
    })??;
    channel.send_chunks(text.as_bytes()).await?;
    let words = if with_passwords { "with their passwords" } else { "without passwords" };
    log::info!("{accounts} exported, {words}");
    Ok(Answer::Words(format!("{accounts} exported, {words}")))
}
