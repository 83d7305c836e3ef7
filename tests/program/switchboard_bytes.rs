//! Which bytes a Switchboard relays, and its limits.

use crate::support::connection::Connection;
use crate::support::conversation::{account, call, open_switchboard, sign_in_online};
use crate::support::server::{Account, Installation, Server};

/// The longest payload a Switchboard relays, in bytes.
const MAX_RELAYED_PAYLOAD: usize = 1664;

const THREE: [&str; 3] = ["alice", "bob", "carol"];

/// Three users in one conversation, and their NS connections, which must stay open.
struct Conversation {
    server: Server,
    notification: Vec<Connection>,
    alice: Connection,
    bob: Connection,
    carol: Connection,
    /// Dropping it removes the directory.
    installation: Installation,
}

impl Conversation {
    fn of_three() -> Self {
        let accounts: Vec<Account> = THREE.iter().map(|who| account(who, None)).collect();
        let installation = Installation::with_accounts(&accounts);
        let server = installation.start();
        let mut notification: Vec<Connection> =
            THREE.iter().map(|who| sign_in_online(&server, who)).collect();
        let mut alice = open_switchboard(&mut notification[0], "alice");
        let mut bob = call(&mut alice, &mut notification[1], "bob", &["alice"]);
        alice.expect("JOI bob@example.com bob");
        let carol = call(&mut alice, &mut notification[2], "carol", &["alice", "bob"]);
        alice.expect("JOI carol@example.com carol");
        bob.expect("JOI carol@example.com carol");
        Self { server, notification, alice, bob, carol, installation }
    }

    /// Checks that nothing is unread, that all three are still in the conversation, and that the server
    /// stops.
    fn end(mut self) {
        for participant in [&mut self.alice, &mut self.bob, &mut self.carol] {
            assert_silent(participant);
        }
        self.alice.finish_writing();
        self.alice.read_end().unwrap();
        self.bob.expect("BYE alice@example.com");
        self.carol.expect("BYE alice@example.com");
        self.stop();
    }

    fn stop(self) {
        // The server waits for clients to close before it ends, so close first.
        drop((self.notification, self.alice, self.bob, self.carol));
        self.server.stop();
        drop(self.installation);
    }
}

/// Checks that nothing is unread: the next bytes are the answer to a new request.
fn assert_silent(sb: &mut Connection) {
    sb.send_line("CAL 99 @@a");
    sb.expect("208 99");
}

/// Returns a message with its command line.
fn message(kind: char, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("MSG 7 {kind} {}\r\n", payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

fn assert_receives(sb: &mut Connection, sender: &str, payload: &[u8]) {
    sb.expect(&format!("MSG {sender}@example.com {sender} {}", payload.len()));
    let got = sb.read_payload(payload.len()).unwrap_or_else(|got| panic!("{got}"));
    assert!(got == payload, "the payload arrived changed: `{}`", got.escape_ascii());
}

/// Every byte value at least six times, with line ends and a command at both ends.
fn all_byte_values() -> Vec<u8> {
    let mut payload = b"\r\nOUT\r\n".to_vec();
    let wanted = MAX_RELAYED_PAYLOAD - 2 * payload.len();
    payload.extend((0..=u8::MAX).cycle().take(wanted));
    payload.extend_from_slice(b"\r\nOUT\r\n");
    assert_eq!(payload.len(), MAX_RELAYED_PAYLOAD);
    payload
}

#[test]
fn longest_payload_with_all_byte_values_reaches_both_others_untouched() {
    let mut all = Conversation::of_three();
    let payload = all_byte_values();
    all.alice.send(&message('A', &payload)).unwrap();
    all.alice.expect("ACK 7");
    assert_receives(&mut all.bob, "alice", &payload);
    assert_receives(&mut all.carol, "alice", &payload);
    all.carol.send(&message('N', &payload)).unwrap();
    assert_receives(&mut all.alice, "carol", &payload);
    assert_receives(&mut all.bob, "carol", &payload);
    all.end();
}

#[test]
fn one_byte_more_closes_the_sender_without_relaying() {
    let mut all = Conversation::of_three();
    let payload = vec![b'x'; MAX_RELAYED_PAYLOAD + 1];
    // The server may close before it reads all of it.
    all.alice.send(&message('A', &payload)).ok();
    all.alice.read_end().unwrap();
    all.bob.expect("BYE alice@example.com");
    all.carol.expect("BYE alice@example.com");
    assert_silent(&mut all.bob);
    assert_silent(&mut all.carol);
    all.stop();
}

#[test]
fn empty_payload_is_relayed() {
    let mut all = Conversation::of_three();
    all.bob.send(&message('A', b"")).unwrap();
    all.bob.expect("ACK 7");
    assert_receives(&mut all.alice, "bob", b"");
    assert_receives(&mut all.carol, "bob", b"");
    all.end();
}

#[test]
fn pieces_of_one_byte_make_the_same_message() {
    let mut all = Conversation::of_three();
    let payload = all_byte_values();
    for byte in message('A', &payload) {
        all.alice.send(&[byte]).unwrap();
    }
    all.alice.expect("ACK 7");
    assert_receives(&mut all.bob, "alice", &payload);
    assert_receives(&mut all.carol, "alice", &payload);
    all.end();
}

#[test]
fn many_messages_in_one_write_keep_their_order() {
    let mut all = Conversation::of_three();
    let payloads: Vec<Vec<u8>> = (0..50_u8).map(|one| vec![one; usize::from(one) * 33]).collect();
    let bytes: Vec<u8> = payloads.iter().flat_map(|payload| message('U', payload)).collect();
    all.alice.send(&bytes).unwrap();
    for payload in &payloads {
        assert_receives(&mut all.bob, "alice", payload);
        assert_receives(&mut all.carol, "alice", payload);
    }
    all.end();
}

#[test]
fn full_conversation_answers_280_until_someone_leaves() {
    const ROOM: usize = 30;
    let names: Vec<String> = (0..=ROOM).map(|number| format!("u{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let accounts: Vec<Account> = names.iter().map(|who| account(who, None)).collect();
    let installation = Installation::with_accounts(&accounts);
    let server = installation.start();
    let mut notification: Vec<Connection> =
        names.iter().map(|who| sign_in_online(&server, who)).collect();

    let mut present = vec![open_switchboard(&mut notification[0], "u0")];
    for number in 1..ROOM {
        let who = names[number];
        let ns = &mut notification[number];
        let joined = call(&mut present[0], ns, who, &names[..number]);
        for participant in &mut present {
            participant.expect(&format!("JOI {who}@example.com {who}"));
        }
        present.push(joined);
    }
    assert_eq!(present.len(), ROOM);

    present[0].send_line("CAL 5 u30@example.com");
    present[0].expect("280 5");

    let mut last = present.pop().unwrap();
    last.send_line("OUT");
    last.read_end().unwrap();
    for participant in &mut present {
        participant.expect("BYE u29@example.com");
    }
    call(&mut present[0], &mut notification[ROOM], "u30", &names[..ROOM - 1]);
    for participant in &mut present {
        participant.expect("JOI u30@example.com u30");
    }
    drop((notification, present));
    server.stop();
}
