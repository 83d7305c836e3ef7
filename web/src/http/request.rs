use super::error::{Refusal, RequestError};
use super::limits::{MAX_HEAD, MAX_HEADERS};
use std::borrow::Cow;

/// A request. The client chose all of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The target as it was sent. See [`Target`](super::Target).
    pub target: String,
    /// The version of the request line.
    pub version: Version,
    /// The headers, in their order.
    pub headers: Headers,
    /// The body. Empty until all of it has arrived.
    pub body: Vec<u8>,
    /// Whether a line of the head ends in LF without CR.
    has_bare_lf: bool,
}

/// The supported methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`: a [`Service`](super::Service) responds as to `GET`, and only the head is sent.
    Head,
    /// `POST`
    Post,
}

/// The version of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The request line has no version. The client expects a response of HTTP/1.1 nevertheless:
    /// libpurple requests `/rdr/pprdr.asp` in this form.
    Missing,
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    Http11,
}

/// The form of a response, which depends on the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) version: Version,
    /// Whether the response consists of the head only.
    pub(super) is_head: bool,
}

impl Format {
    /// The form that every client understands, for malformed requests.
    pub(super) const PLAIN: Format = Format { version: Version::Http10, is_head: false };
}

/// The header lines of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// Returns the values of all lines with this name, ignoring case.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let lines =
            self.0.iter().filter(move |(line_name, _)| line_name.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| value.as_slice())
    }

    /// Returns the first value with this name.
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        self.all(name).next()
    }

    /// Returns the first value with this name as text. Bytes that are not UTF-8 are replaced.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.first(name).map(String::from_utf8_lossy)
    }

    /// Whether a header with a list of words, such as `Connection`, contains this word, ignoring
    /// case.
    pub fn has_word(&self, name: &str, word: &str) -> bool {
        let mut words = self.all(name).flat_map(|value| value.split(|byte| *byte == b','));
        words.any(|item| item.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    }

    fn new(parsed: &[httparse::Header<'_>]) -> Headers {
        let owned =
            |header: &httparse::Header<'_>| (header.name.to_owned(), header.value.to_owned());
        Headers(parsed.iter().map(owned).collect())
    }
}

impl Request {
    pub(super) fn format(&self) -> Format {
        Format { version: self.version, is_head: self.method == Method::Head }
    }

    /// Whether the client wants to keep the connection open after the response. Clients of HTTP/1.0
    /// ask for it, some in `Proxy-Connection`, the header for proxies. Clients of HTTP/1.1 always
    /// want it, unless they ask for the opposite.
    pub(super) fn wants_keep_alive(&self) -> bool {
        let has_word = |word| {
            ["Connection", "Proxy-Connection"].iter().any(|name| self.headers.has_word(name, word))
        };
        match self.version {
            Version::Missing => false,
            Version::Http10 => has_word("keep-alive") && !has_word("close"),
            Version::Http11 => !self.headers.has_word("Connection", "close"),
        }
    }

    /// Whether all servers and proxies agree where the request ends. Some disagree if a line ends
    /// in LF alone, or if `GET` or `HEAD` has a body.
    pub(super) fn has_clear_end(&self) -> bool {
        !self.has_bare_lf && (self.method == Method::Post || self.body.is_empty())
    }

    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    pub(super) fn expects_continue(&self) -> bool {
        self.version == Version::Http11 && self.headers.has_word("Expect", "100-continue")
    }
}

fn parse_method(word: &str) -> Option<Method> {
    match word {
        "GET" => Some(Method::Get),
        "HEAD" => Some(Method::Head),
        "POST" => Some(Method::Post),
        _ => None,
    }
}

/// Parses the head of a request. Returns the request without its body, and the length of the head
/// in bytes. Returns `None` if the head is incomplete.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, Refusal> {
    let parsed = match request_line_without_version(bytes) {
        Some((request, line_end)) => parse_headers(request, line_end, bytes)?,
        None => parse_head_with_version(bytes)?,
    };
    let Some((mut request, length)) = parsed else { return Ok(None) };
    if length > MAX_HEAD {
        return Err(Refusal { format: request.format(), error: RequestError::HeadTooLong });
    }
    request.has_bare_lf = has_bare_lf(bytes.get(..length).unwrap_or_default());
    Ok(Some((request, length)))
}

fn parse_head_with_version(bytes: &[u8]) -> Result<Option<(Request, usize)>, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let length = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(request_error(error).into()),
    };
    let version = if parsed.version == Some(1) { Version::Http11 } else { Version::Http10 };
    let Some(method) = parsed.method.and_then(parse_method) else {
        let format = Format { version, is_head: false };
        return Err(Refusal { format, error: RequestError::UnsupportedMethod });
    };
    let target = parsed.path.unwrap_or_default().to_owned();
    let headers = Headers::new(parsed.headers);
    let request =
        Request { method, target, version, headers, body: Vec::new(), has_bare_lf: false };
    Ok(Some((request, length)))
}

/// Parses a request line without a version. Returns a request without headers, and the number of
/// bytes up to the end of the line, which includes empty lines before it. Returns `None` if the
/// line is incomplete or has another form.
pub(super) fn request_line_without_version(bytes: &[u8]) -> Option<(Request, usize)> {
    let line_start = bytes.iter().position(|byte| !b"\r\n".contains(byte))?;
    let from_line = bytes.get(line_start..)?;
    let line_length = from_line.iter().position(|byte| *byte == b'\n')?;
    let line = from_line.get(..line_length)?;
    let text = std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).ok()?;
    let (method_word, target) = text.split_once(' ')?;
    if target.is_empty() || !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let request = Request {
        method: parse_method(method_word)?,
        target: target.to_owned(),
        version: Version::Missing,
        headers: Headers::default(),
        body: Vec::new(),
        has_bare_lf: false,
    };
    Some((request, line_start + line_length + 1))
}

/// Parses the headers after a request line without a version, and adds them to the request.
fn parse_headers(
    mut request: Request,
    line_end: usize,
    bytes: &[u8],
) -> Result<Option<(Request, usize)>, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    match httparse::parse_headers(bytes.get(line_end..).unwrap_or_default(), &mut headers) {
        Ok(httparse::Status::Complete((length, parsed))) => {
            request.headers = Headers::new(parsed);
            Ok(Some((request, line_end + length)))
        }
        Ok(httparse::Status::Partial) => Ok(None),
        Err(error) => Err(request_error(error).into()),
    }
}

fn request_error(error: httparse::Error) -> RequestError {
    match error {
        httparse::Error::TooManyHeaders => RequestError::HeadTooLong,
        httparse::Error::Version => RequestError::UnsupportedVersion,
        _ => RequestError::Malformed,
    }
}

fn has_bare_lf(head: &[u8]) -> bool {
    let lines = head.split_inclusive(|byte| *byte == b'\n');
    lines.filter(|line| line.ends_with(b"\n")).any(|line| !line.ends_with(b"\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Request {
        parse(text.as_bytes()).unwrap().unwrap().0
    }

    #[test]
    fn a_request_line_may_have_no_version() {
        let request = parsed("\r\nGET /rdr/pprdr.asp\r\nHost: a\r\n\r\n");
        assert_eq!(
            (request.version, request.target.as_str()),
            (Version::Missing, "/rdr/pprdr.asp")
        );
        assert_eq!(request.headers.first("host"), Some(&b"a"[..]));
        for incomplete in ["GET /a", "GET /a\r\n", "GET /a\r\nHost: b\r\n"] {
            assert_eq!(parse(incomplete.as_bytes()), Ok(None), "{incomplete:?}");
        }
        for malformed in ["GET  /a\r\n\r\n", "PUT /a\r\n\r\n", "GET\r\n\r\n"] {
            let refusal = parse(malformed.as_bytes()).unwrap_err();
            assert_eq!(refusal.error, RequestError::Malformed, "{malformed:?}");
        }
    }

    #[test]
    fn header_names_and_words_ignore_case() {
        let request =
            parsed("GET / HTTP/1.1\r\nCONNECTION: a, Keep-Alive\r\nConnection: b\r\n\r\n");
        assert_eq!(request.headers.all("connection").count(), 2);
        assert!(request.headers.has_word("Connection", "keep-alive"));
        assert!(request.headers.has_word("Connection", "b"));
        assert!(!request.headers.has_word("Connection", "keep"));
        assert_eq!(request.headers.text("Connection").as_deref(), Some("a, Keep-Alive"));
    }

    #[test]
    fn lines_that_end_in_lf_alone_have_no_clear_end() {
        for (text, is_clear) in [
            ("GET / HTTP/1.0\r\nA: b\r\n\r\n", true),
            ("GET / HTTP/1.0\n\n", false),
            ("GET / HTTP/1.0\r\nA: b\n\r\n", false),
            ("GET / HTTP/1.0\r\nA: b\r\n\n", false),
            ("\nGET / HTTP/1.0\r\n\r\n", false),
            ("GET /\n\r\n", false),
        ] {
            assert_eq!(parsed(text).has_clear_end(), is_clear, "{text:?}");
        }
    }

    #[test]
    fn the_version_decides_what_keeps_a_connection_open() {
        for (text, keeps_alive) in [
            ("GET /\r\nConnection: keep-alive\r\n\r\n", false),
            ("GET / HTTP/1.0\r\n\r\n", false),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
            ("GET / HTTP/1.0\r\nProxy-Connection: keep-alive\r\n\r\n", true),
            ("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false),
            ("GET / HTTP/1.1\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", false),
        ] {
            assert_eq!(parsed(text).wants_keep_alive(), keeps_alive, "{text:?}");
        }
    }
}
