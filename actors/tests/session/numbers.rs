//! Telephone numbers (MSNP5): `PRP` of one's own, `BPR` of contacts.

use crate::support::{Plan, Probe, VERSION, World, settle};
use actors::message::Notice;
use actors::notification::Session;
use msnp::{Dialect, List, ListVersion, PhoneKind, PhoneNumber};

/// How many lines of a `SYN` come before the lists in MSNP5.
const BEFORE_LISTS: usize = 8;

async fn synchronises(probe: &mut Probe<Session>) -> Vec<String> {
    probe.send("SYN 8 0").await;
    let lines = probe.receive_all().await;
    probe.expect_profile().await;
    lines
}

async fn expects_lines(probe: &mut Probe<Session>, lines: &[&str]) {
    for line in lines {
        probe.expect(line).await;
    }
    probe.expect_nothing().await;
}

/// Alice, who blocks Carol, is on the forward lists of all others.
fn watched(plan: &mut Plan) {
    for (local, name) in [("erin", "Erin"), ("frank", "Frank")] {
        plan.add_account(local, name);
    }
    plan.list("alice", List::Block, "carol");
    for watcher in ["bob", "carol", "dave", "erin"] {
        plan.list(watcher, List::Forward, "alice");
    }
}

#[test]
fn a_new_number_is_sent_to_watchers_who_may_see_it_and_have_read_their_lists() {
    World::run_with(watched, |world| async move {
        let mut bob = world.signed_in_with("bob", Dialect::Msnp5).await;
        let mut carol = world.signed_in_with("carol", Dialect::Msnp7).await;
        let mut old = world.signed_in_with("erin", Dialect::Msnp4).await;
        let mut stranger = world.signed_in_with("frank", Dialect::Msnp7).await;
        for probe in [&mut bob, &mut carol, &mut old, &mut stranger] {
            synchronises(probe).await;
        }
        let mut unread = world.online_with("dave", Dialect::Msnp6).await;
        let all = ["alice", "bob", "carol", "dave", "erin", "frank"];
        let before = all.map(|local| world.version(local));
        let mut alice = world.signed_in_with("alice", Dialect::Msnp7).await;
        alice.send("PRP 10 PHH 555%200100").await;
        alice.expect(&format!("PRP 10 {} PHH 555%200100", before[0] + 1)).await;
        alice.expect_profile().await;
        let sent = format!("BPR {} alice@example.com PHH 555%200100", before[1] + 1);
        expects_lines(&mut bob, &[&sent]).await;
        for probe in [&mut carol, &mut old, &mut stranger, &mut unread] {
            probe.expect_nothing().await;
        }
        // It makes a new list version for all who may see it.
        let after = all.map(|local| world.version(local));
        let changed = [1, 1, 0, 1, 1, 0];
        assert_eq!(after, std::array::from_fn(|index| before[index] + changed[index]));
        // The same number again is not sent. Removing it is.
        alice.send("PRP 11 PHH 555%200100").await;
        alice.expect(&format!("PRP 11 {} PHH 555%200100", before[0] + 1)).await;
        bob.expect_nothing().await;
        alice.send("PRP 12 PHH").await;
        alice.expect(&format!("PRP 12 {} PHH", before[0] + 2)).await;
        let sent = format!("BPR {} alice@example.com PHH", before[1] + 2);
        expects_lines(&mut bob, &[&sent]).await;
    });
}

#[test]
fn numbers_are_sent_with_the_lists_and_with_a_new_contact() {
    let plan = |plan: &mut Plan| {
        plan.list("alice", List::Block, "carol");
        plan.list("bob", List::Forward, "alice");
        plan.list("carol", List::Forward, "alice");
    };
    World::run_with(plan, |world| async move {
        let mut alice = world.online_with("alice", Dialect::Msnp5).await;
        for line in ["PRP 10 PHH 1", "PRP 11 PHM 3"] {
            alice.send(line).await;
            alice.next_event().await;
        }
        for (local, numbers) in
            [("bob", ["PHH 1", "PHW", "PHM 3"]), ("carol", ["PHH", "PHW", "PHM"])]
        {
            let mut probe = world.signed_in_with(local, Dialect::Msnp5).await;
            let version = world.version(local);
            let lines = synchronises(&mut probe).await;
            let mut expected = vec![format!("LST 8 FL {version} 1 1 alice@example.com Alice")];
            let sent = numbers.into_iter().chain(["MOB N"]);
            expected.extend(sent.map(|words| format!("BPR {version} alice@example.com {words}")));
            assert_eq!(lines[BEFORE_LISTS..BEFORE_LISTS + 5], expected);
            // The same with an `ADD`, before Alice's presence.
            probe.send("REM 9 FL alice@example.com").await;
            probe.next_event().await;
            probe.send("CHG 10 NLN").await;
            probe.expect("CHG 10 NLN").await;
            probe.send("ADD 11 FL alice@example.com Alice").await;
            let version = version + 2;
            probe.expect(&format!("ADD 11 FL {version} alice@example.com Alice")).await;
            for words in numbers.into_iter().chain(["MOB N"]) {
                probe.expect(&format!("BPR {version} alice@example.com {words}")).await;
            }
            if local == "bob" {
                probe.expect("ILN 11 NLN alice@example.com Alice").await;
            }
            probe.expect_nothing().await;
        }
    });
}

#[test]
fn numbers_are_not_sent_in_dialects_without_them() {
    World::run_with(
        |plan| plan.list("bob", List::Forward, "alice"),
        |world| async move {
            let mut bob = world.signed_in_with("bob", Dialect::Msnp4).await;
            assert_eq!(synchronises(&mut bob).await.len(), 7);
            bob.send("ADD 9 FL carol@example.com").await;
            let line = format!("ADD 9 FL {} carol@example.com carol@example.com", VERSION + 2);
            expects_lines(&mut bob, &[&line]).await;
            bob.write_raw("PRP 10 PHH 1\r\n").await;
            bob.expect("200 10").await;
        },
    );
}

#[test]
fn changes_in_the_lists_are_not_sent_again() {
    World::run_with(watched, |world| async move {
        let mut bob = world.signed_in_with("bob", Dialect::Msnp5).await;
        synchronises(&mut bob).await;
        let who = world.account("alice");
        let changed = |number| {
            let version = ListVersion::new(VERSION + number).unwrap();
            Notice::Phone { who, phone: PhoneKind::Work, number: None, version }
        };
        bob.notify(changed(1));
        bob.expect_nothing().await;
        bob.notify(changed(2));
        let sent = format!("BPR {} alice@example.com PHW", VERSION + 2);
        expects_lines(&mut bob, &[&sent]).await;
    });
}

#[test]
fn notices_during_a_pending_reply_come_after_it_with_the_last_of_each_number() {
    World::run_with(watched, |world| async move {
        let mut alice = world.signed_in_with("alice", Dialect::Msnp7).await;
        let mut bob = world.signed_in_with("bob", Dialect::Msnp7).await;
        synchronises(&mut bob).await;
        for line in ["PRP 10 PHH 1", "PRP 11 PHW 2"] {
            alice.send(line).await;
            settle().await;
        }
        bob.receive_all().await;
        let v = world.version("bob");
        let who = world.account("alice");
        let shut = world.store.close();
        bob.send("GTC 12 N").await;
        for (phone, text, changes) in [
            (PhoneKind::Home, "5", 1),
            (PhoneKind::Work, "6", 2),
            (PhoneKind::Home, "7", 3),
            (PhoneKind::Mobile, "8", 4),
        ] {
            let number = PhoneNumber::new(text).ok().map(Box::new);
            let version = ListVersion::new(v + changes).unwrap();
            bob.notify(Notice::Phone { who, phone, number, version });
        }
        drop(shut);
        bob.expect(&format!("GTC 12 {} N", v + 1)).await;
        for (number, words) in [(2, "PHW 6"), (3, "PHH 7"), (4, "PHM 8")] {
            bob.expect(&format!("BPR {} alice@example.com {words}", v + number)).await;
        }
        bob.expect_nothing().await;
    });
}

#[test]
fn no_one_can_be_paged() {
    World::run(|world| async move {
        let mut alice = world.online_with("alice", Dialect::Msnp5).await;
        for (line, answer) in [
            ("PRP 10 MOB Y", format!("PRP 10 {VERSION} MOB N")),
            ("PRP 11 MBE Y", "715 11".to_owned()),
            ("PRP 12 PHX 1", "715 12".to_owned()),
            ("PAG 13 bob@example.com D 0", "800 13".to_owned()),
        ] {
            alice.write_raw(&format!("{line}\r\n")).await;
            alice.expect(&answer).await;
        }
        assert_eq!(world.version("alice"), VERSION);
    });
}
