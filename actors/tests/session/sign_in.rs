//! Signing in, and being replaced by a sign-in elsewhere.

use crate::support::{World, pass, seconds};
use actors::message::{Observe, SessionState};
use msnp::{Phase, State};

#[test]
fn a_user_signs_in() {
    World::run(|world| async move {
        let mut alice = world.notification();
        alice.send("VER 4 MSNP2 CVR0").await;
        alice.expect("VER 4 MSNP2 CVR0").await;
        alice.send("INF 5").await;
        alice.expect("INF 5 MD5").await;
        let challenge = alice.request_challenge(6, "alice").await;
        let (before, after) = challenge.as_str().split_once('.').unwrap();
        assert_eq!((before, after.len()), ("1013928519", 9));
        alice.answer_challenge(7, &challenge, "secret").await;
        alice.expect("USR 7 OK alice@example.com Alice").await;
        alice.expect_nothing().await;
        let online = world.registry().await.online;
        assert_eq!(online.len(), 1);
        assert_eq!((online[0].account, online[0].session), (world.account("alice"), alice.id));
        assert_eq!(online[0].state, State::Offline);
        let state: SessionState = alice.addr.send(Observe::default()).await.unwrap();
        assert_eq!((state.phase, state.busy), (Phase::SignedIn, false));
    });
}

#[test]
fn a_wrong_password_and_an_unknown_account_are_refused_alike() {
    World::run(|world| async move {
        for (name, password) in [("alice", "wrong"), ("ghost", "secret")] {
            let mut client = world.notification();
            let challenge = client.request_challenge(6, name).await;
            assert_eq!(challenge.as_str().len(), "1013928519.000000000".len());
            client.answer_challenge(7, &challenge, password).await;
            client.expect("911 7").await;
            client.expect_end().await;
        }
        assert_eq!(world.registry().await.online, []);
    });
}

#[test]
fn a_refused_client_has_a_second_to_read_the_error() {
    World::run(|world| async move {
        let mut client = world.notification();
        let challenge = client.request_challenge(6, "alice").await;
        client.answer_challenge(7, &challenge, "wrong").await;
        client.expect("911 7").await;
        client.write_raw("USR 8 MD5 I alice@example.com\r\n").await;
        client.expect_end().await;
        assert_eq!(world.node.connections.count(), 1);
        pass(seconds(3)).await;
        assert_eq!(world.node.connections.count(), 0);
    });
}

#[test]
fn each_challenge_is_different_and_only_the_last_counts() {
    World::run(|world| async move {
        let mut client = world.notification();
        let first = client.request_challenge(6, "alice").await;
        let second = client.request_challenge(7, "alice").await;
        assert_ne!(first, second);
        client.answer_challenge(8, &second, "secret").await;
        client.expect("USR 8 OK alice@example.com Alice").await;

        let mut client = world.notification();
        let first = client.request_challenge(6, "bob").await;
        let second = client.request_challenge(7, "bob").await;
        assert_ne!(first, second);
        client.answer_challenge(8, &first, "secret").await;
        client.expect("911 8").await;
        client.expect_end().await;
    });
}

#[test]
fn a_challenge_can_be_answered_once() {
    World::run(|world| async move {
        let mut client = world.notification();
        let challenge = client.request_challenge(6, "alice").await;
        let digest = msnp::auth::Digest::of(&challenge, b"wrong").text();
        // Both responses are there before the first is checked.
        let right = msnp::auth::Digest::of(&challenge, b"secret").text();
        client.write_raw(&format!("USR 7 MD5 S {digest}\r\nUSR 8 MD5 S {right}\r\n")).await;
        client.expect("911 7").await;
        client.expect_end().await;
    });
}

#[test]
fn a_response_without_a_challenge_is_refused() {
    World::run(|world| async move {
        let mut client = world.notification();
        client.send("USR 7 MD5 S 0dc38e0c96e5ef37eb9451a0b2d5aaf9").await;
        client.expect("911 7").await;
        client.expect_end().await;
    });
}

#[test]
fn the_second_handle_is_the_one_that_signs_in() {
    World::run(|world| async move {
        let mut client = world.notification();
        client.request_challenge(6, "alice").await;
        let challenge = client.request_challenge(7, "bob").await;
        client.answer_challenge(8, &challenge, "secret").await;
        client.expect("USR 8 OK bob@example.com Bob%20B.").await;
    });
}

#[test]
fn a_signed_in_client_cannot_sign_in_again() {
    World::run(|world| async move {
        let mut alice = world.signed_in("alice").await;
        alice.write_raw("USR 8 MD5 I bob@example.com\r\nPNG\r\n").await;
        alice.expect("207 8").await;
        alice.expect("QNG").await;
    });
}

#[test]
fn nothing_but_the_handshake_is_answered_before_sign_in() {
    World::run(|world| async move {
        let mut client = world.notification();
        client.request_challenge(6, "alice").await;
        client.write_raw("SYN 7 0\r\n").await;
        client.expect("302 7").await;
        client.expect_end().await;
    });
}

#[test]
fn a_client_without_a_common_dialect_is_refused_and_closed() {
    World::run(|world| async move {
        let mut client = world.notification();
        client.send("VER 1 MSNP8 MSNP9").await;
        client.expect("VER 1 0").await;
        client.expect_end().await;
        let mut client = world.notification();
        client.send("VER 1 MSNP8 CVR0").await;
        client.expect("VER 1 CVR0").await;
        client.send("CVQ 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0537 MSMSGS").await;
        let site = "http://messenger.hotmail.com/";
        client.expect(&format!("CVQ 2 5.0.0537 5.0.0537 1.0.0000 {site} {site}")).await;
        client.expect_end().await;
    });
}

#[test]
fn a_second_sign_in_ends_the_first_session() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut old = world.online("alice").await;
            let mut bob = world.online("bob").await;
            old.expect("NLN NLN bob@example.com Bob%20B.").await;
            let mut new = world.notification();
            new.sign_in("alice").await;
            old.expect("OUT OTH").await;
            old.expect_end().await;
            bob.expect("FLN alice@example.com").await;
            new.send("CHG 9 AWY").await;
            new.expect("CHG 9 AWY").await;
            new.expect("ILN 9 NLN bob@example.com Bob%20B.").await;
            new.expect_profile().await;
            bob.expect("NLN AWY alice@example.com Alice").await;
            // The end of the old connection has no further effect.
            old.hang_up();
            pass(seconds(5)).await;
            bob.expect_nothing().await;
            new.send("PNG").await;
            new.expect("QNG").await;
            assert_eq!(world.registry().await.online.len(), 2);
        },
    );
}

#[test]
fn a_failed_sign_in_does_not_affect_the_existing_session() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut client = world.notification();
        let challenge = client.request_challenge(6, "alice").await;
        client.answer_challenge(7, &challenge, "wrong").await;
        client.expect("911 7").await;
        alice.expect_nothing().await;
    });
}

#[test]
fn a_session_ends_with_out_and_with_its_connection() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob", "carol"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut bob = world.online("bob").await;
            let carol = world.online("carol").await;
            alice.expect("NLN NLN bob@example.com Bob%20B.").await;
            alice.expect("NLN NLN carol@example.com Carol").await;
            bob.send("OUT").await;
            bob.expect("NLN NLN carol@example.com Carol").await;
            bob.expect_end().await;
            alice.expect("FLN bob@example.com").await;
            carol.hang_up();
            alice.expect("FLN carol@example.com").await;
            assert_eq!(world.registry().await.online.len(), 1);
        },
    );
}
