//! The participants of a conversation: `IRO`, `JOI` and `BYE`.

use super::{ANSWERED, answer, calls, joins, starts};
use crate::support::{World, handle, name, pass, seconds};
use actors::message::{Delivery, Observe, ParticipantState};
use actors::port::store::Principal;
use msnp::Dialect;
use std::sync::Arc;

#[test]
fn a_conversation_is_started_with_the_cookie_of_an_xfr() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let cookie = alice.request_switchboard().await;
        let mut talk = world.switchboard();
        talk.send(&format!("USR 1 alice@example.com {}", cookie.as_str())).await;
        talk.expect("USR 1 OK alice@example.com Alice").await;
        talk.expect_nothing().await;
        let state: ParticipantState = talk.addr.send(Observe::default()).await.unwrap();
        assert_eq!(state.handle, Some(handle("alice")));
        assert_eq!(state.dialect, Dialect::Msnp2);
        let mut again = world.switchboard();
        again.send(&format!("USR 1 alice@example.com {}", cookie.as_str())).await;
        again.expect("911 1").await;
        again.expect_end().await;
    });
}

#[test]
fn a_joining_user_gets_iro_and_the_others_get_joi() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = world.online("bob").await;
        let ring = calls(&mut alice.talk, ("bob", &mut bob)).await;
        alice.talk.expect_nothing().await;
        let mut second = world.switchboard();
        second.send(&answer("bob", &ring)).await;
        second.expect("IRO 1 1 1 alice@example.com Alice").await;
        second.expect("ANS 1 OK").await;
        second.expect_nothing().await;
        alice.talk.expect("JOI bob@example.com Bob%20B.").await;
        let mut carol = world.online("carol").await;
        let ring = calls(&mut second, ("carol", &mut carol)).await;
        let mut third = world.switchboard();
        third.send(&answer("carol", &ring)).await;
        third.expect("IRO 1 1 2 alice@example.com Alice").await;
        third.expect("IRO 1 2 2 bob@example.com Bob%20B.").await;
        third.expect("ANS 1 OK").await;
        third.expect_nothing().await;
        for talk in [&mut alice.talk, &mut second] {
            talk.expect("JOI carol@example.com Carol").await;
            talk.expect_nothing().await;
        }
    });
}

#[test]
fn each_way_to_leave_sends_bye_once() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let mut carol = joins(&world, &mut alice, "carol").await;
        bob.talk.expect("JOI carol@example.com Carol").await;
        bob.talk.send("OUT").await;
        bob.talk.expect_end().await;
        for talk in [&mut alice.talk, &mut carol.talk] {
            talk.expect("BYE bob@example.com").await;
            talk.expect_nothing().await;
        }
        carol.talk.hang_up();
        alice.talk.expect("BYE carol@example.com").await;
        alice.talk.expect_nothing().await;
        drop(bob.talk);
        pass(seconds(5)).await;
        alice.talk.expect_nothing().await;
    });
}

#[test]
fn a_participant_who_is_left_alone_may_call_again() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let bob = joins(&world, &mut alice, "bob").await;
        bob.talk.hang_up();
        alice.talk.expect("BYE bob@example.com").await;
        let mut session = bob.session;
        let ring = calls(&mut alice.talk, (bob.local, &mut session)).await;
        let mut talk = world.switchboard();
        talk.send(&answer("bob", &ring)).await;
        talk.expect("IRO 1 1 1 alice@example.com Alice").await;
        talk.expect("ANS 1 OK").await;
        alice.talk.expect("JOI bob@example.com Bob%20B.").await;
    });
}

#[test]
fn a_user_who_answers_after_all_have_left_is_alone() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = world.online("bob").await;
        let ring = calls(&mut alice.talk, ("bob", &mut bob)).await;
        alice.talk.send("OUT").await;
        alice.talk.expect_end().await;
        drop(alice.talk);
        pass(seconds(29)).await;
        let mut talk = world.switchboard();
        talk.send(&answer("bob", &ring)).await;
        talk.expect("ANS 1 OK").await;
        talk.expect_nothing().await;
        // It is a conversation like any other.
        let ring = calls(&mut talk, ("alice", &mut alice.session)).await;
        let mut again = world.switchboard();
        again.send(&answer("alice", &ring)).await;
        again.expect("IRO 1 1 1 bob@example.com Bob%20B.").await;
    });
}

#[test]
fn a_conversation_that_all_have_left_ends_soon() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = world.online("bob").await;
        let mut carol = world.online("carol").await;
        let ring = calls(&mut alice.talk, ("bob", &mut bob)).await;
        let other = calls(&mut alice.talk, ("carol", &mut carol)).await;
        alice.talk.hang_up();
        pass(seconds(20)).await;
        assert_eq!(world.node.conversations.get(), 1);
        let mut talk = world.switchboard();
        talk.send(&answer("bob", &ring)).await;
        talk.expect("ANS 1 OK").await;
        // Ringing ends for the others too, and they can be called.
        pass(seconds(11)).await;
        let mut late = world.switchboard();
        late.send(&answer("carol", &other)).await;
        late.expect("911 1").await;
        calls(&mut talk, ("carol", &mut carol)).await;
        talk.hang_up();
        pass(seconds(41)).await;
        assert_eq!(world.node.conversations.get(), 0);
    });
}

#[test]
fn conversations_outlive_the_sessions() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        alice.session.hang_up();
        bob.session.hang_up();
        pass(seconds(1)).await;
        alice.talk.send_message(3, "A", b"still here").await;
        alice.talk.expect("ACK 3").await;
        bob.talk.expect_message("alice@example.com Alice", b"still here").await;
    });
}

#[test]
fn conversations_are_independent() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let mut carol = starts(&world, "carol").await;
        let mut dave = joins(&world, &mut carol, "dave").await;
        let numbers = [&alice.talk, &carol.talk].map(|talk| talk.addr.send(Observe::default()));
        let [first, second] = numbers;
        let [first, second]: [ParticipantState; 2] = [first.await.unwrap(), second.await.unwrap()];
        assert_ne!(first.session.unwrap(), second.session.unwrap());
        alice.talk.send_message(3, "U", b"hello").await;
        bob.talk.expect_message("alice@example.com Alice", b"hello").await;
        carol.talk.expect_nothing().await;
        dave.talk.send("OUT").await;
        carol.talk.expect("BYE dave@example.com").await;
        alice.talk.expect_nothing().await;
        bob.talk.expect_nothing().await;
    });
}

#[test]
fn participants_keep_the_name_that_they_joined_with() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        alice.session.send("REA 10 alice@example.com Queen").await;
        alice.session.next_event().await;
        alice.talk.send_message(3, "U", b"hello").await;
        bob.talk.expect_message("alice@example.com Alice", b"hello").await;
        let mut again = world.conversation("alice", &mut alice.session).await;
        let ring = calls(&mut again, ("bob", &mut bob.session)).await;
        let mut talk = world.switchboard();
        talk.send(&answer("bob", &ring)).await;
        talk.expect("IRO 1 1 1 alice@example.com Queen").await;
    });
}

#[test]
fn the_roster_comes_before_other_events() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = world.online("bob").await;
        let ring = calls(&mut alice.talk, ("bob", &mut bob)).await;
        let mut talk = world.switchboard();
        talk.send(&answer("bob", &ring)).await;
        // Bob is still joining.
        let principal = Arc::new(Principal { handle: handle("dave"), name: name("Dave") });
        talk.deliver(Delivery::Joined(principal.clone()));
        talk.deliver(Delivery::Left(principal));
        talk.expect("IRO 1 1 1 alice@example.com Alice").await;
        talk.expect("ANS 1 OK").await;
        pass(ANSWERED).await;
        talk.expect("JOI dave@example.com Dave").await;
        talk.expect("BYE dave@example.com").await;
    });
}

#[test]
fn a_cookie_admits_only_its_owner_to_its_conversation() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = world.online("bob").await;
        let ring = calls(&mut alice.talk, ("bob", &mut bob)).await;
        let cookie = ring.cookie.as_str();
        let refused = [
            format!("ANS 1 carol@example.com {cookie} {}", ring.session),
            format!("ANS 1 ghost@example.com {cookie} {}", ring.session),
            format!("ANS 1 bob@example.com 123456789.1 {}", ring.session),
            format!("USR 1 bob@example.com {cookie}"),
        ];
        for line in refused {
            let mut talk = world.switchboard();
            talk.send(&line).await;
            talk.expect("911 1").await;
            talk.expect_end().await;
        }
        let mut talk = world.switchboard();
        talk.send(&format!("ANS 1 bob@example.com {cookie} 10000099")).await;
        talk.expect_end().await;
        alice.talk.expect_nothing().await;
        // None of them used the cookie up.
        let mut talk = world.switchboard();
        talk.send(&answer("bob", &ring)).await;
        talk.expect("IRO 1 1 1 alice@example.com Alice").await;
    });
}
