//! The form of responses, for all kinds of requests.

use crate::support::{CLIENT_ADDRESS, SERVER_ADDRESS, TestServer};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[actix_rt::test]
async fn a_request_of_http_1_0_without_host_gets_a_response_of_http_1_0() {
    let server = TestServer::new().await;
    let response = server.send_raw(CLIENT_ADDRESS, b"GET / HTTP/1.0\r\n\r\n").await;
    assert!(response.head.starts_with("HTTP/1.0 200 OK\r\n"), "{}", response.head);
    assert_eq!(response.header("content-type"), Some("text/html; charset=iso-8859-1"));
    assert_eq!(response.header("content-length"), Some(&*response.body.len().to_string()));
    response.check();
    assert!(response.text().contains("Set up this computer"));
}

#[actix_rt::test]
async fn a_keep_alive_connection_is_closed_too() {
    let server = TestServer::new().await;
    let request = b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n";
    server.send_raw(CLIENT_ADDRESS, request).await.check();
}

#[actix_rt::test]
async fn a_request_of_http_1_1_gets_a_response_of_http_1_1() {
    let server = TestServer::new().await;
    let response =
        server.send_raw(CLIENT_ADDRESS, b"GET / HTTP/1.1\r\nHost: 192.168.2.1:8080\r\n\r\n").await;
    assert!(response.head.starts_with("HTTP/1.1 200 OK\r\n"), "{}", response.head);
    response.check();
}

#[actix_rt::test]
async fn an_absolute_address_as_sent_to_a_proxy_is_accepted() {
    let server = TestServer::new().await;
    let request = format!("GET http://{SERVER_ADDRESS}:8080/set-up HTTP/1.0\r\n\r\n");
    let response = server.send_raw(CLIENT_ADDRESS, request.as_bytes()).await;
    assert_eq!(response.status(), 200);
    assert!(response.text().contains("msn-setup.reg"));
}

#[actix_rt::test]
async fn a_response_to_head_is_the_head_of_the_response_to_get() {
    let server = TestServer::new().await;
    for path in ["/", "/sign-up", "/set-up", "/messenger.reg", "/status", "/nothing"] {
        let get = server.get(path).await;
        let head = server
            .send_raw(CLIENT_ADDRESS, format!("HEAD {path} HTTP/1.0\r\n\r\n").as_bytes())
            .await;
        assert_eq!(head.head, get.head, "{path}");
        assert_eq!(head.body, b"");
    }
}

#[actix_rt::test]
async fn every_error_is_a_page_of_the_same_form() {
    let server = TestServer::new().await;
    for (request, status) in [
        ("GET /nothing HTTP/1.0\r\n\r\n", 404),
        ("GET /sign-up/ HTTP/1.0\r\n\r\n", 404),
        ("GET /../../etc/passwd HTTP/1.0\r\n\r\n", 404),
        ("GET /%2e%2e/%00 HTTP/1.0\r\n\r\n", 404),
        ("GET nothing HTTP/1.0\r\n\r\n", 404),
        ("GET /\u{fffd} HTTP/1.0\r\n\r\n", 400),
        ("POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n", 405),
        ("GET /kick HTTP/1.0\r\n\r\n", 405),
        ("DELETE / HTTP/1.0\r\n\r\n", 405),
        ("OPTIONS * HTTP/1.0\r\n\r\n", 405),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /\r\n\r\n", 400),
        ("POST /sign-up HTTP/1.0\r\n\r\n", 411),
        ("POST /sign-up HTTP/1.0\r\nContent-Length: 8193\r\n\r\n", 413),
        ("GET / HTTP/3.0\r\n\r\n", 505),
    ] {
        let response = server.send_raw(CLIENT_ADDRESS, request.as_bytes()).await;
        assert_eq!(response.status(), status, "{request:?}");
        response.check();
        assert_eq!(response.header("content-type"), Some("text/html; charset=iso-8859-1"));
        assert!(response.text().contains("</HTML>"), "{request:?}");
        // Internet Explorer 5 replaces shorter error pages by its own.
        assert!(response.body.len() > 512, "{request:?}");
    }
}

#[actix_rt::test]
async fn each_page_lists_its_allowed_methods() {
    let server = TestServer::new().await;
    for (request, allowed) in [
        ("POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n", "GET, HEAD"),
        ("GET /kick HTTP/1.0\r\n\r\n", "POST"),
    ] {
        let response = server.send_raw(CLIENT_ADDRESS, request.as_bytes()).await;
        assert_eq!(
            (response.status(), response.header("allow")),
            (405, Some(allowed)),
            "{request}"
        );
    }
}

#[actix_rt::test]
async fn the_links_of_a_missing_page_work_in_every_folder() {
    let server = TestServer::new().await;
    for (path, up) in [("/none", ""), ("/a/none", "../"), ("/a/b/c?d/e", "../../"), ("//", "../")] {
        let response = server.get(path).await;
        assert_eq!(response.status(), 404);
        for link in ["./", "set-up", "status"] {
            assert!(response.text().contains(&format!("HREF=\"{up}{link}\"")), "{path} {link}");
        }
    }
    let deep = server.get(&"/a".repeat(2000)).await;
    assert!(deep.body.len() < 2048, "{}", deep.body.len());
}

#[actix_rt::test]
async fn a_browser_that_expects_100_continue_gets_it() {
    let server = TestServer::new().await;
    let form = "handle=bob&password=secret&again=secret";
    let mut stream = server.connect_from(CLIENT_ADDRESS);
    let head = format!(
        "POST /sign-up HTTP/1.1\r\nHost: {SERVER_ADDRESS}\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        form.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(form.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
}

#[actix_rt::test]
async fn a_line_end_after_the_form_of_an_old_browser_is_ignored() {
    let server = TestServer::new().await;
    let form = "handle=bob&password=secret&again=secret";
    let length = form.len();
    let request = format!("POST /sign-up HTTP/1.0\r\nContent-Length: {length}\r\n\r\n{form}\r\n");
    assert_eq!(server.send_raw(CLIENT_ADDRESS, request.as_bytes()).await.status(), 200);
}

#[actix_rt::test]
async fn a_request_may_arrive_in_single_bytes() {
    let server = TestServer::new().await;
    let mut stream = server.connect_from(CLIENT_ADDRESS);
    for byte in b"GET / HTTP/1.0\r\nUser-Agent: x\r\n\r\n" {
        stream.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.0 200 OK\r\n"));
}

#[actix_rt::test]
async fn a_browser_that_does_not_read_its_response_is_disconnected_after_a_minute() {
    let server = TestServer::new().await;
    let places: Vec<_> = (0..web::http::limits::MAX_PER_ADDRESS)
        .map(|_| server.connect_from(CLIENT_ADDRESS))
        .collect();
    tokio::task::yield_now().await;
    tokio::time::pause();
    tokio::time::sleep(Duration::from_secs(61)).await;
    tokio::time::resume();
    assert_eq!(server.get("/").await.status(), 200);
    drop(places);
}
