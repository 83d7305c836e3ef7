//! The reverse list: the effect of `ADD FL` and `REM FL` on the contact.

use crate::support::{Plan, VERSION, World, pass, seconds};
use actors::message::Notice;
use msnp::{List, ListVersion};

#[test]
fn a_contact_is_notified_of_being_added_and_removed() {
    for state in ["NLN", "HDN", "AWY"] {
        World::run(|world| async move {
            let mut alice = world.online("alice").await;
            let mut carol = world.online("carol").await;
            carol.send(&format!("CHG 10 {state}")).await;
            carol.expect(&format!("CHG 10 {state}")).await;
            alice.send("ADD 11 FL carol@example.com Carol").await;
            alice.expect(&format!("ADD 11 FL {} carol@example.com Carol", VERSION + 1)).await;
            carol.expect(&format!("ADD 0 RL {} alice@example.com Alice", VERSION + 1)).await;
            if state != "HDN" {
                alice.expect(&format!("ILN 11 {state} carol@example.com Carol")).await;
            }
            alice.send("REM 12 FL carol@example.com").await;
            alice.expect(&format!("REM 12 FL {} carol@example.com", VERSION + 2)).await;
            carol.expect(&format!("REM 0 RL {} alice@example.com", VERSION + 2)).await;
            alice.expect_nothing().await;
            carol.expect_nothing().await;
        });
    }
}

#[test]
fn a_client_is_notified_only_after_its_syn_or_chg() {
    for (command, answers) in [("SYN 8 66000002", 1), ("CHG 9 HDN", 1), ("PNG", 1)] {
        World::run(|world| async move {
            let mut alice = world.online("alice").await;
            let mut carol = world.signed_in("carol").await;
            alice.send("ADD 11 FL carol@example.com").await;
            carol.expect_nothing().await;
            alice.send("REM 12 FL carol@example.com").await;
            carol.expect_nothing().await;
            carol.send(command).await;
            assert_eq!(carol.receive_all().await.len(), answers);
            carol.expect_profile().await;
            alice.send("ADD 13 FL carol@example.com").await;
            if command == "PNG" {
                carol.expect_nothing().await;
            } else {
                carol.expect(&format!("ADD 0 RL {} alice@example.com Alice", VERSION + 3)).await;
            }
        });
    }
}

#[test]
fn changes_in_the_lists_are_not_sent_again() {
    World::run_with(
        |plan| plan.list("alice", List::Forward, "carol"),
        |world| async move {
            let mut carol = world.signed_in("carol").await;
            carol.send("SYN 8 0").await;
            // Alice's change is in the store, and its notice is being sent.
            let who = world.account("alice");
            let listed = |number, added| {
                let version = ListVersion::new(VERSION + number).unwrap();
                Notice::Listed { who, version, added }
            };
            carol.notify(listed(1, true));
            let lines = carol.receive_all().await;
            assert_eq!(lines[6], format!("LST 8 RL {} 1 1 alice@example.com Alice", VERSION + 1));
            assert_eq!(lines.len(), 7, "{lines:?}");
            carol.expect_profile().await;
            carol.notify(listed(2, false));
            carol.expect(&format!("REM 0 RL {} alice@example.com", VERSION + 2)).await;
        },
    );
}

#[test]
fn an_offline_contact_gets_the_change_with_the_lists() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        alice.send("ADD 11 FL carol@example.com Carol").await;
        alice.expect(&format!("ADD 11 FL {} carol@example.com Carol", VERSION + 1)).await;
        alice.expect_nothing().await;
        let mut carol = world.signed_in("carol").await;
        carol.send(&format!("SYN 8 {VERSION}")).await;
        let lines = carol.receive_all().await;
        let v = VERSION + 1;
        assert_eq!(lines[0], format!("SYN 8 {v}"));
        assert_eq!(lines[6], format!("LST 8 RL {v} 1 1 alice@example.com Alice"));
        carol.send("OUT").await;
        carol.expect_end().await;
        alice.send("REM 12 FL carol@example.com").await;
        alice.expect(&format!("REM 12 FL {} carol@example.com", VERSION + 2)).await;
        let mut carol = world.signed_in("carol").await;
        carol.send(&format!("SYN 8 {v}")).await;
        let lines = carol.receive_all().await;
        assert_eq!(lines[6], format!("LST 8 RL {} 0 0", v + 1));
    });
}

#[test]
fn adding_each_other_makes_both_visible() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut carol = world.online("carol").await;
        alice.send("ADD 11 FL carol@example.com Carol").await;
        alice.next_event().await;
        alice.expect("ILN 11 NLN carol@example.com Carol").await;
        carol.expect(&format!("ADD 0 RL {} alice@example.com Alice", VERSION + 1)).await;
        carol.send("ADD 20 AL alice@example.com Alice").await;
        carol.expect(&format!("ADD 20 AL {} alice@example.com Alice", VERSION + 2)).await;
        carol.send("ADD 21 FL alice@example.com Alice").await;
        carol.expect(&format!("ADD 21 FL {} alice@example.com Alice", VERSION + 3)).await;
        carol.expect("ILN 21 NLN alice@example.com Alice").await;
        alice.expect(&format!("ADD 0 RL {} carol@example.com Carol", VERSION + 2)).await;
        alice.send("CHG 12 BSY").await;
        alice.expect("CHG 12 BSY").await;
        carol.expect("NLN BSY alice@example.com Alice").await;
        carol.send("CHG 22 PHN").await;
        carol.expect("CHG 22 PHN").await;
        alice.expect("NLN PHN carol@example.com Carol").await;
    });
}

#[test]
fn four_notices_of_a_pair_are_sent_at_once_and_the_rest_as_one_after_the_minute() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut dave = world.online("dave").await;
        let mut carol = world.online("carol").await;
        let mut version = VERSION;
        for round in 0..20 {
            for word in ["ADD", "REM"] {
                version += 1;
                alice.send(&format!("{word} 11 FL carol@example.com")).await;
                alice.next_event().await;
                if word == "ADD" {
                    alice.expect("ILN 11 NLN carol@example.com Carol").await;
                }
                assert_eq!(world.version("carol"), version, "lists change at once");
                let name = if word == "ADD" { " Alice" } else { "" };
                if round < 2 {
                    carol.expect(&format!("{word} 0 RL {version} alice@example.com{name}")).await;
                } else {
                    carol.expect_nothing().await;
                }
            }
        }
        alice.send("ADD 12 FL carol@example.com").await;
        alice.next_event().await;
        alice.expect("ILN 12 NLN carol@example.com Carol").await;
        version += 1;
        // Others are notified as before.
        dave.send("ADD 13 FL carol@example.com").await;
        dave.next_event().await;
        dave.expect("ILN 13 NLN carol@example.com Carol").await;
        // The version before the change that she was not sent yet.
        carol.expect(&format!("ADD 0 RL {} dave@example.com Dave", version - 1)).await;
        pass(seconds(58)).await;
        carol.expect_nothing().await;
        pass(seconds(2)).await;
        carol.expect(&format!("ADD 0 RL {version} alice@example.com Alice")).await;
        pass(seconds(120)).await;
        carol.expect_nothing().await;
        assert_eq!(world.registry().await.withheld, 0);
    });
}

#[test]
fn changes_by_a_blocked_user_are_not_sent_but_are_in_the_lists() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut carol = world.online("carol").await;
        carol.send("ADD 20 BL alice@example.com Alice").await;
        carol.expect(&format!("ADD 20 BL {} alice@example.com Alice", VERSION + 1)).await;
        alice.send("ADD 11 FL carol@example.com Carol").await;
        alice.expect(&format!("ADD 11 FL {} carol@example.com Carol", VERSION + 1)).await;
        carol.expect_nothing().await;
        // Her client must not believe that it has the lists with it.
        carol.send("ADD 21 AL dave@example.com Dave").await;
        carol.expect(&format!("ADD 21 AL {} dave@example.com Dave", VERSION + 1)).await;
        assert_eq!(world.version("carol"), VERSION + 3);
        carol.send(&format!("SYN 22 {}", VERSION + 1)).await;
        let lines = carol.receive_all().await;
        assert_eq!(lines[0], format!("SYN 22 {}", VERSION + 3));
        let reverse = format!("LST 22 RL {} 1 1 alice@example.com Alice", VERSION + 3);
        assert!(lines.contains(&reverse), "{lines:?}");
        // Later changes are sent as usual.
        carol.send("REM 23 AL dave@example.com").await;
        carol.expect(&format!("REM 23 AL {} dave@example.com", VERSION + 4)).await;
        alice.send("REM 12 FL carol@example.com").await;
        alice.expect(&format!("REM 12 FL {} carol@example.com", VERSION + 2)).await;
        carol.expect_nothing().await;
    });
}

#[test]
fn changes_by_a_blocked_user_are_sent_if_the_client_has_a_later_version() {
    let on_carols_list = |plan: &mut Plan| plan.list("alice", List::Forward, "carol");
    for added in [true, false] {
        World::run_with(on_carols_list, |world| async move {
            let mut carol = world.online("carol").await;
            // Alice's change is in the store, and its notice is being sent when Carol blocks her.
            let version = world.version("carol") + 1;
            carol.send("ADD 20 BL alice@example.com Alice").await;
            carol.expect(&format!("ADD 20 BL {version} alice@example.com Alice")).await;
            let who = world.account("alice");
            let listed = |version: u32| {
                let version = ListVersion::new(version).unwrap();
                Notice::Listed { who, version, added }
            };
            carol.notify(listed(version - 1));
            let earlier = version - 1;
            match added {
                true => carol.expect(&format!("ADD 0 RL {earlier} alice@example.com Alice")).await,
                false => carol.expect(&format!("REM 0 RL {earlier} alice@example.com")).await,
            }
            // Changes after the block are only in the lists. Changes that were in the lists are not
            // sent.
            carol.notify(listed(version + 1));
            carol.expect_nothing().await;
            carol.send("LST 21 RL").await;
            carol.expect(&format!("LST 21 RL {version} 1 1 alice@example.com Alice")).await;
            carol.notify(listed(version));
            carol.expect_nothing().await;
        });
    }
}

/// How Alice's session ends while the store makes her change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    SignedInElsewhere,
    Hangup,
    TooSlow,
}

/// Alice adds Bob to her forward list, or removes him, and her session ends meanwhile.
fn a_change_outlives_its_session(added: bool, end: End) {
    let plan = |plan: &mut Plan| match added {
        true => plan.list("bob", List::Forward, "alice"),
        false => plan.friends(&["alice", "bob"]),
    };
    World::run_with(plan, |world| async move {
        let mut bob = world.online("bob").await;
        let mut old = world.online("alice").await;
        bob.expect("NLN NLN alice@example.com Alice").await;
        let [own, bobs] = ["alice", "bob"].map(|local| world.version(local) + 1);
        let (line, sent) = match added {
            true => {
                ("ADD 11 FL bob@example.com", format!("ADD 0 RL {bobs} alice@example.com Alice"))
            }
            false => ("REM 11 FL bob@example.com", format!("REM 0 RL {bobs} alice@example.com")),
        };
        let gone = "FLN alice@example.com";
        let shut = world.store.close();
        old.send(line).await;
        let mut new = world.notification();
        if end == End::SignedInElsewhere {
            let challenge = new.request_challenge(6, "alice").await;
            new.answer_challenge(7, &challenge, "secret").await;
            old.expect("OUT OTH").await;
            old.expect_end().await;
            old.hang_up();
            bob.expect(gone).await;
            while world.node.connections.count() > 2 {
                tokio::task::yield_now().await;
            }
            drop(shut);
            new.expect("USR 7 OK alice@example.com Alice").await;
            bob.expect(&sent).await;
        } else if end == End::TooSlow {
            old.overrun();
            old.expect_cut_off().await;
            bob.expect(gone).await;
            drop(shut);
            bob.expect(&sent).await;
            new.sign_in("alice").await;
        } else {
            // The server notices when it sends her the reply.
            old.hang_up();
            drop(shut);
            bob.expect(&sent).await;
            bob.expect(gone).await;
            new.sign_in("alice").await;
        }
        assert_eq!(["alice", "bob"].map(|local| world.version(local)), [own, bobs]);
        new.send("CHG 9 NLN").await;
        new.expect("CHG 9 NLN").await;
        if added {
            new.expect("ILN 9 NLN bob@example.com Bob%20B.").await;
        }
        new.expect_profile().await;
        bob.expect("NLN NLN alice@example.com Alice").await;
        // The registry knows Bob's watchers.
        let online = world.registry().await.online;
        let watched = online.iter().find(|online| online.account == world.account("bob")).unwrap();
        assert_eq!(watched.watchers, usize::from(added));
        bob.send("CHG 10 BSY").await;
        bob.expect("CHG 10 BSY").await;
        if added {
            new.expect("NLN BSY bob@example.com Bob%20B.").await;
        }
        new.expect_nothing().await;
        bob.expect_nothing().await;
    });
}

#[test]
fn a_change_reaches_both_sides_even_if_its_author_signs_in_elsewhere() {
    for added in [true, false] {
        a_change_outlives_its_session(added, End::SignedInElsewhere);
    }
}

#[test]
fn a_change_reaches_both_sides_even_if_its_author_hangs_up() {
    for added in [true, false] {
        a_change_outlives_its_session(added, End::Hangup);
    }
}

#[test]
fn a_change_reaches_both_sides_even_if_its_author_is_closed() {
    for added in [true, false] {
        a_change_outlives_its_session(added, End::TooSlow);
    }
}
