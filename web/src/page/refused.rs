//! The page after a malformed request.

use super::message::{HOME, say};
use crate::http_request::Refusal;
use actix_web::HttpResponse;
use actix_web::http::header::{ALLOW, HeaderValue};

pub(crate) fn show(refusal: Refusal) -> HttpResponse {
    // The methods of the server as a whole: the path was not checked yet.
    with(refusal, "GET, HEAD, POST")
}

/// For a form that was sent to a page without one.
pub(super) async fn has_no_form() -> HttpResponse {
    with(Refusal::Method, "GET, HEAD")
}

/// For a request of a path that only processes a form.
pub(super) async fn is_a_form() -> HttpResponse {
    with(Refusal::Method, "POST")
}

fn with(refusal: Refusal, allowed: &'static str) -> HttpResponse {
    let mut answer = say(refusal.status(), "That did not work", &[refusal.to_string()], HOME);
    if refusal == Refusal::Method {
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    }
    answer
}
