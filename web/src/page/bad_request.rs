//! The page after a malformed request.

use super::message::{HOME, message_page};
use crate::http_request::RequestError;
use actix_web::HttpResponse;
use actix_web::http::header::{ALLOW, HeaderValue};

pub(crate) fn show(error: RequestError) -> HttpResponse {
    // The methods of the server as a whole: the path was not checked yet.
    error_page(error, "GET, HEAD, POST")
}

/// For a form that was sent to a page without one.
pub(super) async fn no_form_here() -> HttpResponse {
    error_page(RequestError::UnsupportedMethod, "GET, HEAD")
}

/// For a request of a path that only processes a form.
pub(super) async fn form_only() -> HttpResponse {
    error_page(RequestError::UnsupportedMethod, "POST")
}

fn error_page(error: RequestError, allowed: &'static str) -> HttpResponse {
    let mut response =
        message_page(error.status(), "The request failed", &[error.to_string()], HOME);
    if error == RequestError::UnsupportedMethod {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    }
    response
}
