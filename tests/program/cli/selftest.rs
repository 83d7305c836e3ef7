//! `msnpd selftest`: it passes if clients can talk, and otherwise reports what is wrong.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use crate::support::conversation::account;
use crate::support::operator::{Outcome, run_to_end};
use crate::support::server::{Account, Installation, Listener, Server};

fn servers(notification: &str, switchboard: &str) -> String {
    format!(
        "(dispatch: (listen: \"127.0.0.1:0\"), \
          notification: (listen: \"127.0.0.1:0\", advertise: {notification}), \
          switchboard: (listen: \"127.0.0.1:0\", advertise: {switchboard}), \
          domains: [\"example.com\"], web: None, greeter: None)"
    )
}

fn pair() -> Vec<Account> {
    vec![account("alice", None), account("bob", None)]
}

/// Runs the test of another server, with the accounts of alice and bob.
fn remote(installation: &Installation, address: &str, passwords: &str) -> Outcome {
    let accounts = ["--account", "alice@example.com", "--account", "bob@example.com"];
    let arguments = [["selftest", address].as_slice(), &accounts].concat();
    run_to_end(installation.program(&arguments), passwords.as_bytes())
}

const PASSWORDS: &str = "secret\nsecret\n";

fn dispatch(server: &Server) -> String {
    server.address(Listener::Dispatch).to_string()
}

/// Returns all accounts and lists as text, without the date.
fn export(installation: &Installation) -> String {
    installation.run(&["export", "-"]).stdout
}

fn handles(installation: &Installation) -> String {
    installation.run(&["user", "list"]).stdout
}

/// Returns an address at which no program listens.
fn closed() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address")
}

#[test]
fn the_server_of_the_data_folder_passes_and_keeps_nothing() {
    let installation = Installation::with_accounts(&[]);
    let server = installation.start();
    let shown = installation.run(&["selftest"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let (dispatch, notification) =
        (server.address(Listener::Dispatch), server.address(Listener::Notification));
    for words in [
        format!(" connects to {dispatch} and is referred to {notification}\n"),
        format!(" signs in at {notification} (Notification Server)\n"),
        " sees msnpd-selftest-".to_owned(),
        format!(" at {} (Switchboard Server)\n", server.address(Listener::Switchboard)),
        ", byte for byte\n".to_owned(),
        "  both leave the conversation\n".to_owned(),
        "  the server removes both accounts\n".to_owned(),
    ] {
        assert!(shown.stdout.contains(&words), "{words} is not in:\n{}", shown.stdout);
    }
    let steps: Vec<&str> = shown.stdout.lines().collect();
    assert_eq!(steps.len(), 18, "{steps:#?}");
    let (last, steps) = steps.split_last().expect("steps");
    assert!(last.starts_with("passed in "), "{last}");
    assert!(
        steps.iter().all(|step| step.starts_with("ok ") && step.contains(" s  ")),
        "{steps:#?}"
    );
    assert_eq!(handles(&installation), "");
    server.stop();
}

#[test]
fn scripts_read_the_steps_as_json() {
    let installation = Installation::with_accounts(&[]);
    let server = installation.start();
    let shown = installation.run(&["selftest", "--json"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let value: serde_json::Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(value["passed"], true);
    assert!(value["seconds"].is_number());
    let steps = value["steps"].as_array().expect("steps");
    assert_eq!(steps.len(), 17);
    assert!(steps.iter().all(|step| step["result"] == "ok" && step["mend"].is_null()));
    server.stop();
    let shown = installation.run(&["selftest", "--json"]);
    assert_eq!(shown.code, Some(6));
    let value: serde_json::Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(value["passed"], false);
}

#[test]
fn a_server_elsewhere_passes_and_its_lists_are_as_before() {
    let installation = Installation::configured(&pair(), &servers("None", "None"));
    let server = installation.start();
    // They are on some lists already, and blocked on others.
    befriend_and_block(&server);
    let before = export(&installation);
    assert!(before.contains("block"), "{before}");
    for address in
        [dispatch(&server), format!("localhost:{}", server.address(Listener::Dispatch).port())]
    {
        let shown = remote(&installation, &address, PASSWORDS);
        assert_eq!(shown.code, Some(0), "{shown:?}");
        assert!(
            shown.stdout.contains("bob@example.com restores the lists and signs off"),
            "{shown:?}"
        );
        assert_eq!(export(&installation), before);
    }
    server.stop();
}

/// Alice has bob as a contact, and bob blocks alice.
fn befriend_and_block(server: &Server) {
    for (who, list, other) in [("alice", "FL", "bob"), ("bob", "BL", "alice")] {
        let mut client = crate::support::conversation::sign_in_online(server, who);
        client.send_line(&format!("ADD 10 {list} {other}@example.com {other}"));
        client.expect_words(&format!("ADD 10 {list} "));
        client.send_line("OUT");
        client.read_end().expect("the end of the connection");
    }
}

#[test]
fn without_a_running_server_it_ends_with_6() {
    let installation = Installation::with_accounts(&[]);
    let shown = installation.run(&["selftest"]);
    assert!(shown.expect_failure(6).contains("no server is using "), "{shown:?}");
}

#[test]
fn a_wrong_password_is_reported() {
    let installation = Installation::configured(&pair(), &servers("None", "None"));
    let server = installation.start();
    let shown = remote(&installation, &dispatch(&server), "secret\nwrong\n");
    assert_eq!(shown.code, Some(1), "{shown:?}");
    assert!(
        shown.stderr.contains(
            "bob@example.com was refused: the password is wrong, there is no such account, or it is \
             disabled (`msnpd user list` shows it)"
        ),
        "{shown:?}"
    );
    assert!(shown.stdout.contains("wrong "), "{shown:?}");
    // The users of the test have signed off.
    assert!(shown.stdout.contains("ok      0.0"), "{shown:?}");
    assert!(shown.stdout.ends_with("alice@example.com signs off\n"), "{shown:?}");
    server.stop();
}

#[test]
fn a_closed_port_is_reported() {
    let installation = Installation::with_accounts(&[]);
    let address = closed();
    let shown = remote(&installation, &address.to_string(), PASSWORDS);
    assert_eq!(shown.code, Some(6), "{shown:?}");
    let words = format!("no answer at {address} (the port is closed). Check that the server runs");
    assert!(shown.stdout.contains(&words), "{shown:?}");
}

#[test]
fn a_name_of_another_machine_is_reported_with_its_address() {
    let installation = Installation::with_accounts(&[]);
    let port = closed().port();
    let shown = remote(&installation, &format!("localhost:{port}"), PASSWORDS);
    assert_eq!(shown.code, Some(6), "{shown:?}");
    assert!(shown.stdout.contains("localhost resolves to 127.0.0.1\n"), "{shown:?}");
    let words =
        format!("no answer at 127.0.0.1:{port}, the address of localhost (the port is closed)");
    assert!(shown.stdout.contains(&words), "{shown:?}");
    assert!(shown.stdout.contains("correct the entry for localhost"), "{shown:?}");
}

#[test]
fn a_name_without_an_address_is_reported() {
    let installation = Installation::with_accounts(&[]);
    // No name has an empty part.
    let shown = remote(&installation, "msn..lan", PASSWORDS);
    assert_eq!(shown.code, Some(6), "{shown:?}");
    assert!(shown.stdout.contains("the name msn..lan cannot be resolved: "), "{shown:?}");
}

#[test]
fn a_wrong_advertised_address_ends_with_3_and_the_key() {
    let told = closed();
    let elsewhere = SocketAddr::from(([127, 0, 0, 2], told.port()));
    for (notification, switchboard, key, mend) in [
        (Some(elsewhere), None, "notification", "Set `advertise` of `notification`"),
        (Some(told), None, "notification", "The machine is right, so port "),
        (None, Some(elsewhere), "switchboard", "Set `advertise` of `switchboard`"),
    ] {
        let key_of = |address: Option<SocketAddr>| {
            address.map_or("None".to_owned(), |address| format!("\"{address}\""))
        };
        let text = servers(&key_of(notification), &key_of(switchboard));
        let installation = Installation::configured(&pair(), &text);
        let server = installation.start();
        let (there, before) = (notification.or(switchboard).unwrap(), export(&installation));
        for shown in
            [installation.run(&["selftest"]), remote(&installation, &dispatch(&server), PASSWORDS)]
        {
            assert_eq!(shown.code, Some(3), "{shown:?}");
            let words = format!(
                "at {there}, where there is no answer (the port is closed). \
                                 {mend}"
            );
            assert!(shown.stdout.contains(&words), "{key}: {shown:?}");
            assert_eq!(export(&installation), before);
        }
        server.stop();
    }
}

/// Starts another program's server. It answers the first line with a text and closes, or closes at once.
fn stranger(answer: Option<&'static str>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let Some(answer) = answer else { continue };
            let mut line = String::new();
            BufReader::new(stream.try_clone().expect("a handle")).read_line(&mut line).ok();
            stream.write_all(answer.as_bytes()).ok();
        }
    });
    address
}

#[test]
fn another_program_is_distinguished_from_a_messenger_server() {
    let installation = Installation::with_accounts(&[]);
    let address = stranger(Some("HTTP/1.0 400 Bad Request\r\n\r\n")).to_string();
    let shown = remote(&installation, &address, PASSWORDS);
    assert_eq!(shown.code, Some(1), "{shown:?}");
    assert!(shown.stdout.contains("Check that msnpd listens there"), "{shown:?}");
}

#[test]
fn a_refused_self_test_reports_who_may_connect() {
    let installation = Installation::with_accounts(&[]);
    let shown = remote(&installation, &stranger(None).to_string(), PASSWORDS);
    assert_eq!(shown.code, Some(1), "{shown:?}");
    assert!(shown.stdout.contains("unless `allow` of its configuration"), "{shown:?}");
}

#[test]
fn wrong_usage_ends_with_2() {
    let both = "To test a server by its address, give --account twice. To test the server on this machine, \
                give neither an address nor --account\n";
    let installation = Installation::with_accounts(&[]);
    for (arguments, words) in [
        (["10.0.0.1", "--account", "a"].as_slice(), both),
        (&["10.0.0.1"], both),
        (&["--account", "a", "--account", "b"], both),
        (&["10.0.0.1", "--account", "a", "--account", "A"], "two different accounts"),
        (&["10.0.0.1:x", "--account", "a", "--account", "b"], "is not an address"),
        (&["10.0.0.1:70000", "--account", "a", "--account", "b"], "the port is at most 65535"),
        (&["--frobnicate"], "[ADDRESS[:PORT] --account SIGN-IN-NAME --account SIGN-IN-NAME]"),
    ] {
        let arguments = [["selftest"].as_slice(), arguments].concat();
        let shown = run_to_end(installation.program(&arguments), PASSWORDS.as_bytes());
        assert!(shown.expect_failure(2).contains(words), "{shown:?}");
    }
    let shown = remote(&installation, "10.0.0.1", "secret\n");
    assert!(
        shown.expect_failure(1).contains("no line with the password of bob@example.com"),
        "{shown:?}"
    );
}

/// Starts a server that refers every client to a silent one, and a self-test that waits for it.
struct Waiting {
    installation: Installation,
    server: Server,
    test: Child,
    _silent: TcpStream,
}

impl Waiting {
    fn begin() -> Waiting {
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = silent.local_addr().expect("its address");
        let text = servers(&format!("\"{address}\""), "None");
        let installation = Installation::configured(&[], &text);
        let server = installation.start();
        let mut command = installation.program(&["selftest"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let test = command.spawn().expect("starting msnpd selftest");
        // It has connected to the silent one.
        let (silent, _) = silent.accept().expect("a connection");
        let waiting = Waiting { installation, server, test, _silent: silent };
        assert_eq!(handles(&waiting.installation).lines().count(), 2);
        waiting
    }

    fn signal(&self, name: &str) {
        let pid = self.test.id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -s \"$1\" \"$0\"", &pid, name]).status();
        assert!(sent.expect("running kill").success());
    }
}

#[test]
fn a_test_that_is_interrupted_leaves_no_accounts() {
    for name in ["INT", "TERM"] {
        let mut waiting = Waiting::begin();
        waiting.signal(name);
        assert_eq!(waiting.test.wait().expect("its end").code(), Some(130));
        assert_eq!(handles(&waiting.installation), "");
        waiting.server.stop();
    }
}

#[test]
fn accounts_of_a_killed_test_are_removed() {
    let mut waiting = Waiting::begin();
    waiting.signal("KILL");
    waiting.test.wait().expect("its end");
    // The server notices it some time later.
    while !handles(&waiting.installation).is_empty() {}
    waiting.server.stop();
}

#[test]
fn one_test_runs_at_a_time() {
    let mut waiting = Waiting::begin();
    let second = waiting.installation.run(&["selftest"]);
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.stdout.contains("another self-test is running"), "{second:?}");
    waiting.signal("INT");
    waiting.test.wait().expect("its end");
    waiting.server.stop();
}

#[test]
fn leftovers_of_a_killed_server_are_removed_by_the_next_test() {
    let Waiting { installation, server, mut test, _silent } = Waiting::begin();
    // It is killed before it can remove the accounts.
    drop(server);
    test.kill().expect("killing it");
    test.wait().expect("its end");
    installation.add(&account("alice", None));
    assert_eq!(handles(&installation).lines().count(), 3);
    std::fs::write(installation.configuration(), servers("None", "None")).expect("config.ron");
    let server = installation.start();
    let shown = installation.run(&["selftest"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert_eq!(handles(&installation), "alice@example.com  alice\n");
    server.stop();
}
