//! `MSG`: what is said arrives byte for byte, and its sender hears of it what he asked for.

use super::{joins, starts};
use crate::support::{World, handle, name};
use actors::message::Delivery;
use actors::port::store::Principal;
use std::sync::Arc;

#[test]
fn acknowledgements_are_what_was_asked_for() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        for (trid, kind, answer) in [(3, "U", None), (4, "N", None), (5, "A", Some("ACK 5"))] {
            alice.talk.says_message(trid, kind, b"hello").await;
            bob.talk.hears_message("alice@example.com Alice", b"hello").await;
            if let Some(answer) = answer {
                alice.talk.hears(answer).await;
            }
            alice.talk.hears_nothing().await;
            bob.talk.hears_nothing().await;
        }
    });
}

#[test]
fn a_message_to_nobody_is_not_delivered() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        for (trid, kind, answer) in
            [(3, "U", None), (4, "N", Some("NAK 4")), (5, "A", Some("NAK 5"))]
        {
            alice.talk.says_message(trid, kind, b"lonely :(").await;
            if let Some(answer) = answer {
                alice.talk.hears(answer).await;
            }
            alice.talk.hears_nothing().await;
        }
        let bob = joins(&world, &mut alice, "bob").await;
        bob.talk.hangs_up();
        alice.talk.hears("BYE bob@example.com").await;
        alice.talk.says_message(6, "A", b"lonely again").await;
        alice.talk.hears("NAK 6").await;
    });
}

#[test]
fn a_message_reaches_all_others_and_not_its_sender() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let mut carol = joins(&world, &mut alice, "carol").await;
        bob.talk.hears("JOI carol@example.com Carol").await;
        carol.talk.says_message(2, "A", b"hi both").await;
        carol.talk.hears("ACK 2").await;
        for talk in [&mut alice.talk, &mut bob.talk] {
            talk.hears_message("carol@example.com Carol", b"hi both").await;
            talk.hears_nothing().await;
        }
        carol.talk.hears_nothing().await;
    });
}

#[test]
fn payloads_of_any_bytes_and_every_legal_length_arrive_untouched() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let bytes: Vec<u8> = (0..=255).cycle().take(1664).collect();
        for length in [0, 1, 2, 1663, 1664] {
            alice.talk.says_message(3, "N", &bytes[..length]).await;
            bob.talk.hears_message("alice@example.com Alice", &bytes[..length]).await;
        }
        alice.talk.hears_nothing().await;
    });
}

#[test]
fn a_payload_that_is_too_long_ends_its_senders_connection() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        alice.talk.writes("MSG 3 N 1665\r\n").await;
        alice.talk.hears_end().await;
        bob.talk.hears("BYE alice@example.com").await;
        bob.talk.hears_nothing().await;
    });
}

#[test]
fn messages_that_come_together_keep_their_order_and_their_acknowledgements() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let mut bytes = String::new();
        for number in 10..60 {
            let kind = ["A", "U", "N"][number % 3];
            bytes.push_str(&format!("MSG {number} {kind} 9\r\nnumber {number}"));
        }
        alice.talk.writes(&bytes).await;
        for number in 10..60 {
            let text = format!("number {number}");
            bob.talk.hears_message("alice@example.com Alice", text.as_bytes()).await;
        }
        for number in (10..60).filter(|number| number % 3 == 0) {
            alice.talk.hears(&format!("ACK {number}")).await;
        }
        alice.talk.hears_nothing().await;
    });
}

#[test]
fn what_is_said_before_a_call_or_the_end_is_heard_before() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        alice.talk.writes("MSG 3 A 1\r\n1CAL 4 ghost@example.com\r\nMSG 5 N 1\r\n2OUT\r\n").await;
        bob.talk.hears_message("alice@example.com Alice", b"1").await;
        bob.talk.hears_message("alice@example.com Alice", b"2").await;
        bob.talk.hears("BYE alice@example.com").await;
        let mut all = alice.talk.hears_all().await;
        all.sort_unstable();
        assert_eq!(all, ["(end)", "217 4", "ACK 3"]);
    });
}

#[test]
fn what_arrives_while_a_call_is_pending_comes_after_its_answer() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let _bob = world.online("bob").await;
        alice.talk.says("CAL 2 bob@example.com").await;
        let principal = Arc::new(Principal { handle: handle("dave"), name: name("Dave") });
        alice.talk.addr.try_send(Delivery::Joined(principal)).unwrap();
        let first = format!("{:?}", alice.talk.hears_event().await);
        assert!(first.starts_with("Cal("), "{first}");
        alice.talk.hears("JOI dave@example.com Dave").await;
    });
}

#[test]
fn a_bad_acknowledgement_type_closes() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        alice.talk.writes("MSG 11 x 2\r\nhi").await;
        alice.talk.hears_end().await;
    });
}
