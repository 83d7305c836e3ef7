//! Which core each process uses.

use crate::error::BenchError;
use procfs::{Current, LoadAverage};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::io;

/// A core for the measured process and another for this program, the generator of the load, so that they do
/// not share time or caches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cores {
    /// `None` if there is only one core: then nothing is pinned.
    pair: Option<CorePair>,
}

/// The numbers of two cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CorePair {
    measured: usize,
    generator: usize,
}

impl Cores {
    /// Assigns the first two cores that this process may use: the first to the measured process, the
    /// second to this program, which is pinned to it at once.
    pub(crate) fn assign() -> Result<Cores, BenchError> {
        let allowed = sched_getaffinity(None)
            .map_err(BenchError::system("cannot ask which cores there are"))?;
        let mut found = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        let pair = found.next().zip(found.next());
        let pair = pair.map(|(measured, generator)| CorePair { measured, generator });
        let cores = Cores { pair };
        cores.pin(|pair| pair.generator)?;
        Ok(cores)
    }

    /// Runs a function that starts the measured process on its core. A process and its threads inherit the
    /// core of the thread that starts it.
    pub(crate) fn run_on_measured_core<T>(
        self,
        start: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        self.pin(|pair| pair.measured).map_err(io::Error::other)?;
        let started = start();
        self.pin(|pair| pair.generator).map_err(io::Error::other)?;
        started
    }

    /// Describes the cores and the load of the machine, for the report.
    pub(crate) fn description(self) -> Result<String, BenchError> {
        let cores = match self.pair {
            Some(CorePair { measured, generator }) => {
                format!("measured on core {measured}, generator on core {generator}")
            }
            None => String::from("one core for both"),
        };
        Ok(format!("{cores}; {}", self.load("before")?))
    }

    /// Describes the load of the machine in the last minute.
    pub(crate) fn load(self, when: &str) -> Result<String, BenchError> {
        Ok(format!("load of the machine {when}: {:.1}", LoadAverage::current()?.one))
    }

    /// Pins this thread to one of the two cores.
    fn pin(self, choose: impl FnOnce(CorePair) -> usize) -> Result<(), BenchError> {
        let Some(pair) = self.pair else { return Ok(()) };
        let mut set = CpuSet::new();
        set.set(choose(pair));
        sched_setaffinity(None, &set).map_err(BenchError::system("cannot choose a core"))
    }
}
