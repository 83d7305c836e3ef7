//! How a request comes in: whole and within bounds, or not at all.
//!
//! A connection has one request. It is read here rather than by the framework, so that whatever is
//! wrong with it is answered in the form of all other pages, HTTP/1.0 without `Host` is as good as
//! HTTP/1.1, and nobody holds a place by sending slowly.

use actix_web::http::StatusCode;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};

/// How many bytes the head of a request has at most.
pub const LONGEST_HEAD: usize = 8 * 1024;

/// How many bytes its body has at most.
pub const LONGEST_BODY: usize = 8 * 1024;

/// How long a whole request may take to arrive.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// How many lines a head has at most.
const LINES: usize = 64;

/// The headers that somebody here reads. All others end at the door.
const READ: [&str; 7] =
    ["host", "authorization", "content-type", "user-agent", "origin", "referer", "sec-fetch-site"];

/// A whole request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) form: Form,
    pub(crate) method: Method,
    /// With the query, if there is one.
    pub(crate) target: String,
    /// Names in lower case, and only those that somebody reads.
    pub(crate) headers: Vec<(&'static str, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

/// How an answer has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    pub(crate) minor: u8,
    /// Whether it is the head of an answer only.
    pub(crate) is_head: bool,
}

impl Form {
    /// What every browser understands: for requests that were not understood.
    pub(crate) const PLAIN: Form = Form { minor: 0, is_head: false };
}

/// What may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
}

/// Why there is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("Your browser has closed the connection.")]
    Gone,
    #[error("Your browser took too long to send its request.")]
    Slow,
    #[error("What your browser has sent is not a request that this server understands.")]
    Malformed,
    #[error("What your browser has sent about the request is too long.")]
    HeadTooLong,
    #[error("What you have sent is too long: a form has 8192 bytes at most.")]
    BodyTooLong,
    #[error("Your browser does not say how long the form is that it sends.")]
    NoLength,
    #[error("Pages can only be read, and forms be sent: your browser wants something else.")]
    Method,
    #[error("Your browser speaks another HTTP than 1.0 or 1.1.")]
    Version,
}

impl Refusal {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Refusal::Gone | Refusal::Malformed => StatusCode::BAD_REQUEST,
            Refusal::Slow => StatusCode::REQUEST_TIMEOUT,
            Refusal::HeadTooLong => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Refusal::BodyTooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::NoLength => StatusCode::LENGTH_REQUIRED,
            Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
        }
    }
}

/// Reads one request.
pub(crate) async fn receive(
    from: &mut (impl AsyncRead + Unpin),
) -> Result<Request, (Form, Refusal)> {
    let arrived = tokio::time::timeout(PATIENCE, read(from)).await;
    arrived.unwrap_or(Err((Form::PLAIN, Refusal::Slow)))
}

async fn read(from: &mut (impl AsyncRead + Unpin)) -> Result<Request, (Form, Refusal)> {
    let mut bytes = Vec::new();
    let (mut request, length) = loop {
        match head(&bytes) {
            Ok(Some(head)) => break head,
            Ok(None) if bytes.len() >= LONGEST_HEAD => {
                return Err((Form::PLAIN, Refusal::HeadTooLong));
            }
            Ok(None) => more(from, &mut bytes).await?,
            Err(refused) => return Err(refused),
        }
    };
    let Length { head, body } = length;
    while bytes.len() < head + body {
        more(from, &mut bytes).await?;
    }
    request.body = bytes.get(head..head + body).unwrap_or_default().to_vec();
    Ok(request)
}

async fn more(
    from: &mut (impl AsyncRead + Unpin),
    bytes: &mut Vec<u8>,
) -> Result<(), (Form, Refusal)> {
    let mut piece = [0; 1024];
    let gone = (Form::PLAIN, Refusal::Gone);
    let count = from.read(&mut piece).await.map_err(|_| gone)?;
    if count == 0 {
        return Err(gone);
    }
    bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
    Ok(())
}

struct Length {
    head: usize,
    body: usize,
}

/// The head of a request, if it is there as a whole, and how long head and body are.
fn head(bytes: &[u8]) -> Result<Option<(Request, Length)>, (Form, Refusal)> {
    let mut headers = [httparse::EMPTY_HEADER; LINES];
    let mut parsed = httparse::Request::new(&mut headers);
    let head = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err((Form::PLAIN, of(error))),
    };
    let is_head = parsed.method == Some("HEAD");
    let form = Form { minor: parsed.version.unwrap_or(0), is_head };
    let refuse = |refusal| (form, refusal);
    let method = match parsed.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some("POST") => Method::Post,
        _ => return Err(refuse(Refusal::Method)),
    };
    let all = |name: &'static str| {
        let same = move |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case(name);
        parsed.headers.iter().filter(same).map(|header| header.value)
    };
    let hosts = all("host").count();
    if hosts > 1 || (hosts == 0 && form.minor > 0) || head > LONGEST_HEAD {
        return Err(refuse(Refusal::Malformed));
    }
    if all("transfer-encoding").next().is_some() {
        return Err(refuse(Refusal::NoLength));
    }
    let mut lengths = all("content-length");
    let body = match (lengths.next(), lengths.next()) {
        (None, _) if method == Method::Post => return Err(refuse(Refusal::NoLength)),
        (None, _) => 0,
        (Some(length), None) => number(length).ok_or_else(|| refuse(Refusal::Malformed))?,
        (Some(_), Some(_)) => return Err(refuse(Refusal::Malformed)),
    };
    if body > LONGEST_BODY {
        return Err(refuse(Refusal::BodyTooLong));
    }
    let first = |name| all(name).next().map(|value| (name, value.to_vec()));
    let headers = READ.into_iter().filter_map(first).collect();
    let target = parsed.path.unwrap_or("/").to_owned();
    let request = Request { form, method, target, headers, body: Vec::new() };
    Ok(Some((request, Length { head, body })))
}

fn of(error: httparse::Error) -> Refusal {
    match error {
        httparse::Error::TooManyHeaders => Refusal::HeadTooLong,
        httparse::Error::Version => Refusal::Version,
        _ => Refusal::Malformed,
    }
}

/// A length in digits; one that is too long to be a number is a length all the same.
fn number(text: &[u8]) -> Option<usize> {
    let text = text.trim_ascii();
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(std::str::from_utf8(text).ok()?.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn received(bytes: &[u8]) -> Result<Request, Refusal> {
        let mut from = bytes;
        receive(&mut from).await.map_err(|(_, refusal)| refusal)
    }

    #[actix_rt::test]
    async fn http_1_0_needs_no_host_and_http_1_1_does() {
        let request = received(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
        assert_eq!((request.form.minor, request.target.as_str()), (0, "/"));
        assert_eq!(received(b"GET / HTTP/1.1\r\n\r\n").await, Err(Refusal::Malformed));
        assert!(received(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.is_ok());
    }

    #[actix_rt::test]
    async fn a_form_is_as_long_as_it_says() {
        let text = b"POST /x HTTP/1.0\nContent-Length: 3\n\na=1\r\nGET / HTTP/1.0\r\n\r\n";
        let request = received(text).await.unwrap();
        assert_eq!((request.method, request.body.as_slice()), (Method::Post, &b"a=1"[..]));
    }

    #[actix_rt::test]
    async fn what_is_no_request_is_refused() {
        for (text, refusal) in [
            ("", Refusal::Gone),
            ("GET /", Refusal::Gone),
            ("GET /\r\n\r\n", Refusal::Malformed),
            ("\x16\x03\x01\x02", Refusal::Malformed),
            ("GET / HTTP/2.0\r\n\r\n", Refusal::Version),
            ("PUT / HTTP/1.0\r\n\r\n", Refusal::Method),
            ("CONNECT a:1 HTTP/1.0\r\n\r\n", Refusal::Method),
            ("POST / HTTP/1.0\r\n\r\n", Refusal::NoLength),
            ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", Refusal::NoLength),
            ("POST / HTTP/1.0\r\nContent-Length: -1\r\n\r\n", Refusal::Malformed),
            (
                "POST / HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                Refusal::Malformed,
            ),
            ("POST / HTTP/1.0\r\nContent-Length: 8193\r\n\r\n", Refusal::BodyTooLong),
            (
                "POST / HTTP/1.0\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                Refusal::BodyTooLong,
            ),
            ("POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\nshort", Refusal::Gone),
        ] {
            assert_eq!(received(text.as_bytes()).await, Err(refusal), "{text:?}");
        }
        let long = format!("GET /{} HTTP/1.0\r\n\r\n", "x".repeat(LONGEST_HEAD));
        assert_eq!(received(long.as_bytes()).await, Err(Refusal::HeadTooLong));
        let many = format!("GET / HTTP/1.0\r\n{}\r\n", "A: b\r\n".repeat(LINES + 1));
        assert_eq!(received(many.as_bytes()).await, Err(Refusal::HeadTooLong));
    }
}
