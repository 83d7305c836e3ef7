//! What is shown: a line for each step, with its time.

use super::error::SelftestError;
use crate::commands::{print, print_json};
use crate::error::CommandError;
use serde::Serialize;
use std::time::{Duration, Instant};

/// The steps, shown as they are done, or all at the end as JSON.
pub(super) struct Report {
    json: bool,
    steps: Vec<Step>,
    started: Instant,
}

/// A step as scripts read it.
#[derive(Serialize)]
struct Step {
    /// `ok` or `wrong`.
    result: &'static str,
    /// How long it took.
    seconds: f64,
    words: String,
    /// What to do about it.
    mend: Option<String>,
}

#[derive(Serialize)]
struct Whole<'a> {
    passed: bool,
    seconds: f64,
    steps: &'a [Step],
}

impl Report {
    pub(super) fn new(json: bool) -> Report {
        Report { json, steps: Vec::new(), started: Instant::now() }
    }

    /// Does a step and shows what came of it.
    pub(super) async fn step<T>(
        &mut self,
        work: impl Future<Output = Result<T, SelftestError>>,
        words: impl FnOnce(&T) -> String,
    ) -> Result<T, CommandError> {
        let began = Instant::now();
        let outcome = work.await;
        let took = began.elapsed();
        match outcome {
            Ok(value) => {
                self.show(took, words(&value), None)?;
                Ok(value)
            }
            Err(fault) => {
                let (code, words) = (fault.exit_code(), fault.to_string());
                self.show(took, words.clone(), Some(fault.fix()))?;
                Err(CommandError::Refused {
                    code,
                    message: format!("the self-test failed: {words}"),
                })
            }
        }
    }

    fn show(
        &mut self,
        took: Duration,
        words: String,
        mend: Option<String>,
    ) -> Result<(), CommandError> {
        let result = if mend.is_some() { "wrong" } else { "ok" };
        let seconds = (took.as_secs_f64() * 1000.0).round() / 1000.0;
        if !self.json {
            let mend = mend.as_deref().map_or(String::new(), |mend| format!(". {mend}"));
            print(&format!("{result:5} {seconds:>7.3} s  {words}{mend}\n"))?;
        }
        self.steps.push(Step { result, seconds, words, mend });
        Ok(())
    }

    /// The end of it, with what it came to.
    pub(super) fn end(self, outcome: Result<(), CommandError>) -> Result<(), CommandError> {
        let seconds = (self.started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        let passed = outcome.is_ok();
        if self.json {
            print_json(&Whole { passed, seconds, steps: &self.steps })?;
        } else if passed {
            print(&format!("passed in {seconds:.3} s\n"))?;
        }
        outcome
    }
}
