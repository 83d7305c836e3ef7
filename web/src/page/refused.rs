//! What is shown to whoever asks in a way that is not understood.

use super::message::{HOME, say};
use crate::http_request::Refusal;
use actix_web::HttpResponse;
use actix_web::http::header::{ALLOW, HeaderValue};

pub(crate) fn show(refusal: Refusal) -> HttpResponse {
    // What the server as a whole allows: it does not look which page is meant.
    with(refusal, "GET, HEAD, POST")
}

/// A form was sent to a page that has none.
pub(super) async fn has_no_form() -> HttpResponse {
    with(Refusal::Method, "GET, HEAD")
}

/// A page was asked for where there is only a form.
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
