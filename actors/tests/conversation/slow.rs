//! Participants who do not read.

use super::{ANSWERED, answer, calls, joins, starts};
use crate::support::{World, handle, name, pass, seconds, settle};
use actors::connection::{FromClient, OUTPUT_SIZE};
use actors::message::Delivery;
use actors::port::store::Principal;
use actors::said::{SaidBuilder, Speaker};
use msnp::TrId;
use msnp::command::Cal;
use std::sync::Arc;

#[test]
fn a_participant_who_does_not_read_is_closed_and_the_others_continue() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let mut carol = world.online("carol").await;
        let ring = calls(&mut alice.talk, ("carol", &mut carol)).await;
        let mut narrow = world.narrow_switchboard(256);
        narrow.send(&answer("carol", &ring)).await;
        alice.talk.expect("JOI carol@example.com Carol").await;
        bob.talk.expect("JOI carol@example.com Carol").await;
        pass(ANSWERED).await;
        let text = [b'x'; 1664];
        let (mut sent, mut lost) = (0, 0);
        for trid in 10..30 {
            alice.talk.send_message(trid, "A", &text).await;
            bob.talk.expect_message("alice@example.com Alice", &text).await;
            sent += text.len();
            let received = alice.talk.receive_all().await;
            if let Some(bye) = received.iter().position(|line| line == "BYE carol@example.com") {
                assert!(received.len() - bye <= 2, "{received:?}");
                assert!(sent > OUTPUT_SIZE - 2048 && sent <= OUTPUT_SIZE + 4096, "{sent}");
                bob.talk.expect("BYE carol@example.com").await;
                lost += 1;
            } else {
                assert_eq!(received, [format!("ACK {trid}")]);
            }
        }
        assert_eq!(lost, 1);
        narrow.expect_cut_off().await;
        assert_eq!(world.node.buffers.in_use(), (0, 0));
    });
}

#[test]
fn a_slow_reader_receives_everything() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut carol = world.online("carol").await;
        let ring = calls(&mut alice.talk, ("carol", &mut carol)).await;
        let mut narrow = world.narrow_switchboard(64);
        narrow.send(&answer("carol", &ring)).await;
        narrow.expect("IRO 1 1 1 alice@example.com Alice").await;
        narrow.expect("ANS 1 OK").await;
        alice.talk.expect("JOI carol@example.com Carol").await;
        pass(ANSWERED).await;
        for round in 0..20u8 {
            for text in [[round; 1500], [round + 100; 1500]] {
                alice.talk.send_message(3, "U", &text).await;
            }
            settle().await;
            for text in [[round; 1500], [round + 100; 1500]] {
                narrow.expect_message("alice@example.com Alice", &text).await;
            }
        }
        pass(seconds(1)).await;
        narrow.expect_nothing().await;
        alice.talk.expect_nothing().await;
    });
}

#[test]
fn a_slow_reader_is_not_closed_because_of_deferred_deliveries() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut carol = world.online("carol").await;
        let ring = calls(&mut alice.talk, ("carol", &mut carol)).await;
        let mut narrow = world.narrow_switchboard(64);
        narrow.send(&answer("carol", &ring)).await;
        narrow.expect("IRO 1 1 1 alice@example.com Alice").await;
        narrow.expect("ANS 1 OK").await;
        pass(ANSWERED).await;
        // All in one turn: a request, and while it waits for its reply, more than the output holds.
        let call = Cal { trid: TrId::new(2), handle: handle("nobody") };
        narrow.addr.try_send(FromClient(call.into())).unwrap();
        let texts = || (0..20u8).map(|number| [number; 1500]);
        let alice = Principal { handle: handle("alice"), name: name("Alice") };
        let alice = Speaker::new(Arc::new(alice));
        for text in texts() {
            let mut draft = SaidBuilder::new(&alice);
            draft.push(&alice, &text).unwrap();
            narrow.deliver(Delivery::Said(draft.finish()));
        }
        narrow.expect("217 2").await;
        for text in texts() {
            narrow.expect_message("alice@example.com Alice", &text).await;
        }
        narrow.expect_nothing().await;
    });
}
