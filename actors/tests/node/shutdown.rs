//! The end of a node.

use crate::support::{World, handle, pass, seconds};
use actors::connection::{AdmissionError, start};
use actors::notification::Session;
use tokio::time::Instant;

#[test]
fn all_clients_are_notified_and_awaited() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut referred = world.dispatch();
            let mut fresh = world.notification();
            let mut challenged = world.notification();
            challenged.request_challenge(1, "carol").await;
            let mut alice = world.online("alice").await;
            let mut quiet = world.signed_in("dave").await;
            let mut participant = world.conversation("alice", &mut alice).await;
            let mut stranger = world.switchboard();
            let node = world.node.clone();
            assert_eq!((node.connections.count(), node.connections.half_open()), (7, 4));
            let closed = actix_rt::spawn(async move { node.connections.close_all().await });
            for probe in [&mut fresh, &mut challenged] {
                probe.expect_end().await;
            }
            for probe in [&mut alice, &mut quiet] {
                probe.expect("OUT SSD").await;
                probe.expect_end().await;
            }
            for probe in [&mut participant, &mut stranger] {
                probe.expect("OUT SSD").await;
                probe.expect_end().await;
            }
            referred.expect_end().await;
            assert!(!closed.is_finished(), "the clients have not closed yet");
            drop((referred, fresh, challenged, alice, quiet, participant, stranger));
            let before = Instant::now();
            closed.await.unwrap();
            assert!(before.elapsed() < seconds(1));
            assert_eq!(world.node.connections.count(), 0);
            assert_eq!(world.registry().await.online, []);
            assert_eq!(world.node.buffers.in_use(), (0, 0));
        },
    );
}

#[test]
fn clients_that_do_not_close_are_awaited_briefly() {
    World::run(|world| async move {
        let alice = world.online("alice").await;
        let before = Instant::now();
        world.node.connections.close_all().await;
        let waited = before.elapsed();
        assert!(waited >= seconds(1) && waited <= seconds(3), "{waited:?}");
        drop(alice);
    });
}

#[test]
fn a_client_that_does_not_read_does_not_delay_the_shutdown() {
    World::run(|world| async move {
        // The challenge does not fit into the output.
        let mut narrow = world.narrow(8);
        narrow.send("USR 1 MD5 I alice@example.com").await;
        pass(seconds(1)).await;
        world.node.connections.close_all().await;
        assert_eq!(world.node.buffers.in_use(), (0, 0));
        drop(narrow);
    });
}

#[test]
fn an_empty_node_ends_at_once_and_refuses_connections() {
    World::run(|world| async move {
        let before = Instant::now();
        world.node.connections.close_all().await;
        assert_eq!(before.elapsed(), seconds(0));
        let start = |link| start(Session::new(link));
        let turned = world.connect(64, "192.0.2.1", start).err();
        assert_eq!(turned, Some(AdmissionError::Closing));
    });
}

#[test]
fn the_shutdown_does_not_wait_for_the_store() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let shut = world.store.close();
        alice.send("ADD 11 FL bob@example.com").await;
        let node = world.node.clone();
        let closed = actix_rt::spawn(async move { node.connections.close_all().await });
        alice.expect("OUT SSD").await;
        alice.expect_end().await;
        drop(alice);
        closed.await.unwrap();
        drop(shut);
        // The change was in progress, and is made.
        let bob = world.account("bob");
        pass(seconds(1)).await;
        assert_eq!(world.node.directory.find(&handle("bob")), Some(bob));
        assert_eq!(world.version("bob"), crate::support::VERSION + 1);
    });
}
