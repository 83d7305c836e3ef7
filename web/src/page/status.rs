//! `/status`: what the server is doing, for the administrator. It shows the figures of `msnpd status`.

use crate::answer;
use crate::chart;
use crate::guest::Guest;
use crate::history::Row;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
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
    let Ok(figures) = figures::collect(&site.node).await else {
        return super::failed();
    };
    let ended = figures.ended.iter().map(|(word, count)| (*count, EndReason::words_of(word)));
    let status = Status {
        version: site.version,
        uptime: span(site.started.elapsed().as_secs()),
        clients: figures.clients.get(..SHOWN).unwrap_or(&figures.clients),
        more: figures.clients.len().saturating_sub(SHOWN),
        ended: ended.collect(),
        picture: chart::size(site.history.borrow().rows().len()),
        token: &site.token,
        figures: &figures,
    };
    answer::page(StatusCode::OK, &status)
}

/// `/online.gif`: who was online within the last day.
pub(super) async fn picture(guest: Guest) -> HttpResponse {
    if let Some(closed) = guest.is_no_administrator().await {
        return closed;
    }
    let name = |row: &Row| {
        let principal = guest.site.node.directory.principal(row.account);
        principal.map_or_else(|| "?".to_owned(), |principal| principal.handle.to_string())
    };
    let rows: Vec<(String, Row)> =
        guest.site.history.borrow().rows().iter().map(|row| (name(row), row.clone())).collect();
    answer::with(StatusCode::OK, "image/gif", chart::draw(&rows))
}
