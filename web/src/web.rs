//! The web server: it serves connections.

use crate::history;
use crate::http_request::{self, Method, Request, RequestError, ResponseFormat};
use crate::page;
use crate::page_request::PageRequest;
use crate::response;
use crate::site::{Deps, Settings, Site};
use actix_http::body::MessageBody;
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::http::Uri;
use actix_web::{App, HttpResponse, http};
use actors::connection::{is_private, origin};
use actors::limit::throttle::counted;
use actors::port::{PeerInfo, Transport};
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// The maximum number of connections. Further ones are closed.
pub const MAX_CONNECTIONS: usize = 64;

/// The maximum number of connections from one address, more than a browser opens at once. Public
/// IPv6 addresses are counted by /64 network, others one by one.
pub const MAX_PER_ADDRESS: usize = 16;

/// The maximum number of connections from one IPv6 /64 network. A machine can have any number of
/// addresses in it, and must not take all connections.
pub const MAX_PER_NETWORK: usize = 48;

/// The maximum number of connections from refused addresses that get a page with the reason, in
/// addition to `MAX_CONNECTIONS`. Further ones are closed.
const MAX_REFUSED_CONNECTIONS: usize = 16;

/// The maximum duration of a connection.
const MAX_DURATION: Duration = Duration::from_secs(60);

/// How long a browser may take to close a connection after the response, and how many bytes it may
/// still send. Unread bytes could make the browser lose the response.
const LINGER: Duration = Duration::from_secs(2);
const MAX_DRAIN: usize = 64 * 1024;

type ResponseFuture = Pin<Box<dyn Future<Output = HttpResponse>>>;

/// The web pages of a node. They live on its arbiter.
pub struct Web {
    site: Rc<Site>,
    /// Routes requests to pages.
    route: Box<dyn Fn(actix_http::Request) -> ResponseFuture>,
    slots: SlotCounts,
    refused: Semaphore,
}

impl Web {
    /// Creates the pages of a node, and starts to record who is online.
    ///
    /// # Errors
    /// A message, if the framework does not start.
    pub async fn start(deps: Deps) -> Result<Rc<Web>, String> {
        let site = Rc::new(Site::new(deps));
        let recorded = site.clone();
        actix_rt::spawn(async move { history::record_forever(&recorded).await });
        let factory = App::new()
            .configure(page::routes)
            .default_service(actix_web::web::to(page::not_found::show_for_path))
            .into_factory();
        let factory = actix_service::map_config(factory, |()| AppConfig::default());
        let service = factory.new_service(()).await;
        let service = Rc::new(service.map_err(|()| "the web pages cannot start".to_owned())?);
        let route = move |request| -> ResponseFuture {
            let service = service.clone();
            Box::pin(async move {
                let result: Result<ServiceResponse<_>, actix_web::Error> =
                    service.call(request).await;
                match result {
                    Ok(response) => HttpResponse::from(response),
                    Err(error) => error.error_response(),
                }
            })
        };
        Ok(Rc::new(Web {
            site,
            route: Box::new(route),
            slots: SlotCounts::default(),
            refused: Semaphore::new(MAX_REFUSED_CONNECTIONS),
        }))
    }

    /// Replaces the settings.
    pub fn change_settings(&self, settings: Settings) {
        self.site.change_settings(settings);
    }

    /// Serves a connection until it ends.
    pub async fn serve(&self, mut stream: Box<dyn Transport>, peer_info: PeerInfo) {
        let is_denied = self.site.node.denies(peer_info.peer);
        if is_denied || !self.is_allowed(peer_info.peer) {
            let Ok(_slot) = self.refused.try_acquire() else { return };
            let show =
                if is_denied { page::access_denied::denied } else { page::access_denied::show };
            let sent = respond(&mut stream, ResponseFormat::PLAIN, show());
            // The browser may be gone, or may not read.
            let _ = timeout(LINGER, sent).await;
            return;
        }
        let Some(slot) = ConnectionSlot::take(&self.slots, peer_info.peer) else {
            log::debug!("{}: there are too many connections to the web pages", peer_info.peer);
            return;
        };
        if timeout(MAX_DURATION, self.handle_request(&mut stream, peer_info, Rc::new(slot)))
            .await
            .is_err()
        {
            log::debug!("{}: a browser took too long", peer_info.peer);
        }
    }

    fn is_allowed(&self, peer: IpAddr) -> bool {
        let settings = self.site.node.settings();
        is_private(peer) || settings.allow.iter().any(|network| network.contains(&peer))
    }

    async fn handle_request(
        &self,
        stream: &mut Box<dyn Transport>,
        peer_info: PeerInfo,
        slot: Rc<ConnectionSlot>,
    ) {
        let (format, response) = match http_request::receive(stream).await {
            Err((_, RequestError::Closed)) => return,
            Err((format, error)) => (format, page::bad_request::show(error)),
            // The network may have been denied in the meantime.
            Ok(request) if self.site.node.denies(peer_info.peer) => {
                (request.format, page::access_denied::denied())
            }
            Ok(request) => (request.format, self.respond_to(request, peer_info, slot).await),
        };
        respond(stream, format, response).await;
    }

    async fn respond_to(
        &self,
        request: Request,
        peer_info: PeerInfo,
        slot: Rc<ConnectionSlot>,
    ) -> HttpResponse {
        let page_request = PageRequest::new(self.site.clone(), peer_info, &request);
        if !page_request.has_own_host {
            return page::unknown_host::show();
        }
        if page_request.is_cross_site {
            return page::cross_site::show();
        }
        let Ok(uri) = request.target.parse::<Uri>() else {
            return page::bad_request::show(RequestError::Malformed);
        };
        let mut inner = actix_http::Request::new();
        inner.head_mut().method = match request.method {
            Method::Get | Method::Head => http::Method::GET,
            Method::Post => http::Method::POST,
        };
        inner.head_mut().uri = uri;
        actix_http::HttpMessage::extensions_mut(&inner).insert(page_request);
        let response = (self.route)(inner);
        if request.method != Method::Post {
            return response.await;
        }
        // A form is processed to the end, even if its connection closes. It keeps its connection
        // slot until then, which limits the number of forms in progress.
        let task = actix_rt::spawn(async move {
            let _slot = slot;
            response.await
        });
        task.await.unwrap_or_else(|_| page::failed())
    }
}

async fn respond(stream: &mut Box<dyn Transport>, format: ResponseFormat, response: HttpResponse) {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body().try_into_bytes().unwrap_or_default();
    let bytes = response::encode(format, status, &headers, &body);
    // The browser may be gone.
    if stream.write_all(&bytes).await.is_ok() && stream.shutdown().await.is_ok() {
        let _ = timeout(LINGER, drain(stream)).await;
    }
}

async fn drain(stream: &mut Box<dyn Transport>) {
    let (mut piece, mut left) = ([0; 1024], MAX_DRAIN);
    while let Ok(count) = stream.read(&mut piece).await
        && count > 0
        && count < left
    {
        left -= count;
    }
}

/// The number of connections from each address.
type SlotCounts = Rc<RefCell<HashMap<IpAddr, usize>>>;

/// A counted connection.
struct ConnectionSlot {
    slots: SlotCounts,
    address: IpAddr,
}

impl ConnectionSlot {
    fn take(slots: &SlotCounts, peer: IpAddr) -> Option<ConnectionSlot> {
        let address = counted(peer);
        let mut taken = slots.borrow_mut();
        let in_network = taken.iter().filter(|(other, _)| origin(**other) == origin(address));
        let in_network: usize = in_network.map(|(_, count)| count).sum();
        if taken.values().sum::<usize>() >= MAX_CONNECTIONS || in_network >= MAX_PER_NETWORK {
            return None;
        }
        let own = taken.entry(address).or_default();
        if *own >= MAX_PER_ADDRESS {
            return None;
        }
        *own += 1;
        Some(ConnectionSlot { slots: slots.clone(), address })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut taken = self.slots.borrow_mut();
        if let Some(own) = taken.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.address);
            }
        }
    }
}
