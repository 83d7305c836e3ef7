//! `/status`: the statistics that `msnpd status` prints, and the forms for the administrator.

use super::account::MAX_NAME_LENGTH;
use super::message::Link;
use crate::chart;
use crate::history;
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use actors::EndReason;
use actors::port::DisableReason;
use actors::stats::{self, ClientState, DisabledAccount, Stats, span};
use askama::Template;

/// The maximum number of connections, of disabled accounts and of denied networks on the page.
/// `msnpd status` lists all.
const MAX_SHOWN: usize = 200;

/// The link on the pages with the result of an administrator's form.
pub(super) const BACK_TO_STATUS: Link = Link { target: "status", text: "To the status page" };

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage<'a> {
    version: &'static str,
    uptime: String,
    stats: &'a Stats,
    clients: &'a [ClientState],
    omitted_clients: usize,
    /// The handles of the users on the page who can be signed off.
    signed_in: Vec<&'a str>,
    disabled: &'a [DisabledAccount],
    denied: &'a [String],
    /// The number of disabled accounts and denied networks that are left out.
    omitted_exclusions: usize,
    max_name_length: usize,
    max_reason_length: usize,
    /// How many connections ended for each reason.
    end_counts: Vec<(u64, &'a str)>,
    /// The width and the height in pixels.
    chart_size: (usize, usize),
    token: &'a str,
}

/// Filters of the template.
#[expect(unreachable_pub, reason = "`filter_fn` generates public items")]
mod filters {
    /// A duration in words.
    #[expect(clippy::unnecessary_wraps, reason = "a filter must return a result")]
    #[askama::filter_fn]
    pub(super) fn span(seconds: &u64, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(actors::stats::span(*seconds))
    }
}

/// Returns the items that fit on the page.
fn shown<T>(all: &[T]) -> &[T] {
    all.get(..MAX_SHOWN).unwrap_or(all)
}

/// Returns the number of items that are left out.
fn count_omitted<T>(all: &[T]) -> usize {
    all.len().saturating_sub(MAX_SHOWN)
}

pub(super) async fn show(request: PageRequest) -> PageResponse {
    if let Some(refusal) = request.require_admin().await {
        return refusal;
    }
    let site = &request.site;
    history::record_now(site).await;
    let Ok(stats) = stats::collect(&site.node).await else {
        return super::failed();
    };
    let end_counts =
        stats.ended.iter().map(|(reason, count)| (*count, EndReason::description_of(reason)));
    let clients = shown(&stats.clients);
    let signed_in = clients.iter().filter(|client| client.state.is_some());
    let page = StatusPage {
        version: site.version,
        uptime: span(site.started_at.elapsed().as_secs()),
        clients,
        signed_in: signed_in.filter_map(|client| client.handle.as_deref()).collect(),
        omitted_clients: count_omitted(&stats.clients),
        disabled: shown(&stats.disabled),
        denied: shown(&stats.denied),
        omitted_exclusions: count_omitted(&stats.disabled) + count_omitted(&stats.denied),
        max_name_length: MAX_NAME_LENGTH,
        max_reason_length: DisableReason::MAX,
        end_counts: end_counts.collect(),
        chart_size: chart::size(site.history.borrow().rows().len()),
        token: &site.token,
        stats: &stats,
    };
    // The page contains the token.
    PageResponse::page(Status::OK, &page).not_stored()
}

/// `/online.gif`: the chart of the users who were online in the last day.
pub(super) async fn chart(request: PageRequest) -> PageResponse {
    if let Some(refusal) = request.require_admin().await {
        return refusal;
    }
    history::record_now(&request.site).await;
    let chart = chart::draw(request.site.history.borrow().rows());
    PageResponse::new(Status::OK, "image/gif", chart)
}
