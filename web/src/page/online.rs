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
    /// The friendly name, the handle and the state of each user.
    users: Vec<(String, String, &'static str)>,
    /// The number of users that are left out.
    omitted_count: usize,
}

/// Hidden users are not shown, nor users whom only their allow list may see.
pub(super) async fn show(request: PageRequest) -> PageResponse {
    if !request.site.settings().who_is_online {
        return not_found::show();
    }
    let node = &request.site.node;
    let state: Result<RegistryState, _> = node.registry.send(Observe::default()).await;
    let online = state.map(|state| state.online).unwrap_or_default();
    let shown = online
        .iter()
        .filter(|user| user.state.is_visible() && user.privacy == Privacy::AllowOthers)
        .filter_map(|user| Some((node.directory.principal(user.account)?, user.state)));
    let mut users: Vec<_> = shown
        .map(|(user, state)| (user.name.to_string(), user.handle.to_string(), state_name(state)))
        .collect();
    users.sort();
    let omitted_count = users.len().saturating_sub(MAX_SHOWN);
    users.truncate(MAX_SHOWN);
    PageResponse::page(Status::OK, &Online { users, omitted_count })
}

/// The state as clients show it.
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
