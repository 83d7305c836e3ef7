//! A front door that is not MSNP. It signs in, is seen, chats with a client of MSNP2 and leaves, with
//! the guards of `principal/` alone.

use crate::support::{World, invitation, settle};
use actors::Node;
use actors::inbox::Inbox;
use actors::message::{Delivery, Notice};
use actors::port::store::AccountId;
use actors::principal::{Admission, Seat, SignedIn};
use actors::rules::PresenceUpdate;
use futures::StreamExt;
use msnp::{Event, Handle, State};
use std::rc::Rc;

/// A user of the front door.
struct Visitor {
    node: Rc<Node>,
    signed_in: SignedIn,
    notices: Inbox<Notice>,
}

/// A visitor in a conversation.
struct Chat {
    seat: Seat,
    deliveries: Inbox<Delivery>,
}

impl Visitor {
    async fn new(node: Rc<Node>, handle: &Handle) -> Visitor {
        let account_ref = node.directory.find_ref(handle).unwrap();
        let id = node.connections.id_without_connection();
        let signed_in = SignedIn::new(node.clone(), account_ref, id);
        let notices = Inbox::new(100);
        let roster = signed_in.register(None, notices.handle()).await.unwrap();
        let presence = SignedIn::published_presence(State::Online, &roster);
        signed_in.publish(presence, Vec::new()).await;
        Visitor { node, signed_in, notices }
    }

    /// Waits for a call, and accepts it.
    async fn answer(&mut self) -> (AccountId, Chat) {
        loop {
            let notice = self.notices.next().await.unwrap();
            let Notice::Ring { caller, session, cookie, .. } = notice else { continue };
            let account_ref = Some(self.signed_in.account_ref());
            let admission = Admission { cookie, account_ref, join: Some(session) };
            return (caller, self.take(admission).await);
        }
    }

    /// Starts a conversation.
    async fn start(&self) -> Chat {
        let cookie = self.signed_in.request_conversation(None).await.unwrap();
        let account_ref = Some(self.signed_in.account_ref());
        self.take(Admission { cookie, account_ref, join: None }).await
    }

    async fn take(&self, admission: Admission) -> Chat {
        let deliveries = Inbox::new(100);
        let seat = Seat::take(self.node.clone(), admission, deliveries.handle(), |_| {});
        let (seat, _) = seat.await.unwrap();
        Chat { seat, deliveries }
    }
}

/// The text of the next message.
async fn next_text(chat: &mut Chat) -> String {
    match chat.deliveries.next().await.unwrap() {
        Delivery::Said(said) => {
            let text = said.payloads().next().unwrap();
            format!("{}: {}", said.sender().unwrap().name, String::from_utf8_lossy(text))
        }
        other => panic!("a message is expected, not {other:?}"),
    }
}

#[test]
fn a_front_door_that_is_not_msnp_signs_in_chats_and_leaves() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            let handle = crate::support::handle("bob");
            let mut bob = Visitor::new(world.node.clone(), &handle).await;
            alice.expect("NLN NLN bob@example.com Bob%20B.").await;
            // The visitor sees the contact change.
            alice.send("CHG 10 BSY").await;
            alice.expect("CHG 10 BSY").await;
            let who = world.account("alice");
            let update = PresenceUpdate::Online(State::Busy.into());
            assert_eq!(bob.notices.next().await, Some(Notice::Presence { who, update }));
            // The client calls the visitor.
            let mut talk = world.conversation("alice", &mut alice).await;
            talk.send("CAL 2 bob@example.com").await;
            let (caller, mut chat) = bob.answer().await;
            assert_eq!(caller, who);
            assert!(matches!(talk.next_event().await, Event::Cal(_)));
            talk.expect("JOI bob@example.com Bob%20B.").await;
            talk.send_message(3, "A", b"hello").await;
            talk.expect("ACK 3").await;
            assert_eq!(next_text(&mut chat).await, "Alice: hello");
            assert_eq!(chat.seat.say_payload(b"hi"), Ok(true));
            talk.expect_message("bob@example.com Bob%20B.", b"hi").await;
            drop(chat);
            talk.expect("BYE bob@example.com").await;
            // The visitor calls the client.
            let mut chat = bob.start().await;
            let called = chat.seat.call(crate::support::handle("alice")).await.unwrap();
            let ring = invitation(alice.next_event().await);
            assert_eq!(ring.session, called);
            let mut talk = world.switchboard();
            talk.send(&crate::conversation::answer("alice", &ring)).await;
            talk.expect("IRO 1 1 1 bob@example.com Bob%20B.").await;
            talk.expect("ANS 1 OK").await;
            assert!(matches!(chat.deliveries.next().await, Some(Delivery::Joined(_))));
            talk.send_message(3, "N", b"again").await;
            assert_eq!(next_text(&mut chat).await, "Alice: again");
            drop((chat, bob));
            settle().await;
            alice.expect("FLN bob@example.com").await;
        },
    );
}
