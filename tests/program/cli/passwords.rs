//! Sources of passwords, and valid passwords.

use crate::support::connection::Connection;
use crate::support::conversation::account;
use crate::support::digest;
use crate::support::operator::{Outcome, run_to_end};
use crate::support::server::{Installation, Listener, Server};

/// Signs in. Returns the friendly name from the answer, or any other answer.
pub(crate) fn signs_in(server: &Server, handle: &str, password: &str) -> Result<String, String> {
    let mut ns = Connection::open(server.address(Listener::Notification));
    ns.send_line(&format!("USR 1 MD5 I {handle}"));
    let challenge = ns.expect_words("USR 1 MD5 S ").remove(0);
    ns.send_line(&format!(
        "USR 2 MD5 S {}",
        digest::md5(challenge.as_bytes(), password.as_bytes())
    ));
    let answer = ns.next_line();
    let name = answer.strip_prefix(&format!("USR 2 OK {handle} ")).map(str::to_owned);
    name.ok_or(answer)
}

fn with_input(installation: &Installation, arguments: &[&str], input: &[u8]) -> Outcome {
    run_to_end(installation.program(arguments), input)
}

#[test]
fn the_password_is_a_line_of_standard_input() {
    let installation = Installation::with_accounts(&[]);
    let longest = "#~!\"$%&/()=?'*+;";
    assert_eq!(longest.len(), 16);
    let inputs = [
        ("lf", "secret\n", "secret"),
        ("crlf", "secret\r\n", "secret"),
        ("none", "secret", "secret"),
        ("two", "first\nsecond\n", "first"),
        ("one", "x\n", "x"),
        ("longest", longest, longest),
    ];
    for (who, input, _) in inputs {
        let added = with_input(&installation, &["user", "add", who], input.as_bytes());
        assert_eq!(added.code, Some(0), "{who}: {added:?}");
        assert_eq!(added.stdout, "", "{who}");
    }
    let server = installation.start();
    for (who, _, password) in inputs {
        let handle = format!("{who}@example.com");
        assert_eq!(signs_in(&server, &handle, password).as_deref(), Ok(who));
    }
    server.stop();
}

#[test]
fn passwords_that_no_client_can_send_are_refused() {
    let installation = Installation::with_accounts(&[account("bob", None)]);
    for input in [
        b" \n" as &[u8],
        b"two words\n",
        b"tab\there\n",
        b"12345678901234567\n",
        "pa\u{df}wort\n".as_bytes(),
        b"pa\xdfwort\n",
        b"null\0\n",
    ] {
        for arguments in [["user", "add", "alice"], ["user", "passwd", "bob"]] {
            let refused = with_input(&installation, &arguments, input);
            let message = refused.expect_failure(1);
            let shown = input.escape_ascii();
            assert!(
                message.starts_with("msnpd: a password has 1 to 16 characters"),
                "{shown}: {message}"
            );
            assert_eq!(message.lines().count(), 1, "{message}");
        }
    }
    for input in [b"" as &[u8], b"\n", b"\r\n"] {
        for arguments in
            [&["user", "add", "alice"] as &[&str], &["user", "passwd", "bob"], &["passwd-admin"]]
        {
            let refused = with_input(&installation, arguments, input);
            let message = "msnpd: no password was given: nothing was changed\n";
            assert_eq!(refused.expect_failure(1), message);
        }
    }
    assert_eq!(installation.run(&["user", "list"]).stdout, "bob@example.com  bob\n");
    let server = installation.start();
    assert!(signs_in(&server, "bob@example.com", "secret").is_ok());
    server.stop();
}

#[test]
fn random_password_is_printed_alone_and_signs_in() {
    let installation = Installation::with_accounts(&[account("bob", None)]);
    let mut made_up = Vec::new();
    for arguments in [["user", "add", "alice"], ["user", "passwd", "bob"]] {
        let all = [&arguments[..], &["--random-password"]].concat();
        let done = installation.run(&all);
        assert_eq!(done.code, Some(0), "{done:?}");
        let password = done.stdout.strip_suffix('\n').expect("a line");
        assert!(!password.is_empty() && password.len() <= 16, "{password:?}");
        assert!(password.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{password:?}");
        assert!(!done.stderr.contains(password), "{}", done.stderr);
        made_up.push(password.to_owned());
    }
    assert_ne!(made_up[0], made_up[1]);
    let server = installation.start();
    assert_eq!(signs_in(&server, "alice@example.com", &made_up[0]).as_deref(), Ok("alice"));
    assert_eq!(signs_in(&server, "bob@example.com", &made_up[1]).as_deref(), Ok("bob"));
    assert_eq!(signs_in(&server, "bob@example.com", "secret"), Err("911 2".to_owned()));
    server.stop();
}

#[test]
fn passwd_changes_the_password_of_the_sign_in() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    let done = with_input(&installation, &["user", "passwd", "ALICE@example.com"], b"other\r\n");
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(done.stdout, "");
    assert_eq!(done.stderr, "alice@example.com has a new password\n");
    let server = installation.start();
    assert_eq!(signs_in(&server, "alice@example.com", "secret"), Err("911 2".to_owned()));
    assert_eq!(signs_in(&server, "alice@example.com", "other").as_deref(), Ok("alice"));
    server.stop();
}

/// Anyone may read a copy of the store, so it has no password.
#[test]
fn no_password_is_in_the_store_and_only_the_owner_can_read_both_files() {
    let installation = Installation::with_accounts(&[]);
    let password = "Xyzzy-Plugh-Plov";
    with_input(&installation, &["user", "add", "alice"], password.as_bytes());
    for name in ["msnpd.redb", "msnpd.key"] {
        let path = installation.data().join(name);
        let bytes = std::fs::read(&path).expect("reading it");
        let found = bytes.windows(password.len()).any(|piece| piece == password.as_bytes());
        assert!(!found, "the password stands in {name}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).expect("its metadata").permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name} has mode {mode:o}");
        }
    }
}
