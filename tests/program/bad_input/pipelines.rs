//! A client that sends ten thousand commands at once.

use std::io::{ErrorKind, Write};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::connection::Connection;
use crate::support::conversation::{account, sign_in};
use crate::support::server::{Installation, Listener, Server};

const REQUESTS: usize = 10_000;

/// The median time that others may wait for an answer in the meantime, and the number of tries.
const MEANWHILE: Duration = Duration::from_secs(1);
const TRIES: usize = 21;

/// With this, the limit of requests per second is not reached.
const UNLIMITED: &str = "limits: (lines_per_second: 1000000)";

/// Starts a server with alice, who floods it, and bob, who does not.
fn start(limits: &str) -> (Installation, Server, Connection, Connection) {
    let accounts = ["alice", "bob"].map(|who| account(who, None));
    let listeners = ["dispatch", "notification", "switchboard"]
        .map(|one| format!("{one}: (listen: \"127.0.0.1:0\"),"));
    let text = format!("({}domains: [\"example.com\"],{limits})", listeners.concat());
    let installation = Installation::configured(&accounts, &text);
    let server = installation.start();
    let connect = |who| sign_in(Connection::open(server.address(Listener::Notification)), who);
    let (alice, bob) = (connect("alice"), connect("bob"));
    (installation, server, alice, bob)
}

/// Checks that another client is answered in time.
fn is_served(bob: &mut Connection) {
    let mut times: Vec<Duration> = (0..TRIES)
        .map(|_| {
            let start = Instant::now();
            bob.send_line("PNG");
            bob.expect("QNG");
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    assert!(times[TRIES / 2] < MEANWHILE, "{times:?}");
}

/// Writes all requests at once, and reads the answers as they arrive. They must be these, in order.
fn in_order(request: fn(usize) -> String, answer: fn(usize) -> String) {
    let (_installation, server, alice, mut bob) = start(UNLIMITED);
    let requests: String = (0..REQUESTS).map(request).collect();
    let mut writing = alice.stream.try_clone().expect("a second handle");
    let mut reading = alice;
    let (begun, has_begun) = mpsc::channel();
    thread::scope(|scope| {
        let writer = scope.spawn(move || writing.write_all(requests.as_bytes()));
        let reader = scope.spawn(move || {
            for number in 0..REQUESTS {
                let line = reading.read_line().unwrap_or_else(|got| panic!("{number}: {got}"));
                assert_eq!(String::from_utf8_lossy(&line), answer(number));
                begun.send(()).ok();
            }
            reading
        });
        has_begun.recv().expect("an answer");
        is_served(&mut bob);
        writer.join().expect("the writer").expect("writing to msnpd");
        let mut alice = reader.join().expect("the reader");
        alice.send_line("PNG");
        alice.expect("QNG");
    });
    drop(bob);
    server.stop();
}

#[test]
fn ten_thousand_pings_in_one_go() {
    in_order(|_| "PNG\r\n".to_owned(), |_| "QNG\r\n".to_owned());
}

#[test]
fn ten_thousand_changes_of_state_in_one_go() {
    let line = |number: usize| {
        let state = ["NLN", "AWY", "BSY"][number % 3];
        format!("CHG {number} {state}\r\n")
    };
    in_order(line, line);
}

/// With the default limit, 250 requests are handled in a second. The rest waits.
#[test]
fn ten_thousand_requests_are_read_no_faster_than_may_be() {
    let (_installation, server, mut alice, mut bob) = start("");
    let start = Instant::now();
    alice.send(&b"PNG\r\n".repeat(REQUESTS)).expect("writing to msnpd");
    let hear = |alice: &mut Connection, count: usize| {
        for _ in 0..count {
            alice.expect("QNG");
        }
    };
    // The first second may have begun earlier.
    hear(&mut alice, 250);
    is_served(&mut bob);
    hear(&mut alice, 251);
    let taken = start.elapsed();
    assert!(taken >= Duration::from_secs(1), "{taken:?}");
    drop((alice, bob));
    server.stop();
}

/// The answers are longer than the requests: they fill the socket buffers.
fn never_reads(limits: &str) {
    let (_installation, server, mut alice, mut bob) = start(limits);
    let requests = b"CVR 9 0x0409 win 4.10 i386 MSMSGS 1.0.0863 MSMSGS\r\n".repeat(REQUESTS);
    alice.stream.set_nonblocking(true).expect("a way to find out");
    let (mut waiting, mut written) = (0, 0);
    // Writes until the server stops reading. In between, it serves another client.
    while written < requests.len() && waiting < TRIES {
        match alice.stream.write(&requests[written..]) {
            Ok(count) => (written, waiting) = (written + count, 0),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                waiting += 1;
                is_served(&mut bob);
            }
            Err(error) => panic!("after {written}: {error}"),
        }
    }
    is_served(&mut bob);
    // Nothing is lost: the answers arrive as soon as the client reads.
    alice.stream.set_nonblocking(false).expect("the usual way");
    for _ in 0..100 {
        let line = alice.next_line();
        assert!(line.starts_with("CVR 9 "), "{line}");
    }
    drop((alice, bob));
    server.stop();
}

#[test]
fn ten_thousand_requests_of_a_client_that_never_reads() {
    never_reads("");
    never_reads(UNLIMITED);
}

#[test]
fn ten_thousand_unknown_commands_do_not_fill_the_log() {
    let (_installation, server, mut alice, bob) = start(UNLIMITED);
    let mut writing = alice.stream.try_clone().expect("a second handle");
    thread::scope(|scope| {
        scope.spawn(move || writing.write_all(&b"QQQ 7\r\n".repeat(REQUESTS)));
        for _ in 0..REQUESTS {
            alice.expect("200 7");
        }
    });
    drop((alice, bob));
    let log = server.stop_and_read_log();
    let count = |words: &str| log.iter().filter(|line| line.contains(words)).count();
    assert_eq!(count("sent QQQ: unknown command"), 16, "{log:#?}");
    assert_eq!(count("further refused commands of this connection are not logged"), 1, "{log:#?}");
    assert_eq!(log.iter().filter(|line| line.starts_with("WARN ")).count(), 17, "{log:#?}");
}
