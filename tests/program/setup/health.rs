//! `msnpd check` of valid installations, and the form of its output.

use std::fs;
use std::os::unix::net::UnixListener;
use std::process::Command;

use crate::setup::place::Place;
use crate::support::operator::{Outcome, run_to_end};
use crate::support::server::{Account, Installation, Listener, Server};

/// Returns the lines of a check, without the notes about the machine that runs the test.
fn lines(outcome: &Outcome) -> Vec<&str> {
    let about_machine = [
        "note   addresses: this machine has no IPv4 address",
        "note   allow: this machine's address",
    ];
    let is_about_server = |line: &&str| !about_machine.iter().any(|about| line.starts_with(about));
    outcome.stdout.lines().filter(is_about_server).collect()
}

/// Returns what was checked, and the results.
fn verdicts(outcome: &Outcome) -> Vec<(&str, &str)> {
    let verdict = |line| -> Option<(&str, &str)> {
        let (verdict, rest) = str::split_once(line, ' ')?;
        Some((verdict, rest.split_once(": ")?.0.trim_start()))
    };
    lines(outcome).into_iter().map(|line| verdict(line).expect("a finding")).collect()
}

/// Returns the findings for three servers with or without configured ports.
fn well(servers: &'static str, listen: &'static str) -> [(&'static str, &'static str); 16] {
    [
        ("ok", "configuration"),
        (servers, "servers"),
        (listen, "listen"),
        (listen, "listen"),
        (listen, "listen"),
        ("ok", "addresses"),
        ("ok", "addresses"),
        ("ok", "allow"),
        ("ok", "domains"),
        ("ok", "open files"),
        ("ok", "data folder"),
        ("ok", "owner"),
        ("ok", "key"),
        ("ok", "store"),
        ("ok", "administrator"),
        ("ok", "clock"),
    ]
}

#[test]
fn after_init_no_problem_is_found() {
    let place = Place::initialised();
    let before = ["config.ron", "msnpd.admin", "msnpd.key"].map(|file| format!("data/{file}"));
    let before = before.map(|name| (place.read(&name), name));
    let checked = place.run(&["check"]);
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""), "{checked:?}");
    assert_eq!(verdicts(&checked), well("ok", "note"));
    assert!(
        checked.stdout.contains(
            "data/msnpd.redb has no faults and contains 0 \
                                     accounts\n"
        ),
        "{checked:?}"
    );
    for (bytes, name) in before {
        assert!(place.read(&name) == bytes, "{name}");
    }
    assert_eq!(place.names("data"), ["config.ron", "msnpd.admin", "msnpd.key", "msnpd.redb"]);
    assert_eq!(place.run(&["user", "add", "alice"]).code, Some(0));
    let checked = place.run(&["check"]);
    assert!(
        checked.stdout.contains(
            "data/msnpd.redb has no faults and contains 1 account and the \
                                 greeter\n"
        ),
        "{checked:?}"
    );
}

#[test]
fn before_init_no_problem_is_found_and_nothing_is_created() {
    let place = Place::new();
    place.write(
        "config.ron",
        "(web: None, dispatch: None, notification: (listen: \"127.0.0.1:0\"))",
    );
    let checked = place.run(&["check"]);
    for line in [
        "ok     configuration: config.ron is valid",
        "ok     data folder: data does not exist yet; the first start creates it",
    ] {
        assert!(lines(&checked).contains(&line), "{line}: {checked:#?}");
    }
    assert_eq!(checked.code, Some(0), "{checked:#?}");
    assert_eq!(place.names("."), ["config.ron"]);
    fs::create_dir(place.path("data")).expect("a folder");
    place.set_mode("data", 0o700);
    let checked = place.run(&["check"]);
    for line in [
        "ok     data folder: data exists, accessible to its owner only",
        "ok     key: data/msnpd.key does not exist yet; it is created with the store",
        "ok     store: data/msnpd.redb does not exist yet; the first start creates it",
    ] {
        assert!(lines(&checked).contains(&line), "{line}: {checked:#?}");
    }
    assert_eq!(checked.code, Some(0), "{checked:#?}");
    assert!(place.names("data").is_empty());
}

#[test]
fn a_key_under_its_older_name_is_noted() {
    let place = Place::new();
    let listen = "web: None, dispatch: None, notification: (listen: \"127.0.0.1:0\")";
    place.write("config.ron", format!("({listen},\nrepeated_blp: refuse)"));
    let checked = place.run(&["check"]);
    let line = "note   configuration: config.ron line 2: the key `repeated_blp` is now called \
                `repeated`. \
                Write the new name; the old one is still read";
    assert!(checked.stdout.contains(line), "{checked:#?}");
    assert_eq!(checked.code, Some(0), "{checked:#?}");
    let shown = place.run(&["config", "show"]);
    let shown = shown.stdout.lines().find(|line| line.starts_with("repeated "));
    assert!(shown.is_some_and(|line| line.ends_with("config.ron line 2")), "{shown:?}");
    // It is not taken for an unknown key.
    place.write("config.ron", format!("({listen},\nrepeated_blp: refuse,\nfoo: 1)"));
    let checked = place.run(&["check"]);
    assert!(!checked.stdout.contains("repeated"), "{checked:#?}");
    assert!(checked.stdout.contains("unknown key `foo`"), "{checked:#?}");
}

#[test]
fn a_running_server_has_no_problem() {
    let place = Place::initialised();
    place.edit("0.0.0.0:0", "127.0.0.1:0");
    let server = Server::start(place.program(&["run"]));
    // At the address of a running server.
    let _socket = UnixListener::bind(place.path("data/msnpd.sock")).ok();
    let dispatch = server.address(Listener::Dispatch).to_string();
    place.edit("127.0.0.1:0", &dispatch);
    let [notification, switchboard] = [Listener::Notification, Listener::Switchboard]
        .map(|listener| server.address(listener).to_string());
    place.edit("0.0.0.0:0", &notification);
    place.edit("0.0.0.0:0", &switchboard);
    let checked = place.run(&["check"]);
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""), "{checked:?}");
    assert_eq!(verdicts(&checked), well("note", "ok"));
    for line in [
        format!("ok     listen: {dispatch} (Dispatch Server) is in use by the running server"),
        format!(
            "ok     listen: {notification} (Notification Server) is in use by the running server"
        ),
        format!(
            "ok     listen: {switchboard} (Switchboard Server) is in use by the running server"
        ),
        "ok     store: data/msnpd.redb is in use by the running server".to_owned(),
    ] {
        assert!(lines(&checked).contains(&line.as_str()), "{line}: {checked:#?}");
    }
    server.stop();
}

#[test]
fn a_configuration_named_on_the_command_line_is_checked() {
    let alice =
        Account { handle: "alice@hotmail.com".into(), name: None, password: "secret".into() };
    let text = "(dispatch: None, switchboard: None, notification: (listen: \"127.0.0.1:0\"))";
    let installation = Installation::configured(&[], text);
    let data = installation.data().display().to_string();
    let config = installation.configuration().display().to_string();
    assert_eq!(installation.run(&["init"]).code, Some(0));
    let checked = installation.run(&["check"]);
    assert_eq!(checked.code, Some(0), "{checked:#?}");
    for line in [
        format!("ok     configuration: {config} is valid"),
        format!("ok     data folder: {data} exists, accessible to its owner only"),
        format!("ok     store: {data}/msnpd.redb has no faults and contains 0 accounts"),
    ] {
        assert!(lines(&checked).contains(&line.as_str()), "{line}: {checked:#?}");
    }
    // A server that was not set up by `init` lacks only the administrator.
    let installation = Installation::with_accounts(&[alice]);
    installation.start().stop();
    let checked = installation.run(&["check"]);
    assert_eq!(checked.code, Some(0), "{checked:#?}");
    assert!(
        checked.stdout.contains(
            "msnpd.redb has no faults and contains 1 \
                                     account\n"
        ),
        "{checked:#?}"
    );
}

#[test]
fn scripts_read_the_same_as_json() {
    let place = Place::initialised();
    place.edit("domains: [\"hotmail.com\"]", "domains: [\"example.com\"]");
    place.set_mode("data/msnpd.key", 0o644);
    let text = place.run(&["check"]);
    let json = place.run(&["check", "--json"]);
    assert_eq!((text.code, json.code), (Some(5), Some(5)));
    assert_eq!(json.stderr, "msnpd: 1 problem found: each `wrong` line explains what to do\n");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json.stdout).expect("JSON");
    let word = |row: &serde_json::Value, key: &str| row[key].as_str().expect("a word").to_owned();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let mend = match &row["mend"] {
                serde_json::Value::Null => String::new(),
                mend => format!(". {}", mend.as_str().expect("words")),
            };
            let (result, check) = (word(row, "result"), word(row, "check"));
            format!("{result:5}  {check}: {}{mend}", word(row, "words"))
        })
        .collect();
    assert_eq!(lines, text.stdout.lines().collect::<Vec<&str>>());
    assert!(rows.iter().any(|row| row["result"] == "note" && row["check"] == "domains"));
    assert!(rows.iter().any(|row| row["result"] == "wrong" && row["check"] == "key"));
}

#[test]
fn everything_is_checked_and_the_first_mistake_sets_the_exit_code() {
    let place = Place::initialised();
    place.edit("0.0.0.0:0", "192.0.2.99:0");
    place.write("data/msnpd.admin", "nothing");
    fs::remove_file(place.path("data/msnpd.key")).expect("removing the key");
    let checked = place.run(&["check"]);
    let wrong: Vec<(&str, &str)> =
        verdicts(&checked).into_iter().filter(|(verdict, _)| *verdict == "wrong").collect();
    let expected = ["listen", "addresses", "key", "administrator"];
    assert_eq!(wrong[0], ("wrong", "listen"));
    assert!(wrong.iter().all(|(_, check)| expected.contains(check)), "{wrong:?}");
    assert_eq!(checked.code, Some(4));
    let code = |from: &str, bytes: &[u8]| {
        place.write(from, bytes);
        place.run(&["check"]).code
    };
    assert_eq!(code("data/config.ron", b"(dispatch: None, frobnicate: 1)"), Some(3));
    let one =
        b"(web: None, dispatch: None, notification: (listen: \"127.0.0.1:0\"), switchboard: None)";
    assert_eq!(code("data/config.ron", one), Some(5));
    fs::remove_file(place.path("data/msnpd.redb")).expect("removing the store");
    assert_eq!(place.run(&["check"]).code, Some(1));
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let place = Place::initialised();
    let program = env!("CARGO_BIN_EXE_msnpd");
    let mut shell = Command::new("sh");
    shell.args(["-c", "\"$0\" config default | head -n 1", program]);
    shell.current_dir(place.path("."));
    let read = run_to_end(shell, b"");
    assert_eq!(read.stderr, "", "{read:?}");
    assert!(read.stdout.starts_with("// The configuration of msnpd."), "{read:?}");
}
