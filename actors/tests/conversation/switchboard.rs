//! The switchboard, with members that have no connection.

use super::ANSWERED;
use crate::support::{Plan, Recorder, World, client, handle, name, pass, settle};
use actix::{Actor, Addr, Context, Handler, Message};
use actors::Node;
use actors::connection::ConnectionId;
use actors::message::{
    Call, Delivery, Issue, Leave, MemberId, Notice, Observe, Publish, Purpose, SignIn,
    SwitchboardState, Ticket,
};
use actors::port::store::{AccountId, Principal};
use actors::principal::{Seat, SeatError};
use actors::rules::PublishedPresence;
use actors::said::{Said, SaidBuilder};
use actors::switchboard::Switchboard;
use msnp::{Dialect, ErrorCode, State};
use std::rc::Rc;
use std::sync::Arc;

/// A conversation.
struct Talk {
    node: Rc<Node>,
    switchboard: Addr<Switchboard>,
}

/// A member of it.
struct Member {
    seat: Seat,
    recorder: Recorder<Delivery>,
    roster: Vec<String>,
}

impl Member {
    fn id(&self) -> MemberId {
        self.seat.member()
    }

    /// Sends a message to the others. Returns it, and whether it was delivered.
    fn says(&self, text: &[u8]) -> (Said, bool) {
        let mut draft = SaidBuilder::new(self.seat.speaker());
        draft.push(self.seat.speaker(), text).unwrap();
        let said = draft.finish();
        let is_delivered = self.seat.say(said.clone());
        (said, is_delivered)
    }
}

impl Talk {
    fn new(world: &World) -> Talk {
        let switchboard = Switchboard::new(world.node.clone()).start();
        Talk { node: world.node.clone(), switchboard }
    }

    async fn join(&self, number: u32, recorder: Recorder<Delivery>) -> Result<Member, SeatError> {
        let local = format!("member{number}");
        let principal = Arc::new(Principal { handle: handle(&local), name: name(&local) });
        let (node, switchboard) = (self.node.clone(), self.switchboard.clone());
        let (account, inbox) = (AccountId(number), recorder.handle());
        let (seat, others) = Seat::join(node, switchboard, account, principal, inbox).await?;
        let roster = others.iter().map(|other| other.handle.local().to_owned()).collect();
        Ok(Member { seat, recorder, roster })
    }

    async fn joins(&self, number: u32) -> Member {
        self.join(number, Recorder::new()).await.unwrap()
    }

    async fn calls(&self, member: MemberId, callee: &str) -> Result<(), ErrorCode> {
        let call = Call { member, callee: handle(callee) };
        self.switchboard.send(call).await.unwrap().map(|_| ())
    }

    async fn state(&self) -> SwitchboardState {
        self.switchboard.send(Observe::default()).await.unwrap()
    }
}

/// The deliveries since the last call, as text.
async fn deliveries_of(member: &Member) -> Vec<String> {
    let words = |delivery: &Delivery| match delivery {
        Delivery::Said(said) => {
            let texts: Vec<_> = said.payloads().map(String::from_utf8_lossy).collect();
            format!("{} says {}", said.sender().unwrap().handle.local(), texts.join(", "))
        }
        Delivery::Joined(who) => format!("{} joined", who.handle.local()),
        Delivery::Left(who) => format!("{} left", who.handle.local()),
        Delivery::Inactive(all) => format!("idle, {} of us", all.len()),
        Delivery::Failed => "failed".into(),
    };
    member.recorder.received().await.iter().map(words).collect()
}

/// Makes a switchboard panic.
struct Panic;

impl Message for Panic {
    type Result = ();
}

impl Handler<Panic> for Switchboard {
    type Result = ();

    fn handle(&mut self, _: Panic, _: &mut Context<Switchboard>) {
        panic!("a test of panics");
    }
}

#[test]
fn the_participants_of_a_switchboard_that_panics_leave() {
    World::run(|world| async move {
        let talk = Talk::new(&world);
        let (first, second) = (talk.joins(101).await, talk.joins(102).await);
        let conversation = talk.state().await.session;
        let account = world.account("alice");
        let switchboard = talk.switchboard.clone();
        let purpose = Purpose::Join { conversation, switchboard, caller: account };
        let session = world.node.session_ref(ConnectionId(1));
        let ticket = Ticket { account, session, dialect: None, purpose };
        let cookie = world.node.cookies.send(Issue(ticket)).await.unwrap().unwrap();
        let mut third = world.switchboard();
        third.send(&format!("ANS 1 alice@example.com {} {conversation}", cookie.as_str())).await;
        third.expect("IRO 1 1 2 member101@example.com member101").await;
        third.expect("IRO 1 2 2 member102@example.com member102").await;
        third.expect("ANS 1 OK").await;
        pass(ANSWERED).await;
        assert_eq!(deliveries_of(&first).await, ["member102 joined", "alice joined"]);

        talk.switchboard.try_send(Panic).unwrap();
        assert_eq!(deliveries_of(&first).await, ["failed"]);
        assert_eq!(deliveries_of(&second).await, ["alice joined", "failed"]);
        assert!(!first.says(b"hello").1);
        assert!(deliveries_of(&second).await.is_empty());
        third.expect("OUT").await;
        third.expect_end().await;
        assert_eq!(world.node.conversations.get(), 0);
    });
}

/// A user is online and records their calls.
async fn online(world: &World, local: &str, recorder: &Recorder<Notice>) {
    let account = world.account(local);
    let (session, client) = (ConnectionId(account.0.into()), client(Dialect::Msnp2));
    let sign_in = SignIn { account, session, client, inbox: recorder.handle() };
    world.node.registry.send(sign_in).await.unwrap().unwrap();
    let presence =
        PublishedPresence { presence: State::Online.into(), ..PublishedPresence::offline() };
    let news = Publish { account, session, presence, look_up: Vec::new() };
    world.node.registry.send(news).await.unwrap();
}

#[test]
fn joining_and_leaving_notifies_the_others() {
    World::run(|world| async move {
        let talk = Talk::new(&world);
        let first = talk.joins(101).await;
        let second = talk.joins(102).await;
        let third = talk.joins(103).await;
        assert!(first.roster.is_empty());
        assert_eq!(second.roster, ["member101"]);
        assert_eq!(third.roster, ["member101", "member102"]);
        assert_eq!(deliveries_of(&first).await, ["member102 joined", "member103 joined"]);
        assert_eq!(deliveries_of(&second).await, ["member103 joined"]);
        assert_eq!(deliveries_of(&third).await, [""; 0]);
        for _ in 0..2 {
            talk.switchboard.send(Leave(second.id())).await.unwrap();
        }
        assert_eq!(deliveries_of(&first).await, ["member102 left"]);
        assert_eq!(deliveries_of(&second).await, [""; 0]);
        let state = talk.state().await;
        assert!(state.session.value() >= 10_000_000);
        let expected = [(first.id(), handle("member101")), (third.id(), handle("member103"))];
        assert_eq!(state.members, expected);
        assert_ne!(talk.joins(102).await.id(), second.id());
    });
}

#[test]
fn a_message_is_encoded_once_for_all() {
    World::run(|world| async move {
        let talk = Talk::new(&world);
        let [first, second, third] =
            [talk.joins(101).await, talk.joins(102).await, talk.joins(103).await];
        settle().await;
        for member in [&first, &second] {
            member.recorder.received().await;
        }
        let (said, _) = third.says(b"hello");
        for member in [&first, &second] {
            let deliveries = member.recorder.received().await;
            let [Delivery::Said(shared)] = deliveries.as_slice() else {
                panic!("{deliveries:?}");
            };
            assert_eq!(shared.encoded().as_ptr(), said.encoded().as_ptr());
            assert_eq!(shared.encoded(), b"MSG member103@example.com member103 5\r\nhello");
        }
        assert_eq!(deliveries_of(&third).await, [""; 0]);
    });
}

#[test]
fn a_sender_learns_whether_all_others_got_a_message() {
    World::run(|world| async move {
        let talk = Talk::new(&world);
        let first = talk.joins(101).await;
        // Without other members, nothing is delivered.
        assert!(!first.says(b"1").1);
        let second = talk.joins(102).await;
        assert!(first.says(b"2").1 && first.says(b"3").1);
        assert_eq!(deliveries_of(&first).await, ["member102 joined"]);
        assert_eq!(deliveries_of(&second).await, ["member101 says 2", "member101 says 3"]);
    });
}

#[test]
fn a_stopped_member_leaves_at_the_next_message() {
    World::run(|world| async move {
        let talk = Talk::new(&world);
        let [first, second, third] =
            [talk.joins(101).await, talk.joins(102).await, talk.joins(103).await];
        for member in [&first, &second] {
            deliveries_of(member).await;
        }
        second.recorder.stop().await;
        assert!(!first.says(b"1").1);
        assert_eq!(deliveries_of(&first).await, ["member102 left"]);
        assert_eq!(deliveries_of(&third).await, ["member101 says 1", "member102 left"]);
        assert!(first.says(b"2").1);
    });
}

#[test]
fn a_member_with_a_full_inbox_is_closed_and_the_others_continue() {
    World::run(|world| async move {
        const ROOM: usize = 3;
        let talk = Talk::new(&world);
        let first = talk.joins(101).await;
        let full = talk.join(102, Recorder::with_capacity(ROOM)).await.unwrap();
        let third = talk.joins(103).await;
        settle().await;
        // The notice that the third member joined took a slot in the inbox.
        for _ in 1..ROOM {
            assert!(first.says(b"1").1);
        }
        let expected = ["member102 joined", "member103 joined"];
        assert_eq!(deliveries_of(&first).await, expected);
        assert!(!first.says(b"2").1);
        assert_eq!(deliveries_of(&first).await, ["member102 left"]);
        let expected =
            ["member101 says 1", "member101 says 1", "member101 says 2", "member102 left"];
        assert_eq!(deliveries_of(&third).await, expected);
        assert_eq!(talk.state().await.members.len(), 2);
        assert_eq!(deliveries_of(&full).await, [""; 0], "it gets nothing more");
    });
}

#[test]
fn thirty_members_speak_at_once_and_each_receives_the_others_in_order() {
    World::run(|world| async move {
        let talk = Talk::new(&world);
        let mut members = Vec::new();
        for number in 101..=130 {
            members.push(talk.joins(number).await);
        }
        for member in &members {
            deliveries_of(member).await;
        }
        for text in [b"1", b"2"] {
            for member in &members {
                assert!(member.says(text).1);
            }
        }
        for member in &members {
            let others = || members.iter().filter(|other| other.id() != member.id());
            let names = others().map(|other| other.seat.speaker().principal().handle.local());
            let names: Vec<&str> = names.collect();
            let said = |text| names.iter().map(move |name| format!("{name} says {text}"));
            let expected: Vec<String> = said(1).chain(said(2)).collect();
            assert_eq!(deliveries_of(member).await, expected);
        }
    });
}

#[test]
fn a_member_who_leaves_during_a_burst_receives_nothing_after_it() {
    World::run(|world| async move {
        let talk = Talk::new(&world);
        let [first, second, third] =
            [talk.joins(101).await, talk.joins(102).await, talk.joins(103).await];
        for member in [&first, &second, &third] {
            deliveries_of(member).await;
        }
        assert!(first.says(b"1").1 && second.says(b"2").1);
        // The messages before the end arrive before it, and none after it.
        let Member { seat, recorder, .. } = second;
        drop(seat);
        settle().await;
        assert!(first.says(b"3").1);
        assert_eq!(deliveries_of(&first).await, ["member102 says 2", "member102 left"]);
        let expected =
            ["member101 says 1", "member102 says 2", "member102 left", "member101 says 3"];
        assert_eq!(deliveries_of(&third).await, expected);
        let received = recorder.received().await;
        assert!(matches!(received.as_slice(), [Delivery::Said(_)]), "{received:?}");
    });
}

#[test]
fn a_conversation_has_at_most_thirty_members() {
    let plan = |plan: &mut Plan| {
        for number in 101..=130 {
            plan.add_account(&format!("member{number}"), "Member");
        }
    };
    World::run_with(plan, |world| async move {
        let talk = Talk::new(&world);
        let first = talk.join(world.account("member101").0, Recorder::new()).await.unwrap();
        let recorders = [Recorder::<Notice>::new(), Recorder::new()];
        online(&world, "alice", &recorders[0]).await;
        online(&world, "bob", &recorders[1]).await;
        let mut members = Vec::new();
        for number in 102..=129 {
            let account = world.account(&format!("member{number}"));
            members.push(talk.join(account.0, Recorder::new()).await.unwrap());
        }
        // One slot is left. It belongs to the user who is ringing.
        assert_eq!(talk.calls(first.id(), "alice").await, Ok(()));
        assert_eq!(recorders[0].received().await.len(), 1);
        assert_eq!(talk.calls(first.id(), "bob").await, Err(ErrorCode::SwitchboardFailed));
        let last = talk.join(world.account("alice").0, Recorder::new()).await.unwrap();
        assert_eq!(last.roster.len(), 29);
        assert_eq!(talk.calls(first.id(), "bob").await, Err(ErrorCode::SwitchboardFailed));
        let full = talk.join(world.account("bob").0, Recorder::new()).await.err();
        assert_eq!(full, Some(SeatError::Full));
        talk.switchboard.send(Leave(last.id())).await.unwrap();
        assert_eq!(talk.calls(first.id(), "bob").await, Ok(()));
        assert_eq!(recorders[1].received().await.len(), 1);
    });
}

#[test]
fn only_members_can_call() {
    World::run(|world| async move {
        let talk = Talk::new(&world);
        let first = talk.joins(101).await;
        talk.switchboard.send(Leave(first.id())).await.unwrap();
        let recorder = Recorder::new();
        online(&world, "alice", &recorder).await;
        assert_eq!(talk.calls(first.id(), "alice").await, Err(ErrorCode::SwitchboardFailed));
        assert_eq!(recorder.received().await, []);
        assert_eq!(talk.state().await.ringing, 0);
    });
}

#[test]
fn a_call_to_a_stopped_session_answers_217() {
    World::run(|world| async move {
        let talk = Talk::new(&world);
        let first = talk.joins(101).await;
        let recorder = Recorder::new();
        online(&world, "alice", &recorder).await;
        recorder.stop().await;
        for _ in 0..2 {
            assert_eq!(talk.calls(first.id(), "alice").await, Err(ErrorCode::NotOnline));
            assert_eq!(talk.state().await.ringing, 0);
        }
    });
}
