//! What an operator can ask for. One verb, one file: what his side asks and shows, and what the
//! server does.

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
use actix_rt::signal::unix::{SignalKind, signal};
use serde::Serialize;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::timeout;

/// How unfinished files are called at first.
const UNFINISHED: &str = ".msnpd-";

/// How long the next piece of a file may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many bytes a file has at most that a client sends.
const LONGEST_FILE: usize = 1024 * 1024 * 1024;

/// Carries out a verb that is asked of a server, or of the data. If the operator breaks it off, it
/// cleans up.
pub(crate) async fn run(verb: &Command, loaded: &Loaded) -> Result<(), CommandError> {
    let listen = |kind| {
        signal(kind)
            .map_err(|error| CommandError::Other(format!("cannot listen for signals: {error}")))
    };
    let mut interrupted = listen(SignalKind::interrupt())?;
    let mut terminated = listen(SignalKind::terminate())?;
    if let Command::Selftest(arguments) = verb {
        let broken_off = async {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
        };
        return selftest::run(loaded, arguments, broken_off).await;
    }
    tokio::select! {
        done = dispatch(verb, loaded) => done,
        _ = interrupted.recv() => match verb {
            // It is how a trace ends.
            Command::Trace { .. } => Ok(()),
            _ => Err(CommandError::Interrupted),
        },
        _ = terminated.recv() => Err(CommandError::Interrupted),
    }
}

async fn dispatch(verb: &Command, loaded: &Loaded) -> Result<(), CommandError> {
    match verb {
        // They are carried out before this.
        Command::Run { .. }
        | Command::Init
        | Command::Check { .. }
        | Command::Config(_)
        | Command::PasswdAdmin { .. }
        | Command::Selftest(_) => Ok(()),
        Command::Client(verb) => client::run(verb, loaded),
        Command::User(verb) => user::run(verb, loaded).await,
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

/// Does what an operator asks.
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
        Request::UserList => Ok(user::list::serve(control).await),
        Request::Status => status::serve(control).await,
        Request::Kick { handle } => kick::serve(control, &handle),
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

/// Removes what a verb left in the data folder that was killed.
pub(crate) fn remove_leftovers(data: &Path) {
    let Ok(entries) = std::fs::read_dir(data) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            // It will be tried again.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Says what was done.
fn say(answer: &Answer) {
    if let Answer::Words(words) = answer
        && !words.is_empty()
    {
        stderr::line(words);
    }
}

/// Writes to standard output. Whoever reads it may have read enough.
pub(crate) fn print(text: &str) -> Result<(), CommandError> {
    print_on(text).map(drop)
}

/// The same; whether somebody still reads.
pub(crate) fn print_on(text: &str) -> Result<bool, CommandError> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(CommandError::Other(format!("cannot write to standard output: {error}"))),
    }
}

/// Writes JSON for scripts to standard output.
fn print_json(value: &impl Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(value);
    print(&format!("{}\n", text.map_err(|error| CommandError::Other(error.to_string()))?))
}

/// The plural's ending.
pub(crate) fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// How many connections ended, at the end of a sentence.
fn ended(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => ". 1 connection was ended".to_owned(),
        count => format!(". {count} connections were ended"),
    }
}

/// Refuses what is too far ahead.
fn in_time(minutes: u32) -> Result<(), CommandError> {
    if minutes > MAX_MINUTES {
        return Err(CommandError::Other(format!(
            "it is at most {MAX_MINUTES} minutes ahead, a week"
        )));
    }
    Ok(())
}

fn in_minutes(minutes: u32) -> String {
    let s = if minutes == 1 { "" } else { "s" };
    format!("{minutes} minute{s}")
}

/// Shows the operator a line.
async fn show(channel: &mut Channel, line: String) -> Result<(), CommandError> {
    Ok(channel.send(&Reply::Line(line)).await?)
}

/// Hands a file that a client sends to whoever reads it, to its end: even if nobody reads on, so that
/// the client hears why.
async fn receive(channel: &mut Channel, to: Sender<Vec<u8>>) -> Result<(), CommandError> {
    let mut total = 0usize;
    while let Some(piece) = next(channel, &mut total, LONGEST_FILE).await? {
        // Whoever reads has seen enough.
        let _ = to.send(piece).await;
    }
    // The end, which is something else than a connection that is lost.
    let _ = to.send(Vec::new()).await;
    Ok(())
}

/// Takes a file in.
async fn receive_all(channel: &mut Channel, longest: usize) -> Result<Vec<u8>, CommandError> {
    let (mut total, mut all, mut is_whole) = (0, Vec::new(), true);
    while let Some(piece) = next(channel, &mut total, LONGEST_FILE).await? {
        is_whole = total <= longest;
        if is_whole {
            all.extend(piece);
        }
    }
    if !is_whole {
        return Err(CommandError::Other(format!("the file has more than {longest} bytes")));
    }
    Ok(all)
}

async fn next(
    channel: &mut Channel,
    total: &mut usize,
    longest: usize,
) -> Result<Option<Vec<u8>>, CommandError> {
    let late = |_| CommandError::Other("the file does not come".to_owned());
    let piece = timeout(PATIENCE, channel.read_content()).await.map_err(late)?;
    let piece = piece?;
    *total = total.saturating_add(piece.as_ref().map_or(0, Vec::len));
    if *total > longest {
        return Err(CommandError::Other("the file is too long".to_owned()));
    }
    Ok(piece)
}
