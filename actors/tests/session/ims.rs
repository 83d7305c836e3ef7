//! `IMS`: whether a user takes part in conversations (MSNP3).

use crate::support::{Plan, World, invitation};
use actors::message::Locate;
use msnp::Dialect;

fn friends(plan: &mut Plan) {
    plan.friends(&["alice", "bob"]);
}

/// Whether Alice can call Bob.
async fn is_found(world: &World) -> bool {
    let (callee, caller) = (world.account("bob"), world.account("alice"));
    let locate = Locate { callee, caller, switchboard: None };
    world.node.registry.send(locate).await.unwrap().is_some()
}

#[test]
fn with_ims_off_a_user_is_seen_but_can_neither_start_a_conversation_nor_be_called() {
    World::run_with(friends, |world| async move {
        let mut bob = world.online_with("bob", Dialect::Msnp3).await;
        let mut alice = world.online("alice").await;
        bob.expect("NLN NLN alice@example.com Alice").await;
        let mut talk = world.conversation("alice", &mut alice).await;
        bob.send("IMS 10 OFF").await;
        bob.expect("IMS 10 0 OFF").await;
        bob.send("XFR 11 SB").await;
        bob.expect("913 11").await;
        assert!(!is_found(&world).await);
        talk.send("CAL 2 bob@example.com").await;
        talk.expect("217 2").await;
        bob.send("CHG 12 BSY").await;
        bob.expect("CHG 12 BSY").await;
        alice.expect("NLN BSY bob@example.com Bob%20B.").await;
        bob.send("IMS 13 ON").await;
        bob.expect("IMS 13 0 ON").await;
        bob.request_switchboard().await;
        assert!(is_found(&world).await);
        talk.send("CAL 3 bob@example.com").await;
        invitation(bob.next_event().await);
    });
}

#[test]
fn ims_off_ends_with_the_session() {
    World::run_with(friends, |world| async move {
        let mut old = world.online_with("bob", Dialect::Msnp7).await;
        old.send("IMS 10 OFF").await;
        old.expect("IMS 10 0 OFF").await;
        let mut new = world.online("bob").await;
        old.expect("OUT OTH").await;
        assert!(is_found(&world).await);
        new.request_switchboard().await;
    });
}

#[test]
fn ims_takes_on_or_off_and_needs_msnp3() {
    World::run(|world| async move {
        let mut bob = world.online_with("bob", Dialect::Msnp3).await;
        bob.write_raw("IMS 10 MAYBE\r\n").await;
        bob.expect("715 10").await;
        let mut alice = world.online_with("alice", Dialect::Msnp2).await;
        alice.write_raw("IMS 10 OFF\r\n").await;
        alice.expect("200 10").await;
        assert!(is_found(&world).await);
    });
}
