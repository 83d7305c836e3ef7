//! `/online`: the users who are online, for everyone, if the operator allows it.

use super::not_found;
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use actors::message::{Observe, RegistryState};
use askama::Template;
use msnp::{Privacy, State};

/// The maximum number of users on the page.
const MAX_SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "online.html")]
struct Online {
    users: Vec<User>,
    /// The number of users that are left out.
    omitted_count: usize,
}

/// A user on the page. Users are sorted by these fields, in this order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct User {
    name: String,
    handle: String,
    state: &'static str,
}

/// Shows the users who are visible to everyone: not those who are hidden, nor those whom only the
/// users on their allow list may see.
pub(super) async fn show(request: PageRequest) -> PageResponse {
    if !request.site.settings().who_is_online {
        return not_found::show();
    }
    let node = &request.site.node;
    let observed: Result<RegistryState, _> = node.registry.send(Observe::default()).await;
    // If the registry has stopped, the program ends, so the default does not matter.
    let online = observed.map(|registry| registry.online).unwrap_or_default();
    let mut users = Vec::new();
    for session in online {
        let is_visible = session.state.is_visible() && session.privacy == Privacy::AllowOthers;
        if is_visible && let Some(principal) = node.directory.principal(session.account) {
            users.push(User {
                name: principal.name.to_string(),
                handle: principal.handle.to_string(),
                state: state_name(session.state),
            });
        }
    }
    users.sort();
    let omitted_count = users.len().saturating_sub(MAX_SHOWN);
    users.truncate(MAX_SHOWN);
    PageResponse::page(Status::OK, &Online { users, omitted_count })
}

/// Returns a state as clients show it.
pub(super) fn state_name(state: State) -> &'static str {
    match state {
        State::Online | State::Other(_) => "online",
        State::Busy => "busy",
        State::Idle => "idle",
        State::BeRightBack => "be right back",
        State::Away => "away",
        State::OnThePhone => "on the phone",
        State::OutToLunch => "out to lunch",
        State::Hidden => "hidden",
        State::Offline => "offline",
    }
}
