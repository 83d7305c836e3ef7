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
    /// What to do about a failure.
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

    /// Runs a step and reports its result. `describe` returns the text for a successful step.
    pub(super) async fn step<T>(
        &mut self,
        work: impl Future<Output = Result<T, SelftestError>>,
        describe: impl FnOnce(&T) -> String,
    ) -> Result<T, CommandError> {
        let start = Instant::now();
        let outcome = work.await;
        let duration = start.elapsed();
        match outcome {
            Ok(value) => {
                self.add_step(duration, describe(&value), None)?;
                Ok(value)
            }
            Err(error) => {
                let (code, message) = (error.exit_code(), error.to_string());
                self.add_step(duration, message.clone(), Some(error.fix()))?;
                Err(CommandError::Refused {
                    code,
                    message: format!("the self-test failed: {message}"),
                })
            }
        }
    }

    /// Records a step, and prints it unless the report is JSON. Only a failed step has a fix.
    fn add_step(
        &mut self,
        duration: Duration,
        message: String,
        fix: Option<String>,
    ) -> Result<(), CommandError> {
        let result = if fix.is_some() { "wrong" } else { "ok" };
        let seconds = (duration.as_secs_f64() * 1000.0).round() / 1000.0;
        if !self.json {
            let fix = fix.as_deref().map_or(String::new(), |fix| format!(". {fix}"));
            print(&format!("{result:5} {seconds:>7.3} s  {message}{fix}\n"))?;
        }
        self.steps.push(Step { result, seconds, words: message, mend: fix });
        Ok(())
    }

    /// Ends the report, and returns the outcome of the test.
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
