use super::file::Target;
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::control::{Channel, Control, pipe};
use crate::error::CommandError;
use actors::message::Backup;
use actors::stats::AccountCount;
use std::io::BufWriter;
use std::path::Path;
use std::time::Duration;
use tokio::time::timeout;

/// The time limit of a whole backup. After a failure of the disk, the server opens the store again
/// only when no backup reads it, so a slow client must not delay this for long.
const BACKUP_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// The number of bytes that are sent at once.
const PIECE_SIZE: usize = 64 * 1024;

/// `backup`: writes everything into one file.
pub(super) async fn run(loaded: &Loaded, path: &Path, with_key: bool) -> Result<(), CommandError> {
    let mut target = Target::new(path)?;
    let mut client = Client::connect(loaded, Needs::Store).await?;
    let request = Request::Backup { with_key };
    let answer = client.ask_for_file(&request, &mut |bytes| target.write(bytes)).await?;
    target.finish()?;
    super::print_answer(&answer);
    Ok(())
}

/// Sends the store as it is at one moment. Changes are possible meanwhile, and are not in the backup.
pub(super) async fn serve(
    control: &Control,
    with_key: bool,
    channel: &mut Channel,
) -> Result<Answer, CommandError> {
    let _one_at_a_time = control.archive_lock.lock().await;
    let (writer, mut pieces) = pipe::writer();
    let to = Box::new(BufWriter::with_capacity(PIECE_SIZE, writer));
    let writing = control.node.accounts.send(Backup { with_key, to });
    // If the client is gone or too slow, this future ends and drops `pieces`: then the writing thread gets an
    // error.
    let sending = async move {
        while let Some(piece) = pieces.recv().await {
            channel.send_chunks(&piece).await?;
        }
        Ok::<(), CommandError>(())
    };
    let (written, sent) = tokio::join!(writing, timeout(BACKUP_TIMEOUT, sending));
    sent.map_err(|_| {
        CommandError::Other("the backup took too long: the receiver reads too slowly".to_owned())
    })??;
    written??;
    let accounts = AccountCount::of(&control.node).await?;
    let advice = if with_key {
        "all passwords can be read from it: keep it as safe as the key".to_owned()
    } else {
        format!(
            "it does not include the key, which a restore on another machine needs: copy {} too, or use \
             --with-key",
            control.data().join("msnpd.key").display()
        )
    };
    log::info!("backup of {accounts} created");
    Ok(Answer::Words(format!("the backup of {accounts} is complete; {advice}")))
}
