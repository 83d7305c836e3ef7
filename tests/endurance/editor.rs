//! A client that edits as fast as it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use fastrand::Rng;

use crate::diary::Diary;
use crate::edit::{Edit, Lists};
use crate::support::connection::{Connection, Unread};

/// How many requests are sent at most before the first of them is answered.
const AHEAD: usize = 8;

/// All requests have this transaction ID, as those of Gaim did in 2000: the answers come in order.
const TRID: u32 = 5;

/// So often a principal may rename himself while the server runs, if that is for less than a minute.
const RENAMES: u8 = 5;

/// The error code for a failed store.
const STORE_FAILED: u16 = 501;

/// One principal's session.
pub(crate) struct Editor {
    pub(crate) who: String,
    pub(crate) ns: Connection,
    pub(crate) diary: Diary,
    /// Whom it may put on its lists.
    pub(crate) contacts: Vec<String>,
    /// How many names it has thought of.
    pub(crate) names: u64,
    /// How many requests it sends at most before the first of them is answered.
    pub(crate) ahead: usize,
    pub(crate) progress: Arc<Progress>,
    renames: u8,
}

/// How far it is, for others to see while it edits.
#[derive(Default)]
pub(crate) struct Progress {
    /// How many of its edits were answered, but for those that failed.
    pub(crate) answered: AtomicUsize,
    /// How many the store could not make.
    pub(crate) failed: AtomicUsize,
}

/// How the editing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The connection ended.
    Closed,
    /// The test had it stop, and all is answered.
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
            // What it has answered before it ended can still be read.
            is_open = is_open && self.ns.send(lines.as_bytes()).is_ok();
            if is_open && self.diary.unanswered() == 0 {
                return End::Stopped;
            }
            match self.next_answer() {
                Some(false) => {}
                // What was to come of the edits ahead is another thing now.
                Some(true) => ahead = self.diary.ahead(),
                None => return End::Closed,
            }
        }
    }

    fn think(&mut self, rng: &mut Rng, lists: &Lists) -> Edit {
        self.names += 1;
        // Some are long: a page of the store holds few of these.
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
