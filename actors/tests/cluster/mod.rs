//! Two nodes with the same accounts. The tests in `model/` show that they serve users like one; these
//! show what happens between them.

mod conversations;
mod sign_in;

use crate::support::{Plan, Recorder, World, crossed, handle, name, pass, seconds, settle};
use actors::connection::ConnectionId;
use actors::message::{Delivered, Envelope, Notice, SignIn};
use actors::operator;
use actors::port::fabric::{Epoch, NodeId};
use actors::port::store::AccountId;
use actors::rules::PresenceUpdate;
use msnp::State;

fn friends(plan: &mut Plan) {
    plan.friends(&["alice", "bob"]);
}

/// Another node sends that Bob's contact Alice is seen differently. Returns what Bob is sent.
async fn notices_after(
    world: &World,
    bob: &Recorder<Notice>,
    epoch: u64,
    update: &PresenceUpdate,
) -> Vec<Notice> {
    let (who, updates) = (AccountId(1), vec![(AccountId(2), update.clone())]);
    let envelope = Envelope::Presence { who, epoch: Epoch(epoch), updates };
    let delivered = Delivered { from: NodeId(7), envelope };
    world.node.registry.send(delivered).await.unwrap();
    bob.received().await
}

#[test]
fn the_presence_of_an_older_sign_in_is_dropped() {
    World::run(|world| async move {
        let bob = Recorder::new();
        let (account, session, inbox) = (AccountId(2), ConnectionId(2), bob.handle());
        let sign_in = SignIn { account, session, client: None, inbox };
        world.node.registry.send(sign_in).await.unwrap().unwrap();
        let (busy, offline) =
            (&PresenceUpdate::Online(State::Busy.into()), &PresenceUpdate::Offline);
        let notice = |update: &PresenceUpdate| {
            vec![Notice::Presence { who: AccountId(1), update: update.clone() }]
        };
        assert_eq!(notices_after(&world, &bob, 5, busy).await, notice(busy));
        assert_eq!(notices_after(&world, &bob, 4, offline).await, []);
        assert_eq!(notices_after(&world, &bob, 5, offline).await, notice(offline));
        assert_eq!(notices_after(&world, &bob, 6, busy).await, notice(busy));
        for update in [offline, busy] {
            assert_eq!(notices_after(&world, &bob, 5, update).await, []);
        }
        // No one remembers a user who has been away for two minutes.
        pass(seconds(121)).await;
        assert_eq!(notices_after(&world, &bob, 4, busy).await, notice(busy));
    });
}

#[test]
fn the_users_of_all_nodes_are_notified_that_the_servers_go_down() {
    World::run_two(friends, |[first, second], _| async move {
        let mut alice = first.online("alice").await;
        let mut bob = second.online("bob").await;
        alice.expect("NLN NLN bob@example.com Bob%20B.").await;
        assert_eq!(operator::broadcast(&second.node, 5).await.unwrap(), 2);
        for user in [&mut alice, &mut bob] {
            let line = user.next_event().await;
            assert!(user.text(&line).starts_with("MSG Hotmail Hotmail "), "{line:?}");
        }
        assert!(crossed().contains(&"going down"));
    });
}

#[test]
fn a_new_name_reaches_the_user_and_the_contacts_on_each_node() {
    World::run_two(friends, |[first, second], _| async move {
        let mut alice = first.online("alice").await;
        let mut bob = second.online("bob").await;
        alice.expect("NLN NLN bob@example.com Bob%20B.").await;
        // Bob is not signed in on this node.
        let account = first.account("bob");
        operator::rename(first.node.clone(), account, name("Rob")).await.unwrap();
        settle().await;
        alice.expect("NLN NLN bob@example.com Rob").await;
        bob.expect_nothing().await;
        for world in [&first, &second] {
            let bob = world.node.directory.find(&handle("bob")).unwrap();
            assert_eq!(world.node.directory.principal(bob).unwrap().name, name("Rob"));
        }
    });
}
