//! The number of accounts is the same everywhere. The greeter's account is not counted, and is named.

use std::fs;

use crate::cli::people::of;
use crate::support::conversation::account;
use crate::support::operator::{Outcome, run_to_end};
use crate::support::server::Installation;

/// Two accounts, and a greeter if there is to be one.
fn two(greeter: &str) -> Installation {
    let servers = ["dispatch", "notification", "switchboard"]
        .map(|one| format!("{one}: (listen: \"127.0.0.1:0\"), "));
    let text = format!("({}domains: [\"example.com\"], {greeter})", servers.concat());
    Installation::configured(&[account("alice", None), account("bob", None)], &text)
}

/// Returns the count that each command prints.
fn counts(installation: &Installation, last: &str) -> Vec<String> {
    let file = installation.directory.path().join("all.backup");
    let file = file.to_str().expect("a path of words");
    let said = |arguments: &[&str]| -> String {
        let Outcome { stdout, stderr, .. } = installation.run(arguments);
        format!("{stdout}{stderr}")
    };
    vec![
        said(&["verify"]),
        said(&["export", file]),
        said(&["backup", file]),
        said(&["restore", file]),
        said(&[last]),
    ]
}

fn json(installation: &Installation, arguments: &[&str]) -> serde_json::Value {
    let shown = installation.run(&[arguments, &["--json"]].concat());
    serde_json::from_str(&shown.stdout).expect("JSON")
}

#[test]
fn counts_agree_with_and_without_the_greeter() {
    for (greeter, words, rows) in
        [("", "2 accounts and the greeter", 3), ("greeter: None", "2 accounts", 2)]
    {
        let installation = two(greeter);
        let agree = |last: &str| {
            for said in counts(&installation, last) {
                assert!(said.contains(words), "{words}: {said}");
                assert_eq!(said.contains("and the greeter"), rows == 3, "{said}");
            }
        };
        let server = installation.start();
        agree("status");
        let status = json(&installation, &["status"]);
        assert_eq!(status["accounts"], 2);
        assert_eq!(status["greeter"], rows == 3);
        assert_eq!(json(&installation, &["verify"])["accounts"], 2);
        let listed = json(&installation, &["user", "list"]);
        let listed = listed.as_array().expect("rows");
        let users = listed.iter().filter(|row| row["greeter"] != true);
        assert_eq!((listed.len(), users.count()), (rows, 2), "{listed:?}");
        let list = installation.run(&["user", "list"]).stdout;
        let last = "greeter@example.com  Greeter  (Greeter, the built-in contact)\n";
        assert_eq!(list.ends_with(last), rows == 3, "{list}");
        assert!(list.starts_with("alice@example.com"), "{list}");
        server.stop();
        agree("check");
    }
}

#[test]
fn a_domain_that_left_the_configuration_is_named_with_the_number_of_its_accounts() {
    let installation = of(&["alice", "bob"]);
    let added =
        run_to_end(installation.program(&["user", "add", "carol@hotmail.com"]), b"secret\n");
    assert_eq!(added.code, Some(0), "{added:?}");
    let words = "2 accounts are in example.com, which is not in `domains`: the users can sign in, \
                 but no new accounts can be created there";
    assert!(!installation.run(&["check"]).stdout.contains("not in `domains`"));
    let text = fs::read_to_string(installation.configuration()).expect("the configuration");
    let text = text.replace("[\"example.com\", \"hotmail.com\"]", "[\"hotmail.com\"]");
    fs::write(installation.configuration(), text).expect("writing config.ron");
    let checked = installation.run(&["check"]);
    assert!(checked.stdout.contains(&format!("note   store: {words}. ")), "{checked:?}");
    let server = installation.start();
    let status = installation.run(&["status"]).stdout;
    assert!(status.contains(&format!("\nnote: {words}\n")), "{status}");
    let checked = installation.run(&["check"]);
    assert!(checked.stdout.contains(&format!("note   store: {words}. ")), "{checked:?}");
    assert_eq!(checked.stdout.matches("not in `domains`").count(), 1, "{checked:?}");
    drop(crate::support::conversation::sign_in(crate::cli::people::connect(&server), "alice"));
    let log = server.stop_and_read_log();
    assert!(log.contains(&format!("WARN  {words}")), "{log:?}");
}
