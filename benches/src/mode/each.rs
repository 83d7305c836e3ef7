//! A result of each build.

use crate::error::BenchError;
use crate::rig::{Bench, Build};
use serde::Serialize;

/// The result of this build and, if there is one, of the earlier build.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Each<T> {
    pub(crate) before: Option<T>,
    pub(crate) now: T,
}

impl<T> Each<T> {
    /// Measures one build after the other.
    pub(crate) async fn of(
        bench: &Bench,
        mut measure: impl AsyncFnMut(Build) -> Result<T, BenchError>,
    ) -> Result<Each<T>, BenchError> {
        let before = match bench.has(Build::Before) {
            true => Some(measure(Build::Before).await?),
            false => None,
        };
        Ok(Each { before, now: measure(Build::Now).await? })
    }

    /// Returns another figure of each.
    pub(crate) fn map<U>(&self, figure: impl Fn(&T) -> U) -> Each<U> {
        Each { before: self.before.as_ref().map(&figure), now: figure(&self.now) }
    }
}
