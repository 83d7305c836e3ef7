//! A client that signs in and reads its lists.

use crate::support::connection::Connection;
use crate::support::digest;
use crate::support::server::{Listener, Server};

/// Signs in with MSNP7, which has groups and telephone numbers.
pub(crate) fn sign_in(server: &Server, handle: &str, password: &str) -> Connection {
    let mut ns = Connection::open(server.address(Listener::Notification));
    assert_eq!(asked(&mut ns, "VER 1 MSNP7", 1), ["VER 1 MSNP7"]);
    let challenge = asked(&mut ns, &format!("USR 2 MD5 I {handle}"), 1).remove(0);
    let challenge = challenge.strip_prefix("USR 2 MD5 S ").expect("a challenge");
    let digest = digest::md5(challenge.as_bytes(), password.as_bytes());
    let answer = asked(&mut ns, &format!("USR 3 MD5 S {digest}"), 1).remove(0);
    assert!(answer.starts_with(&format!("USR 3 OK {handle} ")), "{answer}");
    ns
}

/// Sends a command, and returns this many lines with its transaction ID or without one. Messages of the
/// server between them are skipped.
pub(crate) fn asked(ns: &mut Connection, line: &str, count: usize) -> Vec<String> {
    ns.send(format!("{line}\r\n").as_bytes()).expect("writing");
    let mut lines = Vec::new();
    while lines.len() < count {
        let line = ns.read_line().unwrap_or_else(|got| panic!("{line}: {got} after {lines:?}"));
        let line = String::from_utf8(line).expect("text").trim_end().to_owned();
        match line.strip_prefix("MSG Hotmail Hotmail ") {
            Some(length) => drop(ns.read_payload(length.parse().expect("a length"))),
            None => lines.push(line),
        }
    }
    lines
}
