//! The greeter, as an operator sees it.

use crate::support::conversation::{account, sign_in_online};
use crate::support::operator::run_to_end;
use crate::support::server::Installation;

/// The text after the name of the greeter's account in `user list`.
const OWN: &str = "  (Greeter, the built-in contact)";

/// An installation with a greeter.
fn installation(greeter: &str) -> Installation {
    let text = format!(
        "(dispatch: (listen: \"127.0.0.1:0\"), notification: (listen: \"127.0.0.1:0\"), \
          switchboard: (listen: \"127.0.0.1:0\"), domains: [\"example.com\"], web: None, greeter: \
          {greeter})"
    );
    Installation::configured(&[], &text)
}

fn handles(installation: &Installation) -> String {
    installation.run(&["user", "list"]).stdout
}

#[test]
fn the_greeter_is_online_while_the_server_runs() {
    let installation = installation("(name: \"Doorman\")");
    let server = installation.start();
    assert_eq!(handles(&installation), format!("greeter@example.com  Doorman{OWN}\n"));
    let log = server.stop_and_read_log();
    let said = |words: &str| log.iter().any(|line| line.contains(words));
    assert!(said("the greeter greeter@example.com is online"), "{log:?}");
    // The greeter does not count as an account for a first conversation.
    assert!(said(" 0 accounts"), "{log:?}");
    let log = installation.start().stop_and_read_log();
    assert!(log.iter().any(|line| line.contains("user add alice@example.com")), "{log:?}");
}

#[test]
fn the_greeter_is_not_counted_among_those_warned_of_a_stop() {
    let installation = installation("()");
    let server = installation.start();
    assert_eq!(handles(&installation), format!("greeter@example.com  Greeter{OWN}\n"));
    let told = installation.run(&["broadcast", "a new disk"]);
    assert!(told.stderr.starts_with("0 users warned that"), "{told:?}");
    let added = run_to_end(installation.program(&["user", "add", "alice"]), b"secret\n");
    assert_eq!(added.code, Some(0), "{added:?}");
    let _alice = sign_in_online(&server, "alice");
    let told = installation.run(&["stop", "--in", "5"]);
    assert!(told.stderr.ends_with("; 1 user warned\n"), "{told:?}");
    server.stop();
}

#[test]
fn an_operator_cannot_change_the_account_of_the_greeter() {
    let installation = installation("(handle: \"doorman@example.com\")");
    let refused = |arguments: &[&str]| {
        let shown = run_to_end(installation.program(arguments), b"secret\n");
        let words = "doorman@example.com is Greeter, the built-in contact: change or remove it with \
             `greeter`";
        assert!(shown.expect_failure(1).contains(words), "{shown:?}");
    };
    // Before the account exists, while the greeter is online, and after the server stopped.
    refused(&["user", "add", "doorman"]);
    let all = || {
        refused(&["user", "add", "doorman"]);
        refused(&["user", "passwd", "doorman"]);
        refused(&["user", "rename", "doorman", "Dora"]);
        refused(&["user", "remove", "doorman"]);
    };
    let server = installation.start();
    all();
    server.stop();
    all();
}

#[test]
fn the_greeter_can_be_removed_when_switched_off() {
    let installation = installation("(handle: \"doorman\")");
    let added = run_to_end(installation.program(&["user", "add", "alice"]), b"secret\n");
    assert_eq!(added.code, Some(0), "{added:?}");
    assert_eq!(
        handles(&installation),
        format!("alice@example.com    alice\ndoorman@example.com  Greeter{OWN}\n")
    );
    let text = std::fs::read_to_string(installation.configuration()).expect("config.ron");
    let off = text.replace("(handle: \"doorman\")", "None");
    std::fs::write(installation.configuration(), off).expect("writing config.ron");
    let removed = installation.run(&["user", "remove", "doorman"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert_eq!(handles(&installation), "alice@example.com  alice\n");
    let sound = installation.run(&["verify"]);
    assert_eq!(sound.code, Some(0), "{sound:?}");
}

#[test]
fn a_user_who_has_the_handle_of_the_greeter_keeps_it() {
    let installation = Installation::with_accounts(&[account("greeter", Some("Greta"))]);
    let text = std::fs::read_to_string(installation.configuration()).expect("config.ron");
    let on = text.replace("greeter: None", "greeter: ()");
    std::fs::write(installation.configuration(), on).expect("writing config.ron");
    let log = installation.start().stop_and_read_log();
    let words = "the greeter is off: greeter@example.com is a user's account: choose another handle \
                 for `greeter` in the configuration";
    assert!(log.iter().any(|line| line.contains(words)), "{log:?}");
    let renamed = installation.run(&["user", "rename", "greeter", "Greta G."]);
    assert_eq!(renamed.code, Some(0), "{renamed:?}");
}

#[test]
fn an_invalid_handle_is_refused() {
    for (greeter, words) in [
        ("(handle: \"a b\")", "is not a valid sign-in name"),
        ("(handle: \"\")", "is not a valid sign-in name"),
        ("(name: \"\")", "is not a friendly name"),
    ] {
        let shown = installation(greeter).run(&["run", "--smoke"]);
        assert!(shown.expect_failure(3).contains(words), "{shown:?}");
    }
}
