use super::account_file;
use super::file::Target;
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::control::{Channel, Control, pipe};
use crate::error::CommandError;
use actors::message::Export;
use actors::port::ExportPart;
use actors::stats::AccountCount;
use ipnet::IpNet;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// The time limit of a whole export. After a failure of the disk, the server opens the store again only when
/// no export reads it, so a slow client must not delay this for long.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// The number of bytes that are sent at once.
const PIECE_SIZE: usize = 64 * 1024;

/// How many accounts can wait to be written as text.
const MAX_WAITING: usize = 16;

/// `export`: writes all accounts as text.
pub(super) async fn run(
    loaded: &Loaded,
    path: &Path,
    with_passwords: bool,
) -> Result<(), CommandError> {
    let mut target = Target::new(path)?;
    let mut client = Client::connect(loaded, Needs::Store).await?;
    let request = Request::Export { with_passwords };
    let answer = client.ask_for_file(&request, &mut |bytes| target.write(bytes)).await?;
    target.finish()?;
    super::print_answer(&answer);
    Ok(())
}

/// Sends all accounts as they are at one moment. Changes are possible meanwhile, and are not in the file.
pub(super) async fn serve(
    control: &Control,
    with_passwords: bool,
    channel: &mut Channel,
) -> Result<Answer, CommandError> {
    // An export has the denied networks too, so that an import restores them.
    let denied_networks = control.node.exclusions.denied();
    let (sender, parts) = sync_channel(MAX_WAITING);
    // `false` ends the export: the writing thread has stopped.
    let visit = Box::new(move |part| sender.send(part).is_ok());
    let export = Export { passwords: with_passwords, visit };
    let exported = control.node.accounts.send(export);
    let (writer, mut pieces) = pipe::writer();
    let writing = spawn_blocking(move || {
        let to = &mut BufWriter::with_capacity(PIECE_SIZE, writer);
        write(to, &parts, &denied_networks, with_passwords)
    });
    // If the client is gone or too slow, this future ends and drops `pieces`: then the writing thread gets an
    // error.
    let sending = async move {
        while let Some(piece) = pieces.recv().await {
            channel.send_chunks(&piece).await?;
        }
        Ok::<(), CommandError>(())
    };
    let (exported, written, sent) =
        tokio::join!(exported, writing, timeout(EXPORT_TIMEOUT, sending));
    sent.map_err(|_| {
        CommandError::Other("the export took too long: the receiver reads too slowly".to_owned())
    })??;
    exported??;
    let count = written.map_err(|error| {
        CommandError::Other(format!("an internal part of the server failed: {error}"))
    })??;
    // The export includes the account of Greeter, the built-in contact, but the message does not count it.
    let AccountCount { greeter: has_greeter, .. } = AccountCount::of(&control.node).await?;
    let accounts = AccountCount::new(count, has_greeter);
    let passwords = if with_passwords { "with their passwords" } else { "without passwords" };
    log::info!("{accounts} exported, {passwords}");
    Ok(Answer::Words(format!("{accounts} exported, {passwords}")))
}

/// Writes the parts of an export as text. Returns the number of accounts.
fn write(
    to: &mut dyn Write,
    parts: &Receiver<ExportPart>,
    denied: &[IpNet],
    with_passwords: bool,
) -> Result<usize, CommandError> {
    let Ok(ExportPart::Summary { accounts: count, has_disabled }) = parts.recv() else {
        // The store failed, and reports it itself.
        return Ok(0);
    };
    let each = parts.iter().filter_map(|part| match part {
        ExportPart::Account(account) => Some(*account),
        ExportPart::Summary { .. } => None,
    });
    let accounts = account_file::Accounts { count, has_disabled, each };
    account_file::write(to, accounts, denied, with_passwords)?;
    Ok(count)
}
