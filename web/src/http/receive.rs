//! Reads the requests of a connection.

use super::connection::{Rules, Service};
use super::error::{Refusal, RequestError};
use super::limits::MAX_HEAD;
use super::request::{self, Method, Request, Version};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Receives the requests of a connection.
#[derive(Debug, Default)]
pub(super) struct Receiver {
    /// The bytes that belong to no request yet: at most a head, a body, and 1 KiB after it.
    unread: Vec<u8>,
}

impl Receiver {
    /// Receives one request, and returns it with its rules.
    pub(super) async fn request(
        &mut self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        service: &impl Service,
    ) -> Result<(Request, Rules), Refusal> {
        let mut progress = Progress::default();
        let (mut request, head_length) = loop {
            if progress.should_parse(&self.unread) {
                self.check_version(service)?;
                if let Some(parsed) = request::parse(&self.unread)? {
                    break parsed;
                }
            }
            if self.unread.len() >= MAX_HEAD {
                return Err(RequestError::HeadTooLong.into());
            }
            self.read_more(stream).await?;
        };
        let rules = service.rules(&request);
        let refuse = |error| Refusal { format: request.format(), error };
        let body_length = check_headers(&request, &rules).map_err(refuse)?;
        let end = head_length.saturating_add(body_length);
        if request.expects_continue() && self.unread.len() < end {
            let refuse_as_closed = |_| refuse(RequestError::Closed);
            stream.write_all(CONTINUE).await.map_err(refuse_as_closed)?;
            stream.flush().await.map_err(refuse_as_closed)?;
        }
        while self.unread.len() < end {
            self.read_more(stream).await?;
        }
        request.body = self.unread.get(head_length..end).unwrap_or_default().to_vec();
        self.unread = self.unread.get(end..).unwrap_or_default().to_vec();
        Ok((request, rules))
    }

    /// Waits for the start of the next request. Returns `false` if the client closes instead.
    pub(super) async fn wait_for_next(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> bool {
        loop {
            let line_ends = self.unread.iter().take_while(|byte| b"\r\n".contains(byte)).count();
            self.unread.drain(..line_ends);
            if !self.unread.is_empty() {
                return true;
            }
            if self.read_more(stream).await.is_err() {
                return false;
            }
        }
    }

    /// Whether the client sent anything after the last request. A line end does not count: old
    /// browsers send one after a form.
    pub(super) fn has_more(&self) -> bool {
        self.unread.iter().any(|byte| !b"\r\n".contains(byte))
    }

    /// Returns what the client sent after the last request.
    pub(super) fn into_unread(self) -> Vec<u8> {
        self.unread
    }

    /// Refuses a request line without a version, unless its route allows that. The head need not be
    /// complete: most clients that omit the version send nothing after the line.
    fn check_version(&self, service: &impl Service) -> Result<(), RequestError> {
        let Some((request, _)) = request::request_line_without_version(&self.unread) else {
            return Ok(());
        };
        match service.rules(&request).allows_missing_version {
            true => Ok(()),
            false => Err(RequestError::Malformed),
        }
    }

    async fn read_more(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> Result<(), RequestError> {
        let mut piece = [0; 1024];
        let length = stream.read(&mut piece).await.map_err(|_| RequestError::Closed)?;
        if length == 0 {
            return Err(RequestError::Closed);
        }
        self.unread.extend_from_slice(piece.get(..length).unwrap_or_default());
        Ok(())
    }
}

/// Checks `Host`, the media type, and the headers that decide where the request ends. Returns the
/// length of the body.
fn check_headers(request: &Request, rules: &Rules) -> Result<usize, RequestError> {
    let headers = &request.headers;
    let host_count = headers.all("Host").count();
    let needs_host = rules.needs_host && request.version == Version::Http11;
    if host_count > 1 || (needs_host && host_count == 0) {
        return Err(RequestError::Malformed);
    }
    // No client of these services sends a chunked body.
    if headers.first("Transfer-Encoding").is_some() {
        return Err(RequestError::LengthRequired);
    }
    let mut lengths = headers.all("Content-Length");
    let length = match (lengths.next(), lengths.next()) {
        (None, _) if request.method == Method::Post => return Err(RequestError::LengthRequired),
        (None, _) => 0,
        (Some(length), None) => parse_length(length).ok_or(RequestError::Malformed)?,
        (Some(_), Some(_)) => return Err(RequestError::Malformed),
    };
    if length > rules.max_body {
        return Err(RequestError::BodyTooLong);
    }
    if let Some(expected) = rules.media_type
        && request.method == Method::Post
        && headers.all("Content-Type").any(|value| !is_media_type(value, expected))
    {
        return Err(RequestError::UnsupportedMediaType);
    }
    Ok(length)
}

/// Whether a `Content-Type` is this media type or empty. Parameters are ignored.
fn is_media_type(value: &[u8], media_type: &str) -> bool {
    let name = value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    name.is_empty() || name.eq_ignore_ascii_case(media_type.as_bytes())
}

/// Parses a decimal length. Returns `None` if it is no number, and `usize::MAX` if it is too large
/// for the type.
fn parse_length(text: &[u8]) -> Option<usize> {
    let text = text.trim_ascii();
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(std::str::from_utf8(text).ok()?.parse().unwrap_or(usize::MAX))
}

/// How much of a head has arrived. The head is not parsed after every byte, but twice: when its
/// first line has arrived, because that line shows most malformed requests, and when all of it has
/// arrived.
#[derive(Default)]
struct Progress {
    /// The number of bytes that [`Progress::should_parse`] has examined.
    examined: usize,
    has_first_line: bool,
    /// The length of the current line so far, without its line end.
    line_length: usize,
}

impl Progress {
    /// Whether the head should be parsed now. `bytes` are all bytes since the start of the head,
    /// also those of earlier calls.
    fn should_parse(&mut self, bytes: &[u8]) -> bool {
        // TLS, for example, starts with a control character: that is never a request.
        let is_illegal_start = |byte: &u8| byte.is_ascii_control() && !b"\r\n".contains(byte);
        let mut should_parse = self.examined == 0 && bytes.first().is_some_and(is_illegal_start);
        for byte in bytes.iter().skip(self.examined) {
            match byte {
                b'\r' => {}
                b'\n' if self.line_length > 0 => {
                    should_parse |= !self.has_first_line;
                    self.has_first_line = true;
                    self.line_length = 0;
                }
                // An empty line ends the head. Before the first line, it is ignored.
                b'\n' => should_parse |= self.has_first_line,
                _ => self.line_length += 1,
            }
        }
        self.examined = bytes.len();
        should_parse
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Response;
    use crate::http::limits::MAX_HEADERS;

    const MAX_BODY: usize = 8192;

    /// The rules of a page with a form.
    struct FormRules;

    impl Service for FormRules {
        fn rules(&self, _: &Request) -> Rules {
            Rules {
                max_body: MAX_BODY,
                media_type: Some("application/x-www-form-urlencoded"),
                needs_host: true,
                allows_missing_version: false,
                keeps_alive: false,
            }
        }

        async fn respond(&self, _: Request) -> Response {
            unreachable!()
        }

        fn refuse(&self, _: RequestError) -> Response {
            unreachable!()
        }
    }

    async fn received(bytes: &[u8]) -> Result<Request, RequestError> {
        let mut stream = tokio::io::join(bytes, tokio::io::sink());
        let received = Receiver::default().request(&mut stream, &FormRules).await;
        received.map(|(request, _)| request).map_err(|refusal| refusal.error)
    }

    #[actix_rt::test]
    async fn only_forms_are_accepted() {
        let sent = async |type_line: &str| {
            let text = format!("POST / HTTP/1.0\r\n{type_line}Content-Length: 0\r\n\r\n");
            received(text.as_bytes()).await.map(|_| ())
        };
        for kind in ["", "Application/X-WWW-Form-URLencoded; charset=iso-8859-1", " "] {
            let line =
                if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
            assert_eq!(sent(&line).await, Ok(()), "{kind:?}");
        }
        for kind in ["text/plain", "multipart/form-data; boundary=x", "application/json"] {
            let line = format!("Content-Type: {kind}\r\n");
            assert_eq!(sent(&line).await, Err(RequestError::UnsupportedMediaType), "{kind}");
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
        let mut receiver = Receiver::default();
        let (received, continued) = tokio::join!(receiver.request(&mut far, &FormRules), continued);
        assert_eq!((received.unwrap().0.body, continued), (b"a=1".to_vec(), CONTINUE.to_vec()));
        // A form that has arrived already needs no `100 Continue`.
        let text = format!("{head}a=1");
        let mut whole = tokio::io::join(text.as_bytes(), Vec::new());
        Receiver::default().request(&mut whole, &FormRules).await.unwrap();
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
        assert_eq!((request.version, request.target.as_str()), (Version::Http10, "/"));
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
            ("GET /\r\n", RequestError::Malformed),
            ("GET /\r\n\r\n", RequestError::Malformed),
            ("\x16\x03\x01\x02", RequestError::Malformed),
            ("GET / HTTP/2.0\r\n\r\n", RequestError::UnsupportedVersion),
            ("PUT / HTTP/1.0\r\n\r\n", RequestError::UnsupportedMethod),
            ("CONNECT a:1 HTTP/1.0\r\n\r\n", RequestError::UnsupportedMethod),
            ("POST / HTTP/1.0\r\n\r\n", RequestError::LengthRequired),
            ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", RequestError::LengthRequired),
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

    #[actix_rt::test]
    async fn what_follows_a_request_is_kept() {
        let text = b"POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\na=1GET / HTTP/1.0\r\n\r\n";
        let mut stream = tokio::io::join(&text[..], tokio::io::sink());
        let mut receiver = Receiver::default();
        let (request, _) = receiver.request(&mut stream, &FormRules).await.unwrap();
        assert!(receiver.has_more());
        assert_eq!(request.body, b"a=1");
        assert_eq!(receiver.into_unread(), b"GET / HTTP/1.0\r\n\r\n");
    }
}
