//! One result per build of the server.

use crate::error::BenchError;
use crate::rig::{Bench, Build};
use serde::Serialize;

/// The result of this build and, if there is one, of the earlier build.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct PerBuild<T> {
    pub(crate) before: Option<T>,
    pub(crate) now: T,
}

impl<T> PerBuild<T> {
    /// Measures one build after the other.
    pub(crate) async fn measure(
        bench: &Bench,
        mut measure_build: impl AsyncFnMut(Build) -> Result<T, BenchError>,
    ) -> Result<PerBuild<T>, BenchError> {
        let before = match bench.has(Build::Before) {
            true => Some(measure_build(Build::Before).await?),
            false => None,
        };
        Ok(PerBuild { before, now: measure_build(Build::Now).await? })
    }

    /// Applies a function to both results.
    pub(crate) fn map<U>(&self, function: impl Fn(&T) -> U) -> PerBuild<U> {
        PerBuild { before: self.before.as_ref().map(&function), now: function(&self.now) }
    }
}
