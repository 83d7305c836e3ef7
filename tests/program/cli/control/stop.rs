//! `kick`, `broadcast` and `stop`.

use crate::cli::people::of;
use crate::support::connection::Connection;
use crate::support::conversation::{call, open_switchboard, sign_in_online};
use crate::support::server::without_time;

/// Expects the system message with the number of minutes until the server goes down.
fn expect_going_down(ns: &mut Connection, minutes: u32) {
    let payload = format!(
        "MIME-Version: 1.0\r\nContent-Type: application/x-msmsgssystemmessage\r\n\r\n\
         Type: 1\r\nArg1: {minutes}\r\n"
    );
    ns.expect(&format!("MSG Hotmail Hotmail {}", payload.len()));
    let heard = ns.read_payload(payload.len()).expect("the system message");
    assert_eq!(String::from_utf8_lossy(&heard), payload);
}

#[test]
fn a_kick_ends_all_connections_of_one_user() {
    let installation = of(&["alice", "bob"]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    let mut first = open_switchboard(&mut alice, "alice");
    let mut second = call(&mut first, &mut bob, "bob", &["alice"]);
    first.expect("JOI bob@example.com bob");
    let kicked = installation.run(&["kick", "bob"]);
    assert_eq!(kicked.stderr, "bob@example.com is signed off (2 connections closed)\n");
    bob.expect("OUT");
    bob.read_end().expect("the end of bob's session");
    second.expect("OUT");
    second.read_end().expect("the end of bob's part of the conversation");
    first.expect("BYE bob@example.com");
    alice.send_line("PNG");
    alice.expect("QNG");
    let again = installation.run(&["kick", "bob"]);
    assert_eq!(again.expect_failure(1), "msnpd: bob@example.com is not signed in\n");
    assert!(installation.run(&["kick", "ghost"]).expect_failure(1).contains("no account ghost"));
    drop(sign_in_online(&server, "bob"));
    let log = server.stop_and_read_log();
    assert!(
        log.iter().any(|line| line.ends_with("ended: disconnected by the operator")),
        "{log:?}"
    );
}

#[test]
fn a_broadcast_is_the_system_message_to_all_signed_in_users() {
    let installation = of(&["alice", "bob"]);
    let server = installation.start();
    let mut everybody = [sign_in_online(&server, "alice"), sign_in_online(&server, "bob")];
    let told = installation.run(&["broadcast", "--minutes", "7", "a new disk"]);
    assert!(told.stderr.starts_with("2 users warned that the server goes down in 7 minutes"));
    for ns in &mut everybody {
        expect_going_down(ns, 7);
        ns.send_line("PNG");
        ns.expect("QNG");
    }
    let log = server.stop_and_read_log();
    assert!(log.iter().any(|line| line.contains("a new disk")), "{log:?}");
}

#[test]
fn stop_signs_all_users_off_and_the_server_ends_with_0() {
    let installation = of(&["alice"]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let stopped = installation.run(&["stop"]);
    assert_eq!((stopped.code, stopped.stderr.as_str()), (Some(0), "the server is stopping\n"));
    alice.expect("OUT SSD");
    alice.read_end().expect("the end of the session");
    drop(alice);
    server.wait();
    installation.run(&["stop"]).expect_failure(6);
}

#[test]
fn a_delayed_stop_warns_all_users_first_and_another_stop_replaces_it() {
    let installation = of(&["alice"]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let stopped = installation.run(&["stop", "--in", "5"]);
    assert_eq!(stopped.stderr, "the server stops in 5 minutes; 1 user warned\n");
    expect_going_down(&mut alice, 5);
    alice.send_line("PNG");
    alice.expect("QNG");
    assert_eq!(installation.run(&["stop"]).code, Some(0));
    alice.expect("OUT SSD");
    alice.read_end().expect("the end of the session");
    drop(alice);
    server.wait();
}

#[test]
fn a_stop_that_is_cancelled_does_not_come() {
    let installation = of(&["alice"]);
    let server = installation.start();
    let none = installation.run(&["stop", "--cancel"]);
    assert_eq!(none.expect_failure(1), "msnpd: no stop is pending: nothing was changed\n");
    let mut alice = sign_in_online(&server, "alice");
    assert_eq!(installation.run(&["stop", "--in", "60"]).code, Some(0));
    expect_going_down(&mut alice, 60);
    assert!(installation.run(&["status"]).stdout.contains("\nstopping in "));
    let cancelled = installation.run(&["stop", "--cancel"]);
    assert_eq!(cancelled.code, Some(0), "{cancelled:?}");
    assert!(cancelled.stderr.starts_with("the stop in "), "{cancelled:?}");
    assert!(cancelled.stderr.contains(" is cancelled; clients that were warned do not learn"));
    // Nothing is sent, and nothing is pending.
    alice.send_line("PNG");
    alice.expect("QNG");
    assert!(!installation.run(&["status"]).stdout.contains("stopping in "));
    installation.run(&["stop", "--cancel"]).expect_failure(1);
    let log = server.stop_and_read_log();
    assert!(log.iter().any(|line| line.ends_with(" was cancelled")), "{log:?}");
    installation.run(&["stop", "--cancel", "--in", "5"]).expect_failure(2);
}

#[test]
fn a_stop_in_one_minute_is_in_1_minute() {
    let installation = of(&[]);
    let server = installation.start();
    let stopped = installation.run(&["stop", "--in", "1"]);
    assert_eq!(stopped.stderr, "the server stops in 1 minute; 0 users warned\n");
    assert_eq!(installation.run(&["stop", "--cancel"]).code, Some(0));
    let log = server.stop_and_read_log();
    assert!(log.iter().any(|line| line.ends_with(
        "stop in 1 minute requested by `msnpd stop`; 0 \
        users warned"
    )));
}

#[test]
fn a_smoke_test_starts_all_of_it_and_stops() {
    let installation = of(&["alice"]);
    let run = installation.run(&["run", "--smoke"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    let said: Vec<&str> = run.stderr.lines().rev().take(3).filter_map(without_time).collect();
    let expected = ["stopped", "stopping, with 0 open connections", "ready"];
    assert_eq!(said, expected.map(|line| format!("INFO  {line}")));
    let server = installation.start();
    installation.run(&["run", "--smoke"]).expect_failure(7);
    server.stop();
}

#[test]
fn more_than_a_week_ahead_is_wrong_usage() {
    let installation = of(&[]);
    installation.run(&["stop", "--in", "10081"]).expect_failure(2);
    installation.run(&["broadcast", "--minutes", "10081", "x"]).expect_failure(2);
}
