//! Whether a server of ours is running.

use crate::control::SOCKET;
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Whether a server is running over this data folder. One that ended without removing its socket
/// does not answer.
pub(crate) fn is_running(data: &Path) -> bool {
    UnixStream::connect(data.join(SOCKET)).is_ok()
}
