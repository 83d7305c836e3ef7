//! The built program: a directory with a configuration and accounts, and the running server.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// How long a test waits for the program. Only a failing test waits this long.
const TIMEOUT: Duration = Duration::from_secs(20);

const CONFIGURATION: &str = r#"(
    dispatch: Some((listen: "127.0.0.1:0")),
    notification: Some((listen: "127.0.0.1:0")),
    switchboard: Some((listen: "127.0.0.1:0")),
    web: None,
    domains: ["example.com", "hotmail.com"],
    greeter: None,
)
"#;

/// An account to create before the server starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) handle: String,
    /// By default, the local part of the handle.
    pub(crate) name: Option<String>,
    pub(crate) password: String,
}

/// A directory with a configuration and accounts. The server can start in it any number of times.
pub(crate) struct Installation {
    pub(crate) directory: TempDir,
}

impl Installation {
    /// Creates the accounts as an operator does: with `msnpd user add` and the password on standard input.
    pub(crate) fn with_accounts(accounts: &[Account]) -> Self {
        let directory = TempDir::with_prefix("msnpd-test-").expect("a temporary directory");
        let installation = Self { directory };
        std::fs::write(installation.configuration(), CONFIGURATION).expect("writing config.ron");
        let data = installation.directory.path().join("data");
        std::fs::DirBuilder::new().mode(0o700).create(data).expect("creating the data folder");
        for account in accounts {
            installation.add(account);
        }
        installation
    }

    /// Starts the server and waits for its `ready`.
    pub(crate) fn start(&self) -> Server {
        Server::start(self.program(&["run"]))
    }

    /// Creates an account.
    pub(crate) fn add(&self, account: &Account) {
        let mut command = self.program(&["user", "add", &account.handle]);
        if let Some(name) = &account.name {
            command.args(["--name", name]);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starting msnpd user add");
        let mut input = child.stdin.take().expect("its standard input");
        writeln!(input, "{}", account.password).expect("writing the password");
        drop(input);
        let output = child.wait_with_output().expect("waiting for msnpd user add");
        assert!(
            output.status.success(),
            "msnpd user add {} ended with {}:\n{}{}",
            account.handle,
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.directory.path().join("config.ron")
    }

    /// Returns a command that runs the program with this configuration and this data directory.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_msnpd"));
        command
            .args(arguments)
            .arg("--config")
            .arg(self.configuration())
            .arg("--data")
            .arg(self.directory.path().join("data"))
            .current_dir(self.directory.path())
            .env_remove("MSNPD_DATA")
            .env_remove("MSNPD_CONFIG")
            .env_remove("RUST_LOG");
        command
    }
}

/// One of the three servers of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listener {
    Dispatch,
    Notification,
    Switchboard,
}

/// The running server. Dropping it kills the process, and prints its log if the test fails.
pub(crate) struct Server {
    pub(crate) process: Child,
    addresses: Vec<(Listener, SocketAddr)>,
    pub(crate) log: Arc<Mutex<String>>,
    /// Disconnected when the program closes its standard error, that is, when it ends.
    ended: Receiver<Started>,
}

/// An event of the start, as read from the log.
enum Started {
    Listening(Listener, SocketAddr),
    Ready,
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starting msnpd run");
        let stderr = process.stderr.take().expect("its standard error");
        let log = Arc::new(Mutex::new(String::new()));
        let (sender, ended) = mpsc::channel();
        let buffer = Arc::clone(&log);
        thread::spawn(move || drain(stderr, &buffer, &sender));

        let mut server = Self { process, addresses: Vec::new(), log, ended };
        loop {
            match server.ended.recv_timeout(TIMEOUT) {
                Ok(Started::Listening(listener, address)) => {
                    server.addresses.push((listener, address));
                }
                Ok(Started::Ready) => return server,
                Err(_) => panic!("msnpd did not log that it is ready"),
            }
        }
    }

    /// Returns the address of one of the servers, as logged at the start.
    pub(crate) fn address(&self, listener: Listener) -> SocketAddr {
        self.addresses
            .iter()
            .find_map(|(one, address)| (*one == listener).then_some(*address))
            .unwrap_or_else(|| panic!("msnpd did not log the address of its {listener:?} server"))
    }

    /// Stops the server with SIGTERM, as a service manager does, and checks that it exits with 0.
    pub(crate) fn stop(self) {
        self.signal("TERM");
        self.wait();
    }

    /// Sends the server a signal.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -s \"$1\" \"$0\"", &pid, name]).status();
        assert!(sent.expect("running kill").success(), "msnpd is not running any more");
    }

    /// Waits for the server to end after a request to stop, and checks that it exits with 0.
    pub(crate) fn wait(mut self) {
        let hung_up = loop {
            match self.ended.recv_timeout(TIMEOUT) {
                Ok(_) => {}
                Err(error) => break error == mpsc::RecvTimeoutError::Disconnected,
            }
        };
        assert!(hung_up, "msnpd did not end after a request to stop");
        let status = self.process.wait().expect("waiting for msnpd");
        assert_eq!(status.code(), Some(0), "msnpd ended with {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only for a program that has already ended.
        self.process.kill().ok();
        self.process.wait().ok();
        if thread::panicking() {
            let log = self.log.lock().map(|log| log.clone()).unwrap_or_default();
            eprintln!("--- msnpd's log ---\n{log}--- end of msnpd's log ---");
        }
    }
}

/// Reads the log to its end, so that the server never blocks on a full pipe.
fn drain(stderr: ChildStderr, log: &Mutex<String>, sender: &Sender<Started>) {
    let mut starting = true;
    for line in BufReader::new(stderr).split(b'\n') {
        let Ok(line) = line else { return };
        let line = String::from_utf8_lossy(&line);
        let line = without_time(&line).unwrap_or(&line).to_owned();
        if starting && let Some(started) = parse_log_line(&line) {
            starting = !matches!(started, Started::Ready);
            sender.send(started).ok();
        }
        if let Ok(mut log) = log.lock() {
            log.push_str(&line);
            log.push('\n');
        }
    }
}

/// Returns a log line without its time. A line looks like this: `2026-11-30T20:39:29.123Z INFO  ready`.
pub(crate) fn without_time(line: &str) -> Option<&str> {
    const FORM: &[u8] = b"0000-00-00T00:00:00.000Z";
    let (time, rest) = line.split_once(' ')?;
    let fits = |(byte, form): (u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        sign => byte == *sign,
    };
    (time.len() == FORM.len() && time.bytes().zip(FORM).all(fits)).then_some(rest)
}

/// Parses `… listening on 127.0.0.1:40001 (Dispatch Server)` and `… ready`. Any prefix is allowed.
fn parse_log_line(line: &str) -> Option<Started> {
    if let Some((_, rest)) = line.split_once("listening on ") {
        let (address, server) = rest.trim_end().split_once(" (")?;
        let listener = match server {
            "Dispatch Server)" => Listener::Dispatch,
            "Notification Server)" => Listener::Notification,
            "Switchboard Server)" => Listener::Switchboard,
            _ => return None,
        };
        return Some(Started::Listening(listener, address.parse().ok()?));
    }
    let last = line.split_whitespace().last()?;
    (last == "ready" && !line.contains("next: ")).then_some(Started::Ready)
}
