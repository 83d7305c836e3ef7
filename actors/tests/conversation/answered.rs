//! Deliveries after `ANS`. An Emacs client of 2002 loses a message that arrives in one read with
//! `IRO` and `ANS … OK`. 3 of 6 conversations lost one; with 50 ms between, none of 15 did.

use super::{ANSWERED, Talker, answer, calls, starts};
use crate::support::{Probe, World, pass, seconds, settle};
use actors::end::EndReason;
use actors::participant::Participant;
use msnp::Event;
use std::time::Duration;
use tokio::time::Instant;

/// Timers are exact to a millisecond.
const EXACT: Duration = Duration::from_millis(2);

const HELLO: &str = "MSG alice@example.com Alice 5\r\nhello";

/// Bob, who has just answered Alice's call. No output for Bob has been read.
async fn answers(world: &World, alice: &mut Talker) -> Talker {
    let mut session = world.online("bob").await;
    let ring = calls(&mut alice.talk, ("bob", &mut session)).await;
    let mut talk = world.switchboard();
    talk.send(&answer("bob", &ring)).await;
    while !matches!(talk.next_event().await, Event::Ans(_)) {}
    alice.talk.expect("JOI bob@example.com Bob%20B.").await;
    Talker { local: "bob", session, talk }
}

/// Returns when the answer was written, and what was written after it, with the time of the first
/// write.
fn after_the_answer(talk: &Probe<Participant>) -> (Instant, Instant, String) {
    let writes = talk.written_when();
    let index = writes.iter().position(|(_, text)| text.ends_with("ANS 1 OK\r\n"));
    let index = index.unwrap_or_else(|| panic!("no answer that ends its write: {writes:?}"));
    let (answered, after) = (writes[index].0, &writes[index + 1..]);
    let first = after.first().unwrap_or_else(|| panic!("nothing after it: {writes:?}")).0;
    (answered, first, after.iter().map(|(_, text)| text.as_str()).collect())
}

#[test]
fn the_first_delivery_waits_for_50_ms() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = answers(&world, &mut alice).await;
        alice.talk.send_message(3, "A", b"hello").await;
        // Alice's connection has relayed the message.
        alice.talk.expect("ACK 3").await;
        pass(seconds(1)).await;
        let (answered, first, text) = after_the_answer(&bob.talk);
        assert!((ANSWERED..=ANSWERED + EXACT).contains(&(first - answered)));
        assert_eq!(text, HELLO);
        bob.talk.expect_message("alice@example.com Alice", b"hello").await;
    });
}

#[test]
fn later_deliveries_and_deliveries_to_the_caller_do_not_wait() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = answers(&world, &mut alice).await;
        // Bob writes at once, too.
        let began = Instant::now();
        bob.talk.send_message(2, "A", b"hi").await;
        alice.talk.expect_message("bob@example.com Bob%20B.", b"hi").await;
        bob.talk.expect("ACK 2").await;
        assert!(began.elapsed() < Duration::from_millis(5), "{:?}", began.elapsed());
        pass(ANSWERED).await;
        let began = Instant::now();
        alice.talk.send_message(3, "N", b"hello").await;
        bob.talk.expect_message("alice@example.com Alice", b"hello").await;
        assert!(began.elapsed() < Duration::from_millis(5), "{:?}", began.elapsed());
    });
}

#[test]
fn deliveries_during_the_wait_keep_their_order() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = answers(&world, &mut alice).await;
        alice.talk.send_message(3, "N", b"hello").await;
        // Bob's own message is acknowledged at once: that is no delivery.
        settle().await;
        bob.talk.send_message(2, "A", b"hi").await;
        bob.talk.expect("ACK 2").await;
        alice.talk.expect_message("bob@example.com Bob%20B.", b"hi").await;
        alice.talk.write_raw("MSG 4 N 5\r\nagainOUT\r\n").await;
        settle().await;
        let before = bob.talk.receive_all().await;
        assert_eq!(before, [""; 0]);
        // A command of Bob's is answered at once.
        bob.talk.send("CAL 3 ghost@example.com").await;
        bob.talk.expect("217 3").await;
        pass(ANSWERED).await;
        bob.talk.expect_message("alice@example.com Alice", b"hello").await;
        bob.talk.expect_message("alice@example.com Alice", b"again").await;
        bob.talk.expect("BYE alice@example.com").await;
        bob.talk.expect_nothing().await;
    });
}

#[test]
fn a_participant_that_leaves_during_the_wait_receives_all_messages() {
    for (how, goodbye) in [("leaves", ""), ("hangs up", ""), ("is kicked", "OUT\r\n")] {
        World::run(|world| async move {
            let mut alice = starts(&world, "alice").await;
            let mut bob = answers(&world, &mut alice).await;
            alice.talk.send_message(3, "A", b"hello").await;
            alice.talk.expect("ACK 3").await;
            match how {
                "leaves" => bob.talk.write_raw("OUT\r\n").await,
                "hangs up" => bob.talk.finish_writing().await,
                _ => {
                    world.node.connections.end(world.account("bob"), EndReason::Kicked);
                }
            }
            settle().await;
            let (_, _, text) = after_the_answer(&bob.talk);
            assert_eq!(text, format!("{HELLO}{goodbye}"), "{how}");
            alice.talk.expect("BYE bob@example.com").await;
        });
    }
}

#[test]
fn deliveries_beyond_the_limit_end_the_wait() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = answers(&world, &mut alice).await;
        let answered = Instant::now();
        // Each is a delivery of its own.
        for number in 0..300 {
            let text = format!("number {number:03}");
            alice.talk.send_message(3, "N", text.as_bytes()).await;
        }
        assert!(answered.elapsed() < ANSWERED, "{:?}", answered.elapsed());
        for number in 0..300 {
            let text = format!("number {number:03}");
            bob.talk.expect_message("alice@example.com Alice", text.as_bytes()).await;
        }
        bob.talk.expect_nothing().await;
        alice.talk.expect_nothing().await;
    });
}
