//! `CHL` and `QRY`: the challenge to the client program, if it is configured.

use crate::support::{Plan, Probe, World, pass, seconds};
use actors::notification::Session;
use msnp::auth::{Challenge, Digest};
use msnp::{Dialect, Event, TrId};

const PROGRAM: &str = "msmsgs@msnmsgr.com";

fn challenging(plan: &mut Plan) {
    plan.settings.challenge = true;
    plan.friends(&["alice", "bob"]);
}

fn answer(challenge: &Challenge) -> heapless::String<32> {
    Digest::of_client(challenge, PROGRAM).unwrap().text()
}

async fn expects_challenge(probe: &mut Probe<Session>, trid: TrId) -> Challenge {
    match probe.next_event().await {
        Event::Chl(chl) => {
            assert_eq!(chl.trid, trid);
            assert_eq!(chl.challenge.as_str().len(), 20);
            chl.challenge
        }
        other => panic!("a challenge is expected, not {}", probe.text(&other)),
    }
}

/// Alice comes online with a client that is challenged.
async fn challenged(world: &World, dialect: Dialect) -> (Probe<Session>, Challenge) {
    let mut alice = world.signed_in_with("alice", dialect).await;
    alice.send("CHG 9 NLN").await;
    alice.expect("CHG 9 NLN").await;
    let challenge = expects_challenge(&mut alice, TrId::SERVER).await;
    alice.expect_profile().await;
    (alice, challenge)
}

async fn answers_ping(probe: &mut Probe<Session>) {
    probe.send("PNG").await;
    probe.expect("QNG").await;
    probe.expect_nothing().await;
}

#[test]
fn the_challenge_comes_once_after_the_first_state_in_dialects_that_have_it() {
    for dialect in Dialect::ALL {
        World::run_with(challenging, |world| async move {
            let _bob = world.online("bob").await;
            let mut alice = world.signed_in_with("alice", dialect).await;
            alice.expect_nothing().await;
            alice.send("CHG 9 HDN").await;
            alice.expect("CHG 9 HDN").await;
            alice.expect("ILN 9 NLN bob@example.com Bob%20B.").await;
            if dialect >= Dialect::Msnp6 {
                expects_challenge(&mut alice, TrId::SERVER).await;
            }
            alice.expect_profile().await;
            alice.send("CHG 10 NLN").await;
            alice.expect("CHG 10 NLN").await;
            answers_ping(&mut alice).await;
        });
    }
}

#[test]
fn the_challenge_may_come_after_the_profile() {
    World::run_with(challenging, |world| async move {
        let _bob = world.online("bob").await;
        let mut alice = world.signed_in_with("alice", Dialect::Msnp7).await;
        alice.send("SYN 8 66000002").await;
        alice.expect("SYN 8 66000002").await;
        alice.expect_profile().await;
        alice.expect_nothing().await;
        alice.send("CHG 9 NLN").await;
        alice.expect("CHG 9 NLN").await;
        alice.expect("ILN 9 NLN bob@example.com Bob%20B.").await;
        expects_challenge(&mut alice, TrId::SERVER).await;
        alice.expect_nothing().await;
    });
}

#[test]
fn no_challenge_is_sent_unless_configured() {
    World::run(|world| async move {
        let mut alice = world.online_with("alice", Dialect::Msnp7).await;
        pass(seconds(60)).await;
        answers_ping(&mut alice).await;
    });
}

#[test]
fn the_right_response_is_accepted_and_ends_the_deadline() {
    for dialect in [Dialect::Msnp6, Dialect::Msnp7] {
        World::run_with(challenging, |world| async move {
            let (mut alice, challenge) = challenged(&world, dialect).await;
            alice
                .send_with_payload(&format!("QRY 10 {PROGRAM}"), answer(&challenge).as_bytes())
                .await;
            alice.expect("QRY 10").await;
            pass(seconds(60)).await;
            answers_ping(&mut alice).await;
            // No further response is awaited.
            alice.send_with_payload("QRY 11 of@no.program", b"").await;
            alice.expect("QRY 11").await;
            answers_ping(&mut alice).await;
        });
    }
}

#[test]
fn a_wrong_response_ends_the_session() {
    for (program, right) in [(PROGRAM, false), ("of@no.program", true)] {
        World::run_with(challenging, |world| async move {
            let (mut alice, challenge) = challenged(&world, Dialect::Msnp7).await;
            let digest = answer(&challenge);
            let digest = if right { digest.as_bytes() } else { &digest.as_bytes()[1..] };
            alice.send_with_payload(&format!("QRY 10 {program}"), digest).await;
            alice.expect("540 10").await;
            alice.expect_end().await;
            assert_eq!(world.node.endings.counts()["unknown_program"], 1);
        });
    }
}

#[test]
fn a_client_that_does_not_respond_within_50_seconds_is_closed() {
    World::run_with(challenging, |world| async move {
        let (mut alice, _) = challenged(&world, Dialect::Msnp6).await;
        for _ in 0..24 {
            pass(seconds(2)).await;
            answers_ping(&mut alice).await;
        }
        pass(seconds(3)).await;
        alice.expect_end().await;
        assert_eq!(world.node.endings.counts()["program_silent"], 1);
        assert_eq!(world.node.endings.counts().len(), 1);
    });
}

#[test]
fn a_client_that_asks_for_a_challenge_gets_one() {
    World::run(|world| async move {
        let mut alice = world.online_with("alice", Dialect::Msnp6).await;
        alice.send("CHL 10").await;
        let first = expects_challenge(&mut alice, TrId::new(10)).await;
        alice.send("CHL 11").await;
        assert_ne!(expects_challenge(&mut alice, TrId::new(11)).await, first);
        // It is not configured, so any response is right.
        alice.send_with_payload("QRY 12 of@no.program", b"").await;
        alice.expect("QRY 12").await;
        pass(seconds(60)).await;
        answers_ping(&mut alice).await;
    });
}

#[test]
fn a_challenged_client_that_asks_for_a_challenge_is_accepted() {
    World::run_with(challenging, |world| async move {
        let (mut alice, challenge) = challenged(&world, Dialect::Msnp7).await;
        pass(seconds(30)).await;
        alice.send("CHL 10").await;
        assert_eq!(expects_challenge(&mut alice, TrId::new(10)).await, challenge);
        // Its responses to both are right.
        for trid in [11, 12] {
            let line = format!("QRY {trid} {PROGRAM}");
            alice.send_with_payload(&line, answer(&challenge).as_bytes()).await;
            alice.expect(&format!("QRY {trid}")).await;
        }
        answers_ping(&mut alice).await;
    });
}

#[test]
fn asking_for_a_challenge_does_not_extend_the_deadline() {
    World::run_with(challenging, |world| async move {
        let (mut alice, _) = challenged(&world, Dialect::Msnp7).await;
        pass(seconds(45)).await;
        alice.send("CHL 10").await;
        expects_challenge(&mut alice, TrId::new(10)).await;
        pass(seconds(6)).await;
        alice.expect_end().await;
    });
}
