//! Reads the requests of a connection.

use super::connection::{Rules, Service};
use super::error::{Refusal, RequestError};
use super::limits::MAX_HEAD;
use super::request::{self, Method, Request, Version};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// The bytes of a connection that belong to no request yet: at most a head, a body, and 1 KiB.
#[derive(Debug, Default)]
pub(super) struct Receiver(Vec<u8>);

impl Receiver {
    /// Receives one request, and returns it with its rules.
    pub(super) async fn request(
        &mut self,
        from: &mut (impl AsyncRead + AsyncWrite + Unpin),
        service: &impl Service,
    ) -> Result<(Request, Rules), Refusal> {
        let mut progress = Progress::default();
        let (mut request, head) = loop {
            if progress.should_parse(&self.0) {
                self.check_version(service)?;
                if let Some(found) = request::parse(&self.0)? {
                    break found;
                }
            }
            if self.0.len() >= MAX_HEAD {
                return Err(RequestError::HeadTooLong.into());
            }
            self.read_more(from).await?;
        };
        let rules = service.rules(&request);
        let refuse = |error| Refusal { format: request.format(), error };
        let length = body_length(&request, &rules).map_err(refuse)?;
        let end = head.saturating_add(length);
        if request.expects_continue() && self.0.len() < end {
            let closed = |_| refuse(RequestError::Closed);
            from.write_all(CONTINUE).await.map_err(closed)?;
            from.flush().await.map_err(closed)?;
        }
        while self.0.len() < end {
            self.read_more(from).await?;
        }
        request.body = self.0.get(head..end).unwrap_or_default().to_vec();
        self.0 = self.0.get(end..).unwrap_or_default().to_vec();
        Ok((request, rules))
    }

    /// Waits for the start of the next request. Returns `false` if the client closes instead.
    pub(super) async fn wait_for_next(&mut self, from: &mut (impl AsyncRead + Unpin)) -> bool {
        loop {
            if self.has_more() {
                return true;
            }
            self.0.clear();
            if self.read_more(from).await.is_err() {
                return false;
            }
        }
    }

    /// Whether the client sent anything after the last request. Old browsers send a line end after
    /// a form.
    pub(super) fn has_more(&self) -> bool {
        self.0.iter().any(|byte| !b"\r\n".contains(byte))
    }

    /// Returns what the client sent after the last request.
    pub(super) fn into_rest(self) -> Vec<u8> {
        self.0
    }

    /// Refuses a request line without a version as soon as it is complete: most clients that send
    /// one send no headers, and no empty line after them.
    fn check_version(&self, service: &impl Service) -> Result<(), RequestError> {
        match request::request_line_without_version(&self.0) {
            Some((request, _)) if !service.rules(&request).allows_missing_version => {
                Err(RequestError::Malformed)
            }
            _ => Ok(()),
        }
    }

    async fn read_more(&mut self, from: &mut (impl AsyncRead + Unpin)) -> Result<(), RequestError> {
        let mut piece = [0; 1024];
        let count = from.read(&mut piece).await.map_err(|_| RequestError::Closed)?;
        if count == 0 {
            return Err(RequestError::Closed);
        }
        self.0.extend_from_slice(piece.get(..count).unwrap_or_default());
        Ok(())
    }
}

/// Checks the headers that decide where the request ends, and returns the length of the body.
fn body_length(request: &Request, rules: &Rules) -> Result<usize, RequestError> {
    let headers = &request.headers;
    match headers.all("Host").count() {
        0 if request.version == Version::Http11 && rules.needs_host => {
            return Err(RequestError::Malformed);
        }
        0 | 1 => {}
        _ => return Err(RequestError::Malformed),
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
    let is_other =
        |kind: &str| headers.all("Content-Type").any(|value| !is_media_type(value, kind));
    if request.method == Method::Post && rules.media_type.is_some_and(is_other) {
        return Err(RequestError::UnsupportedMediaType);
    }
    Ok(length)
}

/// Whether a `Content-Type` is this media type or empty. Parameters are ignored.
fn is_media_type(value: &[u8], media_type: &str) -> bool {
    let name = value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    name.is_empty() || name.eq_ignore_ascii_case(media_type.as_bytes())
}

/// Parses a length in digits. A length that does not fit returns the maximum.
fn parse_length(text: &[u8]) -> Option<usize> {
    let text = text.trim_ascii();
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(std::str::from_utf8(text).ok()?.parse().unwrap_or(usize::MAX))
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
