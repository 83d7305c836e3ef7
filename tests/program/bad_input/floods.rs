//! Connections that never sign in: a silent one, and thousands.

use std::collections::VecDeque;
use std::io::Read;
use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::support::connection::{Connection, TIMEOUT};
use crate::support::conversation::{account, call, open_switchboard, sign_in_online};
use crate::support::crowd;
use crate::support::server::{Installation, Listener, Server};

/// One flood at a time: each needs hundreds of sockets, and measures the program's memory.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a server with alice and bob, and these configuration keys.
fn start(key: &str) -> (Installation, Server) {
    let listeners = ["dispatch", "notification", "switchboard"]
        .map(|one| format!("{one}: (listen: \"127.0.0.1:0\"),"));
    let text = format!("({}domains: [\"example.com\"],{key})", listeners.concat());
    let accounts = ["alice", "bob"].map(|who| account(who, None));
    let installation = Installation::configured(&accounts, &text);
    let server = installation.start();
    (installation, server)
}

/// Returns the number of log lines with these words.
fn count(log: &[String], words: &str) -> usize {
    log.iter().filter(|line| line.contains(words)).count()
}

/// Like [`count`], without the summaries of omitted lines once a minute.
fn told(log: &[String], words: &str) -> usize {
    log.iter().filter(|line| line.contains(words) && !line.contains("… and ")).count()
}

#[test]
fn a_connection_that_sends_nothing_ends_in_time() {
    let (_installation, server) = start("limits: (sign_in_seconds: 1)");
    for listener in [Listener::Dispatch, Listener::Notification, Listener::Switchboard] {
        let mut silent = Connection::open(server.address(listener));
        silent.read_end().expect("the end");
    }
    let log = server.stop_and_read_log();
    for title in ["dispatch connection ", "session ", "switchboard connection "] {
        let ended = log.iter().filter(|line| line.starts_with(&format!("INFO  {title}")));
        let ended: Vec<&String> = ended.filter(|line| line.contains(" ended: ")).collect();
        assert_eq!(ended.len(), 1, "{log:#?}");
        assert!(ended[0].ends_with(" 127.0.0.1 ended: sign-in timed out"), "{ended:?}");
    }
}

#[test]
fn a_connection_that_stops_half_way_ends_in_time() {
    let (_installation, server) = start("limits: (sign_in_seconds: 3)");
    let cases = [
        (Listener::Dispatch, "V", ""),
        (Listener::Dispatch, "VER 1 MSNP2\r\nUSR 2 MD5 I alice@exam", "VER 1 MSNP2\r\n"),
        (Listener::Notification, "\r\n\r\n", ""),
        (Listener::Notification, "VER 1 MSNP2\r\nINF 2\r", "VER 1 MSNP2\r\n"),
        (Listener::Notification, "VER 1 MSNP2\r\nINF 2\r\n", "VER 1 MSNP2\r\nINF 2 MD5\r\n"),
        (Listener::Switchboard, "USR 1 alice@example.com 1726", ""),
    ];
    let opened = cases.map(|(listener, said, heard)| {
        let mut half = Connection::open(server.address(listener));
        half.send(said.as_bytes()).expect("writing to msnpd");
        let answer = half.read_payload(heard.len()).unwrap_or_else(|got| panic!("{said}: {got}"));
        assert_eq!(answer, heard.as_bytes());
        (half, said)
    });
    for (mut half, said) in opened {
        half.read_end().unwrap_or_else(|got| panic!("{said}: {got}"));
    }
    let log = server.stop_and_read_log();
    assert_eq!(count(&log, " ended: sign-in timed out"), cases.len(), "{log:#?}");
}

/// The time limit is for signing in. A signed-in client may stop anywhere.
#[test]
fn a_signed_in_connection_that_stops_half_way_keeps_its_place() {
    let (_installation, server) = start("limits: (sign_in_seconds: 3)");
    let mut alice = sign_in_online(&server, "alice");
    let mut sb = open_switchboard(&mut alice, "alice");
    alice.send(b"PN").expect("writing to msnpd");
    sb.send(b"MSG 1 A 4\r\nha").expect("writing to msnpd");
    // The time of another connection ends in the meantime.
    let mut silent = Connection::open(server.address(Listener::Notification));
    silent.read_end().expect("the end");
    alice.send(b"G\r\n").expect("writing to msnpd");
    alice.expect("QNG");
    sb.send(b"ha").expect("writing to msnpd");
    sb.expect("NAK 1");
    drop((alice, sb));
    server.stop();
}

const FLOOD: usize = 10_000;

/// The default of `limits.half_open`: connections that have not signed in.
const HALF_OPEN: usize = 512;

/// After this many connections, the test waits for the server: its backlog is 1024.
const BREATH: usize = 100;

/// Growth of the resident memory that is allowed: 512 connections, each with an input buffer of 8 KiB
/// and at most some KiB more.
const TAKEN_KIB: u64 = 8 * 1024;

/// Growth that is allowed from the first thousand to the last: the number of open connections is the same.
const GROWTH_KIB: u64 = 2 * 1024;

/// Connects many clients in turn, each from its own address. Each sends this and no more, and waits for the
/// server to close.
fn flood(said: &[u8]) {
    let _alone = alone();
    let (_installation, server) = start("");
    let notification = server.address(Listener::Notification);
    chat(&server);
    let before = server.resident_kib();
    let mut open: VecDeque<TcpStream> = VecDeque::new();
    let mut resident = Vec::new();
    for number in 0..FLOOD {
        let from = crowd::source(u32::try_from(number).expect("a number"));
        let client = crowd::connect(from, notification);
        std::io::Write::write_all(&mut &client, said).expect("writing to msnpd");
        open.push_back(client);
        if number % BREATH == BREATH - 1 {
            // It is accepted after all of them.
            let mut last = Connection::open(notification);
            last.send_line("VER 1 MSNP2");
            last.expect("VER 1 MSNP2");
            last.finish_writing();
            last.read_end().expect("the end");
            while open.len() > HALF_OPEN {
                let oldest = open.pop_front().expect("a connection");
                assert!(has_ended(oldest), "the oldest has not made room, after {number}");
            }
        }
        if number % 1000 == 999 {
            chat(&server);
            resident.push(server.resident_kib());
        }
    }
    let most = resident.iter().copied().max().expect("ten figures");
    println!("resident: {before}, then {resident:?} KiB");
    assert!(most <= before + TAKEN_KIB, "resident: {before}, then {resident:?} KiB");
    assert!(most <= resident[0] + GROWTH_KIB, "resident: {resident:?} KiB");
    drop(open);
    let log = server.stop_and_read_log();
    // One line a minute, not thousands.
    let evicted = " ended: evicted to make room: it had not signed in";
    assert_eq!(told(&log, evicted), 1, "{log:#?}");
}

/// Returns whether the server has closed a connection. Answers before that are ignored.
fn has_ended(mut client: TcpStream) -> bool {
    client.set_read_timeout(Some(TIMEOUT)).expect("a read timeout");
    let mut rest = [0; 1024];
    loop {
        match client.read(&mut rest) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

/// Two new clients sign in and talk.
fn chat(server: &Server) {
    let [mut alice, mut bob] = ["alice", "bob"].map(|who| sign_in_online(server, who));
    let mut first = open_switchboard(&mut alice, "alice");
    let mut second = call(&mut first, &mut bob, "bob", &["alice"]);
    first.expect("JOI bob@example.com bob");
    first.send(b"MSG 5 A 5\r\nhello").expect("writing to msnpd");
    second.expect("MSG alice@example.com alice 5");
    assert_eq!(second.read_payload(5).expect("the message"), b"hello");
    first.expect("ACK 5");
    for connection in [&mut second, &mut first, &mut alice, &mut bob] {
        connection.send_line("OUT");
    }
    second.read_end().expect("the end");
    alice.read_end().expect("the end");
    bob.read_end().expect("the end");
}

#[test]
fn ten_thousand_half_open_logins() {
    flood(b"VER 1 MSNP2\r\nINF 2\r\nUSR 3 MD5 I alice@example.com\r\n");
}

#[test]
fn ten_thousand_half_sent_lines() {
    flood(b"VER 1 MSNP2 CV");
}

#[test]
fn a_thousand_connections_from_one_address() {
    const CONNECTIONS: usize = 1000;
    /// The default of `limits.per_address`.
    const PER_ADDRESS: usize = 64;
    let _alone = alone();
    let (_installation, server) = start("");
    let notification = server.address(Listener::Notification);
    let mut served = Vec::new();
    for number in 0..CONNECTIONS {
        let mut client = Connection::over(crowd::connect(crowd::source(0), notification));
        // The write may fail if the connection was refused.
        client.send(b"VER 1 MSNP2\r\n").ok();
        match client.read_line() {
            Ok(line) => {
                assert_eq!(line, b"VER 1 MSNP2\r\n");
                served.push(client);
            }
            Err(got) => assert!(number >= PER_ADDRESS, "{number}: {got}"),
        }
    }
    assert_eq!(served.len(), PER_ADDRESS);
    chat(&server);
    // Accepted connections have lost nothing. One that leaves makes room.
    for client in &mut served {
        client.send_line("INF 2");
        client.expect("INF 2 MD5");
    }
    drop(served);
    let log = server.stop_and_read_log();
    let turned = "127.1.0.1 turned away: too many connections from its address";
    assert_eq!(told(&log, turned), 1, "{log:#?}");
    assert_eq!(told(&log, "turned away"), 1, "{log:#?}");
}

/// In a minute, the log has the ends of sixteen of them, and everything that others do.
#[test]
fn hundreds_of_connections_that_send_nonsense_do_not_fill_the_log() {
    const CONNECTIONS: u32 = 300;
    let _alone = alone();
    let (_installation, server) = start("");
    let notification = server.address(Listener::Notification);
    for number in 0..CONNECTIONS {
        let mut client = Connection::over(crowd::connect(crowd::source(number), notification));
        client.send_line("QQQ 1");
        client.read_end().expect("the end");
    }
    chat(&server);
    let log = server.stop_and_read_log();
    assert_eq!(told(&log, " ended: a command was refused: unknown command"), 16, "{log:#?}");
    assert_eq!(told(&log, "INFO  session 1 127.1.0.1 ended: a command was refused: "), 1);
    for who in ["alice", "bob"] {
        let signed_off = format!(" 127.0.0.1 of {who}@example.com ended: signed off");
        assert_eq!(told(&log, &signed_off), 1, "{log:#?}");
    }
}
