//! Why the program could not do what it was asked to, and the exit code that says so.

use crate::control::ChannelError;
use actors::port::{ArchiveError, StoreError};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use store::owner;

/// A failure: one sentence, with the way out where there is one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// Something else failed.
    #[error("{0}")]
    Other(String),
    /// The configuration file cannot be read.
    #[error("the configuration {} cannot be read: {error}{}", file.display(), who_may(file, error))]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// What the configuration file says is not possible.
    #[error("the configuration {} is not valid: {reason}", file.display())]
    Configuration {
        /// Which file.
        file: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// A server cannot listen.
    #[error("cannot listen on {address} ({server}): {error}{hint}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Which server.
        server: &'static str,
        /// Why not.
        error: std::io::Error,
        /// What to do about it.
        hint: &'static str,
    },
    /// The store cannot be used.
    #[error("{}{}", .0, way_out(.0))]
    Store(#[from] StoreError),
    /// A backup was not made or not restored.
    #[error("{0}")]
    Archive(ArchiveError),
    /// The store is not as it must be.
    #[error(
        "the store has {0} {faults}: `msnpd restore FILE` with a backup, or `msnpd export`, and \
         `msnpd import` into a new folder",
        faults = if *.0 == 1 { "fault" } else { "faults" }
    )]
    Faults(usize),
    /// A file of the operator's cannot be read or written.
    #[error("{}: {error}", file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// Why not.
        error: String,
    },
    /// There is no store.
    #[error("there is no store in {}: name the data folder with --data", .0.display())]
    NoStore(PathBuf),
    /// The data folder is a file.
    #[error("{} is a file and no folder: name the data folder with --data", .0.display())]
    NoFolder(PathBuf),
    /// The operator broke it off.
    #[error("interrupted")]
    Interrupted,
    /// No server runs there.
    #[error(
        "no server is running on the folder {}: start it with `msnpd`, or name its folder with --data",
        std::path::absolute(.0).unwrap_or_else(|_| .0.clone()).display()
    )]
    NoServer(PathBuf),
    /// The socket of a server cannot be used.
    #[error("{}: {error}; use the account that the server runs as, or root", socket.display())]
    Socket {
        /// Its socket.
        socket: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The server says why it did not do it.
    #[error("{words}")]
    Told {
        /// The exit code that says so.
        code: u8,
        /// Why, and the way out.
        words: String,
    },
    /// `check` found something.
    #[error("{count} {} wrong; each says how to mend it", if *count == 1 { "thing is" } else { "things are" })]
    Found {
        /// How much.
        count: usize,
        /// The exit code for the first of them.
        code: u8,
    },
}

impl From<ChannelError> for CommandError {
    fn from(why: ChannelError) -> CommandError {
        CommandError::Other(format!("the conversation with the server broke off: {why}"))
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
        CommandError::Other(format!("a part of the server failed: {error}"))
    }
}

/// The exit code for what has none of its own.
pub(crate) const OTHER: u8 = 1;
/// The exit code for wrong usage, which is the command line's own.
pub(crate) const USAGE: u8 = 2;
/// The exit code for a configuration that is not valid.
pub(crate) const CONFIGURATION: u8 = 3;
/// The exit code for an address that is in use or not permitted.
pub(crate) const ADDRESS: u8 = 4;
/// The exit code for a store that no later try opens: it is damaged, of a later version, or without
/// its key.
pub(crate) const STORE: u8 = 5;
/// The exit code of what was broken off, as shells have it for SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;
/// The exit code if no server runs that could be asked.
pub(crate) const SERVER: u8 = 6;
/// The exit code for a store that a later try may open: another process has it open, or its disk is
/// full, not there yet, or not permitted. A service that ended so is started again.
pub(crate) const STORE_FOR_NOW: u8 = 7;

impl CommandError {
    /// A file of the operator's cannot be read or written.
    pub(crate) fn file(file: &Path, error: &std::io::Error) -> CommandError {
        CommandError::File { file: file.to_owned(), error: error.to_string() }
    }

    /// The server answered something else than was asked.
    pub(crate) fn unexpected() -> CommandError {
        CommandError::Other("the server is of another version: restart it".to_owned())
    }

    /// The exit code of the program that failed so.
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
            ) => STORE_FOR_NOW,
            CommandError::Store(_)
            | CommandError::Faults(_)
            | CommandError::NoStore(_)
            | CommandError::NoFolder(_) => STORE,
            CommandError::Interrupted => INTERRUPTED,
            CommandError::NoServer(_) | CommandError::Socket { .. } => SERVER,
            CommandError::Told { code, .. } | CommandError::Found { code, .. } => *code,
        }
    }
}

/// Who may see what this process may not, if that is the reason.
fn who_may(file: &Path, error: &std::io::Error) -> String {
    if error.kind() != ErrorKind::PermissionDenied {
        return String::new();
    }
    if file.is_relative() && may_not_search(Path::new(".")) {
        return format!(
            "; {} may not look into the folder that this runs in, and what is there is not known: `cd /` \
             first",
            owner::name(owner::me())
        );
    }
    format!("; run this as {}", owner_or_root(file))
}

/// Whether this process may not even ask for what is in a folder. `sudo -u` and `su` leave somebody in
/// the folder of another.
fn may_not_search(folder: &Path) -> bool {
    let inside = folder.join(".").metadata();
    inside.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// The owner of a file, or else of the nearest folder above it that can be seen, and root.
pub(crate) fn owner_or_root(file: &Path) -> String {
    match std::path::absolute(file).unwrap_or_default().ancestors().find_map(owner::of) {
        Some(user) if user != 0 => format!("{} or root", owner::name(user)),
        Some(_) | None => "root".to_owned(),
    }
}

/// What to do about a store that cannot be used, as words by themselves.
pub(crate) fn mend(error: &StoreError) -> &'static str {
    way_out(error).trim_start_matches([';', ' '])
}

/// What to do about a failure of the disk or the file system, as words by themselves.
pub(crate) fn hint(kind: Option<ErrorKind>) -> &'static str {
    way_out_of(kind).trim_start_matches([';', ' '])
}

/// What to do about a store that cannot be used.
fn way_out(error: &StoreError) -> &'static str {
    match error {
        StoreError::Locked(_) => " Stop it first",
        StoreError::Damaged(..) => "; put it back from a backup: `msnpd restore FILE`",
        StoreError::KeyMissing(_) => {
            "; put your copy of it back, or `msnpd restore FILE` with a backup that has a key of its \
             own (`msnpd backup --with-key`)"
        }
        StoreError::KeyWrong(_) => {
            "; put your copy of the one that belongs to it back, or `msnpd restore FILE` with a \
             backup that has a key of its own (`msnpd backup --with-key`)"
        }
        StoreError::Newer(_) => "; install that version",
        StoreError::Unwritable(_, why) | StoreError::Io(_, why) => way_out_of(why.kind),
        StoreError::NoNumbers(_) => "; `msnpd export`, and `msnpd import` into a new folder",
        StoreError::NoSuchAccount => "",
    }
}

/// What to do about a failure of the disk or the file system of this kind.
fn way_out_of(kind: Option<ErrorKind>) -> &'static str {
    match kind {
        Some(ErrorKind::ReadOnlyFilesystem) => {
            "; its file system is read-only: `dmesg` shows why; check it with `fsck` and mount it for \
             writing again"
        }
        Some(ErrorKind::StorageFull | ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded) => {
            "; its disk is full: make room on it"
        }
        Some(ErrorKind::PermissionDenied) => {
            "; run this as the owner of the data folder, or as root"
        }
        Some(ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            "; does the folder exist? Name it with --data"
        }
        Some(_) => "; its disk may be failing: `dmesg` shows more",
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
    fn a_store_has_two_codes_by_whether_a_later_try_may_open_it() {
        let place = || "msnpd.redb".to_owned();
        for error in [StoreError::Locked(place()), StoreError::Io(place(), "full".into())] {
            assert_eq!(code(error), 7);
        }
        for error in [
            StoreError::Damaged(place(), "no store".to_owned()),
            StoreError::Newer(place()),
            StoreError::KeyMissing(place()),
            StoreError::KeyWrong(place()),
            StoreError::NoNumbers(place()),
        ] {
            assert_eq!(code(error), 5);
        }
    }

    #[test]
    fn the_service_is_not_started_again_after_what_no_new_start_mends() {
        let unit = include_str!("../dist/msnpd.service");
        let codes = unit.lines().find_map(|line| line.strip_prefix("RestartPreventExitStatus="));
        assert_eq!(codes, Some(format!("{USAGE} {CONFIGURATION} {STORE}").as_str()));
    }
}
