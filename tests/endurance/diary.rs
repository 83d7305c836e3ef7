//! What one client did, and when.

use std::ops::RangeInclusive;
use std::time::Instant;

use crate::edit::{Edit, Lists};
use crate::view::View;

/// An edit that was sent.
struct Step {
    edit: Edit,
    sent: Instant,
    /// The time of the answer.
    answered: Option<Instant>,
    /// The store failed, and the client received an error.
    failed: bool,
}

/// All edits of one session, in order.
pub(crate) struct Diary {
    before: Lists,
    steps: Vec<Step>,
    /// The lists after the answered edits.
    pub(crate) lists: Lists,
    /// The number of answered edits.
    pub(crate) answered: usize,
    /// The highest list version that the client received.
    pub(crate) version: u32,
}

impl Diary {
    pub(crate) fn new(before: Lists, version: u32) -> Self {
        Self { lists: before.clone(), before, steps: Vec::new(), answered: 0, version }
    }

    pub(crate) fn sent(&mut self, edit: Edit) {
        self.steps.push(Step { edit, sent: Instant::now(), answered: None, failed: false });
    }

    /// Returns the number of unanswered edits.
    pub(crate) fn unanswered(&self) -> usize {
        self.steps.len() - self.answered
    }

    /// Records an answer. Returns the edit, and the error code that it must have, if any. `failed`: the store
    /// failed.
    pub(crate) fn answer(&mut self, failed: bool) -> Option<(&Edit, Result<(), u16>)> {
        let step = self.steps.get_mut(self.answered)?;
        step.answered = Some(Instant::now());
        step.failed = failed;
        self.answered += 1;
        let refused = if failed { Ok(()) } else { self.lists.apply(&step.edit) };
        Some((&step.edit, refused))
    }

    /// Returns the lists after all edits.
    pub(crate) fn ahead(&self) -> Lists {
        let mut lists = self.lists.clone();
        for step in &self.steps[self.answered..] {
            lists.apply(&step.edit).ok();
        }
        lists
    }

    /// Returns the lists after this many edits.
    fn after(&self, count: usize) -> Lists {
        let mut lists = self.before.clone();
        for step in self.steps[..count].iter().filter(|step| !step.failed) {
            lists.apply(&step.edit).ok();
        }
        lists
    }

    /// Returns how many edits may be visible after this session: all that were answered, and in order any
    /// number of the others.
    pub(crate) fn at_the_end(&self) -> RangeInclusive<usize> {
        self.answered..=self.steps.len()
    }

    /// Returns how many edits may be in a copy of one moment of that time.
    pub(crate) fn between(&self, begin: Instant, end: Instant) -> RangeInclusive<usize> {
        let answered = self.steps.iter().filter(|step| step.answered.is_some_and(|at| at < begin));
        let sent = self.steps.iter().filter(|step| step.sent <= end);
        answered.count()..=sent.count()
    }

    /// Finds the seen lists among the states after each number of edits.
    pub(crate) fn find(&self, counts: RangeInclusive<usize>, view: &View) -> Lists {
        let (least, most) = counts.clone().into_inner();
        // The last match: edits that change nothing may have been made, too.
        let found = counts.rev().map(|count| self.after(count)).find(|lists| view.shows(lists));
        found.unwrap_or_else(|| {
            let all = self.steps.len();
            let edits: Vec<_> = self.steps.iter().map(|step| (&step.edit, step.failed)).collect();
            panic!(
                "what is there is what no number of edits from {least} to {most} of {all} came to\n\
                 there is: {view:#?}\nafter {least}: {:#?}\nall edits, and whether each failed: {:#?}",
                self.after(least),
                &edits,
            )
        })
    }
}
