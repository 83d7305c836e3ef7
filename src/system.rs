//! The machine's clock and its random numbers, as ports of the actors.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970, as far as the machine knows.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// What this machine is called, if that is text; often a name without a domain.
pub(crate) fn host_name() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

/// 128 bits that nobody can guess. A machine that has none cannot run a server: its cookies and
/// challenges would be known, so the process ends.
pub(crate) fn random() -> u128 {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u128::from_le_bytes(bytes),
        Err(error) => {
            log::error!("the system has no random numbers: {error}");
            std::process::exit(1);
        }
    }
}
