//! What an operator does beyond starting and stopping: other configurations, verbs, the log.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::support::server::{Account, Installation, Server};

/// How long a verb may take. Only ever reached by a failing test.
const GUARD: Duration = Duration::from_secs(20);

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Holds the run to an exit code, and gives what it wrote to standard error.
    pub(crate) fn fails(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "a failure has nothing to say on standard output");
        &self.stderr
    }
}

impl Installation {
    /// Writes another configuration, after the accounts were made. Without web pages, unless it says
    /// where they are: many servers run at a time, and the usual port is one.
    pub(crate) fn configured(accounts: &[Account], text: &str) -> Self {
        let installation = Self::with_accounts(accounts);
        let text = match text.contains("web:") {
            true => text.to_owned(),
            false => text.replacen('(', "(web: None, ", 1),
        };
        std::fs::write(installation.configuration(), text).expect("writing config.ron");
        installation
    }

    /// The folder of accounts and lists.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Runs a verb that asks for nothing, to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        to_the_end(self.program(arguments), b"")
    }
}

/// Runs the program to its end with something on its standard input.
pub(crate) fn to_the_end(mut command: Command, input: &[u8]) -> Outcome {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starting msnpd");
    let stdout = drain(child.stdout.take().expect("its standard output"));
    let stderr = drain(child.stderr.take().expect("its standard error"));
    // It may end without reading.
    child.stdin.take().expect("its standard input").write_all(input).ok();
    let ended = (stdout.recv_timeout(GUARD), stderr.recv_timeout(GUARD));
    let (Ok(stdout), Ok(stderr)) = ended else {
        child.kill().ok();
        panic!("msnpd did not end: {command:?}");
    };
    let status = child.wait().expect("waiting for msnpd");
    Outcome { code: status.code(), stdout, stderr }
}

fn drain(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).ok();
        sender.send(String::from_utf8_lossy(&bytes).into_owned()).ok();
    });
    receiver
}

impl Server {
    /// Stops the program; all the lines it logged.
    pub(crate) fn stop_and_read_log(self) -> Vec<String> {
        let log = self.log.clone();
        self.stop();
        let log = log.lock().expect("the log");
        log.lines().map(str::to_owned).collect()
    }
}
