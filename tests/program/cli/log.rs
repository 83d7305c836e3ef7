//! The log on standard error: one line for each event, and no secrets.

use crate::cli::passwords::signs_in;
use crate::cli::people::{connect, of};
use crate::support::connection::Connection;
use crate::support::conversation::{
    PASSWORD, account, call, open_switchboard, sign_in, sign_in_online,
};
use crate::support::digest;
use crate::support::server::{Installation, Listener, without_time};
use std::fs::File;
use std::os::unix::fs::MetadataExt;

/// Returns the lines that contain all these words. There must be this many.
fn assert_lines(log: &[String], count: usize, words: &[&str]) {
    let has_all = |line: &&String| words.iter().all(|word| line.contains(word));
    let found: Vec<&String> = log.iter().filter(has_all).collect();
    assert_eq!(found.len(), count, "lines with {words:?} in {log:#?}");
}

#[test]
fn the_start_logs_the_active_settings_and_the_next_step() {
    for (names, accounts) in [
        (&[] as &[&str], "0 accounts"),
        (&["alice"], "1 account"),
        (&["alice", "bob"], "2 accounts"),
    ] {
        let installation = of(names);
        let server = installation.start();
        let addresses = [Listener::Dispatch, Listener::Notification, Listener::Switchboard]
            .map(|listener| server.address(listener));
        for address in addresses {
            assert_ne!(address.port(), 0, "the port that the system chose");
        }
        let port = addresses[0].port();
        let log = server.stop_and_read_log();
        let said: Vec<&str> = log
            .iter()
            .map(|line| line.strip_prefix("INFO  ").unwrap_or_else(|| panic!("{line}")))
            .collect();
        let config = installation.configuration().display().to_string();
        let data = installation.data().display().to_string();
        let fixed = [
            format!("configuration: {config}"),
            format!("listening on {} (Dispatch Server)", addresses[0]),
            format!("listening on {} (Notification Server)", addresses[1]),
            format!("listening on {} (Switchboard Server)", addresses[2]),
            format!("data in {data}; {accounts}"),
        ];
        assert_eq!(said[..fixed.len()], fixed);
        let rest = &said[fixed.len()..];
        let steps: Vec<&&str> = rest.iter().take_while(|line| line.starts_with("next: ")).collect();
        assert_eq!(steps.len(), if names.len() < 2 { 2 } else { 1 }, "{said:#?}");
        assert!(
            steps.last().is_some_and(|step| step.contains(&format!("127.0.0.1, port {port}"))),
            "the address to type into the client: {steps:?}"
        );
        assert_eq!(rest[steps.len()..], ["ready", "stopping, with 0 open connections", "stopped"]);
        if names.len() < 2 {
            let command = format!("@example.com --config {config} --data {data}");
            assert!(steps[0].contains(" user add ") && steps[0].ends_with(&command), "{steps:?}");
        }
    }
}

/// systemd.exec(5): where the journal reads standard error, `JOURNAL_STREAM` has its device and inode.
#[test]
fn each_line_has_its_time_unless_the_journal_adds_it() {
    let installation = of(&[]);
    let path = installation.directory.path().join("log");
    let log = |is_journal: bool| {
        let file = File::create(&path).expect("a file");
        let found = file.metadata().expect("its numbers");
        let inode = if is_journal { found.ino() } else { found.ino() + 1 };
        let mut program = installation.program(&["run", "--smoke"]);
        program.env("JOURNAL_STREAM", format!("{}:{inode}", found.dev())).stderr(file);
        assert!(program.status().expect("msnpd").success());
        std::fs::read_to_string(&path).expect("the log")
    };
    let (plain, timed) = (log(true), log(false));
    assert!(plain.lines().count() > 5 && plain.lines().count() == timed.lines().count());
    assert!(plain.lines().all(|line| line.starts_with("INFO  ")), "{plain}");
    for line in timed.lines() {
        let words = without_time(line).unwrap_or_else(|| panic!("a time is missing: {line}"));
        assert!(words.starts_with("INFO  "), "{line}");
    }
    // Times increase, and match the clock of the machine.
    let times: Vec<&str> = timed.lines().filter_map(|line| line.get(..24)).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn the_next_step_can_be_typed_as_it_stands() {
    let installation = of(&[]);
    for expected in ["alice@example.com", "bob@example.com"] {
        let server = installation.start();
        let log = server.stop_and_read_log();
        let step = log.iter().find_map(|line| line.split_once("next: create an account: "));
        let (_, command) = step.expect("a command to type");
        let mut words = command.split(' ');
        assert_eq!(words.next(), Some(env!("CARGO_BIN_EXE_msnpd")));
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_msnpd"));
        program.args(words).current_dir(installation.directory.path());
        program.env_remove("MSNPD_CONFIG").env_remove("MSNPD_DATA");
        let done = crate::support::operator::run_to_end(program, b"secret\n");
        let said = format!("created the account {expected} in the data folder ");
        assert!(done.stderr.starts_with(&said), "{done:?}");
    }
    let log = installation.start().stop_and_read_log();
    assert_lines(&log, 0, &["user add"]);
}

#[test]
fn sign_in_and_every_end_are_one_line_each() {
    let installation = of(&["alice", "bob", "carol", "dave"]);
    let server = installation.start();
    // alice signs in elsewhere, bob signs off, carol hangs up, dave is there when the server stops.
    let mut old = sign_in(connect(&server), "alice");
    let mut new = sign_in(connect(&server), "alice");
    old.expect("OUT OTH");
    old.read_end().expect("the end");
    let mut bob = sign_in(connect(&server), "bob");
    bob.send_line("OUT");
    bob.read_end().expect("the end");
    let mut carol = sign_in(connect(&server), "carol");
    carol.finish_writing();
    carol.read_end().expect("the end");
    new.send_line("OUT");
    new.read_end().expect("the end");
    let mut dave = sign_in_online(&server, "dave");
    server.signal("TERM");
    dave.expect("OUT SSD");
    drop((old, bob, carol, new, dave));
    let log = server.log.clone();
    server.wait();
    let log: Vec<String> = log.lock().expect("the log").lines().map(str::to_owned).collect();

    for (who, count) in [("alice", 2), ("bob", 1), ("carol", 1), ("dave", 1)] {
        let handle = format!("signed in as {who}@example.com (MSNP2)");
        assert_lines(&log, count, &["INFO  session ", " 127.0.0.1 ", &handle]);
    }
    assert_lines(&log, 5, &["session ", " ended: "]);
    for (reason, count) in [
        ("signed in elsewhere", 1),
        ("signed off", 2),
        ("the client closed the connection", 1),
        ("the server is shutting down", 1),
    ] {
        let end = format!("@example.com ended: {reason}");
        assert_lines(&log, count, &["INFO  session ", " 127.0.0.1 of ", &end]);
    }
    // The numbers are those of the signed-in sessions.
    let number = |line: &String| line.split(' ').find_map(|word| word.parse::<u64>().ok());
    let numbers = |words: &str| -> Vec<u64> {
        let lines = log.iter().filter(|line| line.contains(words));
        let mut numbers: Vec<u64> = lines.filter_map(number).collect();
        numbers.sort_unstable();
        numbers
    };
    assert_eq!(numbers(" signed in as "), numbers(" ended: "));
}

#[test]
fn refusals_are_one_line_each_with_the_reason_in_words() {
    let installation = of(&["alice", "bob"]);
    let server = installation.start();
    let denied = Err("911 2".to_owned());
    assert_eq!(signs_in(&server, "alice@example.com", "wrong"), denied);
    assert_eq!(signs_in(&server, "ghost@example.com", "wrong"), denied);
    let mut modern = connect(&server);
    modern.send_line("VER 1 MSNP8");
    modern.expect("VER 1 0");
    modern.read_end().expect("the end");
    let mut forger = Connection::open(server.address(Listener::Switchboard));
    forger.send_line("USR 1 alice@example.com 123456789.123456789.123456789");
    forger.expect("911 1");
    forger.read_end().expect("the end");
    let mut liar = connect(&server);
    liar.send_line("CAL 1 bob@example.com");
    liar.read_end().expect("the end");
    let mut rude = connect(&server);
    rude.send_line("get / HTTP/1.1");
    rude.read_end().expect("the end");
    drop((modern, forger, liar, rude));
    let log = server.stop_and_read_log();

    assert_lines(&log, 1, &["WARN ", "127.0.0.1 refused: wrong password", "alice@example.com"]);
    assert_lines(&log, 1, &["WARN ", "127.0.0.1 refused: no account", "ghost@example.com"]);
    assert_lines(&log, 1, &["WARN ", "127.0.0.1 refused: the client offers MSNP8", "MSNP2"]);
    assert_lines(&log, 1, &["WARN ", "127.0.0.1 refused at the switchboard: ", "cookie"]);
    let [other, unknown] =
        ["sent CAL: command of another server", "sent something that is not a command"];
    assert_lines(&log, 1, &["WARN  session ", &format!(" 127.0.0.1 {other}")]);
    assert_lines(&log, 1, &["WARN  session ", &format!(" 127.0.0.1 {unknown}")]);
    // Each event has exactly one line.
    assert_lines(&log, 6, &["WARN "]);
    assert_lines(&log, 0, &["signed in"]);
    // Then the connection ends, which has one line too.
    for (title, end) in [
        ("session", " (claims to be alice@example.com) ended: wrong password or unknown account"),
        ("session", " ended: wrong password or unknown account"),
        ("session", " ended: no protocol version in common"),
        (
            "switchboard connection",
            " (claims to be alice@example.com) ended: wrong, used or expired cookie",
        ),
        ("session", " ended: a command was refused: command of another server"),
        ("session", " ended: a command was refused: unknown command"),
    ] {
        assert_lines(&log, 1, &[&format!("INFO  {title} "), &format!(" 127.0.0.1{end}")]);
    }
    assert_lines(&log, 6, &["INFO  ", " ended: "]);
}

#[test]
fn levels_leave_out_what_is_below_them() {
    let text = |level: &str| {
        let listeners = ["dispatch", "notification", "switchboard"]
            .map(|one| format!("{one}: (listen: \"127.0.0.1:0\"),"));
        format!("({}log: {level})", listeners.concat())
    };
    let server = Installation::configured(&[], &text("debug")).start();
    let mut other = connect(&server);
    other.send_line("VER 1 MSNP8 MSNP2");
    other.expect("VER 1 MSNP2");
    other.finish_writing();
    other.read_end().expect("the end");
    let mut barred = connect(&server);
    barred.send_line("QQQ 1");
    barred.read_end().expect("the end");
    drop((other, barred));
    let log = server.stop_and_read_log();
    assert_lines(&log, 1, &["DEBUG ", "ended: the client closed the connection"]);
    assert_lines(&log, 1, &["DEBUG ", "command denied: unknown command"]);
    // Words, not names of the code.
    for code in ["OtherServer", "Unknown", "Some(", "Notification("] {
        assert_lines(&log, 0, &[code]);
    }
    // Below `info` the start logs nothing, but failures are still logged.
    let installation = Installation::configured(&[], &text("error"));
    std::fs::remove_dir(installation.data()).expect("removing the data folder");
    std::fs::write(installation.data(), "not a folder").expect("writing a file");
    let refused = installation.run(&["run"]);
    assert_eq!(refused.expect_failure(5).lines().count(), 1, "{refused:?}");
}

#[test]
fn no_secret_is_ever_logged() {
    const TEXT: &str = "rosebud";
    let listeners = ["dispatch", "notification", "switchboard"]
        .map(|one| format!("{one}: (listen: \"127.0.0.1:0\"),"));
    let text = format!("({}domains: [\"example.com\"], log: debug)", listeners.concat());
    let installation =
        Installation::configured(&[account("alice", None), account("bob", None)], &text);
    let server = installation.start();
    let mut secrets = vec![PASSWORD.to_owned(), TEXT.to_owned()];

    // A wrong answer, one with a surplus word, and one without a challenge.
    for tail in ["", " more", "tail"] {
        let mut ns = connect(&server);
        ns.send_line("USR 1 MD5 I alice@example.com");
        let challenge = ns.expect_words("USR 1 MD5 S ").remove(0);
        let answer = digest::md5(challenge.as_bytes(), b"not the password");
        ns.send_line(&format!("USR 2 MD5 S {answer}{tail}"));
        secrets.extend([challenge, answer]);
        ns.finish_writing();
        while ns.read_line().is_ok() {}
    }
    let mut ns = connect(&server);
    let answer = digest::md5(b"nothing", PASSWORD.as_bytes());
    ns.send_line(&format!("USR 2 MD5 S {answer}"));
    secrets.push(answer);
    ns.expect("911 2");
    ns.read_end().expect("the end");

    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    let mut first = open_switchboard(&mut alice, "alice");
    let mut second = call(&mut first, &mut bob, "bob", &["alice"]);
    first.expect("JOI bob@example.com bob");
    first.send_line(&format!("MSG 5 A {}", TEXT.len()));
    first.send(TEXT.as_bytes()).expect("writing a message");
    first.expect("ACK 5");
    second.expect("MSG alice@example.com alice 7");
    second.read_payload(7).unwrap_or_else(|got| panic!("{got}"));

    // Cookies that do not exist, or that are malformed.
    alice.send_line("XFR 9 SB");
    let cookie = alice.expect_words("XFR 9 SB ").remove(2);
    for line in [
        format!("USR 1 bob@example.com {cookie}"),
        format!("ANS 1 bob@example.com {cookie} 12345678"),
        format!("ANS 1 bob@example.com {cookie} x"),
        format!("USR x alice@example.com {cookie}"),
        format!("USR 1 {cookie}"),
        format!("{cookie} 1"),
    ] {
        let mut sb = Connection::open(server.address(Listener::Switchboard));
        sb.send_line(&line);
        sb.finish_writing();
        while sb.read_line().is_ok() {}
    }
    secrets.push(cookie);

    drop((alice, bob, first, second, ns));
    let log = server.stop_and_read_log();
    assert_lines(&log, 2, &["signed in as"]);
    for secret in &secrets {
        // The beginning of a secret is a secret too.
        let beginning = secret.get(..5).expect("secrets are longer");
        for line in &log {
            // A challenge begins with the time, which is no secret.
            let shown = if secret.contains('.') { secret.as_str() } else { beginning };
            assert!(!line.contains(shown), "`{shown}` of `{secret}` is in: {line}");
        }
    }
}

/// A client sends a length that is too small. The rest of its text is read as commands.
#[test]
fn the_text_of_a_message_with_a_wrong_length_is_not_logged() {
    let installation = of(&["alice"]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    for length in [0, 2] {
        let mut sb = open_switchboard(&mut alice, "alice");
        sb.send_line(&format!("MSG 6 U {length}"));
        sb.send_line("..rosebud rosebud");
        sb.read_end().expect("the end");
    }
    drop(alice);
    let log = server.stop_and_read_log();
    assert_lines(&log, 2, &["WARN ", "sent something that is not a command"]);
    assert_lines(&log, 0, &["rosebud"]);
}
