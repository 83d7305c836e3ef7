//! The pages, one in each file: what a page shows and what its form does.

pub(crate) mod access_denied;
mod account;
pub(crate) mod admin_only;
pub(crate) mod bad_request;
pub(crate) mod cross_site;
mod deny;
mod disable;
mod home;
mod kick;
mod message;
mod metrics;
mod name;
pub(crate) mod not_found;
mod numbers;
mod online;
mod password;
mod profile;
mod set_up;
mod sign_up;
mod status;
pub(crate) mod unknown_host;

use crate::http::{Method, Rules, Status, Target};
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use percent_encoding::percent_decode_str;
use std::future::Future;
use std::pin::Pin;

/// The maximum size of a form in bytes.
pub const MAX_FORM: usize = 8 * 1024;

/// The rules for all pages. The connection is closed after each response, so that idle browsers do
/// not use up the connections that others need.
pub(crate) const RULES: Rules = Rules {
    max_body: MAX_FORM,
    media_type: Some("application/x-www-form-urlencoded"),
    needs_host: true,
    allows_missing_version: false,
    keeps_alive: false,
};

/// A function that shows a page or processes its form.
type Handler = fn(PageRequest) -> Pin<Box<dyn Future<Output = PageResponse>>>;

macro_rules! handler {
    ($function:path) => {
        |request| Box::pin($function(request))
    };
}

/// A path that the server responds to.
struct Page {
    path: &'static str,
    /// Handles `GET` and `HEAD`.
    show: Option<Handler>,
    /// Handles `POST`.
    submit: Option<Handler>,
}

/// The paths of the pages.
const PAGES: [Page; 19] = [
    without_form("/", handler!(home::show)),
    with_form("/sign-up", handler!(sign_up::show), handler!(sign_up::create)),
    with_form("/password", handler!(password::show), handler!(password::change)),
    with_form("/name", handler!(name::show), handler!(name::change)),
    with_form("/numbers", handler!(numbers::show), handler!(numbers::change)),
    with_form("/profile", handler!(profile::show), handler!(profile::change)),
    without_form("/set-up", handler!(set_up::show)),
    without_form("/messenger.reg", handler!(set_up::registry_file)),
    without_form("/reset.reg", handler!(set_up::registry_reset_file)),
    without_form("/hosts.txt", handler!(set_up::hosts_file)),
    without_form("/online", handler!(online::show)),
    without_form("/status", handler!(status::show)),
    without_form("/online.gif", handler!(status::chart)),
    form_only("/kick", handler!(kick::kick)),
    form_only("/disable", handler!(disable::disable)),
    form_only("/enable", handler!(disable::enable)),
    form_only("/deny", handler!(deny::deny)),
    form_only("/deny-remove", handler!(deny::allow_again)),
    without_form("/metrics", handler!(metrics::show)),
];

const fn without_form(path: &'static str, show: Handler) -> Page {
    Page { path, show: Some(show), submit: None }
}

const fn with_form(path: &'static str, show: Handler, submit: Handler) -> Page {
    Page { path, show: Some(show), submit: Some(submit) }
}

/// A path that only processes a form of another page.
const fn form_only(path: &'static str, submit: Handler) -> Page {
    Page { path, show: None, submit: Some(submit) }
}

/// Responds to a request of this target.
pub(crate) async fn respond(target: &Target<'_>, request: PageRequest) -> PageResponse {
    let has_path = |page: &&Page| percent_decode_str(target.path).eq(page.path.bytes());
    let Some(page) = PAGES.iter().find(has_path) else {
        return not_found::show_for_path(target.path);
    };
    match (request.method, page.show, page.submit) {
        (Method::Get | Method::Head, Some(show), _) => show(request).await,
        (Method::Get | Method::Head, None, _) => bad_request::form_only(),
        (Method::Post, _, Some(submit)) => submit(request).await,
        (Method::Post, _, None) => bad_request::no_form_here(),
    }
}

/// The page after the store failed to make a change.
fn failed_to_change(link: message::Link) -> PageResponse {
    let line = "The server failed. Nothing was changed. Try again later.".to_owned();
    message::message_page(Status::INTERNAL_SERVER_ERROR, "The server failed", &[line], link)
}

/// The page after an actor of the server failed, which ends the program.
pub(crate) fn failed() -> PageResponse {
    let line = "A part of the server failed. The server will be restarted.".to_owned();
    message::message_page(
        Status::INTERNAL_SERVER_ERROR,
        "The server failed",
        &[line],
        message::HOME,
    )
}
