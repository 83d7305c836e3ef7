//! What one client did, and when.

use std::ops::RangeInclusive;
use std::time::Instant;

use crate::edit::{Edit, Lists};
use crate::view::View;

/// An edit that was sent.
struct Step {
    edit: Edit,
    sent: Instant,
    /// When the answer came.
    answered: Option<Instant>,
    /// The store could not make it, and the client received an error.
    failed: bool,
}

/// All edits of one session, in order.
pub(crate) struct Diary {
    before: Lists,
    steps: Vec<Step>,
    /// What the answered ones came to.
    pub(crate) lists: Lists,
    /// How many of them are answered.
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

    /// How many edits are not answered yet.
    pub(crate) fn unanswered(&self) -> usize {
        self.steps.len() - self.answered
    }

    /// An answer comes: the edit that it is to, and the code that must refuse that, if one must.
    /// `failed`: the answer is that the store could not do it.
    pub(crate) fn answer(&mut self, failed: bool) -> Option<(&Edit, Result<(), u16>)> {
        let step = self.steps.get_mut(self.answered)?;
        step.answered = Some(Instant::now());
        step.failed = failed;
        self.answered += 1;
        let refused = if failed { Ok(()) } else { self.lists.apply(&step.edit) };
        Some((&step.edit, refused))
    }

    /// What all edits will have come to.
    pub(crate) fn ahead(&self) -> Lists {
        let mut lists = self.lists.clone();
        for step in &self.steps[self.answered..] {
            lists.apply(&step.edit).ok();
        }
        lists
    }

    /// What this many edits came to.
    fn after(&self, count: usize) -> Lists {
        let mut lists = self.before.clone();
        for step in self.steps[..count].iter().filter(|step| !step.failed) {
            lists.apply(&step.edit).ok();
        }
        lists
    }

    /// How many edits may be in what was seen after this session: all that were answered, and as
    /// many of the others as had been made, in order.
    pub(crate) fn at_the_end(&self) -> RangeInclusive<usize> {
        self.answered..=self.steps.len()
    }

    /// How many edits may be in what was copied at one moment of that time.
    pub(crate) fn between(&self, begin: Instant, end: Instant) -> RangeInclusive<usize> {
        let answered = self.steps.iter().filter(|step| step.answered.is_some_and(|at| at < begin));
        let sent = self.steps.iter().filter(|step| step.sent <= end);
        answered.count()..=sent.count()
    }

    /// Finds what is seen among the states after so many edits.
    pub(crate) fn find(&self, counts: RangeInclusive<usize>, view: &View) -> Lists {
        let (least, most) = counts.clone().into_inner();
        // The last one: an edit that changed nothing may have been made, too.
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
