//! `/metrics`: the statistics as OpenMetrics text, without the names and addresses of users. Only
//! private addresses get it.

use super::{failed, not_found};
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use actors::connection::is_private;
use actors::stats::{self, Stats};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) async fn show(request: PageRequest) -> PageResponse {
    if !request.site.settings().metrics || !is_private(request.peer_info.peer) {
        return not_found::show();
    }
    let Ok(stats) = stats::collect_without_clients(&request.site.node).await else {
        return failed();
    };
    let registry = registry(&stats, request.site.started_at.elapsed().as_secs());
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => PageResponse::new(Status::OK, CONTENT_TYPE, text.into_bytes()),
        Err(_) => failed(),
    }
}

/// Creates a registry with the current values. Each request has its own, because the values are
/// kept elsewhere.
fn registry(stats: &Stats, uptime_seconds: u64) -> Registry {
    let mut registry = Registry::with_prefix("msnpd");
    let connections = &stats.connections;
    for (name, help, value) in [
        ("accounts", "Accounts", stats.accounts),
        ("connections", "Open connections", connections.open),
        ("connections_half_open", "Connections not signed in or joined yet", connections.half_open),
        ("signed_in", "Principals who are signed in", connections.signed_in),
        ("participants", "Places taken in conversations", connections.participants),
        ("conversations", "Conversations", stats.conversations),
        ("cookies", "Unused cookies", stats.cookies),
        ("store_waiting", "Changes that wait for the store", stats.store.waiting),
        ("buffers_unread", "Buffers of unread bytes", stats.buffers.unread),
        ("buffers_unwritten", "Buffers of unwritten bytes", stats.buffers.unwritten),
    ] {
        let gauge = Gauge::<i64>::default();
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(name, help, gauge);
    }
    for (name, help, value) in [
        ("store_changes", "Changes that the store made", stats.store.changes),
        ("store_transactions", "Transactions of these changes", stats.store.transactions),
    ] {
        let counter = Counter::<u64>::default();
        counter.inc_by(value);
        registry.register(name, help, counter);
    }
    let ended = Family::<[(&str, String); 1], Counter>::default();
    for (reason, count) in &stats.ended {
        ended.get_or_create(&[("reason", reason.clone())]).inc_by(*count);
    }
    registry.register("connections_ended", "Connections that ended, by reason", ended);
    let gauge = Gauge::<i64>::default();
    gauge.set(i64::try_from(uptime_seconds).unwrap_or(i64::MAX));
    registry.register_with_unit("uptime", "Time since the start", Unit::Seconds, gauge);
    registry
}
