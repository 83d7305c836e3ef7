//! `/kick`: ends all connections of a user, for the administrator.

use super::account::handle;
use super::message::say;
use super::status::BACK;
use crate::page_request::PageRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actors::EndReason;

pub(super) async fn kick(guest: PageRequest) -> HttpResponse {
    if let Some(closed) = guest.may_not_act().await {
        return closed;
    }
    let node = &guest.site.node;
    let found = handle(&guest, guest.word("handle")).ok().and_then(|handle| {
        let account = node.directory.find(&handle)?;
        Some((handle, account))
    });
    let Some((handle, account)) = found else {
        let line = "There is no such account.".to_owned();
        return say(StatusCode::NOT_FOUND, "Nobody was signed off", &[line], BACK);
    };
    let count = node.connections.end(account, EndReason::Kicked);
    log::info!("{handle} is kicked, by the web page, from {}", guest.facts.peer);
    let (s, end) = if count == 1 { ("", "ends") } else { ("s", "end") };
    let line = format!("{handle} had {count} connection{s}, which {end} now.");
    say(StatusCode::OK, "Signed off", &[line], BACK)
}
