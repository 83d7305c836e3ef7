//! SIGHUP and `reload`.

use std::fs;

use crate::connection::Connection;
use crate::conversation::{account, sign_in};
use crate::server::{Installation, Listener, Server};

const SERVERS: &str = "dispatch: (listen: \"127.0.0.1:0\"), notification: (listen: \"127.0.0.1:0\"), \
    switchboard: (listen: \"127.0.0.1:0\"), domains: [\"example.com\"],";

fn configure(installation: &Installation, more: &str) {
    let text = format!("({SERVERS} {more})");
    fs::write(installation.configuration(), text).expect("writing config.ron");
}

/// Whether the last of so many entries still fits on the forward list.
fn may_have_two_entries(server: &Server) -> bool {
    let mut alice = sign_in(Connection::open(server.address(Listener::Notification)), "alice");
    for list in ["AL", "BL"] {
        alice.say(&format!("REM 4 {list} bob@example.com"));
        alice.hear();
    }
    alice.say("ADD 5 BL bob@example.com bob");
    alice.expect_words("ADD 5 BL ");
    alice.say("ADD 6 BL carol@example.com carol");
    let fits = alice.hear().starts_with("ADD 6 BL ");
    if fits {
        alice.say("REM 7 BL carol@example.com");
        alice.expect_words("REM 7 BL ");
    }
    fits
}

fn with_three() -> Installation {
    let accounts = ["alice", "bob", "carol"].map(|who| account(who, None));
    Installation::with_accounts(&accounts)
}

#[test]
fn reload_changes_what_can_change_and_names_what_cannot() {
    let installation = with_three();
    configure(&installation, "");
    let server = installation.start();
    assert!(may_have_two_entries(&server));
    configure(&installation, "list_entries: 1, log: debug, data: \"elsewhere\",");
    let told = installation.run(&["reload"]);
    // `--data` is named on the command line and stays.
    assert_eq!(told.stderr, "the configuration was read again\n");
    assert!(!may_have_two_entries(&server));
    let text = fs::read_to_string(installation.configuration()).expect("the configuration");
    let text = text.replacen("127.0.0.1:0", "127.0.0.1:1863", 1);
    fs::write(installation.configuration(), text).expect("writing config.ron");
    let told = installation.run(&["reload"]);
    let words = "the configuration was read again; dispatch.listen need a restart to change\n";
    assert_eq!(told.stderr, words);
    server.stop();
}

#[test]
fn a_configuration_that_is_not_valid_changes_nothing() {
    let installation = with_three();
    configure(&installation, "");
    let server = installation.start();
    configure(&installation, "list_entries: 0,");
    let refused = installation.run(&["reload"]);
    // The verb reads the same file to find the server.
    assert!(refused.fails(3).contains("it is between 1 and 600"), "{refused:?}");
    server.signal("HUP");
    assert!(may_have_two_entries(&server));
    let log = server.stop_and_read_log();
    let said = log.iter().find(|line| line.contains("the configuration stays as it was"));
    assert!(said.is_some_and(|line| line.contains("it is between 1 and 600")), "{log:?}");
}

#[test]
fn sighup_reads_the_configuration_again() {
    let installation = with_three();
    configure(&installation, "");
    let server = installation.start();
    configure(&installation, "list_entries: 1,");
    server.signal("HUP");
    // The signal is taken up some time after it was sent.
    while may_have_two_entries(&server) {}
    let log = server.stop_and_read_log();
    assert!(log.iter().any(|line| line.contains("the configuration was read again")), "{log:?}");
}
