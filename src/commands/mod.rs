//! The commands, one file each: what the program of the command asks and prints (`run`), and what
//! the server does (`serve`).

mod account_file;
mod backup;
mod broadcast;
pub(crate) mod check;
mod client;
pub(crate) mod config;
mod deny;
mod export;
mod file;
mod import;
pub(crate) mod init;
mod kick;
pub(crate) mod passwd_admin;
pub(crate) mod reload;
mod restore;
mod selftest;
mod status;
mod stop;
mod trace;
mod user;
mod verify;

use crate::cli::Command;
use crate::config::Loaded;
use crate::control::wire::{Answer, MAX_MINUTES, Reply, Request};
use crate::control::{Channel, Control};
use crate::error::CommandError;
use crate::stderr;
use crate::stdout::{print, print_json};
use crate::text::plural;
use actix_rt::signal::unix::{SignalKind, signal};
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::timeout;

/// The prefix of the names of files that a command has not finished writing.
const UNFINISHED_PREFIX: &str = ".msnpd-";

/// How long the server waits for the next piece of a file.
const PIECE_TIMEOUT: Duration = Duration::from_secs(60);

/// The size limit of a file that a command sends to the server, in bytes.
const MAX_FILE_SIZE: usize = 1024 * 1024 * 1024;

/// Runs a command that needs a server or the data folder. After a signal, it returns instead of
/// being killed, so that the unfinished files of the command are removed.
pub(crate) async fn run(command: &Command, loaded: &Loaded) -> Result<(), CommandError> {
    let listen = |kind| {
        signal(kind).map_err(|error| CommandError::Other(format!("cannot handle signals: {error}")))
    };
    let mut interrupted = listen(SignalKind::interrupt())?;
    let mut terminated = listen(SignalKind::terminate())?;
    if let Command::Selftest(arguments) = command {
        let interruption = async {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
        };
        return selftest::run(loaded, arguments, interruption).await;
    }
    tokio::select! {
        result = run_command(command, loaded) => result,
        _ = interrupted.recv() => match command {
            // This is the normal end of a trace.
            Command::Trace { .. } => Ok(()),
            _ => Err(CommandError::Interrupted),
        },
        _ = terminated.recv() => Err(CommandError::Interrupted),
    }
}

async fn run_command(command: &Command, loaded: &Loaded) -> Result<(), CommandError> {
    match command {
        // These never get here: `lib.rs` runs them, and `run` above runs the self-test.
        Command::Run { .. }
        | Command::Init
        | Command::Check { .. }
        | Command::Config(_)
        | Command::PasswdAdmin { .. }
        | Command::Selftest(_) => Ok(()),
        Command::Client(command) => client::run(command, loaded),
        Command::User(command) => user::run(command, loaded).await,
        Command::Status { json } => status::run(loaded, *json).await,
        Command::Kick { handle } => kick::run(loaded, &handle.handle).await,
        Command::Deny { network, remove } => {
            deny::run(loaded, network.as_deref(), remove.as_deref()).await
        }
        Command::Broadcast { minutes, text } => broadcast::run(loaded, *minutes, text).await,
        Command::Stop { minutes, cancel } => stop::run(loaded, *minutes, *cancel).await,
        Command::Reload => reload::run(loaded).await,
        Command::Trace { handle } => trace::run(loaded, &handle.handle).await,
        Command::Verify { json } => verify::run(loaded, *json).await,
        Command::Backup { file, with_key } => backup::run(loaded, file, *with_key).await,
        Command::Restore { file } => restore::run(loaded, file).await,
        Command::Export { file, with_passwords } => {
            export::run(loaded, file, *with_passwords).await
        }
        Command::Import { file, any_domain, any_handle, format } => {
            import::run(loaded, file, *any_domain, *any_handle, format.map(Into::into)).await
        }
    }
}

/// Handles a request of a command, in the server.
pub(crate) async fn serve(
    control: &Control,
    request: Request,
    channel: &mut Channel,
) -> Result<Answer, CommandError> {
    match request {
        Request::UserAdd { handle, name, password } => {
            user::add::serve(control, &handle, name.as_deref(), password.as_ref()).await
        }
        Request::UserPasswd { handle, password, keep_sessions } => {
            user::passwd::serve(control, &handle, password.as_ref(), keep_sessions).await
        }
        Request::UserDisable { handle, reason } => {
            user::disable::serve(control, &handle, reason.as_deref()).await
        }
        Request::UserEnable { handle } => user::enable::serve(control, &handle).await,
        Request::UserRename { handle, name } => user::rename::serve(control, &handle, &name).await,
        Request::UserRemove { handle } => user::remove::serve(control, &handle).await,
        Request::UserList => user::list::serve(control).await,
        Request::Status => status::serve(control).await,
        Request::Kick { handle } => kick::serve(control, &handle).await,
        Request::Deny { network } => deny::serve(control, &network).await,
        Request::DenyRemove { network } => deny::serve_remove(control, &network).await,
        Request::DenyList => Ok(deny::serve_list(control)),
        Request::Broadcast { minutes, text } => broadcast::serve(control, minutes, &text).await,
        Request::Stop { minutes } => stop::serve(control, minutes).await,
        Request::CancelStop => stop::cancel(control),
        Request::Reload => reload::serve(control),
        Request::Trace { handle, without_time } => {
            trace::serve(control, &handle, without_time, channel).await
        }
        Request::Selftest => selftest::serve(control, channel).await,
        Request::Verify => verify::serve(control).await,
        Request::Backup { with_key } => backup::serve(control, with_key, channel).await,
        Request::Restore => restore::serve(control, channel).await,
        Request::Export { with_passwords } => export::serve(control, with_passwords, channel).await,
        Request::Import { any_domain, any_handle, format } => {
            import::serve(control, any_domain, any_handle, format, channel).await
        }
    }
}

/// Removes files that a killed command left in the data folder.
pub(crate) fn remove_leftovers(data: &Path) {
    let Ok(entries) = std::fs::read_dir(data) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED_PREFIX) {
            // The next start tries again.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Prints the message of an answer, if it has one, to standard error.
fn print_answer(answer: &Answer) {
    if let Answer::Words(message) = answer
        && !message.is_empty()
    {
        stderr::line(message);
    }
}

/// Returns the absolute path of a folder, if possible.
pub(crate) fn absolute_path(folder: &Path) -> String {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()).display().to_string()
}

/// Returns the number of connections that ended, as the end of a message.
fn connections_closed(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => ". 1 connection was closed".to_owned(),
        count => format!(". {count} connections were closed"),
    }
}

/// Refuses a time too far in the future.
fn check_minutes(minutes: u32) -> Result<(), CommandError> {
    if minutes > MAX_MINUTES {
        return Err(CommandError::Other(format!(
            "too many minutes: at most {MAX_MINUTES}, which is a week"
        )));
    }
    Ok(())
}

fn minutes_text(minutes: u32) -> String {
    let s = if minutes == 1 { "" } else { "s" };
    format!("{minutes} minute{s}")
}

/// Sends a line for the command to print.
async fn send_line(channel: &mut Channel, line: String) -> Result<(), CommandError> {
    Ok(channel.send(&Reply::Line(line)).await?)
}

/// Receives a file that a command sends to the server, and passes its pieces on to `to`. If the
/// receiver of the pieces has stopped, the rest of the file is still read: the command reads the
/// reason only after it has sent the whole file.
async fn receive(channel: &mut Channel, to: Sender<Vec<u8>>) -> Result<(), CommandError> {
    let mut total = 0usize;
    while let Some(piece) = next_piece(channel, &mut total, MAX_FILE_SIZE).await? {
        // The receiver may have stopped.
        let _ = to.send(piece).await;
    }
    // An empty piece marks the end. If the connection was lost, none is sent.
    let _ = to.send(Vec::new()).await;
    Ok(())
}

/// Returns the next piece of a file, and adds its length to `total`. `None` after the last piece.
async fn next_piece(
    channel: &mut Channel,
    total: &mut usize,
    max: usize,
) -> Result<Option<Vec<u8>>, CommandError> {
    let timed_out = |_| CommandError::Other("timed out waiting for the file".to_owned());
    let piece = timeout(PIECE_TIMEOUT, channel.read_content()).await.map_err(timed_out)?;
    let piece = piece?;
    *total = total.saturating_add(piece.as_ref().map_or(0, Vec::len));
    if *total > max {
        return Err(CommandError::Other("the file is too large".to_owned()));
    }
    Ok(piece)
}
