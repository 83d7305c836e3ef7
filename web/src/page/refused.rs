//! What is shown to whoever asks in a way that is not understood.

use super::said::{HOME, say};
use crate::door::Refusal;
use actix_web::HttpResponse;
use actix_web::http::header::{ALLOW, HeaderValue};

pub(crate) fn show(refusal: Refusal) -> HttpResponse {
    let mut answer = say(refusal.status(), "That did not work", &[refusal.to_string()], HOME);
    if refusal == Refusal::Method {
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    }
    answer
}

/// A form was sent to a page that has none, or a page was asked for where there is only a form.
pub(super) async fn not_this_way() -> HttpResponse {
    show(Refusal::Method)
}
