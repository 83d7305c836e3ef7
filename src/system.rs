//! The machine's clock, name and random numbers.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the seconds since 1970 by the machine's clock.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Returns the host name, usually without a domain; `None` if it is not UTF-8.
pub(crate) fn host_name() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

/// Returns 128 unpredictable bits. If the system has none, the process ends: cookies and challenges could
/// be guessed.
pub(crate) fn random() -> u128 {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u128::from_le_bytes(bytes),
        Err(error) => {
            log::error!("cannot get random numbers from the system: {error}");
            std::process::exit(1);
        }
    }
}
