//! Who started this process. It decides what a hang-up means, and whether somebody is there to read
//! what is shown only once.

use std::env;
use std::fs::File;
use std::io::IsTerminal;

/// Who started this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Started {
    /// A user, on a terminal that this process still has: it ends when the terminal is closed.
    OnTerminal,
    /// A service manager, or a user who detached the process: a hang-up asks for a reload.
    AsService,
}

impl Started {
    /// How this process was started. Call it before the terminal can have been closed.
    pub(crate) fn of_process() -> Started {
        let streams = [
            std::io::stdin().is_terminal(),
            std::io::stdout().is_terminal(),
            std::io::stderr().is_terminal(),
        ];
        Started::of(
            env::var_os("NOTIFY_SOCKET").is_some_and(|socket| !socket.is_empty()),
            streams.contains(&true),
            // It can be opened by processes that have a controlling terminal, and by no other.
            || File::open("/dev/tty").is_ok(),
        )
    }

    /// `INVOCATION_ID` alone decides nothing: desktops start their terminals as services, and what runs
    /// in such a terminal inherits the variable. A service has no terminal on any stream.
    fn of(notifies: bool, has_stream: bool, has_controlling: impl FnOnce() -> bool) -> Started {
        if !notifies && has_stream && has_controlling() {
            Started::OnTerminal
        } else {
            Started::AsService
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_on_a_terminal_has_it_as_a_stream_and_controls_it() {
        for (notifies, has_stream, has_controlling, expected) in [
            (false, true, true, Started::OnTerminal),
            // A service manager waits for its word.
            (true, true, true, Started::AsService),
            // Everything is redirected, as by cron, nohup or a service manager.
            (false, false, true, Started::AsService),
            (false, false, false, Started::AsService),
            // It was detached, as by setsid: closing the terminal does not reach it.
            (false, true, false, Started::AsService),
        ] {
            let started = Started::of(notifies, has_stream, || has_controlling);
            assert_eq!(started, expected, "{notifies} {has_stream} {has_controlling}");
        }
    }
}
