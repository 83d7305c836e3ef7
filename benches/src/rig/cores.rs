//! Which core who runs on.

use crate::error::BenchError;
use procfs::{Current, LoadAverage};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::io;

/// A core for what is measured and another for the generator, so that the one does not take time or
/// caches from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cores {
    pair: Option<(usize, usize)>,
}

impl Cores {
    /// The first two that this process may use, and the generator takes the second. With a single
    /// one nothing is pinned.
    pub(crate) fn take() -> Result<Cores, BenchError> {
        let allowed = sched_getaffinity(None)
            .map_err(BenchError::system("cannot ask which cores there are"))?;
        let mut found = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        let cores = Cores { pair: found.next().zip(found.next()) };
        cores.go(|(_, generator)| generator)?;
        Ok(cores)
    }

    /// Does something, which starts a process, on the core of what is measured: a process inherits
    /// the core of the thread that starts it, with all the threads that it ever has.
    pub(crate) fn on_the_other<T>(self, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.go(|(measured, _)| measured).map_err(io::Error::other)?;
        let started = start();
        self.go(|(_, generator)| generator).map_err(io::Error::other)?;
        started
    }

    /// In words, for the report: figures of a crowded machine are not those of an idle one.
    pub(crate) fn words(self) -> Result<String, BenchError> {
        let load = LoadAverage::current()?.one;
        let who = match self.pair {
            Some((measured, generator)) => {
                format!("measured on core {measured}, generator on core {generator}")
            }
            None => String::from("one core for both"),
        };
        Ok(format!("{who}; load of the machine before: {load:.1}"))
    }

    fn go(self, choose: impl FnOnce((usize, usize)) -> usize) -> Result<(), BenchError> {
        let Some(pair) = self.pair else { return Ok(()) };
        let mut set = CpuSet::new();
        set.set(choose(pair));
        sched_setaffinity(None, &set).map_err(BenchError::system("cannot choose a core"))
    }
}
