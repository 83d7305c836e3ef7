//! A process that says where it listens.

use super::{Cores, Process};
use crate::error::BenchError;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child as Running, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How long a start may take.
const GUARD: Duration = Duration::from_secs(60);

/// How many of its last log lines are kept to be shown if something goes wrong.
const LAST_LINES: usize = 20;

/// A process that is measured. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Child {
    running: Running,
    listening: Vec<(String, SocketAddr)>,
    last_lines: Arc<Mutex<VecDeque<String>>>,
    /// From the start of the program until it said that it is ready.
    pub(crate) startup: Duration,
    /// What it uses.
    pub(crate) process: Process,
}

/// What the thread that reads the log tells.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Listening(String, SocketAddr),
    Ready,
}

impl Child {
    /// Starts a program and waits for its `ready`.
    pub(crate) fn start(command: &mut Command, cores: Cores) -> Result<Child, BenchError> {
        let what = format!("cannot start {}", command.get_program().to_string_lossy());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let begun = Instant::now();
        let mut running = cores
            .on_the_other(|| command.spawn())
            .map_err(BenchError::system::<std::io::Error>(&what))?;
        let last_lines = Arc::default();
        let (sender, said) = mpsc::channel();
        if let Some(log) = running.stderr.take() {
            let lines = Arc::clone(&last_lines);
            thread::spawn(move || read(log, &lines, &sender));
        }
        let process = Process::new(running.id())?;
        let startup = Duration::ZERO;
        let mut child = Child { running, listening: Vec::new(), last_lines, startup, process };
        loop {
            match said.recv_timeout(GUARD) {
                Ok(Said::Listening(title, address)) => child.listening.push((title, address)),
                Ok(Said::Ready) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(BenchError::wrong(format!("{what}:\n{}", child.log())));
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(BenchError::wrong(format!("{what}: it does not become ready")));
                }
            }
        }
        child.startup = begun.elapsed();
        Ok(child)
    }

    /// Ends it as a service does, so that it leaves its files in order.
    pub(crate) fn stop(mut self) -> Result<(), BenchError> {
        let id = Pid::from_child(&self.running);
        kill_process(id, Signal::TERM).map_err(BenchError::system("cannot stop it"))?;
        self.running.wait().map_err(BenchError::system("waiting for its end"))?;
        Ok(())
    }

    /// Where it listens.
    pub(crate) fn address(&self, title: &str) -> Result<SocketAddr, BenchError> {
        let found = self.listening.iter().find(|(one, _)| one == title);
        let (_, address) =
            found.ok_or_else(|| BenchError::wrong(format!("nothing listens as {title}")))?;
        Ok(*address)
    }

    /// The last lines of its log.
    pub(crate) fn log(&self) -> String {
        let lines = self.last_lines.lock();
        lines.map(|lines| lines.iter().cloned().collect::<Vec<_>>().join("\n")).unwrap_or_default()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only for a program that has already ended.
        self.running.kill().ok();
        self.running.wait().ok();
    }
}

/// Reads the log to its end, so that the program never waits for a reader.
fn read(log: ChildStderr, lines: &Mutex<VecDeque<String>>, sender: &Sender<Said>) {
    for line in BufReader::new(log).lines() {
        let Ok(line) = line else { return };
        if let Some(said) = understand(&line) {
            // Nobody listens any more once it is ready.
            sender.send(said).ok();
        }
        if let Ok(mut lines) = lines.lock() {
            if lines.len() == LAST_LINES {
                lines.pop_front();
            }
            lines.push_back(line);
        }
    }
}

/// `… listening on 127.0.0.1:40001 (Dispatch Server)` and `… ready`.
fn understand(line: &str) -> Option<Said> {
    if let Some((_, rest)) = line.split_once("listening on ") {
        let (address, title) = rest.trim_end().split_once(" (")?;
        let title = title.strip_suffix(')')?.to_owned();
        return Some(Said::Listening(title, address.parse().ok()?));
    }
    let ready = line.split_whitespace().last()? == "ready" && !line.contains("next: ");
    ready.then_some(Said::Ready)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_says_where_who_listens_and_when_all_is_ready() {
        let address = "127.0.0.1:40001".parse().unwrap();
        let title = String::from("Dispatch Server");
        assert_eq!(
            understand("[INFO] listening on 127.0.0.1:40001 (Dispatch Server)"),
            Some(Said::Listening(title, address))
        );
        assert_eq!(understand("[INFO] ready"), Some(Said::Ready));
        for line in ["", "[INFO] next: `msnpd check` says what is ready", "listening on it"] {
            assert_eq!(understand(line), None);
        }
    }
}
