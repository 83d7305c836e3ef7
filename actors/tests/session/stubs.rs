//! Commands whose reply needs no state. Without them, real clients fail.

use crate::support::World;

#[test]
fn each_command_has_its_reply() {
    World::run(|world| async move {
        let site = "http://messenger.hotmail.com/";
        let mut alice = world.online("alice").await;
        let version = format!("CVR 10 1.0.0863 1.0.0863 1.0.0000 {site} {site}");
        alice.send("CVR 10 0x0409 win 4.10 i386 MSMSGS 1.0.0863").await;
        alice.expect(&version).await;
        alice.send("URL 11 INBOX").await;
        alice.expect(&format!("URL 11 / {site}")).await;
        alice.send("SND 12 ghost@example.com").await;
        alice.expect("SND 12 OK").await;
        alice.send("FND 13 fname=x lname=y city=* state=* country=US").await;
        alice.expect("FND 13 0 0").await;
        alice.send("PNG").await;
        alice.expect("QNG").await;
        alice.expect_nothing().await;
    });
}

#[test]
fn cvr_is_answered_before_sign_in_too() {
    World::run(|world| async move {
        let site = "http://messenger.hotmail.com/";
        let answer = format!("CVR 10 1.0.0863 1.0.0863 1.0.0000 {site} {site}");
        let mut referred = world.dispatch();
        referred.send("CVR 10 0x0409 win 4.10 i386 MSMSGS 1.0.0863").await;
        referred.expect(&answer).await;
        let mut client = world.notification();
        client.send("CVR 10 0x0409 win 4.10 i386 MSMSGS 1.0.0863").await;
        client.expect(&answer).await;
    });
}

#[test]
fn a_command_of_another_server_closes() {
    for line in ["CAL 10 bob@example.com\r\n", "MSG 11 N 0\r\n", "ANS 12 a@b.c 1.2 10000000\r\n"] {
        World::run(|world| async move {
            let mut alice = world.online("alice").await;
            alice.write_raw(line).await;
            alice.expect_end().await;
        });
    }
}
