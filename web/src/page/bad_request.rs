//! The page in response to a request that is refused.

use super::MAX_FORM;
use super::message::{HOME, message_page};
use crate::http::RequestError;
use crate::response::PageResponse;

pub(crate) fn show(error: RequestError) -> PageResponse {
    // The path was not checked yet, so these are the methods of all pages together.
    error_page(error, "GET, HEAD, POST")
}

/// The page after a form that was sent to a page without a form.
pub(super) fn no_form_here() -> PageResponse {
    error_page(RequestError::UnsupportedMethod, "GET, HEAD")
}

/// The page for a path that only processes a form.
pub(super) fn form_only() -> PageResponse {
    error_page(RequestError::UnsupportedMethod, "POST")
}

fn error_page(error: RequestError, allowed: &'static str) -> PageResponse {
    let page = message_page(error.status(), "The request failed", &[sentence(error)], HOME);
    match error {
        RequestError::UnsupportedMethod => page.header("Allow", allowed),
        _ => page,
    }
}

fn sentence(error: RequestError) -> String {
    let text = match error {
        RequestError::Closed => "Your browser closed the connection.",
        RequestError::Timeout => "Your browser took too long to send its request.",
        RequestError::Malformed => {
            "Your browser sent a request that this server does not understand."
        }
        RequestError::HeadTooLong => "The headers of your browser's request are too long.",
        RequestError::BodyTooLong => {
            return format!("The form is too long: at most {MAX_FORM} bytes are allowed.");
        }
        RequestError::UnsupportedMediaType => {
            "Your browser sent data that is not a form of these pages."
        }
        RequestError::LengthRequired => "Your browser did not send the length of the form.",
        RequestError::UnsupportedMethod => {
            "This page does not support the request method that your browser used."
        }
        RequestError::UnsupportedVersion => {
            "Your browser used an HTTP version other than 1.0 and 1.1."
        }
    };
    text.to_owned()
}
