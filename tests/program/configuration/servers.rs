//! Servers that are left out, share a port, or advertise another address.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::support::connection::Connection;
use crate::support::conversation::{account, call, open_switchboard, sign_in, sign_in_online};
use crate::support::server::{Account, Installation, Listener, Server};

const HERE: &str = "(listen: \"127.0.0.1:0\")";

fn start(names: &[&str], text: &str) -> (Installation, Server) {
    let accounts: Vec<Account> = names.iter().map(|who| account(who, None)).collect();
    let installation = Installation::configured(&accounts, text);
    let server = installation.start();
    (installation, server)
}

/// Returns the answer of the Dispatch Server to a handle.
fn referral(server: &Server, handle: &str) -> (Connection, String) {
    let mut ds = Connection::open(server.address(Listener::Dispatch));
    ds.send_line("VER 1 MSNP2");
    ds.expect("VER 1 MSNP2");
    ds.send_line("INF 2");
    ds.expect("INF 2 MD5");
    ds.send_line(&format!("USR 3 MD5 I {handle}"));
    let answer = ds.next_line();
    (ds, answer)
}

/// Returns a loopback address of this test program, with a free port. Every other server of a test is at
/// 127.0.0.1.
fn own_address() -> SocketAddr {
    let [_, _, high, low] = std::process::id().to_be_bytes();
    let probe = TcpListener::bind((Ipv4Addr::new(127, 99, high, low), 0)).expect("an address");
    probe.local_addr().expect("the address")
}

#[test]
fn one_port_for_both_serves_as_notification_server_at_once() {
    let address = own_address();
    let one = format!("(listen: \"{address}\")");
    let text = format!("(dispatch: {one}, notification: {one}, switchboard: {HERE})");
    let (_installation, server) = start(&["alice"], &text);
    assert_eq!(server.address(Listener::Notification), address);
    // The commands for a Dispatch Server, but without a referral.
    let mut ns = Connection::open(address);
    ns.send_line("VER 1 MSNP2");
    ns.expect("VER 1 MSNP2");
    ns.send_line("INF 2");
    ns.expect("INF 2 MD5");
    let mut ns = sign_in(ns, "alice");
    ns.send_line("CHG 3 NLN");
    ns.expect("CHG 3 NLN");
    drop(ns);
    let log = server.stop_and_read_log();
    assert!(!log.iter().any(|line| line.contains("(Dispatch Server)")), "{log:#?}");
    let next = format!("set the server to {}, port {}", address.ip(), address.port());
    assert!(log.iter().any(|line| line.contains(&next)), "{log:#?}");
}

#[test]
fn a_dispatch_server_alone_refers_to_others() {
    let text = format!(
        "(dispatch: {HERE}, notification: None, switchboard: None, \
         notification_servers: [\"203.0.113.5:1864\"])"
    );
    let (_installation, server) = start(&["alice"], &text);
    for handle in ["alice@example.com", "nobody@example.com", "anybody@elsewhere.org"] {
        let (mut ds, answer) = referral(&server, handle);
        assert_eq!(answer, "XFR 3 NS 203.0.113.5:1864 0");
        ds.finish_writing();
        ds.read_end().expect("the end");
    }
    let log = server.stop_and_read_log();
    let listening = log.iter().filter(|line| line.contains("listening on ")).count();
    assert_eq!(listening, 1, "{log:#?}");
}

#[test]
fn a_dispatch_server_with_several_keeps_each_handle_at_one() {
    let servers = ["203.0.113.1:1864", "203.0.113.2:1865", "203.0.113.3:1866"];
    let text = format!(
        "(dispatch: {HERE}, notification: None, switchboard: None, notification_servers: \
         {servers:?})"
    );
    let (_installation, server) = start(&[], &text);
    let mut chosen = Vec::new();
    for number in 0..12 {
        let handle = format!("user{number}@example.com");
        let (_, first) = referral(&server, &handle);
        let (_, again) = referral(&server, &handle.to_uppercase());
        assert_eq!(first, again);
        let words: Vec<&str> = first.split(' ').collect();
        let [_, _, _, address, _] = words.as_slice() else { panic!("{first}") };
        assert!(servers.contains(address), "{first}");
        chosen.push((*address).to_owned());
    }
    chosen.sort_unstable();
    chosen.dedup();
    assert_eq!(chosen.len(), servers.len(), "each has its share");
    server.stop();
}

#[test]
fn other_notification_servers_are_ignored_with_a_warning_if_there_is_one_here() {
    let text = format!(
        "(dispatch: {HERE}, notification: {HERE}, switchboard: {HERE}, notification_servers: \
         [\"203.0.113.1:1864\", \"203.0.113.2:1865\"])"
    );
    let (_installation, server) = start(&[], &text);
    let here = server.address(Listener::Notification);
    for number in 0..12 {
        let (_, answer) = referral(&server, &format!("user{number}@example.com"));
        assert_eq!(answer, format!("XFR 3 NS {here} 0"));
    }
    let log = server.stop_and_read_log();
    let warning = "`notification_servers` is ignored, because there is a Notification Server here";
    assert!(log.iter().any(|line| line.contains(warning)), "{log:#?}");
}

#[test]
fn advertised_addresses_are_sent_in_xfr_and_rng() {
    let text = format!(
        "(dispatch: {HERE}, \
         notification: (listen: \"127.0.0.1:0\", advertise: \"203.0.113.5:9999\"), \
         switchboard: Some((listen: \"127.0.0.1:0\", advertise: Some(\"203.0.113.6:7777\"))))"
    );
    let (_installation, server) = start(&["alice", "bob"], &text);
    let (ds, answer) = referral(&server, "alice@example.com");
    assert_eq!(answer, "XFR 3 NS 203.0.113.5:9999 0");
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    alice.send_line("XFR 4 NS");
    alice.expect("XFR 4 NS 203.0.113.5:9999 0");
    alice.send_line("XFR 5 SB");
    let cookie = alice.expect_words("XFR 5 SB 203.0.113.6:7777 CKI ").remove(0);
    let mut sb = Connection::open(server.address(Listener::Switchboard));
    sb.send_line(&format!("USR 1 alice@example.com {cookie}"));
    sb.expect("USR 1 OK alice@example.com alice");
    sb.send_line("CAL 2 bob@example.com");
    let sid = sb.expect_words("CAL 2 RINGING ").remove(0);
    let words = bob.expect_words(&format!("RNG {sid} 203.0.113.6:7777 CKI "));
    let [cookie, caller, name] = words.as_slice() else { panic!("RNG {words:?}") };
    assert_eq!((caller.as_str(), name.as_str()), ("alice@example.com", "alice"));
    let mut joined = Connection::open(server.address(Listener::Switchboard));
    joined.send_line(&format!("ANS 1 bob@example.com {cookie} {sid}"));
    joined.expect("IRO 1 1 1 alice@example.com alice");
    joined.expect("ANS 1 OK");
    drop((ds, alice, bob, sb, joined));
    server.stop();
}

#[test]
fn without_advertise_clients_are_sent_the_address_that_they_reached() {
    let any = "(listen: \"0.0.0.0:0\")";
    let text = format!("(dispatch: {any}, notification: {any}, switchboard: {any})");
    let (_installation, server) = start(&[], &text);
    let port = |listener| server.address(listener).port();
    for host in ["127.0.0.1", "127.0.0.2"] {
        let address = (host, port(Listener::Dispatch));
        let stream = std::net::TcpStream::connect(address).expect("connecting to msnpd");
        let mut ds = Connection::over(stream);
        ds.send_line("USR 3 MD5 I alice@example.com");
        ds.expect(&format!("XFR 3 NS {host}:{} 0", port(Listener::Notification)));
    }
    server.stop();
}

#[test]
fn a_notification_server_without_switchboards_answers_601() {
    let text = format!("(dispatch: None, notification: {HERE}, switchboard: None)");
    let (_installation, server) = start(&["alice"], &text);
    let mut alice = sign_in_online(&server, "alice");
    alice.send_line("XFR 4 SB");
    alice.expect("601 4");
    alice.send_line("PNG");
    alice.expect("QNG");
    drop(alice);
    server.stop();
}

#[test]
fn without_a_dispatch_server_everything_else_works() {
    let text = format!("(dispatch: None, notification: {HERE}, switchboard: {HERE})");
    let (_installation, server) = start(&["alice", "bob"], &text);
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in_online(&server, "bob");
    let mut first = open_switchboard(&mut alice, "alice");
    let second = call(&mut first, &mut bob, "bob", &["alice"]);
    first.expect("JOI bob@example.com bob");
    drop((alice, bob, first, second));
    server.stop();
}

#[test]
fn site_is_sent_in_url_and_cvr() {
    let site = "site: \"http://192.0.2.1/\"";
    let text = format!("(dispatch: None, notification: {HERE}, switchboard: None, {site})");
    let (_installation, server) = start(&["alice"], &text);
    let mut alice = sign_in_online(&server, "alice");
    alice.send_line("URL 4 INBOX");
    let words = alice.expect_words("URL 4 ");
    assert!(words.contains(&"http://192.0.2.1/".to_owned()), "{words:?}");
    alice.send_line("CVR 5 0x0409 win 4.10 i386 MSMSGS 1.0.0863 MSMSGS");
    alice.expect("CVR 5 1.0.0863 1.0.0863 1.0.0000 http://192.0.2.1/ http://192.0.2.1/");
    drop(alice);
    server.stop();
}
