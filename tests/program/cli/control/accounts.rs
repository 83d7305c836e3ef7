//! Account commands print and do the same, whether the server runs or not.

use crate::cli::people::connect;
use crate::support::conversation::{account, sign_in, sign_in_online};
use crate::support::operator::{Outcome, run_to_end};
use crate::support::server::Installation;

fn ask(installation: &Installation, arguments: &[&str]) -> Outcome {
    run_to_end(installation.program(arguments), b"secret\n")
}

#[test]
fn account_commands_print_the_same_for_a_running_and_a_stopped_server() {
    let steps: [&[&str]; 16] = [
        &["user", "list"],
        &["user", "add", "carol", "--name", "Carol C."],
        &["user", "add", "carol"],
        &["user", "add", "dave@elsewhere.org"],
        &["user", "add", "a b"],
        &["user", "add", "dave", "--name", ""],
        &["user", "passwd", "alice"],
        &["user", "passwd", "ghost"],
        &["user", "rename", "bob", "Bob the Second"],
        &["user", "rename", "ghost", "Boo"],
        &["user", "list"],
        &["user", "list", "--json"],
        &["user", "remove", "bob"],
        &["user", "remove", "bob"],
        &["user", "list"],
        &["verify"],
    ];
    let accounts = [account("alice", None), account("bob", None)];
    let stopped = Installation::with_accounts(&accounts);
    let started = Installation::with_accounts(&accounts);
    let server = started.start();
    for step in steps {
        let (one, other) = (ask(&stopped, step), ask(&started, step));
        assert_eq!(one.code, other.code, "{step:?}: {one:?} {other:?}");
        assert_eq!(one.stdout, other.stdout, "{step:?}");
        // Only the place of the change differs.
        let folder = stopped.data().display().to_string();
        let once = format!(
            " in the data folder {folder}. No server is running on it now: start one with `msnpd run --data {folder}`"
        );
        let alone = format!("data folder: {folder}; no server is using it\n");
        let said = one.stderr.replace(&once, ": it can sign in now").replace(&alone, "");
        let other_folder = started.data().display().to_string();
        assert_eq!(said.replace(&folder, &other_folder), other.stderr, "{step:?}");
    }
    server.stop();
    assert_eq!(ask(&started, &["user", "list"]).stdout, ask(&stopped, &["user", "list"]).stdout);
}

#[test]
fn an_account_that_is_made_while_the_server_runs_can_sign_in_at_once() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    let server = installation.start();
    let added = ask(&installation, &["user", "add", "bob", "--name", "Bob"]);
    assert_eq!(
        (added.code, added.stderr.as_str()),
        (Some(0), "created the account bob@example.com: it can sign in now\n")
    );
    let mut alice = sign_in(connect(&server), "alice");
    alice.send_line("ADD 5 FL bob@example.com bob");
    alice.expect_words("ADD 5 FL ");
    drop(sign_in(connect(&server), "bob"));
    server.stop();
}

#[test]
fn a_new_password_is_valid_from_the_next_sign_in() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    let server = installation.start();
    let mut alice = sign_in(connect(&server), "alice");
    let arguments = ["user", "passwd", "alice", "--random-password", "--keep-sessions"];
    let changed = ask(&installation, &arguments);
    assert_eq!(changed.stderr, "alice@example.com has a new password\n");
    alice.send_line("PNG");
    alice.expect("QNG");
    let mut again = connect(&server);
    again.send_line("USR 1 MD5 I alice@example.com");
    let challenge = again.expect_words("USR 1 MD5 S ").remove(0);
    let digest =
        crate::support::digest::md5(challenge.as_bytes(), changed.stdout.trim_end().as_bytes());
    again.send_line(&format!("USR 2 MD5 S {digest}"));
    again.expect("USR 2 OK alice@example.com alice");
    server.stop();
}

#[test]
fn users_who_see_another_are_notified_of_a_new_name() {
    let installation = Installation::with_accounts(&[account("alice", None), account("bob", None)]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    alice.send_line("ADD 5 FL bob@example.com bob");
    alice.expect_words("ADD 5 FL ");
    alice.expect("ILN 5 NLN bob@example.com bob");
    bob.expect_words("ADD 0 RL ");
    let renamed = ask(&installation, &["user", "rename", "bob", "Bob B."]);
    assert_eq!(renamed.code, Some(0), "{renamed:?}");
    alice.expect("NLN NLN bob@example.com Bob%20B.");
    bob.send_line("PNG");
    bob.expect("QNG");
    server.stop();
}

#[test]
fn a_user_whose_account_is_removed_is_signed_off_and_their_contacts_are_notified() {
    let installation = Installation::with_accounts(&[account("alice", None), account("bob", None)]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    alice.send_line("ADD 5 FL bob@example.com bob");
    alice.expect_words("ADD 5 FL ");
    alice.expect("ILN 5 NLN bob@example.com bob");
    bob.expect_words("ADD 0 RL ");
    bob.send_line("ADD 6 FL alice@example.com alice");
    bob.expect_words("ADD 6 FL ");
    bob.expect("ILN 6 NLN alice@example.com alice");
    alice.expect_words("ADD 0 RL ");
    let removed = ask(&installation, &["user", "remove", "bob"]);
    assert_eq!(removed.stderr, "bob@example.com is removed, also from the lists of other users\n");
    bob.expect("OUT");
    bob.read_end().expect("the end of bob's connection");
    let mut news = [alice.next_line(), alice.next_line()];
    news.sort();
    assert_eq!(news[0], "FLN bob@example.com");
    assert!(news[1].starts_with("REM 0 RL ") && news[1].ends_with(" bob@example.com"), "{news:?}");
    alice.send_line("ADD 7 FL bob@example.com bob");
    alice.expect("205 7");
    let log = server.stop_and_read_log();
    assert!(log.iter().any(|line| line.ends_with("ended: the account was removed")), "{log:?}");
}
