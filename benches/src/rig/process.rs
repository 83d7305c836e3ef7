//! What a process has used, out of `/proc`.

use crate::error::BenchError;
use procfs::process::Process as Entry;
use std::time::Duration;

/// A process that is measured.
#[derive(Debug)]
pub(crate) struct Process {
    entry: Entry,
}

impl Process {
    /// Looks at a running process.
    pub(crate) fn new(id: u32) -> Result<Process, BenchError> {
        let id =
            i32::try_from(id).map_err(|_| BenchError::wrong("a process number is too large"))?;
        Ok(Process { entry: Entry::new(id)? })
    }

    /// The processor time of all threads that live, kernel included, in the scheduler's
    /// nanoseconds: `stat` counts in ticks of 10 ms. A thread that ends takes its time with it; those
    /// of the store live for seconds after their last work.
    pub(crate) fn cpu(&self) -> Result<Duration, BenchError> {
        let mut nanoseconds = 0;
        for task in self.entry.tasks()? {
            nanoseconds += task?.schedstat()?.sum_exec_runtime;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Resident memory in bytes.
    pub(crate) fn resident(&self) -> Result<u64, BenchError> {
        let kib = self.entry.status()?.vmrss;
        kib.map(|kib| kib * 1024).ok_or_else(|| BenchError::wrong("/proc does not say VmRSS"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_uses_more_and_more_time() {
        let process = Process::new(std::process::id()).unwrap();
        assert!(process.resident().unwrap() > 100 * 1024);
        let before = process.cpu().unwrap();
        let mut sum = 0u64;
        while process.cpu().unwrap() <= before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
    }

    #[test]
    fn a_process_that_is_not_there_is_no_figure() {
        assert!(Process::new(i32::MAX.unsigned_abs()).is_err());
        assert!(Process::new(u32::MAX).is_err());
    }
}
