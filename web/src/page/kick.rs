//! `/kick`: ends the connections of a principal, for the administrator.

use super::account::handle;
use super::foreign;
use super::said::say;
use crate::guest::Guest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actors::EndReason;
use subtle::ConstantTimeEq;

const BACK: (&str, &str) = ("status", "To the status page");

/// Browsers send the administrator's password with every request, also with one that a page of
/// another site has made; but that page does not know the token.
pub(super) async fn kick(guest: Guest) -> HttpResponse {
    if let Some(closed) = guest.is_no_administrator().await {
        return closed;
    }
    if !bool::from(guest.site.token.as_bytes().ct_eq(guest.word("token").as_bytes())) {
        return foreign::show();
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
