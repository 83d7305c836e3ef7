//! Groups of the forward list (MSNP7), and which contacts remain after each change of them.

use crate::support::{Plan, Probe, VERSION, World, milliseconds, pass, seconds};
use actors::message::{Observe, SessionState};
use actors::notification::Session;
use msnp::Dialect;

/// All users are on each other's forward lists, in group 0.
fn friends(plan: &mut Plan) {
    plan.friends(&["alice", "bob", "carol", "dave"]);
}

/// Alice is online with a client that has groups, and has made one, number 1.
async fn with_a_group(world: &World) -> Probe<Session> {
    let mut alice = world.online_with("alice", Dialect::Msnp7).await;
    let version = world.version("alice") + 1;
    alice.send("ADG 10 Friends 0").await;
    alice.expect(&format!("ADG 10 {version} Friends 1 0")).await;
    alice
}

/// Adds a contact to group 1.
async fn groups(world: &World, alice: &mut Probe<Session>, local: &str) {
    let version = world.version("alice") + 1;
    alice.send(&format!("ADD 11 FL {local}@example.com {local} 1")).await;
    alice.expect(&format!("ADD 11 FL {version} {local}@example.com {local} 1")).await;
    // The contact was on the list already, so the numbers are known.
    alice.expect_nothing().await;
}

/// Removes a contact from a group.
async fn ungroups(world: &World, alice: &mut Probe<Session>, local: &str, group: u8) {
    let version = world.version("alice") + 1;
    alice.send(&format!("REM 12 FL {local}@example.com {group}")).await;
    alice.expect(&format!("REM 12 FL {version} {local}@example.com {group}")).await;
}

async fn contacts(alice: &Probe<Session>) -> usize {
    let state: SessionState = alice.addr.send(Observe::default()).await.unwrap();
    state.contacts
}

async fn watchers(world: &World, local: &str) -> usize {
    let account = world.account(local);
    let online = world.registry().await.online;
    online.iter().find(|online| online.account == account).unwrap().watchers
}

/// Changes a user's state, which Alice receives or does not.
async fn changes(
    who: (&str, &mut Probe<Session>),
    state: &str,
    seen_by: Option<&mut Probe<Session>>,
) {
    let (name, probe) = who;
    let handle = format!("{}@example.com", name.to_lowercase());
    probe.send(&format!("CHG 20 {state}")).await;
    probe.expect(&format!("CHG 20 {state}")).await;
    if let Some(alice) = seen_by {
        alice.expect(&format!("NLN {state} {handle} {name}")).await;
    }
}

#[test]
fn a_contact_added_to_one_more_group_stays_the_same_contact() {
    World::run_with(friends, |world| async move {
        let mut carol = world.online("carol").await;
        let mut alice = with_a_group(&world).await;
        carol.expect("NLN NLN alice@example.com Alice").await;
        let version = world.version("carol");
        groups(&world, &mut alice, "carol").await;
        carol.expect_nothing().await;
        assert_eq!((contacts(&alice).await, watchers(&world, "carol").await), (3, 3));
        assert_eq!(world.version("carol"), version);
        changes(("Carol", &mut carol), "BSY", Some(&mut alice)).await;
        alice.send("ADD 13 FL carol@example.com Carol 1").await;
        alice.expect("215 13").await;
        alice.send("ADD 14 FL carol@example.com Carol 2").await;
        alice.expect("224 14").await;
        alice.send("LST 15 FL").await;
        let lines = alice.receive_all().await;
        assert!(lines[1].ends_with(" 2 3 carol@example.com Carol 0,1"), "{lines:?}");
    });
}

#[test]
fn a_contact_leaves_the_forward_list_only_with_their_last_group() {
    World::run_with(friends, |world| async move {
        let mut carol = world.online("carol").await;
        let mut alice = with_a_group(&world).await;
        carol.expect("NLN NLN alice@example.com Alice").await;
        groups(&world, &mut alice, "carol").await;
        ungroups(&world, &mut alice, "carol", 0).await;
        carol.expect_nothing().await;
        assert_eq!((contacts(&alice).await, watchers(&world, "carol").await), (3, 3));
        changes(("Carol", &mut carol), "BSY", Some(&mut alice)).await;
        let version = world.version("carol") + 1;
        ungroups(&world, &mut alice, "carol", 1).await;
        // The lists change at once.
        assert_eq!((contacts(&alice).await, watchers(&world, "carol").await), (2, 2));
        assert_eq!(world.version("carol"), version);
        changes(("Carol", &mut carol), "AWY", None).await;
        alice.expect_nothing().await;
        pass(seconds(1)).await;
        carol.expect(&format!("REM 0 RL {version} alice@example.com")).await;
        for (line, answer) in
            [("REM 13 FL carol@example.com 1", "216 13"), ("REM 14 FL carol@example.com", "216 14")]
        {
            alice.send(line).await;
            alice.expect(answer).await;
        }
        carol.expect_nothing().await;
    });
}

/// Alice removes Carol from her only group, or adds her to it.
async fn removes(world: &World, alice: &mut Probe<Session>) {
    ungroups(world, alice, "carol", 0).await;
}

async fn adds(world: &World, alice: &mut Probe<Session>) {
    let version = world.version("alice") + 1;
    alice.send("ADD 13 FL carol@example.com carol@example.com 0").await;
    alice.expect(&format!("ADD 13 FL {version} carol@example.com carol@example.com 0")).await;
    for words in ["PHH", "PHW", "PHM", "MOB N"] {
        alice.expect(&format!("BPR {version} carol@example.com {words}")).await;
    }
    alice.expect("ILN 13 NLN carol@example.com Carol").await;
}

async fn withheld(world: &World) -> usize {
    world.registry().await.withheld
}

#[test]
fn a_contact_moved_by_rem_and_add_within_a_second_is_not_notified() {
    World::run_with(friends, |world| async move {
        let mut carol = world.online("carol").await;
        let mut alice = with_a_group(&world).await;
        carol.expect("NLN NLN alice@example.com Alice").await;
        let version = world.version("carol");
        for round in 1..=10 {
            removes(&world, &mut alice).await;
            assert_eq!(withheld(&world).await, 1);
            pass(milliseconds(900)).await;
            adds(&world, &mut alice).await;
            assert_eq!(world.version("carol"), version + 2 * round);
        }
        assert_eq!(withheld(&world).await, 0);
        pass(seconds(120)).await;
        carol.expect_nothing().await;
        assert_eq!((contacts(&alice).await, watchers(&world, "carol").await), (3, 3));
        changes(("Carol", &mut carol), "BSY", Some(&mut alice)).await;
    });
}

#[test]
fn a_contact_who_stays_removed_is_notified_once_with_the_last_version() {
    World::run_with(friends, |world| async move {
        let mut carol = world.online("carol").await;
        let mut alice = with_a_group(&world).await;
        carol.expect("NLN NLN alice@example.com Alice").await;
        let version = world.version("carol");
        removes(&world, &mut alice).await;
        pass(milliseconds(500)).await;
        adds(&world, &mut alice).await;
        removes(&world, &mut alice).await;
        // The second starts again.
        pass(milliseconds(900)).await;
        carol.expect_nothing().await;
        pass(milliseconds(105)).await;
        carol.expect(&format!("REM 0 RL {} alice@example.com", version + 3)).await;
        // After more than a second, it is a new addition.
        adds(&world, &mut alice).await;
        carol.expect(&format!("ADD 0 RL {} alice@example.com Alice", version + 4)).await;
        pass(seconds(120)).await;
        carol.expect_nothing().await;
    });
}

#[test]
fn a_delayed_removal_is_sent_even_if_its_author_has_left() {
    World::run_with(friends, |world| async move {
        let mut carol = world.online("carol").await;
        let mut alice = with_a_group(&world).await;
        carol.expect("NLN NLN alice@example.com Alice").await;
        let version = world.version("carol") + 1;
        removes(&world, &mut alice).await;
        alice.hang_up();
        // Carol is no longer Alice's contact, but has Alice on her list.
        carol.expect("FLN alice@example.com").await;
        carol.expect_nothing().await;
        pass(seconds(1)).await;
        carol.expect(&format!("REM 0 RL {version} alice@example.com")).await;
    });
}

#[test]
fn a_delayed_removal_ends_with_the_contacts_session() {
    World::run_with(friends, |world| async move {
        let mut carol = world.online("carol").await;
        let mut alice = with_a_group(&world).await;
        let before = world.version("carol");
        removes(&world, &mut alice).await;
        carol.send("OUT").await;
        carol.expect("NLN NLN alice@example.com Alice").await;
        carol.expect_end().await;
        assert_eq!(withheld(&world).await, 0);
        // The lists contain it.
        let mut carol = world.online("carol").await;
        carol.send(&format!("SYN 8 {before}")).await;
        let lines = carol.receive_all().await;
        assert_eq!(lines[0], format!("SYN 8 {}", before + 1));
        assert!(!lines.iter().any(|line| line.contains(" RL ") && line.contains("alice")));
        pass(seconds(2)).await;
        carol.expect_nothing().await;
        // Alice adds Carol again, and no removal waits.
        adds(&world, &mut alice).await;
        carol.expect(&format!("ADD 0 RL {} alice@example.com Alice", before + 2)).await;
    });
}

#[test]
fn a_contact_who_reads_the_lists_between_rem_and_add_is_sent_the_add() {
    for command in ["SYN 8 0", "LST 8 RL"] {
        World::run_with(friends, |world| async move {
            let mut carol = world.online("carol").await;
            carol.send("SYN 7 0").await;
            carol.receive_all().await;
            let mut alice = with_a_group(&world).await;
            carol.expect("NLN NLN alice@example.com Alice").await;
            removes(&world, &mut alice).await;
            carol.send(command).await;
            let lines = carol.receive_all().await;
            assert!(!lines.iter().any(|line| line.contains(" RL ") && line.contains("alice")));
            let version = world.version("carol") + 1;
            adds(&world, &mut alice).await;
            carol.expect(&format!("ADD 0 RL {version} alice@example.com Alice")).await;
            pass(seconds(120)).await;
            carol.expect_nothing().await;
        });
    }
}

#[test]
fn during_a_delayed_removal_the_contact_is_sent_the_version_before_it() {
    World::run_with(friends, |world| async move {
        let mut carol = world.online("carol").await;
        carol.send("SYN 7 0").await;
        carol.receive_all().await;
        let mut alice = with_a_group(&world).await;
        carol.expect("NLN NLN alice@example.com Alice").await;
        let before = world.version("carol");
        removes(&world, &mut alice).await;
        // If her connection were lost now, she would have to get all lists.
        carol.send("ADD 8 BL dave@example.com Dave").await;
        carol.expect(&format!("ADD 8 BL {before} dave@example.com Dave")).await;
        pass(seconds(1)).await;
        carol.expect(&format!("REM 0 RL {} alice@example.com", before + 1)).await;
        carol.send("REM 9 BL dave@example.com").await;
        carol.expect(&format!("REM 9 BL {} dave@example.com", before + 3)).await;
    });
}

#[test]
fn removing_a_group_removes_contacts_who_are_in_no_other() {
    World::run_with(friends, |world| async move {
        let mut carol = world.online("carol").await;
        let mut dave = world.online("dave").await;
        carol.expect("NLN NLN dave@example.com Dave").await;
        let mut alice = with_a_group(&world).await;
        for probe in [&mut carol, &mut dave] {
            probe.expect("NLN NLN alice@example.com Alice").await;
        }
        // Bob, who is offline, and Carol are only in it. Dave is in group 0 too.
        for local in ["bob", "carol", "dave"] {
            groups(&world, &mut alice, local).await;
        }
        for local in ["bob", "carol"] {
            ungroups(&world, &mut alice, local, 0).await;
        }
        let versions = ["alice", "bob", "carol", "dave"].map(|local| world.version(local));
        alice.send("RMG 13 1").await;
        alice.expect(&format!("RMG 13 {} 1", versions[0] + 1)).await;
        carol.expect(&format!("REM 0 RL {} alice@example.com", versions[2] + 1)).await;
        let now = ["bob", "carol", "dave"].map(|local| world.version(local));
        assert_eq!(now, [versions[1] + 1, versions[2] + 1, versions[3]]);
        assert_eq!(contacts(&alice).await, 1);
        assert_eq!((watchers(&world, "carol").await, watchers(&world, "dave").await), (2, 3));
        changes(("Carol", &mut carol), "BSY", None).await;
        alice.expect_nothing().await;
        dave.expect("NLN BSY carol@example.com Carol").await;
        changes(("Dave", &mut dave), "AWY", Some(&mut alice)).await;
        // Nor is she notified when they come online.
        let _bob = world.online("bob").await;
        alice.expect_nothing().await;
        // She is still on their lists.
        alice.send("CHG 14 PHN").await;
        alice.expect("CHG 14 PHN").await;
        carol.expect("NLN AWY dave@example.com Dave").await;
        carol.expect("NLN NLN bob@example.com Bob%20B.").await;
        carol.expect("NLN PHN alice@example.com Alice").await;
    });
}

#[test]
fn a_contact_added_again_after_their_group_was_removed_is_seen() {
    World::run_with(friends, |world| async move {
        let _carol = world.online("carol").await;
        let mut alice = with_a_group(&world).await;
        groups(&world, &mut alice, "carol").await;
        ungroups(&world, &mut alice, "carol", 0).await;
        alice.send("RMG 13 1").await;
        alice.next_event().await;
        let version = world.version("alice") + 1;
        alice.send("ADD 14 FL carol@example.com Carol 0").await;
        alice.expect(&format!("ADD 14 FL {version} carol@example.com Carol 0")).await;
        for words in ["PHH", "PHW", "PHM", "MOB N"] {
            alice.expect(&format!("BPR {version} carol@example.com {words}")).await;
        }
        alice.expect("ILN 14 NLN carol@example.com Carol").await;
        assert_eq!((contacts(&alice).await, watchers(&world, "carol").await), (3, 3));
    });
}

#[test]
fn a_client_without_groups_ignores_group_numbers() {
    World::run(|world| async move {
        let mut alice = world.online_with("alice", Dialect::Msnp6).await;
        alice.write_raw("ADD 10 FL carol@example.com Carol 7\r\n").await;
        alice.expect(&format!("ADD 10 FL {} carol@example.com Carol", VERSION + 1)).await;
        for words in ["PHH", "PHW", "PHM", "MOB N"] {
            alice.expect(&format!("BPR {} carol@example.com {words}", VERSION + 1)).await;
        }
        for (line, answer) in
            [("ADG 11 Friends 0", "200 11"), ("REG 12 0 x 0", "200 12"), ("RMG 13 1", "200 13")]
        {
            alice.write_raw(&format!("{line}\r\n")).await;
            alice.expect(answer).await;
        }
        alice.write_raw("REM 14 FL carol@example.com 7\r\n").await;
        alice.expect(&format!("REM 14 FL {} carol@example.com", VERSION + 2)).await;
        assert_eq!(contacts(&alice).await, 0);
    });
}
