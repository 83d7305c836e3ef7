//! The switchboard, with members that have no connection.

use crate::support::{Plan, Recorder, World, handle, name, settle};
use actix::{Actor, Addr};
use actors::connection::ConnectionId;
use actors::frames::{Frame, FrameBuilder, Prefix};
use actors::message::{
    Call, Delivery, Join, JoinError, Joined, Leave, MemberId, Notice, Observe, Publish, Receipt,
    Receipts, Relay, SignIn, SwitchboardState,
};
use actors::port::store::{AccountId, Principal};
use actors::rules::{NameChange, Presence};
use actors::switchboard::Switchboard;
use msnp::{Dialect, ErrorCode, State, TrId};
use std::sync::Arc;

/// A conversation.
struct Talk {
    switchboard: Addr<Switchboard>,
}

/// A member of it.
struct Member {
    id: MemberId,
    recorder: Recorder<Delivery>,
    roster: Vec<String>,
}

impl Talk {
    fn new(world: &World) -> Talk {
        Talk { switchboard: Switchboard::new(world.node.clone()).start() }
    }

    async fn join(&self, number: u32, recorder: Recorder<Delivery>) -> Result<Member, JoinError> {
        let local = format!("member{number}");
        let principal = Arc::new(Principal { handle: handle(&local), name: name(&local) });
        let join = Join { account: AccountId(number), principal, deliveries: recorder.recipient() };
        let Joined { member: id, roster, .. } = self.switchboard.send(join).await.unwrap()?;
        let roster = roster.iter().map(|other| other.handle.local().to_owned()).collect();
        Ok(Member { id, recorder, roster })
    }

    async fn joins(&self, number: u32) -> Member {
        self.join(number, Recorder::new()).await.unwrap()
    }

    async fn relays(&self, member: MemberId, text: &[u8], receipts: &[(u32, bool)]) -> Frame {
        let mut draft = FrameBuilder::default();
        let sender = Principal { handle: handle("sender"), name: name("Sender") };
        draft.message(&Prefix::of(&sender), text).unwrap();
        let frame = draft.finish();
        let receipts = receipts
            .iter()
            .map(|(trid, success)| Receipt { trid: TrId::new(*trid), success: *success });
        let receipts: Receipts = receipts.collect();
        let relay = Relay { member, frame: frame.clone(), receipts };
        self.switchboard.send(relay).await.unwrap();
        frame
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
        Delivery::Messages(frame) => {
            let text = String::from_utf8_lossy(frame.as_bytes()).into_owned();
            format!("says {}", text.rsplit("\r\n").next().unwrap())
        }
        Delivery::Joined(who) => format!("{} joined", who.handle.local()),
        Delivery::Left(who) => format!("{} left", who.handle.local()),
        Delivery::Receipts { delivered, receipts } => {
            let trids: Vec<u32> = receipts.iter().map(|receipt| receipt.trid.value()).collect();
            format!("{} {trids:?}", if *delivered { "delivered" } else { "lost" })
        }
        Delivery::Inactive(all) => format!("idle, {} of us", all.len()),
        Delivery::Overrun => "overrun".into(),
    };
    member.recorder.received().await.iter().map(words).collect()
}

/// A user is online and records their calls.
async fn online(world: &World, local: &str, recorder: &Recorder<Notice>) {
    let account = world.account(local);
    let (session, dialect) = (ConnectionId(account.0.into()), Dialect::Msnp2);
    let sign_in = SignIn { account, session, dialect, recipient: recorder.recipient() };
    world.node.registry.send(sign_in).await.unwrap();
    let presence = Presence { state: State::Online, ..Presence::offline() };
    let (name, look_up) = (NameChange::Unchanged, Vec::new());
    let news = Publish { account, session, presence, name, look_up };
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
            talk.switchboard.send(Leave(second.id)).await.unwrap();
        }
        assert_eq!(deliveries_of(&first).await, ["member102 left"]);
        assert_eq!(deliveries_of(&second).await, [""; 0]);
        let state = talk.state().await;
        assert!(state.session.value() >= 10_000_000);
        let expected = [(first.id, handle("member101")), (third.id, handle("member103"))];
        assert_eq!(state.members, expected);
        assert_ne!(talk.joins(102).await.id, second.id);
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
        let frame = talk.relays(third.id, b"hello", &[]).await;
        for member in [&first, &second] {
            let deliveries = member.recorder.received().await;
            let [Delivery::Messages(shared)] = deliveries.as_slice() else {
                panic!("{deliveries:?}");
            };
            assert_eq!(shared.as_bytes().as_ptr(), frame.as_bytes().as_ptr());
        }
        assert_eq!(deliveries_of(&third).await, [""; 0]);
    });
}

#[test]
fn receipts_are_sent_to_senders_who_requested_them() {
    World::run(|world| async move {
        let talk = Talk::new(&world);
        let first = talk.joins(101).await;
        // Without other members, nothing is delivered.
        talk.relays(first.id, b"1", &[(1, true), (2, false)]).await;
        assert_eq!(deliveries_of(&first).await, ["lost [1, 2]"]);
        let second = talk.joins(102).await;
        talk.relays(first.id, b"2", &[(3, true), (4, false), (5, true)]).await;
        talk.relays(first.id, b"3", &[(6, false)]).await;
        talk.relays(first.id, b"4", &[]).await;
        assert_eq!(deliveries_of(&first).await, ["member102 joined", "delivered [3, 5]"]);
        assert_eq!(deliveries_of(&second).await, ["says 2", "says 3", "says 4"]);
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
        talk.relays(first.id, b"1", &[(1, true), (2, false)]).await;
        assert_eq!(deliveries_of(&first).await, ["member102 left", "lost [1, 2]"]);
        assert_eq!(deliveries_of(&third).await, ["says 1", "member102 left"]);
        talk.relays(first.id, b"2", &[(3, true)]).await;
        assert_eq!(deliveries_of(&first).await, ["delivered [3]"]);
    });
}

#[test]
fn a_member_with_a_full_mailbox_is_closed_and_the_others_continue() {
    World::run(|world| async move {
        const ROOM: u32 = 3;
        let talk = Talk::new(&world);
        let first = talk.joins(101).await;
        let stalled = talk.join(102, Recorder::stalled(3)).await.unwrap();
        let third = talk.joins(103).await;
        settle().await;
        // The notice that the third member joined took a slot in the mailbox.
        for number in 1..ROOM {
            talk.relays(first.id, b"1", &[(number, true)]).await;
        }
        let expected = ["member102 joined", "member103 joined", "delivered [1]", "delivered [2]"];
        assert_eq!(deliveries_of(&first).await, expected);
        talk.relays(first.id, b"2", &[(9, true)]).await;
        assert_eq!(deliveries_of(&first).await, ["member102 left", "lost [9]"]);
        let expected = ["says 1", "says 1", "says 2", "member102 left"];
        assert_eq!(deliveries_of(&third).await, expected);
        assert_eq!(talk.state().await.members.len(), 2);
        drop(stalled);
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
        for number in 102..=129 {
            let account = world.account(&format!("member{number}"));
            talk.join(account.0, Recorder::new()).await.unwrap();
        }
        // One slot is left. It belongs to the user who is ringing.
        assert_eq!(talk.calls(first.id, "alice").await, Ok(()));
        assert_eq!(recorders[0].received().await.len(), 1);
        assert_eq!(talk.calls(first.id, "bob").await, Err(ErrorCode::SwitchboardFailed));
        let last = talk.join(world.account("alice").0, Recorder::new()).await.unwrap();
        assert_eq!(last.roster.len(), 29);
        assert_eq!(talk.calls(first.id, "bob").await, Err(ErrorCode::SwitchboardFailed));
        let full = talk.join(world.account("bob").0, Recorder::new()).await.err();
        assert_eq!(full, Some(JoinError::Full));
        talk.switchboard.send(Leave(last.id)).await.unwrap();
        assert_eq!(talk.calls(first.id, "bob").await, Ok(()));
        assert_eq!(recorders[1].received().await.len(), 1);
    });
}

#[test]
fn only_members_can_call() {
    World::run(|world| async move {
        let talk = Talk::new(&world);
        let first = talk.joins(101).await;
        talk.switchboard.send(Leave(first.id)).await.unwrap();
        let recorder = Recorder::new();
        online(&world, "alice", &recorder).await;
        assert_eq!(talk.calls(first.id, "alice").await, Err(ErrorCode::SwitchboardFailed));
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
            assert_eq!(talk.calls(first.id, "alice").await, Err(ErrorCode::NotOnline));
            assert_eq!(talk.state().await.ringing, 0);
        }
    });
}
