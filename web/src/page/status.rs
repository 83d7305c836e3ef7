//! `/status`: what the server is doing, for the administrator. It shows the figures of `msnpd status`.

use crate::answer;
use crate::chart;
use crate::guest::Guest;
use crate::history;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actors::EndReason;
use actors::figures::{self, ClientState, Figures, span};
use askama::Template;

/// How many connections are listed at most; `msnpd status` lists all.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "status.html")]
struct Status<'a> {
    version: &'static str,
    uptime: String,
    figures: &'a Figures,
    clients: &'a [ClientState],
    more: usize,
    /// Who can be signed off.
    signed_in: Vec<&'a str>,
    ended: Vec<(u64, &'a str)>,
    picture: (usize, usize),
    token: &'a str,
}

/// What the template does with values.
mod filters {
    /// A time span in words.
    #[expect(clippy::unnecessary_wraps, reason = "filters have this form")]
    pub(super) fn span(seconds: &u64, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(actors::figures::span(*seconds))
    }
}

pub(super) async fn show(guest: Guest) -> HttpResponse {
    if let Some(closed) = guest.is_no_administrator().await {
        return closed;
    }
    let site = &guest.site;
    history::see(site).await;
    let Ok(figures) = figures::collect(&site.node).await else {
        return super::failed();
    };
    let ended = figures.ended.iter().map(|(word, count)| (*count, EndReason::words_of(word)));
    let clients = figures.clients.get(..SHOWN).unwrap_or(&figures.clients);
    let signed_in = clients.iter().filter(|client| client.state.is_some());
    let status = Status {
        version: site.version,
        uptime: span(site.started.elapsed().as_secs()),
        clients,
        signed_in: signed_in.filter_map(|client| client.handle.as_deref()).collect(),
        more: figures.clients.len().saturating_sub(SHOWN),
        ended: ended.collect(),
        picture: chart::size(site.history.borrow().rows().len()),
        token: &site.token,
        figures: &figures,
    };
    let mut page = answer::page(StatusCode::OK, &status);
    // It has the token.
    page.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    page
}

/// `/online.gif`: who was online within the last day.
pub(super) async fn picture(guest: Guest) -> HttpResponse {
    if let Some(closed) = guest.is_no_administrator().await {
        return closed;
    }
    history::see(&guest.site).await;
    let picture = chart::draw(guest.site.history.borrow().rows());
    answer::with(StatusCode::OK, "image/gif", picture)
}
