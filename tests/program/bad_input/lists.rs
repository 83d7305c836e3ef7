//! Changes of lists that are refused.

use crate::bad_input::fixture::{At, Fixture};
use crate::support::connection::Connection;

/// A client that edits lists, and the expected log lines of refused edits.
struct Editor {
    fixture: Fixture,
    ns: Connection,
    expected: Vec<String>,
}

impl Editor {
    /// Signs in alice, on a server with these configuration keys.
    fn with(key: &str) -> Editor {
        let mut fixture = Fixture::with(key);
        let ns = fixture.at(At::SignedIn);
        Editor { fixture, ns, expected: Vec::new() }
    }

    /// Returns the list version. If it differs, a change was made.
    fn version(&mut self) -> String {
        self.ns.send_line("SYN 1 4294967295");
        let version = self.ns.expect_words("SYN 1 ").remove(0);
        while !self.ns.next_line().starts_with("LST 1 RL ") {}
        version
    }

    fn made(&mut self, said: &str) {
        let before = self.version();
        self.ns.send_line(said);
        // In `ADD 6 FL`, the list version is the next word.
        let words: Vec<&str> = said.split(' ').take(3).collect();
        let version = self.ns.expect_words(&format!("{} ", words.join(" "))).remove(0);
        assert_ne!(version, before, "{said}");
    }

    /// Expects the answer to a change, and that nothing changed.
    fn unchanged(&mut self, said: &str) {
        let before = self.version();
        self.ns.send_line(said);
        let words: Vec<&str> = said.split(' ').take(3).collect();
        let version = self.ns.expect_words(&format!("{} ", words.join(" "))).remove(0);
        assert_eq!((version, self.version()), (before.clone(), before), "{said}");
    }

    fn refused(&mut self, said: &str, code: u16, words: &str) {
        let before = self.version();
        self.ns.send_line(said);
        let trid = said.split(' ').nth(1).expect("a transaction ID");
        self.ns.expect(&format!("{code} {trid}"));
        assert_eq!(self.version(), before, "{said}");
        self.expected.push(format!("{code}: {words}"));
    }

    fn finish(self) {
        let Editor { fixture, ns, expected } = self;
        drop(ns);
        let log = fixture.finish();
        let answered = log.iter().filter_map(|line| line.split_once(" is answered "));
        let answered: Vec<&str> = answered.map(|(_, answer)| answer).collect();
        assert_eq!(answered, expected);
    }
}

const THERE: &str =
    "The entry is already on the list; the callee is already in the conversation or invited";
const NOT_THERE: &str = "The entry is not on the list";
const OPPOSITE: &str = "The entry is on the opposite list";
const FULL: &str = "The list is full";
const NOT_LEGAL: &str = "A parameter is illegal";

#[test]
fn add_and_rem_of_rl() {
    let mut fixture = Fixture::start();
    for name in ["ADD", "REM"] {
        let logged =
            format!("sent {name}: bad or missing parameter: list: only the server changes RL");
        fixture.closes(At::SignedIn, format!("{name} 6 RL bob@example.com"), "", &logged);
        fixture.closes(At::SignedIn, format!("{name} 6 RL alice@example.com"), "", &logged);
        let logged = format!("sent {name}: bad or missing parameter: list");
        fixture.stays(At::SignedIn, format!("{name} 6 XL bob@example.com"), "201 6", &logged);
    }
    fixture.finish();
}

#[test]
fn add_and_rem_of_oneself() {
    let mut alice = Editor::with("");
    alice.refused("ADD 6 FL alice@example.com Alice", 201, NOT_LEGAL);
    alice.refused("ADD 7 FL ALICE@Example.com Alice", 201, NOT_LEGAL);
    for list in ["FL", "AL", "BL"] {
        alice.refused(&format!("REM 8 {list} alice@example.com"), 216, NOT_THERE);
    }
    // Clients put themselves on the allow list.
    alice.made("ADD 9 AL alice@example.com Alice");
    alice.unchanged("ADD 10 AL alice@example.com Alice");
    alice.refused("ADD 11 BL alice@example.com Alice", 219, OPPOSITE);
    alice.made("REM 12 AL alice@example.com");
    alice.finish();
}

#[test]
fn add_and_rem_twice() {
    let mut alice = Editor::with("");
    for list in ["FL", "AL", "BL"] {
        alice.made(&format!("ADD 6 {list} bob@example.com Bob"));
        let again = ["ADD 7 {list} bob@example.com Bob", "ADD 8 {list} BOB@example.com Robert"];
        for said in again.map(|said| said.replace("{list}", list)) {
            match list {
                "FL" => alice.refused(&said, 215, THERE),
                _ => alice.unchanged(&said),
            }
        }
        alice.made(&format!("REM 9 {list} bob@example.com"));
        alice.refused(&format!("REM 10 {list} bob@example.com"), 216, NOT_THERE);
    }
    alice.finish();
}

#[test]
fn add_and_rem_on_the_opposite_list() {
    let mut alice = Editor::with("");
    for (list, opposite) in [("AL", "BL"), ("BL", "AL")] {
        alice.made(&format!("ADD 6 {list} bob@example.com Bob"));
        alice.refused(&format!("ADD 7 {opposite} bob@example.com Bob"), 219, OPPOSITE);
        alice.refused(&format!("REM 8 {opposite} bob@example.com"), 216, NOT_THERE);
        alice.made(&format!("REM 9 {list} bob@example.com"));
    }
    alice.finish();
}

#[test]
fn add_to_a_full_list_and_rem_from_it() {
    let mut alice = Editor::with("list_entries: 1,");
    for list in ["FL", "AL", "BL"] {
        alice.made(&format!("ADD 6 {list} bob@example.com Bob"));
        alice.refused(&format!("ADD 7 {list} carol@example.com Carol"), 210, FULL);
        let again = format!("ADD 8 {list} bob@example.com Bob");
        match list {
            "FL" => alice.refused(&again, 215, THERE),
            _ => alice.unchanged(&again),
        }
        alice.refused(&format!("REM 9 {list} carol@example.com"), 216, NOT_THERE);
        alice.made(&format!("REM 10 {list} bob@example.com"));
        alice.made(&format!("ADD 11 {list} carol@example.com Carol"));
        alice.made(&format!("REM 12 {list} carol@example.com"));
    }
    alice.finish();
}

#[test]
fn add_and_rem_of_an_unknown_account() {
    let mut alice = Editor::with("");
    for list in ["FL", "AL", "BL"] {
        alice.refused(
            &format!("ADD 6 {list} ghost@example.com Ghost"),
            205,
            "There is no such account",
        );
        alice.refused(&format!("REM 7 {list} ghost@example.com"), 216, NOT_THERE);
    }
    alice.finish();
}
