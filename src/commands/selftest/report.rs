//! The report: a line for each step, with its time.

use super::error::SelftestError;
use crate::commands::{print, print_json};
use crate::error::CommandError;
use serde::Serialize;
use std::time::{Duration, Instant};

/// The steps, printed as they are done, or all at the end as JSON.
pub(super) struct Report {
    json: bool,
    steps: Vec<Step>,
    started: Instant,
}

/// A step in JSON. The field names are part of the interface for scripts.
#[derive(Serialize)]
struct Step {
    /// `ok` or `wrong`.
    result: &'static str,
    seconds: f64,
    words: String,
    /// What to do about it.
    mend: Option<String>,
}

#[derive(Serialize)]
struct JsonReport<'a> {
    passed: bool,
    seconds: f64,
    steps: &'a [Step],
}

impl Report {
    pub(super) fn new(json: bool) -> Report {
        Report { json, steps: Vec::new(), started: Instant::now() }
    }

    /// Runs a step and prints its result.
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
            Err(error) => {
                let (code, words) = (error.exit_code(), error.to_string());
                self.show(took, words.clone(), Some(error.fix()))?;
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
        fix: Option<String>,
    ) -> Result<(), CommandError> {
        let result = if fix.is_some() { "wrong" } else { "ok" };
        let seconds = (took.as_secs_f64() * 1000.0).round() / 1000.0;
        if !self.json {
            let fix = fix.as_deref().map_or(String::new(), |fix| format!(". {fix}"));
            print(&format!("{result:5} {seconds:>7.3} s  {words}{fix}\n"))?;
        }
        self.steps.push(Step { result, seconds, words, mend: fix });
        Ok(())
    }

    /// Ends the report with the outcome.
    pub(super) fn end(self, outcome: Result<(), CommandError>) -> Result<(), CommandError> {
        let seconds = (self.started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        let passed = outcome.is_ok();
        if self.json {
            print_json(&JsonReport { passed, seconds, steps: &self.steps })?;
        } else if passed {
            print(&format!("passed in {seconds:.3} s\n"))?;
        }
        outcome
    }
}
