//! `user passwd`, `user disable`, `user enable` and `deny`: which sessions end, and how many.

use crate::cli::people::{connect, of};
use crate::support::connection::Connection;
use crate::support::conversation::{account, call, open_switchboard, sign_in, sign_in_online};
use crate::support::digest;
use crate::support::operator::{Outcome, run_to_end};
use crate::support::server::Installation;

fn ask(installation: &Installation, arguments: &[&str]) -> Outcome {
    run_to_end(installation.program(arguments), b"another\n")
}

/// Returns the answer to a client that signs in with this password.
fn answer(mut ns: Connection, who: &str, password: &str) -> String {
    ns.send_line(&format!("USR 1 MD5 I {who}@example.com"));
    let challenge = ns.expect_words("USR 1 MD5 S ").remove(0);
    ns.send_line(&format!(
        "USR 2 MD5 S {}",
        digest::md5(challenge.as_bytes(), password.as_bytes())
    ));
    ns.next_line()
}

#[test]
fn a_new_password_ends_the_sessions_of_the_account_and_says_how_many() {
    let installation = of(&["alice", "bob"]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    let mut first = open_switchboard(&mut alice, "alice");
    let mut second = call(&mut first, &mut bob, "bob", &["alice"]);
    first.expect("JOI bob@example.com bob");
    let changed = ask(&installation, &["user", "passwd", "bob"]);
    let words = "bob@example.com has a new password. 2 connections were closed\n";
    assert_eq!((changed.code, changed.stderr.as_str()), (Some(0), words));
    for connection in [&mut bob, &mut second] {
        connection.expect("OUT");
        connection.read_end().expect("the end of bob's connection");
    }
    first.expect("BYE bob@example.com");
    assert_eq!(answer(connect(&server), "bob", "secret"), "911 2");
    assert!(answer(connect(&server), "bob", "another").starts_with("USR 2 OK bob@example.com"));
    let log = server.stop_and_read_log();
    let why = "ended: the account has a new password";
    assert_eq!(log.iter().filter(|line| line.ends_with(why)).count(), 2, "{log:?}");
}

#[test]
fn sessions_are_kept_with_keep_sessions() {
    let installation = of(&["alice"]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let changed = ask(&installation, &["user", "passwd", "alice", "--keep-sessions"]);
    assert_eq!(changed.stderr, "alice@example.com has a new password\n");
    alice.send_line("PNG");
    alice.expect("QNG");
    assert_eq!(answer(connect(&server), "alice", "secret"), "911 2");
    server.stop();
}

#[test]
fn a_disabled_account_is_signed_off_and_stays_out_until_it_is_enabled() {
    let installation = of(&["alice", "bob"]);
    let server = installation.start();
    let mut bob = sign_in(connect(&server), "bob");
    let disabled = ask(&installation, &["user", "disable", "bob", "--reason", "until Monday"]);
    let words = "bob@example.com is disabled: no one can sign in with it. 1 connection was \
                 closed\n";
    assert_eq!((disabled.code, disabled.stderr.as_str()), (Some(0), words));
    bob.expect("OUT");
    bob.read_end().expect("the end of bob's session");
    let wrong = answer(connect(&server), "alice", "guessed");
    assert_eq!(answer(connect(&server), "bob", "secret"), wrong);
    let listed = installation.run(&["user", "list"]).stdout;
    let expected = "alice@example.com  alice\nbob@example.com    bob  (disabled: until Monday)\n";
    assert_eq!(listed, expected);
    let rows = installation.run(&["user", "list", "--json"]).stdout;
    let rows: serde_json::Value = serde_json::from_str(&rows).expect("JSON");
    assert_eq!(rows[0]["disabled"], false);
    assert_eq!((&rows[1]["disabled"], &rows[1]["reason"]), (&true.into(), &"until Monday".into()));
    let status = installation.run(&["status"]).stdout;
    assert!(status.contains("\ndisabled: bob@example.com: until Monday\n"), "{status}");
    // Disabled again without a reason, it keeps its reason, and no session ends.
    let again = ask(&installation, &["user", "disable", "bob"]);
    assert_eq!(again.stderr, "bob@example.com is disabled: no one can sign in with it\n");
    assert_eq!(installation.run(&["user", "list"]).stdout, expected);
    let log = server.stop_and_read_log();
    let line = "WARN  127.0.0.1 refused: disabled account bob@example.com";
    assert!(log.iter().any(|found| found == line), "{log:?}");

    // The account stays disabled.
    let server = installation.start();
    assert_eq!(answer(connect(&server), "bob", "secret"), wrong);
    let enabled = ask(&installation, &["user", "enable", "bob"]);
    let words = "bob@example.com is enabled: it can sign in with its password\n";
    assert_eq!(enabled.stderr, words);
    drop(sign_in(connect(&server), "bob"));
    server.stop();
}

#[test]
fn shutting_out_prints_the_same_for_a_running_and_a_stopped_server() {
    let steps: [&[&str]; 20] = [
        &["user", "disable", "bob"],
        &["user", "disable", "bob", "--reason", "again"],
        &["user", "disable", "alice", "--reason", ""],
        &["user", "disable", "alice", "--reason", "a\tb"],
        &["user", "disable", "ghost"],
        &["user", "enable", "alice"],
        &["user", "list"],
        &["deny"],
        &["deny", "2001:db8::7/32"],
        &["deny", "203.0.113.5/24"],
        &["deny", "203.0.113.0/24"],
        &["deny", "127.0.0.1"],
        &["deny", "pi.lan"],
        &["deny"],
        &["deny", "--remove", "203.0.113.7"],
        &["deny", "--remove", "192.0.2.1"],
        &["deny", "--remove", "2001:db8::/32"],
        &["deny"],
        &["verify"],
        &["user", "remove", "bob"],
    ];
    let accounts = [account("alice", None), account("bob", None)];
    let stopped = Installation::with_accounts(&accounts);
    let started = Installation::with_accounts(&accounts);
    let server = started.start();
    let mut said = Vec::new();
    for step in steps {
        let (one, other) = (ask(&stopped, step), ask(&started, step));
        assert_eq!(one.code, other.code, "{step:?}: {one:?} {other:?}");
        assert_eq!(one.stdout, other.stdout, "{step:?}");
        let folder = stopped.data().display().to_string();
        let alone = format!("data folder: {folder}; no server is using it\n");
        let other_folder = started.data().display().to_string();
        let one_stderr = one.stderr.replace(&alone, "").replace(&folder, "DATA");
        let other_stderr = other.stderr.replace(&other_folder, "DATA");
        assert_eq!(one_stderr, other_stderr, "{step:?}");
        said.push((other.code, format!("{}{other_stderr}", other.stdout)));
    }
    server.stop();
    let expected: Vec<(Option<i32>, &str)> = vec![
        (Some(0), "bob@example.com is disabled: no one can sign in with it\n"),
        (Some(0), "bob@example.com is disabled: no one can sign in with it\n"),
        (Some(1), "msnpd: a reason is one line of 1 to 200 bytes, without control characters\n"),
        (Some(1), "msnpd: a reason is one line of 1 to 200 bytes, without control characters\n"),
        (
            Some(1),
            "msnpd: no account ghost@example.com in the data folder DATA: `msnpd user list` shows all \
             accounts\n",
        ),
        (Some(0), "alice@example.com is not disabled\n"),
        (Some(0), "alice@example.com  alice\nbob@example.com    bob  (disabled: again)\n"),
        (Some(0), "no network is denied\n"),
        (Some(0), "2001:db8::/32 is denied: no one can connect from there\n"),
        (Some(0), "203.0.113.0/24 is denied: no one can connect from there\n"),
        (Some(0), "203.0.113.0/24 is denied already\n"),
        (
            Some(1),
            "msnpd: 127.0.0.1/32 is loopback, which is never denied: this machine always reaches \
             its \
             own server\n",
        ),
        (
            Some(1),
            "msnpd: \"pi.lan\" is neither a network like 203.0.113.0/24 or 2001:db8::/32 nor an \
             address like 203.0.113.5\n",
        ),
        (Some(0), "203.0.113.0/24\n2001:db8::/32\n"),
        (
            Some(1),
            "msnpd: 203.0.113.7/32 is part of 203.0.113.0/24, which is denied: remove that \
                   one\n",
        ),
        (Some(1), "msnpd: 192.0.2.1/32 is not denied: `msnpd deny` lists the denied networks\n"),
        (Some(0), "2001:db8::/32 is no longer denied\n"),
        (Some(0), "203.0.113.0/24\n"),
        (Some(0), "2 accounts, 0 list entries\nthe store has no faults\n"),
        (Some(0), "bob@example.com is removed, also from the lists of other users\n"),
    ];
    for ((step, said), expected) in steps.iter().zip(&said).zip(expected) {
        assert_eq!((said.0, said.1.as_str()), expected, "{step:?}");
    }
    ask(&stopped, &["deny", "10.0.0.0/8", "--remove", "10.0.0.0/8"]).expect_failure(2);
}

/// Clients connect from 127.0.0.1 here, which is never denied.
#[test]
fn a_denied_network_is_kept_shown_and_does_not_apply_to_this_machine() {
    let installation = of(&["alice"]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let denied = ask(&installation, &["deny", "0.0.0.0/0"]);
    let words = "0.0.0.0/0 is denied: no one can connect from there\n";
    assert_eq!(denied.stderr, words);
    alice.send_line("PNG");
    alice.expect("QNG");
    server.stop();
    let server = installation.start();
    drop(sign_in(connect(&server), "alice"));
    let status = installation.run(&["status"]).stdout;
    assert!(status.contains("\ndenied: 0.0.0.0/0\n"), "{status}");
    let figures = installation.run(&["status", "--json"]).stdout;
    let figures: serde_json::Value = serde_json::from_str(&figures).expect("JSON");
    assert_eq!(figures["denied"], serde_json::json!(["0.0.0.0/0"]));
    server.stop();
}

#[test]
fn an_export_has_who_is_shut_out_and_an_import_shuts_them_out_again() {
    let installation = of(&["alice", "bob"]);
    for arguments in [
        &["user", "disable", "alice", "--reason", "spam"] as &[&str],
        &["user", "disable", "bob"],
        &["deny", "203.0.113.0/24"],
        &["deny", "2001:db8::/32"],
    ] {
        assert_eq!(ask(&installation, arguments).code, Some(0), "{arguments:?}");
    }
    let text = installation.run(&["export", "-", "--with-passwords"]).stdout;
    for words in [
        "\n// disabled: no one can sign in with the account; ",
        "\n    version: 4,\n",
        "\n            disabled: Some((\n                reason: Some(\"spam\"),\n            \
         )),\n",
        "\n    denied: [\n        \"203.0.113.0/24\",\n        \"2001:db8::/32\",\n    ],\n",
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    let other = of(&[]);
    let server = other.start();
    assert_eq!(ask(&other, &["deny", "2001:db8::/32"]).code, Some(0));
    let imported = run_to_end(other.program(&["import", "-"]), text.as_bytes());
    assert_eq!(imported.stdout, "203.0.113.0/24: denied, as in the file\n");
    assert_eq!(imported.stderr, "2 accounts imported\n");
    assert_eq!(answer(connect(&server), "bob", "secret"), "911 2");
    assert_eq!(other.run(&["export", "-", "--with-passwords"]).stdout, text);
    server.stop();
    let loopback = text.replace("203.0.113.0/24", "127.0.0.0/8");
    let refused = run_to_end(of(&[]).program(&["import", "-"]), loopback.as_bytes());
    assert!(
        refused.expect_failure(1).contains("is loopback, which is never denied"),
        "{refused:?}"
    );
}
