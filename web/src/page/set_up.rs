//! `/set-up`: instructions to point the user's computer to this server.

use super::message::{HOME, say};
use crate::answer;
use crate::client_setup::{self, Family, Note, Resolver};
use crate::page_request::PageRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

/// The media type that Windows opens with the registry editor.
const REGISTRY: &str = "application/x-msregistry";

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUp {
    address: String,
    system: Option<&'static str>,
    server: Option<Server>,
}

/// The data of a server that clients can reach.
struct Server {
    address: String,
    port: u16,
    is_dialled: bool,
    has_registry: bool,
    family: &'static str,
    key: &'static str,
    /// Whether the reset file removes the value. Otherwise it sets the name that is built into the
    /// clients.
    removes_values: bool,
    built_in: &'static str,
    hosts: String,
    /// The path of the hosts file, if the system is known.
    hosts_file: Option<&'static str>,
    resolvers: Vec<(&'static str, &'static str, String)>,
    notes: Vec<Note>,
}

pub(super) async fn show(guest: PageRequest) -> HttpResponse {
    let server = guest.site.place(&guest.facts).map(|place| Server {
        address: place.address.to_string(),
        port: place.port,
        is_dialled: place.has_default_port(),
        has_registry: guest.system.has_registry(),
        family: Family::Messenger.title(),
        key: Family::Messenger.key(),
        removes_values: guest.system.removes_values(),
        built_in: client_setup::NAMES[0],
        hosts: client_setup::hosts(place),
        hosts_file: guest.system.hosts_file(),
        resolvers: Resolver::ALL
            .into_iter()
            .map(|resolver| (resolver.title(), resolver.goes(), resolver.lines(place)))
            .collect(),
        notes: client_setup::notes(place),
    });
    let page =
        SetUp { address: guest.facts.peer.to_string(), system: guest.system.title(), server };
    answer::page(StatusCode::OK, &page)
}

/// The registry file that points Messenger to this server.
pub(super) async fn set(guest: PageRequest) -> HttpResponse {
    let place = guest.site.place(&guest.facts);
    match place.and_then(|place| client_setup::set(Family::Messenger, place)) {
        Some(text) => answer::file("msn-setup.reg", REGISTRY, text),
        None => nowhere(),
    }
}

/// The registry file that undoes it.
pub(super) async fn reset(guest: PageRequest) -> HttpResponse {
    let text = client_setup::reset(Family::Messenger, guest.system);
    answer::file("msn-reset.reg", REGISTRY, text)
}

/// The lines for a hosts file.
pub(super) async fn hosts(guest: PageRequest) -> HttpResponse {
    match guest.site.place(&guest.facts).filter(|place| place.has_default_port()) {
        Some(place) => {
            let text = client_setup::hosts(place).replace('\n', "\r\n");
            answer::with(StatusCode::OK, "text/plain", text.into_bytes())
        }
        None => nowhere(),
    }
}

fn nowhere() -> HttpResponse {
    let line =
        "Messenger dials port 1863 at an IPv4 address, and this server cannot be found there. \
                See the notes for other programs on the set-up page."
            .to_owned();
    say(StatusCode::NOT_FOUND, "Messenger cannot be led here", &[line], HOME)
}
