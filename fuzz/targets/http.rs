//! What a client sends to the web server. Its requests are the same wherever the bytes are split, and no
//! byte is part of two. Each response is complete, and no other one follows an error.

use actors::port::Transport;
use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use web::http::{self, Request, RequestError, Response, Rules, Service, Status, Target, Upgraded};

pub(super) const WORDS: &str = "\
    GET |POST |HEAD |PUT |/|/strict|/upgrade|/rdr/pprdr.asp|?Action=open|http://a|://|#|%2f|\
    HTTP/1.0|HTTP/1.1|HTTP/2.0| HTTP/1.1\r\n|\r\n|\n|\r\n\r\n|\n\n|Host: a\r\n|Host:|\
    Content-Length: |Content-Length: 0\r\n|Content-Length: 5\r\n|Transfer-Encoding: chunked\r\n|\
    Connection: |Proxy-Connection: |keep-alive|close|Expect: 100-continue\r\n|Content-Type: |\
    application/x-www-form-urlencoded|text/xml|:|\r\n ";

pub(super) fn run(bytes: &[u8]) {
    let whole = serve(bytes, usize::MAX);
    let split = serve(bytes, 1);
    // The server closes the connection if it sees the next request too early.
    assert!(split.starts_with(&whole), "{whole:#?} {split:#?}");
}

/// Serves a client that sends these bytes in pieces of this size. Returns the requests.
fn serve(bytes: &[u8], piece: usize) -> Vec<Request> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime without sockets starts");
    let service = TestService::default();
    let sent = Rc::<RefCell<Vec<u8>>>::default();
    let client = Client { left: bytes.to_vec(), piece, sent: sent.clone() };
    let served = runtime.block_on(http::serve(Box::new(client), &service));
    assert_eq!(served, Ok(()), "nothing waits");
    let requests = service.requests.take();
    let upgraded = service.upgraded.take();
    let used: usize =
        requests.iter().map(|request| request.target.len() + request.body.len()).sum();
    let rest = upgraded.take().unwrap_or_default();
    assert!(bytes.ends_with(&rest), "an upgraded connection has the bytes after the request");
    assert!(used + rest.len() <= bytes.len(), "a byte is part of two requests");
    check_responses(&sent.borrow(), requests.len(), service.refused.get());
    requests
}

/// Checks that there is one complete response for each request, and after them at most one error.
fn check_responses(sent: &[u8], requests: usize, refused: usize) {
    let mut text = std::str::from_utf8(sent).expect("the service sends ASCII");
    let (mut responses, mut closes) = (0, false);
    while !text.is_empty() {
        let (head, rest) = text.split_once("\r\n\r\n").expect("a head is complete");
        text = rest;
        assert!(head.starts_with("HTTP/1.0 ") || head.starts_with("HTTP/1.1 "), "{head}");
        if head == "HTTP/1.1 100 Continue" {
            continue;
        }
        assert!(!closes, "a response follows the last one: {head}");
        responses += 1;
        closes = !head.contains("\r\nConnection: Keep-Alive");
        let is_upgrade = head.starts_with("HTTP/1.1 101 ") || head.starts_with("HTTP/1.0 101 ");
        assert_eq!(head.contains("\r\nContent-Length: 0"), !is_upgrade, "{head}");
    }
    assert_eq!(responses, requests + refused);
    assert!(refused <= 1);
}

#[derive(Default)]
struct TestService {
    requests: RefCell<Vec<Request>>,
    refused: std::cell::Cell<usize>,
    /// What an upgraded connection received.
    upgraded: RefCell<Rc<RefCell<Option<Vec<u8>>>>>,
}

impl Service for TestService {
    fn rules(&self, request: &Request) -> Rules {
        let is_strict = Target::parse(&request.target).is_none_or(|to| to.path == "/strict");
        Rules {
            max_body: if is_strict { 16 } else { 8192 },
            media_type: is_strict.then_some("application/x-www-form-urlencoded"),
            needs_host: is_strict,
            allows_missing_version: !is_strict,
            keeps_alive: true,
        }
    }

    async fn respond(&self, request: Request) -> Response {
        assert!(request.body.len() <= self.rules(&request).max_body);
        let is_upgrade = Target::parse(&request.target).is_some_and(|to| to.path == "/upgrade");
        self.requests.borrow_mut().push(request);
        if !is_upgrade {
            return Response::new(Status::OK, "");
        }
        let upgraded = self.upgraded.borrow().clone();
        Response::upgrade(Box::new(move |connection| Box::pin(read_all(connection, upgraded))))
    }

    fn refuse(&self, error: RequestError) -> Response {
        self.refused.set(self.refused.get() + 1);
        Response::new(error.status(), "")
    }
}

async fn read_all(connection: Upgraded, into: Rc<RefCell<Option<Vec<u8>>>>) {
    let Upgraded { mut stream, mut received } = connection;
    stream.read_to_end(&mut received).await.expect("the client closes in order");
    into.replace(Some(received));
}

/// A client that sends bytes in pieces, and then nothing more.
struct Client {
    left: Vec<u8>,
    piece: usize,
    /// What the server sent.
    sent: Rc<RefCell<Vec<u8>>>,
}

impl Transport for Client {}

impl AsyncRead for Client {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let count = self.left.len().min(self.piece).min(room.remaining());
        room.put_slice(&self.left.drain(..count).collect::<Vec<_>>());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Client {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.sent.borrow_mut().extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
