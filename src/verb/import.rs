use super::file::source;
use super::portrait;
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::control::{Channel, Control};
use crate::failure::Failure;
use actors::operator;
use msnp::Handle;
use std::path::Path;

/// How many bytes an export has at most that is imported.
const LONGEST: usize = 64 * 1024 * 1024;

/// `import`: makes the accounts of an export.
pub(super) async fn run(loaded: &Loaded, path: &Path) -> Result<(), Failure> {
    let mut file = source(path)?;
    let mut client = Client::connect(loaded, Needs::Folder).await?;
    let failed = |error| Failure::file(path, &error);
    super::say(&client.ask_with(&Request::Import, &mut file, failed).await?);
    Ok(())
}

/// Makes those that are missing, all or none.
pub(super) async fn serve(control: &Control, channel: &mut Channel) -> Result<Answer, Failure> {
    let text = super::receive_all(channel, LONGEST).await?;
    let text = String::from_utf8(text)
        .map_err(|_| Failure::Other("the file is no export: it is not text".to_owned()))?;
    let portraits = portrait::read(&text)?;
    let _one_at_a_time = control.changes.lock().await;
    let imported = operator::import(control.node.clone(), portraits).await?;
    for (handle, words) in [
        (&imported.skipped, "there was an account already, which stays as it is"),
        (&imported.made_up, "the file has no password: `user passwd` gives one"),
    ]
    .into_iter()
    .flat_map(|(handles, words)| handles.iter().map(move |handle: &Handle| (handle, words)))
    {
        super::show(channel, format!("{handle}: {words}")).await?;
    }
    for (owner, contact) in &imported.left_out {
        super::show(channel, format!("{owner}: {contact} is left out of a list")).await?;
    }
    let count = imported.created.len();
    let s = super::plural(count);
    log::info!("{count} account{s} imported");
    Ok(Answer::Words(format!("{count} account{s} imported")))
}
