//! The web server of a node.

use crate::history;
use crate::http::limits::MAX_REFUSED_CONNECTIONS;
use crate::http::{
    self, ConnectionSlot, Method, Request, RequestError, Response, Rules, Service, SlotCounts,
    Target,
};
use crate::page;
use crate::page_request::PageRequest;
use crate::site::{Deps, Settings, Site};
use actors::connection::is_private;
use actors::port::{PeerInfo, Transport};
use std::net::IpAddr;
use std::rc::Rc;
use tokio::sync::Semaphore;

/// The web server of a node. It runs on the thread of the node's actors.
pub struct Web {
    site: Rc<Site>,
    slots: SlotCounts,
    /// Limits the connections from refused addresses that get a page with the reason.
    refused_connections: Semaphore,
}

impl Web {
    /// Creates the web server of a node, and starts to record who is online.
    pub fn start(deps: Deps) -> Rc<Web> {
        let site = Rc::new(Site::new(deps));
        let recording_site = site.clone();
        actix_rt::spawn(async move { history::record_forever(&recording_site).await });
        Rc::new(Web {
            site,
            slots: SlotCounts::default(),
            refused_connections: Semaphore::new(MAX_REFUSED_CONNECTIONS),
        })
    }

    /// Replaces the settings.
    pub fn change_settings(&self, settings: Settings) {
        self.site.change_settings(settings);
    }

    /// Serves a connection until it ends.
    pub async fn serve(&self, stream: Box<dyn Transport>, peer_info: PeerInfo) {
        let is_denied = self.site.node.denies(peer_info.peer);
        if is_denied || !self.is_allowed(peer_info.peer) {
            let Ok(_permit) = self.refused_connections.try_acquire() else { return };
            let page = if is_denied {
                page::access_denied::denied_network()
            } else {
                page::access_denied::public_address()
            };
            http::respond_unread(stream, &page.into()).await;
            return;
        }
        let Some(slot) = ConnectionSlot::take(&self.slots, peer_info.peer) else {
            log::debug!("{}: there are too many connections to the web pages", peer_info.peer);
            return;
        };
        let pages = Pages { site: self.site.clone(), peer_info, slot: Rc::new(slot) };
        if let Err(error) = http::serve(stream, &pages).await {
            log::debug!("{}: {error}", peer_info.peer);
        }
    }

    /// Whether the pages are for this address: it is private, or the configuration allows it.
    fn is_allowed(&self, peer: IpAddr) -> bool {
        let settings = self.site.node.settings();
        is_private(peer) || settings.allow.iter().any(|network| network.contains(&peer))
    }
}

/// The pages, as one connection gets them.
struct Pages {
    site: Rc<Site>,
    peer_info: PeerInfo,
    slot: Rc<ConnectionSlot>,
}

impl Service for Pages {
    fn rules(&self, _: &Request) -> Rules {
        page::RULES
    }

    async fn respond(&self, request: Request) -> Response {
        // The network may have been denied since the connection was accepted.
        if self.site.node.denies(self.peer_info.peer) {
            return page::access_denied::denied_network().into();
        }
        let page_request = PageRequest::new(self.site.clone(), self.peer_info, &request);
        if !page_request.has_own_host {
            return page::unknown_host::show().into();
        }
        if page_request.is_cross_site {
            return page::cross_site::show().into();
        }
        let is_form = request.method == Method::Post;
        let response_future = async move {
            match Target::parse(&request.target) {
                Some(target) => page::respond(&target, page_request).await,
                None => page::bad_request::show(RequestError::Malformed),
            }
        };
        if !is_form {
            return response_future.await.into();
        }
        // A form is processed to the end in a task of its own, even if the connection closes. The
        // task keeps the slot of the connection, which limits the number of forms in progress.
        let slot = self.slot.clone();
        let task = actix_rt::spawn(async move {
            let _slot = slot;
            response_future.await
        });
        task.await.unwrap_or_else(|_| page::failed()).into()
    }

    fn refuse(&self, error: RequestError) -> Response {
        page::bad_request::show(error).into()
    }
}
