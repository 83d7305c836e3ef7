//! Errors of commands, and their exit codes.

use crate::control::ChannelError;
use crate::hints::shell_word;
use actors::port::{ArchiveError, StoreError};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use store::owner;

/// A failed command: one sentence, with what to do next where that is known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error("{0}")]
    Other(String),
    #[error("the configuration {} cannot be read: {error}{}", file.display(), permission_advice(file, error))]
    Unreadable { file: PathBuf, error: std::io::Error },
    #[error("the configuration {} is not valid: {reason}", file.display())]
    Configuration {
        file: PathBuf,
        /// The place in the file, and the reason.
        reason: String,
    },
    /// A server, or the web pages, cannot listen.
    #[error("cannot listen on {address} ({server}): {error}{hint}")]
    Listen {
        address: SocketAddr,
        server: &'static str,
        error: std::io::Error,
        /// What to do about it: empty, or `; ` and the hint.
        hint: String,
    },
    /// The store cannot be used.
    #[error("{}{}", .0, store_advice(.0))]
    Store(#[from] StoreError),
    /// A backup failed, or a restore.
    #[error("{0}")]
    Archive(ArchiveError),
    /// `verify` found faults in the store.
    #[error(
        "the store has {0} {faults}: restore a backup with `msnpd restore FILE`, or use `msnpd \
         export` and then `msnpd import` into a new folder",
        faults = if *.0 == 1 { "fault" } else { "faults" }
    )]
    StoreFaults(usize),
    /// A file that the operator named cannot be read or written.
    #[error("{}: {error}", file.display())]
    File { file: PathBuf, error: String },
    /// There is no store.
    #[error("{}", no_store(.0))]
    NoStore(PathBuf),
    /// The data folder is a file.
    #[error("{} is a file, not a folder: name the data folder with --data", .0.display())]
    NotAFolder(PathBuf),
    /// A signal interrupted the command.
    #[error("interrupted")]
    Interrupted,
    /// No server is running on the data folder.
    #[error("{}", no_server(.0))]
    NoServer(PathBuf),
    /// The control socket cannot be used.
    #[error("cannot connect to {}: {error}; run this as the user that the server runs as, or as \
             root", socket.display())]
    Socket { socket: PathBuf, error: std::io::Error },
    /// The running server refused the request.
    #[error("{message}")]
    Refused { code: u8, message: String },
    /// `check` found problems.
    #[error("{count} problem{} found: each `wrong` line explains what to \
             do", crate::text::plural(*count))]
    ProblemsFound {
        count: usize,
        /// The exit code of the first problem.
        code: u8,
    },
}

impl From<ChannelError> for CommandError {
    fn from(error: ChannelError) -> CommandError {
        CommandError::Other(format!("lost the connection to the server: {error}"))
    }
}

impl From<ArchiveError> for CommandError {
    fn from(error: ArchiveError) -> CommandError {
        match error {
            ArchiveError::Store(error) => CommandError::Store(error),
            error => CommandError::Archive(error),
        }
    }
}

impl From<actix::MailboxError> for CommandError {
    fn from(error: actix::MailboxError) -> CommandError {
        CommandError::Other(format!("an internal part of the server failed: {error}"))
    }
}

/// The exit code of errors without a code of their own.
pub(crate) const OTHER: u8 = 1;
/// The exit code for wrong usage; the command line parser uses it.
pub(crate) const USAGE: u8 = 2;
/// The exit code for a configuration that is not valid.
pub(crate) const CONFIGURATION: u8 = 3;
/// The exit code for an address that is in use or not permitted.
pub(crate) const ADDRESS: u8 = 4;
/// The exit code for a store that no later try can open: it is damaged, of a later version, or its key
/// is missing.
pub(crate) const STORE: u8 = 5;
/// The exit code if no running server can be reached.
pub(crate) const SERVER: u8 = 6;
/// The exit code for a store that a later try may open: another process has it open, its disk is full or
/// missing, or this process may not use it. systemd restarts a service that ends with this code.
pub(crate) const STORE_UNAVAILABLE: u8 = 7;
/// The exit code of an interrupted command, as shells use it for SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;

impl CommandError {
    /// Returns the error for a file that cannot be read or written, and that the operator named.
    pub(crate) fn file(file: &Path, error: &std::io::Error) -> CommandError {
        CommandError::File { file: file.to_owned(), error: error.to_string() }
    }

    /// Returns the error for a reply that does not fit the request: the server has another version.
    pub(crate) fn unexpected() -> CommandError {
        CommandError::Other("the running server has another version: restart it".to_owned())
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            CommandError::Other(_)
            | CommandError::Archive(_)
            | CommandError::File { .. }
            | CommandError::Store(StoreError::NoSuchAccount) => OTHER,
            CommandError::Configuration { .. } | CommandError::Unreadable { .. } => CONFIGURATION,
            CommandError::Listen { .. } => ADDRESS,
            CommandError::Store(
                StoreError::Locked(_) | StoreError::Unwritable(..) | StoreError::Io(..),
            ) => STORE_UNAVAILABLE,
            CommandError::Store(_)
            | CommandError::StoreFaults(_)
            | CommandError::NoStore(_)
            | CommandError::NotAFolder(_) => STORE,
            CommandError::Interrupted => INTERRUPTED,
            CommandError::NoServer(_) | CommandError::Socket { .. } => SERVER,
            CommandError::Refused { code, .. } | CommandError::ProblemsFound { code, .. } => *code,
        }
    }
}

/// Returns the message for a data folder without a store.
fn no_store(data: &Path) -> String {
    let data_shown = data.display();
    if data.exists() {
        return format!("no store (msnpd.redb) in {data_shown}: name the data folder with --data");
    }
    format!(
        "the data folder {data_shown} does not exist: name the right one with --data, or create \
         it with `msnpd init --data {}`",
        shell_word(data)
    )
}

/// Returns the message for a data folder that no server uses.
fn no_server(data: &Path) -> String {
    let full = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let shown = full.display();
    let missing = if full.exists() { "" } else { ", which does not exist" };
    format!(
        "no server is using the data folder {shown}{missing}: start one with `msnpd run --data \
         {}`, or name another folder with --data",
        shell_word(&full)
    )
}

/// Returns who may read a file, as the end of a message; empty if the error is not about permissions.
fn permission_advice(file: &Path, error: &std::io::Error) -> String {
    if error.kind() != ErrorKind::PermissionDenied {
        return String::new();
    }
    if file.is_relative() && is_search_denied(Path::new(".")) {
        return format!(
            "; {} may not read the current folder, so its contents are unknown: run `cd /` first",
            owner::name(owner::current_user())
        );
    }
    format!("; run this as {}", owner_or_root(file))
}

/// Whether this process may not even search a folder. `sudo -u` and `su` keep the current folder, which
/// may be private to another user.
fn is_search_denied(folder: &Path) -> bool {
    let inside = folder.join(".").metadata();
    inside.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// Names the users who may read a file: its owner and root. If the file cannot be seen, the owner of the
/// nearest visible folder above counts.
pub(crate) fn owner_or_root(file: &Path) -> String {
    match std::path::absolute(file).unwrap_or_default().ancestors().find_map(owner::owner_of) {
        Some(user) if user != 0 => format!("{} or root", owner::name(user)),
        Some(_) | None => "root".to_owned(),
    }
}

/// Returns what to do about a store that cannot be used, as a sentence; empty if nothing is known.
pub(crate) fn store_fix(error: &StoreError) -> &'static str {
    store_advice(error).trim_start_matches([';', ' '])
}

/// Returns what to do about an error of the disk or the file system, as a sentence; empty if nothing is
/// known.
pub(crate) fn disk_fix(kind: Option<ErrorKind>) -> &'static str {
    disk_advice(kind).trim_start_matches([';', ' '])
}

/// Returns what to do about a store that cannot be used, as the end of a message.
fn store_advice(error: &StoreError) -> &'static str {
    match error {
        // The message of this error ends with the question whether the server is running.
        StoreError::Locked(_) => " Stop it first",
        StoreError::Damaged(..) => "; restore a backup with `msnpd restore FILE`",
        StoreError::KeyMissing(_) => {
            "; put your copy of it back, or restore a backup that includes the key (made with \
             `msnpd backup --with-key`) with `msnpd restore FILE`"
        }
        StoreError::KeyWrong(_) => {
            "; put your copy of the right key back (first keep a copy of the present msnpd.key and \
             msnpd.redb), or restore a backup that includes the key (made with `msnpd backup \
             --with-key`) with `msnpd restore FILE`"
        }
        StoreError::Newer(_) => "; install that version",
        StoreError::Unwritable(_, why) | StoreError::Io(_, why) => disk_advice(why.kind),
        StoreError::NoMoreIds(_) => {
            "; use `msnpd export` and then `msnpd import` into a new folder"
        }
        StoreError::Conflict(_) | StoreError::NoSuchAccount | StoreError::UnknownProof => "",
    }
}

/// Returns what to do about an error of the disk or the file system, as the end of a message.
fn disk_advice(kind: Option<ErrorKind>) -> &'static str {
    match kind {
        Some(ErrorKind::ReadOnlyFilesystem) => {
            "; the file system is read-only: see `dmesg` for the reason, check it with `fsck`, \
             and mount it for writing again"
        }
        Some(ErrorKind::StorageFull | ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded) => {
            "; the disk is full: free some space"
        }
        Some(ErrorKind::PermissionDenied) => {
            "; run this as the owner of the data folder, or as root"
        }
        Some(ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            "; check that the folder exists, or name another one with --data"
        }
        Some(_) => "; the disk may be failing: see `dmesg`",
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(error: StoreError) -> u8 {
        CommandError::from(error).exit_code()
    }

    #[test]
    fn a_store_error_has_exit_code_7_if_a_later_try_may_work_else_5() {
        let file = || "msnpd.redb".to_owned();
        for error in [StoreError::Locked(file()), StoreError::Io(file(), "full".into())] {
            assert_eq!(code(error), 7);
        }
        for error in [
            StoreError::Damaged(file(), "no store".to_owned()),
            StoreError::Newer(file()),
            StoreError::KeyMissing(file()),
            StoreError::KeyWrong(file()),
            StoreError::NoMoreIds(file()),
        ] {
            assert_eq!(code(error), 5);
        }
    }

    #[test]
    fn the_service_is_not_restarted_after_errors_that_a_restart_cannot_fix() {
        let unit = include_str!("../dist/msnpd.service");
        let codes = unit.lines().find_map(|line| line.strip_prefix("RestartPreventExitStatus="));
        assert_eq!(codes, Some(format!("{USAGE} {CONFIGURATION} {STORE}").as_str()));
    }
}
