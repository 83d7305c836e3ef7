//! `MSG`: messages arrive byte for byte, and the sender gets the receipt that was requested.

use super::{joins, starts};
use crate::support::{World, handle, name};
use actors::message::Delivery;
use actors::port::store::Principal;
use std::sync::Arc;

#[test]
fn acknowledgements_follow_the_requested_type() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        for (trid, kind, answer) in [(3, "U", None), (4, "N", None), (5, "A", Some("ACK 5"))] {
            alice.talk.send_message(trid, kind, b"hello").await;
            bob.talk.expect_message("alice@example.com Alice", b"hello").await;
            if let Some(answer) = answer {
                alice.talk.expect(answer).await;
            }
            alice.talk.expect_nothing().await;
            bob.talk.expect_nothing().await;
        }
    });
}

#[test]
fn a_message_without_recipients_is_not_delivered() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        for (trid, kind, answer) in
            [(3, "U", None), (4, "N", Some("NAK 4")), (5, "A", Some("NAK 5"))]
        {
            alice.talk.send_message(trid, kind, b"lonely :(").await;
            if let Some(answer) = answer {
                alice.talk.expect(answer).await;
            }
            alice.talk.expect_nothing().await;
        }
        let bob = joins(&world, &mut alice, "bob").await;
        bob.talk.hang_up();
        alice.talk.expect("BYE bob@example.com").await;
        alice.talk.send_message(6, "A", b"lonely again").await;
        alice.talk.expect("NAK 6").await;
    });
}

#[test]
fn a_message_reaches_all_others_and_not_its_sender() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let mut carol = joins(&world, &mut alice, "carol").await;
        bob.talk.expect("JOI carol@example.com Carol").await;
        carol.talk.send_message(2, "A", b"hi both").await;
        carol.talk.expect("ACK 2").await;
        for talk in [&mut alice.talk, &mut bob.talk] {
            talk.expect_message("carol@example.com Carol", b"hi both").await;
            talk.expect_nothing().await;
        }
        carol.talk.expect_nothing().await;
    });
}

#[test]
fn payloads_of_any_bytes_and_every_legal_length_arrive_untouched() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let bytes: Vec<u8> = (0..=255).cycle().take(1664).collect();
        for length in [0, 1, 2, 1663, 1664] {
            alice.talk.send_message(3, "N", &bytes[..length]).await;
            bob.talk.expect_message("alice@example.com Alice", &bytes[..length]).await;
        }
        alice.talk.expect_nothing().await;
    });
}

#[test]
fn a_payload_that_is_too_long_closes_the_senders_connection() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        alice.talk.write_raw("MSG 3 N 1665\r\n").await;
        alice.talk.expect_end().await;
        bob.talk.expect("BYE alice@example.com").await;
        bob.talk.expect_nothing().await;
    });
}

#[test]
fn messages_in_one_read_keep_their_order_and_acknowledgements() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let mut bytes = String::new();
        for number in 10..60 {
            let kind = ["A", "U", "N"][number % 3];
            bytes.push_str(&format!("MSG {number} {kind} 9\r\nnumber {number}"));
        }
        alice.talk.write_raw(&bytes).await;
        for number in 10..60 {
            let text = format!("number {number}");
            bob.talk.expect_message("alice@example.com Alice", text.as_bytes()).await;
        }
        for number in (10..60).filter(|number| number % 3 == 0) {
            alice.talk.expect(&format!("ACK {number}")).await;
        }
        alice.talk.expect_nothing().await;
    });
}

#[test]
fn messages_before_a_call_or_the_end_arrive_before_it() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        alice
            .talk
            .write_raw("MSG 3 A 1\r\n1CAL 4 ghost@example.com\r\nMSG 5 N 1\r\n2OUT\r\n")
            .await;
        bob.talk.expect_message("alice@example.com Alice", b"1").await;
        bob.talk.expect_message("alice@example.com Alice", b"2").await;
        bob.talk.expect("BYE alice@example.com").await;
        let mut all = alice.talk.receive_all().await;
        all.sort_unstable();
        assert_eq!(all, ["(end)", "217 4", "ACK 3"]);
    });
}

#[test]
fn deliveries_during_a_pending_call_come_after_its_reply() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let _bob = world.online("bob").await;
        alice.talk.send("CAL 2 bob@example.com").await;
        let principal = Arc::new(Principal { handle: handle("dave"), name: name("Dave") });
        alice.talk.deliver(Delivery::Joined(principal));
        let first = format!("{:?}", alice.talk.next_event().await);
        assert!(first.starts_with("Cal("), "{first}");
        alice.talk.expect("JOI dave@example.com Dave").await;
    });
}

#[test]
fn a_bad_acknowledgement_type_closes() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        alice.talk.write_raw("MSG 11 x 2\r\nhi").await;
        alice.talk.expect_end().await;
    });
}
