//! What an operator does besides starting and stopping the server: configurations, commands, the log.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::support::server::{Account, Installation, Server};

/// How long a command may take. Only a failing test waits this long.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The result of one run of the program.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Checks the exit code, and returns what the program wrote to standard error.
    pub(crate) fn expect_failure(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "a failure writes nothing to standard output");
        &self.stderr
    }
}

impl Installation {
    /// Creates the accounts and writes this configuration. Unless it has a `web` key, the web pages are off:
    /// many servers run at the same time, and there is only one default port.
    pub(crate) fn configured(accounts: &[Account], text: &str) -> Self {
        let installation = Self::with_accounts(accounts);
        let text = match text.contains("web:") {
            true => text.to_owned(),
            false => text.replacen('(', "(web: None, ", 1),
        };
        std::fs::write(installation.configuration(), text).expect("writing config.ron");
        installation
    }

    /// Returns the data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Runs a command that needs no input, and waits for its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        run_to_end(self.program(arguments), b"")
    }
}

/// Runs the program with this standard input, and waits for its end.
pub(crate) fn run_to_end(mut command: Command, input: &[u8]) -> Outcome {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starting msnpd");
    let stdout = drain(child.stdout.take().expect("its standard output"));
    let stderr = drain(child.stderr.take().expect("its standard error"));
    // The program may end before it reads this.
    child.stdin.take().expect("its standard input").write_all(input).ok();
    let ended = (stdout.recv_timeout(TIMEOUT), stderr.recv_timeout(TIMEOUT));
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
    /// Stops the server, and returns its log lines.
    pub(crate) fn stop_and_read_log(self) -> Vec<String> {
        let log = self.log.clone();
        self.stop();
        let log = log.lock().expect("the log");
        log.lines().map(str::to_owned).collect()
    }
}
