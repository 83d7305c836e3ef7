//! The limit of requests per second.

use crate::support::{Plan, World, pass, seconds};
use std::time::Duration;
use tokio::time::timeout;

fn ten(plan: &mut Plan) {
    plan.settings.limits.lines_per_second = 10;
}

fn pings(lines: &[String]) -> usize {
    lines.iter().filter(|line| *line == "QNG").count()
}

#[test]
fn a_client_above_the_rate_limit_is_served_slowly_and_the_others_are_not() {
    World::run_with(ten, |world| async move {
        let mut alice = world.online("alice").await;
        let mut bob = world.online("bob").await;
        // In the middle of a second in which nothing was sent.
        pass(Duration::from_millis(1500)).await;
        let flood = "PNG\r\n".repeat(35);
        alice.write_raw(&flood).await;
        let mut received = Vec::new();
        for _ in 0..3 {
            let now = alice.receive_all().await;
            received.push(pings(&now));
            for _ in 0..5 {
                bob.write_raw("PNG\r\n").await;
                bob.expect("QNG").await;
            }
            pass(seconds(1)).await;
        }
        received.push(pings(&alice.receive_all().await));
        assert_eq!(received, [10, 10, 10, 5]);
        assert_eq!(world.node.buffers.in_use(), (0, 0));
    });
}

#[test]
fn a_throttled_client_still_receives_notices() {
    World::run_with(
        |plan| {
            ten(plan);
            plan.friends(&["alice", "bob"]);
        },
        |world| async move {
            let mut alice = world.online("alice").await;
            pass(Duration::from_millis(1500)).await;
            alice.write_raw(&"PNG\r\n".repeat(12)).await;
            assert_eq!(pings(&alice.receive_all().await), 10);
            let _bob = world.online("bob").await;
            alice.expect("NLN NLN bob@example.com Bob%20B.").await;
            pass(seconds(1)).await;
            assert_eq!(pings(&alice.receive_all().await), 2);
        },
    );
}

#[test]
fn empty_lines_count_as_lines() {
    World::run_with(ten, |world| async move {
        let mut alice = world.online("alice").await;
        pass(Duration::from_millis(1500)).await;
        alice.write_raw(&format!("{}PNG\r\nPNG\r\n", "\r\n".repeat(9))).await;
        assert_eq!(pings(&alice.receive_all().await), 1);
        pass(seconds(1)).await;
        assert_eq!(pings(&alice.receive_all().await), 1);
        // However many arrive, one buffer of them is read in a second.
        let flood = "\n".repeat(1 << 20);
        assert!(timeout(seconds(10), alice.write_raw(&flood)).await.is_err(), "they are not taken");
        assert_eq!(world.node.connections.count(), 1);
    });
}

/// The mailboxes of other actors have room for what one turn of a connection sends.
#[test]
fn at_most_64_requests_are_handled_in_one_turn() {
    let unlimited = |plan: &mut Plan| plan.settings.limits.lines_per_second = 100_000;
    World::run_with(unlimited, |world| async move {
        let mut alice = world.online("alice").await;
        alice.written();
        alice.write_raw(&"PNG\r\n".repeat(200)).await;
        assert_eq!(pings(&alice.receive_all().await), 200);
        // The replies of one turn leave in one write.
        let turns = alice.written().into_iter().map(|write| write.matches("QNG").count());
        assert!(turns.clone().all(|replies| replies <= 64), "{:?}", turns.collect::<Vec<_>>());
    });
}
