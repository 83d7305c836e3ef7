//! Recorded sessions of real clients, replayed against the running program.
//!
//! [`read`] understands the files of `tests/transcripts/`, [`differ`] applies what is known to be
//! different here, [`translate`] puts our made-up values in the place of the recorded server's, and
//! [`replay`] sends and compares.

pub(crate) mod differ;
mod read;
mod replay;
mod translate;

use std::path::PathBuf;

use crate::server::Account;
use differ::Difference;

/// One recorded session and what a replay of it needs to know.
pub(crate) struct Recorded {
    /// The file's name in `tests/transcripts/`.
    pub(crate) file: &'static str,
    pub(crate) handles: &'static [&'static str],
    pub(crate) password: &'static str,
    pub(crate) differences: &'static [Difference],
}

/// How the client's bytes are cut into writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pieces {
    WholeLines,
    SingleBytes,
}

/// Where the recordings are.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

impl Recorded {
    /// Replays the session; panics with `file:line` where the program answers something else.
    pub(crate) fn replay(&self, pieces: Pieces) {
        let file = self.file;
        let text =
            std::fs::read(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut items = read::items(&text).unwrap_or_else(|wrong| panic!("{file}:{wrong}"));
        differ::apply(&mut items, self.differences)
            .unwrap_or_else(|wrong| panic!("{file}: {wrong}"));
        replay::replay(self, &items, pieces);
    }

    fn accounts(&self) -> Vec<Account> {
        let account = |handle: &&str| Account {
            handle: (*handle).to_owned(),
            name: None,
            password: self.password.to_owned(),
        };
        self.handles.iter().map(account).collect()
    }
}
