//! A virtual hour.

use crate::support::{World, pass, seconds};
use actors::message::{CookiesState, Observe};

#[test]
fn an_hour_passes() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut referred = world.dispatch();
            referred.says("VER 1 MSNP2").await;
            referred.hears("VER 1 MSNP2").await;
            let mut alice = world.online("alice").await;
            let mut bob = world.online("bob").await;
            alice.hears("NLN NLN bob@example.com Bob%20B.").await;
            let mut talk = world.conversation("alice", &mut alice).await;
            talk.says("CAL 2 bob@example.com").await;
            talk.hears_event().await;
            bob.hears_event().await;
            let unused = alice.asks_for_a_switchboard().await;
            pass(seconds(3600)).await;
            // Nobody who is signed in was closed, or hears anything.
            alice.hears_nothing().await;
            bob.hears_nothing().await;
            talk.hears_nothing().await;
            referred.hears_end().await;
            // The cookies are gone.
            let cookies: CookiesState = world.node.cookies.send(Observe::default()).await.unwrap();
            assert_eq!(cookies.unused, 0);
            let mut late = world.switchboard();
            late.says(&format!("USR 1 alice@example.com {}", unused.as_str())).await;
            late.hears("911 1").await;
            // All that was there goes on.
            talk.says("CAL 3 bob@example.com").await;
            talk.hears_event().await;
            bob.hears_event().await;
            bob.says("CHG 10 AWY").await;
            bob.hears("CHG 10 AWY").await;
            alice.hears("NLN AWY bob@example.com Bob%20B.").await;
            assert_eq!(world.node.buffers.in_use(), (0, 0));
        },
    );
}
