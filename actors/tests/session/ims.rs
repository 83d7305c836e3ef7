//! `IMS`: whether somebody takes part in conversations (MSNP3).

use crate::support::{Plan, World, invitation};
use actors::message::Locate;
use msnp::Dialect;

fn friends(plan: &mut Plan) {
    plan.friends(&["alice", "bob"]);
}

/// Whether Alice finds Bob when she calls him.
async fn is_found(world: &World) -> bool {
    let locate = Locate { callee: world.account("bob"), caller: world.account("alice") };
    world.node.registry.send(locate).await.unwrap().is_some()
}

#[test]
fn whoever_switched_it_off_starts_no_conversation_and_is_not_called_but_is_seen() {
    World::run_with(friends, |world| async move {
        let mut bob = world.online_with("bob", Dialect::Msnp3).await;
        let mut alice = world.online("alice").await;
        bob.hears("NLN NLN alice@example.com Alice").await;
        let mut talk = world.conversation("alice", &mut alice).await;
        bob.says("IMS 10 OFF").await;
        bob.hears("IMS 10 0 OFF").await;
        bob.says("XFR 11 SB").await;
        bob.hears("913 11").await;
        assert!(!is_found(&world).await);
        talk.says("CAL 2 bob@example.com").await;
        talk.hears("217 2").await;
        bob.says("CHG 12 BSY").await;
        bob.hears("CHG 12 BSY").await;
        alice.hears("NLN BSY bob@example.com Bob%20B.").await;
        bob.says("IMS 13 ON").await;
        bob.hears("IMS 13 0 ON").await;
        bob.asks_for_a_switchboard().await;
        assert!(is_found(&world).await);
        talk.says("CAL 3 bob@example.com").await;
        invitation(bob.hears_event().await);
    });
}

#[test]
fn it_ends_with_the_session() {
    World::run_with(friends, |world| async move {
        let mut old = world.online_with("bob", Dialect::Msnp7).await;
        old.says("IMS 10 OFF").await;
        old.hears("IMS 10 0 OFF").await;
        let mut new = world.online("bob").await;
        old.hears("OUT OTH").await;
        assert!(is_found(&world).await);
        new.asks_for_a_switchboard().await;
    });
}

#[test]
fn it_has_two_settings_and_a_first_dialect() {
    World::run(|world| async move {
        let mut bob = world.online_with("bob", Dialect::Msnp3).await;
        bob.writes("IMS 10 MAYBE\r\n").await;
        bob.hears("715 10").await;
        let mut alice = world.online_with("alice", Dialect::Msnp2).await;
        alice.writes("IMS 10 OFF\r\n").await;
        alice.hears("200 10").await;
        assert!(is_found(&world).await);
    });
}
