//! The pages, one in each file: what the page shows and what its form does.

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

use crate::page_request::PageRequest;
use actix_web::http::StatusCode;
use actix_web::web::{ServiceConfig, get, post, resource, to};
use actix_web::{Handler, HttpResponse};

/// The paths of the pages.
pub(crate) fn routes(config: &mut ServiceConfig) {
    read(config, "/", home::show);
    form(config, "/sign-up", sign_up::show, sign_up::create);
    form(config, "/password", password::show, password::change);
    form(config, "/name", name::show, name::change);
    form(config, "/numbers", numbers::show, numbers::change);
    form(config, "/profile", profile::show, profile::change);
    read(config, "/set-up", set_up::show);
    read(config, "/messenger.reg", set_up::registry_file);
    read(config, "/reset.reg", set_up::registry_reset_file);
    read(config, "/hosts.txt", set_up::hosts_file);
    read(config, "/online", online::show);
    read(config, "/status", status::show);
    read(config, "/online.gif", status::chart);
    action(config, "/kick", kick::kick);
    action(config, "/disable", disable::disable);
    action(config, "/enable", disable::enable);
    action(config, "/deny", deny::deny);
    action(config, "/deny-remove", deny::remove);
    read(config, "/metrics", metrics::show);
}

/// A page without a form.
fn read<F>(config: &mut ServiceConfig, path: &str, show: F)
where
    F: Handler<(PageRequest,)>,
    F::Output: actix_web::Responder + 'static,
{
    let page = resource(path).route(get().to(show));
    config.service(page.default_service(to(bad_request::no_form_here)));
}

/// A page with a form.
fn form<F, G>(config: &mut ServiceConfig, path: &str, show: F, take: G)
where
    F: Handler<(PageRequest,)>,
    F::Output: actix_web::Responder + 'static,
    G: Handler<(PageRequest,)>,
    G::Output: actix_web::Responder + 'static,
{
    config.service(resource(path).route(get().to(show)).route(post().to(take)));
}

/// A path that only processes a form of another page.
fn action<F>(config: &mut ServiceConfig, path: &str, act: F)
where
    F: Handler<(PageRequest,)>,
    F::Output: actix_web::Responder + 'static,
{
    let form = resource(path).route(post().to(act));
    config.service(form.default_service(to(bad_request::form_only)));
}

/// The page after the store failed to make a change.
fn failed_to_change(back: (&str, &str)) -> HttpResponse {
    let line = "The server failed. Nothing was changed. Try again later.".to_owned();
    message::message_page(StatusCode::INTERNAL_SERVER_ERROR, "The server failed", &[line], back)
}

/// The page after a part of the server failed, which ends the server.
pub(crate) fn failed() -> HttpResponse {
    let line = "A part of the server failed. It will be started again.".to_owned();
    message::message_page(
        StatusCode::INTERNAL_SERVER_ERROR,
        "The server failed",
        &[line],
        message::HOME,
    )
}
