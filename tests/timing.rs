//! When the program sends over TCP: what it sends alone, what it delays, and what it sends at once.
//!
//! `actors/tests/session/profile.rs` and `actors/tests/conversation/answered.rs` check the exact times with a
//! paused clock. The bounds here hold even if the test is scheduled late.

#![cfg(target_os = "linux")]

#[cfg(test)]
#[allow(dead_code, reason = "each program needs a part of it")]
mod support;

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use crate::support::connection::Connection;
    use crate::support::conversation::{
        PASSWORD, account, call, open_switchboard, sign_in, sign_in_online,
    };
    use crate::support::digest;
    use crate::support::server::{Installation, Listener, Server};

    /// How long a connection is silent before the profile message.
    const SILENCE: Duration = Duration::from_millis(150);

    /// How long the first delivery waits after `ANS … OK`.
    const ANSWERED: Duration = Duration::from_millis(50);

    /// How many times each command is written in two pieces.
    const ROUNDS: usize = 60;

    /// A client that waits for a delayed acknowledgement needs 40 ms.
    const WELL_BELOW_A_DELAYED_ACK: Duration = Duration::from_millis(25);

    fn server(names: &[&str]) -> (Installation, Server) {
        let accounts: Vec<_> = names.iter().map(|who| account(who, None)).collect();
        let installation = Installation::with_accounts(&accounts);
        let server = installation.start();
        (installation, server)
    }

    /// Signs in up to `USR OK`.
    fn welcomed(server: &Server, who: &str) -> Connection {
        let mut ns = Connection::open(server.address(Listener::Notification));
        ns.send_line(&format!("USR 1 MD5 I {who}@example.com"));
        let challenge = ns.expect_words("USR 1 MD5 S ").remove(0);
        let digest = digest::md5(challenge.as_bytes(), PASSWORD.as_bytes());
        ns.send_line(&format!("USR 2 MD5 S {digest}"));
        ns.expect(&format!("USR 2 OK {who}@example.com {who}"));
        ns
    }

    fn read_profile(ns: &mut Connection, first_line: &str) {
        let length = first_line.strip_prefix("MSG Hotmail Hotmail ").expect("the profile");
        let payload = ns.read_payload(length.parse().expect("a length")).expect("the profile");
        assert!(String::from_utf8_lossy(&payload).contains("text/x-msmsgsprofile"));
    }

    #[test]
    fn the_profile_comes_after_a_silence() {
        let (_installation, server) = server(&["alice", "bob"]);
        let mut bob = sign_in_online(&server, "bob");
        let mut alice = sign_in(Connection::open(server.address(Listener::Notification)), "alice");
        alice.send_line("ADD 3 FL bob@example.com bob");
        alice.expect_words("ADD 3 FL ");
        bob.expect_words("ADD 0 RL ");
        drop(alice);
        // An Emacs client of 2002 sends this. It searches for `MSG` in everything that it has read, and
        // loses what precedes it.
        let mut alice = welcomed(&server, "alice");
        let asked = Instant::now();
        alice.send_line("CHG 7 NLN");
        alice.expect("CHG 7 NLN");
        alice.expect("ILN 7 NLN bob@example.com bob");
        let line = alice.next_line();
        assert!(asked.elapsed() >= SILENCE, "after {:?}", asked.elapsed());
        read_profile(&mut alice, &line);
        alice.send_line("PNG");
        alice.expect("QNG");
        server.stop();
    }

    #[test]
    fn the_profile_of_a_client_that_is_never_quiet_comes_after_a_silence_too() {
        let (_installation, server) = server(&["alice"]);
        let mut alice = welcomed(&server, "alice");
        let began = Instant::now();
        let mut writer =
            Connection::over(alice.stream.try_clone().expect("a second handle of the socket"));
        let stop = std::sync::atomic::AtomicBool::new(false);
        let (sent, asked) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let sent = sent;
                while !stop.load(std::sync::atomic::Ordering::SeqCst)
                    && began.elapsed() < Duration::from_secs(30)
                {
                    sent.send(Instant::now()).expect("the reader");
                    writer.send_line("PNG");
                    std::thread::sleep(Duration::from_millis(20));
                }
            });
            let (mut answered, mut last) = (0, began);
            let came = loop {
                let line = alice.next_line();
                if line != "QNG" {
                    let came = Instant::now();
                    read_profile(&mut alice, &line);
                    break came;
                }
                last = asked.recv().expect("when it was asked");
                answered += 1;
            };
            stop.store(true, std::sync::atomic::Ordering::SeqCst);
            assert!(answered > 0);
            assert!(came - last >= SILENCE, "{:?} after the last request", came - last);
            assert!(came - began < Duration::from_secs(20), "{:?} after USR OK", came - began);
            // Nothing is lost: each delayed request is answered.
            while asked.recv().is_ok() {
                alice.expect("QNG");
            }
        });
        server.stop();
    }

    #[test]
    fn a_text_right_behind_the_answer_waits_a_moment() {
        let (_installation, server) = server(&["alice", "bob"]);
        let mut alice = sign_in_online(&server, "alice");
        let mut bob = sign_in_online(&server, "bob");
        let mut caller = open_switchboard(&mut alice, "alice");
        let asked = Instant::now();
        let mut callee = call(&mut caller, &mut bob, "bob", &["alice"]);
        caller.expect("JOI bob@example.com bob");
        caller.send_line("MSG 3 A 5");
        caller.send(b"hello").expect("a text");
        // The acknowledgement means that the server has the text, which has not come yet.
        caller.expect("ACK 3");
        callee.expect("MSG alice@example.com alice 5");
        assert!(asked.elapsed() >= ANSWERED, "after {:?}", asked.elapsed());
        assert_eq!(callee.read_payload(5).expect("the text"), b"hello");
        callee.send_line("OUT");
        caller.expect("BYE bob@example.com");
        server.stop();
    }

    /// Returns the median time from the first piece to the answer.
    fn median(connection: &mut Connection, pieces: [&[u8]; 2], answer: &str) -> Duration {
        let mut times: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let asked = Instant::now();
                for piece in pieces {
                    connection.send(piece).expect("a piece");
                }
                connection.expect(answer);
                asked.elapsed()
            })
            .collect();
        times.sort();
        times[ROUNDS / 2]
    }

    #[test]
    fn commands_in_two_pieces_do_not_wait_for_a_delayed_acknowledgement() {
        let (_installation, server) = server(&["alice", "bob"]);
        let mut alice = sign_in_online(&server, "alice");
        let mut bob = sign_in_online(&server, "bob");
        let mut caller = open_switchboard(&mut alice, "alice");
        let _callee = call(&mut caller, &mut bob, "bob", &["alice"]);
        caller.expect("JOI bob@example.com bob");
        // The default for sockets: the second piece waits until the first is acknowledged.
        caller.stream.set_nodelay(false).expect("Nagle's algorithm");
        // aMSN writes a line and its LF separately. Others write the line and the payload of `MSG`
        // separately.
        let line = median(&mut caller, [b"CAL 12 x\r", b"\n"], "208 12");
        println!("CAL in two pieces: median {line:?}");
        let payload = median(&mut caller, [b"MSG 13 A 5\r\n", b"hello"], "ACK 13");
        println!("MSG in two pieces: median {payload:?}");
        assert!(line < WELL_BELOW_A_DELAYED_ACK, "CAL: {line:?}");
        assert!(payload < WELL_BELOW_A_DELAYED_ACK, "MSG: {payload:?}");
        server.stop();
    }
}
