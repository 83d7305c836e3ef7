//! The profile message: some clients lose it, or `USR OK`, when both come in one read.

use crate::support::{Probe, STARTED, World, pass, seconds};
use actors::notification::Session;
use msnp::auth::Digest;

fn profile(seconds: u64) -> String {
    let payload = format!(
        "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile; charset=UTF-8\r\n\
         LoginTime: {seconds}\r\n\r\n"
    );
    assert_eq!(payload.len(), 95);
    format!("MSG Hotmail Hotmail 95\r\n{payload}")
}

/// What the server writes, one string for each write, when the client says this.
async fn writes_after(probe: &mut Probe<Session>, line: &str) -> Vec<String> {
    probe.written();
    probe.says(line).await;
    probe.hears_all().await;
    probe.written()
}

#[test]
fn the_profile_follows_the_answer_to_the_first_command_in_a_write_of_its_own() {
    for (line, answer) in [("PNG", "QNG\r\n"), ("CHG 9 NLN", "CHG 9 NLN\r\n")] {
        World::run(|world| async move {
            let mut alice = world.notification();
            alice.signs_in("alice").await;
            let welcome = alice.written().pop();
            assert_eq!(welcome.as_deref(), Some("USR 7 OK alice@example.com Alice\r\n"));
            pass(seconds(10)).await;
            alice.hears_nothing().await;
            let writes = writes_after(&mut alice, line).await;
            assert_eq!(writes, [answer.to_owned(), profile(STARTED + 10)]);
            // Once.
            let writes = writes_after(&mut alice, "PNG").await;
            assert_eq!(writes, ["QNG\r\n"]);
        });
    }
}

#[test]
fn the_profile_waits_for_all_that_belongs_to_the_answer() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let bob = world.online("bob").await;
            let mut alice = world.signed_in("alice").await;
            let writes = writes_after(&mut alice, "CHG 9 NLN").await;
            let sighting = "ILN 9 NLN bob@example.com Bob%20B.\r\n";
            assert_eq!(writes.concat(), format!("CHG 9 NLN\r\n{sighting}{}", profile(STARTED)));
            assert_eq!(writes.last(), Some(&profile(STARTED)));
            drop(bob);
        },
    );
}

#[test]
fn nothing_is_answered_before_the_profile_was_sent() {
    World::run(|world| async move {
        let mut alice = world.signed_in("alice").await;
        alice.written();
        alice.writes("PNG\r\nPNG\r\n").await;
        alice.hears_all().await;
        assert_eq!(alice.written(), ["QNG\r\n", &profile(STARTED), "QNG\r\n"]);
    });
}

#[test]
fn a_refusal_is_an_answer_too() {
    World::run(|world| async move {
        let mut alice = world.signed_in("alice").await;
        let writes = writes_after(&mut alice, "XFR 8 SB").await;
        assert_eq!(writes, ["913 8\r\n".to_owned(), profile(STARTED)]);
    });
}

#[test]
fn the_profile_is_never_in_the_write_of_the_welcome() {
    World::run(|world| async move {
        let mut alice = world.notification();
        let challenge = alice.is_challenged(6, "alice").await;
        alice.written();
        let digest = Digest::of(&challenge, b"secret").text();
        alice.writes(&format!("USR 7 MD5 S {digest}\r\nPNG\r\n")).await;
        alice.hears_all().await;
        let writes = alice.written();
        let (last, before) = writes.split_last().unwrap();
        assert_eq!(before.concat(), "USR 7 OK alice@example.com Alice\r\nQNG\r\n");
        assert_eq!(*last, profile(STARTED));
    });
}
