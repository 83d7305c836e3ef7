//! How this process was started. This decides what the signal SIGHUP means, and whether a user can read
//! output that is shown only once.

use std::env;
use std::fs::File;
use std::io::IsTerminal;

/// How this process was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LaunchMode {
    /// By a user, on a terminal that this process still has. The process ends when the terminal is closed.
    OnTerminal,
    /// By a service manager, or by a user who detached the process: SIGHUP asks for a reload.
    AsService,
}

impl LaunchMode {
    /// Returns how this process was started. Call it early, while the terminal is open.
    pub(crate) fn of_process() -> LaunchMode {
        let streams = [
            std::io::stdin().is_terminal(),
            std::io::stdout().is_terminal(),
            std::io::stderr().is_terminal(),
        ];
        LaunchMode::of(
            env::var_os("NOTIFY_SOCKET").is_some_and(|socket| !socket.is_empty()),
            streams.contains(&true),
            // Only a process with a controlling terminal can open this.
            || File::open("/dev/tty").is_ok(),
        )
    }

    /// Decides from what was found out about the process.
    ///
    /// systemd also sets `INVOCATION_ID` for a service, but that proves nothing: desktops start their
    /// terminals as services, and a program in such a terminal inherits the variable.
    fn of(
        has_notify_socket: bool,
        has_terminal_stream: bool,
        has_controlling_terminal: impl FnOnce() -> bool,
    ) -> LaunchMode {
        if !has_notify_socket && has_terminal_stream && has_controlling_terminal() {
            LaunchMode::OnTerminal
        } else {
            LaunchMode::AsService
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_a_terminal_means_a_terminal_stream_and_a_controlling_terminal() {
        for (has_notify_socket, has_stream, has_controlling, expected) in [
            (false, true, true, LaunchMode::OnTerminal),
            // A service manager waits for a notification.
            (true, true, true, LaunchMode::AsService),
            // All streams are redirected, as by cron, nohup or a service manager.
            (false, false, true, LaunchMode::AsService),
            (false, false, false, LaunchMode::AsService),
            // The process was detached, as by setsid: closing the terminal does not reach it.
            (false, true, false, LaunchMode::AsService),
        ] {
            let launch_mode = LaunchMode::of(has_notify_socket, has_stream, || has_controlling);
            assert_eq!(launch_mode, expected, "{has_notify_socket} {has_stream} {has_controlling}");
        }
    }
}
