use super::file::Target;
use super::portrait;
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::control::{Channel, Control};
use crate::failure::Failure;
use actors::message::Export;
use std::path::Path;

/// `export`: writes all accounts as text.
pub(super) async fn run(loaded: &Loaded, path: &Path, with_passwords: bool) -> Result<(), Failure> {
    let mut target = Target::new(path)?;
    let mut client = Client::connect(loaded, Needs::Store).await?;
    let request = Request::Export { with_passwords };
    let answer = client.ask_for(&request, &mut |bytes| target.write(bytes)).await?;
    target.finish()?;
    super::say(&answer);
    Ok(())
}

/// Sends them.
pub(super) async fn serve(
    control: &Control,
    with_passwords: bool,
    channel: &mut Channel,
) -> Result<Answer, Failure> {
    let portraits = control.node.accounts.send(Export { passwords: with_passwords }).await??;
    let text = portrait::write(&portraits, with_passwords)?;
    channel.send_chunks(text.as_bytes()).await?;
    let count = portraits.len();
    let s = super::plural(count);
    let words = if with_passwords { "with their passwords" } else { "without passwords" };
    log::info!("{count} account{s} exported {words}");
    Ok(Answer::Words(format!("{count} account{s} exported, {words}")))
}
