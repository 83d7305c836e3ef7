//! The profile message. Some clients lose it, or the output before it, if both arrive in one read.
//! An Emacs client of 2002 looks for `MSG` anywhere in what it has read: of 24 sign-ins with `CHG`,
//! `ILN` and the profile in one read 2 passed. With 20 ms before the profile all did.

use crate::support::{Plan, Probe, Received, STARTED, World, handle, pass, seconds, settle};
use actors::connection::OUTPUT_SIZE;
use actors::end::EndReason;
use actors::message::Notice;
use actors::notification::Session;
use actors::rules::PresenceUpdate;
use msnp::auth::Digest;
use msnp::{Cookie, Dialect, Event, List, SessionId, State};
use std::time::Duration;
use tokio::time::Instant;

/// How long the connection is quiet before the profile.
const QUIET: Duration = Duration::from_millis(200);

/// If it is never quiet, the profile comes this long after `USR OK`, after a silence.
const LATEST: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_millis(150);

/// Timers are exact to a millisecond.
const EXACT: Duration = Duration::from_millis(2);

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn profile(seconds: u64) -> String {
    let payload = format!(
        "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile; charset=UTF-8\r\n\
         LoginTime: {seconds}\r\n\r\n"
    );
    assert_eq!(payload.len(), 95);
    format!("MSG Hotmail Hotmail 95\r\n{payload}")
}

fn is_profile(write: &str) -> bool {
    write.starts_with("MSG Hotmail Hotmail ") && write.contains("text/x-msmsgsprofile")
}

/// What the server wrote before the profile and after it, with the times of the profile and of the
/// write before it. The profile is a write of its own.
struct Written {
    before: String,
    after: String,
    last: Instant,
    when: Instant,
}

fn split(writes: &[(Instant, String)]) -> Written {
    let index = writes.iter().position(|(_, text)| is_profile(text));
    let index = index.unwrap_or_else(|| panic!("no profile in {writes:?}"));
    let (before, rest) = writes.split_at(index);
    let text = |writes: &[(Instant, String)]| {
        writes.iter().map(|(_, text)| text.as_str()).collect::<String>()
    };
    let written = Written {
        before: text(before),
        after: text(&rest[1..]),
        last: before.last().expect("an answer").0,
        when: rest[0].0,
    };
    assert_eq!(rest[0].1.matches("\r\n\r\n").count(), 1, "{rest:?}");
    for text in [&written.before, &written.after] {
        assert!(!text.contains("profile"), "{text}");
    }
    written
}

fn is_about(time: Duration, expected: Duration) {
    assert!((expected..=expected + EXACT).contains(&time), "{time:?}, not {expected:?}");
}

/// Whether the profile was written since the last call.
async fn has_come(probe: &Probe<Session>) -> bool {
    settle().await;
    probe.written().iter().any(|write| is_profile(write))
}

#[test]
fn the_profile_comes_when_the_connection_was_quiet_after_the_first_answer() {
    for (line, answer) in [("PNG", "QNG\r\n"), ("CHG 7 NLN", "CHG 7 NLN\r\n")] {
        World::run(|world| async move {
            let mut alice = world.notification();
            alice.sign_in("alice").await;
            let welcome = alice.written().pop();
            assert_eq!(welcome.as_deref(), Some("USR 7 OK alice@example.com Alice\r\n"));
            alice.write_raw(&format!("{line}\r\n")).await;
            pass(seconds(1)).await;
            let written = split(&alice.written_when());
            assert_eq!((written.before.as_str(), written.after.as_str()), (answer, ""));
            is_about(written.when - written.last, QUIET);
            // Only once.
            alice.receive_all().await;
            alice.send("PNG").await;
            pass(seconds(10)).await;
            assert_eq!(alice.written(), ["QNG\r\n"]);
        });
    }
}

#[test]
fn a_silent_client_gets_no_profile_and_a_late_one_gets_the_full_quiet_time() {
    World::run(|world| async move {
        let mut alice = world.signed_in("alice").await;
        alice.written();
        pass(seconds(10)).await;
        alice.expect_nothing().await;
        alice.write_raw("PNG\r\n").await;
        pass(seconds(1)).await;
        let written = split(&alice.written_when());
        assert_eq!((written.before.as_str(), written.after.as_str()), ("QNG\r\n", ""));
        is_about(written.when - written.last, QUIET);
        assert_eq!(alice.receive_all().await[1], profile(STARTED + 10).trim_end());
    });
}

#[test]
fn a_late_client_that_is_never_quiet_gets_the_profile_after_a_silence() {
    World::run(|world| async move {
        let mut alice = world.signed_in("alice").await;
        alice.written();
        pass(seconds(10)).await;
        let began = Instant::now();
        for _ in 0..20 {
            alice.write_raw("PNG\r\n").await;
            pass(ms(50)).await;
        }
        let written = split(&alice.written_when());
        assert!(written.when - began <= QUIET + SILENCE + EXACT, "{:?}", written.when - began);
        assert!(written.when - written.last >= SILENCE);
        assert_eq!(format!("{}{}", written.before, written.after), "QNG\r\n".repeat(20));
    });
}

#[test]
fn each_read_and_each_write_restarts_the_quiet_time() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.signed_in("alice").await;
            let mut bob = world.online("bob").await;
            alice.write_raw("CHG 7 NLN\r\n").await;
            pass(ms(150)).await;
            // Half a command.
            alice.write_raw("PN").await;
            pass(ms(150)).await;
            assert!(!has_come(&alice).await);
            // A notice of another user's state.
            bob.send("CHG 10 BSY").await;
            pass(ms(150)).await;
            assert!(!has_come(&alice).await);
            alice.write_raw("G\r\n").await;
            let last = Instant::now();
            pass(seconds(1)).await;
            let written = split(&alice.written_when());
            assert_eq!((written.before.as_str(), written.after.as_str()), ("QNG\r\n", ""));
            is_about(written.when - last, QUIET);
        },
    );
}

/// Alice and Bob are contacts, and the client may send any number of lines.
fn busy(plan: &mut Plan) {
    plan.friends(&["alice", "bob", "carol"]);
    plan.settings.limits.lines_per_second = 100_000;
}

#[test]
fn a_client_that_is_never_quiet_gets_the_profile_after_5_seconds_and_a_silence() {
    World::run_with(busy, |world| async move {
        let mut bob = world.online("bob").await;
        let mut alice = world.signed_in("alice").await;
        let began = Instant::now();
        alice.write_raw("CHG 1 NLN\r\n").await;
        settle().await;
        alice.written();
        let mut asked = String::new();
        for number in 2..200 {
            let line = format!("CHG {number} {}\r\n", ["BSY", "NLN"][number % 2]);
            alice.write_raw(&line).await;
            asked.push_str(&line);
            if number % 10 == 0 {
                // Alice is notified of each change, and Bob of Alice's.
                bob.send(&format!("CHG {number} {}", ["BSY", "NLN"][number / 10 % 2])).await;
            }
            bob.receive_all().await;
            pass(ms(30)).await;
        }
        let written = split(&alice.written_when());
        let after = written.when - began;
        assert!((LATEST..=LATEST + SILENCE + EXACT).contains(&after), "{after:?}");
        assert!(written.when - written.last >= SILENCE, "{:?}", written.when - written.last);
        // Nothing is lost or reordered.
        let answers: String = [&written.before, "", &written.after].concat();
        let own: String = answers.split_inclusive('\n').filter(|l| l.starts_with("CHG")).collect();
        assert_eq!(own, asked);
        let mut news = answers.split_inclusive('\n').filter(|line| line.starts_with("NLN"));
        let last = news.next_back().expect("news of Bob");
        assert_eq!(last, "NLN NLN bob@example.com Bob%20B.\r\n");
        assert!(written.after.len() > 100, "{}", written.after);
    });
}

#[test]
fn notices_during_the_silence_keep_their_order_and_the_last_state_of_each_contact() {
    World::run_with(busy, |world| async move {
        let mut alice = world.signed_in("alice").await;
        silence(&mut alice).await;
        alice.written();
        let (bob, carol) = (world.account("bob"), world.account("carol"));
        let presence = |who, state: State| Notice::Presence {
            who,
            update: PresenceUpdate::Online(state.into()),
        };
        let ring = Notice::Ring {
            caller: bob,
            session: SessionId::new(SessionId::MIN).unwrap(),
            cookie: Cookie::from_entropy(7),
            switchboard: world.node.settings().switchboard,
        };
        let notices = [
            presence(bob, State::Busy),
            presence(carol, State::Away),
            ring,
            presence(bob, State::Idle),
        ];
        for notice in notices {
            alice.notify(notice);
        }
        alice.write_raw("PNG\r\nCHG 300 AWY\r\n").await;
        pass(ms(50)).await;
        assert_eq!(alice.written(), [""; 0]);
        pass(ms(100)).await;
        let writes = alice.written();
        assert!(is_profile(&writes[0]), "{writes:?}");
        let rest = writes[1..].concat();
        let lines: Vec<&str> = rest.lines().map(cut).collect();
        assert_eq!(lines, ["NLN AWY", "RNG 100", "NLN IDL", "QNG", "CHG 300"].map(cut), "{rest}");
    });
}

fn cut(line: &str) -> &str {
    line.get(..7).unwrap_or(line)
}

/// Alice's client sends lines until the silence before the profile has begun.
async fn silence(alice: &mut Probe<Session>) {
    alice.write_raw("CHG 7 NLN\r\n").await;
    for _ in 0..100 {
        alice.write_raw("PNG\r\n").await;
        pass(ms(50)).await;
        let writes = alice.written();
        assert!(!writes.iter().any(|write| is_profile(write)), "{writes:?}");
    }
    pass(ms(1)).await;
    alice.receive_all().await;
}

#[test]
fn a_connection_that_ends_during_the_silence_ends_as_usual() {
    for (how, goodbye) in [("elsewhere", "OUT OTH\r\n"), ("kicked", "OUT\r\n")] {
        World::run_with(busy, |world| async move {
            let mut alice = world.signed_in("alice").await;
            silence(&mut alice).await;
            alice.written();
            let update = PresenceUpdate::Online(State::Busy.into());
            alice.notify(Notice::Presence { who: world.account("bob"), update });
            if how == "elsewhere" {
                alice.notify(Notice::SignedInElsewhere);
            } else {
                world.node.connections.end(world.account("alice"), EndReason::Kicked);
            }
            settle().await;
            // The output that was held back is sent before the end, the profile is not.
            let news = "NLN BSY bob@example.com Bob%20B.\r\n";
            assert_eq!(alice.written().concat(), format!("{news}{goodbye}"));
            alice.receive_all().await;
            pass(seconds(10)).await;
            assert_eq!(world.node.connections.count(), 0);
            assert_eq!(world.node.buffers.in_use(), (0, 0));
        });
    }
}

#[test]
fn leaving_during_the_silence_is_read_after_it_and_leaving_before_skips_the_profile() {
    World::run_with(busy, |world| async move {
        let mut alice = world.signed_in("alice").await;
        silence(&mut alice).await;
        alice.written();
        alice.write_raw("PNG\r\nOUT\r\n").await;
        pass(seconds(1)).await;
        let writes = alice.written();
        assert_eq!(writes.len(), 2, "{writes:?}");
        assert!(is_profile(&writes[0]) && writes[1] == "QNG\r\n", "{writes:?}");

        let mut carol = world.signed_in("carol").await;
        carol.written();
        carol.write_raw("PNG\r\nOUT\r\n").await;
        pass(seconds(1)).await;
        assert_eq!(carol.written(), ["QNG\r\n"]);

        let mut dave = world.signed_in("dave").await;
        silence(&mut dave).await;
        dave.hang_up();
        pass(seconds(2)).await;
        assert_eq!(world.registry().await.online, []);
        assert_eq!(world.node.buffers.in_use(), (0, 0));
    });
}

#[test]
fn the_profile_waits_for_the_whole_reply() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let _bob = world.online("bob").await;
            let mut alice = world.signed_in("alice").await;
            alice.written();
            alice.write_raw("CHG 7 NLN\r\n").await;
            pass(seconds(1)).await;
            let written = split(&alice.written_when());
            let sighting = "ILN 7 NLN bob@example.com Bob%20B.\r\n";
            assert_eq!(written.before, format!("CHG 7 NLN\r\n{sighting}"));
            is_about(written.when - written.last, QUIET);
        },
    );
}

/// Alice has 150 contacts.
fn many(plan: &mut Plan) {
    plan.settings.limits.lines_per_second = 100_000;
    for number in 0..150 {
        let contact = format!("contact{number:03}");
        plan.add_account(&contact, &"Long friendly name ".repeat(8));
        plan.list("alice", List::Forward, &contact);
    }
}

#[test]
fn the_profile_is_never_inside_a_synchronisation() {
    World::run_with(many, |world| async move {
        let mut alice = world.narrow(256);
        alice.sign_in("alice").await;
        alice.write_raw("SYN 8 0\r\n").await;
        let began = Instant::now();
        alice.written();
        // The client reads two lines a second: there are quiet times in between.
        let mut lists = 0;
        while lists < 153 {
            match alice.next_within(ms(1)).await {
                Received::Event(Event::Lst(_)) => lists += 1,
                Received::Event(Event::Msg(_)) => panic!("the profile after {lists} lines"),
                Received::Event(_) => {}
                other => panic!("{other:?}"),
            }
            pass(ms(500)).await;
        }
        alice.expect_profile().await;
        let written = split(&alice.written_when());
        assert!(written.last - began > 2 * LATEST, "{:?}", written.last - began);
        assert!(written.when - written.last >= SILENCE);
        assert!(written.before.ends_with("LST 8 RL 66000150 0 0\r\n"), "{}", written.before);
        assert_eq!(written.after, "");
    });
}

/// Virtual time stands still while the store works.
async fn yield_many_times() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_reply_that_is_pending_after_5_seconds_comes_first() {
    World::run_with(busy, |world| async move {
        let mut alice = world.signed_in("alice").await;
        for _ in 0..98 {
            alice.write_raw("PNG\r\n").await;
            pass(ms(50)).await;
        }
        alice.written();
        let shut = world.store.close();
        alice.write_raw("SYN 8 0\r\nPNG\r\n").await;
        yield_many_times().await;
        tokio::time::advance(seconds(1)).await;
        yield_many_times().await;
        assert_eq!(alice.written(), [""; 0]);
        drop(shut);
        alice.receive_all().await;
        pass(seconds(1)).await;
        alice.receive_all().await;
        let written = split(&alice.written_when());
        assert!(written.before.starts_with("SYN 8 "), "{}", written.before);
        assert!(written.before.contains("LST 8 RL"), "{}", written.before);
        assert!(written.when - written.last >= SILENCE);
        assert_eq!(format!("{}{}", written.before, written.after).matches("QNG").count(), 1);
    });
}

#[test]
fn requests_in_one_read_are_answered_before_the_profile() {
    World::run(|world| async move {
        let mut alice = world.signed_in("alice").await;
        alice.written();
        alice.write_raw("PNG\r\nPNG\r\n").await;
        pass(seconds(1)).await;
        let written = split(&alice.written_when());
        assert_eq!((written.before.as_str(), written.after.as_str()), ("QNG\r\nQNG\r\n", ""));
    });
}

#[test]
fn the_profile_follows_a_refusal_too() {
    World::run(|world| async move {
        let mut alice = world.signed_in("alice").await;
        alice.written();
        alice.send("XFR 8 SB").await;
        pass(seconds(1)).await;
        assert_eq!(alice.written(), ["913 8\r\n".to_owned(), profile(STARTED)]);
    });
}

#[test]
fn the_profile_is_never_in_one_write_with_usr_ok() {
    World::run(|world| async move {
        let mut alice = world.notification();
        let challenge = alice.request_challenge(6, "alice").await;
        alice.written();
        let digest = Digest::of(&challenge, b"secret").text();
        alice.write_raw(&format!("USR 7 MD5 S {digest}\r\nPNG\r\n")).await;
        pass(seconds(1)).await;
        let written = split(&alice.written_when());
        assert_eq!(written.before, "USR 7 OK alice@example.com Alice\r\nQNG\r\n");
        is_about(written.when - written.last, QUIET);
    });
}

#[test]
fn the_output_of_a_client_that_does_not_read_is_bounded_during_the_silence_too() {
    World::run_with(busy, |world| async move {
        let mut alice = world.narrow(256);
        alice.negotiate(Dialect::Msnp7).await;
        alice.sign_in("alice").await;
        alice.write_raw("CHG 7 NLN\r\n").await;
        alice.expect("CHG 7 NLN").await;
        let asks = async {
            loop {
                alice.write_raw("PNG\r\n").await;
            }
        };
        // Alice sends queries and reads no replies: after 5 seconds her output is not empty, and
        // waits for her.
        assert!(tokio::time::timeout(seconds(20), asks).await.is_err());
        assert_eq!(world.node.connections.count(), 1);
        let answers = alice.receive_all().await;
        assert!(answers.len() > (OUTPUT_SIZE - 4096) / "QNG\r\n".len(), "{}", answers.len());
        assert!(answers.iter().all(|answer| answer == "QNG"));
        assert!(matches!(alice.next_within(SILENCE + EXACT).await, Received::Event(Event::Msg(_))));
        assert!(world.node.directory.find(&handle("alice")).is_some());
    });
}
