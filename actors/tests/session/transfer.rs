//! `XFR`: a cookie for a conversation, and the referral on request.

use crate::support::{World, pass, seconds};
use actors::Advertised;
use actors::connection::start;
use actors::message::{CookiesState, Observe};
use actors::notification::Session;
use msnp::Endpoint;

async fn unused(world: &World) -> usize {
    let state: CookiesState = world.node.cookies.send(Observe::default()).await.unwrap();
    state.unused
}

#[test]
fn only_visible_users_start_conversations() {
    World::run(|world| async move {
        let mut alice = world.signed_in("alice").await;
        alice.send("XFR 8 SB").await;
        alice.expect("913 8").await;
        alice.expect_profile().await;
        for (state, allowed) in [("HDN", false), ("BSY", true), ("FLN", false), ("NLN", true)] {
            alice.send(&format!("CHG 9 {state}")).await;
            alice.expect(&format!("CHG 9 {state}")).await;
            if allowed {
                alice.request_switchboard().await;
            } else {
                alice.send("XFR 10 SB").await;
                alice.expect("913 10").await;
            }
        }
    });
}

#[test]
fn the_switchboard_is_where_the_client_reached_this_machine() {
    World::run(|world| async move {
        let start = |link| start(Session::new(link));
        let mut alice = world.connect(1024, "198.51.100.7", start).unwrap();
        alice.come_online("alice").await;
        alice.send("XFR 10 SB").await;
        let text = format!("{:?}", alice.next_event().await);
        assert!(text.contains("198.51.100.7:1865"), "{text}");
        alice.send("XFR 11 NS").await;
        alice.expect("XFR 11 NS 198.51.100.7:1864 0").await;
    });
}

#[test]
fn an_advertised_switchboard_is_sent_to_all_clients() {
    let advertised = Advertised::At(Endpoint("203.0.113.5:2001".parse().unwrap()));
    World::run_with(
        |plan| plan.settings.switchboard = Some(advertised),
        |world| async move {
            let start = |link| start(Session::new(link));
            let mut alice = world.connect(1024, "2001:db8::1", start).unwrap();
            alice.come_online("alice").await;
            alice.send("XFR 10 SB").await;
            let text = format!("{:?}", alice.next_event().await);
            assert!(text.contains("203.0.113.5:2001"), "{text}");
            alice.send("XFR 11 NS").await;
            alice.expect("601 11").await;
        },
    );
}

#[test]
fn without_switchboards_the_reply_is_601() {
    World::run_with(
        |plan| plan.settings.switchboard = None,
        |world| async move {
            let mut alice = world.online("alice").await;
            alice.send("XFR 10 SB").await;
            alice.expect("601 10").await;
        },
    );
}

#[test]
fn each_request_gets_its_own_cookie_and_too_many_are_refused() {
    World::run_with(
        |plan| plan.settings.limits.cookies = 3,
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut cookies = Vec::new();
            for _ in 0..3 {
                cookies.push(alice.request_switchboard().await);
            }
            assert!(cookies[0] != cookies[1] && cookies[1] != cookies[2]);
            alice.send("XFR 11 SB").await;
            alice.expect("714 11").await;
            for cookie in cookies {
                let mut talk = world.switchboard();
                talk.send(&format!("USR 1 alice@example.com {}", cookie.as_str())).await;
                talk.expect("USR 1 OK alice@example.com Alice").await;
            }
            alice.request_switchboard().await;
        },
    );
}

#[test]
fn unused_cookies_end_with_the_session() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let cookie = alice.request_switchboard().await;
        assert_eq!(unused(&world).await, 1);
        alice.hang_up();
        pass(seconds(1)).await;
        assert_eq!(unused(&world).await, 0);
        let mut talk = world.switchboard();
        talk.send(&format!("USR 1 alice@example.com {}", cookie.as_str())).await;
        talk.expect("911 1").await;
        talk.expect_end().await;
    });
}
