//! The administrator's password of an older version.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::earlier::data::{ADMINISTRATOR, installation};

#[test]
fn the_status_page_still_opens_with_it() {
    // `admin:jqrd3nnutx` in Base64.
    const CODE: &str = "YWRtaW46anFyZDNubnV0eA==";
    let installation = installation();
    let server = installation.start();
    let log = server.log.lock().expect("the log").clone();
    assert!(!log.contains("passwd-admin") && !log.contains(ADMINISTRATOR), "{log}");
    let (before, _) = log.split_once(" (web pages)").expect("the pages");
    let (_, address) = before.rsplit_once("listening on ").expect("an address");
    let mut stream = TcpStream::connect(address).expect("a connection");
    let text = format!("GET /status HTTP/1.0\r\nAuthorization: Basic {CODE}\r\n\r\n");
    stream.write_all(text.as_bytes()).expect("writing");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("reading to the end");
    assert!(answer.starts_with("HTTP/1.0 200 OK"), "{answer}");
    server.stop();
}
