//! Signing in, and being signed in elsewhere.

use crate::support::{World, pass, seconds};
use actors::message::{Observe, SessionState};
use msnp::{Phase, State};

#[test]
fn a_principal_signs_in() {
    World::run(|world| async move {
        let mut alice = world.notification();
        alice.says("VER 4 MSNP2 CVR0").await;
        alice.hears("VER 4 MSNP2 CVR0").await;
        alice.says("INF 5").await;
        alice.hears("INF 5 MD5").await;
        let challenge = alice.is_challenged(6, "alice").await;
        let (before, after) = challenge.as_str().split_once('.').unwrap();
        assert_eq!((before, after.len()), ("1013928519", 9));
        alice.answers(7, &challenge, "secret").await;
        alice.hears("USR 7 OK alice@example.com Alice").await;
        alice.hears_nothing().await;
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
            let challenge = client.is_challenged(6, name).await;
            assert_eq!(challenge.as_str().len(), "1013928519.000000000".len());
            client.answers(7, &challenge, password).await;
            client.hears("911 7").await;
            client.hears_end().await;
        }
        assert_eq!(world.registry().await.online, []);
    });
}

#[test]
fn a_refused_client_has_a_second_to_read_why() {
    World::run(|world| async move {
        let mut client = world.notification();
        let challenge = client.is_challenged(6, "alice").await;
        client.answers(7, &challenge, "wrong").await;
        client.hears("911 7").await;
        client.writes("USR 8 MD5 I alice@example.com\r\n").await;
        client.hears_end().await;
        assert_eq!(world.node.connections.count(), 1);
        pass(seconds(3)).await;
        assert_eq!(world.node.connections.count(), 0);
    });
}

#[test]
fn each_challenge_is_another_and_only_the_last_counts() {
    World::run(|world| async move {
        let mut client = world.notification();
        let first = client.is_challenged(6, "alice").await;
        let second = client.is_challenged(7, "alice").await;
        assert_ne!(first, second);
        client.answers(8, &second, "secret").await;
        client.hears("USR 8 OK alice@example.com Alice").await;

        let mut client = world.notification();
        let first = client.is_challenged(6, "bob").await;
        let second = client.is_challenged(7, "bob").await;
        assert_ne!(first, second);
        client.answers(8, &first, "secret").await;
        client.hears("911 8").await;
        client.hears_end().await;
    });
}

#[test]
fn a_challenge_is_answered_once() {
    World::run(|world| async move {
        let mut client = world.notification();
        let challenge = client.is_challenged(6, "alice").await;
        let digest = msnp::auth::Digest::of(&challenge, b"wrong").text();
        // Both are there before the first is looked at.
        let right = msnp::auth::Digest::of(&challenge, b"secret").text();
        client.writes(&format!("USR 7 MD5 S {digest}\r\nUSR 8 MD5 S {right}\r\n")).await;
        client.hears("911 7").await;
        client.hears_end().await;
    });
}

#[test]
fn an_answer_without_a_challenge_is_refused() {
    World::run(|world| async move {
        let mut client = world.notification();
        client.says("USR 7 MD5 S 0dc38e0c96e5ef37eb9451a0b2d5aaf9").await;
        client.hears("911 7").await;
        client.hears_end().await;
    });
}

#[test]
fn the_second_handle_is_the_one_that_signs_in() {
    World::run(|world| async move {
        let mut client = world.notification();
        client.is_challenged(6, "alice").await;
        let challenge = client.is_challenged(7, "bob").await;
        client.answers(8, &challenge, "secret").await;
        client.hears("USR 8 OK bob@example.com Bob%20B.").await;
    });
}

#[test]
fn whoever_is_signed_in_does_not_sign_in_again() {
    World::run(|world| async move {
        let mut alice = world.signed_in("alice").await;
        alice.writes("USR 8 MD5 I bob@example.com\r\nPNG\r\n").await;
        alice.hears("207 8").await;
        alice.hears("QNG").await;
    });
}

#[test]
fn nothing_but_the_handshake_is_answered_before_sign_in() {
    World::run(|world| async move {
        let mut client = world.notification();
        client.is_challenged(6, "alice").await;
        client.writes("SYN 7 0\r\n").await;
        client.hears("302 7").await;
        client.hears_end().await;
    });
}

#[test]
fn a_client_without_a_common_dialect_is_told_and_closed() {
    World::run(|world| async move {
        let mut client = world.notification();
        client.says("VER 1 MSNP8 MSNP9").await;
        client.hears("VER 1 0").await;
        client.hears_end().await;
        let mut client = world.notification();
        client.says("VER 1 MSNP8 CVR0").await;
        client.hears("VER 1 CVR0").await;
        client.says("CVQ 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0537 MSMSGS").await;
        let site = "http://messenger.hotmail.com/";
        client.hears(&format!("CVQ 2 5.0.0537 5.0.0537 1.0.0000 {site} {site}")).await;
        client.hears_end().await;
    });
}

#[test]
fn a_second_sign_in_ends_the_first_session() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut old = world.online("alice").await;
            let mut bob = world.online("bob").await;
            old.hears("NLN NLN bob@example.com Bob%20B.").await;
            let mut new = world.notification();
            new.signs_in("alice").await;
            old.hears("OUT OTH").await;
            old.hears_end().await;
            bob.hears("FLN alice@example.com").await;
            new.says("CHG 9 AWY").await;
            new.hears("CHG 9 AWY").await;
            new.hears("ILN 9 NLN bob@example.com Bob%20B.").await;
            new.hears_the_profile().await;
            bob.hears("NLN AWY alice@example.com Alice").await;
            // The end of the old connection concerns nobody any more.
            old.hangs_up();
            pass(seconds(5)).await;
            bob.hears_nothing().await;
            new.says("PNG").await;
            new.hears("QNG").await;
            assert_eq!(world.registry().await.online.len(), 2);
        },
    );
}

#[test]
fn a_failed_sign_in_leaves_the_session_that_is_there() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut client = world.notification();
        let challenge = client.is_challenged(6, "alice").await;
        client.answers(7, &challenge, "wrong").await;
        client.hears("911 7").await;
        alice.hears_nothing().await;
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
            alice.hears("NLN NLN bob@example.com Bob%20B.").await;
            alice.hears("NLN NLN carol@example.com Carol").await;
            bob.says("OUT").await;
            bob.hears("NLN NLN carol@example.com Carol").await;
            bob.hears_end().await;
            alice.hears("FLN bob@example.com").await;
            carol.hangs_up();
            alice.hears("FLN carol@example.com").await;
            assert_eq!(world.registry().await.online.len(), 1);
        },
    );
}
