//! Peers that read slowly or not at all use a bounded amount of memory and do not slow down others.

#![cfg(target_os = "linux")]

#[cfg(test)]
#[allow(dead_code, reason = "each program needs a part of it")]
mod support;

#[cfg(test)]
mod flooded {
    //! Eight peers that never read, each in a conversation with a sender that never stops.

    use std::net::{Shutdown, TcpStream};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::{self, Receiver, Sender};
    use std::thread;
    use std::time::{Duration, Instant};

    use crate::support::connection::{Connection, TIMEOUT, Unread};
    use crate::support::conversation::{account, call, join, open_switchboard, sign_in_online};
    use crate::support::server::{Account, Installation, Server};

    const PAIRS: usize = 8;
    const LASTING: Duration = Duration::from_secs(5);
    const ROUND_TRIP: Duration = Duration::from_secs(2);
    const GROWTH_KIB: u64 = 1024;

    #[test]
    fn peers_that_never_read_cost_bounded_memory_and_no_one_else_anything() {
        let senders: Vec<String> = (0..PAIRS).map(|number| format!("sender{number}")).collect();
        let peers: Vec<String> = (0..PAIRS).map(|number| format!("peer{number}")).collect();
        let others = ["alice".to_owned(), "bob".to_owned()];
        let everyone = senders.iter().chain(&peers).chain(&others);
        let accounts: Vec<Account> = everyone.map(|who| account(who, None)).collect();
        let installation = Installation::with_accounts(&accounts);
        allow_floods(&installation);
        let server = installation.start();

        let mut talk = Talk::of_two(&server);
        let (report, closed) = mpsc::channel();
        let stopping = AtomicBool::new(false);
        thread::scope(|scope| {
            // The senders must end even if this panics.
            let _stop = StopOnDrop(&stopping);
            for (number, (sender, peer)) in senders.iter().zip(&peers).enumerate() {
                let pair = Pair::talking(&server, sender, peer);
                let (report, stopping) = (report.clone(), &stopping);
                scope.spawn(move || pair.flood(number, &report, stopping));
            }
            drop(report);

            wait_until_each_peer_was_closed(&closed);
            let before = server.resident_kib();
            let mut most = before;
            let start = Instant::now();
            while start.elapsed() < LASTING {
                talk.round_trip();
                most = most.max(server.resident_kib());
            }
            let grown = most - before;
            println!("resident memory grew by {grown} KiB from {before} KiB");
            assert!(grown <= GROWTH_KIB, "grew by {grown} KiB from {before} KiB");
        });
        drop(talk);
        server.stop();
    }

    struct StopOnDrop<'a>(&'a AtomicBool);

    impl Drop for StopOnDrop<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    struct ShutDownOnDrop(TcpStream);

    impl Drop for ShutDownOnDrop {
        fn drop(&mut self) {
            self.0.shutdown(Shutdown::Both).ok();
        }
    }

    /// The warm-up. It ends when every peer's buffer was full once, and the server closed the peer for it.
    fn wait_until_each_peer_was_closed(closed: &Receiver<usize>) {
        let mut missing: Vec<usize> = (0..PAIRS).collect();
        while !missing.is_empty() {
            let number = closed.recv_timeout(2 * TIMEOUT);
            let number = number.expect("a peer that never reads was not closed");
            missing.retain(|one| *one != number);
        }
    }

    /// Two users who talk meanwhile.
    struct Talk {
        alice: Connection,
        bob: Connection,
        _notification: [Connection; 2],
    }

    impl Talk {
        fn of_two(server: &Server) -> Self {
            let mut alice_ns = sign_in_online(server, "alice");
            let mut bob_ns = sign_in_online(server, "bob");
            let mut alice = open_switchboard(&mut alice_ns, "alice");
            let bob = call(&mut alice, &mut bob_ns, "bob", &["alice"]);
            alice.expect("JOI bob@example.com bob");
            Self { alice, bob, _notification: [alice_ns, bob_ns] }
        }

        /// Sends a message in each direction. Both must be acknowledged in time.
        fn round_trip(&mut self) {
            let start = Instant::now();
            say(&mut self.alice, &mut self.bob, "alice");
            say(&mut self.bob, &mut self.alice, "bob");
            let taken = start.elapsed();
            assert!(taken < ROUND_TRIP, "a round trip took {taken:?}");
        }
    }

    fn say(from: &mut Connection, to: &mut Connection, who: &str) {
        from.send(b"MSG 8 A 5\r\nhello").unwrap();
        to.expect(&format!("MSG {who}@example.com {who} 5"));
        assert_eq!(to.read_payload(5).unwrap(), b"hello");
        from.expect("ACK 8");
    }

    /// A sender, and a peer that does not read its messages.
    struct Pair {
        sender: String,
        peer: String,
        _sender_ns: Connection,
        peer_ns: Connection,
        sender_sb: Connection,
        /// No one reads from it.
        peer_sb: Connection,
    }

    /// Raises the limit of lines, so that only the peers hold the senders back.
    fn allow_floods(installation: &Installation) {
        let text = std::fs::read_to_string(installation.configuration()).unwrap();
        let keys = text.trim_end().strip_suffix(')').unwrap();
        let text = format!("{keys}    limits: (lines_per_second: 1000000),\n)\n");
        std::fs::write(installation.configuration(), text).unwrap();
    }

    impl Pair {
        fn talking(server: &Server, sender: &str, peer: &str) -> Self {
            let mut sender_ns = sign_in_online(server, sender);
            let mut peer_ns = sign_in_online(server, peer);
            let mut sender_sb = open_switchboard(&mut sender_ns, sender);
            let peer_sb = call(&mut sender_sb, &mut peer_ns, peer, &[sender]);
            sender_sb.expect(&format!("JOI {peer}@example.com {peer}"));
            let (sender, peer) = (sender.to_owned(), peer.to_owned());
            Self { sender, peer, _sender_ns: sender_ns, peer_ns, sender_sb, peer_sb }
        }

        /// Sends without a pause. When the server closes the peer for not reading, the peer joins again on
        /// another connection, and does not read that either.
        fn flood(mut self, number: usize, report: &Sender<usize>, stopping: &AtomicBool) {
            let mut message = b"MSG 9 U 1664\r\n".to_vec();
            message.extend_from_slice(&[b'x'; 1664]);
            let messages = message.repeat(8);

            let reading = Connection::over(self.sender_sb.stream.try_clone().unwrap());
            let ending = self.sender_sb.stream.try_clone().unwrap();
            let (heard_by, heard) = mpsc::channel();
            thread::scope(|scope| {
                scope.spawn(move || forward_lines(reading, &heard_by));
                // The reading thread must end even if this panics.
                let _ending = ShutDownOnDrop(ending);
                while !stopping.load(Ordering::Relaxed) {
                    self.sender_sb.send(&messages).expect("the sender was not read from");
                    if let Ok(line) = heard.try_recv() {
                        assert_eq!(line, format!("BYE {}@example.com", self.peer));
                        report.send(number).ok();
                        self.join_again(&heard);
                    }
                }
            });
        }

        fn join_again(&mut self, heard: &Receiver<String>) {
            let next = || heard.recv_timeout(TIMEOUT).expect("an answer to CAL");
            self.sender_sb.send_line(&format!("CAL 2 {}@example.com", self.peer));
            let answer = next();
            let sid = answer.strip_prefix("CAL 2 RINGING ").expect(&answer);
            self.peer_sb = join(&mut self.peer_ns, &self.peer, sid, &[&self.sender]);
            assert_eq!(next(), format!("JOI {}@example.com {}", self.peer, self.peer));
        }
    }

    fn forward_lines(mut reading: Connection, heard_by: &Sender<String>) {
        loop {
            match reading.read_line() {
                Ok(line) => {
                    let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                    if heard_by.send(line).is_err() {
                        return;
                    }
                }
                Err(Unread::TimedOut(_)) => {}
                Err(Unread::Closed(_)) => return,
            }
        }
    }
}

#[cfg(test)]
mod long_answer {
    //! Lists far larger than the buffer of one connection, read very slowly.

    use std::io::Read;
    use std::net::TcpStream;

    use socket2::{Domain, Socket, Type};

    use crate::support::connection::Connection;
    use crate::support::conversation::{account, sign_in};
    use crate::support::server::{Installation, Listener, Server};

    const CONTACTS: usize = 150;
    /// How many of them come online while the lists are being sent.
    const ARRIVING: usize = 5;
    /// So small that the kernel buffers only a part of the lists.
    const RECEIVE_BUFFER: usize = 4096;
    const SEGMENT: u32 = 536;

    #[test]
    fn lists_arrive_whole_and_in_order_however_slowly_they_are_read() {
        let contacts: Vec<Contact> = (0..CONTACTS).map(Contact::numbered).collect();
        let mut accounts = vec![account("hub", None)];
        accounts.extend(contacts.iter().map(|one| account(&one.who, Some(&one.name))));
        let installation = Installation::with_accounts(&accounts);
        let server = installation.start();
        make_lists(&server, &contacts);

        let stream = slow_stream(&server);
        let mut tap = stream.try_clone().unwrap();
        let mut hub = sign_in(Connection::over(stream), "hub");
        hub.send_line("CHG 3 NLN");
        hub.expect("CHG 3 NLN");
        // One write: the answer to PNG must wait until the lists are sent.
        hub.send_line("SYN 4 0\r\nPNG");
        let ser = in_tiny_pieces(&mut tap, "SYN 4 ");
        let arrived: Vec<Connection> = contacts[..ARRIVING]
            .iter()
            .map(|contact| {
                let address = server.address(Listener::Notification);
                let mut ns = sign_in(Connection::open(address), &contact.who);
                ns.send_line("CHG 3 BSY");
                ns.expect("CHG 3 BSY");
                ns.expect("ILN 3 NLN hub@example.com hub");
                ns
            })
            .collect();

        let mut expect = |line: String| assert_eq!(in_tiny_pieces(&mut tap, ""), line);
        expect(format!("GTC 4 {ser} A"));
        expect(format!("BLP 4 {ser} AL"));
        for list in ["FL", "AL", "BL", "RL"] {
            if list == "BL" {
                expect(format!("LST 4 BL {ser} 0 0"));
                continue;
            }
            for (contact, index) in contacts.iter().zip(1..) {
                let Contact { who, name } = contact;
                expect(format!("LST 4 {list} {ser} {index} {CONTACTS} {who}@example.com {name}"));
            }
        }
        let mut rest: Vec<String> = (0..=ARRIVING).map(|_| in_tiny_pieces(&mut tap, "")).collect();
        let answered = rest.iter().position(|line| line == "QNG").expect("the answer to PNG");
        rest.remove(answered);
        let came: Vec<String> = contacts[..ARRIVING]
            .iter()
            .map(|Contact { who, name }| format!("NLN BSY {who}@example.com {name}"))
            .collect();
        assert_eq!(rest, came);
        drop((arrived, hub, tap));
        server.stop();
    }

    struct Contact {
        who: String,
        /// Long, so that the lists are more than 160 KB.
        name: String,
    }

    impl Contact {
        fn numbered(number: usize) -> Self {
            Self { who: format!("c{number}"), name: format!("{number}-{}", "n".repeat(300)) }
        }
    }

    /// Puts every contact on hub's FL and AL, and hub on every contact's FL.
    fn make_lists(server: &Server, contacts: &[Contact]) {
        let address = server.address(Listener::Notification);
        let mut hub = sign_in(Connection::open(address), "hub");
        for Contact { who, name } in contacts {
            for list in ["FL", "AL"] {
                hub.send_line(&format!("ADD 3 {list} {who}@example.com {name}"));
                hub.expect_words(&format!("ADD 3 {list} "));
            }
        }
        drop(hub);
        for Contact { who, .. } in contacts {
            let mut contact = sign_in(Connection::open(address), who);
            contact.send_line("ADD 3 FL hub@example.com hub");
            contact.expect_words("ADD 3 FL ");
        }
    }

    /// Opens a connection with small kernel buffers on both sides.
    fn slow_stream(server: &Server) -> TcpStream {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(RECEIVE_BUFFER).unwrap();
        socket.set_tcp_mss(SEGMENT).unwrap();
        socket.connect(&server.address(Listener::Notification).into()).unwrap();
        socket.into()
    }

    /// Reads the next line byte by byte. Returns it without its CRLF and its beginning.
    fn in_tiny_pieces(tap: &mut TcpStream, beginning: &str) -> String {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            tap.read_exact(&mut byte).expect("more of the lists");
            line.push(byte[0]);
        }
        line.truncate(line.len() - 2);
        let line = String::from_utf8(line).unwrap();
        let rest = line.strip_prefix(beginning);
        rest.unwrap_or_else(|| panic!("expected `{beginning}…`, got `{line}`")).to_owned()
    }
}
