//! A client that edits as fast as the server answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use fastrand::Rng;

use crate::diary::Diary;
use crate::edit::{Edit, Lists};
use crate::support::connection::{Connection, Unread};

/// The maximum number of requests before the first is answered.
const AHEAD: usize = 8;

/// All requests have this transaction ID, as those of Gaim in 2000: the answers come in order.
const TRID: u32 = 5;

/// The number of renames that a user may make in a minute. The server runs for less than one.
const RENAMES: u8 = 5;

/// The error code for a failed store.
const STORE_FAILED: u16 = 501;

/// A user's session.
pub(crate) struct Editor {
    pub(crate) who: String,
    pub(crate) ns: Connection,
    pub(crate) diary: Diary,
    /// The contacts that it may put on its lists.
    pub(crate) contacts: Vec<String>,
    /// The number of names that it has chosen.
    pub(crate) names: u64,
    /// The maximum number of requests before the first is answered.
    pub(crate) ahead: usize,
    pub(crate) progress: Arc<Progress>,
    renames: u8,
}

/// Its progress, for others to read while it edits.
#[derive(Default)]
pub(crate) struct Progress {
    /// The number of answered edits, without failed ones.
    pub(crate) answered: AtomicUsize,
    /// The number of edits for which the store failed.
    pub(crate) failed: AtomicUsize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The connection ended.
    Closed,
    /// The test stopped it, and all edits are answered.
    Stopped,
}

impl Editor {
    pub(crate) fn new(
        who: &str,
        ns: Connection,
        diary: Diary,
        contacts: &[String],
        names: u64,
    ) -> Self {
        let contacts = contacts.iter().filter(|one| *one != who).cloned().collect();
        Self {
            who: who.to_owned(),
            ns,
            diary,
            contacts,
            names,
            ahead: AHEAD,
            progress: Arc::default(),
            renames: 0,
        }
    }

    /// Edits until `stop` is set or the connection ends.
    pub(crate) fn edit(&mut self, mut rng: Rng, stop: &AtomicBool) -> End {
        let mut ahead = self.diary.ahead();
        let mut is_open = true;
        loop {
            let mut lines = String::new();
            let is_over = !is_open || stop.load(Ordering::Relaxed);
            let most = if is_over { 0 } else { rng.usize(1..=self.ahead) };
            while self.diary.unanswered() < most {
                let edit = self.think(&mut rng, &ahead);
                ahead.apply(&edit).ok();
                lines += &format!("{}\r\n", edit.request(TRID));
                self.diary.sent(edit);
            }
            // Answers sent before the end can still be read.
            is_open = is_open && self.ns.send(lines.as_bytes()).is_ok();
            if is_open && self.diary.unanswered() == 0 {
                return End::Stopped;
            }
            match self.next_answer() {
                Some(false) => {}
                // The failure changes the expected results of the pending edits.
                Some(true) => ahead = self.diary.ahead(),
                None => return End::Closed,
            }
        }
    }

    fn think(&mut self, rng: &mut Rng, lists: &Lists) -> Edit {
        self.names += 1;
        // Some names are long, so that a page of the store holds few.
        let tail = "x".repeat(if rng.u8(0..4) == 0 { rng.usize(1..300) } else { 0 });
        let name = format!("{}-{}{tail}", self.who, self.names);
        let may = self.renames < RENAMES;
        let edit = Edit::choose(rng, lists, &self.who, &self.contacts, name, may);
        self.renames += u8::from(matches!(edit, Edit::RenameSelf { .. }));
        edit
    }

    /// Reads the next answer, skips events about others, and returns whether the store failed. `None` if
    /// the connection has ended.
    fn next_answer(&mut self) -> Option<bool> {
        loop {
            let line = match self.ns.read_line() {
                Ok(line) => String::from_utf8(line).expect("a line of text"),
                Err(Unread::Closed(_)) => return None,
                Err(silence) => panic!("{} waits for an answer and gets {silence}", self.who),
            };
            let line = line.trim_end();
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["NLN" | "ILN" | "FLN", ..] | ["OUT", "SSD"] => {}
                ["ADD" | "REM", "0", "RL", version, ..] => {
                    let version = version.parse().expect("a list version");
                    self.diary.version = self.diary.version.max(version);
                }
                [_, ..] => return Some(self.answer(line)),
                [] => panic!("an empty line"),
            }
        }
    }

    fn answer(&mut self, line: &str) -> bool {
        let failed = line == format!("{STORE_FAILED} {TRID}");
        let (edit, outcome) =
            self.diary.answer(failed).unwrap_or_else(|| panic!("`{line}` answers nothing"));
        let progress = &self.progress;
        let count = if failed { &progress.failed } else { &progress.answered };
        count.fetch_add(1, Ordering::Relaxed);
        match outcome {
            _ if failed => {}
            Err(code) => assert_eq!(line, format!("{code} {TRID}"), "the answer to {edit:?}"),
            Ok(()) => {
                let version = edit.version(TRID, line);
                self.diary.version = self.diary.version.max(version);
            }
        }
        failed
    }
}
