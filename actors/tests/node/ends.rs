//! Ends of connections, by the server, the operator or the client.

use crate::support::{PEER, World, pass, seconds, settle};
use actors::EndReason;
use actors::message::{Observe, ParticipantState};
use msnp::{Dialect, Server};

#[test]
fn the_operator_ends_the_connections_of_one_user() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut bob = world.online("bob").await;
            alice.expect("NLN NLN bob@example.com Bob%20B.").await;
            let mut talk = world.conversation("alice", &mut alice).await;
            let mut other = world.conversation("bob", &mut bob).await;
            // A connection that only claims to be Alice's stays: anyone can claim that.
            let mut claimed_handle = world.notification();
            claimed_handle.request_challenge(6, "alice").await;
            let account = world.account("alice");
            assert_eq!(world.node.connections.end(account, EndReason::Kicked), 2);
            assert_eq!(world.node.connections.end(account, EndReason::Kicked), 0, "once");
            alice.expect("OUT").await;
            alice.expect_end().await;
            talk.expect("OUT").await;
            talk.expect_end().await;
            bob.expect("FLN alice@example.com").await;
            bob.expect_nothing().await;
            other.expect_nothing().await;
            claimed_handle.expect_nothing().await;
            assert_eq!(world.node.endings.counts()["kicked"], 2);
            drop((alice, talk));
            pass(seconds(2)).await;
            // Alice may sign in again.
            world.online("alice").await;
        },
    );
}

#[test]
fn a_sign_in_in_progress_is_ended_too() {
    World::run(|world| async move {
        let mut alice = world.notification();
        let challenge = alice.request_challenge(6, "alice").await;
        let shut = world.store.close();
        alice.answer_challenge(7, &challenge, "secret").await;
        // The gate does not hold the check of the proof.
        while world.node.connections.states()[0].account.is_none() {
            tokio::task::yield_now().await;
        }
        let account = world.account("alice");
        assert_eq!(world.node.connections.end(account, EndReason::Removed), 1);
        drop(shut);
        alice.expect_end().await;
        settle().await;
        assert_eq!(world.registry().await.online, []);
        assert_eq!(world.node.endings.counts()["removed"], 1);
    });
}

#[test]
fn all_connections_end_and_the_server_continues() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut talk = world.conversation("alice", &mut alice).await;
        let mut fresh = world.notification();
        let mut referred = world.dispatch();
        settle().await;
        assert_eq!(world.node.connections.end_all(EndReason::Restored), 4);
        alice.expect("OUT SSD").await;
        talk.expect("OUT SSD").await;
        alice.expect_end().await;
        talk.expect_end().await;
        fresh.expect_end().await;
        referred.expect_end().await;
        assert_eq!(world.node.endings.counts()["restored"], 4);
        world.online("alice").await;
    });
}

#[test]
fn each_end_is_counted_once() {
    World::run(|world| async move {
        let mut left = world.online("alice").await;
        left.send("OUT").await;
        left.expect_end().await;
        drop(left);
        world.online("bob").await.hang_up();
        let mut wrong = world.notification();
        let challenge = wrong.request_challenge(6, "alice").await;
        wrong.answer_challenge(7, &challenge, "wrong").await;
        wrong.expect("911 7").await;
        wrong.expect_end().await;
        let mut referred = world.dispatch();
        referred.send("USR 1 MD5 I alice@example.com").await;
        referred.next_event().await;
        let mut render_unknown = world.notification();
        render_unknown.write_raw("GET / HTTP/1.1\r\n").await;
        render_unknown.expect_end().await;
        let mut unlucky = world.notification();
        world.broken.set(true);
        unlucky.write_raw("USR 1 MD5 I bob@example.com\r\n").await;
        unlucky.expect_cut_off().await;
        world.broken.set(false);
        let _silent = world.switchboard();
        pass(seconds(70)).await;
        let counts = serde_json::to_value(&world.node.endings).unwrap();
        let expected = serde_json::json!({
            "failed": 1, "hangup": 1, "left": 1, "referred": 1, "rejected": 1, "sign_in_time": 1,
            "wrong_password": 1,
        });
        assert_eq!(counts, expected);
    });
}

#[test]
fn the_report_lists_every_connection() {
    World::run(|world| async move {
        let mut alice = world.notification();
        alice.send("VER 1 MSNP2").await;
        alice.expect("VER 1 MSNP2").await;
        alice.send("CVR 2 0x0409 win 4.10 i386 MSMSGS 1.0.0863 MSMSGS").await;
        alice.next_event().await;
        alice.come_online("alice").await;
        pass(seconds(5)).await;
        let talk = world.conversation("alice", &mut alice).await;
        let mut bob = world.notification();
        bob.request_challenge(6, "bob").await;
        let states = world.node.connections.states();
        let [first, second, third] = states.as_slice() else { panic!("{states:?}") };
        let (account, claimed) = (world.account("alice"), world.account("bob"));
        assert_eq!((first.id, first.server), (alice.id, Server::Notification));
        assert_eq!((first.age_seconds, first.peer.to_string().as_str()), (5, PEER));
        assert_eq!((first.account, first.settled), (Some(account), true));
        assert_eq!((first.dialect, first.client.as_deref()), (Dialect::Msnp2, Some("1.0.0863")));
        assert_eq!((second.id, second.server), (talk.id, Server::Switchboard));
        assert_eq!(
            (second.account, second.age_seconds, second.client.as_deref()),
            (Some(account), 0, None)
        );
        assert_eq!((third.account, third.claimed, third.settled), (None, Some(claimed), false));
        let state: ParticipantState = talk.addr.send(Observe::default()).await.unwrap();
        assert_eq!(state.connection, second.id);
    });
}
