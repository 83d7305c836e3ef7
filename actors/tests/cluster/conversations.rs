//! A conversation is on its caller's node. Cookies are issued and redeemed there.

use super::friends;
use crate::support::{Invitation, Probe, World, crossed, invitation, settle};
use actors::message::{CookiesState, Observe};
use actors::notification::Session;
use actors::participant::Participant;
use actors::{Advertised, Settings};
use msnp::Event;

/// Alice on the first node, and Bob on the second.
struct Friends {
    first: World,
    second: World,
    alice: Probe<Session>,
    bob: Probe<Session>,
    /// Alice's place in a conversation.
    talk: Probe<Participant>,
}

impl Friends {
    async fn new(first: World, second: World) -> Friends {
        let mut alice = first.online("alice").await;
        let bob = second.online("bob").await;
        alice.expect("NLN NLN bob@example.com Bob%20B.").await;
        let talk = first.conversation("alice", &mut alice).await;
        Friends { first, second, alice, bob, talk }
    }

    /// Alice calls Bob. Returns the invitation that Bob gets.
    async fn ring(&mut self) -> Invitation {
        self.talk.send("CAL 2 bob@example.com").await;
        let ring = invitation(self.bob.next_event().await);
        let ringing = self.talk.next_event().await;
        assert!(matches!(ringing, Event::Cal(_)), "{ringing:?}");
        ring
    }

    /// Bob joins the conversation.
    async fn join(&mut self) -> Probe<Participant> {
        let Invitation { session, endpoint, cookie } = self.ring().await;
        assert_eq!(endpoint.0.to_string(), "192.0.2.1:1865", "the caller's node");
        let mut talk = self.first.switchboard();
        talk.send(&format!("ANS 1 bob@example.com {} {session}", cookie.as_str())).await;
        talk.expect("IRO 1 1 1 alice@example.com Alice").await;
        talk.expect("ANS 1 OK").await;
        self.talk.expect("JOI bob@example.com Bob%20B.").await;
        talk
    }
}

/// Returns the number of unused cookies of a node.
async fn cookies(world: &World) -> usize {
    let state: CookiesState = world.node.cookies.send(Observe::default()).await.unwrap();
    state.unused
}

#[test]
fn an_invitation_ends_with_the_session_on_the_other_node() {
    World::run_two(friends, |[first, second], _| async move {
        let mut friends = Friends::new(first, second).await;
        let Invitation { session, cookie, .. } = friends.ring().await;
        let Friends { first, mut alice, bob, talk: _talk, .. } = friends;
        assert_eq!(cookies(&first).await, 1);
        bob.hang_up();
        settle().await;
        alice.expect("FLN bob@example.com").await;
        assert_eq!(cookies(&first).await, 0);
        assert!(crossed().contains(&"end of a session"));
        let mut talk = first.switchboard();
        talk.send(&format!("ANS 1 bob@example.com {} {session}", cookie.as_str())).await;
        talk.expect("911 1").await;
    });
}

#[test]
fn a_lost_connection_leaves_the_conversations_on_the_other_node_open() {
    World::run_two(friends, |[first, second], _| async move {
        let mut friends = Friends::new(first, second).await;
        let mut talk = friends.join().await;
        let Friends { bob, talk: mut alices, .. } = friends;
        bob.hang_up();
        settle().await;
        talk.expect_nothing().await;
        alices.expect_nothing().await;
    });
}

#[test]
fn signing_off_leaves_the_conversations_on_the_other_node() {
    World::run_two(friends, |[first, second], _| async move {
        let mut friends = Friends::new(first, second).await;
        let mut talk = friends.join().await;
        friends.bob.send("OUT").await;
        settle().await;
        talk.expect_end().await;
        friends.talk.expect("BYE bob@example.com").await;
    });
}

#[test]
fn a_sign_in_elsewhere_ends_the_conversations_on_each_node() {
    World::run_two(friends, |[first, second], _| async move {
        let mut friends = Friends::new(first, second).await;
        let mut talk = friends.join().await;
        // Alice's node, where the conversation is, becomes Bob's.
        let _bob = friends.first.online("bob").await;
        friends.bob.expect("OUT OTH").await;
        talk.expect_end().await;
        friends.talk.expect("BYE bob@example.com").await;
        // Alice moves to the node where the conversation is not.
        let _alice = friends.second.online("alice").await;
        friends.alice.receive_all().await;
        friends.talk.expect_end().await;
    });
}

#[test]
fn without_an_advertised_address_users_of_other_nodes_cannot_be_invited() {
    World::run_two(friends, |[first, second], _| async move {
        let settings = (*first.node.settings()).clone();
        let switchboard = Some(Advertised::Here(1865));
        first.node.change_settings(Settings { switchboard, ..settings });
        let mut friends = Friends::new(first, second).await;
        friends.talk.send("CAL 2 bob@example.com").await;
        friends.talk.expect("217 2").await;
        friends.bob.expect_nothing().await;
        assert_eq!(cookies(&friends.first).await, 0);
    });
}
