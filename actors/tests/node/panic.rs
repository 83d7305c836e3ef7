//! A panic in one connection's actor: ports are provoked to it.

use crate::support::{Torn, World, pass, seconds};

#[test]
fn a_panic_ends_one_connection_and_the_others_go_on() {
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
fn a_panic_uses_up_no_buffer() {
    World::run_with(
        |plan| plan.settings.buffers = 2,
        |world| async move {
            for _ in 0..3 {
                let mut unlucky = world.notification();
                world.broken.set(true);
                // More is there than the command that panics.
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
fn a_transport_that_panics_uses_up_no_buffer() {
    World::run_with(
        |plan| plan.settings.buffers = 2,
        |world| async move {
            for torn in [Torn::Reading, Torn::Writing].repeat(3) {
                let mut unlucky = world.notification();
                unlucky.write_raw("VER 1 MSNP2\r\nUSR 2").await;
                world.torn.set(Some(torn));
                unlucky.expect_cut_off().await;
                world.torn.set(None);
                assert_eq!(world.node.buffers.in_use(), (0, 0));
            }
            world.online("alice").await;
        },
    );
}

#[test]
fn whoever_meets_a_panic_on_his_way_into_a_conversation_is_told() {
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
fn a_panic_of_a_signed_in_session_signs_it_off() {
    World::run(|world| async move {
        let mut bob = world.signed_in("bob").await;
        assert_eq!(world.registry().await.online.len(), 1);
        // The profile message has the time in it.
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
        let noticed = actix_rt::spawn(async move { node.broken().await });
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
