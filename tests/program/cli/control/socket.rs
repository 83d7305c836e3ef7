//! The control socket.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use crate::support::conversation::account;
use crate::support::server::Installation;

fn open(installation: &Installation) -> UnixStream {
    let socket = UnixStream::connect(installation.data().join("msnpd.sock")).expect("the socket");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a read timeout");
    socket
}

fn answer(installation: &Installation, request: &[u8]) -> String {
    let mut socket = open(installation);
    socket.write_all(request).expect("writing a request");
    let mut line = String::new();
    BufReader::new(socket).read_line(&mut line).expect("an answer");
    line
}

#[test]
fn the_socket_is_for_its_owner_only_and_goes_with_the_server() {
    let installation = Installation::with_accounts(&[]);
    let server = installation.start();
    let path = installation.data().join("msnpd.sock");
    let found = fs::metadata(&path).expect("the socket");
    assert!(found.file_type().is_socket());
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
    server.stop();
    assert!(!path.exists());
}

#[test]
fn a_socket_that_a_killed_server_left_is_taken_over() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    let path = installation.data().join("msnpd.sock");
    drop(UnixListener::bind(&path).expect("a socket"));
    assert!(path.exists());
    // No server answers there, so the commands read the data themselves.
    assert_eq!(installation.run(&["user", "list"]).stdout, "alice@example.com  alice\n");
    let server = installation.start();
    assert_eq!(installation.run(&["status"]).code, Some(0));
    server.stop();
}

#[test]
fn commands_that_need_a_server_end_with_6_without_one() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    for arguments in [
        &["status"] as &[&str],
        &["status", "--json"],
        &["kick", "alice"],
        &["broadcast", "soon"],
        &["stop"],
        &["stop", "--in", "5"],
        &["stop", "--cancel"],
        &["reload"],
        &["trace", "alice"],
    ] {
        let refused = installation.run(arguments);
        let words = refused.expect_failure(6);
        let folder = installation.data().display().to_string();
        let said = format!("msnpd: no server is using the data folder {folder}");
        assert!(words.starts_with(&said), "{words}");
        assert!(words.contains("--data"), "the way out: {words}");
    }
}

#[test]
fn looking_for_accounts_makes_no_folder() {
    let installation = Installation::with_accounts(&[]);
    std::fs::remove_dir(installation.data()).expect("removing the data folder");
    for arguments in [
        &["user", "list"] as &[&str],
        &["user", "remove", "alice"],
        &["user", "rename", "alice", "Alice"],
        &["verify"],
        &["export", "-"],
    ] {
        installation.run(arguments);
        assert!(!installation.data().exists(), "{arguments:?} made a folder");
    }
}

#[test]
fn an_invalid_request_is_answered_and_the_server_continues() {
    let installation = Installation::with_accounts(&[]);
    let server = installation.start();
    for request in [
        b"hello\n" as &[u8],
        b"\n",
        b"{}\n",
        b"{\"kick\":{}}\n",
        b"\xff\xfe\x00\n",
        b"{\"chunk\":4294967295}\n",
    ] {
        let said = answer(&installation, request);
        assert!(said.starts_with("{\"failed\":{\"code\":1,"), "{request:?}: {said}");
    }
    let said = answer(&installation, &vec![b'x'; 9000]);
    assert!(said.contains("the message is too long"), "{said}");
    // Half a request, and an incomplete file.
    drop(open(&installation).write_all(b"{\"stat"));
    let mut half = open(&installation);
    half.write_all(b"{\"import\":{\"any_domain\":false}}\n{\"chunk\":10}\nabc")
        .expect("half a file");
    drop(half);
    let huge = answer(&installation, b"\"restore\"\n{\"chunk\":65537}\n");
    assert!(huge.contains("\"failed\""), "{huge}");
    assert_eq!(installation.run(&["status"]).code, Some(0));
    server.stop();
}

#[test]
fn several_requests_may_follow_one_another() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    let server = installation.start();
    let mut socket = open(&installation);
    socket.write_all(b"\"user-list\"\n\"verify\"\n").expect("two requests");
    socket.shutdown(std::net::Shutdown::Write).expect("no more requests");
    let mut answers = String::new();
    socket.read_to_string(&mut answers).expect("two answers");
    let rows = "{\"done\":{\"accounts\":[{\"handle\":\"alice@example.com\",\"name\":\"alice\",\"disabled\":false}]}}\n";
    let examined = "{\"done\":{\"examined\":{\"accounts\":1,\"entries\":0,\"faults\":[]}}}\n";
    assert_eq!(answers, format!("{rows}{examined}"));
    server.stop();
}

#[test]
fn a_command_beyond_the_limit_is_refused_with_the_reason() {
    let installation = Installation::with_accounts(&[]);
    let server = installation.start();
    let mut silent: Vec<UnixStream> = (0..16).map(|_| open(&installation)).collect();
    // They are served once they have an answer.
    for socket in &mut silent {
        socket.write_all(b"\"user-list\"\n").expect("a request");
        let mut line = String::new();
        BufReader::new(socket).read_line(&mut line).expect("an answer");
        assert!(line.starts_with("{\"done\""), "{line}");
    }
    let refused = installation.run(&["status"]);
    assert!(refused.expect_failure(1).contains("16 commands are running already"), "{refused:?}");
    drop(silent);
    while installation.run(&["status"]).code != Some(0) {}
    server.stop();
}

#[test]
fn the_rest_of_a_refused_file_is_not_read_as_a_request() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    let server = installation.start();
    let mut socket = open(&installation);
    socket
        .write_all(b"{\"import\":{\"any_domain\":false}}\n{\"chunk\":3}\nabc{\"chunk\":0}\n{\"user-remove\":{\"handle\":\"alice\"}}\n")
        .expect("a file that is not an export");
    let mut answers = String::new();
    socket.read_to_string(&mut answers).expect("an answer");
    assert_eq!(answers.lines().count(), 1, "{answers}");
    assert!(answers.contains("neither an export"), "{answers}");
    assert!(installation.run(&["user", "list"]).stdout.contains("alice@example.com"));
    server.stop();
}

#[test]
fn a_password_in_an_invalid_request_is_not_logged() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    let server = installation.start();
    let said =
        answer(&installation, b"{\"user-passwd\":{\"handle\":\"alice\",\"password\":31415926}}\n");
    assert!(said.contains("unknown request"), "{said}");
    let log = server.stop_and_read_log().join("\n");
    assert!(!said.contains("31415926") && !log.contains("31415926"), "{said} {log}");
}
