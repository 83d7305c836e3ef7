//! Connections to conversations whose client is not behind them any more.

use super::{ANSWERED, answer, calls, joins, starts};
use crate::support::{PEER, World, invitation, pass, seconds};
use actix::Actor;
use actors::notification::Session;
use msnp::Event;

/// Somebody signs in once more, from another address.
async fn from_elsewhere(world: &World, local: &str) -> crate::support::Probe<Session> {
    let start = |link| Session::new(link).start();
    let mut session = world.connect_from("192.168.2.77", 4096, "192.0.2.1", start).unwrap();
    assert_ne!(PEER, "192.168.2.77");
    session.comes_online(local).await;
    session
}

#[test]
fn whoever_signs_in_again_can_be_called_to_a_conversation_that_his_dead_link_is_still_in() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut ghost = joins(&world, &mut alice, "bob").await;
        let mut bob = from_elsewhere(&world, "bob").await;
        alice.talk.hears("BYE bob@example.com").await;
        // What is acknowledged is delivered: nobody is there.
        alice.talk.says_message(3, "A", b"hi").await;
        alice.talk.hears("NAK 3").await;
        let ring = calls(&mut alice.talk, ("bob", &mut bob)).await;
        let mut talk = world.switchboard();
        talk.says(&answer("bob", &ring)).await;
        while !matches!(talk.hears_event().await, Event::Ans(_)) {}
        alice.talk.hears("JOI bob@example.com Bob%20B.").await;
        alice.talk.says_message(4, "A", b"hi").await;
        alice.talk.hears("ACK 4").await;
        pass(ANSWERED).await;
        talk.hears_message("alice@example.com Alice", b"hi").await;
        // The old connections end without a word about the server.
        ghost.session.hears("OUT OTH").await;
        ghost.session.hears_end().await;
        ghost.talk.hears_end().await;
    });
}

#[test]
fn conversations_that_he_started_end_with_the_replaced_session_too() {
    World::run(|world| async move {
        let mut ghost = starts(&world, "bob").await;
        let mut alice = joins(&world, &mut ghost, "alice").await;
        let mut bob = from_elsewhere(&world, "bob").await;
        alice.talk.hears("BYE bob@example.com").await;
        ghost.talk.hears_end().await;
        calls(&mut alice.talk, ("bob", &mut bob)).await;
    });
}

#[test]
fn conversations_of_the_new_session_and_of_others_go_on() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let _ghost = joins(&world, &mut alice, "bob").await;
        let mut carol = joins(&world, &mut alice, "carol").await;
        let mut bob = from_elsewhere(&world, "bob").await;
        while alice.talk.hears_event().await != Event::from(bye("bob")) {}
        let mut talk = world.conversation("bob", &mut bob).await;
        pass(seconds(5)).await;
        talk.says("CAL 2 carol@example.com").await;
        assert!(matches!(talk.hears_event().await, Event::Cal(_)));
        invitation(carol.session.hears_event().await);
        alice.talk.says_message(4, "A", b"hi").await;
        alice.talk.hears("ACK 4").await;
    });
}

fn bye(local: &str) -> msnp::command::Bye {
    msnp::command::Bye { handle: crate::support::handle(local), idle: false }
}

#[test]
fn whoever_says_out_leaves_his_conversations() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        bob.session.says("OUT").await;
        bob.session.hears_end().await;
        bob.talk.hears_end().await;
        alice.talk.hears("BYE bob@example.com").await;
        alice.talk.says("CAL 3 bob@example.com").await;
        alice.talk.hears("217 3").await;
    });
}

#[test]
fn a_lost_session_alone_leaves_its_conversations() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        bob.session.hangs_up();
        pass(seconds(1)).await;
        alice.talk.says_message(4, "A", b"hi").await;
        alice.talk.hears("ACK 4").await;
        bob.talk.hears_message("alice@example.com Alice", b"hi").await;
        // Nor does it replace a session when he signs in again.
        let _again = from_elsewhere(&world, "bob").await;
        alice.talk.hears_nothing().await;
        bob.talk.says_message(5, "A", b"here").await;
        bob.talk.hears("ACK 5").await;
        alice.talk.hears_message("bob@example.com Bob%20B.", b"here").await;
    });
}

#[test]
fn whoever_is_on_his_way_into_a_conversation_does_not_get_there_with_a_replaced_session() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut old = world.online("bob").await;
        let ring = calls(&mut alice.talk, ("bob", &mut old)).await;
        let mut new = world.notification();
        let challenge = new.is_challenged(6, "bob").await;
        let mut talk = world.switchboard();
        // Both at once.
        let (answers, signs_in) = (answer("bob", &ring), new.answers(7, &challenge, "secret"));
        tokio::join!(talk.says(&answers), signs_in);
        pass(seconds(1)).await;
        new.hears("USR 7 OK bob@example.com Bob%20B.").await;
        new.says("CHG 8 NLN").await;
        new.hears("CHG 8 NLN").await;
        while !matches!(talk.next().await, crate::support::Heard::End) {}
        new.hears_the_profile().await;
        let _ = alice.talk.hears_all().await;
        calls(&mut alice.talk, ("bob", &mut new)).await;
    });
}
