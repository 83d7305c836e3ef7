//! The page in place of the administrator's pages.

use super::message::{HOME, say};
use crate::admin_auth::Opens;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};

pub(crate) fn show(closed: &Opens) -> HttpResponse {
    let (status, line) = match closed {
        Opens::NotFromThere => {
            (StatusCode::FORBIDDEN, "The administrator's pages are for computers of this network.")
        }
        Opens::NoPassword => (
            StatusCode::FORBIDDEN,
            "No administrator's password has been set. On the server, \"msnpd passwd-admin\" sets one.",
        ),
        Opens::TooMany => (
            StatusCode::TOO_MANY_REQUESTS,
            "There were too many wrong passwords from your address. Try again in some minutes.",
        ),
        Opens::Failed(words) => {
            log::warn!("the administrator's password cannot be checked: {words}");
            (StatusCode::INTERNAL_SERVER_ERROR, "The password cannot be checked now.")
        }
        Opens::Yes | Opens::Wrong => (
            StatusCode::UNAUTHORIZED,
            "This page is for the administrator. The password is the one that the server printed at \
             its first start, or that \"msnpd passwd-admin\" has set; the name may be anything.",
        ),
    };
    let mut answer = say(status, "For the administrator", &[line.to_owned()], HOME);
    let headers = answer.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"msnpd\""));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("600"));
    }
    answer
}
