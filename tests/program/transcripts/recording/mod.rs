//! Recorded sessions of real clients, replayed against the running program.
//!
//! [`read`] parses the files of `tests/transcripts/`, [`differ`] applies the known differences,
//! [`challenge`] inserts challenges to the client program, [`translate`] replaces the values that the recorded
//! server chose by ours, and [`replay`] sends and compares.

pub(crate) mod challenge;
pub(crate) mod differ;
mod pieces;
mod read;
mod replay;
mod translate;

use std::path::PathBuf;

use crate::support::server::Account;
use challenge::Challenged;
use differ::Difference;
pub(crate) use pieces::Pieces;

/// A recorded session, and what its replay needs.
pub(crate) struct Recorded {
    /// The file's name in `tests/transcripts/`.
    pub(crate) file: &'static str,
    pub(crate) handles: &'static [&'static str],
    pub(crate) password: &'static str,
    pub(crate) differences: &'static [Difference],
}

/// The folder of the recordings.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

impl Recorded {
    /// Replays the session. Panics with `file:line` if the program answers something else.
    pub(crate) fn replay(&self, pieces: Pieces) {
        replay::replay(self, &self.items(), pieces, "");
    }

    /// Replays it with a server that sends challenges to the program, if the dialect has them. The client
    /// answers in any case.
    pub(crate) fn replay_challenged(&self, pieces: Pieces, challenged: &Challenged) {
        let mut items = self.items();
        let answers = String::from_utf8(text(challenge::FILE)).expect("a text");
        challenge::insert(&mut items, &answers, challenged)
            .unwrap_or_else(|wrong| panic!("{}: {wrong}", challenged.heading));
        replay::replay(self, &items, pieces, "challenge: true");
    }

    /// Returns what our server is expected to do.
    fn items(&self) -> Vec<read::Item> {
        let file = self.file;
        let mut items = read::items(&text(file)).unwrap_or_else(|wrong| panic!("{file}:{wrong}"));
        differ::apply(&mut items, self.differences)
            .unwrap_or_else(|wrong| panic!("{file}: {wrong}"));
        items
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

fn text(file: &str) -> Vec<u8> {
    std::fs::read(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}
