//! Presence: who is notified of whose state.

use crate::support::{Plan, Probe, World, settle};
use actors::message::Notice;
use actors::notification::Session;
use actors::rules::PresenceUpdate;
use msnp::{List, State};

const NLN: Option<&str> = Some("NLN NLN alice@example.com Alice");
const FLN: Option<&str> = Some("FLN alice@example.com");

/// Alice and Bob, who have each other on the forward list, are online. Alice sends each line and
/// gets a reply. Bob receives the event beside it, or nothing.
fn check_notices(plan: impl FnOnce(&mut Plan), script: &'static [(&str, Option<&str>)]) {
    let plan = |whole: &mut Plan| {
        whole.friends(&["alice", "bob"]);
        plan(whole);
    };
    World::run_with(plan, |world| async move {
        let mut bob = world.online("bob").await;
        let mut alice = world.notification();
        alice.sign_in("alice").await;
        for (line, expected) in script {
            alice.send(line).await;
            alice.next_event().await;
            settle().await;
            if let Some(expected) = expected {
                bob.expect(expected).await;
            }
            assert_eq!(bob.receive_all().await, [""; 0], "after {line}");
            alice.receive_all().await;
        }
    });
}

#[test]
fn each_change_of_state_is_sent_once() {
    check_notices(
        |plan| plan.settings.limits.states_per_second = 100,
        &[
            ("CHG 1 NLN", NLN),
            ("CHG 2 NLN", None),
            ("CHG 3 BSY", Some("NLN BSY alice@example.com Alice")),
            ("CHG 4 IDL", Some("NLN IDL alice@example.com Alice")),
            ("CHG 5 XYZ", Some("NLN XYZ alice@example.com Alice")),
            ("CHG 6 HDN", FLN),
            ("CHG 7 HDN", None),
            ("CHG 8 FLN", None),
            ("CHG 9 AWY", Some("NLN AWY alice@example.com Alice")),
            ("CHG 10 FLN", FLN),
            ("CHG 11 FLN", None),
        ],
    );
}

#[test]
fn a_user_who_comes_online_hidden_is_not_seen() {
    check_notices(
        |_| {},
        &[("CHG 1 HDN", None), ("REA 2 alice@example.com Q", None), ("PNG", None)],
    );
}

#[test]
fn a_new_name_is_sent_to_everyone_who_sees_the_user() {
    check_notices(
        |_| {},
        &[
            ("CHG 1 BSY", Some("NLN BSY alice@example.com Alice")),
            ("REA 2 alice@example.com A%20B", Some("NLN BSY alice@example.com A%20B")),
            ("CHG 3 HDN", FLN),
            ("REA 4 alice@example.com C", None),
            ("CHG 5 NLN", Some("NLN NLN alice@example.com C")),
        ],
    );
}

#[test]
fn blocking_hides_and_unblocking_shows() {
    check_notices(
        |plan| plan.list("alice", List::Allow, "bob"),
        &[
            ("CHG 1 NLN", NLN),
            ("REM 2 AL bob@example.com", None),
            ("ADD 3 BL bob@example.com Bob", FLN),
            ("CHG 4 BSY", None),
            ("REA 5 alice@example.com Q", None),
            ("REA 6 alice@example.com Alice", None),
            ("CHG 7 NLN", None),
            ("REM 8 BL bob@example.com", NLN),
            ("ADD 9 AL bob@example.com Bob", None),
        ],
    );
}

#[test]
fn privacy_hides_from_all_but_the_allow_list() {
    check_notices(
        |_| {},
        &[
            ("CHG 1 NLN", NLN),
            ("BLP 2 BL", FLN),
            ("BLP 3 BL", None),
            ("ADD 4 AL bob@example.com Bob", NLN),
            ("ADD 5 AL carol@example.com Carol", None),
            ("REM 6 AL bob@example.com", FLN),
            ("ADD 7 BL bob@example.com Bob", None),
            ("BLP 8 AL", None),
            ("REM 9 BL bob@example.com", NLN),
        ],
    );
}

#[test]
fn list_changes_do_not_reveal_a_hidden_user() {
    check_notices(
        |plan| plan.list("alice", List::Block, "bob"),
        &[
            ("CHG 1 HDN", None),
            ("REM 2 BL bob@example.com", None),
            ("BLP 3 BL", None),
            ("ADD 4 AL bob@example.com Bob", None),
            ("CHG 5 NLN", NLN),
        ],
    );
}

#[test]
fn list_changes_before_the_first_state_count() {
    check_notices(
        |_| {},
        &[
            ("ADD 1 BL bob@example.com Bob", None),
            ("CHG 2 NLN", None),
            ("REM 3 BL bob@example.com", NLN),
        ],
    );
}

#[test]
fn presence_is_sent_only_to_users_with_the_contact_on_their_forward_list() {
    check_notices(
        |plan| plan.list("alice", List::Forward, "carol"),
        &[
            ("CHG 1 NLN", NLN),
            ("ADD 2 AL dave@example.com", None),
            ("REM 3 FL carol@example.com", None),
        ],
    );
    World::run_with(
        |plan| plan.list("alice", List::Forward, "bob"),
        |world| async move {
            let mut bob = world.online("bob").await;
            let alice = world.online("alice").await;
            bob.expect_nothing().await;
            alice.hang_up();
            bob.expect_nothing().await;
        },
    );
}

#[test]
fn the_first_state_returns_online_contacts_in_list_order() {
    for state in ["NLN", "HDN", "AWY"] {
        World::run_with(
            |plan| {
                for contact in ["dave", "carol", "bob"] {
                    plan.list("alice", List::Forward, contact);
                }
                plan.list("carol", List::Block, "alice");
            },
            |world| async move {
                let mut bob = world.online("bob").await;
                bob.send("CHG 10 LUN").await;
                let (_carol, _dave) = (world.online("carol").await, world.online("dave").await);
                let mut alice = world.signed_in("alice").await;
                alice.send(&format!("CHG 9 {state}")).await;
                alice.expect(&format!("CHG 9 {state}")).await;
                alice.expect("ILN 9 NLN dave@example.com Dave").await;
                alice.expect("ILN 9 LUN bob@example.com Bob%20B.").await;
                alice.expect_profile().await;
                alice.send("CHG 10 BSY").await;
                alice.expect("CHG 10 BSY").await;
                alice.expect_nothing().await;
            },
        );
    }
}

#[test]
fn no_presence_is_sent_before_the_first_state() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.signed_in("alice").await;
            alice.send("SYN 8 0").await;
            alice.receive_all().await;
            alice.expect_profile().await;
            let mut bob = world.online("bob").await;
            bob.send("REA 10 bob@example.com Robert").await;
            bob.next_event().await;
            alice.expect_nothing().await;
            alice.send("ADD 9 FL carol@example.com").await;
            assert_eq!(alice.receive_all().await.len(), 1);
            alice.send("CHG 10 HDN").await;
            alice.expect("CHG 10 HDN").await;
            alice.expect("ILN 10 NLN bob@example.com Robert").await;
            // A hidden user is notified of others.
            bob.send("CHG 11 BSY").await;
            alice.expect("NLN BSY bob@example.com Robert").await;
        },
    );
}

#[test]
fn a_user_without_a_state_is_not_seen() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut bob = world.online("bob").await;
            let alice = world.signed_in("alice").await;
            bob.expect_nothing().await;
            alice.hang_up();
            bob.expect_nothing().await;
        },
    );
}

#[test]
fn leaving_while_hidden_notifies_no_one() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut bob = world.online("bob").await;
            let mut alice = world.online("alice").await;
            bob.expect("NLN NLN alice@example.com Alice").await;
            alice.send("CHG 10 HDN").await;
            bob.expect("FLN alice@example.com").await;
            alice.hang_up();
            bob.expect_nothing().await;
        },
    );
}

/// Sends a line and reads the reply.
async fn does(probe: &mut Probe<Session>, line: &str) {
    probe.send(line).await;
    probe.next_event().await;
}

#[test]
fn a_removed_contact_is_no_longer_seen_until_added_again() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut bob = world.online("bob").await;
            alice.next_event().await;
            does(&mut bob, "REM 10 FL alice@example.com").await;
            alice.next_event().await;
            does(&mut alice, "CHG 10 BSY").await;
            bob.expect_nothing().await;
            // Bob is still on Alice's list.
            does(&mut bob, "CHG 11 AWY").await;
            alice.expect("NLN AWY bob@example.com Bob%20B.").await;
            does(&mut bob, "ADD 12 FL alice@example.com Alice").await;
            bob.expect("ILN 12 BSY alice@example.com Alice").await;
            does(&mut alice, "CHG 11 NLN").await;
            alice.expect("CHG 11 NLN").await;
            bob.expect("NLN NLN alice@example.com Alice").await;
        },
    );
}

#[test]
fn no_one_is_notified_of_their_own_presence() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        does(&mut alice, "ADD 10 AL alice@example.com Me").await;
        does(&mut alice, "CHG 11 BSY").await;
        does(&mut alice, "REA 12 alice@example.com Q").await;
        alice.expect_nothing().await;
    });
}

/// A contact may be removed while news of them is on its way.
#[test]
fn news_of_a_user_who_is_no_contact_is_ignored() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let who = world.account("bob");
        let update = PresenceUpdate::Online(State::Busy.into());
        alice.notify(Notice::Presence { who, update });
        alice.expect_nothing().await;
    });
}
