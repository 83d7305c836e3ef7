//! The page in place of the administrator's pages.

use super::message::{HOME, message_page};
use crate::admin_auth::Access;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};

pub(crate) fn show(access: &Access) -> HttpResponse {
    let (status, line) = match access {
        Access::PublicAddress => (
            StatusCode::FORBIDDEN,
            "The administrator's pages are only for computers of this network.",
        ),
        Access::NoPassword => (
            StatusCode::FORBIDDEN,
            "No administrator's password is set. On the server, \"msnpd passwd-admin\" sets one.",
        ),
        Access::TooManyAttempts => (
            StatusCode::TOO_MANY_REQUESTS,
            "There were too many wrong passwords from your address. Try again in a few minutes.",
        ),
        Access::Failed(message) => {
            log::warn!("cannot check the administrator's password: {message}");
            (StatusCode::INTERNAL_SERVER_ERROR, "The password cannot be checked now.")
        }
        Access::Granted | Access::WrongPassword => (
            StatusCode::UNAUTHORIZED,
            "This page is for the administrator. The server printed the password at its first \
             start, and \"msnpd passwd-admin\" sets a new one. The user name can be anything.",
        ),
    };
    let mut response = message_page(status, "For the administrator", &[line.to_owned()], HOME);
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"msnpd\""));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("600"));
    }
    response
}
