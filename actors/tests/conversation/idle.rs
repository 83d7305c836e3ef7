//! Inactive conversations, if the configuration closes them.

use super::{joins, starts};
use crate::support::{Plan, Recorder, World, handle, pass, seconds, settle};
use actix::Actor;
use actors::message::{Delivery, Join, Leave};
use actors::switchboard::Switchboard;
use std::rc::Rc;
use std::sync::Arc;

fn five_minutes(plan: &mut Plan) {
    plan.settings.conversation_idle = Some(seconds(300));
}

#[test]
fn an_idle_conversation_is_closed_with_bye_1() {
    World::run_with(five_minutes, |world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let mut carol = joins(&world, &mut alice, "carol").await;
        bob.talk.expect("JOI carol@example.com Carol").await;
        pass(seconds(200)).await;
        alice.talk.send_message(3, "N", b"hello").await;
        for talk in [&mut bob.talk, &mut carol.talk] {
            talk.expect_message("alice@example.com Alice", b"hello").await;
        }
        pass(seconds(299)).await;
        alice.talk.expect_nothing().await;
        pass(seconds(16)).await;
        let people = [
            ("alice@example.com", &mut alice.talk),
            ("bob@example.com", &mut bob.talk),
            ("carol@example.com", &mut carol.talk),
        ];
        for (own, talk) in people {
            for other in ["alice@example.com", "bob@example.com", "carol@example.com"] {
                if other != own {
                    talk.expect(&format!("BYE {other} 1")).await;
                }
            }
            talk.expect_end().await;
        }
        alice.session.expect_nothing().await;
    });
}

#[test]
fn a_participant_who_is_alone_is_closed_too() {
    World::run_with(five_minutes, |world| async move {
        let mut alice = starts(&world, "alice").await;
        pass(seconds(290)).await;
        alice.talk.expect_nothing().await;
        pass(seconds(30)).await;
        alice.talk.expect_end().await;
    });
}

#[test]
fn a_conversation_without_participants_is_dropped() {
    for plan in [five_minutes, |_: &mut Plan| {}] {
        World::run_with(plan, |world| async move {
            let before = Rc::strong_count(&world.node);
            let switchboard = Switchboard::new(world.node.clone()).start();
            let (account, recorder) = (world.account("alice"), Recorder::<Delivery>::new());
            let principal = Arc::new(world.node.directory.principal(account).unwrap());
            assert_eq!(principal.handle, handle("alice"));
            let inbox = recorder.handle();
            let joined = switchboard.send(Join { account, principal, inbox }).await;
            let member = joined.unwrap().unwrap().member;
            settle().await;
            assert_eq!(Rc::strong_count(&world.node), before + 1);
            switchboard.send(Leave(member)).await.unwrap();
            drop(switchboard);
            pass(seconds(60)).await;
            assert_eq!(Rc::strong_count(&world.node), before);
        });
    }
}

#[test]
fn a_new_idle_limit_applies_from_the_next_message_on() {
    World::run(|world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let mut settings = (*world.node.settings()).clone();
        settings.conversation_idle = Some(seconds(300));
        world.node.change_settings(settings);
        pass(seconds(600)).await;
        alice.talk.expect_nothing().await;
        alice.talk.send_message(3, "N", b"hello").await;
        bob.talk.expect_message("alice@example.com Alice", b"hello").await;
        pass(seconds(316)).await;
        alice.talk.expect("BYE bob@example.com 1").await;
        alice.talk.expect_end().await;
    });
}

#[test]
fn an_idle_limit_that_is_set_again_counts_from_then_on() {
    World::run_with(five_minutes, |world| async move {
        let mut alice = starts(&world, "alice").await;
        let mut bob = joins(&world, &mut alice, "bob").await;
        let set_limit = |limit| {
            let mut settings = (*world.node.settings()).clone();
            settings.conversation_idle = limit;
            world.node.change_settings(settings);
        };
        set_limit(None);
        for trid in 3..6 {
            pass(seconds(200)).await;
            alice.talk.send_message(trid, "N", b"hello").await;
            bob.talk.expect_message("alice@example.com Alice", b"hello").await;
        }
        set_limit(Some(seconds(300)));
        pass(seconds(280)).await;
        alice.talk.expect_nothing().await;
        bob.talk.expect_nothing().await;
        pass(seconds(40)).await;
        alice.talk.expect("BYE bob@example.com 1").await;
        alice.talk.expect_end().await;
    });
}
