//! Invalid cookies. `actors/tests/services/cookies.rs` has the tests with a paused clock: a cookie expires
//! after two minutes, and is then like one that never existed.

use crate::bad_input::fixture::{At, Fixture};
use crate::support::connection::Connection;
use crate::support::conversation::{open_switchboard, sign_in_online};

/// Returns a cookie that starts a conversation.
fn cookie(ns: &mut Connection) -> String {
    ns.send_line("XFR 7 SB");
    ns.expect_words("XFR 7 SB ").remove(2)
}

/// Checks that the switchboard refuses a client.
fn refused(fixture: &mut Fixture, said: &str, heard: &str, why: &str) {
    fixture.closes(At::Stranger, said, heard, "");
    fixture.logs(&format!("127.0.0.1 refused at the switchboard: {why}"));
}

const UNKNOWN: &str = "unknown, used or expired cookie";
const OTHER_OWNER: &str = "another account's cookie";
const OTHER_PURPOSE: &str = "a cookie for another purpose";

#[test]
fn reused_cookie() {
    let mut fixture = Fixture::start();
    let mut alice = sign_in_online(&fixture.server, "alice");
    let mut bob = sign_in_online(&fixture.server, "bob");
    let used = cookie(&mut alice);
    let mut first = fixture.at(At::Stranger);
    first.send_line(&format!("USR 1 alice@example.com {used}"));
    first.expect("USR 1 OK alice@example.com alice");
    refused(&mut fixture, &format!("USR 2 alice@example.com {used}"), "911 2", UNKNOWN);
    first.send_line("CAL 2 bob@example.com");
    let sid = first.expect_words("CAL 2 RINGING ").remove(0);
    let used = bob.expect_words(&format!("RNG {sid} ")).remove(2);
    let answer = format!("ANS 3 bob@example.com {used} {sid}");
    let mut second = fixture.at(At::Stranger);
    second.send_line(&answer);
    second.expect("IRO 3 1 1 alice@example.com alice");
    second.expect("ANS 3 OK");
    first.expect("JOI bob@example.com bob");
    refused(&mut fixture, &answer, "911 3", UNKNOWN);
    // The conversation continues without the two others.
    first.send_line("MSG 4 A 0");
    second.expect("MSG alice@example.com alice 0");
    first.expect("ACK 4");
    drop((alice, bob, first, second));
    fixture.finish();
}

#[test]
fn cookie_of_a_session_that_has_ended() {
    let mut fixture = Fixture::start();
    let mut alice = sign_in_online(&fixture.server, "alice");
    let void = cookie(&mut alice);
    alice.send_line("OUT");
    alice.read_end().expect("the end");
    refused(&mut fixture, &format!("USR 1 alice@example.com {void}"), "911 1", UNKNOWN);
    fixture.finish();
}

#[test]
fn foreign_cookie() {
    let mut fixture = Fixture::start();
    let mut alice = sign_in_online(&fixture.server, "alice");
    let mut bob = sign_in_online(&fixture.server, "bob");
    // The cookie stays valid for its owner after someone else tries it.
    let alices = cookie(&mut alice);
    refused(&mut fixture, &format!("USR 1 bob@example.com {alices}"), "911 1", OTHER_OWNER);
    refused(&mut fixture, &format!("USR 1 ghost@example.com {alices}"), "911 1", OTHER_OWNER);
    let answer = format!("ANS 1 alice@example.com {alices} 11752013");
    refused(&mut fixture, &answer, "911 1", OTHER_PURPOSE);
    let mut sb = fixture.at(At::Stranger);
    sb.send_line(&format!("USR 1 alice@example.com {alices}"));
    sb.expect("USR 1 OK alice@example.com alice");

    sb.send_line("CAL 2 bob@example.com");
    let sid = sb.expect_words("CAL 2 RINGING ").remove(0);
    let bobs = bob.expect_words(&format!("RNG {sid} ")).remove(2);
    let answer = |who: &str, sid: &str| format!("ANS 1 {who}@example.com {bobs} {sid}");
    refused(&mut fixture, &answer("alice", &sid), "911 1", OTHER_OWNER);
    refused(&mut fixture, &format!("USR 1 bob@example.com {bobs}"), "911 1", OTHER_PURPOSE);
    // The Microsoft servers closed without a reply if the session was another one.
    let other: u32 = sid.parse::<u32>().expect("a number") + 1;
    let said = answer("bob", &other.to_string());
    refused(&mut fixture, &said, "", "a cookie for another conversation");
    let mut joined = fixture.at(At::Stranger);
    joined.send_line(&answer("bob", &sid));
    joined.expect("IRO 1 1 1 alice@example.com alice");
    joined.expect("ANS 1 OK");
    drop((alice, bob, sb, joined));
    fixture.finish();
}

#[test]
fn made_up_cookie() {
    let mut fixture = Fixture::start();
    let made_up = "849102291.520491932.184736205";
    refused(&mut fixture, &format!("USR 1 alice@example.com {made_up}"), "911 1", UNKNOWN);
    refused(&mut fixture, &format!("ANS 1 alice@example.com {made_up} 11752013"), "911 1", UNKNOWN);
    // Words that are no cookies are refused in the same way.
    let logged = |name: &str| format!("sent {name}: bad or missing parameter: cookie");
    for bad in ["x", "-1.2", "1.2.x", "17262740\u{0}1050826919.32308"] {
        let usr = format!("USR 1 alice@example.com {bad}");
        fixture.closes(At::Stranger, usr, "911 1", &logged("USR"));
        let ans = format!("ANS 1 alice@example.com {bad} 11752013");
        fixture.closes(At::Stranger, ans, "911 1", &logged("ANS"));
    }
    let mut alice = sign_in_online(&fixture.server, "alice");
    drop(open_switchboard(&mut alice, "alice"));
    fixture.finish();
}
