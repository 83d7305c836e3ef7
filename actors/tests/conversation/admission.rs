//! Connections that end while they join a conversation: no participant stays behind.

use super::{Talker, answer, calls, starts};
use crate::support::{Probe, World, pass, seconds, settle};
use actors::participant::Participant;
use std::rc::Rc;

/// More turns than it takes to join.
const TURNS: usize = 20;

/// Writes the line. So many turns later the client or the server ends the connection.
async fn sends_then_ends(mut talk: Probe<Participant>, line: &str, turns: usize, hangs_up: bool) {
    talk.write_raw(&format!("{line}\r\n")).await;
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
    if hangs_up {
        talk.hang_up();
    } else {
        talk.overrun();
        talk.expect_cut_off().await;
    }
    settle().await;
}

/// Bob answers, and the connection ends meanwhile. Returns how many events about Bob Alice
/// received: two, or none.
fn ends_while_joining(turns: usize, hangs_up: bool) -> usize {
    let received = Rc::<std::cell::Cell<usize>>::default();
    let result = received.clone();
    World::run(|world| async move {
        let Talker { mut talk, session: mut alice, .. } = starts(&world, "alice").await;
        let mut bob = world.online("bob").await;
        let ring = calls(&mut talk, ("bob", &mut bob)).await;
        sends_then_ends(world.switchboard(), &answer("bob", &ring), turns, hangs_up).await;
        let lines = talk.receive_all().await;
        received.set(lines.len());
        if !lines.is_empty() {
            assert_eq!(lines, ["JOI bob@example.com Bob%20B.", "BYE bob@example.com"]);
        }
        talk.send_message(3, "A", b"is anybody there?").await;
        talk.expect("NAK 3").await;
        // A cookie that was not used has expired by now.
        pass(seconds(121)).await;
        calls(&mut talk, ("bob", &mut bob)).await;
        talk.expect_nothing().await;
        alice.expect_nothing().await;
    });
    result.get()
}

#[test]
fn hanging_up_while_joining_sends_bye_if_joi_was_sent() {
    let received: Vec<usize> = (0..TURNS).map(|turns| ends_while_joining(turns, true)).collect();
    assert_eq!(received.last(), Some(&2), "{received:?}");
}

#[test]
fn being_closed_while_joining_sends_bye_if_joi_was_sent() {
    let received: Vec<usize> = (0..TURNS).map(|turns| ends_while_joining(turns, false)).collect();
    assert_eq!((received.first(), received.last()), (Some(&0), Some(&2)), "{received:?}");
}

#[test]
fn a_conversation_whose_starter_ends_while_joining_is_dropped() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let before = Rc::strong_count(&world.node);
        for hangs_up in [true, false] {
            for turns in 0..TURNS {
                let cookie = alice.request_switchboard().await;
                let line = format!("USR 1 alice@example.com {}", cookie.as_str());
                sends_then_ends(world.switchboard(), &line, turns, hangs_up).await;
                // Its connection and its conversation would hold the node.
                assert_eq!(Rc::strong_count(&world.node), before, "after {turns} turns");
            }
        }
        assert_eq!(world.node.buffers.in_use(), (0, 0));
        alice.expect_nothing().await;
    });
}
