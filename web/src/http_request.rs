//! Reads HTTP requests, with limits on size and time.
//!
//! A connection has one request. It is read here instead of by the framework for three reasons:
//! every error gets a page like all others, HTTP/1.0 without `Host` works as well as HTTP/1.1, and
//! a slow sender cannot hold a connection slot.

use actix_web::http::StatusCode;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The maximum size of the head of a request in bytes.
pub const MAX_HEAD: usize = 8 * 1024;

/// The maximum size of the body of a request in bytes.
pub const MAX_BODY: usize = 8 * 1024;

/// The maximum time for a whole request to arrive.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// The maximum number of header lines.
const MAX_HEADERS: usize = 64;

/// The headers that are used. All others are dropped.
const USED_HEADERS: [&str; 7] =
    ["host", "authorization", "content-type", "user-agent", "origin", "referer", "sec-fetch-site"];

/// The media type of a form.
const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// The response for a browser that asks whether it may send its form (RFC 9110 §10.1.1).
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A complete request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) format: ResponseFormat,
    pub(crate) method: Method,
    /// The path, with the query if there is one.
    pub(crate) target: String,
    /// Names are in lower case. Only headers in [`USED_HEADERS`] are kept.
    pub(crate) headers: Vec<(&'static str, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

/// The form of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResponseFormat {
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    pub(crate) minor: u8,
    /// Whether the response consists of the head only.
    pub(crate) is_head: bool,
}

impl ResponseFormat {
    /// The form that every browser understands, for malformed requests.
    pub(crate) const PLAIN: ResponseFormat = ResponseFormat { minor: 0, is_head: false };
}

/// The methods that the pages support.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
}

/// Why a request is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("Your browser closed the connection.")]
    Closed,
    #[error("Your browser took too long to send its request.")]
    Timeout,
    #[error("Your browser sent a request that this server does not understand.")]
    Malformed,
    #[error("The headers of your browser's request are too long.")]
    HeadTooLong,
    #[error("The form is too long: at most 8192 bytes are allowed.")]
    BodyTooLong,
    #[error("Your browser sent data that is not a form of these pages.")]
    NotAForm,
    #[error("Your browser did not send the length of the form.")]
    NoLength,
    #[error("This page does not support the request method that your browser used.")]
    UnsupportedMethod,
    #[error("Your browser used an HTTP version other than 1.0 and 1.1.")]
    UnsupportedVersion,
}

impl RequestError {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            RequestError::Closed | RequestError::Malformed => StatusCode::BAD_REQUEST,
            RequestError::Timeout => StatusCode::REQUEST_TIMEOUT,
            RequestError::HeadTooLong => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            RequestError::BodyTooLong => StatusCode::PAYLOAD_TOO_LARGE,
            RequestError::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            RequestError::NoLength => StatusCode::LENGTH_REQUIRED,
            RequestError::UnsupportedMethod => StatusCode::METHOD_NOT_ALLOWED,
            RequestError::UnsupportedVersion => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
        }
    }
}

/// Reads one request.
pub(crate) async fn receive(
    from: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> Result<Request, (ResponseFormat, RequestError)> {
    let arrived = tokio::time::timeout(REQUEST_TIMEOUT, read(from)).await;
    arrived.unwrap_or(Err((ResponseFormat::PLAIN, RequestError::Timeout)))
}

async fn read(
    from: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> Result<Request, (ResponseFormat, RequestError)> {
    let (mut bytes, mut progress) = (Vec::new(), Progress::default());
    let (mut request, length) = loop {
        if progress.should_parse(&bytes)
            && let Some(head) = head(&bytes)?
        {
            break head;
        }
        if bytes.len() >= MAX_HEAD {
            return Err((ResponseFormat::PLAIN, RequestError::HeadTooLong));
        }
        read_more(from, &mut bytes).await?;
    };
    let Length { head, body, expects_continue } = length;
    if expects_continue && bytes.len() < head + body {
        let closed = |_| (request.format, RequestError::Closed);
        from.write_all(CONTINUE).await.map_err(closed)?;
        from.flush().await.map_err(closed)?;
    }
    while bytes.len() < head + body {
        read_more(from, &mut bytes).await?;
    }
    request.body = bytes.get(head..head + body).unwrap_or_default().to_vec();
    Ok(request)
}

/// The progress of a head. It is parsed when its first line is complete, because that shows most
/// malformed requests, and when it ends; not after every byte.
#[derive(Default)]
struct Progress {
    /// How many bytes were checked.
    seen: usize,
    /// Whether the first line is complete.
    has_line: bool,
    /// The length of the current line so far, without its line end.
    line: usize,
}

impl Progress {
    /// Whether these bytes should be parsed now. Call it again with the same bytes and what was
    /// received since.
    fn should_parse(&mut self, bytes: &[u8]) -> bool {
        let is_first = self.seen == 0;
        let mut parse = false;
        for byte in bytes.iter().skip(self.seen) {
            match byte {
                b'\r' => {}
                b'\n' if self.line > 0 => {
                    parse |= !self.has_line;
                    (self.has_line, self.line) = (true, 0);
                }
                // Empty lines before a request are ignored.
                b'\n' => parse |= self.has_line,
                _ => self.line += 1,
            }
        }
        self.seen = bytes.len();
        // TLS, for example, starts with a control character.
        let is_none = |byte: &u8| byte.is_ascii_control() && !b"\r\n".contains(byte);
        parse || (is_first && bytes.first().is_some_and(is_none))
    }
}

async fn read_more(
    from: &mut (impl AsyncRead + Unpin),
    bytes: &mut Vec<u8>,
) -> Result<(), (ResponseFormat, RequestError)> {
    let mut piece = [0; 1024];
    let closed = (ResponseFormat::PLAIN, RequestError::Closed);
    let count = from.read(&mut piece).await.map_err(|_| closed)?;
    if count == 0 {
        return Err(closed);
    }
    bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
    Ok(())
}

struct Length {
    head: usize,
    body: usize,
    /// Whether the client waits for `100 Continue` before it sends the body.
    expects_continue: bool,
}

/// Parses the head of a request. Returns `None` if it is incomplete, else the request and the
/// lengths of head and body.
fn head(bytes: &[u8]) -> Result<Option<(Request, Length)>, (ResponseFormat, RequestError)> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let head = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err((ResponseFormat::PLAIN, parse_error(error))),
    };
    let is_head = parsed.method == Some("HEAD");
    let format = ResponseFormat { minor: parsed.version.unwrap_or(0), is_head };
    let refuse = |error| (format, error);
    let method = match parsed.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some("POST") => Method::Post,
        _ => return Err(refuse(RequestError::UnsupportedMethod)),
    };
    let all = |name: &'static str| {
        let same = move |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case(name);
        parsed.headers.iter().filter(same).map(|header| header.value)
    };
    let hosts = all("host").count();
    if head > MAX_HEAD {
        return Err(refuse(RequestError::HeadTooLong));
    }
    if hosts > 1 || (hosts == 0 && format.minor > 0) {
        return Err(refuse(RequestError::Malformed));
    }
    if all("transfer-encoding").next().is_some() {
        return Err(refuse(RequestError::NoLength));
    }
    let mut lengths = all("content-length");
    let body = match (lengths.next(), lengths.next()) {
        (None, _) if method == Method::Post => return Err(refuse(RequestError::NoLength)),
        (None, _) => 0,
        (Some(length), None) => {
            parse_length(length).ok_or_else(|| refuse(RequestError::Malformed))?
        }
        (Some(_), Some(_)) => return Err(refuse(RequestError::Malformed)),
    };
    if body > MAX_BODY {
        return Err(refuse(RequestError::BodyTooLong));
    }
    if method == Method::Post && all("content-type").any(|kind| !is_form(kind)) {
        return Err(refuse(RequestError::NotAForm));
    }
    let asks = |value: &[u8]| value.trim_ascii().eq_ignore_ascii_case(b"100-continue");
    let expects_continue = format.minor > 0 && all("expect").any(asks);
    let first = |name| all(name).next().map(|value| (name, value.to_vec()));
    let headers = USED_HEADERS.into_iter().filter_map(first).collect();
    let target = parsed.path.unwrap_or("/").to_owned();
    let request = Request { format, method, target, headers, body: Vec::new() };
    Ok(Some((request, Length { head, body, expects_continue })))
}

/// Whether this is the media type of a form. Parameters are ignored.
fn is_form(kind: &[u8]) -> bool {
    let name = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    name.is_empty() || name.eq_ignore_ascii_case(FORM)
}

fn parse_error(error: httparse::Error) -> RequestError {
    match error {
        httparse::Error::TooManyHeaders => RequestError::HeadTooLong,
        httparse::Error::Version => RequestError::UnsupportedVersion,
        _ => RequestError::Malformed,
    }
}

/// Parses a length in digits. A length that does not fit returns the maximum.
fn parse_length(text: &[u8]) -> Option<usize> {
    let text = text.trim_ascii();
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(std::str::from_utf8(text).ok()?.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn received(bytes: &[u8]) -> Result<Request, RequestError> {
        let mut from = tokio::io::join(bytes, tokio::io::sink());
        receive(&mut from).await.map_err(|(_, error)| error)
    }

    #[actix_rt::test]
    async fn only_forms_are_accepted() {
        let sent = async |kind: &str| {
            let text = format!("POST / HTTP/1.0\r\n{kind}Content-Length: 0\r\n\r\n");
            received(text.as_bytes()).await.map(|_| ())
        };
        for kind in ["", "Application/X-WWW-Form-URLencoded; charset=iso-8859-1", " "] {
            let line =
                if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
            assert_eq!(sent(&line).await, Ok(()), "{kind:?}");
        }
        for kind in ["text/plain", "multipart/form-data; boundary=x", "application/json"] {
            let line = format!("Content-Type: {kind}\r\n");
            assert_eq!(sent(&line).await, Err(RequestError::NotAForm), "{kind}");
        }
    }

    #[actix_rt::test]
    async fn a_client_that_expects_100_continue_gets_it() {
        let head =
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n";
        let (mut near, mut far) = tokio::io::duplex(1024);
        near.write_all(head.as_bytes()).await.unwrap();
        let continued = async {
            let mut continued = vec![0; CONTINUE.len()];
            near.read_exact(&mut continued).await.unwrap();
            near.write_all(b"a=1").await.unwrap();
            continued
        };
        let (request, continued) = tokio::join!(receive(&mut far), continued);
        assert_eq!((request.unwrap().body, continued), (b"a=1".to_vec(), CONTINUE.to_vec()));
        // A form that has arrived already needs no `100 Continue`.
        let text = format!("{head}a=1");
        let mut whole = tokio::io::join(text.as_bytes(), Vec::new());
        receive(&mut whole).await.unwrap();
        assert_eq!(whole.writer(), &[0; 0]);
    }

    #[test]
    fn a_head_is_parsed_with_its_first_line_and_with_its_end() {
        for (text, parsed_at) in [
            ("GET / HTTP/1.0\r\nA: b\r\nC: d\r\n\r\n", vec![16, 30]),
            ("\r\n\nGET / HTTP/1.0\nA: b\n\r\n", vec![18, 25]),
            ("\x16\x03\x01", vec![1]),
        ] {
            let mut progress = Progress::default();
            let should_parse = (1..=text.len()).filter(|end| {
                progress.should_parse(text.as_bytes().get(..*end).unwrap_or_default())
            });
            assert_eq!(should_parse.collect::<Vec<_>>(), parsed_at, "{text:?}");
        }
    }

    #[actix_rt::test]
    async fn http_1_0_needs_no_host_and_http_1_1_does() {
        let request = received(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
        assert_eq!((request.format.minor, request.target.as_str()), (0, "/"));
        assert_eq!(received(b"GET / HTTP/1.1\r\n\r\n").await, Err(RequestError::Malformed));
        assert!(received(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.is_ok());
    }

    #[actix_rt::test]
    async fn a_form_ends_at_its_content_length() {
        let text = b"POST /x HTTP/1.0\nContent-Length: 3\n\na=1\r\nGET / HTTP/1.0\r\n\r\n";
        let request = received(text).await.unwrap();
        assert_eq!((request.method, request.body.as_slice()), (Method::Post, &b"a=1"[..]));
    }

    #[actix_rt::test]
    async fn malformed_requests_are_rejected() {
        for (text, error) in [
            ("", RequestError::Closed),
            ("GET /", RequestError::Closed),
            ("GET /\r\n\r\n", RequestError::Malformed),
            ("\x16\x03\x01\x02", RequestError::Malformed),
            ("GET / HTTP/2.0\r\n\r\n", RequestError::UnsupportedVersion),
            ("PUT / HTTP/1.0\r\n\r\n", RequestError::UnsupportedMethod),
            ("CONNECT a:1 HTTP/1.0\r\n\r\n", RequestError::UnsupportedMethod),
            ("POST / HTTP/1.0\r\n\r\n", RequestError::NoLength),
            ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", RequestError::NoLength),
            ("POST / HTTP/1.0\r\nContent-Length: -1\r\n\r\n", RequestError::Malformed),
            (
                "POST / HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                RequestError::Malformed,
            ),
            ("POST / HTTP/1.0\r\nContent-Length: 8193\r\n\r\n", RequestError::BodyTooLong),
            (
                "POST / HTTP/1.0\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                RequestError::BodyTooLong,
            ),
            ("POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\nshort", RequestError::Closed),
        ] {
            assert_eq!(received(text.as_bytes()).await, Err(error), "{text:?}");
        }
        let long = format!("GET /{} HTTP/1.0\r\n\r\n", "x".repeat(MAX_HEAD));
        assert_eq!(received(long.as_bytes()).await, Err(RequestError::HeadTooLong));
        let many = format!("GET / HTTP/1.0\r\n{}\r\n", "A: b\r\n".repeat(MAX_HEADERS + 1));
        assert_eq!(received(many.as_bytes()).await, Err(RequestError::HeadTooLong));
    }
}
