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
            unlucky.writes("USR 1 MD5 I bob@example.com\r\n").await;
            unlucky.hears_end().await;
            world.broken.set(false);
            assert_eq!(world.node.connections.count(), 1);
            assert_eq!(world.node.buffers.in_use(), (0, 0));
            alice.says("PNG").await;
            alice.hears("QNG").await;
            let bob = world.online("bob").await;
            alice.hears("NLN NLN bob@example.com Bob%20B.").await;
            bob.hangs_up();
            alice.hears("FLN bob@example.com").await;
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
                unlucky.writes("VER 1 MSNP2\r\nUSR 2 MD5 I bob@example.com\r\nUSR 3").await;
                unlucky.is_cut_off().await;
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
                unlucky.writes("VER 1 MSNP2\r\nUSR 2").await;
                world.torn.set(Some(torn));
                unlucky.is_cut_off().await;
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
        let cookie = alice.asks_for_a_switchboard().await;
        let mut talk = world.switchboard();
        // A new conversation needs a number.
        world.broken.set(true);
        talk.says(&format!("USR 1 alice@example.com {}", cookie.as_str())).await;
        talk.hears("280 1").await;
        talk.hears_end().await;
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
        bob.writes("PNG\r\n").await;
        bob.hears("QNG").await;
        pass(seconds(1)).await;
        bob.hears_end().await;
        world.broken.set(false);
        assert_eq!(world.registry().await.online, []);
    });
}
