use super::file::source;
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::control::{Channel, Control, pipe};
use crate::failure::Failure;
use actors::message::Backup;
use actors::operator;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use tempfile::NamedTempFile;

/// What was there before a restore is kept under this name in the data folder, sealed with the key
/// that stays there.
const BEFORE: &str = "before-restore.backup";

/// `restore`: puts a backup in the place of all accounts and lists.
pub(super) async fn run(loaded: &Loaded, path: &Path) -> Result<(), Failure> {
    let mut file = source(path)?;
    let mut client = Client::connect(loaded, Needs::Folder).await?;
    let failed = |error| Failure::file(path, &error);
    super::say(&client.ask_with(&Request::Restore, &mut file, failed).await?);
    Ok(())
}

/// Takes the backup in, whole or not at all. Everybody is signed off, since everything may be
/// different.
pub(super) async fn serve(control: &Control, channel: &mut Channel) -> Result<Answer, Failure> {
    let before = control.node.directory.len();
    if before > 0
        && let Err(failure) = keep(control).await
    {
        super::drain(channel).await;
        return Err(failure);
    }
    let (sender, inlet) = pipe::inlet();
    let restoring = operator::restore(control.node.clone(), Box::new(inlet));
    let (restored, received) = tokio::join!(restoring, super::receive(channel, sender));
    received?;
    let accounts = restored?.accounts;
    let s = super::plural(accounts);
    let kept = match before {
        0 => String::new(),
        before => {
            let s = super::plural(before);
            let place = control.data().join(BEFORE);
            format!("; what was here, {before} account{s}, is in {}", place.display())
        }
    };
    let words = format!("restored, {accounts} account{s}{kept}");
    log::info!("{words}");
    Ok(Answer::Words(words))
}

/// Keeps what there is: the backup may be the wrong one.
async fn keep(control: &Control) -> Result<(), Failure> {
    let place = control.data().join(BEFORE);
    let failed = |error: std::io::Error| Failure::file(&place, &error);
    let file = NamedTempFile::new_in(control.data()).map_err(failed)?;
    let writer: File = file.reopen().map_err(failed)?;
    let to = Box::new(BufWriter::new(writer));
    control.node.accounts.send(Backup { with_key: false, to }).await??;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&place).map_err(|error| failed(error.error))?;
    Ok(())
}
