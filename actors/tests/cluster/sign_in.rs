//! An account is signed in on one node.

use crate::support::{Recorder, World, client, settle};
use actors::connection::ConnectionId;
use actors::message::{Notice, SessionEnd, SignIn, SignOff};
use actors::port::store::AccountId;
use msnp::Dialect;

const ALICE: AccountId = AccountId(1);
const SESSION: ConnectionId = ConnectionId(70);

fn sign_in(recorder: &Recorder<Notice>) -> SignIn {
    let inbox = recorder.handle();
    SignIn { account: ALICE, session: SESSION, client: client(Dialect::Msnp7), inbox }
}

#[test]
fn a_session_that_is_lost_before_its_claim_arrives_is_not_signed_in() {
    World::run_two(
        |_| {},
        |[first, second], cluster| async move {
            let (older, lost) = (Recorder::new(), Recorder::new());
            assert_eq!(second.node.registry.send(sign_in(&older)).await.unwrap(), Ok(None));
            cluster.turns_to_claim.set(100);
            let signed_in = first.node.registry.send(sign_in(&lost));
            let (account, session, end) = (ALICE, SESSION, SessionEnd::Lost);
            first.node.registry.send(SignOff { account, session, end }).await.unwrap();
            assert!(signed_in.await.unwrap().is_ok());
            assert_eq!(first.registry().await.online, []);
            assert_eq!(cluster.owner(ALICE), None, "the claim has ended");
            assert_eq!(older.received().await, [Notice::SignedInElsewhere]);
            assert_eq!(second.registry().await.online, []);
        },
    );
}

#[test]
fn a_claim_that_another_node_has_overtaken_is_no_sign_in() {
    World::run_two(
        |_| {},
        |[first, second], cluster| async move {
            let (slow, fast) = (Recorder::new(), Recorder::new());
            cluster.turns_to_claim.set(100);
            let slow_sign_in = first.node.registry.send(sign_in(&slow));
            let _ = first.registry().await;
            cluster.turns_to_claim.set(0);
            assert_eq!(second.node.registry.send(sign_in(&fast)).await.unwrap(), Ok(None));
            assert_eq!(slow_sign_in.await.unwrap(), Ok(None));
            assert_eq!(slow.received().await, [Notice::SignedInElsewhere]);
            assert_eq!(fast.received().await, []);
            assert_eq!(first.registry().await.online, []);
            assert_eq!(second.registry().await.online.len(), 1);
        },
    );
}

#[test]
fn an_account_that_cannot_be_claimed_is_answered_with_600() {
    World::run_two(
        |_| {},
        |[first, _], cluster| async move {
            cluster.go_down();
            let mut alice = first.notification();
            let challenge = alice.request_challenge(6, "alice").await;
            alice.answer_challenge(7, &challenge, "secret").await;
            alice.expect("600 7").await;
            alice.expect_end().await;
            assert_eq!(first.registry().await.online, []);
        },
    );
}

#[test]
fn a_sign_in_on_another_node_ends_the_session_and_its_claim_stays() {
    World::run_two(
        |_| {},
        |[first, second], cluster| async move {
            let mut old = first.online("alice").await;
            let _new = second.online("alice").await;
            old.expect("OUT OTH").await;
            old.expect_end().await;
            settle().await;
            assert_eq!(first.registry().await.online, []);
            assert_eq!(second.registry().await.online.len(), 1);
            assert!(cluster.owner(first.account("alice")).is_some());
        },
    );
}
