//! A request for a page.

use crate::admin_auth::Access;
use crate::client_setup::System;
use crate::form::Form;
use crate::host_check;
use crate::http_request::{Method, Request};
use crate::page;
use crate::site::{Settings, Site};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use actors::port::PeerInfo;
use std::future::{Ready, ready};
use std::rc::Rc;
use subtle::ConstantTimeEq;

/// A request for a page. `Web` attaches it to the framework's request, and each page extracts it.
#[derive(Clone)]
pub(crate) struct PageRequest {
    pub(crate) site: Rc<Site>,
    pub(crate) peer_info: PeerInfo,
    pub(crate) authorization: Option<Vec<u8>>,
    pub(crate) form: Rc<Form>,
    pub(crate) system: System,
    /// Whether the `Host` header is missing or has an address or a name of this server.
    pub(crate) has_own_host: bool,
    /// Whether a page of another site sent the form.
    pub(crate) is_cross_site: bool,
}

impl PageRequest {
    pub(crate) fn new(site: Rc<Site>, peer_info: PeerInfo, request: &Request) -> PageRequest {
        let value = |name: &str| {
            let found = request.headers.iter().find(|(header, _)| *header == name);
            found.map(|(_, value)| value.clone())
        };
        let text = |name| value(name).map(|value| String::from_utf8_lossy(&value).into_owned());
        let (host, settings) = (text("host"), site.settings());
        let own_origin = host.as_ref().map(|host| format!("http://{host}"));
        // Newer browsers send the origin of the page, those of the nineties at most its address.
        let is_other_origin = match (text("origin"), text("referer")) {
            (Some(origin), _) => Some(origin) != own_origin,
            (None, Some(referer)) => is_other_server(&referer, host.as_deref(), &settings),
            (None, None) => false,
        };
        let is_from_other_site = is_other_origin
            || text("sec-fetch-site").is_some_and(|site| !matches!(&*site, "same-origin" | "none"));
        PageRequest {
            site,
            peer_info,
            authorization: value("authorization"),
            form: Rc::new(Form::parse(&request.body)),
            has_own_host: host.is_none_or(|host| host_check::is_own_host(&host, &settings)),
            system: System::from_user_agent(&text("user-agent").unwrap_or_default()),
            is_cross_site: request.method == Method::Post && is_from_other_site,
        }
    }

    /// Returns `None` if the request comes from the administrator, else the page to show instead.
    pub(crate) async fn require_admin(&self) -> Option<HttpResponse> {
        match self.site.admin_auth.check(self).await {
            Access::Granted => None,
            denied => Some(page::admin_only::show(&denied)),
        }
    }

    /// Returns `None` if the request comes from the administrator and the form from one of these
    /// pages, else the page to show instead. Browsers send the administrator's password with every
    /// request, even if a page of another site caused it. But such a page does not know the token.
    pub(crate) async fn require_admin_form(&self) -> Option<HttpResponse> {
        if let Some(refusal) = self.require_admin().await {
            return Some(refusal);
        }
        let is_right_token = self.site.token.as_bytes().ct_eq(self.trimmed("token").as_bytes());
        (!bool::from(is_right_token)).then(page::cross_site::show)
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        self.form.get(name)
    }

    /// A field of one line, without the spaces that browsers and users leave around it.
    pub(crate) fn trimmed(&self, name: &str) -> &str {
        self.field(name).trim()
    }
}

/// Whether a URL belongs to another server than the requested one. Without a `Host` header, each
/// name of this server counts as the requested one.
fn is_other_server(page_url: &str, host: Option<&str>, settings: &Settings) -> bool {
    let Some((_, rest)) = page_url.split_once("://") else { return !page_url.is_empty() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match host {
        Some(host) => !host_check::is_same_server(authority, host),
        None => !host_check::is_own_host(authority, settings),
    }
}

impl FromRequest for PageRequest {
    type Error = actix_web::Error;
    type Future = Ready<Result<PageRequest, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let page_request = request.extensions().get::<PageRequest>().cloned();
        ready(
            page_request
                .ok_or_else(|| actix_web::error::ErrorInternalServerError("no page request")),
        )
    }
}
