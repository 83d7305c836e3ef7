//! Memory and processor time of a process, from `/proc`.

use crate::error::BenchError;
use procfs::ProcError;
use procfs::process::Process as Entry;
use std::time::Duration;

/// A running process.
#[derive(Debug)]
pub(crate) struct Process {
    entry: Entry,
}

impl Process {
    /// Opens a running process.
    pub(crate) fn new(id: u32) -> Result<Process, BenchError> {
        let id =
            i32::try_from(id).map_err(|_| BenchError::wrong("a process number is too large"))?;
        Ok(Process { entry: Entry::new(id)? })
    }

    /// Returns the processor time of all threads, including their time in the kernel. It comes from the
    /// scheduler, which counts nanoseconds; `stat` counts in ticks of 10 ms. The time of threads that have
    /// ended is not included. That loses little: the threads of the store, which come and go, end only
    /// seconds after their last work.
    pub(crate) fn cpu(&self) -> Result<Duration, BenchError> {
        let mut nanoseconds = 0;
        for task in self.entry.tasks()? {
            match task.and_then(|task| task.schedstat()) {
                Ok(times) => nanoseconds += times.sum_exec_runtime,
                // The thread has ended since it was listed.
                Err(ProcError::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Returns the resident memory in bytes.
    pub(crate) fn resident(&self) -> Result<u64, BenchError> {
        let kib = self.entry.status()?.vmrss;
        kib.map(|kib| kib * 1024).ok_or_else(|| BenchError::wrong("/proc does not contain VmRSS"))
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
    fn a_missing_process_has_no_figures() {
        assert!(Process::new(i32::MAX.unsigned_abs()).is_err());
        assert!(Process::new(u32::MAX).is_err());
    }
}
