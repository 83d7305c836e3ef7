//! The program on a terminal that script(1) of util-linux makes: prompts, the first start, and a
//! terminal that is closed.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::pages::{asked_for, base64};
use crate::cli::passwords::signs_in;
use crate::support::connection::Connection;
use crate::support::conversation::account;
use crate::support::operator::run_to_end;
use crate::support::server::Installation;

/// The time limit for a prompt. Only a failing test reaches it.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The program on a terminal.
struct Terminal {
    process: Child,
    keyboard: ChildStdin,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

impl Terminal {
    fn start(installation: &Installation, arguments: &[&str]) -> Self {
        let program = installation.program(arguments);
        let words = std::iter::once(program.get_program()).chain(program.get_args());
        let quoted: Vec<String> =
            words.map(|word| format!("'{}'", word.to_str().expect("UTF-8"))).collect();
        // The process ID of the shell, which `exec` gives to the program.
        Self::shell(&format!("echo pid $$.; exec {}", quoted.join(" ")))
    }

    /// Runs a shell command on a terminal.
    fn shell(command: &str) -> Self {
        let mut process = Command::new("script")
            .args(["--quiet", "--return", "--command", command, "/dev/null"])
            .env("SHELL", "/bin/sh")
            .env_remove("MSNPD_CONFIG")
            .env_remove("MSNPD_DATA")
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starting script(1), which every Debian has");
        let mut stdout = process.stdout.take().expect("its standard output");
        let keyboard = process.stdin.take().expect("its standard input");
        let (sender, screen) = mpsc::channel();
        thread::spawn(move || {
            let mut piece = [0; 256];
            while let Ok(length @ 1..) = stdout.read(&mut piece) {
                sender.send(piece[..length].to_vec()).ok();
            }
        });
        Self { process, keyboard, screen, seen: String::new() }
    }

    /// Waits until the screen has this text.
    fn wait_for(&mut self, words: &str) {
        while !self.seen.contains(words) {
            let piece = self.screen.recv_timeout(TIMEOUT);
            let piece = piece.unwrap_or_else(|_| panic!("no `{words}` in `{}`", self.seen));
            self.seen.push_str(&String::from_utf8_lossy(&piece));
        }
    }

    /// Returns the text between these on the screen.
    fn between(&mut self, before: &str, behind: &str) -> String {
        self.wait_for(before);
        loop {
            let (_, rest) = self.seen.split_once(before).expect("it was there");
            if let Some((found, _)) = rest.split_once(behind) {
                return found.to_owned();
            }
            let piece = self.screen.recv_timeout(TIMEOUT).expect("more on the screen");
            self.seen.push_str(&String::from_utf8_lossy(&piece));
        }
    }

    /// Sends the program a signal.
    fn signal(&mut self, name: &str) {
        let pid = self.between("pid ", ".");
        let sent = Command::new("sh").args(["-c", "kill -s \"$1\" \"$0\"", &pid, name]).status();
        assert!(sent.expect("running kill").success(), "msnpd is not running any more");
    }

    /// Waits for a prompt, and answers it.
    fn answer(&mut self, prompt: &str, line: &str) {
        self.wait_for(prompt);
        self.seen.clear();
        writeln!(self.keyboard, "{line}").expect("typing");
    }

    /// Returns the exit code, and the last output.
    fn end(mut self) -> (Option<i32>, String) {
        loop {
            match self.screen.recv_timeout(TIMEOUT) {
                Ok(piece) => self.seen.push_str(&String::from_utf8_lossy(&piece)),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    self.process.kill().ok();
                    panic!("msnpd did not end: {}", self.seen);
                }
            }
        }
        (self.process.wait().expect("waiting for script").code(), self.seen)
    }
}

#[test]
fn a_password_is_asked_for_twice() {
    let installation = Installation::with_accounts(&[account("bob", None)]);
    for (command, handle, said) in [
        ("add", "alice", "created the account alice@example.com in the data folder"),
        ("passwd", "bob", "has a new password"),
    ] {
        let mut terminal = Terminal::start(&installation, &["user", command, handle]);
        terminal.answer("Password (1 to 16 characters): ", "typed");
        terminal.answer("Repeat the password: ", "typed");
        let (code, seen) = terminal.end();
        assert!(code == Some(0) && seen.contains(said), "{code:?}: {seen}");
    }
    let server = installation.start();
    assert_eq!(signs_in(&server, "alice@example.com", "typed").as_deref(), Ok("alice"));
    assert_eq!(signs_in(&server, "bob@example.com", "typed").as_deref(), Ok("bob"));
    server.stop();
}

#[test]
fn no_password_is_asked_for_an_impossible_account() {
    let installation = Installation::with_accounts(&[]);
    for (command, handle, said) in [
        ("add", "a b", "is not a valid sign-in name"),
        ("add", "alice@elsewhere.org", "is not a domain for new accounts"),
        ("add", "msnpd-selftest-x", "are reserved for"),
        ("passwd", "ghost", "no account ghost@example.com"),
    ] {
        let terminal = Terminal::start(&installation, &["user", command, handle]);
        let (code, seen) = terminal.end();
        assert!(code == Some(1) && seen.contains(said), "{code:?}: {seen}");
        assert!(!seen.contains("Password"), "{seen}");
    }
}

#[test]
fn no_password_is_asked_for_the_greeter() {
    let text = "(dispatch: (listen: \"127.0.0.1:0\"), notification: (listen: \"127.0.0.1:0\"), \
                switchboard: (listen: \"127.0.0.1:0\"), greeter: ())";
    let installation = Installation::configured(&[], text);
    // The account exists now.
    installation.start().stop();
    let terminal = Terminal::start(&installation, &["user", "passwd", "greeter"]);
    let (code, seen) = terminal.end();
    assert!(code == Some(1) && seen.contains("the built-in contact"), "{code:?}: {seen}");
    assert!(!seen.contains("Password"), "{seen}");
}

#[test]
fn passwords_that_differ_change_nothing() {
    let installation = Installation::with_accounts(&[]);
    let mut terminal = Terminal::start(&installation, &["user", "add", "alice"]);
    terminal.answer("Password (1 to 16 characters): ", "typed");
    terminal.answer("Repeat the password: ", "typo");
    let (code, seen) = terminal.end();
    let said = "the two passwords differ: nothing was changed";
    assert!(code == Some(1) && seen.contains(said), "{code:?}: {seen}");
    // An impossible password need not be repeated.
    for (first, said) in [
        ("two words", "a password has 1 to 16 characters"),
        ("", "no password was given: nothing was changed"),
    ] {
        let mut terminal = Terminal::start(&installation, &["user", "add", "alice"]);
        terminal.answer("Password (1 to 16 characters): ", first);
        let (code, seen) = terminal.end();
        assert!(code == Some(1) && seen.contains(said), "{code:?}: {seen}");
        assert!(!seen.contains("Repeat"), "{seen}");
    }
    assert_eq!(installation.run(&["user", "list"]).stdout, "");
}

const SERVERS: &str = "dispatch: (listen: \"127.0.0.1:0\"), notification: (listen: \
                       \"127.0.0.1:0\"), \
    switchboard: (listen: \"127.0.0.1:0\"), greeter: None,";

const SHOWN: &str = "the administrator's password, shown only this once: ";

fn with_pages() -> Installation {
    Installation::configured(&[], &format!("({SERVERS} web: (listen: \"127.0.0.1:0\"))"))
}

/// Waits for the server, and returns the address of its pages.
fn pages_of(terminal: &mut Terminal) -> std::net::SocketAddr {
    terminal.wait_for("ready");
    let (before, _) = terminal.seen.split_once(" (web pages)").expect("the pages");
    let (_, address) = before.rsplit_once("listening on ").expect("an address");
    address.parse().expect("an address")
}

#[test]
fn the_first_start_on_a_terminal_makes_the_administrators_password_and_prints_it_once() {
    let installation = with_pages();
    let mut terminal = Terminal::start(&installation, &["run"]);
    let password = terminal.between(SHOWN, "\r\n");
    assert_eq!(password.len(), 10, "{password:?}");
    let place = pages_of(&mut terminal);
    assert!(!terminal.seen.contains("passwd-admin"), "{}", terminal.seen);
    assert!(!terminal.seen.contains(&format!("INFO  {SHOWN}")), "it is in no log");
    let code = base64(format!("admin:{password}").as_bytes());
    assert!(asked_for(place, "/status", &code).starts_with("HTTP/1.0 200 OK"));
    terminal.signal("TERM");
    assert_eq!(terminal.end().0, Some(0));
    // From the second start on, the password exists.
    let mut terminal = Terminal::start(&installation, &["run"]);
    terminal.wait_for("ready");
    assert!(!terminal.seen.contains(SHOWN), "{}", terminal.seen);
    terminal.signal("TERM");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn a_password_is_not_shown_to_a_log_nor_by_a_start_that_stops_again() {
    let installation = with_pages();
    let terminal = Terminal::start(&installation, &["run", "--smoke"]);
    let (code, seen) = terminal.end();
    assert!(code == Some(0) && !seen.contains(SHOWN), "{seen}");
    assert!(!installation.data().join("msnpd.admin").exists());
    // With standard error in a file, the password is shown on the terminal only.
    let log = installation.directory.path().join("log");
    let command = installation.program(&["run"]);
    let words: Vec<&str> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_str().expect("UTF-8"))
        .collect();
    let command = format!("echo pid $$.; exec {} 2>{}", words.join(" "), log.display());
    let mut terminal = Terminal::shell(&command);
    terminal.between(SHOWN, "\r\n");
    terminal.signal("TERM");
    assert_eq!(terminal.end().0, Some(0));
    let log = std::fs::read_to_string(log).expect("the log");
    assert!(log.contains("ready") && !log.contains(SHOWN), "{log}");
}

#[test]
fn a_hang_up_with_a_terminal_attached_ends_the_server() {
    let installation = Installation::with_accounts(&[]);
    let mut terminal = Terminal::start(&installation, &["run"]);
    terminal.wait_for("ready");
    terminal.signal("HUP");
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(0), "{seen}");
    assert!(seen.contains("the terminal was closed") && seen.contains("stopped"), "{seen}");
}

#[test]
fn closing_the_terminal_ends_the_server_which_signs_all_users_off() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    let mut terminal = Terminal::start(&installation, &["run"]);
    terminal.wait_for("ready");
    let (before, _) = terminal.seen.split_once(" (Notification Server)").expect("an address");
    let (_, address) = before.rsplit_once("listening on ").expect("an address");
    let mut client = Connection::open(address.parse().expect("an address"));
    client.send_line("VER 1 MSNP2");
    client.expect("VER 1 MSNP2");
    // The terminal closes with the program that made it.
    terminal.process.kill().expect("ending script");
    terminal.process.wait().expect("its end");
    client.read_end().expect("the end of the connection");
    // Its last log lines are lost, but it has closed its socket.
    let socket = installation.data().join("msnpd.sock");
    let until = Instant::now() + TIMEOUT;
    while std::os::unix::net::UnixStream::connect(&socket).is_ok() {
        assert!(Instant::now() < until, "msnpd goes on without its terminal");
    }
}

#[test]
fn under_a_service_manager_a_hang_up_reloads_even_on_a_terminal() {
    let installation = Installation::with_accounts(&[]);
    let socket = installation.directory.path().join("notify");
    let _manager = std::os::unix::net::UnixDatagram::bind(&socket).expect("a socket");
    let command = installation.program(&["run"]);
    let words: Vec<&str> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_str().expect("UTF-8"))
        .collect();
    let manager = socket.display();
    let mut terminal =
        Terminal::shell(&format!("echo pid $$.; NOTIFY_SOCKET={manager} exec {}", words.join(" ")));
    terminal.wait_for("ready");
    terminal.signal("HUP");
    terminal.wait_for(" was reloaded");
    terminal.signal("TERM");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn the_administrators_password_is_asked_for_twice() {
    let installation = with_pages();
    installation.run(&["init"]);
    let mut terminal = Terminal::start(&installation, &["passwd-admin"]);
    terminal.answer("Password (1 to 64 characters): ", "longer-than-16-characters");
    terminal.answer("Repeat the password: ", "longer-than-16-characters");
    let (code, seen) = terminal.end();
    assert!(code == Some(0) && seen.contains("the administrator's password is set"), "{seen}");
    let before = std::fs::read(installation.data().join("msnpd.admin")).expect("the file");
    for (first, second, said) in [
        ("typed", Some("typo"), "the two passwords differ: nothing was changed"),
        ("two words", None, "1 to 64 characters: letters, digits and signs"),
        ("", None, "no password was given: nothing was changed"),
    ] {
        let mut terminal = Terminal::start(&installation, &["passwd-admin"]);
        terminal.answer("Password (1 to 64 characters): ", first);
        if let Some(second) = second {
            terminal.answer("Repeat the password: ", second);
        }
        let (code, seen) = terminal.end();
        assert!(code == Some(1) && seen.contains(said), "{code:?}: {seen}");
    }
    let after = std::fs::read(installation.data().join("msnpd.admin")).expect("the file");
    assert_eq!(after, before);
    let checked = run_to_end(installation.program(&["check"]), b"");
    assert!(checked.stdout.contains("ok     administrator: a password is set"), "{checked:?}");
}
