//! The direct reply comes before any notification: Gaim of 2000 reads exactly one line after a
//! request.

use crate::support::{Probe, VERSION, World};
use actors::Advertised;
use actors::connection::{BusyError, FromClient};
use actors::inbox::PushError;
use actors::message::{Notice, Observe, RegistryState, SessionState};
use actors::notification::{MAX_NOTICES, Session};
use actors::port::store::AccountId;
use actors::rules::PresenceUpdate;
use msnp::command::Png;
use msnp::{Cookie, SessionId, State};

/// Waits until the messages of other sessions and the registry have reached this session.
async fn arrived(world: &World, probe: &Probe<Session>) -> SessionState {
    let _: RegistryState = world.registry().await;
    probe.addr.send(Observe::default()).await.unwrap()
}

fn ring(number: u32) -> Notice {
    let session = SessionId::new(SessionId::MIN + number).unwrap();
    let (caller, cookie) = (AccountId(2), Cookie::from_entropy(number.into()));
    Notice::Ring { caller, session, cookie, switchboard: Some(Advertised::Here(1865)) }
}

#[test]
fn notices_during_a_pending_reply_come_after_it() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob", "carol"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut bob = world.online("bob").await;
            let mut carol = world.online("carol").await;
            alice.expect("NLN NLN bob@example.com Bob%20B.").await;
            alice.expect("NLN NLN carol@example.com Carol").await;
            bob.expect("NLN NLN carol@example.com Carol").await;
            let version = world.version("alice");
            let shut = world.store.close();
            alice.written();
            alice.send("GTC 10 N").await;
            for line in ["CHG 10 BSY", "CHG 11 PHN", "CHG 12 AWY"] {
                bob.send(line).await;
                bob.expect(line).await;
            }
            carol.send("CHG 10 HDN").await;
            alice.notify(ring(0));
            assert!(arrived(&world, &alice).await.busy);
            assert_eq!(alice.written(), [""; 0]);
            drop(shut);
            alice.expect(&format!("GTC 10 {} N", version + 1)).await;
            // Of one contact only the latest state is sent.
            alice.expect("NLN AWY bob@example.com Bob%20B.").await;
            alice.expect("FLN carol@example.com").await;
            let rung = "RNG 10000000 192.0.2.1:1865 CKI";
            let cookie = Cookie::from_entropy(0);
            let caller = "bob@example.com Bob%20B.";
            alice.expect(&format!("{rung} {} {caller}", cookie.as_str())).await;
            alice.expect_nothing().await;
        },
    );
}

#[test]
fn the_presence_of_a_new_contact_comes_after_the_reply() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut bob = world.online("bob").await;
        let shut = world.store.close();
        alice.send("ADD 11 FL bob@example.com Bob").await;
        bob.send("CHG 10 BSY").await;
        bob.expect("CHG 10 BSY").await;
        arrived(&world, &alice).await;
        drop(shut);
        alice.expect(&format!("ADD 11 FL {} bob@example.com Bob", VERSION + 1)).await;
        alice.expect("ILN 11 BSY bob@example.com Bob%20B.").await;
        alice.expect_nothing().await;
    });
}

#[test]
fn presence_of_a_new_contact_before_the_reply_is_sent_after_it() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut bob = world.online("bob").await;
        bob.send("CHG 10 HDN").await;
        bob.expect("CHG 10 HDN").await;
        let shut = world.store.close();
        alice.send("ADD 11 FL bob@example.com Bob").await;
        // The registry knows already that Alice watches Bob, and Bob is no longer hidden.
        let (who, update) = (world.account("bob"), PresenceUpdate::Online(State::Busy.into()));
        alice.notify(Notice::Presence { who, update });
        drop(shut);
        alice.expect(&format!("ADD 11 FL {} bob@example.com Bob", VERSION + 1)).await;
        alice.expect("NLN BSY bob@example.com Bob%20B.").await;
        alice.expect_nothing().await;
    });
}

#[test]
fn notices_during_the_first_state_come_after_its_whole_reply() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob", "carol"]),
        |world| async move {
            let (_bob, _carol) = (world.online("bob").await, world.online("carol").await);
            let mut alice = world.signed_in("alice").await;
            alice.send("CHG 9 NLN").await;
            let (who, update) = (world.account("bob"), PresenceUpdate::Online(State::Busy.into()));
            alice.notify(Notice::Presence { who, update });
            alice.expect("CHG 9 NLN").await;
            alice.expect("ILN 9 NLN bob@example.com Bob%20B.").await;
            alice.expect("ILN 9 NLN carol@example.com Carol").await;
            alice.expect("NLN BSY bob@example.com Bob%20B.").await;
            alice.expect_profile().await;
            alice.expect_nothing().await;
            // Nor is the profile in the same write as the notices.
            let writes = alice.written();
            let [.., news, profile] = writes.as_slice() else { panic!("{writes:?}") };
            assert!(profile.starts_with("MSG") && news.ends_with("Bob%20B.\r\n"), "{writes:?}");
        },
    );
}

#[test]
fn a_typed_request_is_refused_while_an_answer_is_pending() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let shut = world.store.close();
        alice.send("GTC 10 N").await;
        let ping = || FromClient(Png.into());
        assert_eq!(alice.addr.send(ping()).await.unwrap(), Err(BusyError));
        drop(shut);
        alice.expect(&format!("GTC 10 {} N", VERSION + 1)).await;
        assert_eq!(alice.addr.send(ping()).await.unwrap(), Ok(()));
        alice.expect("QNG").await;
    });
}

#[test]
fn requests_wait_for_the_answer_to_the_one_before() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let shut = world.store.close();
        alice.write_raw("GTC 10 N\r\nPNG\r\nCHG 11 BSY\r\n").await;
        alice.written();
        while !arrived(&world, &alice).await.busy {
            tokio::task::yield_now().await;
        }
        assert_eq!(alice.written(), [""; 0]);
        drop(shut);
        alice.expect(&format!("GTC 10 {} N", VERSION + 1)).await;
        alice.expect("QNG").await;
        alice.expect("CHG 11 BSY").await;
    });
}

#[test]
fn notices_during_a_pending_reply_are_bounded() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut bob = world.online("bob").await;
            alice.next_event().await;
            let shut = world.store.close();
            alice.send("GTC 10 N").await;
            let held = u32::try_from(MAX_NOTICES).unwrap();
            for number in 0..held {
                alice.notify(ring(number));
            }
            assert!(arrived(&world, &alice).await.busy);
            // One more does not fit.
            assert_eq!(alice.notices().push(ring(held)), Err(PushError::Full));
            alice.expect_end().await;
            bob.expect("FLN alice@example.com").await;
            drop(shut);
        },
    );
}

#[test]
fn the_presence_of_one_contact_takes_one_slot() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            let who = world.account("bob");
            let shut = world.store.close();
            alice.send("GTC 10 N").await;
            for _ in 0..1000 {
                for update in [PresenceUpdate::Offline, PresenceUpdate::Online(State::Busy.into())]
                {
                    alice.notify(Notice::Presence { who, update });
                }
            }
            drop(shut);
            alice.expect(&format!("GTC 10 {} N", VERSION + 3)).await;
            alice.expect("NLN BSY bob@example.com Bob%20B.").await;
            alice.expect_nothing().await;
        },
    );
}

#[test]
fn signing_in_elsewhere_does_not_wait_for_a_reply() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let shut = world.store.close();
        alice.send("GTC 10 N").await;
        alice.notify(Notice::SignedInElsewhere);
        alice.expect("OUT OTH").await;
        alice.expect_end().await;
        drop(shut);
        alice.expect_end().await;
    });
}
