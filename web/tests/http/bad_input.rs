//! Requests that are ambiguous, endless or slow: one response, and a closed connection. No byte is
//! read as part of two requests.

use crate::support::{Client, closed_after};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use web::http::limits::{MAX_HEAD, REQUEST_TIMEOUT};

/// A request that must not be responded to.
const HIDDEN: &str = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";

/// Checks that a request is refused with this status, also if something follows it.
async fn refused(request: &str, status: u16) {
    for hidden in ["", HIDDEN] {
        one_response(&format!("{request}{hidden}"), status, 0).await;
    }
}

/// Checks that a request is responded to, and that nothing after it is.
async fn only_first(request: &str) {
    one_response(&format!("{request}{HIDDEN}"), 200, 1).await;
}

/// Checks that there is one response with this status to these bytes, the number of requests that
/// were responded to, and that the connection is closed.
async fn one_response(bytes: &str, status: u16, count: usize) {
    let (response, requests) = closed_after(bytes).await;
    let shown = bytes.get(..200).unwrap_or(bytes);
    assert_eq!(response.split(' ').nth(1), Some(&*status.to_string()), "{shown}: {response}");
    assert_eq!(response.matches("HTTP/1.").count(), 1, "{shown}: {response}");
    assert!(response.contains("\r\nConnection: close\r\n"), "{shown}: {response}");
    assert_eq!(requests.len(), count, "{shown}");
    assert!(requests.iter().all(|request| request.target != "/hidden"), "{shown}");
}

#[actix_rt::test]
async fn two_lengths() {
    for lengths in [
        "Content-Length: 3\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nContent-Length: 30\r\n",
        "Content-Length: 3, 3\r\n",
        "Content-Length: 3 3\r\n",
        "Content-Length: +3\r\n",
        "Content-Length: 0x3\r\n",
        "Content-Length: \r\n",
    ] {
        refused(&format!("POST / HTTP/1.1\r\nHost: a\r\n{lengths}\r\na=1"), 400).await;
    }
}

#[actix_rt::test]
async fn a_length_and_chunks_together() {
    for headers in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n",
        "transfer-encoding: identity\r\nContent-Length: 3\r\n",
    ] {
        refused(&format!("POST / HTTP/1.1\r\nHost: a\r\n{headers}\r\n0\r\n\r\n"), 411).await;
    }
}

/// Browsers of 1996 and scripts end lines in LF alone. Their request is clear if nothing follows it.
#[actix_rt::test]
async fn bare_lf() {
    for request in [
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "POST / HTTP/1.1\nHost: a\nContent-Length: 3\n\na=1",
    ] {
        one_response(request, 200, 1).await;
        only_first(request).await;
    }
    refused("GET / HTTP/1.1\r\nHost: a\rB: c\r\n\r\n", 400).await;
}

#[actix_rt::test]
async fn folded_headers() {
    refused("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400).await;
    refused("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400).await;
    refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\t0\r\n\r\na=1", 400).await;
}

#[actix_rt::test]
async fn endless_heads() {
    let many = "A: b\r\n".repeat(100_000);
    refused(&format!("GET / HTTP/1.1\r\nHost: a\r\n{many}"), 431).await;
    let long = "x".repeat(64 * 1024);
    refused(&format!("GET / HTTP/1.1\r\nHost: {long}"), 431).await;
    refused(&format!("GET / HTTP/1.1\r\n{long}: a"), 431).await;
    refused(&"\r\n".repeat(MAX_HEAD), 431).await;
}

#[actix_rt::test]
async fn a_request_line_of_64_kib() {
    let long = "x".repeat(64 * 1024);
    refused(&format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"), 431).await;
    refused(&long, 431).await;
}

#[actix_rt::test]
async fn a_body_for_get() {
    for method in ["GET", "HEAD"] {
        let length = HIDDEN.len();
        let request =
            format!("{method} / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{HIDDEN}");
        let (response, requests) = closed_after(request).await;
        assert!(response.starts_with("HTTP/1.1 200 OK\r\nConnection: close\r\n"), "{response}");
        assert_eq!(response.matches("HTTP/1.").count(), 1, "{response}");
        assert_eq!((requests.len(), requests[0].body.as_slice()), (1, HIDDEN.as_bytes()));
    }
    refused("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", 413).await;
    refused("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 411).await;
}

#[actix_rt::test]
async fn pipelined_requests() {
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=1",
        "POST /gateway/gateway.dll HTTP/1.1\r\nContent-Length: 3\r\n\r\nVER",
    ] {
        only_first(request).await;
    }
}

#[actix_rt::test]
async fn a_body_that_looks_like_a_request() {
    let mut client = Client::connect();
    let length = HIDDEN.len();
    for _ in 0..2 {
        let head =
            format!("POST /gateway/gateway.dll HTTP/1.1\r\nContent-Length: {length}\r\n\r\n");
        client.send(format!("{head}{HIDDEN}")).await;
        client.response().await;
    }
    assert_eq!(client.bodies(), [HIDDEN, HIDDEN]);
}

#[actix_rt::test]
async fn expect() {
    let head = |value: &str, version: &str| {
        format!("POST / {version}\r\nHost: a\r\nExpect: {value}\r\nContent-Length: 3\r\n\r\n")
    };
    // Only the client's own expectation delays the body. Unknown ones are ignored.
    for (value, version) in
        [("100-continue", "HTTP/1.0"), ("magic", "HTTP/1.1"), ("100-continue", "HTTP/1.1")]
    {
        only_first(&format!("{}a=1", head(value, version))).await;
    }
    // The client waits, and then sends nothing.
    let mut client = Client::connect();
    tokio::time::pause();
    client.send(head("100-continue", "HTTP/1.1")).await;
    let received = client.rest().await;
    let (interim, response) = received.split_at(25);
    assert_eq!(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    assert!(response.starts_with("HTTP/1.0 408 "), "{response}");
    // A body that is refused is not waited for.
    let long = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 101\r\n\r\n";
    refused(long, 413).await;
}

#[actix_rt::test]
async fn hosts() {
    refused("GET / HTTP/1.1\r\n\r\n", 400).await;
    refused("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400).await;
    // Also where none is needed.
    refused("GET /rdr/pprdr.asp HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400).await;
    only_first("GET /rdr/pprdr.asp HTTP/1.1\r\n\r\n").await;
}

#[actix_rt::test]
async fn other_versions_methods_and_protocols() {
    for (request, status) in [
        ("GET / HTTP/2.0\r\n\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("PUT / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("GET /\r\n\r\n", 400),
        ("GET /\r\n", 400),
        ("VER 1 MSNP7 CVR0\r\n", 505),
        ("\x16\x03\x01", 400),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHo\0st: a\r\n\r\n", 400),
    ] {
        refused(request, status).await;
    }
}

#[actix_rt::test]
async fn one_byte_a_second() {
    tokio::time::pause();
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n",
        "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n",
    ] {
        let client = Client::connect();
        let begun = tokio::time::Instant::now();
        let service = client.service.clone();
        let (mut from, mut to) = tokio::io::split(client.stream);
        let bytes = request.as_bytes().to_vec();
        actix_rt::spawn(async move {
            for byte in bytes.into_iter().cycle() {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if to.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        });
        let mut response = String::new();
        from.read_to_string(&mut response).await.unwrap();
        assert!(response.starts_with("HTTP/1.0 408 "), "{response}");
        assert!(begun.elapsed() < REQUEST_TIMEOUT + Duration::from_secs(1));
        assert!(service.requests.borrow().is_empty());
        client.served.abort();
    }
}

#[actix_rt::test]
async fn a_client_that_leaves_gets_no_response() {
    for sent in
        ["", "GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na"]
    {
        let mut client = Client::connect();
        client.send(sent).await;
        client.stream.shutdown().await.unwrap();
        assert_eq!(client.rest().await, "", "{sent:?}");
        assert!(client.service.requests.borrow().is_empty());
    }
}
