use super::request::{Format, Version};
use actors::port::Transport;
use std::borrow::Cow;
use std::fmt::Write;
use std::future::Future;
use std::pin::Pin;

/// A response. Its headers are sent with the case and in the order in which they were added.
pub struct Response {
    status: Status,
    fields: Vec<Field>,
    body: Vec<u8>,
    take_over: Option<TakeOver>,
}

/// A header line.
#[derive(Debug, PartialEq, Eq)]
enum Field {
    /// A name and a value.
    Text(&'static str, Cow<'static, str>),
    /// `Connection`. The value depends on the request.
    Connection,
    /// `Content-Length`.
    ContentLength,
}

/// A function that gets the connection after `101 Switching Protocols`. The connection is closed
/// when the future completes.
pub type TakeOver = Box<dyn FnOnce(Upgraded) -> Pin<Box<dyn Future<Output = ()>>>>;

/// A connection that speaks another protocol from now on. Of the limits of this server, only the
/// number of connections still applies to it.
pub struct Upgraded {
    /// The connection.
    pub stream: Box<dyn Transport>,
    /// The bytes that were received after the request.
    pub received: Vec<u8>,
}

impl Response {
    /// Creates a response without headers. When it is sent, `Connection` and `Content-Length` are
    /// added.
    pub fn new(status: Status, body: impl Into<Vec<u8>>) -> Response {
        Response { status, fields: Vec::new(), body: body.into(), take_over: None }
    }

    /// Creates a response `101 Switching Protocols`. When it is sent, no headers are added, and
    /// then `take_over` gets the connection. This response is legal only for requests of
    /// HTTP/1.1.
    pub fn upgrade(take_over: TakeOver) -> Response {
        let status = Status::SWITCHING_PROTOCOLS;
        Response { status, fields: Vec::new(), body: Vec::new(), take_over: Some(take_over) }
    }

    /// Adds a header. Control characters are dropped from the value, since they could end the line.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Response {
        let mut value = value.into();
        if value.contains(char::is_control) {
            value.to_mut().retain(|character| !character.is_control());
        }
        self.fields.push(Field::Text(name, value));
        self
    }

    /// Adds `Connection` here instead of at the end.
    #[must_use]
    pub fn connection(mut self) -> Response {
        self.fields.push(Field::Connection);
        self
    }

    /// Adds `Content-Length` here instead of at the end.
    #[must_use]
    pub fn content_length(mut self) -> Response {
        self.fields.push(Field::ContentLength);
        self
    }

    /// Returns the status.
    pub fn status(&self) -> Status {
        self.status
    }

    pub(super) fn is_upgrade(&self) -> bool {
        self.take_over.is_some()
    }

    pub(super) fn into_take_over(self) -> Option<TakeOver> {
        self.take_over
    }

    /// Returns the bytes of the response.
    pub(super) fn encode(&self, format: Format, persistence: Persistence) -> Vec<u8> {
        let minor_version = if format.version == Version::Http10 { 0 } else { 1 };
        let Status { code, reason } = self.status;
        let mut text = format!("HTTP/1.{minor_version} {code} {reason}\r\n");
        let required: &[Field] = match self.is_upgrade() {
            true => &[],
            false => &[Field::Connection, Field::ContentLength],
        };
        let missing = required.iter().filter(|field| !self.fields.contains(field));
        for field in self.fields.iter().chain(missing) {
            // Writing to a string does not fail.
            let _ = match field {
                Field::Text(name, value) => write!(text, "{name}: {value}\r\n"),
                Field::Connection => write!(text, "Connection: {}\r\n", persistence.word()),
                Field::ContentLength => write!(text, "Content-Length: {}\r\n", self.body.len()),
            };
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        if !format.is_head {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

/// Whether the connection stays open after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Persistence {
    KeepAlive,
    Close,
}

impl Persistence {
    const fn word(self) -> &'static str {
        match self {
            Persistence::KeepAlive => "Keep-Alive",
            Persistence::Close => "close",
        }
    }
}

/// The status of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// The number.
    pub code: u16,
    /// The text after the number. Some clients compare it.
    pub reason: &'static str,
}

macro_rules! statuses {
    ($($name:ident = $code:literal $reason:literal;)+) => {
        #[expect(missing_docs, reason = "the names are those of RFC 9110 and RFC 6585")]
        impl Status {
            $(pub const $name: Status = Status { code: $code, reason: $reason };)+
        }
    };
}

statuses! {
    SWITCHING_PROTOCOLS = 101 "Switching Protocols";
    OK = 200 "OK";
    BAD_REQUEST = 400 "Bad Request";
    UNAUTHORIZED = 401 "Unauthorized";
    FORBIDDEN = 403 "Forbidden";
    NOT_FOUND = 404 "Not Found";
    METHOD_NOT_ALLOWED = 405 "Method Not Allowed";
    REQUEST_TIMEOUT = 408 "Request Timeout";
    CONFLICT = 409 "Conflict";
    LENGTH_REQUIRED = 411 "Length Required";
    PAYLOAD_TOO_LARGE = 413 "Payload Too Large";
    UNSUPPORTED_MEDIA_TYPE = 415 "Unsupported Media Type";
    TOO_MANY_REQUESTS = 429 "Too Many Requests";
    REQUEST_HEADER_FIELDS_TOO_LARGE = 431 "Request Header Fields Too Large";
    INTERNAL_SERVER_ERROR = 500 "Internal Server Error";
    HTTP_VERSION_NOT_SUPPORTED = 505 "HTTP Version Not Supported";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(response: &Response, format: Format, persistence: Persistence) -> String {
        String::from_utf8(response.encode(format, persistence)).unwrap()
    }

    #[test]
    fn headers_have_the_case_and_the_order_of_the_route() {
        let response = Response::new(Status::OK, "body")
            .header("PassportURLs", "DALogin=a")
            .content_length()
            .header("x-MSN-messenger", "b");
        assert_eq!(
            encoded(&response, Format::PLAIN, Persistence::Close),
            "HTTP/1.0 200 OK\r\nPassportURLs: DALogin=a\r\nContent-Length: 4\r\nx-MSN-messenger: \
             b\r\nConnection: close\r\n\r\nbody"
        );
        let head = Format { version: Version::Http11, is_head: true };
        assert_eq!(
            encoded(
                &Response::new(Status::NOT_FOUND, "none").connection(),
                head,
                Persistence::KeepAlive
            ),
            "HTTP/1.1 404 Not Found\r\nConnection: Keep-Alive\r\nContent-Length: 4\r\n\r\n"
        );
    }

    #[test]
    fn a_header_cannot_end_its_line() {
        let response =
            Response::new(Status::OK, "").header("A", "b\r\nSet-Cookie: c\u{0}\u{85}".to_owned());
        let text = encoded(&response, Format::PLAIN, Persistence::Close);
        assert!(text.contains("\r\nA: bSet-Cookie: c\r\n"), "{text}");
    }
}
