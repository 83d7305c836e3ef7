//! A virtual hour.

use crate::support::{World, pass, seconds};
use actors::message::{CookiesState, Observe};

#[test]
fn an_hour_passes() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut referred = world.dispatch();
            referred.send("VER 1 MSNP2").await;
            referred.expect("VER 1 MSNP2").await;
            let mut alice = world.online("alice").await;
            let mut bob = world.online("bob").await;
            alice.expect("NLN NLN bob@example.com Bob%20B.").await;
            let mut talk = world.conversation("alice", &mut alice).await;
            talk.send("CAL 2 bob@example.com").await;
            talk.next_event().await;
            bob.next_event().await;
            let unused = alice.request_switchboard().await;
            pass(seconds(3600)).await;
            // No signed-in client was closed or received anything.
            alice.expect_nothing().await;
            bob.expect_nothing().await;
            talk.expect_nothing().await;
            referred.expect_end().await;
            // The cookies have expired.
            let cookies: CookiesState = world.node.cookies.send(Observe::default()).await.unwrap();
            assert_eq!(cookies.unused, 0);
            let mut late = world.switchboard();
            late.send(&format!("USR 1 alice@example.com {}", unused.as_str())).await;
            late.expect("911 1").await;
            // Everything goes on.
            talk.send("CAL 3 bob@example.com").await;
            talk.next_event().await;
            bob.next_event().await;
            bob.send("CHG 10 AWY").await;
            bob.expect("CHG 10 AWY").await;
            alice.expect("NLN AWY bob@example.com Bob%20B.").await;
            assert_eq!(world.node.buffers.in_use(), (0, 0));
        },
    );
}
