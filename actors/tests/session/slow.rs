//! Clients that read slowly, and clients that do not read.

use crate::support::{Plan, World, handle, seconds, settle};
use actors::connection::OUTPUT_SIZE;
use actors::edit::edit;
use actors::message::Notice;
use actors::port::store::Change;
use actors::rules::PresenceUpdate;
use msnp::command::{ListLine, LstReply};
use msnp::{Dialect, Event, List, PhoneKind, PhoneNumber, State};

/// How many entries each of the lists has.
const ENTRIES: u32 = 150;

/// How many unread bytes a connection holds.
const NARROW: usize = 256;

/// 150 entries on each of Alice's lists. Bob is the first contact.
fn many(plan: &mut Plan) {
    plan.friends(&["alice", "bob"]);
    for number in 1..ENTRIES {
        let [contact, blocked] = [format!("contact{number:03}"), format!("blocked{number:03}")];
        plan.add_account(&contact, &format!("Contact number {number:03}"));
        plan.add_account(&blocked, &format!("Blocked number {number:03}"));
        for list in [List::Forward, List::Allow] {
            plan.list("alice", list, &contact);
        }
        plan.list("alice", List::Block, &blocked);
        plan.list(&contact, List::Forward, "alice");
    }
    plan.list("alice", List::Allow, "bob");
    plan.list("alice", List::Block, "dave");
}

/// Reads a reply to `SYN` that has all lists.
async fn expects_the_lists(alice: &mut crate::support::Probe<actors::notification::Session>) {
    for name in ["SYN", "GTC", "BLP"] {
        let event = alice.next_event().await;
        assert!(format!("{event:?}").to_uppercase().starts_with(name), "{event:?}");
    }
    for list in List::ALL {
        for index in 1..=ENTRIES {
            let event = alice.next_event().await;
            let Event::Lst(LstReply::List(ListLine { list: of, entry: Some(entry), .. })) = event
            else {
                panic!("{event:?}");
            };
            assert_eq!((of, entry.index, entry.count), (list, index, ENTRIES));
        }
    }
}

#[test]
fn the_longest_lists_reach_a_slow_reader_whole_and_in_order() {
    World::run_with(many, |world| async move {
        let mut alice = world.narrow(NARROW);
        alice.sign_in("alice").await;
        alice.send("CHG 9 NLN").await;
        alice.expect("CHG 9 NLN").await;
        alice.expect_profile().await;
        alice.write_raw("SYN 10 0\r\nPNG\r\n").await;
        settle().await;
        // The reply is being sent. Meanwhile, notices wait.
        let mut bob = world.online("bob").await;
        bob.send("CHG 10 BSY").await;
        bob.expect("CHG 10 BSY").await;
        expects_the_lists(&mut alice).await;
        alice.expect("NLN BSY bob@example.com Bob%20B.").await;
        alice.expect("QNG").await;
        assert_eq!(world.node.buffers.in_use(), (0, 0));
    });
}

#[test]
fn the_profile_waits_for_a_slow_reader() {
    World::run_with(many, |world| async move {
        let mut alice = world.narrow(NARROW);
        alice.sign_in("alice").await;
        alice.send("SYN 8 0").await;
        settle().await;
        expects_the_lists(&mut alice).await;
        alice.written();
        alice.expect_profile().await;
        alice.expect_nothing().await;
    });
}

#[test]
fn a_slow_reader_is_not_closed_because_of_deferred_notices() {
    World::run_with(many, |world| async move {
        let mut alice = world.narrow(NARROW);
        alice.sign_in("alice").await;
        alice.send("CHG 9 NLN").await;
        alice.expect("CHG 9 NLN").await;
        alice.expect_profile().await;
        alice.send("SYN 10 0").await;
        settle().await;
        // All contacts come online before she has read the lists.
        let contacts = || (1..ENTRIES).map(|number| format!("contact{number:03}"));
        for contact in contacts() {
            let (who, update) =
                (world.account(&contact), PresenceUpdate::Online(State::Online.into()));
            alice.notify(Notice::Presence { who, update });
        }
        expects_the_lists(&mut alice).await;
        for contact in contacts() {
            match alice.next_event().await {
                Event::Nln(nln) => assert_eq!(nln.handle, handle(&contact)),
                other => panic!("{other:?}"),
            }
        }
        alice.send("PNG").await;
        alice.expect("QNG").await;
    });
}

#[test]
fn a_client_without_output_space_is_closed_and_its_watchers_are_notified() {
    World::run_with(
        |plan| {
            plan.friends(&["alice", "bob"]);
            plan.settings.limits.states_per_second = u16::MAX;
        },
        |world| async move {
            let mut bob = world.online("bob").await;
            let mut alice = world.narrow(NARROW);
            alice.come_online("alice").await;
            bob.expect("NLN NLN alice@example.com Alice").await;
            let mut line = String::new();
            let mut sent = 0;
            for number in 0.. {
                line = format!("CHG {number} {}", ["BSY", "NLN"][number % 2]);
                bob.send(&line).await;
                bob.expect(&line).await;
                sent += "NLN BSY bob@example.com Bob%20B.\r\n".len();
                if world.node.connections.count() == 1 {
                    break;
                }
                assert!(sent <= OUTPUT_SIZE + 2 * NARROW, "{sent} bytes are nowhere");
            }
            assert!(sent > OUTPUT_SIZE, "{sent} after {line}");
            bob.expect("FLN alice@example.com").await;
            bob.expect_nothing().await;
            assert_eq!(world.node.buffers.in_use(), (0, 0));
            alice.expect_cut_off().await;
        },
    );
}

#[test]
fn a_client_that_does_not_read_replies_is_not_read_further() {
    let fast = |plan: &mut Plan| plan.settings.limits.lines_per_second = 100_000;
    World::run_with(fast, |world| async move {
        let mut alice = world.narrow(NARROW);
        alice.come_online("alice").await;
        let asks = async {
            for _ in 0..100_000 {
                alice.write_raw("PNG\r\n").await;
            }
        };
        assert!(tokio::time::timeout(seconds(1), asks).await.is_err());
        assert_eq!(world.node.connections.count(), 1);
        let answers = alice.receive_all().await;
        assert!(answers.len() > (OUTPUT_SIZE - 4096) / "QNG\r\n".len(), "{}", answers.len());
        assert!(answers.iter().all(|answer| answer == "QNG"));
        assert_eq!(world.node.connections.count(), 1);
    });
}

#[test]
fn numbers_during_a_long_syn_are_those_of_its_lists() {
    World::run_with(many, |world| async move {
        let set = |text| Change::SetPhone(PhoneKind::Home, Some(PhoneNumber::new(text).unwrap()));
        let make = async |change| {
            edit(world.node.clone(), world.account_ref("bob"), change).await.unwrap();
        };
        make(set("1")).await;
        let mut alice = world.narrow(NARROW);
        alice.negotiate(Dialect::Msnp5).await;
        alice.sign_in("alice").await;
        alice.write_raw("SYN 10 0\r\n").await;
        settle().await;
        // The store has read the lists. Then Bob blocks Alice, and the number changes.
        let (list, contact) = (List::Block, world.account("alice"));
        make(Change::Add { list, contact, name: None, limit: 600, group: None }).await;
        make(set("2")).await;
        let all = alice.receive_all().await;
        let of_bob = all.iter().filter_map(|line| line.strip_prefix("BPR "));
        let of_bob = of_bob.filter_map(|line| line.split_once(" bob@example.com "));
        let of_bob: Vec<&str> = of_bob.map(|(_, number)| number).collect();
        assert_eq!(of_bob, ["PHH 1", "PHW", "PHM", "MOB N", "PHH", "PHW", "PHM"]);
    });
}
