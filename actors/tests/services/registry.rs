//! The registry: signed-in users, who sees whom, and notices.

use crate::support::{Recorder, World, client, handle, milliseconds, name, pass, seconds, settle};
use actors::Node;
use actors::connection::ConnectionId;
use actors::inbox::Inbox;
use actors::message::{
    Listed, Locate, Located, NoteDialect, Notice, PhoneChanged, Publish, Renamed, Ring, SessionEnd,
    SignIn, SignOff, Watchers,
};
use actors::port::fabric::SessionRef;
use actors::port::store::AccountId;
use actors::principal::SignedIn;
use actors::rules::{Presence, PresenceUpdate, PublishedPresence, Shown};
use msnp::{Cookie, Dialect, ListVersion, PhoneKind, PhoneNumber, Privacy, SessionId, State};
use std::rc::Rc;
use std::sync::Arc;

const ALICE: AccountId = AccountId(1);
const BOB: AccountId = AccountId(2);
const CAROL: AccountId = AccountId(3);

/// A user whose session is a recorder. The connection has the number of the account.
struct Signed {
    node: Rc<Node>,
    account: AccountId,
    session: ConnectionId,
    recorder: Recorder<Notice>,
}

impl Signed {
    /// Signs in, with these watchers.
    async fn new(world: &World, account: AccountId, watchers: &[AccountId]) -> Signed {
        Signed::on(world, account, ConnectionId(account.0.into()), watchers, Recorder::new()).await
    }

    async fn on(
        world: &World,
        account: AccountId,
        session: ConnectionId,
        watchers: &[AccountId],
        recorder: Recorder<Notice>,
    ) -> Signed {
        let node = world.node.clone();
        let (client, inbox) = (client(Dialect::Msnp2), recorder.handle());
        let sign_in = SignIn { account, session, client, inbox };
        node.registry.send(sign_in).await.unwrap().unwrap();
        let watchers = Watchers { account, session, watchers: watchers.to_vec() };
        node.registry.send(watchers).await.unwrap();
        Signed { node, account, session, recorder }
    }

    async fn publish(&self, presence: PublishedPresence) {
        self.look(presence, &[]).await;
    }

    async fn rename(&self) {
        let renamed = Renamed { account: self.account, name: name("Al") };
        self.node.registry.send(renamed).await.unwrap();
    }

    fn session_ref(&self) -> SessionRef {
        self.node.session_ref(self.session)
    }

    async fn look(&self, presence: PublishedPresence, at: &[AccountId]) -> Vec<(AccountId, State)> {
        let (account, session, look_up) = (self.account, self.session, at.to_vec());
        let news = Publish { account, session, presence, look_up };
        let seen = self.node.registry.send(news).await.unwrap();
        seen.into_iter().map(|(who, presence)| (who, presence.state)).collect()
    }

    async fn set_state(&self, state: State) {
        self.publish(open(state)).await;
    }

    async fn sign_off(&self) {
        let (account, session, end) = (self.account, self.session, SessionEnd::Lost);
        let sign_off = SignOff { account, session, end };
        self.node.registry.send(sign_off).await.unwrap();
    }

    async fn list(&self, contact: AccountId, added: bool) -> Option<State> {
        let (owner, may_be_move) = (self.account, false);
        let listed = Listed { owner, contact, version: version(), added, may_be_move };
        self.node.registry.send(listed).await.unwrap().map(|presence| presence.state)
    }

    async fn locate(&self, callee: AccountId) -> Option<Located> {
        let locate = Locate { callee, caller: self.account, switchboard: None };
        self.node.registry.send(locate).await.unwrap()
    }

    async fn ring(&self, callee: AccountId, session: SessionRef) -> bool {
        let (caller, conversation, cookie) = (self.account, conversation(), cookie());
        let switchboard = self.node.settings().switchboard;
        let ring = Ring { callee, session, caller, conversation, cookie, switchboard };
        self.node.registry.send(ring).await.unwrap()
    }
}

fn version() -> ListVersion {
    ListVersion::new(7).unwrap()
}

fn conversation() -> SessionId {
    SessionId::new(SessionId::MIN).unwrap()
}

fn cookie() -> Cookie {
    Cookie::from_entropy(1)
}

fn open(state: State) -> PublishedPresence {
    presence(state, Privacy::AllowOthers, &[])
}

fn presence(state: State, privacy: Privacy, exceptions: &[AccountId]) -> PublishedPresence {
    PublishedPresence { presence: state.into(), privacy, exceptions: exceptions.into() }
}

fn online(who: AccountId, state: State) -> Notice {
    Notice::Presence { who, update: PresenceUpdate::Online(state.into()) }
}

fn offline(who: AccountId) -> Notice {
    Notice::Presence { who, update: PresenceUpdate::Offline }
}

#[test]
fn watchers_are_notified_of_changes_only() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[BOB]).await;
        let bob = Signed::new(&world, BOB, &[]).await;
        let carol = Signed::new(&world, CAROL, &[]).await;
        assert_eq!(bob.recorder.received().await, []);
        alice.set_state(State::Online).await;
        assert_eq!(bob.recorder.received().await, [online(ALICE, State::Online)]);
        alice.set_state(State::Online).await;
        assert_eq!(bob.recorder.received().await, []);
        alice.publish(open(State::Busy)).await;
        alice.rename().await;
        let busy = || online(ALICE, State::Busy);
        assert_eq!(bob.recorder.received().await, [busy(), busy()]);
        alice.set_state(State::Hidden).await;
        assert_eq!(bob.recorder.received().await, [offline(ALICE)]);
        alice.rename().await;
        alice.sign_off().await;
        assert_eq!(bob.recorder.received().await, []);
        assert_eq!(
            (alice.recorder.received().await, carol.recorder.received().await),
            (vec![], vec![])
        );
    });
}

#[test]
fn watchers_are_notified_of_what_their_dialect_shows() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[BOB, CAROL]).await;
        let bob = Signed::new(&world, BOB, &[]).await;
        // A front door that is not MSNP shows everything.
        let carol = Recorder::new();
        let (session, inbox) = (ConnectionId(3), carol.handle());
        let sign_in = SignIn { account: CAROL, session, client: None, inbox };
        world.node.registry.send(sign_in).await.unwrap().unwrap();
        let showing = |state: State, message: &str| {
            let personal_message = Some(message.as_bytes().into());
            let shown = Some(Arc::new(Shown { personal_message, ..Shown::default() }));
            Presence { shown, ..state.into() }
        };
        let publish = |presence| PublishedPresence { presence, ..open(State::Online) };
        let update =
            |presence| Notice::Presence { who: ALICE, update: PresenceUpdate::Online(presence) };
        for message in ["", "hello", "bye", "away", "back"] {
            alice.publish(publish(showing(State::Online, message))).await;
            assert_eq!(carol.received().await, [update(showing(State::Online, message))]);
        }
        assert_eq!(bob.recorder.received().await, [update(showing(State::Online, ""))]);
        // The same after a delay.
        alice.publish(publish(showing(State::Online, "hello"))).await;
        pass(seconds(1)).await;
        assert_eq!(carol.received().await, [update(showing(State::Online, "hello"))]);
        assert_eq!(bob.recorder.received().await, []);
        alice.publish(publish(showing(State::Busy, "hello"))).await;
        assert_eq!(bob.recorder.received().await, carol.received().await);
    });
}

#[test]
fn signing_off_notifies_once() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[BOB]).await;
        let bob = Signed::new(&world, BOB, &[]).await;
        alice.set_state(State::Online).await;
        alice.sign_off().await;
        alice.sign_off().await;
        alice.set_state(State::Online).await;
        let expected = [online(ALICE, State::Online), offline(ALICE)];
        assert_eq!(bob.recorder.received().await, expected);
        assert_eq!(world.registry().await.online.len(), 1);
    });
}

#[test]
fn privacy_limits_who_sees_presence() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[BOB, CAROL]).await;
        let bob = Signed::new(&world, BOB, &[]).await;
        let carol = Signed::new(&world, CAROL, &[]).await;
        let blocking = presence(State::Online, Privacy::AllowOthers, &[BOB]);
        alice.publish(blocking).await;
        assert_eq!(bob.recorder.received().await, []);
        assert_eq!(carol.recorder.received().await, [online(ALICE, State::Online)]);
        let allowing = presence(State::Online, Privacy::BlockOthers, &[BOB]);
        alice.publish(allowing).await;
        assert_eq!(bob.recorder.received().await, [online(ALICE, State::Online)]);
        assert_eq!(carol.recorder.received().await, [offline(ALICE)]);
        assert_eq!(carol.locate(ALICE).await, None);
        let session = alice.session_ref();
        assert_eq!(
            bob.locate(ALICE).await,
            Some(Located { session, dialect: Some(Dialect::Msnp2) })
        );
    });
}

#[test]
fn a_publish_returns_visible_contacts_in_the_requested_order() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[]).await;
        let bob = Signed::new(&world, BOB, &[]).await;
        let carol = Signed::new(&world, CAROL, &[]).await;
        bob.set_state(State::Away).await;
        carol.set_state(State::Online).await;
        let look = [CAROL, AccountId(99), BOB];
        let all = vec![(CAROL, State::Online), (BOB, State::Away)];
        assert_eq!(alice.look(open(State::Hidden), &look).await, all);
        carol.set_state(State::Hidden).await;
        let rest = vec![(BOB, State::Away)];
        assert_eq!(alice.look(open(State::Online), &look).await, rest);
    });
}

#[test]
fn adding_a_contact_notifies_them_and_returns_their_state() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[]).await;
        let bob = Signed::new(&world, BOB, &[]).await;
        bob.set_state(State::Busy).await;
        assert_eq!(alice.list(BOB, true).await, Some(State::Busy));
        let listed = |added| Notice::Listed { who: ALICE, version: version(), added };
        assert_eq!(bob.recorder.received().await, [listed(true)]);
        bob.set_state(State::Online).await;
        assert_eq!(alice.recorder.received().await, [online(BOB, State::Online)]);
        // A hidden user is notified too, and is not seen.
        bob.set_state(State::Hidden).await;
        assert_eq!(alice.list(BOB, true).await, None);
        assert_eq!(alice.recorder.received().await, [offline(BOB)]);
        assert_eq!(alice.list(BOB, false).await, None);
        bob.set_state(State::Online).await;
        assert_eq!(bob.recorder.received().await, [listed(true), listed(false)]);
        assert_eq!(alice.recorder.received().await, []);
        // A user who is not signed in cannot be notified, which is no error.
        assert_eq!(alice.list(CAROL, true).await, None);
    });
}

#[test]
fn a_contact_added_before_the_lists_were_read_stays_a_watcher() {
    World::run(|world| async move {
        let bob = Signed::new(&world, BOB, &[]).await;
        let carol = Signed::new(&world, CAROL, &[]).await;
        let alice = Signed::new(&world, ALICE, &[]).await;
        bob.list(ALICE, true).await;
        let (account, session) = (ALICE, alice.session);
        for watchers in [vec![CAROL], vec![CAROL, BOB]] {
            let watchers = Watchers { account, session, watchers };
            world.node.registry.send(watchers).await.unwrap();
        }
        alice.set_state(State::Online).await;
        assert_eq!(bob.recorder.received().await, [online(ALICE, State::Online)]);
        assert_eq!(carol.recorder.received().await, [online(ALICE, State::Online)]);
        assert_eq!(world.registry().await.online[0].watchers, 2);
    });
}

#[test]
fn a_second_sign_in_ends_the_first_session() {
    World::run(|world| async move {
        let old = Signed::new(&world, ALICE, &[BOB]).await;
        let bob = Signed::new(&world, BOB, &[]).await;
        old.set_state(State::Online).await;
        let session = ConnectionId(99);
        let new = Signed::on(&world, ALICE, session, &[BOB], Recorder::new()).await;
        assert_eq!(old.recorder.received().await, [Notice::SignedInElsewhere]);
        assert_eq!(bob.recorder.received().await, [online(ALICE, State::Online), offline(ALICE)]);
        // Messages of the old session no longer count.
        old.set_state(State::Busy).await;
        old.sign_off().await;
        assert_eq!(bob.recorder.received().await, []);
        new.set_state(State::Away).await;
        assert_eq!(bob.recorder.received().await, [online(ALICE, State::Away)]);
        assert_eq!(bob.locate(ALICE).await.unwrap().session, new.session_ref());
        assert_eq!(new.recorder.received().await, []);
    });
}

#[test]
fn a_ring_reaches_the_session_that_was_found_and_no_other() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[]).await;
        let bob = Signed::new(&world, BOB, &[]).await;
        assert_eq!(alice.locate(BOB).await, None, "not online yet");
        bob.set_state(State::Online).await;
        assert_eq!(alice.locate(BOB).await.unwrap().session, bob.session_ref());
        assert!(alice.ring(BOB, bob.session_ref()).await);
        let (caller, session, cookie) = (ALICE, conversation(), cookie());
        let switchboard = world.node.settings().switchboard;
        let ring = Notice::Ring { caller, session, cookie, switchboard };
        assert_eq!(bob.recorder.received().await, [ring]);
        assert!(!alice.ring(BOB, world.node.session_ref(ConnectionId(99))).await);
        assert!(!alice.ring(CAROL, bob.session_ref()).await);
        assert_eq!(bob.recorder.received().await, []);
    });
}

#[test]
fn a_stopped_session_is_detected_at_the_next_notice() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[BOB]).await;
        let bob = Signed::new(&world, BOB, &[ALICE, CAROL]).await;
        let carol = Signed::new(&world, CAROL, &[]).await;
        bob.set_state(State::Online).await;
        carol.recorder.received().await;
        bob.recorder.stop().await;
        alice.set_state(State::Online).await;
        assert_eq!(carol.recorder.received().await, [offline(BOB)]);
        assert_eq!(alice.recorder.received().await, [online(BOB, State::Online), offline(BOB)]);
        assert_eq!(alice.locate(BOB).await, None);
    });
}

#[test]
fn a_ring_to_a_stopped_session_fails() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[]).await;
        let bob = Signed::new(&world, BOB, &[ALICE]).await;
        bob.set_state(State::Online).await;
        bob.recorder.stop().await;
        assert!(!alice.ring(BOB, bob.session_ref()).await);
        assert_eq!(alice.recorder.received().await, [online(BOB, State::Online), offline(BOB)]);
    });
}

#[test]
fn several_stopped_sessions_are_detected_in_a_chain() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[BOB]).await;
        let bob = Signed::new(&world, BOB, &[CAROL]).await;
        let carol = Signed::new(&world, CAROL, &[ALICE]).await;
        for one in [&bob, &carol] {
            one.set_state(State::Online).await;
        }
        alice.recorder.received().await;
        bob.recorder.stop().await;
        carol.recorder.stop().await;
        alice.set_state(State::Online).await;
        assert_eq!(alice.recorder.received().await, [offline(CAROL)]);
        assert_eq!(world.registry().await.online.len(), 1);
    });
}

#[test]
fn a_session_with_a_full_inbox_is_closed() {
    World::run(|world| async move {
        const ROOM: usize = 3;
        let alice = Signed::new(&world, ALICE, &[BOB]).await;
        let full = Recorder::with_capacity(ROOM);
        let bob = Signed::on(&world, BOB, ConnectionId(2), &[ALICE], full).await;
        bob.set_state(State::Online).await;
        assert_eq!(alice.recorder.received().await, [online(BOB, State::Online)]);
        alice.set_state(State::Online).await;
        for _ in 1..ROOM {
            alice.rename().await;
        }
        assert_eq!(alice.recorder.received().await, []);
        alice.rename().await;
        assert_eq!(alice.recorder.received().await, [offline(BOB)]);
        assert_eq!(world.registry().await.online.len(), 1);
    });
}

#[test]
fn telephone_numbers_are_forwarded_unchanged() {
    World::run(|world| async move {
        let bob = Signed::new(&world, BOB, &[]).await;
        let number = PhoneNumber::new("555 123").unwrap();
        let numbers = vec![(PhoneKind::Home, Some(number.clone())), (PhoneKind::Mobile, None)];
        let watchers = vec![(CAROL, version()), (BOB, version())];
        let changed = PhoneChanged { account: ALICE, numbers, watchers };
        world.node.registry.send(changed).await.unwrap();
        let sent = [(PhoneKind::Home, Some(Box::new(number))), (PhoneKind::Mobile, None)];
        let sent = sent.map(|(phone, number)| {
            let (who, version) = (ALICE, version());
            Notice::Phone { who, phone, number, version }
        });
        assert_eq!(bob.recorder.received().await, sent);
    });
}

const BY_TURNS: [State; 2] = [State::Busy, State::Away];

#[test]
fn five_state_changes_a_second_are_sent_and_then_the_last_one() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[BOB]).await;
        let bob = Signed::new(&world, BOB, &[]).await;
        for second in 0..3 {
            for number in 0..20 {
                alice.set_state(BY_TURNS[number % 2]).await;
            }
            // The first change of each later second is the one that was sent at its start.
            let max = if second == 0 { 5 } else { 4 };
            let sent = (0..max).map(|number| online(ALICE, BY_TURNS[number % 2]));
            assert_eq!(
                bob.recorder.received().await,
                sent.collect::<Vec<_>>(),
                "in second {second}"
            );
            alice.set_state(State::Idle).await;
            pass(milliseconds(980)).await;
            assert_eq!(bob.recorder.received().await, []);
            // The last one wins.
            alice.set_state(State::Online).await;
            pass(milliseconds(25)).await;
            assert_eq!(bob.recorder.received().await, [online(ALICE, State::Online)]);
        }
        pass(seconds(60)).await;
        assert_eq!(bob.recorder.received().await, []);
    });
}

#[test]
fn a_state_that_returns_to_its_old_value_is_not_sent_again() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[BOB]).await;
        let bob = Signed::new(&world, BOB, &[]).await;
        for number in 0..5 {
            alice.set_state(BY_TURNS[number % 2]).await;
        }
        assert_eq!(bob.recorder.received().await.len(), 5);
        alice.set_state(State::Away).await;
        alice.set_state(State::Busy).await;
        pass(seconds(2)).await;
        assert_eq!(bob.recorder.received().await, []);
    });
}

#[test]
fn hiding_signing_off_and_blocking_are_never_delayed() {
    let ends: [(PublishedPresence, bool); 3] = [
        (open(State::Hidden), false),
        (presence(State::Busy, Privacy::AllowOthers, &[BOB]), false),
        (open(State::Online), true),
    ];
    for (last, signs_off) in ends {
        World::run(|world| async move {
            let alice = Signed::new(&world, ALICE, &[BOB, CAROL]).await;
            let bob = Signed::new(&world, BOB, &[]).await;
            for number in 0..9 {
                alice.set_state(BY_TURNS[number % 2]).await;
            }
            assert_eq!(bob.recorder.received().await.len(), 5);
            alice.publish(last).await;
            if signs_off {
                alice.sign_off().await;
            }
            assert_eq!(bob.recorder.received().await, [offline(ALICE)]);
            pass(seconds(2)).await;
            assert_eq!(bob.recorder.received().await, []);
        });
    }
}

#[test]
fn a_user_hidden_again_within_the_second_was_never_seen() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[BOB]).await;
        let bob = Signed::new(&world, BOB, &[]).await;
        for number in 0..5 {
            alice.set_state(BY_TURNS[number % 2]).await;
        }
        alice.set_state(State::Hidden).await;
        assert_eq!(bob.recorder.received().await.len(), 6);
        alice.set_state(State::Online).await;
        alice.set_state(State::Hidden).await;
        pass(seconds(2)).await;
        assert_eq!(bob.recorder.received().await, []);
    });
}

#[test]
fn lookups_and_calls_use_the_true_state_despite_the_delay() {
    World::run(|world| async move {
        let alice = Signed::new(&world, ALICE, &[BOB, CAROL]).await;
        let bob = Signed::new(&world, BOB, &[]).await;
        for number in 0..5 {
            alice.set_state(BY_TURNS[number % 2]).await;
        }
        bob.recorder.received().await;
        alice.set_state(State::Online).await;
        // Carol signs in, and Dave adds Alice: both see Alice's true state.
        let carol = Signed::new(&world, CAROL, &[]).await;
        let seen = carol.look(open(State::Online), &[ALICE]).await;
        assert_eq!(seen, [(ALICE, State::Online)]);
        let dave = Signed::new(&world, AccountId(4), &[]).await;
        assert_eq!(dave.list(ALICE, true).await, Some(State::Online));
        assert!(carol.locate(ALICE).await.is_some());
        // Bob was not notified yet, and what Carol and Dave saw is no longer the latest state.
        alice.set_state(State::Busy).await;
        assert_eq!(bob.recorder.received().await, []);
        pass(seconds(1)).await;
        assert_eq!(bob.recorder.received().await, []);
        for other in [&carol, &dave] {
            assert_eq!(other.recorder.received().await, [online(ALICE, State::Busy)]);
        }
        for number in 0..5 {
            alice.set_state(BY_TURNS[(number + 1) % 2]).await;
        }
        alice.set_state(State::Hidden).await;
        assert_eq!(carol.locate(ALICE).await, None);
    });
}

#[test]
fn a_sign_in_returns_the_session_it_replaces() {
    World::run(|world| async move {
        let old = Signed::new(&world, ALICE, &[]).await;
        let (recorder, session) = (Recorder::new(), ConnectionId(99));
        let (account, client, inbox) = (ALICE, client(Dialect::Msnp2), recorder.handle());
        let sign_in = SignIn { account, session, client, inbox };
        let replaced = world.node.registry.send(sign_in).await.unwrap();
        assert_eq!(replaced, Ok(Some(old.session_ref())));
        let inbox = recorder.handle();
        let sign_in = SignIn { account: BOB, session, client, inbox };
        assert_eq!(world.node.registry.send(sign_in).await.unwrap(), Ok(None));
    });
}

#[test]
fn a_session_that_ends_while_its_sign_in_waits_for_a_full_mailbox_stays_offline() {
    World::run(|world| async move {
        let (node, inbox) = (world.node.clone(), Inbox::new(4));
        let signed_in = SignedIn::new(node.clone(), world.account_ref("alice"), ConnectionId(99));
        let note = || NoteDialect { handle: handle("bob"), dialect: Dialect::Msnp2 };
        while node.registry.try_send(note()).is_ok() {}
        let registered = signed_in.register(None, inbox.handle());
        drop((inbox, signed_in, registered));
        settle().await;
        assert_eq!(world.registry().await.online, []);
    });
}
