//! Connections to conversations whose client is gone.

use super::{ANSWERED, answer, calls, joins, starts};
use crate::support::{PEER, World, invitation, pass, seconds};
use actors::connection::start;
use actors::notification::Session;
use msnp::Event;

/// A user signs in again from another address.
async fn signs_in_from_elsewhere(world: &World, local: &str) -> crate::support::Probe<Session> {
    let start = |link| start(Session::new(link));
    let mut session = world.connect_from("192.168.2.77", 4096, "192.0.2.1", start).unwrap();
    assert_ne!(PEER, "192.168.2.77");
    session.come_online(local).await;
    session
}

#[test]
fn a_user_who_signs_in_again_can_be_called_to_a_conversation_with_their_dead_connection() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut ghost = joins(&world, &mut alice, "bob").await;
        let mut bob = signs_in_from_elsewhere(&world, "bob").await;
        alice.talk.expect("BYE bob@example.com").await;
        // The message is not delivered: no one else is in the conversation.
        alice.talk.send_message(3, "A", b"hi").await;
        alice.talk.expect("NAK 3").await;
        let ring = calls(&mut alice.talk, ("bob", &mut bob)).await;
        let mut talk = world.switchboard();
        talk.send(&answer("bob", &ring)).await;
        while !matches!(talk.next_event().await, Event::Ans(_)) {}
        alice.talk.expect("JOI bob@example.com Bob%20B.").await;
        alice.talk.send_message(4, "A", b"hi").await;
        alice.talk.expect("ACK 4").await;
        pass(ANSWERED).await;
        talk.expect_message("alice@example.com Alice", b"hi").await;
        // The old connection to the switchboard ends without an `OUT`.
        ghost.session.expect("OUT OTH").await;
        ghost.session.expect_end().await;
        ghost.talk.expect_end().await;
    });
}

#[test]
fn conversations_that_a_replaced_session_started_end_too() {
    World::run(|world| async move {
        let mut ghost = starts(&world, "bob").await;
        let mut alice = joins(&world, &mut ghost, "alice").await;
        let mut bob = signs_in_from_elsewhere(&world, "bob").await;
        alice.talk.expect("BYE bob@example.com").await;
        ghost.talk.expect_end().await;
        calls(&mut alice.talk, ("bob", &mut bob)).await;
    });
}

#[test]
fn conversations_of_the_new_session_and_of_others_go_on() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let _ghost = joins(&world, &mut alice, "bob").await;
        let mut carol = joins(&world, &mut alice, "carol").await;
        let mut bob = signs_in_from_elsewhere(&world, "bob").await;
        while alice.talk.next_event().await != Event::from(bye("bob")) {}
        let mut talk = world.conversation("bob", &mut bob).await;
        pass(seconds(5)).await;
        talk.send("CAL 2 carol@example.com").await;
        assert!(matches!(talk.next_event().await, Event::Cal(_)));
        invitation(carol.session.next_event().await);
        alice.talk.send_message(4, "A", b"hi").await;
        alice.talk.expect("ACK 4").await;
    });
}

fn bye(local: &str) -> msnp::command::Bye {
    msnp::command::Bye { handle: crate::support::handle(local), idle: false }
}

#[test]
fn out_leaves_all_conversations() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        bob.session.send("OUT").await;
        bob.session.expect_end().await;
        bob.talk.expect_end().await;
        alice.talk.expect("BYE bob@example.com").await;
        alice.talk.send("CAL 3 bob@example.com").await;
        alice.talk.expect("217 3").await;
    });
}

#[test]
fn a_lost_session_leaves_its_conversations_open() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        bob.session.hang_up();
        pass(seconds(1)).await;
        alice.talk.send_message(4, "A", b"hi").await;
        alice.talk.expect("ACK 4").await;
        bob.talk.expect_message("alice@example.com Alice", b"hi").await;
        // Nor does the user replace a session when they sign in again.
        let _again = signs_in_from_elsewhere(&world, "bob").await;
        alice.talk.expect_nothing().await;
        bob.talk.send_message(5, "A", b"here").await;
        bob.talk.expect("ACK 5").await;
        alice.talk.expect_message("bob@example.com Bob%20B.", b"here").await;
    });
}

#[test]
fn a_replaced_session_cannot_complete_a_join() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut old = world.online("bob").await;
        let ring = calls(&mut alice.talk, ("bob", &mut old)).await;
        let mut new = world.notification();
        let challenge = new.request_challenge(6, "bob").await;
        let mut talk = world.switchboard();
        // Both at once.
        let (answers, signs_in) =
            (answer("bob", &ring), new.answer_challenge(7, &challenge, "secret"));
        tokio::join!(talk.send(&answers), signs_in);
        pass(seconds(1)).await;
        new.expect("USR 7 OK bob@example.com Bob%20B.").await;
        new.send("CHG 8 NLN").await;
        new.expect("CHG 8 NLN").await;
        while !matches!(talk.next().await, crate::support::Received::End) {}
        new.expect_profile().await;
        let _ = alice.talk.receive_all().await;
        calls(&mut alice.talk, ("bob", &mut new)).await;
    });
}
