//! `SYN` and `LST`: the lists and settings that a client is sent.

use crate::support::{Probe, VERSION, World};
use actors::notification::Session;
use msnp::List;

/// Sends `SYN` and reads the whole reply, then the profile.
async fn synchronises(probe: &mut Probe<Session>, cached: u32) -> Vec<String> {
    probe.send(&format!("SYN 8 {cached}")).await;
    let all = probe.receive_all().await;
    probe.expect_profile().await;
    all
}

#[test]
fn a_client_with_the_current_version_is_sent_no_lists() {
    World::run(|world| async move {
        let mut alice = world.signed_in("alice").await;
        let lines = synchronises(&mut alice, VERSION).await;
        assert_eq!(lines, [format!("SYN 8 {VERSION}")]);
    });
}

#[test]
fn empty_lists_have_a_line_each_and_the_reverse_list_is_last() {
    World::run(|world| async move {
        let mut alice = world.signed_in("alice").await;
        let lines = synchronises(&mut alice, 0).await;
        let v = VERSION;
        let expected = [
            format!("SYN 8 {v}"),
            format!("GTC 8 {v} A"),
            format!("BLP 8 {v} AL"),
            format!("LST 8 FL {v} 0 0"),
            format!("LST 8 AL {v} 0 0"),
            format!("LST 8 BL {v} 0 0"),
            format!("LST 8 RL {v} 0 0"),
        ];
        assert_eq!(lines, expected);
    });
}

#[test]
fn lists_come_in_order_with_place_and_count() {
    World::run_with(
        |plan| {
            plan.list("alice", List::Forward, "carol");
            plan.list("alice", List::Forward, "bob");
            plan.list("alice", List::Allow, "bob");
            plan.list("alice", List::Block, "dave");
            plan.list("bob", List::Forward, "alice");
            plan.list("dave", List::Forward, "alice");
        },
        |world| async move {
            let mut alice = world.signed_in("alice").await;
            let v = VERSION + 6;
            let expected = [
                format!("SYN 8 {v}"),
                format!("GTC 8 {v} A"),
                format!("BLP 8 {v} AL"),
                format!("LST 8 FL {v} 1 2 carol@example.com Carol"),
                format!("LST 8 FL {v} 2 2 bob@example.com Bob%20B."),
                format!("LST 8 AL {v} 1 1 bob@example.com Bob%20B."),
                format!("LST 8 BL {v} 1 1 dave@example.com Dave"),
                format!("LST 8 RL {v} 1 2 bob@example.com Bob%20B."),
                format!("LST 8 RL {v} 2 2 dave@example.com Dave"),
            ];
            assert_eq!(synchronises(&mut alice, 0).await, expected);
            // A version that is higher than ours comes from another server.
            alice.send(&format!("SYN 8 {}", v + 1)).await;
            assert_eq!(alice.receive_all().await, expected);
        },
    );
}

#[test]
fn later_changes_are_in_the_next_reply() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        alice.send("BLP 9 BL").await;
        alice.send("GTC 10 N").await;
        alice.send("ADD 11 AL bob@example.com Bobby").await;
        alice.receive_all().await;
        alice.send("SYN 12 0").await;
        let v = VERSION + 3;
        alice.expect(&format!("SYN 12 {v}")).await;
        alice.expect(&format!("GTC 12 {v} N")).await;
        alice.expect(&format!("BLP 12 {v} BL")).await;
        alice.expect(&format!("LST 12 FL {v} 0 0")).await;
        alice.expect(&format!("LST 12 AL {v} 1 1 bob@example.com Bobby")).await;
        alice.expect(&format!("LST 12 BL {v} 0 0")).await;
        alice.expect(&format!("LST 12 RL {v} 0 0")).await;
        alice.expect_nothing().await;
    });
}

#[test]
fn lst_returns_one_list() {
    World::run_with(
        |plan| {
            plan.list("alice", List::Forward, "bob");
            plan.list("alice", List::Forward, "carol");
            plan.list("dave", List::Forward, "alice");
        },
        |world| async move {
            let mut alice = world.online("alice").await;
            let v = VERSION + 3;
            alice.send("LST 5 FL").await;
            alice.expect(&format!("LST 5 FL {v} 1 2 bob@example.com Bob%20B.")).await;
            alice.expect(&format!("LST 5 FL {v} 2 2 carol@example.com Carol")).await;
            alice.send("LST 6 RL").await;
            alice.expect(&format!("LST 6 RL {v} 1 1 dave@example.com Dave")).await;
            alice.send("LST 7 BL").await;
            alice.expect(&format!("LST 7 BL {v} 0 0")).await;
            alice.expect_nothing().await;
        },
    );
}

#[test]
fn two_replies_do_not_interleave() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob", "carol"]),
        |world| async move {
            let mut alice = world.signed_in("alice").await;
            alice.write_raw("SYN 8 0\r\nCHG 9 NLN\r\nLST 10 FL\r\nPNG\r\n").await;
            let all = alice.receive_all().await;
            let kinds: Vec<&str> = all.iter().map(|line| line.split(' ').next().unwrap()).collect();
            let lists = ["LST"; 6];
            let expected =
                [&["SYN", "GTC", "BLP"][..], &lists[..], &["CHG", "LST", "LST", "QNG"][..]];
            assert_eq!(kinds, expected.concat());
            alice.expect_profile().await;
        },
    );
}
