//! The reverse list: the other side of an `ADD FL` and a `REM FL`.

use crate::support::{Plan, VERSION, World, pass, seconds};
use actors::message::Notice;
use msnp::{List, ListVersion};

#[test]
fn a_contact_is_told_that_he_was_added_and_removed() {
    for state in ["NLN", "HDN", "AWY"] {
        World::run(|world| async move {
            let mut alice = world.online("alice").await;
            let mut carol = world.online("carol").await;
            carol.says(&format!("CHG 10 {state}")).await;
            carol.hears(&format!("CHG 10 {state}")).await;
            alice.says("ADD 11 FL carol@example.com Carol").await;
            alice.hears(&format!("ADD 11 FL {} carol@example.com Carol", VERSION + 1)).await;
            carol.hears(&format!("ADD 0 RL {} alice@example.com Alice", VERSION + 1)).await;
            if state != "HDN" {
                alice.hears(&format!("ILN 11 {state} carol@example.com Carol")).await;
            }
            alice.says("REM 12 FL carol@example.com").await;
            alice.hears(&format!("REM 12 FL {} carol@example.com", VERSION + 2)).await;
            carol.hears(&format!("REM 0 RL {} alice@example.com", VERSION + 2)).await;
            alice.hears_nothing().await;
            carol.hears_nothing().await;
        });
    }
}

#[test]
fn a_client_is_told_after_its_syn_or_chg_and_not_before() {
    for (command, answers) in [("SYN 8 66000002", 1), ("CHG 9 HDN", 1), ("PNG", 1)] {
        World::run(|world| async move {
            let mut alice = world.online("alice").await;
            let mut carol = world.signed_in("carol").await;
            alice.says("ADD 11 FL carol@example.com").await;
            carol.hears_nothing().await;
            alice.says("REM 12 FL carol@example.com").await;
            carol.hears_nothing().await;
            carol.says(command).await;
            assert_eq!(carol.hears_all().await.len(), answers);
            carol.hears_the_profile().await;
            alice.says("ADD 13 FL carol@example.com").await;
            if command == "PNG" {
                carol.hears_nothing().await;
            } else {
                carol.hears(&format!("ADD 0 RL {} alice@example.com Alice", VERSION + 3)).await;
            }
        });
    }
}

#[test]
fn what_the_lists_have_already_is_not_told_again() {
    World::run_with(
        |plan| plan.list("alice", List::Forward, "carol"),
        |world| async move {
            let mut carol = world.signed_in("carol").await;
            carol.says("SYN 8 0").await;
            // Alice's change is in the store, and the news of it is on its way.
            let who = world.account("alice");
            let listed = |number, added| {
                let version = ListVersion::new(VERSION + number).unwrap();
                Notice::Listed { who, version, added }
            };
            carol.addr.try_send(listed(1, true)).unwrap();
            let lines = carol.hears_all().await;
            assert_eq!(lines[6], format!("LST 8 RL {} 1 1 alice@example.com Alice", VERSION + 1));
            assert_eq!(lines.len(), 7, "{lines:?}");
            carol.hears_the_profile().await;
            carol.addr.send(listed(2, false)).await.unwrap();
            carol.hears(&format!("REM 0 RL {} alice@example.com", VERSION + 2)).await;
        },
    );
}

#[test]
fn a_contact_who_is_offline_finds_it_in_his_lists() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        alice.says("ADD 11 FL carol@example.com Carol").await;
        alice.hears(&format!("ADD 11 FL {} carol@example.com Carol", VERSION + 1)).await;
        alice.hears_nothing().await;
        let mut carol = world.signed_in("carol").await;
        carol.says(&format!("SYN 8 {VERSION}")).await;
        let lines = carol.hears_all().await;
        let v = VERSION + 1;
        assert_eq!(lines[0], format!("SYN 8 {v}"));
        assert_eq!(lines[6], format!("LST 8 RL {v} 1 1 alice@example.com Alice"));
        carol.says("OUT").await;
        carol.hears_end().await;
        alice.says("REM 12 FL carol@example.com").await;
        alice.hears(&format!("REM 12 FL {} carol@example.com", VERSION + 2)).await;
        let mut carol = world.signed_in("carol").await;
        carol.says(&format!("SYN 8 {v}")).await;
        let lines = carol.hears_all().await;
        assert_eq!(lines[6], format!("LST 8 RL {} 0 0", v + 1));
    });
}

#[test]
fn adding_each_other_makes_both_seen() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut carol = world.online("carol").await;
        alice.says("ADD 11 FL carol@example.com Carol").await;
        alice.hears_event().await;
        alice.hears("ILN 11 NLN carol@example.com Carol").await;
        carol.hears(&format!("ADD 0 RL {} alice@example.com Alice", VERSION + 1)).await;
        carol.says("ADD 20 AL alice@example.com Alice").await;
        carol.hears(&format!("ADD 20 AL {} alice@example.com Alice", VERSION + 2)).await;
        carol.says("ADD 21 FL alice@example.com Alice").await;
        carol.hears(&format!("ADD 21 FL {} alice@example.com Alice", VERSION + 3)).await;
        carol.hears("ILN 21 NLN alice@example.com Alice").await;
        alice.hears(&format!("ADD 0 RL {} carol@example.com Carol", VERSION + 2)).await;
        alice.says("CHG 12 BSY").await;
        alice.hears("CHG 12 BSY").await;
        carol.hears("NLN BSY alice@example.com Alice").await;
        carol.says("CHG 22 PHN").await;
        carol.hears("CHG 22 PHN").await;
        alice.hears("NLN PHN carol@example.com Carol").await;
    });
}

#[test]
fn four_notices_of_a_pair_come_at_once_and_the_rest_as_one_at_the_end_of_the_minute() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut dave = world.online("dave").await;
        let mut carol = world.online("carol").await;
        let mut version = VERSION;
        for round in 0..20 {
            for word in ["ADD", "REM"] {
                version += 1;
                alice.says(&format!("{word} 11 FL carol@example.com")).await;
                alice.hears_event().await;
                if word == "ADD" {
                    alice.hears("ILN 11 NLN carol@example.com Carol").await;
                }
                assert_eq!(world.version("carol"), version, "lists change at once");
                let name = if word == "ADD" { " Alice" } else { "" };
                if round < 2 {
                    carol.hears(&format!("{word} 0 RL {version} alice@example.com{name}")).await;
                } else {
                    carol.hears_nothing().await;
                }
            }
        }
        alice.says("ADD 12 FL carol@example.com").await;
        alice.hears_event().await;
        alice.hears("ILN 12 NLN carol@example.com Carol").await;
        version += 1;
        // Others are told as before.
        dave.says("ADD 13 FL carol@example.com").await;
        dave.hears_event().await;
        dave.hears("ILN 13 NLN carol@example.com Carol").await;
        // The version before what she was not told yet.
        carol.hears(&format!("ADD 0 RL {} dave@example.com Dave", version - 1)).await;
        pass(seconds(58)).await;
        carol.hears_nothing().await;
        pass(seconds(2)).await;
        carol.hears(&format!("ADD 0 RL {version} alice@example.com Alice")).await;
        pass(seconds(120)).await;
        carol.hears_nothing().await;
        assert_eq!(world.registry().await.withheld, 0);
    });
}

#[test]
fn whoever_blocks_somebody_does_not_hear_of_his_adding_and_removing_but_finds_it_in_the_lists() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut carol = world.online("carol").await;
        carol.says("ADD 20 BL alice@example.com Alice").await;
        carol.hears(&format!("ADD 20 BL {} alice@example.com Alice", VERSION + 1)).await;
        alice.says("ADD 11 FL carol@example.com Carol").await;
        alice.hears(&format!("ADD 11 FL {} carol@example.com Carol", VERSION + 1)).await;
        carol.hears_nothing().await;
        // Her client must not believe that it has the lists with it.
        carol.says("ADD 21 AL dave@example.com Dave").await;
        carol.hears(&format!("ADD 21 AL {} dave@example.com Dave", VERSION + 1)).await;
        assert_eq!(world.version("carol"), VERSION + 3);
        carol.says(&format!("SYN 22 {}", VERSION + 1)).await;
        let lines = carol.hears_all().await;
        assert_eq!(lines[0], format!("SYN 22 {}", VERSION + 3));
        let reverse = format!("LST 22 RL {} 1 1 alice@example.com Alice", VERSION + 3);
        assert!(lines.contains(&reverse), "{lines:?}");
        // Then she is told as always.
        carol.says("REM 23 AL dave@example.com").await;
        carol.hears(&format!("REM 23 AL {} dave@example.com", VERSION + 4)).await;
        alice.says("REM 12 FL carol@example.com").await;
        alice.hears(&format!("REM 12 FL {} carol@example.com", VERSION + 2)).await;
        carol.hears_nothing().await;
    });
}

#[test]
fn news_of_somebody_who_is_blocked_come_if_the_client_was_told_a_later_version_before_them() {
    let on_carols_list = |plan: &mut Plan| plan.list("alice", List::Forward, "carol");
    for added in [true, false] {
        World::run_with(on_carols_list, |world| async move {
            let mut carol = world.online("carol").await;
            // Alice's change is in the store, and the news of it is on its way when Carol blocks her.
            let version = world.version("carol") + 1;
            carol.says("ADD 20 BL alice@example.com Alice").await;
            carol.hears(&format!("ADD 20 BL {version} alice@example.com Alice")).await;
            let who = world.account("alice");
            let listed = |version: u32| {
                let version = ListVersion::new(version).unwrap();
                Notice::Listed { who, version, added }
            };
            carol.addr.send(listed(version - 1)).await.unwrap();
            let earlier = version - 1;
            match added {
                true => carol.hears(&format!("ADD 0 RL {earlier} alice@example.com Alice")).await,
                false => carol.hears(&format!("REM 0 RL {earlier} alice@example.com")).await,
            }
            // What comes after the block is in the lists alone, and what was read with them is no news.
            carol.addr.send(listed(version + 1)).await.unwrap();
            carol.hears_nothing().await;
            carol.says("LST 21 RL").await;
            carol.hears(&format!("LST 21 RL {version} 1 1 alice@example.com Alice")).await;
            carol.addr.send(listed(version)).await.unwrap();
            carol.hears_nothing().await;
        });
    }
}

/// How Alice's session ends while her change is on its way to the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    SignedInElsewhere,
    Hangup,
    TooSlow,
}

/// Alice puts Bob on her forward list, or takes him off it, and her session ends meanwhile.
fn a_change_outlives_its_session(added: bool, end: End) {
    let plan = |plan: &mut Plan| match added {
        true => plan.list("bob", List::Forward, "alice"),
        false => plan.friends(&["alice", "bob"]),
    };
    World::run_with(plan, |world| async move {
        let mut bob = world.online("bob").await;
        let mut old = world.online("alice").await;
        bob.hears("NLN NLN alice@example.com Alice").await;
        let [own, his] = ["alice", "bob"].map(|local| world.version(local) + 1);
        let (line, told) = match added {
            true => {
                ("ADD 11 FL bob@example.com", format!("ADD 0 RL {his} alice@example.com Alice"))
            }
            false => ("REM 11 FL bob@example.com", format!("REM 0 RL {his} alice@example.com")),
        };
        let gone = "FLN alice@example.com";
        let shut = world.store.close();
        old.says(line).await;
        let mut new = world.notification();
        if end == End::SignedInElsewhere {
            let challenge = new.is_challenged(6, "alice").await;
            new.answers(7, &challenge, "secret").await;
            old.hears("OUT OTH").await;
            old.hears_end().await;
            old.hangs_up();
            bob.hears(gone).await;
            while world.node.connections.count() > 2 {
                tokio::task::yield_now().await;
            }
            drop(shut);
            new.hears("USR 7 OK alice@example.com Alice").await;
            bob.hears(&told).await;
        } else if end == End::TooSlow {
            old.addr.send(Notice::Overrun).await.unwrap();
            old.is_cut_off().await;
            bob.hears(gone).await;
            drop(shut);
            bob.hears(&told).await;
            new.signs_in("alice").await;
        } else {
            // That is found out when she is to be answered.
            old.hangs_up();
            drop(shut);
            bob.hears(&told).await;
            bob.hears(gone).await;
            new.signs_in("alice").await;
        }
        assert_eq!(["alice", "bob"].map(|local| world.version(local)), [own, his]);
        new.says("CHG 9 NLN").await;
        new.hears("CHG 9 NLN").await;
        if added {
            new.hears("ILN 9 NLN bob@example.com Bob%20B.").await;
        }
        new.hears_the_profile().await;
        bob.hears("NLN NLN alice@example.com Alice").await;
        // The registry knows who watches him.
        let online = world.registry().await.online;
        let watched = online.iter().find(|online| online.account == world.account("bob")).unwrap();
        assert_eq!(watched.watchers, usize::from(added));
        bob.says("CHG 10 BSY").await;
        bob.hears("CHG 10 BSY").await;
        if added {
            new.hears("NLN BSY bob@example.com Bob%20B.").await;
        }
        new.hears_nothing().await;
        bob.hears_nothing().await;
    });
}

#[test]
fn a_change_reaches_both_sides_although_its_maker_is_signed_in_elsewhere_meanwhile() {
    for added in [true, false] {
        a_change_outlives_its_session(added, End::SignedInElsewhere);
    }
}

#[test]
fn a_change_reaches_both_sides_although_its_maker_hangs_up_meanwhile() {
    for added in [true, false] {
        a_change_outlives_its_session(added, End::Hangup);
    }
}

#[test]
fn a_change_reaches_both_sides_although_its_maker_is_cut_off_meanwhile() {
    for added in [true, false] {
        a_change_outlives_its_session(added, End::TooSlow);
    }
}
