//! Reads HTTP requests, with limits on size and time.
//!
//! A connection has one request. It is read here instead of by the framework for three reasons:
//! every error gets a page like all others, HTTP/1.0 without `Host` works as well as HTTP/1.1, and
//! a slow sender cannot hold a connection slot.

use actix_web::http::StatusCode;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The maximum size of the head of a request in bytes.
pub const LONGEST_HEAD: usize = 8 * 1024;

/// The maximum size of the body of a request in bytes.
pub const LONGEST_BODY: usize = 8 * 1024;

/// The maximum time for a whole request to arrive.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// The maximum number of header lines.
const LINES: usize = 64;

/// The headers that are used. All others are dropped.
const READ: [&str; 7] =
    ["host", "authorization", "content-type", "user-agent", "origin", "referer", "sec-fetch-site"];

/// The media type of a form.
const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// The response for a browser that asks whether it may send its form (RFC 9110 §10.1.1).
const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A complete request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) form: Form,
    pub(crate) method: Method,
    /// The path, with the query if there is one.
    pub(crate) target: String,
    /// Names are in lower case. Only headers in [`READ`] are kept.
    pub(crate) headers: Vec<(&'static str, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

/// The form of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    pub(crate) minor: u8,
    /// Whether the response consists of the head only.
    pub(crate) is_head: bool,
}

impl Form {
    /// The form that every browser understands, for malformed requests.
    pub(crate) const PLAIN: Form = Form { minor: 0, is_head: false };
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
    #[error("What your browser has sent is not a form of these pages.")]
    NoForm,
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
            Refusal::NoForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::NoLength => StatusCode::LENGTH_REQUIRED,
            Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
        }
    }
}

/// Reads one request.
pub(crate) async fn receive(
    from: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> Result<Request, (Form, Refusal)> {
    let arrived = tokio::time::timeout(PATIENCE, read(from)).await;
    arrived.unwrap_or(Err((Form::PLAIN, Refusal::Slow)))
}

async fn read(
    from: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> Result<Request, (Form, Refusal)> {
    let (mut bytes, mut progress) = (Vec::new(), Progress::default());
    let (mut request, length) = loop {
        if progress.is_worth_a_look(&bytes)
            && let Some(head) = head(&bytes)?
        {
            break head;
        }
        if bytes.len() >= LONGEST_HEAD {
            return Err((Form::PLAIN, Refusal::HeadTooLong));
        }
        more(from, &mut bytes).await?;
    };
    let Length { head, body, waits } = length;
    if waits && bytes.len() < head + body {
        let gone = |_| (request.form, Refusal::Gone);
        from.write_all(GO_ON).await.map_err(gone)?;
        from.flush().await.map_err(gone)?;
    }
    while bytes.len() < head + body {
        more(from, &mut bytes).await?;
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
    fn is_worth_a_look(&mut self, bytes: &[u8]) -> bool {
        let is_first = self.seen == 0;
        let mut worth = false;
        for byte in bytes.iter().skip(self.seen) {
            match byte {
                b'\r' => {}
                b'\n' if self.line > 0 => {
                    worth |= !self.has_line;
                    (self.has_line, self.line) = (true, 0);
                }
                // Empty lines before a request are ignored.
                b'\n' => worth |= self.has_line,
                _ => self.line += 1,
            }
        }
        self.seen = bytes.len();
        // TLS, for example, starts with a control character.
        let is_none = |byte: &u8| byte.is_ascii_control() && !b"\r\n".contains(byte);
        worth || (is_first && bytes.first().is_some_and(is_none))
    }
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
    /// Whether the client waits for `100 Continue` before it sends the body.
    waits: bool,
}

/// Parses the head of a request. Returns `None` if it is incomplete, else the request and the
/// lengths of head and body.
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
    if head > LONGEST_HEAD {
        return Err(refuse(Refusal::HeadTooLong));
    }
    if hosts > 1 || (hosts == 0 && form.minor > 0) {
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
    if method == Method::Post && all("content-type").any(|kind| !is_form(kind)) {
        return Err(refuse(Refusal::NoForm));
    }
    let asks = |value: &[u8]| value.trim_ascii().eq_ignore_ascii_case(b"100-continue");
    let waits = form.minor > 0 && all("expect").any(asks);
    let first = |name| all(name).next().map(|value| (name, value.to_vec()));
    let headers = READ.into_iter().filter_map(first).collect();
    let target = parsed.path.unwrap_or("/").to_owned();
    let request = Request { form, method, target, headers, body: Vec::new() };
    Ok(Some((request, Length { head, body, waits })))
}

/// Whether this is the media type of a form. Parameters are ignored.
fn is_form(kind: &[u8]) -> bool {
    let name = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    name.is_empty() || name.eq_ignore_ascii_case(FORM)
}

fn of(error: httparse::Error) -> Refusal {
    match error {
        httparse::Error::TooManyHeaders => Refusal::HeadTooLong,
        httparse::Error::Version => Refusal::Version,
        _ => Refusal::Malformed,
    }
}

/// Parses a length in digits. A length that does not fit returns the maximum.
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
        let mut from = tokio::io::join(bytes, tokio::io::sink());
        receive(&mut from).await.map_err(|(_, refusal)| refusal)
    }

    #[actix_rt::test]
    async fn only_forms_are_taken() {
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
            assert_eq!(sent(&line).await, Err(Refusal::NoForm), "{kind}");
        }
    }

    #[actix_rt::test]
    async fn who_asks_whether_to_send_his_form_is_told_to_go_on() {
        let head =
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n";
        let (mut near, mut far) = tokio::io::duplex(1024);
        near.write_all(head.as_bytes()).await.unwrap();
        let told = async {
            let mut told = vec![0; GO_ON.len()];
            near.read_exact(&mut told).await.unwrap();
            near.write_all(b"a=1").await.unwrap();
            told
        };
        let (request, told) = tokio::join!(receive(&mut far), told);
        assert_eq!((request.unwrap().body, told), (b"a=1".to_vec(), GO_ON.to_vec()));
        // A form that has arrived already needs no `100 Continue`.
        let text = format!("{head}a=1");
        let mut whole = tokio::io::join(text.as_bytes(), Vec::new());
        receive(&mut whole).await.unwrap();
        assert_eq!(whole.writer(), &[0; 0]);
    }

    #[test]
    fn a_head_is_parsed_with_its_first_line_and_with_its_end() {
        for (text, looks) in [
            ("GET / HTTP/1.0\r\nA: b\r\nC: d\r\n\r\n", vec![16, 30]),
            ("\r\n\nGET / HTTP/1.0\nA: b\n\r\n", vec![18, 25]),
            ("\x16\x03\x01", vec![1]),
        ] {
            let mut progress = Progress::default();
            let worth = (1..=text.len()).filter(|end| {
                progress.is_worth_a_look(text.as_bytes().get(..*end).unwrap_or_default())
            });
            assert_eq!(worth.collect::<Vec<_>>(), looks, "{text:?}");
        }
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
