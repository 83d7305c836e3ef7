//! The page that is shown instead of one for the administrator, with the reason.

use super::message::{HOME, message_page};
use crate::admin_auth::Access;
use crate::http::Status;
use crate::response::PageResponse;

pub(crate) fn show(access: &Access) -> PageResponse {
    let (status, line) = match access {
        Access::PublicAddress => {
            (Status::FORBIDDEN, "The administrator's pages are only for computers of this network.")
        }
        Access::NoPassword => (
            Status::FORBIDDEN,
            "No administrator's password is set. On the server, \"msnpd passwd-admin\" sets one.",
        ),
        Access::TooManyAttempts => (
            Status::TOO_MANY_REQUESTS,
            "There were too many wrong passwords from your address. Try again in a few minutes.",
        ),
        Access::Failed(message) => {
            log::warn!("cannot check the administrator's password: {message}");
            (Status::INTERNAL_SERVER_ERROR, "The password cannot be checked now.")
        }
        // `Granted` does not occur here.
        Access::Granted | Access::WrongPassword => (
            Status::UNAUTHORIZED,
            "This page is for the administrator. The server printed the password at its first \
             start, and \"msnpd passwd-admin\" sets a new one. The user name can be anything.",
        ),
    };
    let response = message_page(status, "For the administrator", &[line.to_owned()], HOME);
    match status {
        Status::UNAUTHORIZED => response.header("WWW-Authenticate", "Basic realm=\"msnpd\""),
        Status::TOO_MANY_REQUESTS => response.header("Retry-After", "600"),
        _ => response,
    }
}
