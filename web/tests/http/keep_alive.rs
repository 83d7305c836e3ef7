//! Connections with more than one request, and how long they stay open.

use crate::support::{Client, closed_after};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use web::http::limits::{EXCHANGE_TIMEOUT, IDLE_TIMEOUT, REQUEST_TIMEOUT};
use web::http::{ExchangeTimeout, Version};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[actix_rt::test]
async fn a_connection_of_http_1_1_stays_open() {
    let head = "HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 4\r\n\r\n";
    let mut client = Client::connect();
    for _ in 0..2 {
        client.send(GET).await;
        assert_eq!(client.response().await, format!("{head}page"));
    }
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").await;
    let mut received = vec![0; head.len()];
    client.stream.read_exact(&mut received).await.unwrap();
    assert_eq!(String::from_utf8(received).unwrap(), head);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(client.rest().await.ends_with("\r\n\r\npage"));
    assert_eq!(client.service.requests.borrow().len(), 4);
}

#[actix_rt::test]
async fn a_connection_of_http_1_0_stays_open_if_the_client_asks() {
    for header in ["Connection: Keep-Alive", "Proxy-Connection: keep-alive"] {
        let mut client = Client::connect();
        for _ in 0..2 {
            client.send(format!("GET / HTTP/1.0\r\n{header}\r\n\r\n")).await;
            let expected =
                "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 4\r\n\r\npage";
            assert_eq!(client.response().await, expected, "{header}");
        }
    }
}

#[actix_rt::test]
async fn all_other_connections_are_closed_after_the_response() {
    for request in [
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /closes HTTP/1.1\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n",
        "GET /rdr/pprdr.asp\r\nConnection: Keep-Alive\r\n\r\n",
    ] {
        let (response, requests) = closed_after(request).await;
        assert!(response.contains("\r\nConnection: close\r\n"), "{request}: {response}");
        assert_eq!(requests.len(), 1, "{request}");
    }
}

#[actix_rt::test]
async fn line_ends_between_requests_are_ignored() {
    let mut client = Client::connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=1\r\n").await;
    client.response().await;
    client.send("\r\n").await;
    client.send(GET).await;
    client.response().await;
    assert_eq!(client.bodies(), ["a=1", ""]);
}

#[actix_rt::test]
async fn requests_may_arrive_in_single_bytes() {
    let mut client = Client::connect();
    for request in ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=1", GET] {
        for byte in request.bytes() {
            client.send([byte]).await;
            tokio::task::yield_now().await;
        }
        client.response().await;
    }
    assert_eq!(client.bodies(), ["a=1", ""]);
}

#[actix_rt::test]
async fn an_idle_connection_is_closed_without_a_response() {
    let mut client = Client::connect();
    client.send(GET).await;
    client.response().await;
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let mut rest = String::new();
    client.stream.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "");
    let took = begun.elapsed();
    assert!(took >= IDLE_TIMEOUT && took < IDLE_TIMEOUT + Duration::from_secs(1), "{took:?}");
}

#[actix_rt::test]
async fn line_ends_do_not_keep_a_connection_open() {
    let mut client = Client::connect();
    client.send(GET).await;
    client.response().await;
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < IDLE_TIMEOUT {
        client.send("\r\n").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(client.rest().await, "");
}

#[actix_rt::test]
async fn the_next_request_has_the_time_of_the_first() {
    let mut client = Client::connect();
    client.send(GET).await;
    client.response().await;
    tokio::time::pause();
    client.send("GET ").await;
    let begun = tokio::time::Instant::now();
    let response = client.response().await;
    assert!(response.starts_with("HTTP/1.0 408 "), "{response}");
    assert!(begun.elapsed() < REQUEST_TIMEOUT + Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(client.rest().await, "");
}

#[actix_rt::test]
async fn a_response_that_takes_too_long_ends_the_connection() {
    let mut client = Client::connect();
    tokio::time::pause();
    client.send("GET /hangs HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let begun = tokio::time::Instant::now();
    let mut rest = String::new();
    client.stream.read_to_string(&mut rest).await.unwrap();
    assert_eq!((rest.as_str(), client.served.await.unwrap()), ("", Err(ExchangeTimeout)));
    assert!(begun.elapsed() < EXCHANGE_TIMEOUT + Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[actix_rt::test]
async fn a_client_that_closes_ends_the_connection() {
    let mut client = Client::connect();
    client.send(GET).await;
    client.response().await;
    drop(client.stream);
    assert_eq!(client.served.await.unwrap(), Ok(()));
    assert_eq!(client.service.requests.borrow()[0].version, Version::Http11);
}
