//! SIGTERM and SIGINT.

use crate::cli::people::of;
use crate::support::connection::Connection;
use crate::support::conversation::{call, open_switchboard, sign_in, sign_in_online};
use crate::support::server::{Listener, Server};

fn connect(server: &Server, listener: Listener) -> Connection {
    Connection::open(server.address(listener))
}

/// The server says goodbye to every client and closes it, even one that has not signed in.
fn ends_with_goodbyes(signal: &str) {
    let installation = of(&["alice", "bob", "carol"]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    let mut carol = sign_in(connect(&server, Listener::Notification), "carol");
    let mut first = open_switchboard(&mut alice, "alice");
    let mut second = call(&mut first, &mut bob, "bob", &["alice"]);
    first.expect("JOI bob@example.com bob");
    // These have not signed in. Their answers show that the server has accepted them.
    let mut fresh = connect(&server, Listener::Notification);
    fresh.send_line("VER 1 MSNP2");
    fresh.expect("VER 1 MSNP2");
    let mut referred = connect(&server, Listener::Dispatch);
    referred.send_line("VER 1 MSNP2");
    referred.expect("VER 1 MSNP2");

    server.signal(signal);
    for ns in [&mut alice, &mut bob, &mut carol] {
        ns.expect("OUT SSD");
        ns.read_end().expect("the end of a notification connection");
    }
    for sb in [&mut first, &mut second] {
        sb.expect("OUT SSD");
        sb.read_end().expect("the end of a switchboard connection");
    }
    for other in [&mut fresh, &mut referred] {
        other.read_end().expect("the end of a connection without a name");
    }
    drop((alice, bob, carol, first, second, fresh, referred));
    server.wait();
}

#[test]
fn sigterm_signs_all_users_off_and_ends_with_0() {
    ends_with_goodbyes("TERM");
}

#[test]
fn sigint_signs_all_users_off_and_ends_with_0() {
    ends_with_goodbyes("INT");
}

#[test]
fn output_before_the_signal_arrives_completely() {
    const MESSAGES: usize = 20;
    let installation = of(&["alice", "bob"]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    let mut first = open_switchboard(&mut alice, "alice");
    let mut second = call(&mut first, &mut bob, "bob", &["alice"]);
    first.expect("JOI bob@example.com bob");
    // bob does not read it yet.
    let payload = |number: usize| format!("{number:04}").repeat(400);
    for number in 0..MESSAGES {
        let text = payload(number);
        first.send_line(&format!("MSG {number} A {}", text.len()));
        first.send(text.as_bytes()).expect("writing a message");
        first.expect(&format!("ACK {number}"));
    }
    server.signal("TERM");
    for number in 0..MESSAGES {
        let text = payload(number);
        second.expect(&format!("MSG alice@example.com alice {}", text.len()));
        let got = second.read_payload(text.len()).unwrap_or_else(|got| panic!("{got}"));
        assert!(got == text.as_bytes(), "message {number} arrived changed");
    }
    second.expect("OUT SSD");
    second.read_end().expect("the end");
    drop((alice, bob, first, second));
    server.wait();
}

#[test]
fn confirmed_changes_are_there_after_a_restart() {
    let installation = of(&["alice", "bob", "carol"]);
    for signal in ["TERM", "INT"] {
        let server = installation.start();
        let mut alice = sign_in(connect(&server, Listener::Notification), "alice");
        for line in [
            "ADD 11 FL bob@example.com Bob%20B.",
            "ADD 12 AL bob@example.com Bob%20B.",
            "ADD 13 BL carol@example.com carol",
            "BLP 14 BL",
            "GTC 15 N",
        ] {
            alice.send_line(line);
        }
        for beginning in ["ADD 11 FL ", "ADD 12 AL ", "ADD 13 BL ", "BLP 14 ", "GTC 15 "] {
            alice.expect_words(beginning);
        }
        alice.send_line("REA 16 alice@example.com New%20Name");
        let version = alice.expect_words("REA 16 ").remove(0);
        server.signal(signal);
        alice.expect("OUT SSD");
        drop(alice);
        server.wait();

        let server = installation.start();
        let mut alice = sign_in(connect(&server, Listener::Notification), "alice");
        alice.send_line("SYN 20 0");
        for line in [
            format!("SYN 20 {version}"),
            format!("GTC 20 {version} N"),
            format!("BLP 20 {version} BL"),
            format!("LST 20 FL {version} 1 1 bob@example.com Bob%20B."),
            format!("LST 20 AL {version} 1 1 bob@example.com Bob%20B."),
            format!("LST 20 BL {version} 1 1 carol@example.com carol"),
            format!("LST 20 RL {version} 0 0"),
        ] {
            alice.expect(&line);
        }
        // Restores the state for the second round.
        for line in [
            "REM 21 FL bob@example.com",
            "REM 22 AL bob@example.com",
            "REM 23 BL carol@example.com",
            "BLP 24 AL",
            "GTC 25 A",
        ] {
            alice.send_line(line);
            alice.next_line();
        }
        alice.finish_writing();
        alice.read_end().expect("the end");
        drop(alice);
        server.stop();
    }
}

#[test]
fn clients_that_never_close_do_not_keep_the_server() {
    let installation = of(&["alice", "bob"]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let sb = open_switchboard(&mut alice, "alice");
    let mut fresh = connect(&server, Listener::Notification);
    fresh.send_line("USR 1 MD5 I bob@example.com");
    fresh.expect_words("USR 1 MD5 S ");
    server.signal("TERM");
    // They neither read nor close.
    server.wait();
    drop((alice, sb, fresh));
    installation.start().stop();
}
