//! Notices during a long reply to a slow reader: the reader is not closed because of them, and in
//! the end has the true state.

use crate::support::{Plan, Probe, Received, World, handle, pass, seconds, settle};
use actors::limit::Limits;
use actors::message::{Observe, SessionState};
use actors::notification::{MAX_NOTICES, Session};
use msnp::command::{ListLine, LstEntry, LstReply};
use msnp::{Event, Handle, List, ListVersion, State};
use std::collections::BTreeMap;

/// How many contacts Alice has: the reply to her `SYN` is larger than an output buffer.
const CONTACTS: u32 = 300;

/// How many unread bytes a connection holds.
const NARROW: usize = 256;

/// A client's view, built only from what it was sent.
#[derive(Default)]
struct View {
    /// How many entries of the forward list it was sent.
    forward: u32,
    /// The reverse list.
    reverse: Vec<Handle>,
    version: Option<ListVersion>,
    /// The contacts who are visible.
    states: BTreeMap<String, State>,
    /// How many presence events it was sent.
    sent: u32,
}

impl View {
    fn apply(&mut self, event: Event<'static>) {
        match event {
            Event::Syn(syn) => self.version = Some(syn.version),
            Event::Lst(LstReply::List(ListLine {
                list,
                entry: Some(LstEntry { handle, .. }),
                ..
            })) => match list {
                List::Forward => self.forward += 1,
                List::Reverse => self.reverse.push(handle),
                List::Allow | List::Block => {}
            },
            Event::Add(add) => {
                assert_eq!(add.list, List::Reverse);
                self.advance_to(add.version);
                self.reverse.retain(|other| *other != add.handle);
                self.reverse.push(add.handle);
            }
            Event::Rem(rem) => {
                assert_eq!(rem.list, List::Reverse);
                self.advance_to(rem.version);
                self.reverse.retain(|other| *other != rem.handle);
            }
            Event::Iln(iln) => self.see(&iln.handle, Some(iln.state)),
            Event::Nln(nln) => self.see(&nln.handle, Some(nln.state)),
            Event::Fln(fln) => self.see(&fln.handle, None),
            _ => {}
        }
    }

    fn advance_to(&mut self, version: ListVersion) {
        assert!(
            self.version.is_none_or(|before| version.is_after(before)),
            "{version:?} after {:?}",
            self.version
        );
        self.version = Some(version);
    }

    fn see(&mut self, who: &Handle, state: Option<State>) {
        self.sent += 1;
        match state {
            Some(state) => self.states.insert(who.to_string(), state),
            None => self.states.remove(who.as_str()),
        };
    }

    /// Reads everything that has arrived, and checks that the connection is alive.
    async fn read_everything(&mut self, client: &mut Probe<Session>) {
        loop {
            match client.next().await {
                Received::Event(event) => self.apply(event),
                Received::Silence => break,
                Received::End => panic!("it was cut off"),
            }
        }
        client.send("PNG").await;
        loop {
            match client.next_event().await {
                Event::Qng(_) => return,
                // The profile was still due.
                profile => assert!(matches!(profile, Event::Msg(_)), "{profile:?}"),
            }
        }
    }
}

fn contact(number: u32) -> String {
    format!("contact{number:03}")
}

/// Alice has many contacts.
fn crowded(plan: &mut Plan) {
    plan.settings.list_entries = 600;
    plan.settings.limits =
        Limits { connections: 400, per_address: 400, buffers: 400, ..plan.settings.limits };
    for number in 0..CONTACTS {
        // The presence of a third of them does not fit into one buffer either.
        plan.add_account(&contact(number), &"Long friendly name ".repeat(8));
        plan.list("alice", List::Forward, &contact(number));
    }
}

async fn all_come_online(world: &World) -> Vec<Probe<Session>> {
    let mut contacts = Vec::new();
    for number in 0..CONTACTS {
        contacts.push(world.online(&contact(number)).await);
    }
    contacts
}

/// Of each three contacts one stays online, one is busy now, and one leaves.
async fn two_thirds_change(contacts: Vec<Probe<Session>>) -> Vec<Probe<Session>> {
    let mut there = Vec::new();
    for (number, mut contact) in contacts.into_iter().enumerate() {
        match number % 3 {
            0 => there.push(contact),
            1 => {
                contact.send("CHG 10 BSY").await;
                contact.expect("CHG 10 BSY").await;
                there.push(contact);
            }
            _ => contact.hang_up(),
        }
    }
    settle().await;
    there
}

/// The contacts' states after that.
fn changed() -> BTreeMap<String, State> {
    let state = |number| match number % 3 {
        0 => Some((handle(&contact(number)).to_string(), State::Online)),
        1 => Some((handle(&contact(number)).to_string(), State::Busy)),
        _ => None,
    };
    (0..CONTACTS).filter_map(state).collect()
}

/// Whether a reply waits because the client does not read.
async fn is_stuck(client: &Probe<Session>) -> bool {
    let state: SessionState = client.addr.send(Observe::default()).await.unwrap();
    state.busy
}

#[test]
fn contacts_that_sign_in_during_syn_are_seen_with_the_first_state() {
    World::run_with(crowded, |world| async move {
        let mut alice = world.narrow(NARROW);
        alice.sign_in("alice").await;
        alice.send("SYN 8 0").await;
        let _there = two_thirds_change(all_come_online(&world).await).await;
        assert!(is_stuck(&alice).await);
        let mut view = View::default();
        view.read_everything(&mut alice).await;
        assert_eq!((view.forward, view.sent), (CONTACTS, 0));
        alice.send("CHG 9 NLN").await;
        view.read_everything(&mut alice).await;
        assert_eq!(view.states, changed());
    });
}

#[test]
fn contacts_that_sign_in_during_a_later_syn_are_sent_once_each_after_it() {
    World::run_with(crowded, |world| async move {
        let mut alice = world.narrow(NARROW);
        alice.come_online("alice").await;
        alice.send("SYN 10 0").await;
        let _there = two_thirds_change(all_come_online(&world).await).await;
        assert!(is_stuck(&alice).await);
        let mut view = View::default();
        view.read_everything(&mut alice).await;
        assert_eq!((view.forward, view.sent), (CONTACTS, CONTACTS));
        assert_eq!(view.states, changed());
    });
}

#[test]
fn contacts_that_change_during_the_first_state_are_sent_once_each_after_it() {
    World::run_with(crowded, |world| async move {
        let contacts = all_come_online(&world).await;
        let mut alice = world.narrow(NARROW);
        alice.sign_in("alice").await;
        alice.send("CHG 9 NLN").await;
        settle().await;
        let _there = two_thirds_change(contacts).await;
        assert!(is_stuck(&alice).await);
        let mut view = View::default();
        view.read_everything(&mut alice).await;
        assert_eq!(view.sent, CONTACTS + CONTACTS / 3 * 2);
        assert_eq!(view.states, changed());
    });
}

/// Dave has Alice on his forward list or not, and changes that this many times while the reply to
/// her `SYN` is being sent.
fn a_stranger_adds_and_removes(mut listed: bool, times: u32, online: bool) {
    let plan = |plan: &mut Plan| {
        crowded(plan);
        plan.list("bob", List::Forward, "alice");
        if listed {
            plan.list("dave", List::Forward, "alice");
        }
    };
    World::run_with(plan, |world| async move {
        let mut alice = world.narrow(NARROW);
        if online {
            alice.come_online("alice").await;
        } else {
            alice.sign_in("alice").await;
        }
        alice.send("SYN 8 0").await;
        settle().await;
        let mut dave = world.online("dave").await;
        let before = world.version("alice");
        for trid in 0..times {
            listed = !listed;
            let word = if listed { "ADD" } else { "REM" };
            dave.send(&format!("{word} {trid} FL alice@example.com")).await;
            match dave.next_event().await {
                Event::Add(_) if listed && online => {
                    assert!(matches!(dave.next_event().await, Event::Iln(_)));
                }
                Event::Add(_) if listed => {}
                Event::Rem(_) if !listed => {}
                other => panic!("{other:?}"),
            }
        }
        // Four are sent at once, and the rest as one at the end of the minute, unless they cancel
        // out.
        pass(seconds(60)).await;
        assert!(is_stuck(&alice).await);
        let mut view = View::default();
        view.read_everything(&mut alice).await;
        let reverse =
            if listed { vec![handle("bob"), handle("dave")] } else { vec![handle("bob")] };
        assert_eq!((view.forward, view.reverse), (CONTACTS, reverse));
        let version = view.version.map(ListVersion::value);
        let sent = if times.is_multiple_of(2) { before + 4 } else { world.version("alice") };
        assert_eq!(version, Some(sent));
    });
}

#[test]
fn a_stranger_who_adds_and_removes_repeatedly_cannot_close_a_session() {
    let many = u32::try_from(MAX_NOTICES).unwrap() + 100;
    for (listed, times, online) in
        [(false, many, true), (true, many, false), (false, many + 1, false), (true, many + 1, true)]
    {
        a_stranger_adds_and_removes(listed, times, online);
    }
}
