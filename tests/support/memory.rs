//! Memory of the running server (Linux).

use crate::support::server::Server;

impl Server {
    /// Returns the resident memory in KiB: `VmRSS` in `/proc/<pid>/status`.
    pub(crate) fn resident_kib(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).expect("the program's status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        kib.and_then(|kib| kib.trim().parse().ok()).expect("a line VmRSS: … kB")
    }
}
