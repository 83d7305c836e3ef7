//! The configured limits.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::support::connection::Connection;
use crate::support::conversation::{account, call, open_switchboard, sign_in, sign_in_online};
use crate::support::crowd;
use crate::support::server::{Account, Installation, Listener, Server};

/// Starts a server with one more configuration key.
fn start(names: &[&str], key: &str) -> (Installation, Server) {
    let accounts: Vec<Account> = names.iter().map(|who| account(who, None)).collect();
    let listeners = ["dispatch", "notification", "switchboard"]
        .map(|one| format!("{one}: (listen: \"127.0.0.1:0\"),"));
    let installation =
        Installation::configured(&accounts, &format!("({}{key})", listeners.concat()));
    let server = installation.start();
    (installation, server)
}

fn connect(server: &Server) -> Connection {
    Connection::open(server.address(Listener::Notification))
}

/// One of many clients, each with its own address.
fn connect_from(number: u32, server: &Server, listener: Listener) -> Connection {
    Connection::over(crowd::connect(crowd::source(number), server.address(listener)))
}

/// Returns an accepted connection: the server has answered.
fn half_open(mut ns: Connection) -> Connection {
    ns.send_line("VER 1 MSNP2");
    ns.expect("VER 1 MSNP2");
    ns
}

/// Returns a connection that is accepted after another one has ended. Each attempt waits for the
/// server, so this is no busy loop.
fn let_in(address: SocketAddr) -> Connection {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let mut ns = Connection::open(address);
        if ns.send(b"VER 1 MSNP2\r\n").is_ok()
            && ns.read_line().is_ok_and(|line| line == b"VER 1 MSNP2\r\n")
        {
            return ns;
        }
        assert!(Instant::now() < until, "no client is admitted any more");
    }
}

fn goes_on(ns: &mut Connection) {
    ns.send_line("PNG");
    ns.expect("QNG");
}

fn has_line(log: &[String], words: &str) -> bool {
    log.iter().any(|line| line.starts_with("WARN  ") && line.contains(words))
}

#[test]
fn repeated_changes_are_accepted_or_refused() {
    // The older name of the key.
    for (key, refused, warned) in [
        ("repeated: refuse", true, false),
        ("repeated: accept", false, false),
        ("repeated_blp: refuse", true, true),
        ("repeated_blp: accept", false, true),
        ("log: info", false, false),
    ] {
        let (_installation, server) = start(&["alice", "bob", "carol"], key);
        let mut alice = sign_in(connect(&server), "alice");
        let mut repeats = |said: &str, words: &str, code: u16| {
            let trid = said.split(' ').nth(1).unwrap();
            alice.send_line(said);
            let head = format!("{} ", said.split_once(words).unwrap().0);
            let version = alice.expect_words(&head).remove(0);
            alice.send_line(said);
            let unchanged = format!("{head}{version}{words}");
            let refusal = format!("{code} {trid}");
            alice.expect(if refused { &refusal } else { &unchanged });
        };
        repeats("BLP 5 BL", " BL", 218);
        repeats(
            "ADD 6 AL bob@example.com bob@example.com",
            " bob@example.com bob@example.com",
            215,
        );
        repeats("ADD 7 BL carol@example.com Carol", " carol@example.com Carol", 215);
        // A repeated GTC is refused by both.
        alice.send_line("GTC 8 A");
        alice.expect("218 8");
        drop(alice);
        let log = server.stop_and_read_log();
        let words = "the key `repeated_blp` is now called `repeated`";
        assert_eq!(has_line(&log, words), warned, "{log:#?}");
    }
}

#[test]
fn a_full_list_answers_210() {
    let names = ["alice", "bob", "carol", "dave"];
    let (_installation, server) = start(&names, "list_entries: 2");
    let mut alice = sign_in_online(&server, "alice");
    for list in ["FL", "AL"] {
        for who in ["bob", "carol"] {
            alice.send_line(&format!("ADD 5 {list} {who}@example.com {who}"));
            alice.expect_words(&format!("ADD 5 {list} "));
        }
        alice.send_line(&format!("ADD 6 {list} dave@example.com dave"));
        alice.expect("210 6");
    }
    alice.send_line("REM 7 FL bob@example.com");
    alice.expect_words("REM 7 FL ");
    alice.send_line("ADD 8 FL dave@example.com dave");
    alice.expect_words("ADD 8 FL ");
    // The reverse list has no limit.
    for who in ["bob", "carol", "dave"] {
        let mut ns = sign_in(connect(&server), who);
        ns.send_line("ADD 5 FL alice@example.com alice");
        ns.expect_words("ADD 5 FL ");
        alice.expect_words("ADD 0 RL ");
    }
    drop(alice);
    server.stop();
}

#[test]
fn a_full_conversation_answers_280() {
    let (_installation, server) = start(&["alice", "bob", "carol"], "participants: 2");
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    let carol = sign_in_online(&server, "carol");
    let mut first = open_switchboard(&mut alice, "alice");
    let mut second = call(&mut first, &mut bob, "bob", &["alice"]);
    first.expect("JOI bob@example.com bob");
    for sb in [&mut first, &mut second] {
        sb.send_line("CAL 5 carol@example.com");
        sb.expect("280 5");
    }
    drop((alice, bob, carol, first, second));
    server.stop();
}

#[test]
fn too_many_unused_cookies_answer_714() {
    let (_installation, server) = start(&["alice", "bob"], "limits: (cookies: 2)");
    let mut alice = sign_in_online(&server, "alice");
    let mut cookies = Vec::new();
    for _ in 0..2 {
        alice.send_line("XFR 4 SB");
        cookies.push(alice.expect_words("XFR 4 SB ").remove(2));
    }
    alice.send_line("XFR 5 SB");
    alice.expect("714 5");
    // Other users are not affected.
    let mut bob = sign_in_online(&server, "bob");
    let sb = open_switchboard(&mut bob, "bob");
    // A used cookie makes room for another.
    let mut used = Connection::open(server.address(Listener::Switchboard));
    used.send_line(&format!("USR 1 alice@example.com {}", cookies[0]));
    used.expect("USR 1 OK alice@example.com alice");
    alice.send_line("XFR 6 SB");
    alice.expect_words("XFR 6 SB ");
    alice.send_line("XFR 7 SB");
    alice.expect("714 7");
    drop((alice, bob, sb, used));
    server.stop();
}

#[test]
fn a_new_connection_takes_the_place_of_the_oldest_half_open_one() {
    let key = "limits: (half_open: 2, per_address: 1)";
    let (_installation, server) = start(&["alice", "bob"], key);
    let mut alice = sign_in(connect(&server), "alice");
    let from = |number| connect_from(number, &server, Listener::Notification);
    let mut first = half_open(from(1));
    let mut second = half_open(from(2));
    let third = half_open(from(3));
    first.read_end().expect("evicted");
    let mut talk = connect_from(4, &server, Listener::Switchboard);
    second.read_end().expect("evicted");
    goes_on(&mut alice);
    // A connection that signs in makes room, too.
    let mut third = sign_in(third, "bob");
    let fourth = half_open(from(5));
    goes_on(&mut alice);
    goes_on(&mut third);
    talk.finish_writing();
    talk.read_end().expect("not evicted");
    drop((alice, third, fourth));
    let log = server.stop_and_read_log();
    let line = "127.1.0.2 ended: evicted to make room: it had not signed in";
    assert_eq!(log.iter().filter(|entry| entry.contains(line)).count(), 1, "{log:#?}");
}

#[test]
fn too_many_connections_from_one_address_are_turned_away() {
    let (_installation, server) = start(&["alice"], "limits: (per_address: 2)");
    let mut alice = sign_in(connect(&server), "alice");
    let second = half_open(connect(&server));
    for _ in 0..3 {
        connect(&server).read_end().expect("turned away");
    }
    goes_on(&mut alice);
    drop(second);
    drop(let_in(server.address(Listener::Dispatch)));
    drop(alice);
    let log = server.stop_and_read_log();
    let line = "127.0.0.1 turned away: too many connections from its address";
    assert_eq!(log.iter().filter(|entry| entry.contains(line)).count(), 1, "{log:#?}");
}

#[test]
fn too_many_connections_are_turned_away() {
    let (_installation, server) = start(&["alice", "bob"], "limits: (connections: 2)");
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    for listener in [Listener::Notification, Listener::Dispatch, Listener::Switchboard] {
        Connection::open(server.address(listener)).read_end().expect("turned away");
    }
    for ns in [&mut alice, &mut bob] {
        goes_on(ns);
    }
    bob.send_line("OUT");
    bob.read_end().expect("the end");
    drop(bob);
    let third = sign_in(let_in(server.address(Listener::Notification)), "bob");
    connect(&server).read_end().expect("turned away");
    goes_on(&mut alice);
    drop((alice, third));
    let log = server.stop_and_read_log();
    assert!(has_line(&log, "127.0.0.1 turned away: too many connections"));
}

#[test]
fn too_many_wrong_passwords_answer_600() {
    let key = "limits: (failed_logins: (free: 2, most: 2))";
    let (_installation, server) = start(&["alice"], key);
    for code in ["911", "911", "600"] {
        let mut ns = connect(&server);
        ns.send_line("USR 1 MD5 I alice@example.com");
        ns.expect_words("USR 1 MD5 S ");
        ns.send_line("USR 2 MD5 S 0dc38e0c96e5ef37eb9451a0b2d5aaf9");
        ns.expect(&format!("{code} 2"));
        ns.read_end().expect("the end");
    }
    let log = server.stop_and_read_log();
    assert!(has_line(&log, " ended: refused: too many failed sign-ins"));
}

#[test]
fn too_many_renames_answer_800() {
    let (_installation, server) = start(&["alice"], "limits: (renames_per_minute: 1)");
    let mut alice = sign_in_online(&server, "alice");
    alice.send_line("REA 5 alice@example.com Alice");
    alice.expect_words("REA 5 ");
    alice.send_line("REA 6 alice@example.com Alicia");
    alice.expect("800 6");
    drop(alice);
    server.stop();
}

#[test]
fn too_many_failing_calls_answer_713_and_too_many_ringing_280() {
    let names = ["alice", "bob", "carol"];
    let key = "limits: (failing_calls_per_minute: 2, invitations: 1)";
    let (_installation, server) = start(&names, key);
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    let carol = sign_in_online(&server, "carol");
    let mut sb = open_switchboard(&mut alice, "alice");
    sb.send_line("CAL 5 bob@example.com");
    sb.expect_words("CAL 5 RINGING ");
    bob.expect_words("RNG ");
    sb.send_line("CAL 6 carol@example.com");
    sb.expect("280 6");
    sb.send_line("CAL 7 nobody@example.com");
    sb.expect("217 7");
    sb.send_line("CAL 8 carol@example.com");
    sb.expect("713 8");
    drop((alice, bob, carol, sb));
    server.stop();
}

#[test]
fn more_lines_in_a_second_than_are_allowed_wait_for_the_next() {
    let (_installation, server) = start(&["alice", "bob"], "limits: (lines_per_second: 20)");
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    let before = Instant::now();
    alice.send("PNG\r\n".repeat(80).as_bytes()).expect("sent");
    goes_on(&mut bob);
    for _ in 0..80 {
        alice.expect("QNG");
    }
    // Three seconds have begun in the meantime.
    assert!(before.elapsed() > Duration::from_secs(2), "{:?}", before.elapsed());
    drop((alice, bob));
    server.stop();
}
