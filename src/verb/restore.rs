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
use tokio::task::spawn_blocking;

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
    let _one_at_a_time = control.archive.lock().await;
    // Nobody can sign in while the store reads the file, which may come slowly.
    let file = spool(control, channel).await?;
    let before = control.node.directory.len();
    if before > 0 {
        keep(control).await?;
    }
    let from = file.reopen().map_err(|error| Failure::file(file.path(), &error))?;
    let restored = operator::restore(control.node.clone(), Box::new(from)).await?;
    let accounts = restored.accounts;
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

/// Puts the backup that comes into a file of the data folder, which goes when it is dropped.
async fn spool(control: &Control, channel: &mut Channel) -> Result<NamedTempFile, Failure> {
    let data = control.data();
    let (sender, mut inlet) = pipe::inlet();
    let writing = spawn_blocking(move || {
        let mut file =
            NamedTempFile::new_in(&data).map_err(|error| Failure::file(&data, &error))?;
        match std::io::copy(&mut inlet, &mut file) {
            Ok(_) => Ok(file),
            Err(error) => Err(Failure::file(file.path(), &error)),
        }
    });
    let (written, received) = tokio::join!(writing, super::receive(channel, sender));
    received?;
    written.map_err(|error| Failure::Other(format!("a part of the server failed: {error}")))?
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
