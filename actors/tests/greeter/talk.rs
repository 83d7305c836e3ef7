//! What the greeter sends, and when it leaves.

use super::{
    HEADERS, calls, expects_text, joins, sends_text, state, talks, with_greeter, with_greeter_and,
};
use crate::support::{Plan, invitation, pass, seconds, settle};
use msnp::{Event, List};
use std::time::Duration;

#[test]
fn the_greeter_greets_and_echoes() {
    with_greeter(|world| async move {
        let (_alice, mut talk) = talks(&world).await;
        sends_text(&mut talk, "wie geht's? \u{4f60}\u{597d}").await;
        expects_text(&mut talk, "wie geht's? \u{4f60}\u{597d}").await;
        // With a font and any other headers.
        let payload = b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\
                        X-MMS-IM-Format: FN=Arial; EF=B; CO=ff; CS=0; PF=22\r\n\r\nbold";
        talk.send_message(10, "A", payload).await;
        // The message has reached everyone before the reply.
        talk.expect("ACK 10").await;
        talk.expect_message("greeter@example.com Greeter", payload).await;
        talk.expect_nothing().await;
    });
}

#[test]
fn the_greeting_names_the_contacts_whom_the_caller_sees() {
    let lists = |plan: &mut Plan| {
        plan.friends(&["alice", "bob", "carol"]);
        plan.list("carol", List::Block, "alice");
        plan.list("dave", List::Forward, "alice");
    };
    with_greeter_and(lists, |world| async move {
        let _others =
            (world.online("bob").await, world.online("carol").await, world.online("dave").await);
        let mut alice = world.online("alice").await;
        let mut talk = calls(&world, "alice", &mut alice).await;
        let words = "Hello Alice! This is msnpd, the Messenger server of example.com. Your \
                     contact Bob B. is online. Write something and I will echo it.";
        expects_text(&mut talk, words).await;
    });
}

#[test]
fn only_text_messages_are_echoed() {
    with_greeter(|world| async move {
        let (_alice, mut talk) = talks(&world).await;
        for payload in [
            "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\n\
             TypingUser: alice@example.com\r\n\r\n\r\n",
            "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\n\
             Invitation-Command: INVITE",
            "",
            HEADERS,
        ] {
            talk.send_message(9, "U", payload.as_bytes()).await;
            talk.expect_nothing().await;
        }
    });
}

#[test]
fn a_long_text_is_not_echoed() {
    with_greeter(|world| async move {
        let (_alice, mut talk) = talks(&world).await;
        sends_text(&mut talk, &"x".repeat(1001)).await;
        expects_text(&mut talk, "Sorry, that message is too long to echo.").await;
    });
}

#[test]
fn two_texts_a_second_are_echoed() {
    with_greeter(|world| async move {
        let (_alice, mut talk) = talks(&world).await;
        pass(seconds(1)).await;
        for text in ["one", "two", "three"] {
            sends_text(&mut talk, text).await;
        }
        expects_text(&mut talk, "one").await;
        expects_text(&mut talk, "two").await;
        talk.expect_nothing().await;
        pass(seconds(1)).await;
        sends_text(&mut talk, "four").await;
        expects_text(&mut talk, "four").await;
    });
}

#[test]
fn a_bot_that_echoes_is_no_longer_answered() {
    with_greeter(|world| async move {
        let (_alice, mut talk) = talks(&world).await;
        let mut received = super::HELLO.to_owned();
        for _ in 0..3 {
            pass(seconds(1)).await;
            received = format!("you say: {received}");
            sends_text(&mut talk, &received).await;
            expects_text(&mut talk, &received).await;
        }
        pass(seconds(1)).await;
        sends_text(&mut talk, &format!("you say: {received}")).await;
        talk.expect_nothing().await;
    });
}

#[test]
fn a_bot_that_answers_each_echo_gets_no_reply_for_a_minute() {
    with_greeter(|world| async move {
        let (_alice, mut talk) = talks(&world).await;
        let echoed = async |talk: &mut _, texts: std::ops::Range<u32>| {
            for number in texts {
                pass(seconds(1)).await;
                sends_text(talk, &format!("YOU SAID {number}")).await;
                expects_text(talk, &format!("YOU SAID {number}")).await;
            }
        };
        echoed(&mut talk, 0..20).await;
        pass(seconds(1)).await;
        sends_text(&mut talk, "YOU SAID 20").await;
        expects_text(&mut talk, "That is a lot of messages! Please write again in a minute.").await;
        for _ in 0..59 {
            sends_text(&mut talk, "ARE YOU THERE?").await;
            talk.expect_nothing().await;
            pass(seconds(1)).await;
        }
        echoed(&mut talk, 21..41).await;
        pass(seconds(1)).await;
        sends_text(&mut talk, "YOU SAID 41").await;
        expects_text(&mut talk, "That is a lot of messages! Please write again in a minute.").await;
    });
}

#[test]
fn twenty_texts_a_minute_are_always_answered() {
    with_greeter(|world| async move {
        let (_alice, mut talk) = talks(&world).await;
        for number in 0..60 {
            pass(seconds(3)).await;
            sends_text(&mut talk, &number.to_string()).await;
            expects_text(&mut talk, &number.to_string()).await;
        }
    });
}

#[test]
fn among_several_participants_the_greeter_only_greets() {
    with_greeter(|world| async move {
        let (_alice, mut talk) = talks(&world).await;
        let mut bob = world.online("bob").await;
        let mut other = joins(&world, &mut talk, "bob", &mut bob).await;
        sends_text(&mut talk, "hi").await;
        assert!(matches!(other.next_event().await, Event::Msg(_)));
        talk.expect_nothing().await;
        other.expect_nothing().await;
        other.send("OUT").await;
        talk.expect("BYE bob@example.com").await;
        sends_text(&mut talk, "are you there?").await;
        expects_text(&mut talk, "are you there?").await;
    });
}

#[test]
fn a_greeting_to_several_participants_names_no_contacts() {
    let lists = |plan: &mut Plan| plan.friends(&["alice", "carol"]);
    with_greeter_and(lists, |world| async move {
        let mut alice = world.online("alice").await;
        let mut talk = world.conversation("alice", &mut alice).await;
        let mut bob = world.online("bob").await;
        let _carol = world.online("carol").await;
        let mut other = joins(&world, &mut talk, "bob", &mut bob).await;
        talk.send("CAL 2 greeter@example.com").await;
        assert!(matches!(talk.next_event().await, Event::Cal(_)));
        for one in [&mut talk, &mut other] {
            one.expect("JOI greeter@example.com Greeter").await;
            expects_text(one, "Hello! This is msnpd, the Messenger server of example.com.").await;
        }
    });
}

#[test]
fn the_personal_greeting_is_not_for_a_user_who_takes_the_callers_place() {
    with_greeter(|world| async move {
        let (mut alice, mut bob) = (world.online("alice").await, world.online("bob").await);
        // The greeter reads the caller's contacts before it greets.
        let closed = world.store.close();
        let mut talk = calls(&world, "alice", &mut alice).await;
        talk.send("CAL 3 bob@example.com").await;
        assert!(matches!(talk.next_event().await, Event::Cal(_)));
        let ring = invitation(bob.next_event().await);
        let mut other = world.switchboard();
        let (cookie, session) = (ring.cookie.as_str(), ring.session);
        other.send(&format!("ANS 1 bob@example.com {cookie} {session}")).await;
        while !matches!(other.next_event().await, Event::Ans(_)) {}
        talk.expect("JOI bob@example.com Bob%20B.").await;
        talk.send("OUT").await;
        talk.expect_end().await;
        drop(closed);
        pass(Duration::from_millis(50)).await;
        other.expect("BYE alice@example.com").await;
        expects_text(&mut other, "Hello! This is msnpd, the Messenger server of example.com.")
            .await;
    });
}

#[test]
fn the_greeter_leaves_when_it_is_alone() {
    with_greeter(|world| async move {
        let (_alice, mut talk) = talks(&world).await;
        assert_eq!(state(&world).await.conversations, 1);
        talk.send("OUT").await;
        talk.expect_end().await;
        settle().await;
        assert_eq!(state(&world).await.conversations, 0);
        assert_eq!(world.node.conversations.get(), 0);
    });
}

#[test]
fn the_greeter_leaves_after_ten_silent_minutes() {
    with_greeter(|world| async move {
        let (_alice, mut talk) = talks(&world).await;
        pass(seconds(599)).await;
        talk.expect_nothing().await;
        pass(seconds(61)).await;
        talk.expect("BYE greeter@example.com").await;
        settle().await;
        assert_eq!(state(&world).await.conversations, 0);
    });
}

#[test]
fn one_caller_gets_four_conversations() {
    with_greeter(|world| async move {
        let mut alice = world.online("alice").await;
        let mut talks = Vec::new();
        for _ in 0..4 {
            talks.push(calls(&world, "alice", &mut alice).await);
        }
        let mut fifth = world.conversation("alice", &mut alice).await;
        fifth.send("CAL 2 greeter@example.com").await;
        assert!(matches!(fifth.next_event().await, Event::Cal(_)));
        fifth.expect_nothing().await;
        assert_eq!(state(&world).await.conversations, 4);
        // Other callers still get it.
        let mut bob = world.online("bob").await;
        calls(&world, "bob", &mut bob).await;
    });
}

#[test]
fn twenty_calls_of_one_caller_in_a_minute_are_answered() {
    with_greeter(|world| async move {
        let mut alice = world.online("alice").await;
        for _ in 0..20 {
            let mut talk = calls(&world, "alice", &mut alice).await;
            talk.send("OUT").await;
            settle().await;
        }
        let mut talk = world.conversation("alice", &mut alice).await;
        talk.send("CAL 2 greeter@example.com").await;
        assert!(matches!(talk.next_event().await, Event::Cal(_)));
        talk.expect_nothing().await;
        pass(seconds(60)).await;
        calls(&world, "alice", &mut alice).await;
    });
}
