//! Requests of old clients, byte for byte, and the responses that they need.

use crate::support::{Client, MAX_BODY, PASSPORT_URLS, closed_after};
use web::http::{Method, Target, Version};

/// `nexus.c` of libpurple 2.0 and of msn-pecan: no version and no `Host`. They wait for a status
/// line and headers nevertheless, and compare `PassportURLs` in this case.
#[actix_rt::test]
async fn the_nexus_request_of_libpurple_without_a_version() {
    let (response, requests) = closed_after("GET /rdr/pprdr.asp\r\n\r\n").await;
    let expected = format!(
        "HTTP/1.1 200 OK\r\nCache-Control: private\r\nContent-Type: text/html\r\nContent-Length: \
         0\r\nPassportURLs: {PASSPORT_URLS}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(response, expected);
    assert_eq!((requests.len(), requests[0].version), (1, Version::Missing));
}

/// `passport.c` of BitlBee 0.99.
#[actix_rt::test]
async fn the_nexus_request_of_bitlbee_without_host() {
    let (response, requests) = closed_after("GET /rdr/pprdr.asp HTTP/1.0\r\n\r\n").await;
    let expected = format!(
        "HTTP/1.0 200 OK\r\nCache-Control: private\r\nContent-Type: text/html\r\nContent-Length: \
         0\r\nPassportURLs: {PASSPORT_URLS}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(response, expected);
    assert_eq!((requests.len(), requests[0].version), (1, Version::Http10));
}

/// A gateway request of libpurple 2.0.0, as it was recorded: the target is absolute without a
/// proxy.
fn libpurple(parameters: &str, host: &str, body: &str) -> String {
    format!(
        "POST http://{host}/gateway/gateway.dll?{parameters} HTTP/1.1\r\nAccept: \
         */*\r\nAccept-Language: en-us\r\nUser-Agent: MSMSGS\r\nHost: \
         {host}\r\nProxy-Connection: Keep-Alive\r\nConnection: Keep-Alive\r\nPragma: \
         no-cache\r\nContent-Type: application/x-msn-messenger\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

const GATEWAY_HEAD: &str = "HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nContent-Type: \
                            application/x-msn-messenger\r\nX-MSN-Messenger: \
                            SessionID=48201.1067; GW-IP=192.168.1.10\r\n";

#[actix_rt::test]
async fn the_gateway_requests_of_libpurple_with_absolute_targets_on_one_connection() {
    let mut client = Client::connect();
    let open = "Action=open&Server=NS&IP=127.0.0.1";
    let ver = "VER 1 MSNP9 MSNP8 CVR0\r\n";
    client.send(libpurple(open, "gateway.messenger.hotmail.com", ver)).await;
    let expected = format!("{GATEWAY_HEAD}Content-Length: 18\r\n\r\nVER 1 MSNP9 CVR0\r\n");
    assert_eq!(client.response().await, expected);
    let session = "SessionID=507536655.745838764";
    let cvr = "CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.0.0602 MSMSGS alice@example.com\r\n";
    client.send(libpurple(session, "127.0.0.1", cvr)).await;
    assert_eq!(client.response().await, expected);
    assert_eq!(client.bodies(), [ver, cvr]);
    let requests = client.service.requests.borrow();
    for (request, parameters) in requests.iter().zip([open, session]) {
        assert_eq!(request.method, Method::Post);
        let (path, query) = ("/gateway/gateway.dll", Some(parameters));
        assert_eq!(Target::parse(&request.target), Some(Target { path, query }));
        assert_eq!(request.headers.text("user-agent").as_deref(), Some("MSMSGS"));
    }
}

/// `proxy.tcl` of aMSN 0.9: nothing is sent with the request that opens a session.
#[actix_rt::test]
async fn the_empty_open_of_amsn() {
    let mut client = Client::connect();
    client
        .send(
            "POST http://gateway.messenger.hotmail.com/gateway/gateway.dll?Action=open&Server=NS&\
             IP=messenger.hotmail.com HTTP/1.1\r\nAccept: */*\r\nAccept-Encoding: gzip, \
             deflate\r\nUser-Agent: MSMSGS\r\nHost: \
             gateway.messenger.hotmail.com\r\nProxy-Connection: Keep-Alive\r\nConnection: \
             Keep-Alive\r\nPragma: no-cache\r\nContent-Type: \
             application/x-msn-messenger\r\nContent-Length: 0\r\n\r\n",
        )
        .await;
    assert_eq!(client.response().await, format!("{GATEWAY_HEAD}Content-Length: 0\r\n\r\n"));
    assert_eq!(client.bodies(), [""]);
    // The connection stays open for the next request.
    client.send(libpurple("SessionID=48201.1067", "192.168.1.10", "VER 1 MSNP9\r\n")).await;
    client.response().await;
    assert_eq!(client.bodies(), ["", "VER 1 MSNP9\r\n"]);
}

#[actix_rt::test]
async fn a_route_sets_the_longest_body() {
    let mut client = Client::connect();
    let longest = "x".repeat(MAX_BODY);
    client.send(libpurple("SessionID=1.2", "a", &longest)).await;
    client.response().await;
    assert_eq!(client.bodies(), [longest.as_str()]);
    let (response, requests) =
        closed_after(libpurple("SessionID=1.2", "a", &format!("{longest}x"))).await;
    assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
    assert!(requests.is_empty());
}
