//! A request for a page.

use crate::admin_auth::Access;
use crate::client_setup::System;
use crate::form::Form;
use crate::host_check;
use crate::http::{Method, Request};
use crate::page;
use crate::response::PageResponse;
use crate::site::{Settings, Site};
use actors::port::PeerInfo;
use std::borrow::Cow;
use std::rc::Rc;
use subtle::ConstantTimeEq;

/// A request for a page.
pub(crate) struct PageRequest {
    pub(crate) site: Rc<Site>,
    pub(crate) peer_info: PeerInfo,
    pub(crate) method: Method,
    /// The `Authorization` header.
    pub(crate) authorization: Option<Vec<u8>>,
    pub(crate) form: Form,
    pub(crate) system: System,
    /// Whether the `Host` header is missing or has an address or a name of this server.
    pub(crate) has_own_host: bool,
    /// Whether a page of another site sent the form.
    pub(crate) is_cross_site: bool,
}

impl PageRequest {
    pub(crate) fn new(site: Rc<Site>, peer_info: PeerInfo, request: &Request) -> PageRequest {
        let header = |name| request.headers.text(name).map(Cow::into_owned);
        let (host, settings) = (header("host"), site.settings());
        let own_origin = host.as_ref().map(|host| format!("http://{host}"));
        // Newer browsers send the origin of the page with the form. Browsers of the nineties send
        // its address or nothing.
        let has_other_origin = match (header("origin"), header("referer")) {
            (Some(origin), _) => Some(origin) != own_origin,
            (None, Some(referer)) => is_of_other_server(&referer, host.as_deref(), &settings),
            (None, None) => false,
        };
        let is_fetched_across_sites = header("sec-fetch-site")
            .is_some_and(|relation| !matches!(&*relation, "same-origin" | "none"));
        let is_from_other_site = has_other_origin || is_fetched_across_sites;
        PageRequest {
            site,
            peer_info,
            method: request.method,
            authorization: request.headers.first("authorization").map(<[u8]>::to_vec),
            form: Form::parse(&request.body),
            has_own_host: host.is_none_or(|host| host_check::is_own_host(&host, &settings)),
            system: System::from_user_agent(&header("user-agent").unwrap_or_default()),
            is_cross_site: request.method == Method::Post && is_from_other_site,
        }
    }

    /// Returns `None` if the request comes from the administrator, otherwise the page to show
    /// instead.
    pub(crate) async fn require_admin(&self) -> Option<PageResponse> {
        match self.site.admin_auth.check(self).await {
            Access::Granted => None,
            denied => Some(page::admin_only::show(&denied)),
        }
    }

    /// Returns `None` if the request comes from the administrator and its form from a page of this
    /// server, otherwise the page to show instead. The password alone does not prove where the form
    /// comes from: browsers send it with every request, even if a page of another site caused the
    /// request. Such a page does not know the token that the forms of this server contain.
    pub(crate) async fn require_admin_form(&self) -> Option<PageResponse> {
        if let Some(refusal) = self.require_admin().await {
            return Some(refusal);
        }
        let token = self.site.token.as_bytes();
        match bool::from(token.ct_eq(self.trimmed("token").as_bytes())) {
            true => None,
            false => Some(page::cross_site::show()),
        }
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        self.form.get(name)
    }

    /// Returns a field without the spaces that browsers and users leave around it.
    pub(crate) fn trimmed(&self, name: &str) -> &str {
        self.field(name).trim()
    }
}

/// Whether the page at a URL belongs to another server than the requested one. If the request has
/// no `Host` header, each name of this server counts as the requested one.
fn is_of_other_server(page_url: &str, host: Option<&str>, settings: &Settings) -> bool {
    // A browser that keeps the URL secret may send an empty one.
    if page_url.is_empty() {
        return false;
    }
    let Some((_, rest)) = page_url.split_once("://") else { return true };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match host {
        Some(host) => !host_check::is_same_server(authority, host),
        None => !host_check::is_own_host(authority, settings),
    }
}
