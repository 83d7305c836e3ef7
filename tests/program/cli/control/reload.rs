//! SIGHUP and `reload`.

use std::fs;

use crate::support::connection::Connection;
use crate::support::conversation::{account, sign_in};
use crate::support::server::{Installation, Listener, Server};

const SERVERS: &str = "dispatch: (listen: \"127.0.0.1:0\"), notification: (listen: \
                       \"127.0.0.1:0\"), \
    switchboard: (listen: \"127.0.0.1:0\"), domains: [\"example.com\"], web: None,";

fn configure(installation: &Installation, more: &str) {
    let text = format!("({SERVERS} {more})");
    fs::write(installation.configuration(), text).expect("writing config.ron");
}

/// Returns whether this many entries fit on the forward list.
fn may_have_two_entries(server: &Server) -> bool {
    let mut alice = sign_in(Connection::open(server.address(Listener::Notification)), "alice");
    for list in ["AL", "BL"] {
        alice.send_line(&format!("REM 4 {list} bob@example.com"));
        alice.next_line();
    }
    alice.send_line("ADD 5 BL bob@example.com bob");
    alice.expect_words("ADD 5 BL ");
    alice.send_line("ADD 6 BL carol@example.com carol");
    let fits = alice.next_line().starts_with("ADD 6 BL ");
    if fits {
        alice.send_line("REM 7 BL carol@example.com");
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
    // `--data` on the command line stays in effect.
    let file = installation.configuration().display().to_string();
    assert_eq!(told.stderr, format!("the configuration {file} was reloaded\n"));
    assert!(!may_have_two_entries(&server));
    let text = fs::read_to_string(installation.configuration()).expect("the configuration");
    let text = text.replacen("127.0.0.1:0", "127.0.0.1:1863", 1);
    fs::write(installation.configuration(), text).expect("writing config.ron");
    let told = installation.run(&["reload"]);
    let restart = "restart the server to change dispatch.listen";
    assert_eq!(told.stderr, format!("the configuration {file} was reloaded; {restart}\n"));
    server.stop();
}

#[test]
fn a_configuration_that_is_not_valid_changes_nothing() {
    let installation = with_three();
    configure(&installation, "");
    let server = installation.start();
    configure(&installation, "list_entries: 0,");
    let refused = installation.run(&["reload"]);
    // The command finds the server, which reads the configuration.
    assert!(
        refused.expect_failure(3).contains("list_entries must be between 1 and 600"),
        "{refused:?}"
    );
    server.signal("HUP");
    assert!(may_have_two_entries(&server));
    let log = server.stop_and_read_log();
    let said = log.iter().find(|line| line.contains("the configuration was not reloaded"));
    assert!(
        said.is_some_and(|line| line.contains("list_entries must be between 1 and 600")),
        "{log:?}"
    );
}

#[test]
fn sighup_reads_the_configuration_again() {
    let installation = with_three();
    configure(&installation, "");
    let server = installation.start();
    configure(&installation, "list_entries: 1,");
    server.signal("HUP");
    // The signal is handled some time after it was sent.
    while may_have_two_entries(&server) {}
    let log = server.stop_and_read_log();
    assert!(log.iter().any(|line| line.ends_with(" was reloaded")), "{log:?}");
}

#[test]
fn a_configuration_that_is_gone_changes_nothing() {
    let installation = with_three();
    let found = installation.data().join("config.ron");
    fs::write(&found, format!("({SERVERS} list_entries: 1)")).expect("writing config.ron");
    fs::remove_file(installation.configuration()).expect("removing the other one");
    let program = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_msnpd"));
        command.args(arguments).arg("--data").arg(installation.data());
        command.current_dir(installation.directory.path());
        command.env_remove("MSNPD_CONFIG").env_remove("MSNPD_DATA");
        command
    };
    let server = Server::start(program(&["run"]));
    fs::remove_file(&found).expect("removing config.ron");
    let refused = crate::support::operator::run_to_end(program(&["reload"]), b"");
    assert!(
        refused.expect_failure(1).contains(
            "is gone; to use the built-in one, restart the \
                                       server"
        ),
        "{refused:?}"
    );
    assert!(!may_have_two_entries(&server));
    server.stop();
}

#[test]
fn a_running_server_is_reached_although_its_configuration_is_now_invalid() {
    let installation = with_three();
    configure(&installation, "");
    let server = installation.start();
    fs::write(installation.configuration(), "(").expect("breaking config.ron");
    assert_eq!(installation.run(&["status"]).code, Some(0));
    assert!(installation.run(&["user", "list"]).stdout.contains("bob@example.com"));
    server.stop();
    installation.run(&["user", "list"]).expect_failure(3);
}
