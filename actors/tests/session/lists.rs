//! Changes of a user's lists, settings and names, and each refusal.

use crate::support::{Plan, VERSION, World, pass, seconds};
use msnp::List;

/// Alice is online, sends each line in turn and receives the reply, in which `+n` is a list
/// version.
fn alice(plan: impl FnOnce(&mut Plan), script: &'static [(&str, &str)]) {
    World::run_with(plan, |world| async move {
        let start = world.version("alice");
        let mut alice = world.online("alice").await;
        for (line, answer) in script {
            alice.send(line).await;
            let words: Vec<String> = answer
                .split(' ')
                .map(|word| match word.strip_prefix('+') {
                    Some(more) => (start + more.parse::<u32>().unwrap()).to_string(),
                    None => word.to_owned(),
                })
                .collect();
            alice.expect(&words.join(" ")).await;
        }
        alice.expect_nothing().await;
        alice.send("PNG").await;
        alice.expect("QNG").await;
    });
}

#[test]
fn every_change_is_answered_with_a_new_list_version() {
    alice(
        |_| {},
        &[
            ("ADD 11 FL bob@example.com Bob", "ADD 11 FL +1 bob@example.com Bob"),
            ("ADD 12 AL bob@example.com Bob", "ADD 12 AL +2 bob@example.com Bob"),
            ("ADD 13 BL carol@example.com", "ADD 13 BL +3 carol@example.com carol@example.com"),
            ("REM 14 AL bob@example.com", "REM 14 AL +4 bob@example.com"),
            ("REM 15 BL carol@example.com", "REM 15 BL +5 carol@example.com"),
            ("REM 16 FL bob@example.com bob@example.com", "REM 16 FL +6 bob@example.com"),
            ("GTC 17 N", "GTC 17 +7 N"),
            ("BLP 18 BL", "BLP 18 +8 BL"),
            ("REA 19 alice@example.com Queen%20A.", "REA 19 +9 alice@example.com Queen%20A."),
        ],
    );
}

#[test]
fn a_handle_is_found_in_any_case() {
    alice(
        |_| {},
        &[
            ("ADD 11 FL Bob@Example.COM Bob", "ADD 11 FL +1 bob@example.com Bob"),
            ("REM 12 FL BOB@EXAMPLE.COM", "REM 12 FL +2 bob@example.com"),
        ],
    );
}

#[test]
fn a_refused_change_leaves_the_list_version() {
    alice(
        |plan| {
            plan.list("alice", List::Forward, "bob");
            plan.list("alice", List::Allow, "carol");
            plan.list("alice", List::Block, "dave");
        },
        &[
            ("ADD 11 FL ghost@example.com ghost", "205 11"),
            ("ADD 12 FL bob@example.com Bob", "215 12"),
            ("ADD 15 BL carol@example.com Carol", "219 15"),
            ("ADD 16 AL dave@example.com Dave", "219 16"),
            ("ADD 17 FL alice@example.com Alice", "201 17"),
            ("REM 18 FL carol@example.com", "216 18"),
            ("REM 19 AL bob@example.com", "216 19"),
            ("REM 20 BL ghost@example.com", "216 20"),
            ("REA 21 ghost@example.com Boo", "216 21"),
            ("GTC 22 A", "218 22"),
            ("GTC 23 N", "GTC 23 +1 N"),
            ("GTC 24 N", "218 24"),
            ("ADD 25 AL alice@example.com Me", "ADD 25 AL +2 alice@example.com Me"),
        ],
    );
}

#[test]
fn a_stranger_is_not_renamed() {
    alice(|_| {}, &[("REA 11 bob@example.com Bobby", "216 11")]);
}

#[test]
fn illegal_parameters_are_refused_and_the_connection_stays() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let refused = [
            ("ADD 11 FL a@b name", "201 11"),
            ("ADD 12 XX bob@example.com name", "201 12"),
            ("ADD 13 FL bob name", "201 13"),
            ("REM 14 FL bob", "201 14"),
            ("REA 15 alice@example.com %00", "209 15"),
            ("CHG 16 12", "201 16"),
            ("QQQ 17", "200 17"),
        ];
        for (line, answer) in refused {
            alice.write_raw(&format!("{line}\r\n")).await;
            alice.expect(answer).await;
        }
        assert_eq!(world.version("alice"), VERSION);
    });
}

#[test]
fn the_reverse_list_is_the_servers() {
    for line in ["ADD 11 RL bob@example.com Bob\r\n", "REM 11 RL bob@example.com\r\n"] {
        World::run(|world| async move {
            let mut alice = world.online("alice").await;
            alice.write_raw(line).await;
            alice.expect_end().await;
        });
    }
}

#[test]
fn a_full_list_answers_210_and_the_others_have_room() {
    alice(
        |plan| plan.settings.list_entries = 2,
        &[
            ("ADD 11 FL bob@example.com Bob", "ADD 11 FL +1 bob@example.com Bob"),
            ("ADD 12 FL carol@example.com Carol", "ADD 12 FL +2 carol@example.com Carol"),
            ("ADD 13 FL dave@example.com Dave", "210 13"),
            ("ADD 14 AL dave@example.com Dave", "ADD 14 AL +3 dave@example.com Dave"),
            ("REM 15 FL bob@example.com", "REM 15 FL +4 bob@example.com"),
            ("ADD 16 FL dave@example.com Dave", "ADD 16 FL +5 dave@example.com Dave"),
        ],
    );
}

#[test]
fn repeating_blp_is_success_without_a_change() {
    alice(
        |_| {},
        &[
            ("BLP 11 AL", "BLP 11 +0 AL"),
            ("BLP 12 BL", "BLP 12 +1 BL"),
            ("BLP 13 BL", "BLP 13 +1 BL"),
        ],
    );
}

#[test]
fn repeating_blp_answers_218_if_configured() {
    alice(
        |plan| plan.settings.refuse_repeated_settings = true,
        &[("BLP 11 AL", "218 11"), ("BLP 12 BL", "BLP 12 +1 BL"), ("BLP 13 BL", "218 13")],
    );
}

/// Gaim 0.43 sends `ADD AL` each time its user accepts a contact, and shows 215 as an error.
const YES_TWICE: &str = "ADD 11 AL bob@example.com bob@example.com";

#[test]
fn allowing_or_blocking_a_user_again_succeeds_without_a_change() {
    alice(
        |_| {},
        &[
            ("ADD 10 AL bob@example.com Bobby", "ADD 10 AL +1 bob@example.com Bobby"),
            (YES_TWICE, "ADD 11 AL +1 bob@example.com bob@example.com"),
            ("ADD 12 BL carol@example.com Carol", "ADD 12 BL +2 carol@example.com Carol"),
            ("ADD 13 BL CAROL@example.com Caz", "ADD 13 BL +2 carol@example.com Caz"),
            // The first name stays.
            ("LST 14 AL", "LST 14 AL +2 1 1 bob@example.com Bobby"),
            ("ADD 15 FL bob@example.com Bob", "ADD 15 FL +3 bob@example.com Bob"),
            ("ADD 16 FL bob@example.com Bob", "215 16"),
            ("ADD 17 BL bob@example.com Bob", "219 17"),
        ],
    );
}

#[test]
fn allowing_or_blocking_a_user_again_answers_215_if_configured() {
    alice(
        |plan| plan.settings.refuse_repeated_settings = true,
        &[
            ("ADD 10 AL bob@example.com Bobby", "ADD 10 AL +1 bob@example.com Bobby"),
            (YES_TWICE, "215 11"),
            ("ADD 12 BL carol@example.com Carol", "ADD 12 BL +2 carol@example.com Carol"),
            ("ADD 13 BL carol@example.com Carol", "215 13"),
        ],
    );
}

#[test]
fn allowing_a_user_again_on_a_full_list_succeeds() {
    alice(
        |plan| plan.settings.list_entries = 1,
        &[
            ("ADD 10 AL bob@example.com bob", "ADD 10 AL +1 bob@example.com bob"),
            (YES_TWICE, "ADD 11 AL +1 bob@example.com bob@example.com"),
            ("ADD 12 AL carol@example.com carol", "210 12"),
        ],
    );
}

#[test]
fn five_renames_a_minute_are_allowed() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            for minute in 0..2 {
                for number in 0..5 {
                    let before = world.version("alice");
                    alice.send(&format!("REA {number} alice@example.com A{number}")).await;
                    let line = format!("{} alice@example.com A{number}", before + 1);
                    alice.expect(&format!("REA {number} {line}")).await;
                }
                let before = world.version("alice");
                pass(seconds(59)).await;
                alice.send("REA 11 alice@example.com A6").await;
                alice.expect("800 11").await;
                assert_eq!(world.version("alice"), before, "in minute {minute}");
                // Nor on another connection.
                alice = world.online("alice").await;
                alice.send("REA 11 alice@example.com A6").await;
                alice.expect("800 11").await;
                // Names of contacts are not sent to others, and not counted.
                alice.send("REA 12 bob@example.com Bobby").await;
                alice.expect(&format!("REA 12 {} bob@example.com Bobby", before + 1)).await;
                pass(seconds(1)).await;
            }
        },
    );
}

#[test]
fn a_name_for_a_contact_is_private() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut bob = world.online("bob").await;
            alice.expect("NLN NLN bob@example.com Bob%20B.").await;
            let [own, bobs] = ["alice", "bob"].map(|name| world.version(name));
            alice.send("REA 11 bob@example.com Bobby").await;
            alice.expect(&format!("REA 11 {} bob@example.com Bobby", own + 1)).await;
            bob.expect_nothing().await;
            assert_eq!(world.version("bob"), bobs);
            alice.send("LST 12 FL").await;
            alice.expect(&format!("LST 12 FL {} 1 1 bob@example.com Bobby", own + 1)).await;
            // Presence contains the contact's own name.
            bob.send("CHG 10 BSY").await;
            bob.expect("CHG 10 BSY").await;
            alice.expect("NLN BSY bob@example.com Bob%20B.").await;
        },
    );
}

#[test]
fn an_allowed_user_keeps_the_given_name() {
    // Gaim sends the handle as the name.
    alice(
        |_| {},
        &[
            ("ADD 11 FL bob@example.com Bobby", "ADD 11 FL +1 bob@example.com Bobby"),
            (
                "ADD 12 AL bob@example.com bob@example.com",
                "ADD 12 AL +2 bob@example.com bob@example.com",
            ),
            ("LST 13 FL", "LST 13 FL +2 1 1 bob@example.com Bobby"),
            ("LST 14 AL", "LST 14 AL +2 1 1 bob@example.com Bobby"),
        ],
    );
}

#[test]
fn a_contact_without_a_given_name_is_shown_with_their_friendly_name() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut bob = world.online("bob").await;
        alice.send("ADD 11 FL bob@example.com bob@example.com").await;
        alice.next_event().await;
        alice.expect("ILN 11 NLN bob@example.com Bob%20B.").await;
        bob.send("REA 10 bob@example.com Robert").await;
        alice.expect("NLN NLN bob@example.com Robert").await;
        alice.send("LST 12 FL").await;
        alice.expect(&format!("LST 12 FL {} 1 1 bob@example.com Robert", VERSION + 1)).await;
    });
}

#[test]
fn allow_and_block_lists_notify_no_one() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut bob = world.online("bob").await;
        for line in ["ADD 11 AL", "REM 12 AL", "ADD 13 BL", "REM 14 BL"] {
            alice.send(&format!("{line} bob@example.com")).await;
            alice.next_event().await;
        }
        bob.expect_nothing().await;
        alice.expect_nothing().await;
        assert_eq!(world.version("bob"), VERSION);
    });
}
