//! A process that logs where it listens.

use super::{Cores, Process};
use crate::error::BenchError;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{self, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// The time limit of a start.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// The number of log lines that are kept for an error message.
const KEPT_LINES: usize = 20;

/// A measured process. Dropping it kills the process.
#[derive(Debug)]
pub(crate) struct Child {
    inner: process::Child,
    /// The titles and addresses of its listeners.
    listening: Vec<(String, SocketAddr)>,
    last_lines: Arc<Mutex<VecDeque<String>>>,
    /// The time from the start of the process until it logged `ready`.
    pub(crate) startup: Duration,
    /// Its memory and processor time.
    pub(crate) process: Process,
}

/// What the thread that reads the log sends.
#[derive(Debug, PartialEq, Eq)]
enum LogEvent {
    Listening(String, SocketAddr),
    Ready,
}

impl Child {
    /// Starts a program and waits until it logs `ready`.
    pub(crate) fn start(command: &mut Command, cores: Cores) -> Result<Child, BenchError> {
        let cannot_start = format!("cannot start {}", command.get_program().to_string_lossy());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let start = Instant::now();
        let mut inner = cores
            .run_on_measured_core(|| command.spawn())
            .map_err(BenchError::system::<std::io::Error>(&cannot_start))?;
        let last_lines = Arc::default();
        let (sender, events) = mpsc::channel();
        if let Some(log) = inner.stderr.take() {
            let lines = Arc::clone(&last_lines);
            thread::spawn(move || read_log(log, &lines, &sender));
        }
        let process = Process::new(inner.id())?;
        let startup = Duration::ZERO;
        let mut child = Child { inner, listening: Vec::new(), last_lines, startup, process };
        loop {
            match events.recv_timeout(START_TIMEOUT) {
                Ok(LogEvent::Listening(title, address)) => child.listening.push((title, address)),
                Ok(LogEvent::Ready) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(BenchError::wrong(format!("{cannot_start}:\n{}", child.log())));
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(BenchError::wrong(format!(
                        "{cannot_start}: it does not become ready"
                    )));
                }
            }
        }
        child.startup = start.elapsed();
        Ok(child)
    }

    /// Stops it with SIGTERM, so that it closes its files.
    pub(crate) fn stop(mut self) -> Result<(), BenchError> {
        let id = Pid::from_child(&self.inner);
        kill_process(id, Signal::TERM).map_err(BenchError::system("cannot stop the process"))?;
        self.inner.wait().map_err(BenchError::system("waiting for the end of the process"))?;
        Ok(())
    }

    /// Returns the address where it listens under this title.
    pub(crate) fn address(&self, title: &str) -> Result<SocketAddr, BenchError> {
        let found = self.listening.iter().find(|(listener, _)| listener == title);
        let (_, address) =
            found.ok_or_else(|| BenchError::wrong(format!("nothing listens as {title}")))?;
        Ok(*address)
    }

    /// Returns the last lines of its log.
    pub(crate) fn log(&self) -> String {
        let lines = self.last_lines.lock();
        lines.map(|lines| lines.iter().cloned().collect::<Vec<_>>().join("\n")).unwrap_or_default()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only if the program has already ended.
        self.inner.kill().ok();
        self.inner.wait().ok();
    }
}

/// Reads the log to its end, so that the program never waits for a reader.
fn read_log(log: ChildStderr, lines: &Mutex<VecDeque<String>>, sender: &Sender<LogEvent>) {
    for line in BufReader::new(log).lines() {
        let Ok(line) = line else { return };
        if let Some(event) = parse_log_line(&line) {
            // The receiver is gone once the process is ready.
            sender.send(event).ok();
        }
        if let Ok(mut lines) = lines.lock() {
            if lines.len() == KEPT_LINES {
                lines.pop_front();
            }
            lines.push_back(line);
        }
    }
}

/// Parses lines such as `… listening on 127.0.0.1:40001 (Dispatch Server)` and `… ready`. `None` for other
/// lines.
fn parse_log_line(line: &str) -> Option<LogEvent> {
    if let Some((_, rest)) = line.split_once("listening on ") {
        let (address, title) = rest.trim_end().split_once(" (")?;
        let title = title.strip_suffix(')')?.to_owned();
        return Some(LogEvent::Listening(title, address.parse().ok()?));
    }
    // A line with a next step may also end in this word.
    let is_ready = line.split_whitespace().last()? == "ready" && !line.contains("next: ");
    is_ready.then_some(LogEvent::Ready)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_readiness_are_read_from_the_log() {
        let address = "127.0.0.1:40001".parse().unwrap();
        let title = String::from("Dispatch Server");
        assert_eq!(
            parse_log_line("[INFO] listening on 127.0.0.1:40001 (Dispatch Server)"),
            Some(LogEvent::Listening(title, address))
        );
        assert_eq!(parse_log_line("[INFO] ready"), Some(LogEvent::Ready));
        for line in ["", "[INFO] next: `msnpd check` says what is ready", "listening on it"] {
            assert_eq!(parse_log_line(line), None);
        }
    }
}
