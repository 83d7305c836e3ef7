//! The password prompt, on a terminal that script(1) of util-linux makes.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::conversation::account;
use crate::passwords::signs_in;
use crate::server::Installation;

/// How long the program may take to ask. Only ever reached by a failing test.
const GUARD: Duration = Duration::from_secs(20);

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
        let mut process = Command::new("script")
            .args(["--quiet", "--return", "--command", &quoted.join(" "), "/dev/null"])
            .env("SHELL", "/bin/sh")
            .env_remove("MSNPD_CONFIG")
            .env_remove("MSNPD_DATA")
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

    /// Waits for a prompt, and answers it.
    fn answer(&mut self, prompt: &str, line: &str) {
        while !self.seen.contains(prompt) {
            let piece = self.screen.recv_timeout(GUARD);
            let piece = piece.unwrap_or_else(|_| panic!("no `{prompt}` in `{}`", self.seen));
            self.seen.push_str(&String::from_utf8_lossy(&piece));
        }
        self.seen.clear();
        writeln!(self.keyboard, "{line}").expect("typing");
    }

    /// What the program ended with, and what it said at last.
    fn end(mut self) -> (Option<i32>, String) {
        loop {
            match self.screen.recv_timeout(GUARD) {
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
    for (verb, handle, said) in [
        ("add", "alice", "can sign in once a server runs"),
        ("passwd", "bob", "has a new password"),
    ] {
        let mut terminal = Terminal::start(&installation, &["user", verb, handle]);
        terminal.answer("Password: ", "typed");
        terminal.answer("The same again: ", "typed");
        let (code, seen) = terminal.end();
        assert!(code == Some(0) && seen.contains(said), "{code:?}: {seen}");
    }
    let server = installation.start();
    assert_eq!(signs_in(&server, "alice@example.com", "typed").as_deref(), Ok("alice"));
    assert_eq!(signs_in(&server, "bob@example.com", "typed").as_deref(), Ok("bob"));
    server.stop();
}

#[test]
fn nobody_types_a_password_for_what_cannot_be_an_account() {
    let installation = Installation::with_accounts(&[]);
    for (verb, handle, said) in [
        ("add", "a b", "is not a user handle"),
        ("add", "alice@elsewhere.org", "accounts are made in example.com"),
        ("add", "msnpd-selftest-x", "are kept for"),
        ("passwd", "ghost", "there is no account ghost@example.com"),
    ] {
        let terminal = Terminal::start(&installation, &["user", verb, handle]);
        let (code, seen) = terminal.end();
        assert!(code == Some(1) && seen.contains(said), "{code:?}: {seen}");
        assert!(!seen.contains("Password"), "{seen}");
    }
}

#[test]
fn nobody_types_a_password_for_the_greeter() {
    let text = "(dispatch: (listen: \"127.0.0.1:0\"), notification: (listen: \"127.0.0.1:0\"), \
                switchboard: (listen: \"127.0.0.1:0\"), greeter: ())";
    let installation = Installation::configured(&[], text);
    // He has an account from now on.
    installation.start().stop();
    let terminal = Terminal::start(&installation, &["user", "passwd", "greeter"]);
    let (code, seen) = terminal.end();
    assert!(code == Some(1) && seen.contains("the server's own greeter"), "{code:?}: {seen}");
    assert!(!seen.contains("Password"), "{seen}");
}

#[test]
fn passwords_that_differ_change_nothing() {
    let installation = Installation::with_accounts(&[]);
    for (first, second, said) in [
        ("typed", "typo", "the two passwords differ; nothing was changed"),
        ("two words", "two words", "a password has 1 to 16 characters"),
    ] {
        let mut terminal = Terminal::start(&installation, &["user", "add", "alice"]);
        terminal.answer("Password: ", first);
        terminal.answer("The same again: ", second);
        let (code, seen) = terminal.end();
        assert!(code == Some(1) && seen.contains(said), "{code:?}: {seen}");
    }
    assert_eq!(installation.run(&["user", "list"]).stdout, "");
}
