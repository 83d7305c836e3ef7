//! Panics in the actor of one connection, caused by the ports.

use crate::conversation::{joins, starts};
use crate::support::{PanicAt, World, pass, seconds};

#[test]
fn a_panic_ends_one_connection_and_the_others_continue() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut unlucky = world.notification();
            world.broken.set(true);
            unlucky.write_raw("USR 1 MD5 I bob@example.com\r\n").await;
            unlucky.expect_end().await;
            world.broken.set(false);
            assert_eq!(world.node.connections.count(), 1);
            assert_eq!(world.node.buffers.in_use(), (0, 0));
            alice.send("PNG").await;
            alice.expect("QNG").await;
            let bob = world.online("bob").await;
            alice.expect("NLN NLN bob@example.com Bob%20B.").await;
            bob.hang_up();
            alice.expect("FLN bob@example.com").await;
        },
    );
}

#[test]
fn a_panic_leaks_no_buffer() {
    World::run_with(
        |plan| plan.settings.limits.buffers = 2,
        |world| async move {
            for _ in 0..3 {
                let mut unlucky = world.notification();
                world.broken.set(true);
                // More input is waiting than the command that panics.
                unlucky.write_raw("VER 1 MSNP2\r\nUSR 2 MD5 I bob@example.com\r\nUSR 3").await;
                unlucky.expect_cut_off().await;
                world.broken.set(false);
                assert_eq!(world.node.buffers.in_use(), (0, 0));
            }
            world.online("alice").await;
        },
    );
}

#[test]
fn a_transport_that_panics_leaks_no_buffer() {
    World::run_with(
        |plan| plan.settings.limits.buffers = 2,
        |world| async move {
            for panic_at in [PanicAt::Reading, PanicAt::Writing].repeat(3) {
                let mut unlucky = world.notification();
                unlucky.write_raw("VER 1 MSNP2\r\nUSR 2").await;
                world.panic_at.set(Some(panic_at));
                unlucky.expect_cut_off().await;
                world.panic_at.set(None);
                assert_eq!(world.node.buffers.in_use(), (0, 0));
            }
            world.online("alice").await;
        },
    );
}

#[test]
fn a_panic_while_joining_a_conversation_is_reported_to_the_client() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let cookie = alice.request_switchboard().await;
        let mut talk = world.switchboard();
        // A new conversation needs a number.
        world.broken.set(true);
        talk.send(&format!("USR 1 alice@example.com {}", cookie.as_str())).await;
        talk.expect("280 1").await;
        talk.expect_end().await;
        world.broken.set(false);
        world.conversation("alice", &mut alice).await;
    });
}

#[test]
fn a_participant_who_panics_leaves_and_the_others_continue() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let mut carol = joins(&world, &mut alice, "carol").await;
        bob.talk.expect("JOI carol@example.com Carol").await;
        world.panic_at.set(Some(PanicAt::Writing));
        // Bob's connection is the first that writes.
        alice.talk.send_message(3, "N", b"hello").await;
        bob.talk.expect_cut_off().await;
        alice.talk.expect("BYE bob@example.com").await;
        carol.talk.expect_message("alice@example.com Alice", b"hello").await;
        carol.talk.expect("BYE bob@example.com").await;
        alice.talk.send_message(4, "A", b"still here").await;
        alice.talk.expect("ACK 4").await;
        carol.talk.expect_message("alice@example.com Alice", b"still here").await;
        assert_eq!(world.node.buffers.in_use(), (0, 0));
    });
}

#[test]
fn a_panic_in_a_session_signs_the_user_off() {
    World::run(|world| async move {
        let mut bob = world.signed_in("bob").await;
        assert_eq!(world.registry().await.online.len(), 1);
        // The profile message contains the time.
        world.broken.set(true);
        bob.write_raw("PNG\r\n").await;
        bob.expect("QNG").await;
        pass(seconds(1)).await;
        bob.expect_end().await;
        world.broken.set(false);
        assert_eq!(world.registry().await.online, []);
    });
}

/// The program ends then: without the service, no user could sign in.
#[test]
fn a_service_that_panics_is_noticed() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let node = world.node.clone();
        let noticed = actix_rt::spawn(async move { node.service_stopped().await });
        pass(seconds(2)).await;
        assert!(!noticed.is_finished());
        // A cookie is a random number.
        world.broken.set(true);
        alice.send("XFR 10 SB").await;
        alice.next_event().await;
        world.broken.set(false);
        pass(seconds(2)).await;
        assert!(noticed.is_finished());
    });
}
