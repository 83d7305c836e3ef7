use super::request::Format;
use super::response::Status;

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The client closed the connection before the request was complete.
    #[error("the connection is closed")]
    Closed,
    /// The request took too long to arrive.
    #[error("the request took too long")]
    Timeout,
    /// The request is not HTTP, or is ambiguous.
    #[error("malformed request")]
    Malformed,
    /// The head is longer than [`MAX_HEAD`](super::limits::MAX_HEAD), or has too many lines.
    #[error("the head is too long")]
    HeadTooLong,
    /// The body is longer than its route allows.
    #[error("the body is too long")]
    BodyTooLong,
    /// The body has another media type than its route expects.
    #[error("the body has another media type")]
    UnsupportedMediaType,
    /// The length of the body is not stated, or the body is chunked.
    #[error("the body has no Content-Length")]
    LengthRequired,
    /// The method is not one of [`Method`](super::Method), or the route does not support it.
    #[error("the method is not supported")]
    UnsupportedMethod,
    /// The version is neither 1.0 nor 1.1.
    #[error("the HTTP version is not supported")]
    UnsupportedVersion,
}

impl RequestError {
    /// The status of the response.
    pub fn status(self) -> Status {
        match self {
            RequestError::Closed | RequestError::Malformed => Status::BAD_REQUEST,
            RequestError::Timeout => Status::REQUEST_TIMEOUT,
            RequestError::HeadTooLong => Status::REQUEST_HEADER_FIELDS_TOO_LARGE,
            RequestError::BodyTooLong => Status::PAYLOAD_TOO_LARGE,
            RequestError::UnsupportedMediaType => Status::UNSUPPORTED_MEDIA_TYPE,
            RequestError::LengthRequired => Status::LENGTH_REQUIRED,
            RequestError::UnsupportedMethod => Status::METHOD_NOT_ALLOWED,
            RequestError::UnsupportedVersion => Status::HTTP_VERSION_NOT_SUPPORTED,
        }
    }
}

/// Why a request is refused, and the form of the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) format: Format,
    pub(super) error: RequestError,
}

impl From<RequestError> for Refusal {
    /// The refusal of a request whose version is not known.
    fn from(error: RequestError) -> Refusal {
        Refusal { format: Format::PLAIN, error }
    }
}
