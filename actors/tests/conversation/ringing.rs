//! `CAL` and `RNG`: who can be called, and for how long it rings.

use super::{answer, calls, joins, starts};
use crate::support::{World, invitation, pass, seconds};
use actors::connection::start;
use actors::notification::Session;
use msnp::List;

#[test]
fn a_call_rings_at_the_address_that_the_callee_dialled() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let start = |link| start(Session::new(link));
        let mut bob = world.connect(4096, "198.51.100.7", start).unwrap();
        bob.come_online("bob").await;
        let ring = calls(&mut alice.talk, ("bob", &mut bob)).await;
        assert_eq!(ring.endpoint.to_string(), "198.51.100.7:1865");
        assert!(ring.session.value() >= 10_000_000);
        assert!(ring.cookie.as_str().len() <= 29);
    });
}

#[test]
fn an_unreachable_callee_answers_217() {
    World::run_with(
        |plan| {
            plan.list("bob", List::Block, "alice");
            plan.friends(&["alice", "bob", "carol"]);
        },
        |world| async move {
            let mut alice = starts(&world, "alice").await;
            let _blocking = world.online("bob").await;
            let mut hidden = world.online("carol").await;
            hidden.send("CHG 10 HDN").await;
            let _before_his_first_state = world.signed_in("dave").await;
            for (trid, callee) in (10..).zip(["bob", "carol", "dave", "ghost"]) {
                alice.talk.send(&format!("CAL {trid} {callee}@example.com")).await;
                alice.talk.expect(&format!("217 {trid}")).await;
            }
        },
    );
}

#[test]
fn with_blp_bl_only_the_allow_list_can_call() {
    World::run_with(
        |plan| plan.list("bob", List::Allow, "carol"),
        |world| async move {
            let mut bob = world.online("bob").await;
            bob.send("BLP 10 BL").await;
            bob.next_event().await;
            let mut alice = starts(&world, "alice").await;
            let mut carol = starts(&world, "carol").await;
            alice.talk.send("CAL 2 bob@example.com").await;
            alice.talk.expect("217 2").await;
            calls(&mut carol.talk, ("bob", &mut bob)).await;
            // Bob's privacy setting applies to callers only: Alice may join a conversation with
            // Bob.
            let ring = calls(&mut carol.talk, ("alice", &mut alice.session)).await;
            let mut talk = world.switchboard();
            talk.send(&answer("alice", &ring)).await;
            talk.expect("IRO 1 1 1 carol@example.com Carol").await;
        },
    );
}

#[test]
fn the_callers_own_block_list_is_not_checked() {
    World::run_with(
        |plan| plan.list("alice", List::Block, "bob"),
        |world| async move {
            let mut alice = starts(&world, "alice").await;
            let mut bob = world.online("bob").await;
            calls(&mut alice.talk, ("bob", &mut bob)).await;
        },
    );
}

#[test]
fn a_participant_or_a_ringing_user_answers_215() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let mut carol = world.online("carol").await;
        calls(&mut alice.talk, ("carol", &mut carol)).await;
        for (trid, callee) in (10..).zip(["alice", "bob", "carol"]) {
            alice.talk.send(&format!("CAL {trid} {callee}@example.com")).await;
            alice.talk.expect(&format!("215 {trid}")).await;
        }
        // Nor by another participant.
        bob.talk.send("CAL 20 carol@example.com").await;
        bob.talk.expect("215 20").await;
        carol.expect_nothing().await;
    });
}

#[test]
fn a_malformed_callee_answers_208_and_another_number_of_parameters_closes() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        alice.talk.write_raw("CAL 7 @@a\r\n").await;
        alice.talk.expect("208 7").await;
        alice.talk.write_raw("CAL 8 bob@example.com again\r\n").await;
        alice.talk.expect_end().await;
    });
}

#[test]
fn it_rings_until_the_cookie_expires() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = world.online("bob").await;
        let old = calls(&mut alice.talk, ("bob", &mut bob)).await;
        pass(seconds(119)).await;
        alice.talk.send("CAL 3 bob@example.com").await;
        alice.talk.expect("215 3").await;
        pass(seconds(2)).await;
        let mut late = world.switchboard();
        late.send(&answer("bob", &old)).await;
        late.expect("911 1").await;
        // The second call meanwhile does not make it ring longer.
        let new = calls(&mut alice.talk, ("bob", &mut bob)).await;
        assert_eq!(new.session, old.session);
        assert_ne!(new.cookie, old.cookie);
        let mut talk = world.switchboard();
        talk.send(&answer("bob", &new)).await;
        talk.expect("IRO 1 1 1 alice@example.com Alice").await;
    });
}

#[test]
fn it_rings_again_on_the_callees_new_session() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut old = world.online("bob").await;
        let lost = calls(&mut alice.talk, ("bob", &mut old)).await;
        let mut new = world.online("bob").await;
        old.expect("OUT OTH").await;
        let ring = calls(&mut alice.talk, ("bob", &mut new)).await;
        let mut talk = world.switchboard();
        talk.send(&answer("bob", &lost)).await;
        talk.expect("911 1").await;
        let mut talk = world.switchboard();
        talk.send(&answer("bob", &ring)).await;
        talk.expect("IRO 1 1 1 alice@example.com Alice").await;
        alice.talk.expect("JOI bob@example.com Bob%20B.").await;
    });
}

#[test]
fn ringing_ends_with_the_callees_session() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = world.online("bob").await;
        calls(&mut alice.talk, ("bob", &mut bob)).await;
        bob.hang_up();
        pass(seconds(1)).await;
        alice.talk.send("CAL 3 bob@example.com").await;
        alice.talk.expect("217 3").await;
        let mut bob = world.online("bob").await;
        calls(&mut alice.talk, ("bob", &mut bob)).await;
    });
}

#[test]
fn two_simultaneous_calls_of_one_user_ring_once() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let mut carol = world.online("carol").await;
        alice.talk.send("CAL 3 carol@example.com").await;
        bob.talk.send("CAL 4 carol@example.com").await;
        alice.talk.next_event().await;
        bob.talk.expect("215 4").await;
        invitation(carol.next_event().await);
        carol.expect_nothing().await;
    });
}

#[test]
fn a_full_conversation_refuses_calls() {
    World::run_with(
        |plan| plan.settings.participants = 3,
        |world| async move {
            let mut alice = starts(&world, "alice").await;
            let bob = joins(&world, &mut alice, "bob").await;
            let mut carol = world.online("carol").await;
            let mut dave = world.online("dave").await;
            calls(&mut alice.talk, ("carol", &mut carol)).await;
            // A user who is ringing counts as a participant.
            alice.talk.send("CAL 3 dave@example.com").await;
            alice.talk.expect("280 3").await;
            alice.talk.send("CAL 4 carol@example.com").await;
            alice.talk.expect("215 4").await;
            dave.expect_nothing().await;
            bob.talk.hang_up();
            alice.talk.expect("BYE bob@example.com").await;
            calls(&mut alice.talk, ("dave", &mut dave)).await;
        },
    );
}

#[test]
fn the_ringing_users_of_a_conversation_are_limited() {
    World::run_with(
        |plan| plan.settings.limits.invitations = 1,
        |world| async move {
            let mut alice = starts(&world, "alice").await;
            let mut bob = world.online("bob").await;
            let mut carol = world.online("carol").await;
            let ring = calls(&mut alice.talk, ("bob", &mut bob)).await;
            alice.talk.send("CAL 3 carol@example.com").await;
            alice.talk.expect("280 3").await;
            carol.expect_nothing().await;
            let mut talk = world.switchboard();
            talk.send(&answer("bob", &ring)).await;
            talk.expect("IRO 1 1 1 alice@example.com Alice").await;
            alice.talk.expect("JOI bob@example.com Bob%20B.").await;
            calls(&mut alice.talk, ("carol", &mut carol)).await;
        },
    );
}

#[test]
fn the_ringing_users_of_a_caller_are_limited() {
    World::run_with(
        |plan| plan.settings.limits.lines_per_second = 1000,
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut sessions = Vec::new();
            for who in ["bob", "carol", "dave"] {
                sessions.push(world.online(who).await);
            }
            let mut talks = Vec::new();
            for _ in 0..16 {
                let mut talk = world.conversation("alice", &mut alice).await;
                calls(&mut talk, ("bob", &mut sessions[0])).await;
                calls(&mut talk, ("carol", &mut sessions[1])).await;
                talks.push(talk);
            }
            let mut talk = world.conversation("alice", &mut alice).await;
            talk.send("CAL 3 bob@example.com").await;
            talk.expect("280 3").await;
            sessions[0].expect_nothing().await;
            calls(&mut talk, ("dave", &mut sessions[2])).await;
            // Others can call them.
            let mut other = world.conversation("carol", &mut sessions[1]).await;
            calls(&mut other, ("bob", &mut sessions[0])).await;
        },
    );
}

#[test]
fn signing_off_while_ringing_frees_the_slot() {
    World::run_with(
        |plan| plan.settings.participants = 2,
        |world| async move {
            let mut alice = starts(&world, "alice").await;
            let mut bob = world.online("bob").await;
            let mut carol = world.online("carol").await;
            calls(&mut alice.talk, ("bob", &mut bob)).await;
            alice.talk.send("CAL 3 carol@example.com").await;
            alice.talk.expect("280 3").await;
            bob.send("OUT").await;
            bob.expect_end().await;
            calls(&mut alice.talk, ("carol", &mut carol)).await;
        },
    );
}

#[test]
fn a_caller_with_too_many_failed_calls_is_refused_for_a_while() {
    World::run_with(
        |plan| plan.settings.limits.failing_calls_per_minute = 3,
        |world| async move {
            let mut alice = starts(&world, "alice").await;
            let mut bob = world.online("bob").await;
            let mut carol = starts(&world, "carol").await;
            alice.talk.send("CAL 3 dave@example.com").await;
            alice.talk.expect("217 3").await;
            alice.talk.write_raw("CAL 4 @@a\r\n").await;
            alice.talk.expect("208 4").await;
            alice.talk.send("CAL 5 alice@example.com").await;
            alice.talk.expect("215 5").await;
            for (trid, callee) in [(6, "dave"), (7, "bob")] {
                alice.talk.send(&format!("CAL {trid} {callee}@example.com")).await;
                alice.talk.expect(&format!("713 {trid}")).await;
            }
            // Nor in another conversation.
            let mut again = world.conversation("alice", &mut alice.session).await;
            again.send("CAL 8 bob@example.com").await;
            again.expect("713 8").await;
            bob.expect_nothing().await;
            // Other callers are not affected.
            carol.talk.send("CAL 3 dave@example.com").await;
            carol.talk.expect("217 3").await;
            pass(seconds(60)).await;
            calls(&mut alice.talk, ("bob", &mut bob)).await;
        },
    );
}

#[test]
fn a_user_without_a_reachable_switchboard_address_is_not_called() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = world.connect(4096, "fd00::1", |link| start(Session::new(link))).unwrap();
        bob.come_online("bob").await;
        alice.talk.send("CAL 3 bob@example.com").await;
        alice.talk.expect("217 3").await;
        bob.expect_nothing().await;
        let mut settings = (*world.node.settings()).clone();
        let endpoint = msnp::Endpoint("198.51.100.7:1865".parse().unwrap());
        settings.switchboard = Some(actors::Advertised::At(endpoint));
        world.node.change_settings(settings);
        assert_eq!(calls(&mut alice.talk, ("bob", &mut bob)).await.endpoint, endpoint);
    });
}
