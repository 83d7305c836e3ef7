//! The web pages of the running program.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use crate::support::connection::Connection;
use crate::support::conversation::{account, sign_in};
use crate::support::operator::run_to_end;
use crate::support::server::{Installation, Listener, Server};

const SERVERS: &str = "dispatch: (listen: \"127.0.0.1:0\"), notification: (listen: \
                       \"127.0.0.1:0\"), \
    switchboard: (listen: \"127.0.0.1:0\"), domains: [\"example.com\"],";

fn configured(more: &str) -> Installation {
    Installation::configured(&[], &format!("({SERVERS} web: (listen: \"127.0.0.1:0\"), {more})"))
}

/// Returns the address of the web pages from the log.
pub(crate) fn pages(server: &Server) -> SocketAddr {
    let log = server.log.lock().expect("the log").clone();
    let line = log.lines().find(|line| line.ends_with(" (web pages)")).expect("a line").to_owned();
    let (_, place) = line.split_once("listening on ").expect("an address");
    place.strip_suffix(" (web pages)").expect("its end").parse().expect("an address")
}

/// Returns the answer to a request in HTTP/1.0 without `Host`.
fn said_to(server: &Server, request: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(pages(server)).expect("a connection");
    let length = body.len();
    let text = format!("{request} HTTP/1.0\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).expect("writing");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("reading to the end");
    answer
}

#[test]
fn an_account_that_is_made_on_the_page_signs_in() {
    let server = configured("").start();
    let form = "handle=alice&password=secret&again=secret";
    let answer = said_to(&server, "POST /sign-up", form);
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    sign_in(Connection::open(server.address(Listener::Notification)), "alice");
    server.stop();
}

#[test]
fn the_pages_are_shown_under_the_names_that_are_configured() {
    let web = "web: (listen: \"127.0.0.1:0\", names: [\"msn.example.net\"])";
    let server = Installation::configured(&[], &format!("({SERVERS} {web})")).start();
    for (host, status) in [
        ("127.0.0.1:8080", "200 OK"),
        ("MSN.example.net:8080", "200 OK"),
        ("example.com", "200 OK"),
        ("evil.example:8080", "403 Forbidden"),
    ] {
        let mut stream = TcpStream::connect(pages(&server)).expect("a connection");
        let text = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(text.as_bytes()).expect("writing");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("reading to the end");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{host}: {answer}");
    }
    server.stop();
}

#[test]
fn the_set_up_page_names_the_port_of_this_server() {
    let server = configured("").start();
    let port = server.address(Listener::Dispatch).port();
    let answer = said_to(&server, "GET /set-up", "");
    assert!(answer.contains(&format!(", port <B>{port}</B>")), "{answer}");
    server.stop();
}

#[test]
fn the_log_names_the_address_of_the_web_pages() {
    let server = configured("").start();
    let address = pages(&server);
    let log = server.log.lock().expect("the log").clone();
    let next = format!("next: open http://{address}/ on the old computer");
    assert!(log.contains(&next), "{log}");
    server.stop();
}

#[test]
fn the_status_page_opens_with_the_password_that_init_generates() {
    let installation = configured("");
    let made = run_to_end(installation.program(&["init"]), b"");
    let password = made.stdout.split("shown only this once: ").nth(1).expect("a password");
    let password = password.lines().next().expect("a password");
    let server = installation.start();
    let code = base64(format!("admin:{password}").as_bytes());
    let asked = |code: &str| asked_for(pages(&server), "/status", code);
    assert!(asked(&base64(b"admin:other")).starts_with("HTTP/1.0 401 "));
    assert!(asked(&code).starts_with("HTTP/1.0 200 OK"));
    // From now on, no password is valid.
    fs::remove_file(installation.data().join("msnpd.admin")).expect("removing it");
    assert!(asked(&code).starts_with("HTTP/1.0 403 "));
    server.stop();
}

/// Requests a page with a name and a password.
pub(crate) fn asked_for(place: SocketAddr, page: &str, code: &str) -> String {
    let mut stream = TcpStream::connect(place).expect("a connection");
    let text = format!("GET {page} HTTP/1.0\r\nAuthorization: Basic {code}\r\n\r\n");
    stream.write_all(text.as_bytes()).expect("writing");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("reading to the end");
    answer
}

/// Base64 of RFC 4648.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().chain([&0, &0]).take(3).fold(0, |all, byte| all << 8 | u32::from(*byte));
        for place in 0..4 {
            let six = (bits >> (18 - 6 * place)) as usize & 63;
            text.push(if place <= three.len() { char::from(LETTERS[six]) } else { '=' });
        }
    }
    text
}

#[test]
fn a_web_port_in_use_is_a_warning_and_the_messenger_runs() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address");
    let text = format!("({SERVERS} web: (listen: \"{address}\"))");
    let installation = Installation::configured(&[account("alice", None)], &text);
    let checked = run_to_end(installation.program(&["check"]), b"");
    let line = format!("note   listen: cannot listen on {address} (web pages): ");
    assert!(checked.stdout.contains(&line), "{checked:?}");
    assert!(checked.stdout.contains("set another port for `web`"), "{checked:?}");
    let server = installation.start();
    sign_in(Connection::open(server.address(Listener::Notification)), "alice");
    let log = server.stop_and_read_log();
    let words = format!("WARN  cannot listen on {address} (web pages): ");
    let warning = log.iter().find(|line| line.starts_with(&words));
    let warning = warning.unwrap_or_else(|| panic!("{log:#?}"));
    assert!(warning.contains(" shows it: the server runs without web pages; "));
    assert!(!log.iter().any(|line| line.contains("http://")), "{log:#?}");
}

#[test]
fn check_names_the_addresses_of_a_running_server() {
    let line = |installation: &Installation, part: &str| {
        let checked = installation.run(&["check"]);
        let line = checked.stdout.lines().find(|line| line.contains(part)).map(str::to_owned);
        (line.unwrap_or_else(|| panic!("{part}: {checked:#?}")), checked.code)
    };
    // Another program has the port, and the server has no web pages.
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address");
    let text = format!("({SERVERS} web: (listen: \"{address}\"))");
    let installation = Installation::configured(&[], &text);
    let server = installation.start();
    let words = format!(
        "note   listen: the running server has no web pages: {address} is in use by another \
         program. Stop "
    );
    let (found, code) = line(&installation, "web pages");
    assert!(found.starts_with(&words) && found.ends_with("; then restart the server"), "{found}");
    assert_eq!(code, Some(0), "{found}");
    // Another server of the configuration has the port, but not the running one.
    let moved = SERVERS.replacen("127.0.0.1:0", &address.to_string(), 1);
    let moved = format!("({moved} web: None)");
    fs::write(installation.configuration(), moved).expect("writing config.ron");
    let (found, code) = line(&installation, "(Dispatch Server)");
    let words = format!("wrong  listen: cannot listen on {address} (Dispatch Server): ");
    assert!(found.starts_with(&words), "{found}");
    assert_eq!(code, Some(4), "{found}");
    server.stop();
    drop(taken);
    // The server has its web pages, and the configuration names their port.
    let installation = configured("");
    let server = installation.start();
    let address = pages(&server);
    let text = format!("({SERVERS} web: (listen: \"{address}\"))");
    fs::write(installation.configuration(), text).expect("writing config.ron");
    let (found, _) = line(&installation, "web pages");
    let words = format!("ok     listen: {address} (web pages) is in use by the running server");
    assert_eq!(found, words);
    server.stop();
}

#[test]
fn a_port_that_another_server_of_the_configuration_has_is_a_warning_too() {
    // An address and a port that no other test uses: one of them listens on 0.0.0.0:1863.
    let [_, _, high, low] = std::process::id().to_be_bytes();
    let own = format!("127.97.{high}.{low}:4863");
    let text =
        format!("(notification: (listen: \"{own}\"), dispatch: None, web: (listen: \"{own}\"))");
    let log = Installation::configured(&[], &text).start().stop_and_read_log();
    let words = "the configuration uses this port twice: set another one: the server runs without \
                 web pages";
    assert!(log.iter().any(|line| line.starts_with("WARN ") && line.contains(words)), "{log:#?}");
}

#[test]
fn the_pages_may_be_left_out() {
    let installation = Installation::configured(&[], &format!("({SERVERS} web: None)"));
    let server = installation.start();
    let log = server.log.lock().expect("the log").clone();
    assert!(!log.contains("web pages") && !log.contains("http://"), "{log}");
    server.stop();
}

#[test]
fn reload_changes_who_may_sign_up_and_not_where() {
    let installation = configured("");
    let server = installation.start();
    assert!(said_to(&server, "GET /sign-up", "").contains("<FORM"));
    let text = format!(
        "({SERVERS} web: (listen: \"127.0.0.1:1\", who_is_online: true), sign_up: (mode: closed))"
    );
    fs::write(installation.configuration(), text).expect("writing config.ron");
    let told = run_to_end(installation.program(&["reload"]), b"");
    assert!(told.stderr.ends_with("restart the server to change web.listen\n"), "{told:?}");
    assert!(!said_to(&server, "GET /sign-up", "").contains("<FORM"));
    assert!(said_to(&server, "GET /online", "").starts_with("HTTP/1.0 200 "));
    server.stop();
}

#[test]
fn a_server_that_stops_closes_its_web_pages() {
    let installation = configured("");
    let server = installation.start();
    let address = pages(&server);
    // A silent browser does not delay the stop.
    let _silent = TcpStream::connect(address).expect("a connection");
    server.stop();
    assert!(TcpStream::connect(address).is_err());
}
