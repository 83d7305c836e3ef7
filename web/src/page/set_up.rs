//! `/set-up`: instructions to point the user's computer to this server.

use super::message::{HOME, message_page};
use crate::client_setup::{self, Family, Note, Resolver};
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use askama::Template;

/// The media type that Windows opens with the registry editor.
const REGISTRY: &str = "application/x-msregistry";

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUp {
    /// The address of the user's computer.
    client_address: String,
    /// The system of the user's computer, if it is known.
    system: Option<&'static str>,
    /// `None` if clients cannot reach this server.
    server: Option<Server>,
}

/// What the page says about this server.
struct Server {
    address: String,
    port: u16,
    has_default_port: bool,
    has_registry: bool,
    /// The clients that the registry file is for.
    family: &'static str,
    registry_key: &'static str,
    /// Whether the reset file removes the value. Otherwise it sets the name that is built into the
    /// clients.
    can_remove_registry_values: bool,
    built_in_host: &'static str,
    hosts_lines: String,
    /// The path of the hosts file, if the system is known.
    hosts_file: Option<&'static str>,
    resolvers: Vec<ResolverSetUp>,
    notes: Vec<Note>,
}

/// How to set up a DNS server.
struct ResolverSetUp {
    title: &'static str,
    instructions: &'static str,
    lines: String,
}

pub(super) async fn show(request: PageRequest) -> PageResponse {
    let resolver_set_up = |resolver: Resolver, server| ResolverSetUp {
        title: resolver.title(),
        instructions: resolver.instructions(),
        lines: resolver.lines(server),
    };
    let server = request.site.server_address(&request.peer_info).map(|server| Server {
        address: server.address.to_string(),
        port: server.port,
        has_default_port: server.has_default_port(),
        has_registry: request.system.has_registry(),
        family: Family::Messenger.title(),
        registry_key: Family::Messenger.key(),
        can_remove_registry_values: request.system.can_remove_registry_values(),
        built_in_host: client_setup::NAMES[0],
        hosts_lines: client_setup::hosts_lines(server),
        hosts_file: request.system.hosts_file(),
        resolvers: Resolver::ALL.map(|resolver| resolver_set_up(resolver, server)).into(),
        notes: client_setup::notes(server),
    });
    let page = SetUp {
        client_address: request.peer_info.peer.to_string(),
        system: request.system.title(),
        server,
    };
    PageResponse::page(Status::OK, &page)
}

/// `/messenger.reg`: the registry file that points Messenger to this server.
pub(super) async fn registry_file(request: PageRequest) -> PageResponse {
    let server = request.site.server_address(&request.peer_info);
    match server.and_then(|server| client_setup::registry_file(Family::Messenger, server)) {
        Some(text) => PageResponse::file("msn-setup.reg", REGISTRY, text),
        None => unreachable_page(),
    }
}

/// `/reset.reg`: the registry file that undoes the changes of [`registry_file`].
pub(super) async fn registry_reset_file(request: PageRequest) -> PageResponse {
    let text = client_setup::registry_reset_file(Family::Messenger, request.system);
    PageResponse::file("msn-reset.reg", REGISTRY, text)
}

/// `/hosts.txt`: the lines for a hosts file.
pub(super) async fn hosts_file(request: PageRequest) -> PageResponse {
    match request.site.server_address(&request.peer_info) {
        Some(server) if server.has_default_port() => {
            let text = client_setup::hosts_lines(server).replace('\n', "\r\n");
            PageResponse::new(Status::OK, "text/plain", text.into_bytes())
        }
        _ => unreachable_page(),
    }
}

/// The page in place of a file that would not help Messenger to find this server.
fn unreachable_page() -> PageResponse {
    let line =
        "Messenger connects to port 1863 at an IPv4 address. This server cannot be reached there. See \
         the notes for other programs on the set-up page."
            .to_owned();
    message_page(Status::NOT_FOUND, "Messenger cannot find this server", &[line], HOME)
}
