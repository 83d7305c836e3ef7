//! Clients that sign in and talk, for tests that are not scripts.
//!
//! Every account has [`PASSWORD`], and a handle in `example.com`. Tests name a user by the local part of
//! the handle, which is also the friendly name unless the test sets another.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use crate::support::connection::Connection;
use crate::support::digest;
use crate::support::server::{Account, Listener, Server};

/// The password of every account here.
pub(crate) const PASSWORD: &str = "secret";

/// Returns an account, with the default friendly name if there is no `name`.
pub(crate) fn account(who: &str, name: Option<&str>) -> Account {
    let handle = format!("{who}@example.com");
    Account { handle, name: name.map(str::to_owned), password: PASSWORD.to_owned() }
}

impl Connection {
    /// Sends a line.
    pub(crate) fn send_line(&mut self, line: &str) {
        self.send(format!("{line}\r\n").as_bytes()).expect("writing to msnpd");
    }

    /// Reads the next line, and returns it without its CRLF.
    pub(crate) fn next_line(&mut self) -> String {
        let line = self.read_line().unwrap_or_else(|got| panic!("expected a line, got {got}"));
        let text = String::from_utf8(line).expect("a line of text");
        text.strip_suffix("\r\n").unwrap_or_else(|| panic!("no CRLF: {text:?}")).to_owned()
    }

    /// Checks that this is the next line.
    pub(crate) fn expect(&mut self, line: &str) {
        assert_eq!(self.next_line(), line);
    }

    /// Checks how the next line begins, and returns the words after that.
    pub(crate) fn expect_words(&mut self, beginning: &str) -> Vec<String> {
        let line = self.next_line();
        let rest = line.strip_prefix(beginning);
        let rest = rest.unwrap_or_else(|| panic!("expected `{beginning}…`, got `{line}`"));
        rest.split(' ').map(str::to_owned).collect()
    }
}

/// Signs in without a presence, and reads the profile.
pub(crate) fn sign_in(mut ns: Connection, who: &str) -> Connection {
    ns.send_line(&format!("USR 1 MD5 I {who}@example.com"));
    let challenge = ns.expect_words("USR 1 MD5 S ").remove(0);
    let digest = digest::md5(challenge.as_bytes(), PASSWORD.as_bytes());
    ns.send_line(&format!("USR 2 MD5 S {digest}"));
    ns.expect_words(&format!("USR 2 OK {who}@example.com "));
    ns.send_line("PNG");
    ns.expect("QNG");
    let length = ns.expect_words("MSG Hotmail Hotmail ").remove(0);
    ns.read_payload(length.parse().expect("a length")).expect("the profile");
    ns
}

/// Signs in and sets the state to online. No contact may be online yet.
pub(crate) fn sign_in_online(server: &Server, who: &str) -> Connection {
    let mut ns = sign_in(Connection::open(server.address(Listener::Notification)), who);
    ns.send_line("CHG 3 NLN");
    ns.expect("CHG 3 NLN");
    ns
}

/// Opens a new conversation.
pub(crate) fn open_switchboard(ns: &mut Connection, who: &str) -> Connection {
    ns.send_line("XFR 4 SB");
    let words = ns.expect_words("XFR 4 SB ");
    let [address, method, cookie] = words.as_slice() else { panic!("XFR SB {words:?}") };
    assert_eq!(method, "CKI");
    let mut sb = Connection::open(parsed(address));
    sb.send_line(&format!("USR 1 {who}@example.com {cookie}"));
    sb.expect_words(&format!("USR 1 OK {who}@example.com "));
    sb
}

/// Invites `callee` to a conversation with `present`, and joins it as `callee`. The caller must read each
/// `JOI`.
pub(crate) fn call(
    sb: &mut Connection,
    callee_ns: &mut Connection,
    callee: &str,
    present: &[&str],
) -> Connection {
    sb.send_line(&format!("CAL 2 {callee}@example.com"));
    let sid = sb.expect_words("CAL 2 RINGING ").remove(0);
    join(callee_ns, callee, &sid, present)
}

/// Answers the invitation that is next on the NS connection.
pub(crate) fn join(ns: &mut Connection, who: &str, sid: &str, present: &[&str]) -> Connection {
    let words = ns.expect_words(&format!("RNG {sid} "));
    let [address, method, cookie, _caller, _name] = words.as_slice() else {
        panic!("RNG {words:?}")
    };
    assert_eq!(method, "CKI");
    let mut sb = Connection::open(parsed(address));
    sb.send_line(&format!("ANS 1 {who}@example.com {cookie} {sid}"));
    for (index, one) in present.iter().enumerate() {
        let number = index + 1;
        sb.expect(&format!("IRO 1 {number} {} {one}@example.com {one}", present.len()));
    }
    sb.expect("ANS 1 OK");
    sb
}

/// Parses an address as the program writes it: dotted IPv4 and a port.
fn parsed(address: &str) -> SocketAddr {
    let address: SocketAddrV4 = address.parse().expect("a dotted IPv4 address with a port");
    assert_eq!(*address.ip(), Ipv4Addr::LOCALHOST);
    address.into()
}
